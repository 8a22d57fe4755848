"""What a flash needs of a model: fugacity coefficients of liquid and vapour, over many states at once."""

from __future__ import annotations

from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Kinds: TypeAlias = NDArray[np.int8]
Index: TypeAlias = NDArray[np.intp]
Flags: TypeAlias = NDArray[np.bool_]
LIQUID, VAPOUR, STABLE = 0, 1, 2
"""Kinds of phase; STABLE means the one of lower Gibbs energy at each composition."""
NAMES = ("liquid", "vapour")
R_GAS = 8.31446261815324
"""Gas constant [J/(mol K)]."""


class FluidState(Protocol):
    """A model at n temperatures and pressures, one a row; what depends on them alone is worked out once."""

    T: Array
    P: Array

    @property
    def one_surface(self) -> bool:
        """Whether liquid and vapour are one equation's roots, so that a phase may pass from one to the other on its way."""
        ...

    def take(self, rows: Index) -> FluidState:
        """The states of the given rows, which may repeat."""
        ...

    def ln_phi(self, x: Array, kind: Kinds) -> Array:
        """ln(fugacity coefficient) [1], shape (n, c), at mole fractions x (n, c) and kinds (n,) of phase."""
        ...

    def ln_phi_jacobian(self, x: Array, kind: Kinds) -> tuple[Array, Array]:
        """The same, and N d ln phi_i / d n_j [1] at constant T and P, shape (n, c, c), N the total amount."""
        ...

    def ln_phi_dT(self, x: Array, kind: Kinds) -> Array:
        """d ln phi_i / dT [1/K] at constant P and x, shape (n, c)."""
        ...

    def ln_phi_dP(self, x: Array, kind: Kinds) -> Array:
        """d ln phi_i / dP [1/Pa] at constant T and x, shape (n, c)."""
        ...

    def stable_kind(self, x: Array) -> Kinds:
        """The kind (n,) of lower Gibbs energy at mole fractions x (n, c)."""
        ...

    def compressibility(self, x: Array, kind: Kinds) -> Array:
        """Z = P v / (R T) [1] of a phase, shape (n,); a liquid of a model without volumes has zero."""
        ...

    def packing(self, x: Array, kind: Kinds) -> Array:
        """Share of the volume that molecules fill [1], shape (n,)."""
        ...

    def ln_k(self) -> Array:
        """A first guess of ln(y/x) [1], shape (n, c)."""
        ...


class Fluid(Protocol):
    """A model of a mixture: of its vapour and its liquids."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Species keys, in the order of the mole fractions."""
        ...

    def at(self, T: Array, P: Array) -> FluidState:
        """The model at temperatures T (n,) [K] and pressures P (n,) [Pa]."""
        ...


def log_fractions(x: Array) -> Array:
    """ln(x), with absent species at -690 instead of minus infinity."""
    return np.log(np.maximum(x, 1e-300))
