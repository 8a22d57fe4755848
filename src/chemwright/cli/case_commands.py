"""Commands on what a case knows: citations, decisions, differences."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chemwright.cli import complete
from chemwright.cli.app import CasePath, Json, Out, _print, app
from chemwright.cli.session import session


@app.command()
def citations(case: CasePath, out: Out = None, as_json: Json = False) -> None:
    """BibTeX of exactly the sources a case rests on.

    Example: chemwright citations my.case > my.bib
    """
    with session(as_json):
        from chemwright.case import Case

        result = Case.at(case, out).citations()
    _print(as_json, {"citations": result}, lambda: print("\n\n".join(result)))


@app.command()
def decide(
    case: CasePath,
    what: Annotated[str, typer.Argument(help="The question decided, as plant.site.")] = "",
    choice: Annotated[str, typer.Argument(help="The answer.")] = "",
    by: Annotated[str, typer.Option("--by", help="Who decided.")] = "",
    why: Annotated[str, typer.Option("--why", help="The reason.")] = "",
    evidence: Annotated[
        list[str] | None, typer.Option("--evidence", metavar="ID", help="A claim, source, run, decision or result (as design.cost) it rests on; can be given again.")
    ] = None,
    undo: Annotated[str, typer.Option("--undo", metavar="ID", help="Take this decision back; the log keeps both.")] = "",
    list_: Annotated[bool, typer.Option("--list", help="Show the log and what of it holds.")] = False,
    as_json: Json = False,
) -> None:
    """Log a decision with its evidence, undo one, or list them.

    The log only grows: an undo is an entry of its own.

    Example: chemwright decide my.case plant.site Tianjin --by "A. Chemist" --why "solvent recovery is there" --evidence design.cost

    Then: chemwright decide my.case --undo d1 --by "A. Chemist" --why "the site is sold"; chemwright decide my.case --list
    """
    with session(as_json):
        from chemwright.case import Case
        from chemwright.case.decisions import listed
        from chemwright.errors import InputError

        if ((undo or list_) and (what or choice or evidence)) or (undo and list_):
            raise InputError("--undo, --list and a new decision are three things", where="decide", fix="give one of them at a time")
        log = Case.at(case)
        entry = None if list_ else (log.undo(undo, by, why) if undo else log.decide(what, choice, by, why, evidence or ()))
        rows = listed(log.decisions)
        result = {"decisions": rows} if entry is None else next(r for r in rows if r["id"] == entry.id)
    from chemwright.cli import tables

    _print(as_json, result, lambda: tables.decisions(rows) if entry is None else tables.logged(result))


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(help="The older case: its folder, or a case.toml.", autocompletion=complete.cases)],
    after: Annotated[Path, typer.Argument(help="The newer case, likewise.", autocompletion=complete.cases)],
    as_json: Json = False,
) -> None:
    """Say what differs between two cases, and what it changed.

    Of each figure of the plant it names the changes that moved it, each alone, at the older operating point. Of case files, which hold no results, only the records are compared.

    Example: chemwright diff old.case new.case
    """
    with session(as_json):
        from chemwright.case.compare import compare, opened

        result = compare(opened(before), opened(after))
    from chemwright.cli import tables

    _print(as_json, result, lambda: tables.difference(result))
