"""Solubility of solids in solvents and mixed solvents: solid-liquid equilibrium with any activity model, and water with surfactant micelles.

ln(x gamma) = -(Hfus/R)(1/T - 1/Tm), the heat capacities of melt and solid taken as equal (Prausnitz, Lichtenthaler, Gomes de Azevedo, Molecular Thermodynamics of Fluid-Phase
Equilibria, 3rd ed. 1999, section 11.3); the solid is pure and keeps its form between T and Tm.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import frozen

from chemwright.errors import ConvergenceError, InputError
from chemwright.thermo.activity import ActivityModel
from chemwright.thermo.melting import Melting, melting

R = 8.31446261815324
MODEL_STD = 2.0
"""Standard uncertainty of ln(gamma) of a solid by PC-SAFT without a binary parameter: `benchmarks/solid_solubility.py` finds about 2 in hexane and octanol, on six points."""
FAINTEST = -34.0
"""ln of the smallest mole fraction that is looked for."""
STEPS = 69
WATERS = ("O", "[OH2]")
"""How SMILES write water."""
WATER = 55.3e3
"""Molar concentration of water [mol/m^3]."""
MICELLE_STD = 0.5
"""Estimate, of ln: the five drugs off the line by up to a factor of 1.62."""


@frozen
class Solubility:
    """A solid's solubility.

    Args:
        x: mole fraction of the solute in the saturated liquid [1].
        std_ln: standard uncertainty of ln x, of melting data and activity model together.
        low, high: 90 % interval of x.
        ln_gamma: ln(activity coefficient) of the solute there.
        ideal: mole fraction in an ideal solution.
        mass_per_mass: kg of solute in a kg of solvent.
        melting: the melting point and heat of fusion it rests on.
        note: what a reader should know.
    """

    x: float
    std_ln: float
    low: float
    high: float
    ln_gamma: float
    ideal: float
    mass_per_mass: float
    melting: Melting
    note: str = ""


def solid_solubility(
    solute: str, solvents: Sequence[tuple[str, float]], T: float, *, model: ActivityModel | None = None, known: Melting | None = None, model_std: float | None = None
) -> Solubility:
    """Solubility of a solid in a solvent or a mixture of solvents.

    Args:
        solute: SMILES.
        solvents: (SMILES, mole fraction in the solvent without solute), fractions scaled to one.
        T: [K].
        model: gives ln(gamma) of the solute (first) and the solvents (in order); PC-SAFT when not given.
        known: melting data; from tables, else estimated, when not given.
        model_std: standard uncertainty of the model's ln(gamma); :data:`MODEL_STD` when not given, and with water what the fit of its binary parameters left.

    Raises:
        InputError: no solvent, negative fractions, T not positive.
        PropertyMissing: no melting point of the solute, or no PC-SAFT parameters.
        ConvergenceError: no saturated liquid between the faintest fraction and the pure melt.
    """
    if not solvents or any(not f >= 0.0 for _, f in solvents) or not sum(f for _, f in solvents) > 0.0:
        raise InputError("solvents need mole fractions of zero or more, at least one above", fix="give [('O', 0.7), ('CCO', 0.3)]")
    if not (math.isfinite(T) and T > 0.0):
        raise InputError(f"temperature {T} K, a positive number was expected", fix="give it in K")
    solid = known or melting(solute)
    if model_std is None:
        model_std = _model_std([s for s, _ in solvents]) if model is None else MODEL_STD
    model = model or _pc_saft(solute, [s for s, _ in solvents])
    total = sum(f for _, f in solvents)
    shares = np.array([f / total for _, f in solvents])
    right = -(solid.heat / R) * (1.0 / T - 1.0 / solid.T) if T < solid.T else 0.0
    ln_x, ln_gamma, slope, split = _saturated(model, shares, T, right)
    spread = math.hypot(_melting_std(solid, T), model_std) / max(slope, 0.2)
    x = math.exp(ln_x)
    notes = [solid.note] if solid.note else []
    notes += ["the melt is stable at this temperature: the figure is a liquid's"] if T >= solid.T else []
    notes += ["the model splits the liquid in two at higher fractions"] if split else []
    return Solubility(
        x,
        spread,
        x * math.exp(-1.6449 * spread),
        min(1.0, x * math.exp(1.6449 * spread)),
        ln_gamma,
        math.exp(right),
        x / (1.0 - x) * _mass(solute) / sum(float(f) * _mass(s) for (s, _), f in zip(solvents, shares, strict=True)) if x < 1.0 else math.inf,
        solid,
        "; ".join(notes),
    )


def _pc_saft(solute: str, solvents: Sequence[str]) -> ActivityModel:
    """PC-SAFT with the best parameters at hand; with water, its set for mixtures and kij by the other's structure."""
    from chemwright.thermo.saft import SaftMixture, parameters
    from chemwright.thermo.saft.aqueous import WATER, kij_with_water

    all_of = [solute, *solvents]
    wet = [i for i, s in enumerate(all_of) if s.strip() in WATERS]
    kij = {(i, w): kij_with_water(s) for w in wet for i, s in enumerate(all_of) if i not in wet}
    return SaftMixture(tuple(WATER if i in wet else parameters(s) for i, s in enumerate(all_of)), kij)


def _model_std(solvents: Sequence[str]) -> float:
    from chemwright.thermo.saft.aqueous import card

    return float(card()["fit"]["rmse_ln_x"]) if any(s.strip() in WATERS for s in solvents) else MODEL_STD


def _mass(smiles: str) -> float:
    from chemwright.structure.molecule import molecule

    return molecule(smiles).molar_mass


def _melting_std(solid: Melting, T: float) -> float:
    """Standard uncertainty of the ideal solubility's logarithm."""
    if solid.T <= T:
        return 0.0
    by_heat = (1.0 / T - 1.0 / solid.T) * solid.heat_std / R
    by_point = solid.heat / (R * solid.T**2) * solid.T_std
    return math.hypot(by_heat, by_point)


def _saturated(model: ActivityModel, shares: Any, T: float, right: float) -> tuple[float, float, float, bool]:
    """ln x, ln gamma, d ln(x gamma)/d ln x at the smallest fraction at which the solid is in equilibrium, and whether the model has unstable liquids above it."""
    from scipy.optimize import brentq

    def ln_gamma(u: Any) -> Any:
        x = np.exp(u)
        return model.ln_gamma([x, *((1.0 - x) * s for s in shares)], T + 0.0 * x)[0]

    u = np.linspace(FAINTEST, -1e-9, STEPS)
    f = u + np.asarray(ln_gamma(u)) - right
    up = np.flatnonzero((f[:-1] < 0) & (f[1:] >= 0))
    if not len(up):
        if f[-1] < 0.0:
            return -1e-9, 0.0, 1.0, False  # at or above its melting point, and miscible
        raise ConvergenceError("no saturated solution found", fix="the activity model gives no fraction at which solid and liquid agree; try another model")
    i = int(up[0])
    root = float(brentq(lambda v: v + float(ln_gamma(v)) - right, u[i], u[i + 1], xtol=1e-10))
    h = 1e-4
    slope = 1.0 + (float(ln_gamma(min(root + h, -1e-12))) - float(ln_gamma(root - h))) / (min(root + h, -1e-12) - root + h)
    return root, float(ln_gamma(root)), slope, bool((np.diff(f[i:]) < -1e-6).any())


@frozen
class Medium:
    """An aqueous medium with surfactant micelles, as simulated intestinal fluids are.

    Args:
        surfactant: total concentration of bile salts, lecithin and other surfactants [mol/m^3].
        cmc: critical micelle concentration [mol/m^3].
    """

    surfactant: float
    cmc: float = 0.0


def micellar_solubility(aqueous: float, log_p: float, medium: Medium) -> tuple[float, float]:
    """Solubility [mol/m^3] in a medium of water and micelles from that in water, and the standard uncertainty of its natural logarithm.

    A mole of surfactant in micelles holds SR times as much solute as a mole of water: S = S_water (1 + SR (c - cmc) / c_water), with log10 SR = 2.234 + 0.606 log P, which Mithani,
    Bakatselou, TenHoor and Dressman (Pharm. Res. 13 (1996) 163, doi 10.1023/A:1016062224568) fitted to six steroids in sodium taurocholate at 37 degrees C; of five other drugs three came
    out within 10 % and two were overpredicted by factors of 1.33 and 1.62. Only the neutral form is counted: ions that form at the medium's pH are not, nor is lecithin told from bile salt.

    Args:
        aqueous: solubility in water [mol/m^3].
        log_p: decadic logarithm of the octanol-water partition coefficient.
        medium: surfactant and its critical micelle concentration.

    Raises:
        InputError: a negative or not finite figure.
    """
    if not (aqueous >= 0.0 and math.isfinite(log_p) and medium.surfactant >= 0.0 and medium.cmc >= 0.0):
        raise InputError("solubility, surfactant and cmc must not be negative, and log P must be a number", fix="concentrations in mol/m^3")
    ratio = 10.0 ** (2.234 + 0.606 * log_p)
    return aqueous * (1.0 + ratio * max(medium.surfactant - medium.cmc, 0.0) / WATER), MICELLE_STD
