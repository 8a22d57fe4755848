"""The command props: properties of substances, or of a file of molecules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chemwright.cli.app import Json, _print, app
from chemwright.cli.session import progress_bar, session


@app.command()
def props(
    substances: Annotated[list[str], typer.Argument(help="Names, CAS numbers or SMILES; or one file of molecules (.smi, .csv with a column smiles) with --out.")],
    at: Annotated[str, typer.Option("--at", metavar="TEMPERATURE", help="As '350 K' or '80 degC'; 298.15 K when left out.")] = "",
    pressure: Annotated[str, typer.Option("--pressure", metavar="PRESSURE", help="As '1 bar'; 1 atm when left out.")] = "",
    only: Annotated[str, typer.Option("--only", metavar="NAMES", help="Properties, with commas between, as boiling_point,logP.")] = "",
    neighbours: Annotated[bool, typer.Option("--neighbours", help="Also measured molecules that are near.")] = False,
    drivers: Annotated[bool, typer.Option("--drivers", help="Also what drove each answer.")] = False,
    kb: Annotated[str, typer.Option("--kb", metavar="FILE_OR_URL", help="A knowledge base whose claims count too.")] = "",
    tier: Annotated[str, typer.Option("--tier", help="Answer from one tier only: measured, mechanism, hybrid or learned.")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Screen a file of molecules into this .parquet or .csv; run again, it goes on where it was stopped.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Properties with 90 % interval, tier and source.

    Example: chemwright props ethanol 110-91-8 "CCN(CC)CC" --at "80 degC"

    Then: chemwright props molecules.smi --out props.parquet --only boiling_point,logP
    """
    if out is not None:
        _screened(substances, out, at, pressure, only, kb, tier, as_json)
        return
    with session(as_json):
        _no_file(substances)
        from chemwright.property.answering.ask import asked

        found = asked(substances, _names(only), at or None, pressure or None, kb or None, neighbours, drivers, tier, "props")
        result = _as_data(found)
    from chemwright.cli import props_tables

    _print(as_json, result, lambda: props_tables.answers(result))


def _names(only: str) -> list[str] | None:
    return [n.strip() for n in only.split(",") if n.strip()] or None


def _no_file(substances: list[str]) -> None:
    """A file of molecules without --out is a mistake that is told.

    Raises:
        InputError: one of the texts names such a file.
    """
    from chemwright.errors import InputError

    for text in substances:
        if text.lower().removesuffix(".gz").endswith((".smi", ".smiles", ".csv", ".tsv")) and Path(text).is_file():
            raise InputError(f"{text} is a file of molecules", where="props", fix=f"name the result: chemwright props {text} --out props.parquet")


def _screened(substances: list[str], out: Path, at: str, pressure: str, only: str, kb: str, tier: str, as_json: bool) -> None:
    with session(as_json), progress_bar() as progress:
        from chemwright.errors import InputError
        from chemwright.property.answering.screen import screen

        if len(substances) != 1:
            raise InputError(
                f"{len(substances)} arguments beside --out", where="props", fix="give one file of molecules, as in: chemwright props molecules.smi --out props.parquet"
            )
        result = screen(substances[0], out, _names(only), at or None, pressure or None, kb or None, tier, progress=progress)
    from chemwright.cli import props_tables

    _print(as_json, result, lambda: props_tables.screened(result))


def _as_data(found: Any) -> dict[str, Any]:
    """Substances, answers and sources as plain values; an answer's row says its temperature and pressure where they matter."""
    heads = [{"asked": f.text, "name": f.name or f.text, "cas": f.cas, "smiles": f.smiles, "formula": f.formula, "molar_mass": f.molar_mass} for f in found.substances]
    rows = []
    per = len(found.answers) // len(heads)
    for i, a in enumerate(found.answers):
        row = a.row()
        row["substance"] = heads[i // per]["name"]
        row["source"] = a.sources[0] if a.sources else ""
        row |= row.pop("conditions")
        rows.append(row)
    return {"substances": heads, "claims": rows, "sources": found.sources}
