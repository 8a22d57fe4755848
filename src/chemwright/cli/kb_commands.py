"""``chemwright kb``: make a base, add to it, look into it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from chemwright.cli.app import Json, _print
from chemwright.cli.kb_options import DEFAULT, Base, Keys, Why, kb, opened
from chemwright.cli.session import progress_bar, session


@kb.command()
def init(
    path: Annotated[str, typer.Argument(metavar="FILE_OR_URL", help="Where to.")] = DEFAULT,
    core: Annotated[bool, typer.Option("--core/--no-core", help="Begin with the figures that ship (about 340,000 claims on 96,000 substances).")] = True,
    as_json: Json = False,
) -> None:
    """Make a knowledge base.

    The shipped core is built on first use, in about a minute, and copied from then on.

    Example: chemwright kb init plant.kb
    """
    with session(as_json), progress_bar() as progress:
        from chemwright.knowledge.base.start import start

        with start(path, core=core, progress=progress) as base:
            result = {"base": path, "counts": dict(base.counts())}
    from chemwright.cli import kb_tables

    _print(as_json, result, lambda: kb_tables.counts(result))


@kb.command(context_settings={"ignore_unknown_options": True})  # or "-5 degC" would be taken for an option
def add(
    substance: Annotated[str, typer.Argument(help="Name, CAS number, SMILES or key.")],
    property_: Annotated[str, typer.Argument(metavar="PROPERTY", help="A name of the vocabulary, in English or Chinese.")],
    value: Annotated[str, typer.Argument(help="As '78.4 degC +/- 0.2 K'.")],
    at: Annotated[list[str] | None, typer.Option("--at", metavar="NAME=VALUE", help="A condition, as temperature=25degC; can be given again.")] = None,
    source: Annotated[str, typer.Option("--source", help="Where it comes from: a citation, a DOI, a notebook page.")] = "",
    kind: Annotated[str, typer.Option("--kind", help="literature, database, experiment, simulation, plant, estimate or assumption.")] = "experiment",
    tier: Annotated[str, typer.Option("--tier", help="measured, fitted, correlated, estimated or assumed.")] = "measured",
    phase: Annotated[str, typer.Option("--phase", help="As liquid.")] = "",
    method: Annotated[str, typer.Option("--method", help="How it was measured.")] = "",
    note: Annotated[str, typer.Option("--note", help="What a reader must know.")] = "",
    licence: Annotated[str, typer.Option("--licence", help="Terms, as CC-BY-4.0; export reads them.")] = "",
    visibility: Annotated[str, typer.Option("--visibility", help="private, group or public.")] = "private",
    base: Base = DEFAULT,
    as_json: Json = False,
) -> None:
    """File one claim; what looks wrong about it is said at once.

    Example: chemwright kb add ethanol boiling_point "78.4 degC +/- 0.2 K" --at pressure=1atm --source "notebook 12, page 3"
    """
    with session(as_json), opened(base) as db:
        from chemwright.knowledge.base.single import add_claim

        result = add_claim(
            db, substance, property_, value, at or (), source=source, kind=kind, tier=tier, phase=phase, method=method, note=note, licence=licence, visibility=visibility
        )
    from chemwright.cli import kb_tables

    _print(as_json, result, lambda: kb_tables.added(result))


@kb.command()
def show(
    what: Annotated[str, typer.Argument(help="A substance by name, CAS number, SMILES or key; or a record's key.")],
    property_: Annotated[str, typer.Option("--property", help="Only this property.")] = "",
    all_: Annotated[bool, typer.Option("--all", help="Retracted, superseded and proposed claims too.")] = False,
    base: Base = DEFAULT,
    as_json: Json = False,
) -> None:
    """What is known of a substance, every source beside the consensus; or one record whole.

    Example: chemwright kb show ethanol --property boiling_point
    """
    with session(as_json), opened(base) as db:
        from chemwright.knowledge.profile import profile

        result = profile(db, what, property_, standing=not all_)
    from chemwright.cli import kb_tables

    _print(as_json, result, lambda: kb_tables.profile(result))


@kb.command()
def conflicts(
    property_: Annotated[str, typer.Argument(metavar="[PROPERTY]", help="A name of the vocabulary; the narrower ones below it count too. All when left out.")] = "",
    top: Annotated[int, typer.Option("--top", min=1, help="Most that are shown; --json gives as many.")] = 20,
    base: Base = DEFAULT,
    as_json: Json = False,
) -> None:
    """Where sources disagree, the farthest apart first, with the consensus of the others.

    Example: chemwright kb conflicts boiling_point
    """
    with session(as_json), opened(base) as db, progress_bar() as progress:
        from chemwright.knowledge.conflicts import find_conflicts

        found = find_conflicts(db, property_, progress=progress)
        result = {"property": property_, "conflicts": len(found), "shown": [c.as_dict() for c in found[:top]]}
    from chemwright.cli import kb_tables

    _print(as_json, result, lambda: kb_tables.conflicts(result))


@kb.command()
def stats(base: Base = DEFAULT, as_json: Json = False) -> None:
    """How much of what the base holds, and by whom.

    Example: chemwright kb stats
    """
    with session(as_json), opened(base) as db:
        from chemwright.knowledge.profile import statistics

        result = {"base": base, **statistics(db)}
    from chemwright.cli import kb_tables

    _print(as_json, result, lambda: kb_tables.statistics(result))


@kb.command()
def properties(
    text: Annotated[str, typer.Argument(help="Part of a name, in English or Chinese; all when left out.")] = "",
    category: Annotated[str, typer.Option("--category", help="Only this category, as thermophysics.")] = "",
    add_file: Annotated[Path | None, typer.Option("--add", metavar="CSV", help="Add properties of your own, named group:name, from a CSV with name, unit, description.")] = None,
    base: Base = DEFAULT,
    as_json: Json = False,
) -> None:
    """The vocabulary: names, units, bounds and meanings; --add your own.

    Example: chemwright kb properties viscosity
    """
    with session(as_json):
        from chemwright.knowledge.profile import add_properties, vocabulary_rows

        if add_file is not None:
            with opened(base) as db:
                added = add_properties(db, add_file)
            result: dict[str, Any] = {"added": added, "properties": []}
        else:
            result = {"added": [], "properties": vocabulary_rows(base if Path(base).exists() or "://" in base else "", text, category)}
    from chemwright.cli import kb_tables

    _print(as_json, result, lambda: kb_tables.properties(result))


@kb.command()
def label(
    keys: Keys,
    add_: Annotated[list[str] | None, typer.Option("--add", metavar="LABEL", help="Put this label on; can be given again.")] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", metavar="LABEL", help="Take this label off; can be given again.")] = None,
    base: Base = DEFAULT,
    as_json: Json = False,
) -> None:
    """Put labels on records, or take them off.

    Example: chemwright kb label 3fa9c1 --add checked --add "project X"
    """
    _change(base, as_json, "labelled", keys, lambda db: db.label(*keys, add=add_ or (), remove=remove or ()))


@kb.command()
def retract(keys: Keys, why: Why, base: Base = DEFAULT, as_json: Json = False) -> None:
    """Take records out of what counts as known; they stay to be read.

    Example: chemwright kb retract 3fa9c1 --why "read from the wrong column"
    """
    _change(base, as_json, "retracted", keys, lambda db: db.retract(*keys, why=why))


@kb.command()
def supersede(
    keys: Keys, by: Annotated[str, typer.Option("--by", metavar="KEY", help="The record that stands instead.")], why: Why, base: Base = DEFAULT, as_json: Json = False
) -> None:
    """Put another record in the place of these.

    Example: chemwright kb supersede 3fa9c1 --by 77b2e0 --why "measured anew after calibration"
    """
    _change(base, as_json, "superseded", keys, lambda db: db.supersede(*keys, by=by, why=why))


@kb.command()
def restore(keys: Keys, why: Why, base: Base = DEFAULT, as_json: Json = False) -> None:
    """Let retracted, superseded or proposed records count again.

    Example: chemwright kb restore 3fa9c1 --why "the column was right after all"
    """
    _change(base, as_json, "trusted", keys, lambda db: db.judge(*keys, status="trusted", why=why))


@kb.command()
def share(
    keys: Keys,
    visibility: Annotated[str | None, typer.Option("--visibility", help="private, group or public.")] = None,
    licence: Annotated[str | None, typer.Option("--licence", help="Terms, as CC-BY-4.0.")] = None,
    base: Base = DEFAULT,
    as_json: Json = False,
) -> None:
    """Say who may see records, and under which licence they leave by export.

    Example: chemwright kb share 3fa9c1 --visibility public --licence CC-BY-4.0
    """
    _change(base, as_json, "shared", keys, lambda db: db.terms(*keys, licence=licence, visibility=visibility))


@kb.command()
def history(
    key: Annotated[str, typer.Argument(metavar="[KEY]", help="Of one record; of the whole base when left out.")] = "",
    top: Annotated[int, typer.Option("--top", min=1, help="Lines.")] = 30,
    base: Base = DEFAULT,
    as_json: Json = False,
) -> None:
    """The audit trail, newest first: who changed what, when and why.

    Example: chemwright kb history --top 10
    """
    with session(as_json), opened(base) as db:
        result = {"history": [{**r, "detail": json.loads(r["detail"]) if r["detail"] else {}} for r in db.history(key, top)]}
    from chemwright.cli import kb_tables

    _print(as_json, result, lambda: kb_tables.history(result))


def _change(base: str, as_json: bool, done: str, keys: list[str], change: object) -> None:
    """One change of records, and what was done."""
    with session(as_json), opened(base) as db:
        assert callable(change)
        change(db)
    from chemwright.cli import tables

    _print(as_json, {"done": done, "records": keys}, lambda: tables.say(f"{done}: {len(keys)} record(s)"))
