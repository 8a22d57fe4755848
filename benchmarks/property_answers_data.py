"""What answers about properties are held against, and how they are scored. Written before the methods.

Truth: the consensus of measured claims (figures of the shipped core) of one property of one substance, where the sources agree or one stands alone; of properties that
run with temperature at 298.15, 350 and 400 K where measurements reach. The first run scored figures of a single source alike; many of these are slips of that source (boiling points at
reduced pressure, decomposition), so that since then a property is scored on figures on which two or more sources agree where the part has :data:`ENOUGH` molecules with
such, and the score over all figures is printed beside it. Substances: organic, one uncharged molecule of C, H, N, O, F, Cl, Br, I, S, P, Si with 2 to
60 heavy atoms and without radicals. Split by molecule: the first byte of the SHA-256 of the InChIKey, below 51 (a fifth) tested, 51 to 101 for calibration of
the methods' own errors, the rest free. Never by row.

Scores: mean absolute error (of properties judged on a logarithmic scale: mean |ln(answer/truth)| in per cent), the share of truths inside the 90 % interval with its
binomial standard deviation, and the interval's mean width in the same measure.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from attrs import evolve, frozen

from chemwright.knowledge.core.compact import Figures, core_figures
from chemwright.property.answer import Estimates
from chemwright.property.answering.catalogue import ASKED, Asked
from chemwright.property.answering.learnt import Learnt, model_names
from chemwright.property.answering.measured import measured, related
from chemwright.structure import inchikey

TESTED, CALIBRATED = 51, 102
TEMPERATURES = (298.15, 350.0, 400.0)
MOST = 500
"""Molecules a property at most, by order of their hash."""
ELEMENTS = frozenset(["C", "H", "N", "O", "F", "Cl", "Br", "I", "S", "P", "Si"])


@frozen
class Truth:
    """A measured figure: place in the table, SMILES, property, temperature [K], value in SI, and how many sources agree on it."""

    place: int
    smiles: str
    property: str
    temperature: float
    value: float
    sources: int = 1


ENOUGH = 40


def agreed(known: Sequence[Truth]) -> list[Truth]:
    """Of one property the figures on which two or more sources agree; all where few molecules have such."""
    good = [t for t in known if t.sources >= 2]
    return good if len({t.place for t in good}) >= ENOUGH else list(known)


def part(key: int) -> str:
    """``test``, ``calibration`` or ``free``, of the hash of an InChIKey."""
    byte = key >> 56
    return "test" if byte < TESTED else "calibration" if byte < CALIBRATED else "free"


def structures(figures: Figures) -> dict[int, str]:
    """SMILES of the organic molecules by place."""
    from chemicals.identifiers import get_pubchem_db

    database = get_pubchem_db()
    database.finish_loading()
    out = {}
    for place, (cas, key) in enumerate(zip(figures.cas, figures.keys, strict=True)):
        entry = database.CAS_index.get(int(cas)) if key else None
        if entry is not None and entry.smiles and "." not in str(entry.smiles):
            out[place] = str(entry.smiles)
    return out


def organic(smiles: str) -> bool:
    """Whether a structure is of the kind tested."""
    from rdkit import Chem, rdBase

    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(smiles)
    if mol is None or not 2 <= mol.GetNumHeavyAtoms() <= 60 or Chem.GetFormalCharge(mol):
        return False
    atoms = list(mol.GetAtoms())
    return {a.GetSymbol() for a in atoms} <= ELEMENTS and any(a.GetSymbol() == "C" for a in atoms) and not any(a.GetNumRadicalElectrons() for a in atoms)


def truths(part_: str, items: Sequence[Asked] = ASKED, most: int = MOST, wanted: Callable[[str], bool] = lambda smiles: True) -> Iterator[Truth]:
    """Measured figures of the molecules of one part of the split; ``wanted`` says which of them by SMILES."""
    figures = core_figures()
    smiles = structures(figures)
    places = [p for p in smiles if part(int(figures.keys[p])) == part_]
    places.sort(key=lambda p: int(figures.keys[p]) & 0xFFFFFFFF)
    codes = {name: i for i, name in enumerate(figures.properties)}
    good: dict[int, bool] = {}
    for item in items:
        if item.regulated:
            continue
        found = 0
        of = {codes[n] for n in related(item.name) if n in codes}
        for place in places:
            rows = figures.property[figures.first[place] : figures.first[place + 1]]
            if not of & set(rows.tolist()):
                continue
            if place not in good:
                good[place] = organic(smiles[place]) and wanted(smiles[place])
            if not good[place]:
                continue
            known = _known(figures, place, smiles[place], item)
            found += bool(known)
            yield from known
            if found >= most:
                break


def _known(figures: Figures, place: int, smiles: str, item: Asked) -> list[Truth]:
    from rdkit import Chem
    from rdkit.Chem.Descriptors import MolWt

    rows = figures.of(place)
    mass = 1e-3 * float(MolWt(Chem.MolFromSmiles(smiles)))
    melting = _plain(rows, "melting_point", default=1e9)
    boiling = _plain(rows, "normal_boiling_point", default=1e9)
    out = []
    for t in TEMPERATURES if item.curve else TEMPERATURES[:1]:
        m = measured(rows, item, t, mass, (melting, boiling))
        if m is not None and m.inside and m.settled and (m.value != 0 or not item.log):
            out.append(Truth(place, smiles, item.name, t, m.value, len(m.sources)))
    return out


def _plain(rows: Sequence[object], name: str, default: float) -> float:
    values = sorted(r.value for r in rows if r.property == name)  # type: ignore[attr-defined]
    return values[len(values) // 2] if values else default


@frozen
class Score:
    """n, share answered, mean error, coverage of the 90 % interval and its binomial standard deviation, mean width; errors of log properties in per cent."""

    n: int
    answered: float
    error: float
    coverage: float
    deviation: float
    width: float


def score(truth: Sequence[float], value: Sequence[float | None], low: Sequence[float | None], high: Sequence[float | None], log: bool) -> Score:
    """Errors, coverage and width over those that were answered."""
    errors, inside, widths = [], [], []
    for x, y, a, b in zip(truth, value, low, high, strict=True):
        if y is None or a is None or b is None:
            continue
        errors.append(100.0 * abs(math.log(y / x)) if log else abs(y - x))
        inside.append(a <= x <= b)
        widths.append(100.0 * math.log(b / a) if log else b - a)
    n = len(errors)
    if not n:
        return Score(0, 0.0, math.nan, math.nan, math.nan, math.nan)
    return Score(n, n / len(truth), sum(errors) / n, sum(inside) / n, math.sqrt(0.09 / n), sum(widths) / n)


FOLDS = 5


def fold(inchikey: str) -> int:
    """The fold that the learned models' member of the same number never saw (benchmarks/property_data.py)."""
    return int.from_bytes(hashlib.sha256(inchikey[:14].encode()).digest()[:8], "big") % FOLDS


class FairLearnt(Learnt):
    """Learned estimates of each molecule by the member of the ensemble that never saw it; none where every member did.

    Args:
        smiles: the molecules.
    """

    def __init__(self, smiles: Sequence[str]) -> None:
        super().__init__(smiles)
        self.folds = np.array([fold(inchikey(s)) for s in self.smiles])
        self.fair = self.folds < members()
        self._parts: dict[int, Any] = {}

    def estimates(self, name: str) -> Estimates:
        from chemwright.property.learned import estimating
        from chemwright.structure.features import featurise

        n = len(self.smiles)
        out = {k: np.full(n, np.nan) for k in ("mean", "std", "low", "high")}
        inside = np.zeros(n, bool)
        whole = estimating.store
        for k in range(members()):
            rows = np.flatnonzero(self.folds == k)
            if k not in self._parts:
                self._parts[k] = featurise([self.smiles[i] for i in rows])
            estimating.store = lambda k=k: evolve(whole(), members=(whole().members[k],))  # type: ignore[assignment]
            try:
                e = estimating.estimates(self._parts[k], [name])[name]
            finally:
                estimating.store = whole
            for key in out:
                out[key][rows] = getattr(e, key)
            inside[rows] = e.in_domain
        return Estimates(out["mean"], out["std"], out["low"], out["high"], inside)


def members() -> int:
    """Members of the shipped ensemble; none where there are no learned models."""
    if not model_names():
        return 0
    from chemwright.property.learned.store import store

    return len(store().members)
