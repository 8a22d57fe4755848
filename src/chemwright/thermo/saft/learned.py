"""Learned parameters of many molecules at once, and what they say of vapour pressure and density, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from chemwright.property.answer import Estimates
from chemwright.thermo.saft import intervals, pure
from chemwright.thermo.saft.engine import checked
from chemwright.thermo.saft.network import Inputs, SaftNetwork, inputs_of, network
from chemwright.thermo.saft.record import Array, SaftParameters

ID = "chemwright-saft"
NINETY = 1.6449
"""Half width of a 90 % interval of a normal distribution in standard deviations: the std that is told is the half width over it."""


@frozen(eq=False)
class Learned:
    """Parameters of n molecules from structure.

    Args:
        smiles: as asked.
        values: shape (n, 8), see :data:`chemwright.thermo.saft.record.COLUMNS`; nan where ``why`` says so.
        in_domain: shape (n,), whether the molecule is like those learned from.
        why: of each, why it has no parameters (ion, salt, metal, not a SMILES), else empty.
    """

    smiles: tuple[str, ...]
    values: Array
    in_domain: NDArray[np.bool_]
    why: tuple[str, ...]
    inputs: Inputs
    net: SaftNetwork

    def sets(self) -> list[SaftParameters | None]:
        """One record a molecule, nothing where it has no parameters."""
        return [
            None if reason else SaftParameters.of(text, float(mass), row.tolist(), tier="hybrid", source=ID, in_domain=bool(inside))
            for text, mass, row, inside, reason in zip(self.smiles, self.inputs.mass, self.values, self.in_domain, self.why, strict=True)
        ]

    def vapour_pressure(self, T: Any) -> Estimates:
        """Vapour pressures [Pa] at T [K] (one for all, or one each), with 90 % intervals; nan above the critical temperature."""
        t = np.broadcast_to(checked(T), (len(self.smiles),))
        return self._estimates("psat", pure.vapour_pressure(self.values, t), t)

    def density(self, T: Any, p: Any = 101325.0) -> Estimates:
        """Densities of the liquid [kg/m^3] at T [K] and p [Pa], with 90 % intervals."""
        t = np.broadcast_to(checked(T), (len(self.smiles),))
        return self._estimates("density", pure.liquid_density(self.values, t, p) * self.inputs.mass, t)

    def _estimates(self, kind: str, value: Array, T: Array) -> Estimates:
        far = intervals.distance(kind, pure.boiling_temperature(self.values), T)
        table = intervals.drivers(self.inputs, np.arange(len(value)), self.net.calibration["molecules"], far)
        half = intervals.half_width(self.net, kind, table, self.in_domain)
        return Estimates(value, value * np.expm1(half / NINETY), value * np.exp(-half), value * np.exp(half), self.in_domain)

    def anchored(self, *, boiling: Any = None, density: Any = None, T: float = 298.15, p: float = 101325.0) -> Learned:
        """The same molecules with epsilon solved to meet a known normal boiling point and sigma to meet a known density.

        Args:
            boiling: normal boiling points [K], shape (n,); nan where not known.
            density: densities of the liquid [kg/m^3] at T and p, shape (n,); nan where not known.
            T, p: state of the densities [K], [Pa].
        """
        from chemwright.thermo.saft.anchor import anchor

        n = len(self.smiles)
        blank = np.full(n, np.nan)
        tb = blank if boiling is None else np.broadcast_to(np.asarray(boiling, dtype=float), (n,))
        rho = blank if density is None else np.broadcast_to(np.asarray(density, dtype=float), (n,))
        return evolve(self, values=anchor(self.values, tb, rho / self.inputs.mass, T, p))


LEEWAY = 0.01
"""ln of how far the equation's boiling point may fall short of the learned one; chosen on the training folds, each molecule by members of both models that had not seen it."""


def from_structure(smiles: Sequence[str], least: Any = None) -> Learned:
    """Parameters of molecules from their SMILES; one that PC-SAFT has no parameters for does not stop the others, ``why`` says why.

    The network has seen a few thousand molecules, the learned boiling point (:mod:`chemwright.property.learned`) several times as many. Where the equation would boil a molecule below what that
    says, epsilon is raised until it does not. Only upwards: what errors the tables of boiling points still leave in the learned one are mostly figures at reduced pressure, which are too low.

    Args:
        smiles: the molecules.
        least: temperatures [K] below which the equation may not boil them, instead of :func:`least_boiling`; shape (n,), nan where there is none.
    """
    net = network()
    inputs, why = inputs_of(list(smiles), net.vocabulary, net.blocks)
    bad = np.array([bool(w) for w in why], dtype=bool)
    values = net.mean(inputs)
    values[bad] = np.nan
    floor = least_boiling(_boiling(smiles)) if least is None else np.broadcast_to(np.asarray(least, dtype=float), (len(smiles),))
    inside = intervals.in_domain(inputs, float(net.calibration["most_heavy"])) & ~bad
    return Learned(tuple(smiles), raised(values, floor), inside, tuple(why), inputs, net)


def _boiling(smiles: Sequence[str]) -> Estimates:
    from chemwright.property.learned import load
    from chemwright.structure.features import featurise

    return load("normal_boiling_point").predict(featurise(list(smiles)))


def least_boiling(said: Estimates) -> Array:
    """The lowest boiling point [K] that estimates of it allow the equation: :data:`LEEWAY` below the mean, out of domain the lower end of the interval."""
    return np.where(said.in_domain, said.mean * np.exp(-LEEWAY), said.low)


def raised(values: Array, least: Array) -> Array:
    """Parameters, shape (n, 8), with epsilon raised where the equation boils below ``least`` [K], shape (n,); nan asks nothing."""
    from chemwright.thermo.saft.anchor import anchor

    low = np.flatnonzero(np.isfinite(least) & np.isfinite(values[:, 0]))
    low = low[pure.boiling_temperature(values[low]) < least[low]] if len(low) else low
    out = values.copy()
    if len(low):
        out[low] = anchor(values[low], least[low], np.full(len(low), np.nan), 298.15, 101325.0)
    return out
