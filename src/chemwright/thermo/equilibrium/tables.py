"""Constants of cubic equations of state from the tables of `chemicals` and `thermo`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from chemwright.errors import PropertyMissing
from chemwright.knowledge import resolve
from chemwright.thermo.equilibrium.cubic import CubicEos


def cubic_from_names(names: Sequence[str], form: str = "PR78", *, kij: bool = True) -> CubicEos:
    """A cubic equation of state for substances by name, CAS number or SMILES.

    Critical constants and acentric factors are those that `chemicals` puts first; interaction parameters those of ChemSep for Peng and Robinson (`thermo`), zero where it has none or for another equation.

    Args:
        names: c names.
        form: "PR76", "PR78" or "SRK".
        kij: take the interaction parameters.

    Raises:
        SubstanceError: a name is not known.
        PropertyMissing: a critical constant or acentric factor is in no table.
    """
    import chemicals

    cas = [resolve(name, where=f"names[{k}]").cas for k, name in enumerate(names)]
    constants = []
    for name, number in zip(names, cas, strict=True):
        row = [f(number) if number else None for f in (chemicals.Tc, chemicals.Pc, chemicals.omega)]
        for value, what in zip(row, ("critical temperature", "critical pressure", "acentric factor"), strict=True):
            if value is None:
                raise PropertyMissing(f"no table gives the {what} of {name!r}", where=name, fix="make CubicEos with your own constants")
        constants.append([float(v) for v in row if v is not None])
    matrix = [[_kij(a, b) if a != b else 0.0 for b in cas] for a in cas] if kij and form != "SRK" else None
    tc, pc, omega = (tuple(row[k] for row in constants) for k in range(3))
    return CubicEos(tuple(names), tc, pc, omega, form, matrix)


def _kij(a: str, b: str) -> float:
    """ChemSep's parameter for Peng and Robinson, zero where there is none."""
    return _chemsep().get(frozenset((a, b)), 0.0)


@cache
def _chemsep() -> dict[frozenset[str], float]:
    """Pairs of CAS numbers in ChemSep's table, read here since `thermo` leaves every table's file open."""
    import thermo

    path = Path(thermo.__file__).parent / "Interaction Parameters" / "ChemSep" / "pr.json"
    table = json.loads(path.read_text(encoding="utf-8"))["data"]
    return {frozenset(pair.split(" ")): float(row["kij"]) for pair, row in table.items()}
