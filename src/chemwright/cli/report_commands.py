"""The report's command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chemwright.cli.app import CasePath, Json, Lang, _print, app
from chemwright.cli.session import progress_bar, session


@app.command()
def report(
    case: CasePath,
    lang: Lang = "en",
    pdf: Annotated[bool, typer.Option("--pdf", help="Print it to PDF too, by a Chromium, Chrome or Edge that is there.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="File to write; report.html in the case's folder when left out.")] = None,
    as_json: Json = False,
) -> None:
    """Write the process design report, computing what it needs.

    Example: chemwright report my.case --lang zh --pdf --out package.pdf
    """
    with session(as_json), progress_bar() as progress:
        from chemwright.case import Case

        path = Case.at(case).report(out, lang, pdf=pdf, progress=progress)
    from chemwright.cli import tables

    _print(as_json, {"report": str(path)}, lambda: tables.say(f"report: {path}"))
