"""``chemwright kinetics``: fit networks to measured runs, compare rivals, simulate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from chemwright.cli import complete
from chemwright.cli.app import Json, _print, app
from chemwright.cli.session import progress_bar, session

kinetics = typer.Typer(
    name="kinetics",
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Fit reaction networks to runs, compare rivals, simulate.\n\nExample: chemwright kinetics compare runs.csv rivals.toml --plot out/",
)
app.add_typer(kinetics)

Data = Annotated[Path, typer.Argument(metavar="RUNS", help="A CSV file, one row a sample; see docs/reference/kinetics-files.md.")]
ModelsPath = Annotated[Path, typer.Argument(metavar="MODELS", help="A TOML file with one network or several.", autocompletion=complete.toml_files)]
Name = Annotated[str, typer.Option("--model", metavar="NAME", help="Which network of the file.")]
Plot = Annotated[Path | None, typer.Option("--plot", metavar="FOLDER", help="Draw curves, residuals and posterior as .svg files into this folder.")]
Starts = Annotated[int, typer.Option("--starts", min=1, max=1000, help="Starting points of each fit.")]
Decades = Annotated[float, typer.Option("--decades", min=0.0, max=12.0, help="By how much the starts' constants are off, each way.")]
Seeded = Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Of the starting points; the same seed gives the same numbers.")]
Limit = Annotated[str, typer.Option("--time-limit", metavar="TIME", help="No new start is made after this time.")]
Noise = Annotated[str, typer.Option("--noise", help="constant for each column of readings, or relative to the readings.")]


def _seconds(text: str) -> float:
    from chemwright.errors import InputError
    from chemwright.quantity import si

    value = si(text, "s", "--time-limit")
    if not value > 0:
        raise InputError(f"a time limit of {text!r}", where="--time-limit", fix="give a time above zero, as '5 min'")
    return value


@kinetics.command()
def fit(
    data: Data,
    models: ModelsPath,
    model: Name = "",
    starts: Starts = 20,
    decades: Decades = 3.0,
    seed: Seeded = 0,
    noise: Noise = "constant",
    limit: Limit = "5 min",
    plot: Plot = None,
    as_json: Json = False,
) -> None:
    """Fit one network: constants with intervals, noise, what is loose and what is odd.

    Example: chemwright kinetics fit runs.csv network.toml --plot out/ --json > fit.json
    """
    with session(as_json), progress_bar() as progress:
        from chemwright.kinetics.fit_answer import fit_answer
        from chemwright.kinetics.fitting import fit_runs
        from chemwright.kinetics.models_file import read_problem
        from chemwright.kinetics.models_run import numbers_of

        seconds = _seconds(limit)
        runs, found = read_problem(data, models)
        name, scheme = found.named(model)
        done = fit_runs(scheme, runs, starts=starts, decades=decades, seed=seed, noise=noise, time_limit=seconds, progress=progress)
        progress("profiles and diagnostics", None)
        result = {**fit_answer(done, name), "equations": scheme.equation().splitlines(), "numbers": numbers_of(scheme)}
        result["notes"] = [*runs.notes, *found.notes, *result["notes"]]
        if plot is not None:
            from chemwright.report.kinetics_plot import write_plots

            result["pictures"] = [str(p) for p in write_plots(plot, done, name)]
    from chemwright.cli import kinetics_tables

    _print(as_json, result, lambda: kinetics_tables.fitted(result))


@kinetics.command()
def compare(
    data: Data, models: ModelsPath, starts: Starts = 10, decades: Decades = 3.0, seed: Seeded = 0, noise: Noise = "constant", limit: Limit = "10 min",
    cross: Annotated[bool, typer.Option("--leave-out/--no-leave-out", help="Also leave runs out in turn.")] = True, plot: Plot = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Rank rival networks: AICc, BIC, left-out runs, Bayes factors; and say how surely.

    Example: chemwright kinetics compare runs.csv rivals.toml --plot out/
    """
    with session(as_json), progress_bar() as progress:
        from chemwright.kinetics.fit_answer import ranking_answer
        from chemwright.kinetics.models_file import read_problem
        from chemwright.kinetics.rivals import compare as rank

        seconds = _seconds(limit)
        runs, found = read_problem(data, models)
        ranking = rank(found.schemes, runs, starts=starts, decades=decades, seed=seed, noise=noise, time_limit=seconds, cross_validate=cross, progress=progress)
        result = ranking_answer(ranking)
        result["notes"] = [*runs.notes, *found.notes]
        if plot is not None:
            from chemwright.report.kinetics_plot import write_plots

            best = next(r for r in ranking.rivals if r.fit is not None)
            assert best.fit is not None
            result["pictures"] = [str(p) for p in write_plots(plot, best.fit, best.name, ranking)]
    from chemwright.cli import kinetics_tables

    _print(as_json, result, lambda: kinetics_tables.ranked(result))


@kinetics.command()
def simulate(
    models: ModelsPath,
    feed: Annotated[list[str], typer.Option("--feed", metavar="SPECIES=AMOUNT", help="What is fed, as 'A=0.5 mol/L'; given again for each species.")],
    temperature: Annotated[str, typer.Option("--temperature", help="As '60 degC'.")],
    time: Annotated[str, typer.Option("--time", help="End of the batch or residence time, as '2 h'.")],
    model: Name = "",
    reactor: Annotated[str, typer.Option("--reactor", help="batch, plug_flow or stirred_tank.")] = "batch",
    points: Annotated[int, typer.Option("--points", min=1, max=1000, help="Times, evenly spaced.")] = 11,
    fitted: Annotated[Path | None, typer.Option("--fit", metavar="FILE", help="What `kinetics fit --json` printed; the file's own constants when left out.")] = None,
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="Draw the concentrations into an .svg file.")] = None,
    as_json: Json = False,
) -> None:
    """Concentrations of a network along a batch, a tube or a tank.

    Example: chemwright kinetics simulate network.toml --feed "A=0.5 mol/L" --temperature "60 degC" --time "2 h" --fit fit.json
    """
    with session(as_json):
        from chemwright.kinetics.models_file import read_models
        from chemwright.kinetics.models_run import simulate_models

        saved = None if fitted is None else _saved(fitted)
        result = simulate_models(read_models(models), model, feed, temperature, time, reactor, points, saved)
        if plot is not None:
            from chemwright.report.kinetics_plot import write_simulated

            write_simulated(plot, result)
            result["pictures"] = [str(plot)]
    from chemwright.cli import kinetics_tables

    _print(as_json, result, lambda: kinetics_tables.simulated(result))


def _saved(path: Path) -> dict[str, Any]:
    """A fit's JSON."""
    from chemwright.errors import InputError
    from chemwright.knowledge.files import read_text

    try:
        data = json.loads(read_text(path))
    except (ValueError, RecursionError):
        raise InputError("not JSON", where=str(path), fix="write it with: chemwright kinetics fit RUNS MODELS --json > fit.json") from None
    if not isinstance(data, dict) or not isinstance(data.get("parameters"), list):
        raise InputError("no fit in it", where=str(path), fix="write it with: chemwright kinetics fit RUNS MODELS --json > fit.json")
    return data
