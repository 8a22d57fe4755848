"""``chemwright kb import``: tables with a wizard that proposes and remembers, plates, structures, and the exchange formats."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from chemwright.cli.app import Json, _print
from chemwright.cli.kb_options import DEFAULT, Base, kb, opened
from chemwright.cli.session import progress_bar, session


@kb.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, SDF, SMILES, ORD, ThermoML, JCAMP-DX, Cantera YAML, or a package that another base exported.")],
    form: Annotated[str, typer.Option("--form", help="The format, where its content does not tell.")] = "",
    maps: Annotated[
        list[str] | None, typer.Option("--map", metavar="COLUMN=USE", help="What a column means, as 'Tb=boiling_point [degC]' or 'x=ignore'; can be given again.")
    ] = None,
    plate: Annotated[Path | None, typer.Option("--plate", metavar="TOML", help="The layout of a plate: its factors, what is in every well, how the product forms.")] = None,
    sheet: Annotated[str, typer.Option("--sheet", help="Of a workbook; the first when left out.")] = "",
    source: Annotated[str, typer.Option("--source", help="Where the figures come from, for rows that name none.")] = "",
    licence: Annotated[str, typer.Option("--licence", help="Terms, as CC-BY-4.0.")] = "",
    visibility: Annotated[str, typer.Option("--visibility", help="private, group or public.")] = "private",
    skip: Annotated[bool, typer.Option("--skip-errors", help="Set rows aside that can't be taken, into FILE.rejects.csv, instead of stopping.")] = False,
    propose: Annotated[bool, typer.Option("--propose", help="Only show what each column is taken for.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Take the likeliest answer to every question.")] = False,
    base: Base = DEFAULT,
    as_json: Json = False,
) -> None:
    """Bring a file into the base. Interrupted, run it again: what is filed already is skipped.

    Example: chemwright kb import densities.csv --map "rho=density [g/mL]" --source "our laboratory, 2026"

    Then: chemwright kb import plate.xlsx --plate layout.toml
    """
    with session(as_json), opened(base) as db, progress_bar() as progress:
        from chemwright.cli import kb_wizard
        from chemwright.errors import InputError
        from chemwright.record import Filing

        terms = Filing(licence=licence, visibility=visibility)
        kind = form or ("plate" if plate else _recognise(file))
        result: dict[str, Any]
        if kind == "plate":
            if plate is None:
                raise InputError("a plate needs its layout", where="--plate", fix="write one: [factors] with 'Ligand' = 'ligand' ...; docs/how-to/import-data.md shows it")
            result = kb_wizard.plate(db, file, plate, sheet, terms, "skip" if skip else "stop", progress)
        elif kind in ("csv", "table", "xlsx"):
            ask = sys.stdin.isatty() and not (yes or as_json or propose)
            result = kb_wizard.table(db, file, maps or [], sheet, source, terms, "skip" if skip else "stop", propose=propose, yes=yes, ask=ask, progress=progress)
        elif kind in ("sdf", "smi", "smiles", "structures"):
            result = kb_wizard.structures(db, file, source, terms, "skip" if skip else "stop", progress)
        else:
            result = kb_wizard.exchange(db, file, form, terms, progress)
        if not propose:
            result["backup"] = kb_wizard.kept(db, result, progress)
    from chemwright.cli import kb_tables

    _print(as_json, result, lambda: kb_tables.imported(result))


def _recognise(file: Path) -> str:
    from chemwright.knowledge.exchange.dispatch import recognise

    return recognise(file)
