"""``chemwright kinetics heat``: a network and its reaction enthalpies from heat-flow traces."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chemwright.cli import complete
from chemwright.cli.app import Json, _print
from chemwright.cli.kinetics_commands import kinetics
from chemwright.cli.session import progress_bar, session


@kinetics.command()
def heat(
    file: Annotated[Path, typer.Argument(help="A TOML file with the network, [heat] and a [[run]] for each trace.", autocompletion=complete.toml_files)],
    starts: Annotated[int, typer.Option("--starts", min=1, max=200, help="Starting points of the search.")] = 6,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Of the starting points.")] = 0,
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="Draw the traces and the fit into an .svg or .html file.")] = None,
    as_json: Json = False,
) -> None:
    """Fit a network to heat-flow traces; reaction enthalpies and the calorimeter's lag are found with it unless given.

    Example: chemwright kinetics heat heat.toml --plot heat.svg
    """
    with session(as_json), progress_bar() as progress:
        from chemwright.kinetics.calorimetry_file import heat_answer, read_heat_file
        from chemwright.kinetics.calorimetry_fit import fit_heat

        problem = read_heat_file(file)
        fit = fit_heat(problem.law, problem.traces, problem.enthalpies, lag=problem.lag, baseline=problem.baseline, starts=starts, seed=seed, progress=progress)
        result = heat_answer(problem, fit)
        if plot is not None:
            from chemwright.report.spectra_plot import write_heat_plot

            write_heat_plot(plot, result, file.stem)
    _print(as_json, result, lambda: _table(result))


def _table(result: dict[str, Any]) -> None:
    """Parameters, enthalpies, integrals, and what can't be told."""
    from chemwright.cli.kinetics_tables import found_rows
    from chemwright.cli.tables import number, say, show

    for line in result["equations"]:
        say(line)
    rows = found_rows(result["parameters"])
    for name, h in result["enthalpies"].items():
        spread = "given" if h["given"] else "open" if h["std"] is None else f"± {number(h['std'] / 1e3, 2)}"
        rows.append((f"dH of {name}", f"{number(h['value'] / 1e3)} {spread}", "kJ/mol"))
    note = f"noise {1e3 * result['noise']:.3g} mW; {result['starts']['at_the_best']} of {result['starts']['tried']} starts reached the best"
    show("Parameters", ("parameter", "value", "unit"), rows, note)
    show(
        "Heat",
        ("run", "integral of the trace [J]", "of the network [J]"),
        [(t["id"], f"{number(t['heat'])} ± {number(t['heat_std'], 2)}", number(t["heat_of_the_network"])) for t in result["traces"]],
    )
    for n in result["notes"]:
        say(n)
