"""`chemwright new`: from flags, from questions on a terminal, or the example."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chemwright.cli.app import Json, _print, app
from chemwright.cli.session import session


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the case.")],
    folder: Annotated[Path | None, typer.Option("--folder", help="Where to; a folder of that name when left out.")] = None,
    target: Annotated[str, typer.Option("--target", help="The product: SMILES, name, CAS number, or a key of --species.")] = "",
    species: Annotated[list[str] | None, typer.Option("--species", metavar="KEY=SUBSTANCE", help="A substance that reacts, as sm=CCO; can be given again.")] = None,
    reaction: Annotated[
        list[str] | None,
        typer.Option("--reaction", metavar="TEXT", help="As 'sm + nuc -> prod + acid', in keys of --species; can be given again. Left out: the reactants to the product."),
    ] = None,
    solvent: Annotated[str, typer.Option("--solvent", help="Name, CAS number or SMILES.")] = "",
    capacity: Annotated[str, typer.Option("--capacity", help="As '100 t/year'.")] = "",
    purity: Annotated[str, typer.Option("--purity", help="As '98 wt%'.")] = "",
    base: Annotated[str, typer.Option("--base", help="Amine that binds an acid set free.")] = "",
    runs: Annotated[Path | None, typer.Option("--runs", metavar="FILE.csv", help="Measured runs, units in the header; copied beside the case.")] = None,
    response: Annotated[str, typer.Option("--response", help="The measured column, where the file has several.")] = "",
    prior: Annotated[str, typer.Option("--prior", help="Name of a parameter set, as Hone2017.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing: without other flags, write the example.")] = False,
    as_json: Json = False,
) -> None:
    """Write a commented case file beside its runs.

    Without flags it asks on a terminal, and elsewhere writes the example, which runs as it stands. With flags it never asks; what was
    left out is filled in and named, and what keeps the case from running is said.

    Example: chemwright new butyl-acetate

    Or: chemwright new ortho --target "O=[N+]([O-])c1ccc(F)cc1N1CCOCC1" --species sm=2,4-difluoronitrobenzene --species amine=morpholine --runs runs.csv
    """
    with session(as_json):
        from chemwright.case.draft import Draft
        from chemwright.case.draft_file import Written, write_draft
        from chemwright.case.names import clean_name, target_folder
        from chemwright.case.template import write_template

        given = Draft(clean_name(name), target, _pairs(species or ()), tuple(reaction or ()), solvent, capacity, purity, base, runs, response, prior)
        draft = None
        if given.says_something:
            draft = given
        elif not (yes or as_json):
            from chemwright.cli.ask import ask_draft, on_a_terminal

            if on_a_terminal():
                target_folder(given.name, folder)  # a folder that can't take the case is said before the questions
                draft = ask_draft(given.name)
        result = (Written(write_template(name, folder), ("the example: 66 flow runs of a bundled case",)) if draft is None else write_draft(draft, folder)).as_data()
    from chemwright.cli import tables

    _print(as_json, result, lambda: tables.written(result))


def _pairs(texts: Any) -> dict[str, str]:
    """``key=substance`` texts; a SMILES may hold further equals signs.

    Raises:
        InputError: no equals sign, or a key twice.
    """
    from chemwright.errors import InputError

    out: dict[str, str] = {}
    for text in texts:
        key, sign, substance = (part.strip() for part in text.partition("="))
        if not sign or not key or not substance:
            raise InputError(f"{text!r} is not KEY=SUBSTANCE", where="--species", fix="write it like --species sm=CCO")
        if key in out:
            raise InputError(f"the key {key!r} is given twice", where="--species", fix="rename one")
        out[key] = substance
    return out
