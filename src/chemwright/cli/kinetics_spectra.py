"""``chemwright kinetics spectra``: a network and pure spectra from absorbance-time matrices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chemwright.cli import complete
from chemwright.cli.app import Json, _print
from chemwright.cli.kinetics_commands import kinetics
from chemwright.cli.session import progress_bar, session


@kinetics.command()
def spectra(
    file: Annotated[Path, typer.Argument(help="A TOML file with the network, [spectra] and a [[run]] for each table.", autocompletion=complete.toml_files)],
    starts: Annotated[int, typer.Option("--starts", min=1, max=200, help="Starting points of the search.")] = 8,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Of the starting points.")] = 0,
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="Draw spectra and concentrations into an .svg or .html file.")] = None,
    as_json: Json = False,
) -> None:
    """Fit a network to spectra taken over time; pure spectra that are not known are found with it.

    Example: chemwright kinetics spectra spectra.toml --plot spectra.svg
    """
    with session(as_json), progress_bar() as progress:
        from chemwright.kinetics.spectra_answer import spectra_answer
        from chemwright.kinetics.spectra_file import read_spectra
        from chemwright.kinetics.spectra_fit import fit_spectra

        problem = read_spectra(file)
        result = spectra_answer(problem, fit_spectra(problem.law, problem.data, noise=problem.noise, starts=starts, seed=seed, progress=progress))
        if plot is not None:
            from chemwright.report.spectra_plot import write_spectra_plot

            write_spectra_plot(plot, result, file.stem)
    _print(as_json, result, lambda: _table(result))


def _table(result: dict[str, Any]) -> None:
    """Parameters, and what can't be told."""
    from chemwright.cli.kinetics_tables import found_rows
    from chemwright.cli.tables import say, show

    for line in result["equations"]:
        say(line)
    rows = found_rows(result["parameters"])
    seen = result["independent_species"]
    note = f"misfit {result['misfit']:.2f} of the noise; {seen['seen']} independent species seen, {seen['fitted']} fitted; {result['starts']['at_the_best']} of {result['starts']['tried']} starts reached the best"
    show("Parameters", ("parameter", "value", "unit"), rows, note)
    for n in result["notes"]:
        say(n)
