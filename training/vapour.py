"""Pure vapour pressures for training and scoring: the best that measured data of the pure substance give, else an estimate.

ln P is that of Ambrose and Walton (Pure Appl. Chem. 61 (1989) 1395) for the substance's Tc, Pc and acentric factor, plus a correction that is a cubic in 1/T, fitted robustly
(Huber, ridge towards zero) to measured vapour pressures (ThermoML, pure substances only) and to the correlations that `chemicals` carries, sampled inside their ranges. Critical
constants: tables of `chemicals`, else Joback; boiling points: tables, else Joback. Where nothing is measured the Ambrose-Walton estimate stands alone.

The vapour is corrected by the second virial coefficient (Tsonopoulos, AIChE J. 20 (1974) 263, non-polar terms; Prausnitz' mixing rules with kij = 0).
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

Array = NDArray[np.float64]
R = 8.31446261815324
VERSION = 3


@frozen
class Pure:
    """Tc [K], Pc [Pa], acentric factor [1], four coefficients of the correction, where it comes from ('measured', 'boiling point', 'estimated'), and range of the data [K]."""

    tc: float
    pc: float
    omega: float
    c: tuple[float, ...]
    kind: str
    low: float
    high: float

    def ln_psat(self, t: Array) -> Array:
        """ln(P/Pa) at T [K]; the correction is held constant in 1/T outside the data's range by 30 K."""
        return ambrose_walton(t, self.tc, self.pc, self.omega) + _basis(np.clip(t, self.low - 30.0, self.high + 30.0), self.tc) @ np.array(self.c)


def ambrose_walton(t: Array, tc: float, pc: float, omega: float) -> Array:
    """ln(P/Pa) of Ambrose and Walton's three-parameter corresponding states; above Tc a straight line in 1/T with the slope at Tc."""
    tr = np.minimum(np.asarray(t, float) / tc, 0.9999)
    tau = 1.0 - tr
    f0 = (-5.97616 * tau + 1.29874 * tau**1.5 - 0.60394 * tau**2.5 - 1.06841 * tau**5) / tr
    f1 = (-5.03365 * tau + 1.11505 * tau**1.5 - 5.41217 * tau**2.5 - 7.46628 * tau**5) / tr
    f2 = (-0.64771 * tau + 2.41539 * tau**1.5 - 4.26979 * tau**2.5 + 3.25259 * tau**5) / tr
    slope = 5.97616 + 5.03365 * omega + 0.64771 * omega**2
    return np.log(pc) + f0 + omega * f1 + omega**2 * f2 + slope * np.maximum(0.0, 1.0 - tc / np.asarray(t, float))


def _basis(t: Array, tc: float) -> Array:
    u = 2.0 * (tc / np.asarray(t, float) - 1.6)
    return np.stack([np.ones_like(u), u, u**2, u**3], -1)


def _fit(t: Array, gap: Array, weight: Array, tc: float) -> tuple[float, ...]:
    """Robust ridge fit of the correction."""
    x, w = _basis(t, tc), weight.copy()
    prior = np.diag(1.0 / np.array([2.0, 0.7, 0.25, 0.1]) ** 2) * 0.01**2
    c = np.zeros(4)
    for _ in range(25):
        c = np.linalg.solve((x * w[:, None]).T @ x + prior, (x * w[:, None]).T @ gap)
        r = np.abs(gap - x @ c)
        s = max(0.004, 1.5 * float(np.median(r)))
        w = weight * np.where(r < s, 1.0, s / np.maximum(r, 1e-12)) * np.where(r > 12 * s, 0.1, 1.0)
    return tuple(float(v) for v in c)


def _constants(cas: str, smiles: str) -> tuple[float, float, float, bool]:
    """Tc [K], Pc [Pa], Tb [K] and whether Tb is from a table."""
    import chemicals
    from thermo.group_contribution.joback import Joback

    tb = chemicals.Tb(cas) if cas and [m for m in chemicals.Tb_methods(cas) if m != "JOBACK"] else None
    tc, pc = None, None
    if cas:
        guess = ("JOBACK", "WILSON_JASPERSON", "FEDORS")
        tcs = [m for m in chemicals.Tc_methods(cas) if m not in guess]
        pcs = [m for m in chemicals.Pc_methods(cas) if m not in guess]
        tc = chemicals.Tc(cas, method=tcs[0]) if tcs else None
        pc = chemicals.Pc(cas, method=pcs[0]) if pcs else None
    known = tb is not None
    job = Joback(smiles) if not (tb and tc and pc) else None
    if job is not None and job.success and job.counts:
        tb = tb or job.Tb(job.counts)
        ratio = job.Tc(job.counts, 1.0)
        tc = tc or (tb * ratio if ratio and 1.2 < ratio < 2.0 else 1.5 * tb)
        pc = pc or job.Pc(job.counts, job.atom_count)
    from rdkit import Chem
    from rdkit.Chem.rdMolDescriptors import _CalcMolWt

    tb = tb or (tc / 1.5 if tc else 300.0 + 1.2 * _CalcMolWt(Chem.MolFromSmiles(smiles)))
    tc = tc or 1.5 * tb
    return float(tc), float(pc or 35e5), float(min(tb, 0.95 * tc)), known


def _omega(tb: float, tc: float, pc: float) -> float:
    """Acentric factor that puts the vapour pressure at Tb to 101325 Pa."""
    grid = np.linspace(-0.3, 2.0, 2301)
    p = np.array([float(ambrose_walton(np.array([tb]), tc, pc, w)[0]) for w in grid[::10]])
    return float(np.interp(-np.log(101325.0), -p, grid[::10]))


def make(key: str, smiles: str, measured: tuple[Array, Array] | None) -> Pure:
    """The vapour pressure of one substance."""
    from chemicals.identifiers import pubchem_db

    from chemwright.property.tables import vapour_pressures

    found = pubchem_db.search_InChI_key(key)
    cas = str(found.CASs) if found else ""
    tc, pc, tb, known = _constants(cas, smiles)
    parts = []
    if measured is not None:
        t, p = measured
        fine = (t < 0.995 * tc) & (t > 0.25 * tc)
        parts.append((t[fine], np.log(p[fine]), np.ones(int(fine.sum()))))
    for rank, curve in enumerate(vapour_pressures(cas)):
        t = np.linspace(curve.t_min, min(curve.t_max, 0.99 * tc), 16)
        value = curve.psat(t)
        fine = np.isfinite(value) & (value > 0.1)
        parts.append((t[fine], np.log(value[fine]), np.full(int(fine.sum()), 1.0 / (1 + rank))))
    t, y, w = (np.concatenate(v) if parts else np.zeros(0) for v in (zip(*parts, strict=True) if parts else ((), (), ())))
    omega = _omega(tb, tc, pc)
    if len(t) == 0:
        return Pure(tc, pc, omega, (0.0,) * 4, "boiling point" if known else "estimated", tb, tb)
    if known:  # one more reading
        t, y, w = np.append(t, tb), np.append(y, np.log(101325.0)), np.append(w, 0.3)
    c = _fit(t, y - ambrose_walton(t, tc, pc, omega), w, tc)
    return Pure(tc, pc, omega, c, "measured", float(t.min()), float(t.max()))


@lru_cache(maxsize=1)
def table() -> dict[str, Pure]:
    """Every substance of the data that counts; kept in the temporary folder, as JSON, since it takes a minute."""
    import thermoml

    smiles = {key: s for key, s, why in thermoml.molecules().values() if not why}
    stamp = hashlib.sha256(f"{VERSION}{sorted(smiles)}".encode()).hexdigest()[:12]
    kept = Path(os.environ.get("CHEMWRIGHT_TRAINING_CACHE", tempfile.gettempdir())) / f"chemwright-psat-{stamp}.json"
    if kept.is_file():
        return {k: Pure(*v[:3], tuple(v[3]), *v[4:]) for k, v in json.loads(kept.read_text(encoding="utf-8")).items()}
    measured = thermoml.pure()
    out = {key: make(key, s, measured.get(key)) for key, s in sorted(smiles.items())}
    kept.write_text(json.dumps({k: [v.tc, v.pc, v.omega, v.c, v.kind, v.low, v.high] for k, v in out.items()}), encoding="utf-8")
    return out


def critical_temperatures(keys: Sequence[str]) -> dict[str, float]:
    """Tc [K] of each key."""
    known = table()
    return {k: known[k].tc for k in keys}


def virial(a: Pure, b: Pure, t: Array) -> tuple[Array, Array, Array]:
    """Second virial coefficients B11, B22, B12 [m^3/mol] at T [K]."""

    def tsonopoulos(tc: float, pc: float, omega: float) -> Array:
        tr = np.maximum(t / tc, 0.35)
        f0 = 0.1445 - 0.330 / tr - 0.1385 / tr**2 - 0.0121 / tr**3 - 0.000607 / tr**8
        f1 = 0.0637 + 0.331 / tr**2 - 0.423 / tr**3 - 0.008 / tr**8
        return R * tc / pc * (f0 + omega * f1)

    za, zb = (0.291 - 0.08 * p.omega for p in (a, b))
    va, vb = za * R * a.tc / a.pc, zb * R * b.tc / b.pc
    tc = float(np.sqrt(a.tc * b.tc))
    v = ((va ** (1 / 3) + vb ** (1 / 3)) / 2) ** 3
    return tsonopoulos(a.tc, a.pc, a.omega), tsonopoulos(b.tc, b.pc, b.omega), tsonopoulos(tc, 0.5 * (za + zb) * R * tc / v, 0.5 * (a.omega + b.omega))
