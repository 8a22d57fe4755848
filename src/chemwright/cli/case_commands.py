"""Commands on what a case knows: properties, citations, decisions, differences."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chemwright.cli.app import CasePath, Json, Out, _print, app
from chemwright.cli.session import session


@app.command()
def props(substances: Annotated[list[str], typer.Argument(help="Names, CAS numbers or SMILES.")], as_json: Json = False) -> None:
    """Pure properties with standard uncertainty, tier and source.

    Example: chemwright props ethanol 110-91-8 "CCN(CC)CC"
    """
    with session(as_json):
        from chemwright.property import property_table

        result = property_table(substances, "props")
    from chemwright.cli import tables

    _print(as_json, result, lambda: tables.properties(result))


@app.command()
def citations(case: CasePath, out: Out = None, as_json: Json = False) -> None:
    """BibTeX of exactly the sources that a case's results rest on.

    Example: chemwright citations my.case > my.bib
    """
    with session(as_json):
        from chemwright.case import Case

        result = Case.at(case, out).citations()
    _print(as_json, {"citations": result}, lambda: print("\n\n".join(result)))


@app.command()
def decide(
    case: CasePath,
    what: Annotated[str, typer.Argument(help="The question decided, as plant.solvent.")],
    choice: Annotated[str, typer.Argument(help="The answer.")],
    by: Annotated[str, typer.Option("--by", help="Who decided.")],
    why: Annotated[str, typer.Option("--why", help="The reason.")],
    as_json: Json = False,
) -> None:
    """Put a person's decision into the case's log.

    Example: chemwright decide my.case plant.site Tianjin --by "A. Chemist" --why "solvent recovery is there"
    """
    with session(as_json):
        from attrs import asdict

        from chemwright.case import Case

        result = asdict(Case.at(case).decide(what, choice, by, why))
    from chemwright.cli import tables

    _print(as_json, result, lambda: tables.say(f"decided {result['what']}: {result['choice']} ({result['by']}), logged as {result['id']}"))


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(help="Folder of the older case.")],
    after: Annotated[Path, typer.Argument(help="Folder of the newer case.")],
    as_json: Json = False,
) -> None:
    """Say what differs between two cases, and what that changed in the plant.

    Example: chemwright diff old.case new.case
    """
    with session(as_json):
        from chemwright.case import Case
        from chemwright.case.compare import compare

        result = compare(Case.open(before), Case.open(after))
    from chemwright.cli import tables

    _print(as_json, result, lambda: tables.difference(result))
