"""``chemwright kb export, verify, backup, migrate``: sharing, and keeping it safe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chemwright.cli.app import Json, _print
from chemwright.cli.kb_options import DEFAULT, Base, kb, opened
from chemwright.cli.session import progress_bar, session


@kb.command()
def export(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="Where to: .zip (a package), .csv, .jsonl, .pb.gz (ORD), .jdx, .yaml.")],
    query: Annotated[str, typer.Option("--query", help="Only what a search finds; everything when left out.")] = "",
    find: Annotated[str, typer.Option("--find", help="What the query looks for.")] = "claims",
    form: Annotated[str, typer.Option("--form", help="package, claims-csv, experiments-csv, jsonl, ord, jcamp or cantera, where the ending does not tell.")] = "",
    key: Annotated[str, typer.Option("--key", help="Of a spectrum, for jcamp; the mechanism's name, for cantera.")] = "",
    group: Annotated[bool, typer.Option("--group", help="For the group: records of the visibility 'group' may leave too.")] = False,
    commercial: Annotated[bool, typer.Option("--commercial", help="For use that earns money: licences that forbid it hold records back.")] = False,
    leave_out: Annotated[bool, typer.Option("--leave-out", help="Write the rest when some records may not leave, instead of refusing.")] = False,
    allow: Annotated[
        list[str] | None, typer.Option("--allow-licence", metavar="NAME", help="A licence that is not in the table and that you vouch for; 'unknown' for none.")
    ] = None,
    title: Annotated[str, typer.Option("--title", help="Of a package.")] = "",
    base: Base = DEFAULT,
    as_json: Json = False,
) -> None:
    """Write records for others. What is private, or what a licence forbids, does not leave.

    Example: chemwright kb export solvents.zip --query "label:checked" --title "Checked solvents"
    """
    with session(as_json), opened(base) as db, progress_bar() as progress:
        from chemwright.knowledge.sharing import export as write

        result = write(
            db, out, query=query, find=find, form=form, key=key, group=group, commercial=commercial, leave_out=leave_out, allow=tuple(allow or ()), title=title, progress=progress
        )
    from chemwright.cli import kb_tables

    _print(as_json, result, lambda: kb_tables.exported(result))


@kb.command()
def verify(
    file: Annotated[str, typer.Argument(metavar="[FILE_OR_URL]", help="The base; that of --kb when left out.")] = "",
    restore: Annotated[bool, typer.Option("--restore", help="Put the newest whole backup in the place of a damaged file, which is kept beside it.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Look at a sample of the records only.")] = False,
    base: Base = DEFAULT,
    as_json: Json = False,
) -> None:
    """Look whether the base is whole: pages, content hashes, audit trail; exit status 1 when it is not.

    Example: chemwright kb verify plant.kb --restore
    """
    with session(as_json), progress_bar() as progress:
        from attrs import asdict

        from chemwright.knowledge.base.verify import verify as look

        verdict = look(file or base, restore, quick=quick, progress=progress)
        result = {**asdict(verdict), "ok": not verdict.problems}
    from chemwright.cli import kb_tables

    _print(as_json, result, lambda: kb_tables.verdict(result))
    if verdict.problems and not verdict.restored:
        raise typer.Exit(1)


@kb.command()
def backup(
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help="Where to; FILE.bak when left out, the one before becoming FILE.bak2.")] = None,
    base: Base = DEFAULT,
    as_json: Json = False,
) -> None:
    """Copy the base while others use it; the copy is checked before it counts.

    Example: chemwright kb backup --kb plant.kb
    """
    with session(as_json), opened(base) as db, progress_bar() as progress:
        from chemwright.knowledge.base.backup import backup as copy

        result = {"backup": str(copy(db, to, progress=progress))}
    from chemwright.cli import tables

    _print(as_json, result, lambda: tables.say(f"backed up to {result['backup']}"))


@kb.command()
def migrate(
    source: Annotated[str, typer.Argument(metavar="FROM", help="A base: file or address.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="An empty place: a new file, or a PostgreSQL database.")],
    as_json: Json = False,
) -> None:
    """Move a base between file and server; both sides are compared by content hashes before it counts.

    Example: chemwright kb migrate plant.kb postgresql://me@server/plant
    """
    with session(as_json), progress_bar() as progress:
        from attrs import asdict

        from chemwright.knowledge.base.database import open_base
        from chemwright.knowledge.base.migrate import migrate as move

        with open_base(source, read_only=True) as old, open_base(target, create=True) as new:
            moved = move(old, new, progress)
            result = asdict(moved)
    from chemwright.cli import kb_tables

    _print(as_json, result, lambda: kb_tables.moved(result))
