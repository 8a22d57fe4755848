"""A mixture by PC-SAFT under its substances' names, with bubble lines for diagrams (extra ``saft``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import evolve, frozen

from chemwright.errors import ConvergenceError
from chemwright.thermo.mixture import Array
from chemwright.thermo.saft.lookup import parameters
from chemwright.thermo.saft.mixture import SaftMixture, TwoPhases

EDGE = 1e-7


@frozen(eq=False)
class NamedSaft:
    """Substances by PC-SAFT, binary parameters zero.

    Args:
        names, smiles, cas: of each, in order.
        saft: the mixture.
        sources: what the numbers rest on.
        notes: what a reader should know.
    """

    names: tuple[str, ...]
    smiles: tuple[str, ...]
    cas: tuple[str, ...]
    saft: SaftMixture
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    model: str = "pcsaft"

    @property
    def n(self) -> int:
        """How many substances."""
        return len(self.names)

    def saturated(self, kind: str, z: Sequence[float], T: float | None, P: float | None) -> TwoPhases:
        """Bubble or dew point at T [K] or P [Pa].

        Raises:
            ConvergenceError: none found.
        """
        x = _inside(np.asarray(z, dtype=float))
        return (self.saft.bubble_point if kind == "bubble" else self.saft.dew_point)(list(x), T=T, p=P)

    def bubble_pressures(self, x: Any, T: float) -> tuple[Array, Array]:
        """Bubble pressures [Pa], shape (m,), and vapour mole fractions, shape (m, n), at T [K]; nan where none is found, as beyond the critical region."""
        return self._line(np.asarray(x, dtype=float), T, None)

    def bubble_temperatures(self, x: Any, P: float) -> tuple[Array, Array]:
        """Bubble temperatures [K], shape (m,), and vapour mole fractions, shape (m, n), at P [Pa]; nan where none is found."""
        return self._line(np.asarray(x, dtype=float), None, P)

    def boiling_point(self, i: int, P: float) -> float:
        """Boiling temperature [K] of pure substance i at P [Pa].

        Raises:
            ConvergenceError: none.
        """
        return self.saturated("bubble", np.eye(self.n)[i].tolist(), None, P).T

    def _line(self, x: Array, T: float | None, P: float | None) -> tuple[Array, Array]:
        values, y = np.full(len(x), np.nan), np.full(x.shape, np.nan)
        for k, row in enumerate(x):
            try:
                found = self.saturated("bubble", row.tolist(), T, P)
            except ConvergenceError:
                continue
            values[k], y[k] = (found.p if T is not None else found.T), found.light
        return values, y


def named_saft(names: Sequence[str], smiles: Sequence[str], cas: Sequence[str]) -> NamedSaft:
    """Published parameters where there are any, from structure elsewhere.

    Raises:
        PropertyMissing: no parameters of a substance; MissingExtra: feos is not installed.
    """
    sets = [parameters(s) for s in smiles]
    learned = [n for n, p in zip(names, sets, strict=True) if p.tier == "hybrid"]
    strange = [n for n, p in zip(names, sets, strict=True) if not p.in_domain]
    notes = ["binary interaction parameters taken as zero"]
    notes += [f"parameters from structure: {', '.join(learned)}"] if learned else []
    notes += [f"unlike what the parameters were made from: {', '.join(strange)}"] if strange else []
    mixture = SaftMixture([evolve(p, substance=n) for n, p in zip(names, sets, strict=True)])  # type: ignore[misc]  # (the converter takes any sequence)
    return NamedSaft(tuple(names), tuple(smiles), tuple(cas), mixture, tuple(dict.fromkeys(p.source for p in sets if p.source)), tuple(notes))


def _inside(x: Array) -> Array:
    """Mole fractions a hair off zero, which the equation's logarithms need."""
    z = np.clip(x, EDGE, None)
    return np.asarray(z / z.sum())
