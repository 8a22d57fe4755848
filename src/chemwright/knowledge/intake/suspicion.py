"""What looks wrong about numbers as they come in, and what would explain it. A suspicion is stored beside the number and never changes it.

A number is held against the others of its substance, property, phase and conditions (those in the base, and those of its own batch) by a robust z: the distance
from their median over the larger of the property's customary scatter and their own spread, on the property's scale. A number that stands apart is read
again in the other units people use, as a logarithm, per gram instead of per mole, with its decimal point moved; the reading that makes it agree is stated.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import field, frozen
from sqlalchemy import Connection
from sqlalchemy import text as sql

from chemwright.knowledge.intake.readings import explain
from chemwright.knowledge.properties import Property

FAR_FROM_ONE = 8.0
"""z from which a number is suspected when only one other is known."""
FAR = 6.0
"""z from which a number is suspected when several others are known."""
NEAR = 3.5
"""z within which another reading of a number agrees with the others."""
AMBIENT = (8e4, 1.2e5)
_PAIRS = 2000


@frozen
class Numbers:
    """Numbers that come in, one entry for each.

    Args:
        substance: rows of the base, shape (n,).
        property: index into ``properties``, shape (n,).
        group: codes of phase and further conditions, equal where they are equal; -1 matches no row of the base, shape (n,).
        temperature, pressure: SI, NaN where not told, shape (n,).
        value: SI, shape (n,).
        std: SI, NaN where not told, shape (n,).
        number: as written, shape (n,).
        unit: as written, length n.
        molar_mass: kg/mol, 0 where unknown, shape (n,).
    """

    substance: np.ndarray = field(eq=False)
    property: np.ndarray = field(eq=False)
    group: np.ndarray = field(eq=False)
    temperature: np.ndarray = field(eq=False)
    pressure: np.ndarray = field(eq=False)
    value: np.ndarray = field(eq=False)
    std: np.ndarray = field(eq=False)
    number: np.ndarray = field(eq=False)
    unit: Sequence[str] = field(eq=False)
    molar_mass: np.ndarray = field(eq=False)


@frozen
class Suspicion:
    """What looks wrong about one number: a kind (``unit``, ``log``, ``molar``, ``decimal``, ``sign``, ``outlier``, ``range``) and a sentence."""

    kind: str
    text: str


@frozen
class Held:
    """Numbers that the base holds: substance, property (index), group code, temperature, pressure, value; each of shape (m,)."""

    substance: np.ndarray = field(eq=False)
    property: np.ndarray = field(eq=False)
    group: np.ndarray = field(eq=False)
    temperature: np.ndarray = field(eq=False)
    pressure: np.ndarray = field(eq=False)
    value: np.ndarray = field(eq=False)


def judge(numbers: Numbers, held: Held, properties: Sequence[Property]) -> dict[int, Suspicion]:
    """Suspicions by row of ``numbers``; rows without one are left out.

    Args:
        numbers: what comes in, within its physical bounds.
        held: what is known of the same substances and properties.
        properties: what the indices of both mean.
    """
    out = _unusual(numbers, properties)
    n = len(numbers.value)
    which = np.concatenate([numbers.property, held.property])
    value = np.concatenate([numbers.value, held.value])
    scaled = _scaled(value, which, properties)
    keys = np.column_stack([
        np.concatenate([numbers.substance, held.substance]), which, np.concatenate([numbers.group, held.group]),
        _kelvin_bin(np.concatenate([numbers.temperature, held.temperature])), _pressure_bin(np.concatenate([numbers.pressure, held.pressure])),
    ])  # fmt: skip
    order = np.lexsort(keys.T[::-1])
    ordered = keys[order]
    starts = np.flatnonzero(np.concatenate([[True], np.any(ordered[1:] != ordered[:-1], axis=1)])) if len(order) else np.zeros(0, dtype=int)
    ends = np.append(starts[1:], len(order))
    if len(starts) == 0:
        return out
    place = np.argsort(order)
    for i in list(out):  # what several others say too is no slip, however unusual
        k = int(np.searchsorted(starts, place[i], side="right")) - 1
        others = scaled[[j for j in order[starts[k] : ends[k]] if j != i]]
        if len(others) > 1 and abs(scaled[i] - np.median(others)) <= NEAR:
            del out[i]
    spread = np.maximum.reduceat(scaled[order], starts) - np.minimum.reduceat(scaled[order], starts)
    for k in np.flatnonzero(~(spread <= FAR)).tolist():
        members = order[starts[k] : ends[k]]
        if len(members) > 1:
            for i in members[members < n]:
                found = _stands_apart(int(i), members[members != i], scaled, value, numbers, properties[which[i]])
                if found is not None:
                    out[int(i)] = found
    return out


def _stands_apart(i: int, others: np.ndarray, scaled: np.ndarray, value: np.ndarray, numbers: Numbers, item: Property) -> Suspicion | None:
    """The suspicion of one number against the others, or None."""
    around = scaled[others]
    middle = float(np.median(around))
    width = max(1.0, 1.4826 * float(np.median(np.abs(around - middle))))
    if len(others) == 2:
        width = max(width, 0.6 * float(np.ptp(around)))
    if np.isfinite(numbers.std[i]):
        width = max(width, abs(float(_scaled_std(numbers.std[i], numbers.value[i], item))))
    far = abs(scaled[i] - middle) / width
    if not far > (FAR if len(others) > 1 else FAR_FROM_ONE):
        return None
    median = float(np.median(value[others]))
    whom = f"{len(others)} others (median {median:.6g})" if len(others) > 1 else f"the other one ({median:.6g})"

    def distance(other: float) -> float:
        return float(abs(_scaled(np.array([other]), np.zeros(1, dtype=int), [item])[0] - middle) / min(width, 2.0))  # a chance agreement is easy where the others scatter

    reading = explain(float(numbers.number[i]), numbers.unit[i], float(numbers.value[i]), item, float(numbers.molar_mass[i]), distance, NEAR)
    unit = "" if item.unit == "1" else f" {item.unit}"
    if reading is None:
        return Suspicion("outlier", f"{item.name} {value[i]:.6g}{unit} is {far:.3g} customary scatters from {whom}{' of its batch and the base' if len(others) > 1 else ''}")
    kind, words, better = reading
    return Suspicion(kind, f"{words} = {better:.6g}{unit} agrees with {whom}, {value[i]:.6g}{unit} does not")


def _scaled(value: np.ndarray, which: np.ndarray, properties: Sequence[Property]) -> np.ndarray:
    """Values in units of the property's customary scatter: differences of the result are z. Numbers without a sign of their own are compared by ratio."""
    out = np.empty(len(value))
    for k in np.unique(which):
        item, rows = properties[k], which == k
        x, scatter = value[rows], item.scatter or 0.05
        if item.scatter_kind == "absolute":
            out[rows] = x / scatter
        elif item.low is not None and item.low >= 0:
            out[rows] = np.log(np.maximum(x, 1e-300)) / scatter
        else:
            out[rows] = np.arcsinh(x / 2e-12) / scatter  # a ratio for either sign
    return out


def _scaled_std(std: float, value: float, item: Property) -> float:
    scatter = item.scatter or 0.05
    return std / scatter if item.scatter_kind == "absolute" else std / max(abs(value), 1e-300) / scatter


def _kelvin_bin(t: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(t), -1, np.round(np.nan_to_num(t, nan=0.0, posinf=0.0, neginf=0.0))).astype(np.int64)


def _pressure_bin(p: np.ndarray) -> np.ndarray:
    """Pressures within 2 % or so of each other; none told and the atmosphere's are one."""
    safe = np.where(np.isfinite(p) & (p > 0), p, 101325.0)
    return np.where((safe >= AMBIENT[0]) & (safe <= AMBIENT[1]), -1000, np.round(np.log10(safe) * 50)).astype(np.int64)


def _unusual(numbers: Numbers, properties: Sequence[Property]) -> dict[int, Suspicion]:
    low = np.array([-np.inf if p.low_usual is None else p.low_usual for p in properties])
    high = np.array([np.inf if p.high_usual is None else p.high_usual for p in properties])
    if not len(numbers.value):
        return {}
    odd = (numbers.value < low[numbers.property]) | (numbers.value > high[numbers.property])
    return {int(i): Suspicion("range", properties[numbers.property[i]].suspicion(float(numbers.value[i]))) for i in np.flatnonzero(odd)}


def held_numbers(connection: Connection, substances: np.ndarray, properties: np.ndarray, rows_of: Sequence[int], codes: dict[tuple[str, str], int]) -> Held:
    """What the base holds, and counts as known, of pairs of substance and property.

    Args:
        connection: to read from.
        substances: rows of the base, shape (n,).
        properties: index into ``rows_of``, shape (n,).
        rows_of: row of each property in the base.
        codes: (phase, further conditions as JSON) to group code; others get -2, which nothing that comes in has.
    """
    index = {row: i for i, row in enumerate(rows_of)}
    pairs = np.unique(np.column_stack([substances, np.asarray(rows_of, dtype=np.int64)[properties]]), axis=0) if len(substances) else np.zeros((0, 2), dtype=np.int64)
    found: list[tuple[int, int, int, float, float, float]] = []
    for start in range(0, len(pairs), _PAIRS):
        wanted = ", ".join(f"({s}, {p})" for s, p in pairs[start : start + _PAIRS].tolist())  # whole numbers of our own making
        query = (
            f"WITH w(s, p) AS (VALUES {wanted}) SELECT c.substance, c.property, c.phase, c.conditions, c.temperature, c.pressure, c.value "
            "FROM w CROSS JOIN claim c WHERE c.substance = w.s AND c.property = w.p AND c.status = 0"
        )
        for s, p, phase, conditions, t, pressure, value in connection.execute(sql(query)):
            found.append((s, index[p], codes.get((phase, conditions), -2), np.nan if t is None else t, np.nan if pressure is None else pressure, value))
    table = np.array(found, dtype=float).reshape(-1, 6)
    return Held(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2].astype(np.int64), table[:, 3], table[:, 4], table[:, 5])
