"""Parameters of local composition models from the tables of ChemSep that `thermo` and `chemicals` carry."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from chemwright.errors import InputError, PropertyMissing, did_you_mean
from chemwright.thermo.interactions import table
from chemwright.thermo.local.models import Local, Nrtl, Uniquac, Wilson

KINDS = ("nrtl", "wilson", "uniquac")
TABLES = {"nrtl": "ChemSep NRTL", "wilson": "ChemSep Wilson", "uniquac": "ChemSep UNIQUAC"}
SOURCE = "ChemSep 8.32 interaction parameters (H. Kooijman, R. Taylor, Artistic License 2.0) as `thermo` carries them, table {table}"


def local_model(kind: str, ids: Sequence[str], cas: Sequence[str]) -> Local:
    """A model with tabled parameters: NRTL tau = b/T with the table's alpha, Wilson ln Lambda = a + b/T, UNIQUAC ln tau = b/T.

    Args:
        kind: nrtl, wilson or uniquac.
        ids: species keys, in order.
        cas: their CAS numbers.

    Raises:
        InputError: no such kind.
        PropertyMissing: a pair, or a substance's r and q, is not in the table; what is missing is named.
    """
    if kind not in KINDS:
        raise InputError(f"no local composition model {kind!r}", fix=did_you_mean(kind, KINDS))
    n = range(len(ids))
    gaps = [f"{ids[i]} + {ids[j]}" for i in n for j in n if i < j and not has_pair(kind, cas[i], cas[j])]
    if gaps:
        raise PropertyMissing(
            f"the {kind.upper()} table has no parameters for {', '.join(gaps)}",
            where=kind,
            fix="fit them to measured points (chemwright mix fit), or take a group contribution model, as --model unifac",
        )
    rows = [[_row(kind, cas[i], cas[j]) if i != j else {} for j in n] for i in n]
    a = [[rows[i][j].get("aij", 0.0) for j in n] for i in n]
    b = [[rows[i][j].get("bij", 0.0) for j in n] for i in n]
    source = SOURCE.format(table=TABLES[kind])
    if kind == "nrtl":
        return Nrtl(tuple(ids), a, b, source=source, alpha=[[rows[i][j].get("alphaij", 0.0) for j in n] for i in n])
    if kind == "wilson":
        return Wilson(tuple(ids), a, b, source=source)
    sizes = [size(c, key) for c, key in zip(cas, ids, strict=True)]
    return Uniquac(tuple(ids), a, b, source=source, r=tuple(s[0] for s in sizes), q=tuple(s[1] for s in sizes))


def has_pair(kind: str, one: str, two: str) -> bool:
    """Whether the table holds both directions of a pair of CAS numbers."""
    rows = table(TABLES[kind])
    return bool(one and two) and f"{one} {two}" in rows and f"{two} {one}" in rows


def size(cas: str, where: str = "") -> tuple[float, float]:
    """UNIQUAC's volume r and surface q [1] of a substance, from ChemSep's pure component data.

    Raises:
        PropertyMissing: the substance is not among its 432.
    """
    found = _sizes().get(cas)
    if found is None:
        raise PropertyMissing(f"no UNIQUAC volume and surface for CAS {cas or 'unknown'}", where=where, fix="take NRTL or Wilson, which need none")
    return found


def _row(kind: str, one: str, two: str) -> dict[str, float]:
    return table(TABLES[kind])[f"{one} {two}"]


@lru_cache(maxsize=1)
def _sizes() -> dict[str, tuple[float, float]]:
    """CAS -> (r, q), read from the XML that `chemicals` carries."""
    from xml.etree import ElementTree

    import chemicals

    out = {}
    for compound in ElementTree.parse(Path(chemicals.__file__).parent / "Misc" / "ChemSep8.32.xml").getroot().iter("compound"):
        values = [compound.find(tag) for tag in ("CAS", "UniquacR", "UniquacQ")]
        if all(v is not None for v in values):
            cas, r, q = (v.get("value", "") for v in values if v is not None)
            if r and q and float(r) > 0.0 and float(q) > 0.0:
                out[cas.strip()] = (float(r), float(q))
    return out
