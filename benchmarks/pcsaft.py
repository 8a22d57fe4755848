"""PC-SAFT against ThermoML: published parameters, parameters from structure on molecules never trained on, the same with a measured boiling point, and Joback's route as the peer.

    CHEMWRIGHT_THERMOML=... python benchmarks/pcsaft.py [--json benchmarks/results/pcsaft.json]

Data, split and scorer: `pcsaft_data.py`. Each figure is over molecules: of each the mean relative deviation, then median, mean and 90th percentile. Points without an answer count as 100 %.
"""

from __future__ import annotations

import argparse
import json
import math
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pcsaft_data import LEAST_PRESSURE, TEST, Points, densities, fold, per_molecule, score, vapour_pressures

from chemwright.thermo.saft import intervals, pure
from chemwright.thermo.saft.learned import Learned, from_structure, least_boiling
from chemwright.thermo.saft.network import bounded, combined, group_contribution
from chemwright.thermo.saft.published import table

UNIT = "factor"
CONTRADICTED = 3.0


def published_of(points: Points) -> np.ndarray:
    """Published parameters by the first block of the InChIKey, nan where there are none."""
    rows = [table().get(k.lower()) for k in points.key]
    return np.array([r.row() if r else [np.nan] * 8 for r in rows])


def molar_masses(points: Points) -> np.ndarray:
    """[kg/mol]."""
    from rdkit.Chem import Descriptors, MolFromSmiles

    return np.array([Descriptors.MolWt(MolFromSmiles(s)) * 1e-3 for s in points.smiles])


def pressures(values: np.ndarray, points: Points) -> np.ndarray:
    return pure.vapour_pressure(values[points.of], points.T)


def masses(values: np.ndarray, points: Points) -> np.ndarray:
    return pure.liquid_density(values[points.of], points.T, points.p) * molar_masses(points)[points.of]


def joback(points: Points) -> tuple[np.ndarray, np.ndarray]:
    """Vapour pressures by Joback's critical point and boiling point with Lee-Kesler, densities (saturated) by Rackett with Reid's compressibility; nan where groups are missing."""
    from chemicals.acentric import LK_omega
    from chemicals.vapor_pressure import Lee_Kesler
    from chemicals.volume import Rackett

    from chemwright.property.molecule import joback as groups

    p, rho, m = np.full(len(points.of), np.nan), np.full(len(points.of), np.nan), molar_masses(points)
    for i, smiles in enumerate(points.smiles):
        said = groups(smiles)
        if not said or not 0.4 < said["Tb"] * said["Tc_ratio"] / said["Tb"] < 4.0:
            continue
        tc, pc = said["Tb"] * said["Tc_ratio"], said["Pc"]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            omega = LK_omega(said["Tb"], tc, pc)
            for j in np.flatnonzero(points.of == i):
                if points.T[j] < tc and math.isfinite(omega):
                    p[j] = Lee_Kesler(points.T[j], tc, pc, omega)
                    rho[j] = m[i] / Rackett(points.T[j], tc, pc, 0.291 - 0.08 * omega)
    return p, rho


def covered(kind: str, model: Learned, points: Points, said: np.ndarray) -> dict[str, float]:
    """Coverage of the 90 % intervals, each molecule counting once, and their mean width as a factor (high over low is its square), in and out of the domain."""
    far = intervals.distance(kind, pure.boiling_temperature(model.values)[points.of], points.T)
    drivers = intervals.drivers(model.inputs, points.of, model.net.calibration["molecules"], far)
    half = intervals.half_width(model.net, kind, drivers, model.in_domain[points.of])
    inside = np.where(np.isfinite(said), np.abs(np.log(points.value / np.where(np.isfinite(said), said, 1.0))) <= half, False)
    n = np.bincount(points.of)
    each, width = np.bincount(points.of, inside) / n, np.bincount(points.of, half) / n
    home = model.in_domain
    bound = 2.0 * math.sqrt(0.09 / len(n))
    return {
        "coverage": round(float(each.mean()), 4),
        "two_binomial_sd": round(bound, 4),
        f"mean_half_width_{UNIT}": round(float(np.exp(width.mean())), 4),
        "in_domain": round(float(np.exp(width[home].mean())), 4),
        "out_of_domain": round(float(np.exp(width[~home].mean())), 4) if (~home).any() else 0.0,
        "molecules_out_of_domain": int((~home).sum()),
        "widest": round(float(np.exp(half.max())), 2),
    }


def unseen(smiles: Sequence[str]) -> Learned:
    """Parameters from structure; the boiling points they keep to are said of each molecule by the member of the learned boiling points that never saw it."""
    from property_answers_data import FairLearnt

    return from_structure(smiles, least_boiling(FairLearnt(smiles).estimates("normal_boiling_point")))


def contribution(model: Learned) -> np.ndarray:
    """Parameters by the group contribution alone, the network's departures left out."""
    i, zero = model.inputs, np.zeros((len(model.smiles), 6))
    return combined(np.array([bounded(zero, group_contribution(i, m["cv"], m["cm"], m["ce"]), i) for m in model.net.members]))


def boiling_points(points: Points, least: int, within: float = 0.03) -> np.ndarray:
    """Measured normal boiling points [K] by the median of the tables of `chemicals` (not ThermoML); nan where fewer than ``least`` have one or they differ by more."""
    from chemicals.identifiers import pubchem_db

    from chemwright.knowledge.core import readings

    pubchem_db.finish_loading()
    wanted = {k: i for i, k in enumerate(points.key)}
    said: dict[int, list[float]] = {}
    for r in readings.direct():
        if r.property == "normal_boiling_point":
            text = str(r.cas)
            found = pubchem_db.search_CAS(f"{text[:-3]}-{text[-3:-1]}-{text[-1]}", autoload=False)
            if found and found.InChI_key and (i := wanted.get(found.InChI_key[:14])) is not None:
                said.setdefault(i, []).append(r.value)
    out = np.full(len(points.key), np.nan)
    for i, values in said.items():
        if len(values) >= least and max(values) - min(values) < within * min(values):
            out[i] = float(np.median(values))
    return out


def contradicted(points: Points, boiling: np.ndarray) -> np.ndarray:
    """Molecules whose ThermoML pressures miss one atmosphere at the boiling point of the tables by a factor of three: a unit or a name is wrong somewhere (no model is asked)."""
    out = np.zeros(len(points.key), bool)
    for i in np.flatnonzero(np.isfinite(boiling)):
        rows = points.of == i
        near = np.abs(points.T[rows] - boiling[i]) < 10.0
        if near.any():
            # 0.035 per kelvin is what a vapour pressure changes by near boiling
            said = np.log(points.value[rows][near] / 101325.0) - 0.035 * (points.T[rows][near] - boiling[i])
            out[i] = abs(np.median(said)) > math.log(CONTRADICTED)
    return out


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--json", type=Path)
    where = ask.parse_args().json
    all_p, rho = vapour_pressures(), densities()
    p = all_p.rows(all_p.value >= LEAST_PRESSURE)
    low = all_p.rows(all_p.value < LEAST_PRESSURE)
    out: dict[str, dict[str, float]] = {}
    known = {k for k in {*p.key, *rho.key} if table().get(k.lower())}
    a, b = p.take(known.__contains__), rho.take(known.__contains__)
    out["published: vapour pressure"] = score(a, pressures(published_of(a), a))
    out["published: density"] = score(b, masses(published_of(b), b))
    test = p.take(lambda k: fold(k) == TEST)
    test_rho = rho.take(lambda k: fold(k) == TEST)
    model, model_rho = unseen(test.smiles), unseen(test_rho.smiles)
    said, said_rho = pressures(model.values, test), masses(model_rho.values, test_rho)
    out["from structure: vapour pressure"] = score(test, said)
    out["from structure: density"] = score(test_rho, said_rho)
    out["the same without the learned boiling point: vapour pressure"] = score(test, pressures(from_structure(test.smiles, np.nan).values, test))
    far = set(np.argsort(-per_molecule(test, said))[:3].tolist())
    near = test.take({k for i, k in enumerate(test.key) if i not in far}.__contains__)
    out["from structure, without the three furthest off: vapour pressure"] = score(near, pressures(unseen(near.smiles).values, near))
    out["group contribution alone: vapour pressure"] = score(test, pressures(contribution(model), test))
    out["group contribution alone: density"] = score(test_rho, masses(contribution(model_rho), test_rho))
    boiling = boiling_points(test, 1)
    wrong = contradicted(test, boiling)
    sound = test.take({k for k, w in zip(test.key, wrong, strict=True) if not w}.__contains__)
    out["from structure: vapour pressure, without molecules whose data contradict their boiling point"] = score(sound, pressures(unseen(sound.smiles).values, sound))
    agreed = boiling_points(test, 2, 0.01)
    has = test.take({k for k, t in zip(test.key, agreed, strict=True) if np.isfinite(t)}.__contains__)
    tb = boiling_points(has, 2, 0.01)
    free = unseen(has.smiles)
    out["from structure, where two tables agree on a boiling point: vapour pressure"] = score(has, pressures(free.values, has))
    out["the same with that boiling point: vapour pressure"] = score(has, pressures(free.anchored(boiling=tb).values, has))
    peer, peer_rho = joback(test)[0], joback(test_rho)[1]
    out["Joback + Lee-Kesler: vapour pressure"] = score(test, peer)
    out["Joback + Rackett: density"] = score(test_rho, peer_rho)
    common = np.isfinite(peer)
    out["Joback + Lee-Kesler, where it answers: vapour pressure"] = score(test.rows(common), peer[common])
    out["from structure, same points: vapour pressure"] = score(test.rows(common), said[common])
    few = low.take(lambda k: fold(k) == TEST)
    out["from structure: vapour pressure below 1 Pa"] = score(few, pressures(unseen(few.smiles).values, few))
    spans = {"vapour pressure": covered("psat", model, test, said), "density": covered("density", model_rho, test_rho, said_rho)}
    for name, row in out.items():
        print(
            f"{name:95s} median {row['median']:6.2f} mean {row['mean']:8.2f} p90 {row['p90']:7.2f} worst {row['worst']:9.1f} %  {row['molecules']} molecules {row['points']} points, {row['answered']} % answered"
        )
    for name, row in spans.items():
        print(f"90 % intervals, {name}: {row}")
    worst = np.argsort(-per_molecule(test, said))[:12]
    print("furthest off:", [(test.smiles[i], round(100 * float(per_molecule(test, said)[i]))) for i in worst], "contradicted:", [test.smiles[i] for i in np.flatnonzero(wrong)])
    if where:
        where.write_text(json.dumps({"scores": out, "intervals": spans}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
