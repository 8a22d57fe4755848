"""Mixtures by PC-SAFT: bubble and dew points, flashes into two phases (vapour-liquid and liquid-liquid), activity coefficients, Henry's constants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import field, frozen

from chemwright.errors import InputError
from chemwright.thermo.saft.engine import checked, equation, feos, solved
from chemwright.thermo.saft.pure import boiling_temperature
from chemwright.thermo.saft.record import Array, SaftParameters

PRESSURE = 101325.0  # Pa


@frozen(eq=False)
class TwoPhases:
    """Two phases in equilibrium: T [K], p [Pa], mole fractions and molar densities [mol/m^3] of the lighter and the denser one, and the lighter one's share of the moles."""

    T: float
    p: float
    light: Array
    dense: Array
    density_light: float
    density_dense: float
    fraction_light: float


def _tuple(items: Sequence[SaftParameters]) -> tuple[SaftParameters, ...]:
    return tuple(items)


@frozen(eq=False)
class SaftMixture:
    """A mixture; make it from its substances and, where known, the binary parameters.

    Args:
        substances: components in order.
        kij: by pair of positions, ``{(0, 1): 0.03}``; zero where not given.
    """

    substances: tuple[SaftParameters, ...] = field(converter=_tuple)
    kij: dict[tuple[int, int], float] = field(factory=dict)
    eos: Any = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "eos", equation(self.substances, self.kij))

    @property
    def ids(self) -> tuple[str, ...]:
        """Names of the components, as the protocol :class:`chemwright.thermo.ActivityModel` asks."""
        return tuple(s.substance for s in self.substances)

    @property
    def missing(self) -> tuple[str, ...]:
        """Nothing: each component has parameters."""
        return ()

    def bubble_point(self, x: Sequence[float], *, T: float | None = None, p: float | None = None) -> TwoPhases:
        """Bubble point of a liquid at T [K] or at p [Pa]: its vapour is ``light``, with a share of zero.

        Raises:
            InputError: fractions that don't sum to one, or not just one of T and p given.
            ConvergenceError: none found.
        """
        return self._saturated("bubble_point", x, T, p)

    def dew_point(self, y: Sequence[float], *, T: float | None = None, p: float | None = None) -> TwoPhases:
        """Dew point of a vapour at T [K] or at p [Pa]; see :meth:`bubble_point`."""
        return self._saturated("dew_point", y, T, p)

    def _saturated(self, kind: str, x: Sequence[float], T: float | None, p: float | None) -> TwoPhases:
        import si_units as si

        if (T is None) == (p is None):
            raise InputError("a saturation point needs either a temperature or a pressure", fix="give T or p, not both")
        at = float(checked(T)) * si.KELVIN if T is not None else float(checked(p, "pressure")) * si.PASCAL
        z = self._fractions(x)
        name = kind.replace("_", " ")
        guess = None if p is None else self._boiling(z, float(p)) * si.KELVIN
        asked = {"T [K]": T, "p [Pa]": p, "fractions": z.tolist()}
        found = solved(name, lambda: getattr(feos().PhaseEquilibrium, kind)(self.eos, at, z, tp_init=guess), asked)
        return _phases(found.vapor, found.liquid, 0.0 if kind == "bubble_point" else 1.0)

    def _boiling(self, z: Array, p: float) -> float:
        """Mean boiling point [K] of the components at p, as a start; 300 K where none boils (all are above their critical pressure)."""
        each = boiling_temperature(self.substances, p)
        good = np.isfinite(each) & (z > 0)
        return float((each[good] * z[good]).sum() / z[good].sum()) if good.any() else 300.0

    def flash(self, z: Sequence[float], T: float, p: float) -> TwoPhases | None:
        """Split of a feed at T [K] and p [Pa] into two phases, vapour and liquid or two liquids; nothing when one phase is stable.

        Raises:
            InputError: fractions that don't sum to one, T or p not positive.
            ConvergenceError: the feed is unstable but no split was found.
        """
        import si_units as si

        module, feed = feos(), self._fractions(z)
        checked(T)
        checked(p, "pressure")
        state = solved("state of the feed", lambda: module.State(self.eos, temperature=T * si.KELVIN, pressure=p * si.PASCAL, composition=feed), {"T [K]": T, "p [Pa]": p})
        if state.is_stable():
            return None
        found = solved("split of the feed", lambda: state.tp_flash(max_iter=2000), {"T [K]": T, "p [Pa]": p, "fractions": feed.tolist()})
        return _phases(found.vapor, found.liquid, float(found.vapor_phase_fraction))

    def ln_gamma(self, x: Sequence[Any], T: Any) -> list[Any]:
        """ln(activity coefficient) of each component in the liquid at 101325 Pa, against the pure liquids: floats or arrays, no symbols.

        Args:
            x: mole fractions (scaled to one where they don't sum so), floats or equally shaped arrays.
            T: [K], float or array.

        Raises:
            InputError: symbols, or another number of fractions than components.
        """
        if len(x) != len(self.substances):
            raise InputError(f"{len(x)} mole fractions given, {len(self.substances)} expected", fix=f"give one for each of {', '.join(self.ids)}")
        try:
            arrays = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (*x, T)))
        except (TypeError, ValueError, NotImplementedError):
            raise InputError("PC-SAFT takes numbers, not symbols", fix="use an activity model that lowers to CasADi in an optimisation") from None
        flat = np.stack([a.ravel() for a in arrays])
        out = np.array([self._gamma(column[:-1], float(column[-1])) for column in flat.T]).T.reshape(len(x), *arrays[0].shape)
        return [float(row) if row.ndim == 0 else row for row in out]

    def _gamma(self, x: Array, T: float) -> Array:
        import si_units as si

        module = feos()
        z = np.clip(x, 1e-10, None)
        z = z / z.sum()

        def values() -> Any:
            state = module.State(self.eos, temperature=T * si.KELVIN, pressure=PRESSURE * si.PASCAL, composition=z, density_initialization="liquid")
            return state.ln_symmetric_activity_coefficient()

        return np.asarray(solved("liquid", values, {"T [K]": T, "fractions": z.tolist()}), dtype=float)

    def henry_constants(self, T: float, solvent: Sequence[float]) -> Array:
        """Henry's constants [Pa] of the components whose fraction in the solvent is zero, in the order of the components.

        Args:
            T: [K].
            solvent: mole fractions of the liquid without the gases: zero for each gas.
        """
        import si_units as si

        z = self._fractions(solvent)
        found = solved("Henry's constant", lambda: feos().State.henrys_law_constant(self.eos, T * si.KELVIN, z), {"T [K]": T})
        return np.array([float(h / si.PASCAL) for h in found])

    def _fractions(self, x: Sequence[float]) -> Array:
        z = np.asarray(x, dtype=float)
        if z.shape != (len(self.substances),):
            raise InputError(f"{z.size} mole fractions given, {len(self.substances)} expected", fix=f"give one for each of {', '.join(self.ids)}")
        if not np.isfinite(z).all() or (z < 0).any() or abs(z.sum() - 1.0) > 1e-6:
            raise InputError(f"mole fractions {z.tolist()} do not sum to one or are negative", fix="divide them by their sum")
        return z


def _phases(light: Any, dense: Any, fraction: float) -> TwoPhases:
    import si_units as si

    per = si.MOL / si.METER**3
    if dense.density / per < light.density / per:
        light, dense, fraction = dense, light, 1.0 - fraction
    return TwoPhases(
        float(light.temperature / si.KELVIN),
        float(light.pressure() / si.PASCAL),
        np.asarray(light.molefracs, dtype=float),
        np.asarray(dense.molefracs, dtype=float),
        float(light.density / per),
        float(dense.density / per),
        fraction,
    )


def fitted_kij(pair: tuple[SaftParameters, SaftParameters], x: Sequence[float], T: Sequence[float], p: Sequence[float]) -> float:
    """The binary parameter that best gives measured bubble pressures, by golden section on the mean squared ln deviation between -0.2 and 0.2.

    Args:
        pair: the two substances.
        x: mole fractions of the first in the liquid.
        T, p: [K], [Pa] of each point.

    Raises:
        InputError: no points, or columns of unequal length.
    """
    from scipy.optimize import minimize_scalar

    points = [np.asarray(v, dtype=float) for v in (x, T, p)]
    if not len(points[0]) or len({len(v) for v in points}) > 1:
        raise InputError("the binary parameter needs as many fractions, temperatures and pressures, at least one", fix="give one of each for every point")

    def misfit(k: float) -> float:
        said = bubble_pressures([pair] * len(points[0]), points[0], points[1], [k] * len(points[0]))
        off = np.where(np.isfinite(said), np.log(np.where(np.isfinite(said), said, 1.0) / points[2]), 1.0)
        return float(np.mean(off**2))

    return float(minimize_scalar(misfit, bounds=(-0.2, 0.2), method="bounded", options={"xatol": 1e-4}).x)


def bubble_pressures(pairs: Sequence[tuple[SaftParameters, SaftParameters]], x: Any, T: Any, kij: Any = 0.0) -> Array:
    """Bubble pressures [Pa] of many binary liquids at once; nan where there is none.

    Args:
        pairs: n pairs of substances.
        x: mole fraction of the first, shape (n,).
        T: [K], shape (n,).
        kij: binary parameters, shape (n,), or one for all.
    """
    n = len(pairs)
    parameters = np.array([[*a.row(), *b.row()] for a, b in pairs], dtype=float).reshape(n, 16)
    full = np.column_stack([parameters, np.broadcast_to(np.asarray(kij, dtype=float), (n,))])
    module = feos()
    inputs = np.column_stack([np.broadcast_to(checked(T), (n,)), np.broadcast_to(np.asarray(x, dtype=float), (n,)), np.full(n, 1e5)])
    value, _, good = module.Property.bubble_point_pressure_derivatives(module.EquationOfStateAD.PcSaftFull, ["k_ij"], np.ascontiguousarray(full), np.ascontiguousarray(inputs))
    return np.where(np.asarray(good) & np.isfinite(value), value, np.nan)
