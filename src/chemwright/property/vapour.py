"""Vapour pressure as ln(p/Pa) = A - B/(T/K + C): fitted to the best correlation of data, or to Lee and Kesler's estimate."""

from __future__ import annotations

import math

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from chemwright.errors import PropertyMissing
from chemwright.property.tables import Curve, R

T_LOW, T_HIGH, T_REF = 280.0, 430.0, 360.0
MEASURED_STD = 0.02
SLOPE_STD = 0.05
"""Relative standard uncertainty of an estimated heat of vaporisation, carried from the boiling point to 360 K."""


@frozen
class VapourPressure:
    """Antoine constants (A [1], B [K], C [K]), relative standard uncertainty [1], source id, tier, note and further source ids."""

    a: float
    b: float
    c: float
    rel_std: float
    source: str
    tier: str
    note: str
    also: tuple[str, ...] = ()


def fit_antoine(t: NDArray[np.float64], ln_p: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Least squares of ln p = A - B/(T + C) on points.

    Args:
        t: temperatures [K], shape (n,), n >= 4.
        ln_p: ln(p/Pa), shape (n,).

    Returns:
        A [1], B [K], C [K] and the largest |residual| in ln p. Where the three constants would put the singularity near the
        points (C < 30 K - min T) or turn the curve over (B <= 0), C is held at zero.
    """
    columns = np.column_stack([t, -ln_p, np.ones_like(t)])
    a, c, d = np.linalg.lstsq(columns, t * ln_p, rcond=None)[0]
    b = a * c - d
    for _ in range(8):  # Gauss-Newton from the linearised start: weights become right
        u = 1.0 / (t + c)
        jacobian = np.column_stack([np.ones_like(t), -u, b * u**2])
        step = np.linalg.lstsq(jacobian, ln_p - (a - b * u), rcond=None)[0]
        a, b, c = a + step[0], b + step[1], c + step[2]
    if not (math.isfinite(a + b + c) and b > 0 and 30.0 - float(t.min()) < c < 200.0):
        (a, b), c = np.linalg.lstsq(np.column_stack([np.ones_like(t), -1.0 / t]), ln_p, rcond=None)[0], 0.0
    return float(a), float(b), float(c), float(np.abs(ln_p - (a - b / (t + c))).max())


def from_curves(curves: list[Curve]) -> VapourPressure:
    """Constants fitted to the correlation that covers most of 280-430 K (the more trusted wins a tie); 2 % or the spread between correlations.

    Raises:
        PropertyMissing: none of them reaches into 280-430 K.
    """

    def covered(curve: Curve) -> float:
        return min(T_HIGH, curve.t_max) - max(T_LOW, curve.t_min)

    usable = [c for c in curves if covered(c) > 5.0]
    if not usable:
        raise PropertyMissing("no vapour pressure correlation holds between 280 and 430 K", fix="estimate it")
    best = max(usable, key=lambda c: round(covered(c)))
    low, high = max(T_LOW, best.t_min), min(T_HIGH, best.t_max - 1.0)
    t = np.linspace(low, high, 31)
    a, b, c, worst = fit_antoine(t, np.log(best.psat(t)))
    here = np.array([0.5 * (low + high)])
    others = [float(np.log(k.psat(here) / best.psat(here))[0]) for k in usable if k is not best and k.t_min <= here[0] <= k.t_max]
    spread = math.sqrt(sum(x * x for x in others) / len(others)) if others else 0.0
    note = f"fitted to {best.source} over {low:.0f}-{high:.0f} K, largest deviation {100 * worst:.2f} %; "
    note += f"{len(others)} other correlation(s) differ by {100 * spread:.1f} % rms at {here[0]:.0f} K" if others else "no other correlation to compare with"
    if low > T_LOW + 1 or high < T_HIGH - 2:
        note += "; outside that range an extrapolation"
    return VapourPressure(a, b, c, min(1.0, max(MEASURED_STD, spread, worst)), best.source, "correlated", note)


def lee_kesler(tb: float, tb_std: float, tc: float, pc: float, constants: str) -> VapourPressure:
    """Constants fitted over 280-430 K to Lee and Kesler 1975.

    The relative standard uncertainty at 360 K joins the boiling point's (Clausius and Clapeyron) and 5 % of the heat of vaporisation,
    carried from the boiling point to 360 K; it is capped at 1. Where the critical point lies near or below 280 K the fit is made between 0.7 Tc and 0.99 Tc, and the uncertainty is 1.

    Args:
        tb, tb_std: normal boiling point and its standard uncertainty [K].
        tc: critical temperature [K]; pc: critical pressure [Pa]; constants: source id of the two.
    """
    from chemicals.acentric import LK_omega
    from chemicals.vapor_pressure import Lee_Kesler

    omega = LK_omega(tb, tc, pc)
    gas = 0.99 * tc < T_LOW + 30.0
    low, high = (0.7 * tc, 0.99 * tc) if gas else (T_LOW, min(T_HIGH, 0.99 * tc))
    t = np.linspace(low, high, 31)
    a, b, c, worst = fit_antoine(t, np.log([Lee_Kesler(float(x), tc, pc, omega) for x in t]))
    slope = b * (T_REF / (T_REF + c)) ** 2  # Hvap/R at 360 K
    rel = math.hypot(slope / tb**2 * tb_std, SLOPE_STD * slope * (1.0 / T_REF - 1.0 / tb))
    if gas:
        note = f"a gas above its critical point ({tc:.0f} K) here: Lee-Kesler below that, extrapolated; what dissolves of it needs a Henry constant"
        return VapourPressure(a, b, c, 1.0, "LeeKesler1975", "estimated", note, (constants,))
    note = f"Lee-Kesler with Tc {tc:.0f} K, Pc {pc / 1e5:.1f} bar ({constants}), fitted over 280-430 K to {100 * worst:.1f} %; relative uncertainty {rel:.2g} at 360 K"
    if rel > 1.0:
        note += ", capped at 1: read it as a factor of e either way or more"
    return VapourPressure(a, b, c, min(1.0, max(MEASURED_STD, rel)), "LeeKesler1975", "estimated", note, (constants,))


def clapeyron(vapour: VapourPressure, t: float) -> float:
    """Enthalpy of vaporisation [J/mol] at ``t`` [K] from the slope of the constants, ideal vapour."""
    return R * vapour.b * (t / (t + vapour.c)) ** 2
