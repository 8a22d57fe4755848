"""``chemwright kinetics design``: the runs that teach most."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chemwright.cli.app import Json, _print
from chemwright.cli.kinetics_commands import Limit, ModelsPath, Name, Seeded, _seconds, kinetics
from chemwright.cli.session import progress_bar, session


@kinetics.command()
def design(
    models: ModelsPath,
    feed: Annotated[list[str], typer.Option("--feed", metavar="SPECIES=RANGE", help="What may be fed, as 'A=0.1..1 mol/L' or 'B=0.5 mol/L'; again for each species.")],
    temperature: Annotated[str, typer.Option("--temperature", metavar="RANGE", help="As '40..90 degC'.")],
    time: Annotated[str, typer.Option("--time", metavar="RANGE", help="Of samples, or residence times, as '1..30 min'.")],
    criterion: Annotated[str, typer.Option("--criterion", help="D, A, E, I, G for one network; MI, BH, BFF, T to tell rivals apart.")] = "",
    figure: Annotated[str, typer.Option("--figure", metavar="READING", help="Make this reading surer, at the conditions of --at: 'yield(P/A)'.")] = "",
    at: Annotated[list[str] | None, typer.Option("--at", metavar="NAME=VALUE", help="Conditions of --figure: 'A=0.5 mol/L', 'temperature=80 degC', 'time=20 min'.")] = None,
    runs: Annotated[int, typer.Option("-n", "--runs", min=1, max=40, help="Runs to design together.")] = 3,
    after: Annotated[Path | None, typer.Option("--after", metavar="RUNS", help="Runs that were made (CSV): the networks are fitted to them first.")] = None,
    model: Name = "",
    reactor: Annotated[str, typer.Option("--reactor", help="batch, plug_flow or stirred_tank.")] = "batch",
    samples: Annotated[int, typer.Option("--samples", min=1, max=12, help="Samples of a batch; the design places them.")] = 1,
    read: Annotated[
        list[str] | None, typer.Option("--read", metavar="READING", help="What is read: a species, 'A + B', conversion(A), yield(P/A); those of --after when left out.")
    ] = None,
    noise: Annotated[list[str] | None, typer.Option("--noise", metavar="READING=STD", help="Noise of a reading, as 'P=0.01 mol/L'; from --after, or 2 % when left out.")] = None,
    limits: Annotated[list[str] | None, typer.Option("--limit", metavar="LIMIT", help="On the feeds, as 'A + 2 B <= 1.5 mol/L'.")] = None,
    robust: Annotated[int, typer.Option("--robust", min=1, max=64, help="Average over so many draws of what is known; 1 is the design at the mean.")] = 4,
    run_cost: Annotated[float, typer.Option("--run-cost", min=0.0, help="Of a run; with it the gain per cost is sought.")] = 0.0,
    hour_cost: Annotated[float, typer.Option("--hour-cost", min=0.0, help="Of each hour of a run.")] = 0.0,
    seed: Seeded = 0,
    limit: Limit = "5 min",
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FOLDER", help="Draw what the runs are expected to bring, as .svg files into this folder.")] = None,
    as_json: Json = False,
) -> None:
    """Choose the next runs: for the constants, for one figure, or to tell rivals apart.

    Example: chemwright kinetics design rivals.toml --feed "A=0.1..1 mol/L" --temperature "40..90 degC" --time "1..30 min" --read P -n 2
    """
    with session(as_json), progress_bar() as progress:
        from chemwright.experiment.design.run import Wish, designed

        wish = Wish(
            feed=tuple(feed), temperature=temperature, time=time, criterion=criterion, figure=figure, at=tuple(at or ()), runs=runs, model=model, reactor=reactor, samples=samples,
            read=tuple(read or ()), noise=tuple(noise or ()), limits=tuple(limits or ()), robust=robust, run_cost=run_cost, hour_cost=hour_cost, seed=seed,
        )  # fmt: skip
        result: dict[str, Any] = designed(models, after, wish, time_limit=_seconds(limit), progress=progress)
        if plot is not None:
            from chemwright.report.design_plot import write_design

            result["pictures"] = [str(p) for p in write_design(plot, result)]
    from chemwright.cli import kinetics_design_tables

    _print(as_json, result, lambda: kinetics_design_tables.designed(result))
