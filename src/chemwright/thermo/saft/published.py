"""Published PC-SAFT parameters of 1,842 substances."""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib.resources import files

from attrs import evolve

from chemwright.record import Source
from chemwright.thermo.saft.record import COLUMNS, SaftParameters

ID = "Esper2023"


def source() -> Source:
    """Where the published parameters come from."""
    return Source(
        ID,
        "literature",
        "T. Esper, G. Bauer, P. Rehner, J. Gross, PCP-SAFT parameters of pure substances using large experimental databases, Ind. Eng. Chem. Res. 2023, supporting information",
        doi="10.1021/acs.iecr.3c02255",
        year=2023,
        licence="figures; the same table is distributed with feos (MIT or Apache-2.0)",
    )


@lru_cache(maxsize=1)
def table() -> dict[str, SaftParameters]:
    """By InChIKey; and by its first block, in lower case, where one substance alone has it."""
    text = (files("chemwright") / "data" / "parameters" / f"{ID}.csv").read_text(encoding="utf-8")
    out: dict[str, SaftParameters] = {}
    blocks: dict[str, list[SaftParameters]] = {}
    for row in csv.DictReader(text.splitlines()):
        found = SaftParameters.of(row["name"], float(row["molar_mass"]) * 1e-3, [float(row[c]) for c in COLUMNS], source=ID)
        out[row["inchikey"]] = found
        blocks.setdefault(row["inchikey"][:14].lower(), []).append(found)
    return out | {block: sets[0] for block, sets in blocks.items() if len(sets) == 1}


def published(key: str) -> SaftParameters | None:
    """Parameters by InChIKey; those of the only stereoisomer in the table stand in for one that isn't there, which the note says."""
    exact = table().get(key)
    if exact is not None or len(key) < 14:
        return exact
    near = table().get(key[:14].lower())
    return near and evolve(near, note="parameters of the stereoisomer that the table has")
