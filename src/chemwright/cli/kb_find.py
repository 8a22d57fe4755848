"""``chemwright kb search``: one query language, results as a table, CSV, JSON or a page with drawings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chemwright.cli.app import Json, _print
from chemwright.cli.kb_options import DEFAULT, Base, kb, opened
from chemwright.cli.session import progress_bar, session


@kb.command()
def search(
    query: Annotated[str, typer.Argument(help="As 'substructure:\"C(=O)O\" and boiling_point > 400 K'; see docs/how-to/search.md.")],
    find: Annotated[str, typer.Option("--find", help="substances, claims, experiments, reactions, datasets, series, models ...")] = "substances",
    limit: Annotated[int, typer.Option("--limit", min=0, help="Most to return; 0 for all.")] = 20,
    offset: Annotated[int, typer.Option("--offset", min=0, help="So many are passed over first.")] = 0,
    order: Annotated[str, typer.Option("--order", help="A column, as molar_mass, or -value for the largest first.")] = "",
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write to .csv, .json or .html (with drawings of the structures).")] = None,
    count: Annotated[bool, typer.Option("--count", help="Only how many there are.")] = False,
    seconds: Annotated[float, typer.Option("--seconds", min=0.1, help="Time limit of a search by structure.")] = 60.0,
    base: Base = DEFAULT,
    as_json: Json = False,
) -> None:
    """Find by name, structure, numbers with conditions, source, label, date or text, joined by and, or, not.

    Example: chemwright kb search "similar:aspirin >= 0.5 or name:ibuprofen"

    Then: chemwright kb search "boiling_point 350..360 K and not element:Cl" --out solvents.html
    """
    with session(as_json), opened(base) as db, progress_bar() as progress:
        from chemwright.errors import InputError
        from chemwright.knowledge import search as finder

        if out is not None and out.suffix.lower() not in (".csv", ".json", ".html"):
            raise InputError(f"can't write {out.suffix or 'a file without an ending'}", where="--out", fix="name it .csv, .json or .html")
        if "structure:" in query or "similar:" in query:
            finder.update_fingerprints(db, progress)
        result: dict[str, Any]
        if count:
            result = {"query": query, "find": find, "total": finder.count(db, query, find, seconds=seconds)}
        else:
            found = finder.search(db, query, find, limit=limit or None, offset=offset, order=order, seconds=seconds)
            rows = list(found.table_rows()) if out is None else []
            result = {"query": found.query, "find": find, "shown": len(found), "total": found.total, "rows": rows}
            if out is not None:
                ending = out.suffix.lower()
                if ending == ".csv":
                    found.to_csv(out)
                elif ending == ".json":
                    found.to_json(out)
                else:
                    found.to_html(out)
                result["file"] = str(out)
    from chemwright.cli import kb_tables

    _print(as_json, result, lambda: kb_tables.found(result))
