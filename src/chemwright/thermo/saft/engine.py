"""The door to ``feos``, which evaluates the equation of state: loaded on first use, its errors told plainly, many substances at once.

``feos`` (MIT/Apache; Rehner, Bauer, Gross, Ind. Eng. Chem. Res. 62 (2023) 5347) stays behind this module: the rest passes plain arrays in SI.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chemwright.errors import ConvergenceError, InputError
from chemwright.thermo.saft.record import Array, SaftParameters, stack

FITTED = ("m", "sigma", "epsilon_k", "mu", "kappa_ab", "epsilon_k_ab")
"""Parameters that derivatives are taken with respect to, in this order."""


def feos() -> Any:
    """The module ``feos``.

    Raises:
        InputError: the extra is not installed.
    """
    try:
        import feos as module
    except ImportError:
        raise InputError("PC-SAFT needs the package feos, which is not installed", fix="pip install 'chemwright[saft]'") from None
    return module


def evaluated(name: str, parameters: Array, inputs: Array, *, derivatives: bool = False) -> tuple[Array, Array | None]:
    """A property of many pure substances at once.

    Args:
        name: as ``feos.Property`` calls it: vapor_pressure (T), liquid_density (T, p), equilibrium_liquid_density (T), boiling_temperature (p),
            enthalpy_of_vaporization (T).
        parameters: shape (n, 8), see :data:`chemwright.thermo.saft.record.COLUMNS`.
        inputs: shape (n, k) in K and Pa.
        derivatives: also with respect to :data:`FITTED`.

    Returns:
        Values in feos' units (Pa, kmol/m^3, K, J/mol), nan where there is no answer, and the derivatives, shape (n, 6), or nothing.
    """
    module = feos()
    call = getattr(module.Property, f"{name}_derivatives")
    p = np.ascontiguousarray(parameters, dtype=float)
    x = np.ascontiguousarray(inputs, dtype=float).reshape(len(p), -1)
    if not len(p):
        return np.zeros(0), np.zeros((0, len(FITTED))) if derivatives else None
    value, grad, good = call(module.EquationOfStateAD.PcSaftFull, list(FITTED) if derivatives else ["m"], p, x)
    sound = np.asarray(good) & np.isfinite(value) & (np.asarray(value) > 0)
    return np.where(sound, value, np.nan), np.where(sound[:, None], grad, np.nan) if derivatives else None


def equation(substances: Sequence[SaftParameters], kij: dict[tuple[int, int], float] | None = None) -> Any:
    """The ``feos`` equation of state of a mixture.

    Args:
        substances: its components.
        kij: departure of the cross dispersion energy from the geometric mean, by pair of positions.

    Raises:
        InputError: no component, or a pair that is none of the mixture's.
    """
    module = feos()
    if not substances:
        raise InputError("a mixture without components", fix="give at least one substance")
    names = [f"{i}" for i in range(len(substances))]
    records = [_record(module, name, s) for name, s in zip(names, substances, strict=True)]
    pairs = []
    for (i, j), value in (kij or {}).items():
        if not (0 <= i < len(names) and 0 <= j < len(names) and i != j):
            raise InputError(f"kij of the pair ({i}, {j}), but the components are 0 to {len(names) - 1}", fix="name two different positions")
        pairs.append(module.BinaryRecord(module.Identifier(name=names[i]), module.Identifier(name=names[j]), k_ij=float(value)))
    return module.EquationOfState.pcsaft(module.Parameters.from_records(records, pairs))


def _record(module: Any, name: str, s: SaftParameters) -> Any:
    fields: dict[str, Any] = {"m": s.m, "sigma": s.sigma, "epsilon_k": s.epsilon_k}
    if s.mu > 0:
        fields["mu"] = s.mu
    if s.kappa_ab > 0 and s.na + s.nb > 0:
        fields["association_sites"] = [{"kappa_ab": s.kappa_ab, "epsilon_k_ab": s.epsilon_k_ab, "na": s.na, "nb": s.nb}]
    return module.PureRecord(module.Identifier(name=name), molarweight=1e3 * s.molar_mass, **fields)


def solved(what: str, call: Callable[[], Any], at: dict[str, Any]) -> Any:
    """What ``call`` returns; an error of ``feos`` becomes one of ours.

    Raises:
        ConvergenceError: no solution, with the state that was asked for.
    """
    try:
        return call()
    except (RuntimeError, ValueError) as error:
        asked = ", ".join(f"{k} {v:.6g}" if isinstance(v, float) else f"{k} {v}" for k, v in at.items() if v is not None)
        raise ConvergenceError(f"PC-SAFT finds no {what} at {asked} ({str(error).strip().rstrip('.')})", fix="check temperature and pressure against the critical point") from None


def checked(T: Any, name: str = "temperature") -> NDArray[np.float64]:
    """Positive, finite numbers as an array.

    Raises:
        InputError: otherwise.
    """
    values = np.asarray(T, dtype=float)
    if values.size and not (np.isfinite(values).all() and (values > 0).all()):
        raise InputError(f"{name} must be positive and finite", fix="temperatures in K, pressures in Pa")
    return values


def table(substances: Sequence[SaftParameters] | Array) -> Array:
    """Parameters as an array, given either way."""
    return substances if isinstance(substances, np.ndarray) else stack(list(substances))
