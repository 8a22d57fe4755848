"""A mixture by a cubic equation of state: constants from tables, interaction parameters from ChemSep, bubble lines by continuation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import frozen

from chemwright.errors import ConvergenceError, InputError, PropertyMissing
from chemwright.thermo.equilibrium.boundary import Boundary
from chemwright.thermo.equilibrium.cubic import CubicEos
from chemwright.thermo.equilibrium.fluid import LIQUID, VAPOUR
from chemwright.thermo.equilibrium.saturation import bubble_point
from chemwright.thermo.interactions import table
from chemwright.thermo.mixture import Array

FORMS = {"pr": "PR78", "srk": "SRK"}
TABLE = "ChemSep PR"
SOURCES = {
    "pr": "D. B. Robinson, D.-Y. Peng, GPA Research Report 28 (1978); D.-Y. Peng, D. B. Robinson, Ind. Eng. Chem. Fundam. 15 (1976) 59",
    "srk": "G. Soave, Chem. Eng. Sci. 27 (1972) 1197",
}
CONSTANTS = "critical constants and acentric factors from the tables of `chemicals`"
KIJ = "Peng-Robinson interaction parameters of ChemSep 8.32, as `thermo` carries them"


@frozen(eq=False)
class EosMixture:
    """Substances by one equation of state for vapour and liquid.

    Args:
        names: as asked for, in order.
        smiles, cas: of each.
        fluid: the equation, a :class:`chemwright.thermo.equilibrium.fluid.Fluid`.
        model: its name.
        sources: what the numbers rest on.
        notes: what a reader should know.
    """

    names: tuple[str, ...]
    smiles: tuple[str, ...]
    cas: tuple[str, ...]
    fluid: Any
    model: str
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """How many substances."""
        return len(self.names)

    def bubble_pressures(self, x: Any, T: float) -> tuple[Array, Array]:
        """Bubble pressures [Pa], shape (m,), and vapour mole fractions, shape (m, n); nan beyond the critical region.

        Args:
            x: mole fractions, shape (m, n), neighbours near one another.
            T: temperature [K].
        """
        return self._line(np.asarray(x, dtype=float), T=T)

    def bubble_temperatures(self, x: Any, P: float) -> tuple[Array, Array]:
        """Bubble temperatures [K], shape (m,), and vapour mole fractions, shape (m, n), at P [Pa]; nan beyond the critical region."""
        return self._line(np.asarray(x, dtype=float), P=P)

    def boiling_point(self, i: int, P: float) -> float:
        """Boiling temperature [K] of pure substance i at P [Pa].

        Raises:
            ConvergenceError: none, as above the critical pressure.
        """
        z = np.zeros(self.n)
        z[i] = 1.0
        return bubble_point(self.fluid, z, P=P).T

    def _line(self, x: Array, *, T: float | None = None, P: float | None = None) -> tuple[Array, Array]:
        """Bubble points along compositions: Newton from the point before, the whole search where that fails."""
        values, y = np.full(len(x), np.nan), np.full(x.shape, np.nan)
        fixed, last = (self.n, np.log(T)) if T is not None else (self.n + 1, np.log(P or 1.0))
        before: Array | None = None
        for k, row in enumerate(x):
            z = np.clip(row, 1e-9, None)
            z = z / z.sum()
            solved = None
            if before is not None:
                answer = Boundary(self.fluid, z, (LIQUID, VAPOUR)).solve(before, fixed, float(last))
                solved = None if answer is None or np.max(np.abs(answer[0][: self.n])) < 1e-3 or np.max(np.abs(answer[0] - before)) > 0.7 else answer[0]
            if solved is None:
                try:
                    point = bubble_point(self.fluid, z, T=T, P=P)
                except ConvergenceError:
                    before = None
                    continue
                solved = np.append(np.log(np.maximum(point.incipient, 1e-15) / z), [np.log(point.T), np.log(point.P)])
            before = solved
            values[k] = float(np.exp(solved[self.n + 1] if T is not None else solved[self.n]))
            w = z * np.exp(solved[: self.n])
            y[k] = w / w.sum()
        return values, y


def eos_mixture(names: Sequence[str], smiles: Sequence[str], cas: Sequence[str], model: str) -> EosMixture:
    """Substances by Peng and Robinson (``pr``) or Soave (``srk``).

    Raises:
        InputError: no such model; PropertyMissing: a substance's critical constants are not tabled.
    """
    from chemicals.acentric import omega
    from chemicals.critical import Pc, Tc

    if model not in FORMS:
        raise InputError(f"no equation of state {model!r}", where="--model", fix="take pr or srk")
    values: list[Any] = [(Tc(c), Pc(c), omega(c)) if c else (None, None, None) for c in cas]
    for name, row in zip(names, values, strict=True):
        if any(v is None for v in row):
            raise PropertyMissing(
                f"no table has the critical constants and acentric factor of {name}", where=model, fix="take a liquid model, as unifac, or an equation from structure"
            )
    n = len(names)
    rows, kij, found = table(TABLE), [[0.0] * n for _ in range(n)], []
    for i in range(n):
        for j in range(i):
            pair: Any = (rows.get(f"{cas[i]} {cas[j]}") or rows.get(f"{cas[j]} {cas[i]}")) if model == "pr" else None
            if pair:
                kij[i][j] = kij[j][i] = float(pair["kij"])
                found.append((i, j))
    lacking = [f"{names[j]} + {names[i]}" for i in range(n) for j in range(i) if (i, j) not in found]
    notes = (f"interaction parameter taken as zero for {', '.join(lacking)}",) if lacking else ()
    fluid = CubicEos(names, [v[0] for v in values], [v[1] for v in values], [v[2] for v in values], FORMS[model], kij)  # type: ignore[arg-type]  # (the converter takes any sequence)
    return EosMixture(tuple(names), tuple(smiles), tuple(cas), fluid, model, (SOURCES[model], CONSTANTS, *([KIJ] if found else [])), notes)
