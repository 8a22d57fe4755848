"""Calibrate the methods' own errors on measured molecules that were set apart, and write src/chemwright/data/property/method_errors.csv with a card.

    python training/property_methods.py

Molecules: the part ``calibration`` of benchmarks/property_answers_data.py; no answer about them is counted in the benchmark. For each method the measured figures of its
own property are hidden; its inputs are taken as the tier has them: measured where measured (tier ``mechanism``), or everything hidden and learned (tier ``hybrid``).
Methods that carry a known figure to another temperature are given the figure at 298.15 K. The own error e is such that 90 % of the residuals lie within 1.645 times the
root of e^2 and the square of what the inputs' uncertainty makes (but e is a tenth of the median residual at least, and the half width then smaller); quantiles have one added
to n, as in split conformal prediction. Rows of the method ``*`` hold, as
half width, the factor on the interval of whichever figure is chosen, by its tier, and as error the handicap with which spreads of the tier enter the choice: the same factor when
the choice is made without handicaps, never below one.
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

from property_answers_data import FairLearnt, Truth, agreed, fold, members, truths  # noqa: E402

from chemwright.knowledge.core.compact import core_figures  # noqa: E402
from chemwright.property.answering.catalogue import BY_NAME, ROOM  # noqa: E402
from chemwright.property.answering.column import HYBRID, LEARNED, MECHANISM, Z90  # noqa: E402
from chemwright.property.answering.errors import Errors  # noqa: E402
from chemwright.property.answering.facts import Facts, subject  # noqa: E402
from chemwright.property.answering.methods import METHODS, Method  # noqa: E402
from chemwright.property.answering.sheet import Sheet  # noqa: E402
from chemwright.structure import inchikey  # noqa: E402

OUT = ROOT / "src" / "chemwright" / "data" / "property" / "method_errors.csv"
FEWEST = 20
NAMES = {MECHANISM: "mechanism", HYBRID: "hybrid", LEARNED: "learned"}
MOST = 1500
PASSES = 2


class Set:
    """Truths of one property: molecules, facts, figures and features worked out once."""

    def __init__(self, known: list[Truth]) -> None:
        figures = core_figures()
        self.places = sorted({t.place for t in known})
        row = {p: i for i, p in enumerate(self.places)}
        smiles = {t.place: t.smiles for t in known}
        self.smiles = [smiles[p] for p in self.places]
        self.facts = Facts([subject(s) for s in self.smiles])
        self.figures = {i: figures.of(p) for i, p in enumerate(self.places)}
        self.learnt = FairLearnt(self.smiles)
        self.fair = self.learnt.fair
        self.truth: dict[float, np.ndarray] = {}
        for t in known:
            self.truth.setdefault(t.temperature, np.full(len(self.places), np.nan))[row[t.place]] = t.value

    def sheet(self, name: str, t: float, tier: int, errors: Errors) -> Sheet:
        hidden = frozenset(["*"]) if tier == HYBRID else frozenset([name])
        return Sheet(self.facts, self.figures, t, learnt=self.learnt if tier == HYBRID else None, hidden=hidden, room=tier != HYBRID and abs(t - ROOM) > 1.0, errors=errors)


def residuals(m: Method, data: Set, tier: int, table: dict[tuple[str, int], tuple[float, float]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Residuals on the property's scale, the spread that the inputs make, and the factor on the own error."""
    item = BY_NAME[m.property]
    rs, ss, fs = [], [], []
    for t, truth in data.truth.items():
        if m.carries and abs(t - ROOM) < 1.0:
            continue
        c = data.sheet(m.property, t, tier, Errors(table)).equations(m.property, t, m.id)[0]
        use = np.isfinite(truth) & c.known & c.inside & (c.tier == tier) & (data.fair if tier == HYBRID else True)
        with np.errstate(divide="ignore", invalid="ignore"):
            r = np.log(c.mean / truth) if item.log else c.mean - truth
        own = c.roots.get(f"{m.id}:{m.property}", np.zeros(len(r)))
        rs.append(r[use])
        ss.append(np.sqrt(np.maximum(c.spread**2 - own**2, 0.0))[use])
        fs.append(np.full(use.sum(), abs(t - ROOM) / 100.0 if m.carries else 1.0))
    return np.concatenate(rs or [np.empty(0)]), np.concatenate(ss or [np.empty(0)]), np.concatenate(fs or [np.empty(0)])


def quantile90(z: np.ndarray) -> float:
    """The 90 % quantile with one added to n, as in split conformal prediction."""
    z = np.sort(z)
    return float(z[min(len(z) - 1, math.ceil(0.9 * (len(z) + 1)) - 1)])


def calibrated(r: np.ndarray, s: np.ndarray, f: np.ndarray) -> tuple[float, float]:
    """The own error and the half width in spreads."""
    size = np.abs(r)
    low, high = 0.0, 10.0 * quantile90(size / f) + 1e-9
    for _ in range(80):
        e = 0.5 * (low + high)
        low, high = (e, high) if quantile90(size / np.sqrt(s**2 + (e * f) ** 2 + 1e-300)) > Z90 else (low, e)
    e = max(high, 0.1 * float(np.median(size / f)))
    return e, quantile90(size / np.sqrt(s**2 + (e * f) ** 2))


def chosen(name: str, data: Set, errors: Errors) -> dict[int, tuple[float, int]]:
    """By what the interval of the answer that is chosen (the narrowest of equations and learned) must be widened to hold 90 %, by its tier: the choice favours what looks better than it is.

    Molecules that the learned models never saw, once with their inputs measured where measured and once with everything hidden.
    """
    item = BY_NAME[name]
    zs: dict[int, list[np.ndarray]] = defaultdict(list)
    for t, truth in data.truth.items():
        for hidden in ("*", name):
            c = Sheet(data.facts, data.figures, t, learnt=data.learnt, hidden=frozenset([hidden]), errors=errors).estimated(name, t)
            with np.errstate(divide="ignore", invalid="ignore"):
                r = np.log(c.mean / truth) if item.log else c.mean - truth
                half = np.log(c.high / c.low) / 2 if item.log else (c.high - c.low) / 2
            for tier in NAMES:
                zs[tier].append((np.abs(r) / half)[np.isfinite(truth) & c.known & c.inside & (c.tier == tier) & data.fair])
    out = {}
    for tier, parts in zs.items():
        z = np.concatenate(parts)
        if len(z) >= FEWEST:
            out[tier] = (float(np.clip(quantile90(z), 1.0, 2.5)), len(z))
    return out


def sets_of(parts: tuple[str, ...], wanted: Callable[[str], bool]) -> dict[str, Set]:
    known: dict[str, list[Truth]] = defaultdict(list)
    for part in parts:
        for t in truths(part, most=MOST, wanted=wanted):
            known[t.property].append(t)
    return {name: Set(agreed(ts)) for name, ts in known.items()}


def main() -> None:
    measured_sets, learned_sets = sets_of(("calibration",), lambda s: True), sets_of(("calibration", "free"), lambda s: fold(inchikey(s)) < members())
    table: dict[tuple[str, int], tuple[float, float]] = {}
    rows: dict[tuple[str, int], dict[str, object]] = {}
    tiers = (MECHANISM, HYBRID) if members() else (MECHANISM,)
    for turn in range(PASSES):
        for m in METHODS:
            for tier in tiers:
                sets = measured_sets if tier == MECHANISM else learned_sets
                if m.property not in sets:
                    continue
                r, s, f = residuals(m, sets[m.property], tier, table)
                if len(r) < FEWEST:
                    continue
                e, half = calibrated(r, s, f)
                table[m.id, tier] = (e, half)
                bias, mad = float(np.median(r)), float(np.median(np.abs(r)))
                name = NAMES[tier]
                rows[m.id, tier] = {
                    "property": m.property,
                    "method": m.id,
                    "tier": name,
                    "error": f"{e:.4g}",
                    "half_width": f"{half:.3f}",
                    "n": len(r),
                    "bias": f"{bias:.3g}",
                    "median": f"{mad:.3g}",
                }
                if turn == PASSES - 1:
                    print(*rows[m.id, tier].values(), sep="  ", flush=True)
    for name, data in learned_sets.items():
        handicap = {(name, tier): max(1.0, factor) for tier, (factor, _) in chosen(name, data, Errors(table)).items()}
        for tier, (factor, n) in chosen(name, data, Errors(table, {}, handicap)).items():
            h = handicap.get((name, tier), 1.0)
            rows[f"*{name}", tier] = {"property": name, "method": "*", "tier": NAMES[tier], "error": f"{h:.3f}", "half_width": f"{factor:.3f}", "n": n, "bias": "", "median": ""}
            print(name, "chosen", NAMES[tier], f"{h:.3f}", f"{factor:.3f}", n)
    order = {m.id: i for i, m in enumerate(METHODS)}
    with OUT.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, ["property", "method", "tier", "error", "half_width", "n", "bias", "median"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[k] for k in sorted(rows, key=lambda k: (order.get(k[0], len(order)), k)))
    card = {
        "what": "own error of each method (of ln y, or in the property's SI unit; of carrying methods for 100 K) and half width of the 90 % interval in spreads",
        "data": f"figures of chemicals {core_figures().made_from} (MIT), molecules whose InChIKey's SHA-256 begins with byte 51 to 101",
        "learned": f"tier hybrid by each of {members()} members of the ensemble for molecules that it never saw, of the parts calibration and free",
        "default half width": Z90,
        "script": "training/property_methods.py",
        "sha256": hashlib.sha256(OUT.read_bytes()).hexdigest(),
    }
    OUT.with_name("method_errors.card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
