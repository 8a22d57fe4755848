"""``chemwright kinetics hybrid``: a mechanism with learned parts, trained on runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chemwright.cli import complete
from chemwright.cli.app import Json, _print
from chemwright.cli.kinetics_commands import kinetics
from chemwright.cli.session import progress_bar, session


@kinetics.command()
def hybrid(
    data: Annotated[Path, typer.Argument(help="Runs as CSV, one row a sample, units in the header.")],
    network: Annotated[Path, typer.Argument(help="The mechanism as TOML; list all species there, also those that no reaction makes yet.", autocompletion=complete.toml_files)],
    model: Annotated[str, typer.Option("--model", help="Which network of the file, when it has several.")] = "",
    kind: Annotated[list[str] | None, typer.Option("--kind", help="rate, rate_factor, missing_rate, residual or closure; may be repeated. Default: rate and residual.")] = None,
    formula: Annotated[
        list[str] | None, typer.Option("--formula", metavar="NAME=FORMULA", help="As D=C10H18O3; may be repeated. [substances] of the network file serves too.")
    ] = None,
    direction: Annotated[
        list[str] | None, typer.Option("--direction", help="Of a missing rate, as 'A + C -> D'; may be repeated. All balanced ones among the species when left out.")
    ] = None,
    condition: Annotated[
        list[str] | None, typer.Option("--condition", help="Pseudo-species whose feed [mol/m^3] holds an operating condition, for a closure; may be repeated.")
    ] = None,
    learner: Annotated[str, typer.Option("--learner", help="power, gaussian, perceptron or monotone.")] = "power",
    sign: Annotated[
        list[int] | None, typer.Option("--sign", help="Of a monotone learner: 1, -1 or 0 for each input that varies, in the order of the species, then the temperature.")
    ] = None,
    symbolic: Annotated[bool, typer.Option("--symbolic", help="Offer laws by symbolic regression too (needs the extra 'symbolic').")] = False,
    starts: Annotated[int, typer.Option("--starts", min=1, max=200, help="Starting points of the mechanism alone.")] = 4,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Of the starting points.")] = 0,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the best model as JSON.")] = None,
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="Draw what was learned into an .svg or .html file.")] = None,
    as_json: Json = False,
) -> None:
    """Train a mechanism with learned parts on runs; say what is missing, and how sure that is.

    Example: chemwright kinetics hybrid runs.csv network.toml --formula A=C6H10O --plot hybrid.svg
    """
    with session(as_json), progress_bar() as progress:
        from chemwright.kinetics.hybrid.answer import hybrid_answer
        from chemwright.kinetics.hybrid.file import save
        from chemwright.kinetics.hybrid.input import read_hybrid
        from chemwright.kinetics.hybrid.train import train_hybrid
        from chemwright.report.hybrid_plot import check_ending, write_hybrid_plot

        check_ending(plot)
        runs, law, formulas = read_hybrid(data, network, model, formula or [], condition or [])
        trained = train_hybrid(
            law, runs, tuple(kind or ("rate", "residual")), formulas=formulas, directions=direction or (), conditions=condition or (), learner=learner, signs=sign or (), starts=starts, seed=seed,
            sources=(data.name,), progress=progress,
        )  # fmt: skip
        result = hybrid_answer(trained, runs, symbolic=symbolic, seed=seed)
        if out is not None:
            save(trained.best, out)
        if plot is not None:
            write_hybrid_plot(plot, result, data.stem)
    _print(as_json, result, lambda: _table(result))


def _table(result: dict[str, Any]) -> None:
    """Kinds against each other, what was learned, laws."""
    from chemwright.cli.tables import number, say, show

    rows = [
        (
            r["kind"] + (" *" if r["best"] else ""),
            str(r["parameters"]),
            number(r["log_evidence_gain"], 4),
            number(r["left_out_gain"], 4),
            f"{100 * r['left_out_rmse']:.2g} %",
            f"{100 * r['coverage']:.0f} %",
        )
        for r in result["kinds"]
    ]
    note = "Gains are nats over the mechanism alone; left-out runs are predicted from the others, their error is told as a share of the readings' spread; * is the best on them."
    show("Hybrids", ("kind", "parameters", "evidence", "left out", "error", "in 90 %"), rows, note)
    say(f"Learned: {result['said']}")
    for part in result["learned"]:
        say(f"{part['name']}: {part['words']}")
        drivers = ", ".join(f"{d['input']} {100 * d['share']:.0f} %" for d in part["drivers"][:4])
        say(f"  driven by {drivers or 'nothing that varies'}")
        if part["laws"]:
            show(
                f"Laws for {part['name']}",
                ("law", "size", "error of ln"),
                [(law["law"], str(law["size"]), f"{law['error']:.2g}") for law in part["laws"]],
                "concentrations in mol/m^3",
            )
    if len(result["models"]) > 1:
        show("Models in the answer", ("share", "learned"), [(f"{100 * m['weight']:.0f} %", m["learned"]) for m in result["models"]])
    shown = [(p["name"], number(p["value"]), number(p["std"], 2)) for p in result["parameters"]]
    show("Parameters of the mechanism (SI; rate constants as ln k)", ("parameter", "value", "std"), shown)
