"""Vapour-liquid equilibrium by the modified law of Raoult: y_i P = x_i gamma_i(x, T) psat_i(T), ideal vapour, one liquid phase."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from chemwright.errors import ConvergenceError, InputError
from chemwright.thermo.activity import ActivityModel
from chemwright.thermo.pure import PureModel

T_LOW, T_HIGH = 150.0, 1200.0
SWINGS = 60
"""Iterations after which successive substitution is damped, and fewer than which are never helped."""


@frozen
class FlashResult:
    """Answer of a flash.

    Args:
        beta: vapour fraction [mol/mol], 0 below the bubble and 1 above the dew point.
        x: liquid mole fractions, shape (n,); at beta = 1 the first drop's.
        y: vapour mole fractions, shape (n,); at beta = 0 the first bubble's.
        converged: always true (a flash that does not converge raises).
        residual: largest |ln K| change of the last iteration or error of the balance or of a sum of fractions.
    """

    beta: float
    x: tuple[float, ...]
    y: tuple[float, ...]
    converged: bool
    residual: float


@frozen
class BubblePoint:
    """Temperature [K] and pressure [Pa] of a boiling liquid and the mole fractions of its first bubble."""

    T: float
    P: float
    y: tuple[float, ...]


def k_values(x: Sequence[float], T: float, P: float, models: Sequence[PureModel], activity: ActivityModel) -> NDArray[np.float64]:
    """K_i = gamma_i psat_i / P [1] at liquid mole fractions x (n,), T [K] and P [Pa]."""
    ln_gamma = np.array([float(g) for g in activity.ln_gamma([float(v) for v in x], T)])
    return np.exp(ln_gamma) * np.array([float(m.psat(T)) for m in models]) / P


def rachford_rice(z: NDArray[np.float64], k: NDArray[np.float64]) -> float:
    """Vapour fraction [mol/mol] in 0..1 that solves sum z (K - 1)/(1 + beta (K - 1)) = 0; 0 below the bubble and 1 above the dew point."""
    from scipy.optimize import brentq

    def f(beta: float) -> float:
        return float(np.sum(z * (k - 1.0) / ((1.0 - beta) + beta * k)))  # this form keeps K of a salt, 1e-30, at beta = 1

    if np.sum(z * k) <= 1.0:
        return 0.0
    if np.sum(z / k) <= 1.0:
        return 1.0
    return float(brentq(f, 0.0, 1.0, xtol=1e-16, rtol=8.9e-16, maxiter=500))


def flash_tp(z: Sequence[float], T: float, P: float, models: Sequence[PureModel], activity: ActivityModel, *, tol: float = 1e-12, max_iter: int = 1000) -> FlashResult:
    """Isothermal flash of vapour and one liquid: Rachford and Rice inside successive substitution on the activity coefficients, damped when they swing.

    Where that says vapour only, other liquids are looked for by Michelsen's stability test; where it does not converge, the Gibbs energy is minimised. A liquid that would split in two is not looked for: see
    :func:`chemwright.thermo.equilibrium.flash` for any number of phases.

    Args:
        z: overall mole fractions or amounts, shape (n,), non-negative, scaled to one here.
        T: temperature [K].
        P: pressure [Pa].
        models: n pure models.
        activity: model over the same species, in order.
        tol: largest change of ln K at which the iteration ends [1].
        max_iter: iterations allowed.

    Raises:
        InputError: wrong lengths, negative or empty feed, T or P not positive.
        ConvergenceError: not converged; no number is returned.
    """
    feed = _feed(z, models, T=T, P=P)
    x, ln_k, change, beta = feed, None, np.inf, 0.0
    for iteration in range(max_iter):
        new = np.log(k_values(tuple(x), T, P, models, activity))
        if ln_k is not None:
            change = float(np.max(np.abs(new - ln_k)))
            new = new if iteration < SWINGS else 0.5 * (new + ln_k)
        ln_k = new
        k = np.exp(ln_k)
        beta = rachford_rice(feed, k)
        x = feed if beta == 0.0 else feed / ((1.0 - beta) + beta * k)
        if change < tol:
            y = k * x
            balance = float(np.max(np.abs(feed - (1.0 - beta) * x - beta * y))) if 0.0 < beta < 1.0 else 0.0
            sums = abs(float(np.sum(x) - np.sum(y))) if 0.0 < beta < 1.0 else 0.0
            if beta == 0.0:
                y = y / np.sum(y) if np.sum(y) > 0.0 else y
            if beta == 1.0:
                other = _other_liquid(feed, T, P, models, activity)
                if other is not None:
                    return other
                x, y = x / np.sum(x), feed
            return FlashResult(beta, tuple(map(float, x)), tuple(map(float, y)), True, max(change, balance, sums))
        x = x / np.sum(x)
    minimum = _other_liquid(feed, T, P, models, activity, sure=True) if max_iter >= SWINGS else None
    if minimum is not None:
        return minimum
    raise ConvergenceError(
        f"the flash at {T:.2f} K and {P:.0f} Pa did not converge in {max_iter} iterations (last change of ln K {change:.2g})",
        fix="move away from the point, use Ideal, or raise max_iter",
        residuals={"change of ln K in the last iteration [1]": change},
        last_good={"vapour fraction [mol/mol]": beta, **{f"liquid mole fraction of {m.id}": float(v) for m, v in zip(models, x, strict=True)}},
    )


def _other_liquid(feed: NDArray[np.float64], T: float, P: float, models: Sequence[PureModel], activity: ActivityModel, *, sure: bool = False) -> FlashResult | None:
    """The two phases of a feed that forms a liquid which successive substitution missed (``sure``: or whose liquid it did not settle); None where there is none."""
    from chemwright.thermo.equilibrium.gamma_phi import GammaPhi
    from chemwright.thermo.equilibrium.one_liquid import condensate, over_one_liquid

    fluid = GammaPhi(activity, models)
    if fluid.T_limits[0] - 24.0 >= T or (not sure and condensate(fluid, feed, T, P) is None):
        return None
    found = over_one_liquid(fluid, feed, T, P)
    return None if found is None else FlashResult(found.beta, tuple(map(float, found.x)), tuple(map(float, found.y)), True, found.error)


def bubble_pressure(x: Sequence[float], T: float, models: Sequence[PureModel], activity: ActivityModel) -> BubblePoint:
    """Pressure at which a liquid of mole fractions x (n,) begins to boil at T [K].

    Raises:
        InputError: wrong lengths, negative or empty composition, T not positive.
    """
    feed = _feed(x, models, T=T)
    partial = feed * k_values(tuple(feed), T, 1.0, models, activity)
    total = float(np.sum(partial))
    return BubblePoint(T, total, tuple(map(float, partial / total)))


def bubble_temperature(x: Sequence[float], P: float, models: Sequence[PureModel], activity: ActivityModel) -> BubblePoint:
    """Temperature at which a liquid of mole fractions x (n,) begins to boil at P [Pa].

    Raises:
        InputError: wrong lengths, negative or empty composition, P not positive.
        ConvergenceError: it does not boil between 150 and 1200 K.
    """
    feed = _feed(x, models, P=P)

    def f(t: float) -> float:
        return float(np.log(np.sum(feed * k_values(tuple(feed), t, P, models, activity))))

    t = _root(f, models, f"a liquid at {P:.0f} Pa")
    y = feed * k_values(tuple(feed), t, P, models, activity)
    return BubblePoint(t, P, tuple(map(float, y / np.sum(y))))


def _root(f: Callable[[float], float], models: Sequence[PureModel], what: str) -> float:
    """Root of a function of temperature that rises from below to above zero."""
    from scipy.optimize import brentq

    low = max([T_LOW] + [20.0 - m.antoine[2] for m in models])  # stay off the singularity at T = -C
    ends = f(low), f(T_HIGH)
    if not ends[0] < 0.0 < ends[1]:
        raise ConvergenceError(
            f"{what} does not boil between {low:.0f} and {T_HIGH:.0f} K",
            fix="check the composition (all non-volatile?) and the pressure",
            residuals={f"ln of the sum of partial pressures over the pressure at {t:.0f} K": v for t, v in zip((low, T_HIGH), ends, strict=True)},
        )
    return float(brentq(f, low, T_HIGH, xtol=1e-10, rtol=1e-14, maxiter=200))


def _feed(z: Sequence[float], models: Sequence[PureModel], *, T: float = 1.0, P: float = 1.0) -> NDArray[np.float64]:
    """Checked mole fractions that sum to one."""
    feed = np.asarray(z, dtype=float)
    if feed.shape != (len(models),):
        raise InputError(f"{feed.size} mole fractions given, {len(models)} expected", fix=f"give one for each of {', '.join(m.id for m in models)}")
    if not np.all(np.isfinite(feed)) or np.any(feed < 0.0) or not np.sum(feed) > 0.0:
        raise InputError("mole fractions must be finite and not negative, with a positive sum", fix="check the composition")
    if not (T > 0.0 and P > 0.0):
        raise InputError(f"temperature {T!r} K and pressure {P!r} Pa must be positive", fix="give kelvin and pascal")
    return feed / np.sum(feed)
