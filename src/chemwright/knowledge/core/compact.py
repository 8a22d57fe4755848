"""The core's figures in one small file: what the tables say about a substance, found in microseconds and without a database.

The knowledge base of the core (:mod:`chemwright.knowledge.core.build`) takes a minute to make. A question about one substance needs only its own rows, so these
ship as sorted arrays (``data/core/figures.npz``, made by ``training/core_figures.py``); with another release of ``chemicals`` than the one that the file was made
from they are read anew from its tables (a few seconds) and kept in the cache.

Correlations are kept as points: nine a curve, at Chebyshev's places in its range, so that a line through neighbouring points gives the curve again.
"""

from __future__ import annotations

import hashlib
import math
import os
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from chemwright.knowledge.core import curves, readings
from chemwright.knowledge.core.readings import Reading
from chemwright.record.claim import TIERS

NODES = 9


@frozen
class Figure:
    """One figure about a substance, in the property's SI unit: source id, std (None where not told), temperature [K] (None where not told), tier."""

    property: str
    value: float
    std: float | None
    temperature: float | None
    source: str
    tier: str


@frozen(eq=False)
class Figures:
    """All figures by substance.

    Args:
        cas: CAS numbers as integers, ascending, shape (n,).
        keys: the first eight bytes of the SHA-256 of each InChIKey as an integer, 0 where there is none, shape (n,).
        first: row of each substance's first figure, shape (n + 1,).
        property, source, tier: codes by row, shape (m,).
        value, std, temperature: by row, nan where not told, shape (m,).
        properties, sources: what the codes stand for.
        made_from: release of ``chemicals``.
    """

    cas: NDArray[np.int64]
    keys: NDArray[np.uint64]
    first: NDArray[np.int32]
    property: NDArray[np.uint8]
    source: NDArray[np.uint8]
    tier: NDArray[np.uint8]
    value: NDArray[np.float64]
    std: NDArray[np.float32]
    temperature: NDArray[np.float32]
    properties: tuple[str, ...]
    sources: tuple[str, ...]
    made_from: str

    def place(self, cas: int) -> int:
        """The place of a CAS number (an integer without dashes), -1 where nothing is known."""
        i = int(np.searchsorted(self.cas, cas))
        return i if i < len(self.cas) and self.cas[i] == cas else -1

    def by_key(self) -> dict[int, int]:
        """Place of each InChIKey's hash; of several CAS numbers with one structure, the one with most figures."""
        count = np.diff(self.first)
        order = np.argsort(count, kind="stable")
        return {int(k): int(i) for k, i in zip(self.keys[order], order, strict=True) if k}

    def of(self, place: int) -> list[Figure]:
        """Figures of the substance at a place."""
        return [
            Figure(
                self.properties[self.property[r]],
                float(self.value[r]),
                _told(self.std[r]),
                _told(self.temperature[r]),
                self.sources[self.source[r]],
                TIERS[self.tier[r]],
            )
            for r in range(self.first[place], self.first[place + 1])
        ]


def _told(x: Any) -> float | None:
    # float32 keeps seven digits: 298.15 must come back as it was
    return None if math.isnan(x) else float(f"{float(x):.7g}")


def key_hash(inchikey: str) -> int:
    """What an InChIKey is found by in :class:`Figures`."""
    return int.from_bytes(hashlib.sha256(inchikey.encode()).digest()[:8], "big")


@lru_cache(maxsize=1)
def core_figures() -> Figures:
    """The shipped figures, or those of the installed release of ``chemicals`` where that is another.

    Raises:
        StorageError: a table that the list names is not in this release of ``chemicals``.
    """
    from importlib.metadata import version

    shipped = load(Path(str(files("chemwright") / "data" / "core" / "figures.npz")))
    here = version("chemicals")
    if shipped.made_from == here:
        return shipped
    from chemwright.knowledge.core.build import cache_folder

    path = cache_folder() / f"figures-{here}.npz"
    if path.exists():
        return load(path)
    found = build()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as handle:
            save(found, handle)
        os.replace(handle.name, path)
    except OSError:  # a cache that can't be written costs seconds the next time, no more
        return found
    return found


def load(path: Path) -> Figures:
    """The arrays of a file that :func:`save` wrote."""
    with np.load(path, allow_pickle=False) as data:
        a = {k: data[k] for k in data.files}
    return Figures(
        np.cumsum(a["cas"].astype(np.int64)), a["keys"], np.concatenate([[0], np.cumsum(a["count"].astype(np.int32))]).astype(np.int32), a["property"], a["source"], a["tier"],
        a["value"], a["std"], a["temperature"], tuple(str(x) for x in a["properties"]), tuple(str(x) for x in a["sources"]), str(a["made_from"]),
    )  # fmt: skip


def save(f: Figures, target: Any) -> None:
    """Write the arrays, compressed; differences of what ascends take less room."""
    np.savez_compressed(
        target, cas=np.diff(f.cas, prepend=0), keys=f.keys, count=np.diff(f.first).astype(np.uint16), property=f.property, source=f.source, tier=f.tier, value=f.value, std=f.std,
        temperature=f.temperature, properties=np.array(f.properties), sources=np.array(f.sources), made_from=np.array(f.made_from),
    )  # fmt: skip


def build() -> Figures:
    """Read the tables of the installed ``chemicals``: every direct figure, and points of every curve; what is physically impossible is left out.

    Raises:
        StorageError: a table that the list names is not there.
    """
    from importlib.metadata import version

    from chemwright.knowledge.properties import Property
    from chemwright.knowledge.vocabulary import vocabulary
    from chemwright.quantity.units import factor

    words = vocabulary()
    rows: dict[tuple[int, str, str, str, float, float, float], None] = {}
    units: dict[tuple[str, str], tuple[float, float]] = {}
    items: dict[str, Property] = {}
    for r in _all():
        item = items.get(r.property) or items.setdefault(r.property, words.find(r.property, "shipped core"))
        scale, offset = units.get((r.unit, item.unit)) or units.setdefault((r.unit, item.unit), factor(r.unit, item.unit))
        value = float(f"{r.value * scale + offset:.12g}")
        if not item.check(value):
            std = math.nan if r.std is None else r.std * abs(scale)
            rows[r.cas, r.property, r.source, r.tier, math.nan if r.temperature is None else r.temperature, value, std] = None
    ordered = sorted(rows, key=lambda r: (r[0], r[1], r[2], -1.0 if r[4] != r[4] else r[4], r[5]))
    cas = np.array(sorted({r[0] for r in ordered}), np.int64)
    properties = tuple(sorted({r[1] for r in ordered}))
    sources = tuple(sorted({r[2] for r in ordered}))
    first = np.searchsorted(np.array([r[0] for r in ordered]), np.append(cas, cas[-1] + 1)).astype(np.int32)
    return Figures(
        cas, _keys(cas), first, np.array([properties.index(r[1]) for r in ordered], np.uint8), np.array([sources.index(r[2]) for r in ordered], np.uint8),
        np.array([TIERS.index(r[3]) for r in ordered], np.uint8), np.array([r[5] for r in ordered]), np.array([r[6] for r in ordered], np.float32),
        np.array([r[4] for r in ordered], np.float32), properties, sources, version("chemicals"),
    )  # fmt: skip


def _keys(cas: NDArray[np.int64]) -> NDArray[np.uint64]:
    from chemicals.identifiers import get_pubchem_db

    database = get_pubchem_db()
    database.finish_loading()
    entries = (database.CAS_index.get(int(c)) for c in cas)
    return np.array([key_hash(str(e.InChI_key)) if e is not None and e.InChI_key else 0 for e in entries], np.uint64)


def _all() -> Iterator[Reading]:
    yield from readings.direct()
    yield from readings.exposure_limits()
    yield from curves.points(_nodes)


def _nodes(low: float, high: float) -> list[float]:
    """Places on a curve: Chebyshev's, and both ends."""
    return [round(0.5 * (low + high) - 0.5 * (high - low) * math.cos(math.pi * i / (NODES - 1)), 2) for i in range(NODES)]
