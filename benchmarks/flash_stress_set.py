"""The stress set of the flash: 2,000 random mixtures of real substances with five feeds each, seeded, never filtered by what converges.

Committed before the solver. Two families: ``PR`` and ``SRK`` (classical mixing) with critical constants, and ``UNIFAC`` (liquid activity coefficients and Antoine's vapour pressure, ideal vapour). 2 to 8 substances of
``flash_substances.csv`` (constants gathered from `chemicals`, MIT). Regimes: ``wide`` (any T and P), ``boundary`` (pressure around the bubble or dew point of Raoult's or Wilson's rule), ``critical`` (around Kay's pseudocritical
point), ``azeotrope`` (a pair known to form one, within 2 % of the bubble pressure or so), ``immiscible`` (water and oil and others) and in every regime traces down to 1e-12.

The binary interaction parameters of the cubic family are the set's own: 0.5 for water with hydrocarbons and gases, 0.1 for carbon dioxide with the rest, 0.05 times a seeded number otherwise; they make the phases part and are no
recommendation.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

Array = NDArray[np.float64]
MIXTURES, FEEDS = 2000, 5
SEED = 20260501
REGIMES = ("wide", "boundary", "critical", "azeotrope", "immiscible")
AZEOTROPES = (
    ("ethanol", "water"),
    ("2-propanol", "water"),
    ("benzene", "cyclohexane"),
    ("acetone", "chloroform"),
    ("ethanol", "benzene"),
    ("methanol", "acetone"),
    ("ethyl acetate", "ethanol"),
    ("n-hexane", "ethanol"),
    ("1-butanol", "water"),
    ("methanol", "chloroform"),
    ("carbon dioxide", "ethane"),
    ("tetrahydrofuran", "water"),
    ("toluene", "ethanol"),
    ("formic acid", "water"),
)


@frozen
class Substance:
    """One line of the list: constants in SI, ``unifac`` says whether the original UNIFAC has its groups."""

    name: str
    family: str
    cas: str
    smiles: str
    tc: float
    pc: float
    omega: float
    antoine: tuple[float, float, float]
    unifac: bool


@frozen(eq=False)
class Mixture:
    """Feeds of one mixture: mole fractions z (5, c), T (5,) [K], P (5,) [Pa], regimes, and the model's family; ``kij`` (c, c) is zero for UNIFAC."""

    seed: int
    family: str
    substances: tuple[Substance, ...]
    kij: Array
    z: Array
    T: Array
    P: Array
    regimes: tuple[str, ...]


@cache
def substances() -> tuple[Substance, ...]:
    """The committed list."""
    with (Path(__file__).parent / "flash_substances.csv").open(encoding="utf-8", newline="") as f:
        return tuple(
            Substance(
                r["name"],
                r["family"],
                r["cas"],
                r["smiles"],
                float(r["critical_temperature_K"]),
                float(r["critical_pressure_Pa"]),
                float(r["acentric_factor"]),
                (float(r["antoine_A"]), float(r["antoine_B_K"]), float(r["antoine_C_K"])),
                r["unifac"] == "1",
            )
            for r in csv.DictReader(f)
        )


def mixture(number: int) -> Mixture:
    """Mixture ``number`` (0 to 1999) and its feeds; the same on every machine."""
    seed = SEED + number
    rng = np.random.default_rng(seed)
    family = str(rng.choice(["PR", "SRK", "UNIFAC"], p=[0.35, 0.15, 0.5]))
    style = str(rng.choice(["any", "azeotrope", "immiscible"], p=[0.5, 0.25, 0.25]))
    chosen = _choose(rng, family, style)
    kij = _interactions(rng, chosen) if family != "UNIFAC" else np.zeros((len(chosen),) * 2)
    activity = _unifac(chosen) if family == "UNIFAC" else None
    rows, kinds = [], []
    for _ in range(FEEDS):
        kind = style if style != "any" and rng.random() < 0.7 else str(rng.choice(REGIMES[:3] if family != "UNIFAC" else REGIMES[:2]))
        z = _composition(rng, len(chosen), kind)
        rows.append((z, *_state(rng, kind, chosen, z, activity)))
        kinds.append(kind)
    return Mixture(seed, family, chosen, kij, np.array([r[0] for r in rows]), np.array([r[1] for r in rows]), np.array([r[2] for r in rows]), tuple(kinds))


def _choose(rng: np.random.Generator, family: str, style: str) -> tuple[Substance, ...]:
    """2 to 8 different substances that the family knows; a pair with an azeotrope, or water and an oil, first."""
    table = {s.name: s for s in substances() if family != "UNIFAC" or s.unifac}
    n = int(rng.integers(2, 9))
    first: list[str] = []
    if style == "azeotrope":
        pairs = [p for p in AZEOTROPES if p[0] in table and p[1] in table]
        first = list(pairs[int(rng.integers(len(pairs)))])
    if style == "immiscible":
        oils = [s.name for s in table.values() if s.family in ("hydrocarbon", "chlorinated", "oxygenate")]
        first = ["water", str(rng.choice(oils))]
    rest = [name for name in table if name not in first]
    return tuple(table[name] for name in (first + [str(v) for v in rng.choice(rest, size=n - len(first), replace=False)]))


def _interactions(rng: np.random.Generator, chosen: tuple[Substance, ...]) -> Array:
    """The set's own kij (see the module)."""
    out = np.zeros((len(chosen),) * 2)
    for i, a in enumerate(chosen):
        for j, b in enumerate(chosen[:i]):
            names, families = {a.name, b.name}, {a.family, b.family}
            value = 0.05 * float(rng.normal())
            if "water" in names and families & {"hydrocarbon", "gas"}:
                value = 0.5
            elif "carbon dioxide" in names:
                value = 0.1
            out[i, j] = out[j, i] = min(max(value, -0.12), 0.5)
    return out


def _composition(rng: np.random.Generator, n: int, kind: str) -> Array:
    """Random mole fractions; in a third of the feeds some are traces of 1e-12 to 1e-3; pairs prevail in the regime ``azeotrope``."""
    z = rng.dirichlet(np.full(n, float(rng.choice([0.3, 1.0, 3.0]))))
    if kind == "azeotrope":
        z[2:] *= 10.0 ** rng.uniform(-6.0, 0.0, n - 2)
    if rng.random() < 1.0 / 3.0:
        trace = rng.permutation(n)[: int(rng.integers(1, n))]
        z[trace] = 10.0 ** rng.uniform(-12.0, -3.0, trace.size)
    z = np.maximum(z, 1e-12)
    return np.asarray(z / z.sum())


def _state(rng: np.random.Generator, kind: str, chosen: tuple[Substance, ...], z: Array, activity: Any) -> tuple[float, float]:
    """T [K] and P [Pa] of one feed."""
    tc, pc = np.array([s.tc for s in chosen]), np.array([s.pc for s in chosen])
    t_kay, p_kay = float(z @ tc), float(z @ pc)
    if activity is not None:
        t = float(rng.uniform(270.0, 480.0))
        if kind == "wide":
            return t, float(10.0 ** rng.uniform(3.0, 7.0))
        bubble, dew = _gamma_bounds(t, z, chosen, activity)
        if kind == "azeotrope":
            return t, bubble * float(np.exp(rng.uniform(-0.02, 0.02)))
        return t, float(np.exp(rng.uniform(np.log(dew) - 0.5, np.log(bubble) + 0.5)))
    if kind == "critical":
        return t_kay * float(rng.uniform(0.93, 1.1)), p_kay * float(rng.uniform(0.8, 1.8))
    if kind == "wide":
        return max(t_kay * float(rng.uniform(0.4, 1.3)), 120.0), float(10.0 ** rng.uniform(3.0, 7.7))
    t = max(t_kay * float(rng.uniform(0.5, 0.98)), 120.0) if kind != "immiscible" else float(rng.uniform(270.0, 450.0))
    psat = pc * np.exp(5.373 * (1.0 + np.array([s.omega for s in chosen])) * (1.0 - tc / t))
    bubble, dew = float(z @ psat), 1.0 / float(np.sum(z / psat))
    spread = 0.15 if kind == "azeotrope" else 0.7
    return t, float(np.clip(np.exp(rng.uniform(np.log(dew) - spread, np.log(bubble) + spread)), 10.0, 1e8))


def _gamma_bounds(t: float, z: Array, chosen: tuple[Substance, ...], activity: Any) -> tuple[float, float]:
    """Bubble pressure of one liquid, and Raoult's dew pressure [Pa]; both explicit."""
    psat = np.array([np.exp(a - b / (t + c)) for a, b, c in (s.antoine for s in chosen)])
    gamma = np.exp(np.array([float(g) for g in activity.ln_gamma([float(v) for v in z], t)]))
    return float(z @ (gamma * psat)), 1.0 / float(np.sum(z / psat))


def _unifac(chosen: tuple[Substance, ...]) -> Any:
    """Original UNIFAC of the mixture."""
    from chemwright.thermo.activity import Unifac

    return Unifac.from_smiles([(s.name, s.smiles) for s in chosen])
