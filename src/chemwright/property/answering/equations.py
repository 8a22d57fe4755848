"""The equations by which a property follows from others, on plain numbers; those that ``chemicals`` (MIT) carries are called there.

Every function takes and gives SI unless it says otherwise, and raises an arithmetic error (or gives nan) outside its range, which the caller reads as no figure.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np

from chemwright.property.answer import Array

R = 8.31446261815324
AIR = 28.965
"""Molar mass of air [g/mol]."""
WATER = 18.015


@lru_cache(maxsize=256)
def over_arrays(call: Callable[..., float], count: int) -> Callable[..., Array]:
    """A function of ``count`` plain numbers as one of arrays; where it fails, or gives no finite real number, nan."""

    def one(*a: Any) -> float:
        try:
            value = call(*a)
        except (ArithmeticError, ValueError, TypeError):  # TypeError: math on the complex root of a negative number
            return math.nan
        return value if isinstance(value, float | int | np.floating) and math.isfinite(value) else math.nan

    many = np.frompyfunc(one, count, 1)

    def of_arrays(*arrays: Any) -> Array:
        with np.errstate(all="ignore"):  # what overflows is no figure
            return np.asarray(many(*(a.tolist() if isinstance(a, np.ndarray) else a for a in arrays)), float)

    return of_arrays


def quietly(call: Callable[..., Any]) -> Callable[..., Array]:
    """A function that takes arrays by itself; what is no figure comes out as nan, without a warning."""

    def of_arrays(*arrays: Any) -> Array:
        with np.errstate(all="ignore"):
            y = np.asarray(call(*arrays), float)
        return np.where(np.isfinite(y), y, np.nan)

    return of_arrays


def carried(module: str, name: str) -> Callable[..., float]:
    """An equation of ``chemicals``, loaded when first called."""

    def call(*a: float) -> float:
        return float(_loaded(module, name)(*a))

    call.__name__ = name
    return call


@lru_cache(maxsize=256)
def _loaded(module: str, name: str) -> Callable[..., float]:
    return getattr(import_module(f"chemicals.{module}"), name)  # type: ignore[no-any-return]


def below_critical(call: Callable[..., float], temperature: int = 0, critical: int = 1, top: float = 0.995) -> Callable[..., float]:
    """The equation up to ``top`` of the critical temperature, nothing above; the places of the two temperatures among its arguments are given."""

    def limited(*a: float) -> float:
        return call(*a) if 0 < a[temperature] <= top * a[critical] else math.nan

    limited.__name__ = call.__name__
    return limited


def _lee_kesler_terms(Tr: Any) -> tuple[Any, Any]:
    """Simple fluid and correction in ln Pr of Lee and Kesler, at reduced temperatures."""
    ln, sixth = np.log(Tr), Tr**6
    return 5.92714 - 6.09648 / Tr - 1.28862 * ln + 0.169347 * sixth, 15.2518 - 15.6875 / Tr - 13.4721 * ln + 0.43577 * sixth


def lee_kesler_omega(Tb: Any, Tc: Any, Pc: Any) -> Any:
    """Acentric factor from the normal boiling point: B. I. Lee, M. G. Kesler, AIChE J. 21 (1975) 510; arrays or numbers."""
    simple, correction = _lee_kesler_terms(Tb / Tc)
    return (np.log(101_325.0 / Pc) - simple) / correction


def lee_kesler(T: Any, Tb: Any, Tc: Any, Pc: Any) -> Any:
    """Vapour pressure [Pa] of B. I. Lee, M. G. Kesler, AIChE J. 21 (1975) 510, with their acentric factor, so that it passes through the normal boiling point; arrays or numbers."""
    simple, correction = _lee_kesler_terms(T / Tc)
    return np.where(Tc >= T, Pc * np.exp(simple + lee_kesler_omega(Tb, Tc, Pc) * correction), np.nan)


def vapour_pressure_by_riedel(T: float, Tb: float, Tc: float, Pc: float) -> float:
    """Vapour pressure [Pa] of L. Riedel, Chem. Ing. Tech. 26 (1954) 83, as in Poling, Prausnitz, O'Connell 2001, eq. 7-5.1: ln Pr = A - B/Tr + C ln Tr + D Tr^6."""
    r = Tb / Tc
    psi = -35.0 + 36.0 / r + 42.0 * math.log(r) - r**6
    k = 0.0838
    alpha = (3.758 * k * psi + math.log(Pc / 101_325.0)) / (k * psi - math.log(r))
    q = k * (3.758 - alpha)
    t = T / Tc
    return Pc * math.exp(-35.0 * q + 36.0 * q / t + (42.0 * q + alpha) * math.log(t) - q * t**6)


def vapour_pressure_by_slope(T: float, Tb: float, Tc: float, Hvap: float) -> float:
    """Vapour pressure [Pa] from the normal boiling point and the enthalpy of vaporisation there [J/mol] by Clausius and Clapeyron.

    The enthalpy runs by Watson's rule with exponent 0.38 (K. M. Watson, Ind. Eng. Chem. 35 (1943) 398) between both temperatures; it is taken at their harmonic middle, and
    the compressibility of the vapour from H. A. Fishtine's factor 0.97 at the boiling point.
    """
    middle = 2.0 / (1.0 / T + 1.0 / Tb)
    h = Hvap * ((1.0 - middle / Tc) / (1.0 - Tb / Tc)) ** 0.38
    return 101_325.0 * math.exp(-h / (0.97 * R) * (1.0 / T - 1.0 / Tb))


def vapour_pressure_carried(T: float, Tc: float, p: float, T0: float, H: float, TH: float) -> float:
    """Vapour pressure [Pa] at T from that at T0 by Clausius and Clapeyron, with the enthalpy of vaporisation H known at TH and carried by Watson's rule to the middle of both temperatures."""
    h = watson(2.0 / (1.0 / T + 1.0 / T0), H, TH, Tc)
    return p * math.exp(-h / R * (1.0 / T - 1.0 / T0))


def watson(T: Any, H: Any, T0: Any, Tc: Any) -> Any:
    """Enthalpy of vaporisation [J/mol] at T from that at T0: K. M. Watson, Ind. Eng. Chem. 35 (1943) 398, exponent 0.38; arrays or numbers."""
    ratio = (1.0 - T / Tc) / (1.0 - T0 / Tc)
    return H * np.where((Tc > T) & (Tc > T0), np.abs(ratio), np.nan) ** 0.38


def riedel(Tb: Any, Tc: Any, Pc: Any) -> Any:
    """Enthalpy of vaporisation [J/mol] at the boiling point: L. Riedel, Chem. Ing. Tech. 26 (1954) 679; arrays or numbers."""
    return 1.093 * R * Tb * (np.log(Pc * 1e-5) - 1.013) / (0.93 - Tb / Tc)


def chen(Tb: Any, Tc: Any, Pc: Any) -> Any:
    """Enthalpy of vaporisation [J/mol] at the boiling point: N. H. Chen, J. Chem. Eng. Data 10 (1965) 207; arrays or numbers."""
    r = Tb / Tc
    return R * Tb * (3.978 * r - 3.958 + 1.555 * np.log(Pc * 1e-5)) / (1.07 - r)


def vetere(Tb: Any, Tc: Any, Pc: Any) -> Any:
    """Enthalpy of vaporisation [J/mol] at the boiling point: A. Vetere, Fluid Phase Equilib. 106 (1995) 1; arrays or numbers."""
    r, ln = Tb / Tc, np.log(Pc * 1e-5)
    root = (1.0 - r) ** 0.38
    return R * Tb * root * (ln - 0.513 + 0.5066 / (Pc * 1e-5 * r * r)) / (1.0 - r + (1.0 - root) * np.log(r))


# D. L. Morgan, R. Kobayashi, Fluid Phase Equilib. 94 (1994) 51: coefficients of 1, omega and omega^2 for each power of 1 - Tr
_MORGAN = {0.3333: (5.2804, 0.080022, 7.2543), 0.8333: (12.8650, 273.23, -346.45), 1.2083: (1.1710, 465.08, -610.48), 1.0: (-13.1160, -638.51, 839.89), 2.0: (0.4858, -145.12, 160.05), 3.0: (-1.0880, 74.049, -50.711)}  # fmt: skip


def morgan_kobayashi(T: Any, Tc: Any, omega: Any) -> Any:
    """Enthalpy of vaporisation [J/mol] at T: D. L. Morgan, R. Kobayashi, Fluid Phase Equilib. 94 (1994) 51; arrays or numbers."""
    tau = np.where(0.995 * Tc >= T, 1.0 - T / Tc, np.nan)
    return R * Tc * sum((a + omega * (b + omega * c)) * tau**power for power, (a, b, c) in _MORGAN.items())


def rackett_density(T: float, mass: float, Tc: float, Pc: float, Vc: float) -> float:
    """Saturated liquid density [kg/m^3] of H. G. Rackett, J. Chem. Eng. Data 15 (1970) 514; mass in g/mol."""
    from chemicals.volume import Rackett

    return 1e-3 * mass / float(Rackett(T, Tc, Pc, Pc * Vc / (R * Tc)))


def costald_density(T: float, mass: float, Tc: float, Vc: float, omega: float) -> float:
    """Saturated liquid density [kg/m^3] of R. W. Hankinson, G. H. Thomson, AIChE J. 25 (1979) 653, with the critical volume for the characteristic one; mass in g/mol."""
    from chemicals.volume import COSTALD

    return 1e-3 * mass / float(COSTALD(T, Tc, Vc, omega))


def rackett_carried(T: float, density: float, T0: float, Tc: float, omega: float) -> float:
    """Liquid density at T from that at T0 by Rackett's equation with Z_RA = 0.29056 - 0.08775 omega (T. Yamada, R. D. Gunn, J. Chem. Eng. Data 18 (1973) 234)."""
    z = 0.29056 - 0.08775 * omega
    return density * z ** ((1.0 - T0 / Tc) ** (2.0 / 7.0) - (1.0 - T / Tc) ** (2.0 / 7.0))


def girolami_density(mass: float, volume: float) -> float:
    """Liquid density [kg/m^3] near room temperature from additive atomic volumes [cm^3/mol]: G. S. Girolami, J. Chem. Educ. 71 (1994) 962; mass in g/mol."""
    return 1e3 * mass / volume


def compressed(P: float, T: float, density: float, psat: float, Tc: float, Pc: float, omega: float) -> float:
    """Liquid density at a pressure above saturation: G. H. Thomson, K. R. Brobst, R. W. Hankinson, AIChE J. 28 (1982) 671."""
    from chemicals.volume import COSTALD_compressed

    return density / float(COSTALD_compressed(T, P, psat, Tc, Pc, omega, 1.0)) if psat < P else density


def peng_robinson_gas(T: float, P: float, mass: float, Tc: float, Pc: float, omega: float, psat: float) -> float:
    """Gas density [kg/m^3] by D.-Y. Peng, D. B. Robinson, Ind. Eng. Chem. Fundam. 15 (1976) 59; above the vapour pressure that of the saturated vapour; mass in g/mol."""
    p = min(P, psat) if Tc > T else P
    m = 0.37464 + 1.54226 * omega - 0.26992 * omega**2
    a = 0.45724 * (R * Tc) ** 2 / Pc * (1.0 + m * (1.0 - math.sqrt(T / Tc))) ** 2
    b = 0.07780 * R * Tc / Pc
    A, B = a * p / (R * T) ** 2, b * p / (R * T)
    z = 1.0
    for _ in range(60):  # Newton from the ideal gas comes to the largest root
        f = ((z - (1.0 - B)) * z + (A - 3.0 * B * B - 2.0 * B)) * z - (A * B - B * B - B**3)
        step = f / ((3.0 * z - 2.0 * (1.0 - B)) * z + (A - 3.0 * B * B - 2.0 * B))
        z -= step
        if abs(step) < 1e-12:
            break
    return 1e-3 * mass * p / (z * R * T) if z > B else math.nan


def joback_gas_heat_capacity(T: float, a: float, b: float, c: float, d: float) -> float:
    """Ideal-gas heat capacity [J/(mol K)] of Joback and Reid 1987 from their group sums, 280 to 1100 K."""
    return a + T * (b + T * (c + T * d))


def joback_viscosity(T: float, mass: float, a: float, b: float) -> float:
    """Liquid viscosity [Pa s] of Joback and Reid 1987 from their group sums; mass in g/mol."""
    return mass * math.exp(a / T + b)


def lewis_squires(T: float, viscosity: float, T0: float) -> float:
    """Liquid viscosity [Pa s] at T from that at T0: W. K. Lewis, L. Squires, Refiner Nat. Gasoline Manuf. 13 (1934) 448, as in Poling et al. 2001, eq. 9-10.3."""
    return 1e-3 * ((1e3 * viscosity) ** -0.2661 + (T - T0) / 233.0) ** (-1.0 / 0.2661)


def surface_tension_carried(T: float, sigma: float, T0: float, Tc: float) -> float:
    """Surface tension [N/m] at T from that at T0: E. A. Guggenheim, J. Chem. Phys. 13 (1945) 253, exponent 11/9."""
    return sigma * ((1.0 - T / Tc) / (1.0 - T0 / Tc)) ** (11.0 / 9.0) if Tc > T and Tc > T0 else math.nan


def sastri_rao(T: float, Tb: float, Tc: float, Pc: float, kind: float) -> float:
    """Surface tension [N/m] of S. R. S. Sastri, K. K. Rao, Chem. Eng. J. 59 (1995) 181; kind 1 an alcohol, 2 a carboxylic acid, 0 neither."""
    from chemicals.interface import Sastri_Rao

    return float(Sastri_Rao(T, Tb, Tc, Pc, ("", "alcohol", "acid")[int(kind)]))


def conductivity_carried(T: float, k: float, T0: float, Tc: float) -> float:
    """Liquid thermal conductivity at T from that at T0 by the temperature function of L. Riedel's equation, 3 + 20 (1 - Tr)^(2/3), as in Poling et al. 2001, eq. 10-9.2."""
    f = [3.0 + 20.0 * (1.0 - t / Tc) ** (2.0 / 3.0) if t < Tc else math.nan for t in (T, T0)]
    return k * f[0] / f[1]


def gas_power(T: float, y: float, T0: float, exponent: float) -> float:
    """A property of a dilute gas at T from that at T0 by a power of temperature."""
    return y * (T / T0) ** exponent


def fuller(T: float, P: float, mass: float, volume: float) -> float:
    """Diffusivity in air [m^2/s]: E. N. Fuller, K. Ensley, J. C. Giddings, J. Phys. Chem. 73 (1969) 3679; mass in g/mol, volume in their units, that of air 19.7."""
    joint = 2.0 / (1.0 / mass + 1.0 / AIR)
    return 1e-4 * 0.00143 * T**1.75 / (P * 1e-5 * math.sqrt(joint) * (volume ** (1 / 3) + 19.7 ** (1 / 3)) ** 2)


@lru_cache(maxsize=256)
def water_viscosity(T: float) -> float:
    """Viscosity of liquid water [Pa s]: J. Kestin, M. Sokolov, W. A. Wakeham, J. Phys. Chem. Ref. Data 7 (1978) 941, 273 to 423 K."""
    if not 268.0 <= T <= 425.0:
        return math.nan
    c = T - 273.15
    return 1.002e-3 * 10.0 ** ((20.0 - c) / (c + 96.0) * (1.2364 - 1.37e-3 * (20.0 - c) + 5.7e-6 * (20.0 - c) ** 2))


def hayduk_laudie(T: float, Vc: float) -> float:
    """Diffusivity in water at infinite dilution [m^2/s]: W. Hayduk, H. Laudie, AIChE J. 20 (1974) 611; molar volume at boiling 0.285 Vc^1.048 by Tyn and Calus 1975."""
    volume = 0.285 * (1e6 * Vc) ** 1.048
    return 1e-4 * 13.26e-5 / ((1e3 * water_viscosity(T)) ** 1.14 * volume**0.589)


def wilke_chang(T: float, Vc: float) -> float:
    """Diffusivity in water at infinite dilution [m^2/s]: C. R. Wilke, P. Chang, AIChE J. 1 (1955) 264, association factor 2.6; volume as in :func:`hayduk_laudie`."""
    volume = 0.285 * (1e6 * Vc) ** 1.048
    return 1e-4 * 7.4e-8 * math.sqrt(2.6 * WATER) * T / (1e3 * water_viscosity(T) * volume**0.6)


def hildebrand(T: float, H: float, density: float, mass: float) -> float:
    """Solubility parameter [Pa^0.5] by its definition, (dHvap - RT)/V under the root: J. H. Hildebrand, R. L. Scott 1950; mass in g/mol."""
    return math.sqrt((H - R * T) * density / (1e-3 * mass))


def hansen_joined(d: float, p: float, h: float) -> float:
    """Solubility parameter from its three parts: C. M. Hansen, Hansen Solubility Parameters, CRC Press 2007, eq. 1.6."""
    return math.sqrt(d * d + p * p + h * h)


def dispersion_by_refraction(n: float) -> float:
    """Hansen's dispersion parameter [Pa^0.5] from the refractive index: D. M. Koenhen, C. A. Smolders, J. Appl. Polym. Sci. 19 (1975) 1163, in (cal/cm^3)^0.5 there."""
    return 2045.5 * (9.55 * n - 5.55)


def general_solubility(Tm: Any, logp: Any) -> Any:
    """log10 of the molar solubility in water at 25 degC: N. Jain, S. H. Yalkowsky, J. Pharm. Sci. 90 (2001) 234; arrays or numbers."""
    return 0.5 - 0.01 * np.maximum(Tm - 298.15, 0.0) - logp


def solubility_carried(T: float, s: float, T0: float, Tm: float, fusion: float) -> float:
    """log10 of the solubility at T from that at T0 by van 't Hoff with the enthalpy of fusion for that of solution (ideal solution); of a liquid unchanged."""
    return s + fusion / (2.302585093 * R) * (1.0 / T0 - 1.0 / T) if Tm > min(T, T0) else s


def lorentz_lorenz(refraction: float, mass: float, density: float) -> float:
    """Refractive index from the molar refraction [cm^3/mol]: H. A. Lorentz 1880, L. Lorenz 1880; mass in g/mol."""
    x = refraction * 1e-6 * density / (1e-3 * mass)
    return math.sqrt((1.0 + 2.0 * x) / (1.0 - x))


def maxwell(n: float) -> float:
    """Relative permittivity of a substance without dipoles: J. C. Maxwell's n^2."""
    return n * n


def combustion(products: Any, formation: Any, is_so: Any = True) -> Any:
    """Enthalpy of combustion [J/mol] at 298.15 K to CO2, liquid water, N2, SO2, HF, HCl, Br2, I2: exact stoichiometry, products of CODATA 1989; nothing where the fuel is not in that state."""
    return np.where(is_so, products - formation, np.nan)


def catoire_naudet(Tb: Any, H: Any, carbons: Any) -> Any:
    """Closed-cup flash point [K] from boiling point, enthalpy of vaporisation at 298 K [J/mol] and carbons: L. Catoire, V. Naudet, J. Phys. Chem. Ref. Data 33 (2004) 1083; arrays or numbers."""
    return 1.477 * Tb**0.79686 * (1e-3 * H) ** 0.16845 * carbons**-0.05948


def flash_by_vapour(Tb: Any, Tc: Any, Pc: Any, lfl: Any) -> Any:
    """Flash point [K]: where the vapour pressure of Lee and Kesler makes the air above the liquid a mixture at its lower flammability limit (R. R. Mack et al. 1923); arrays or numbers."""
    target, omega = np.log(lfl * 101_325.0), lee_kesler_omega(Tb, Tc, Pc)

    def beyond(u: Any) -> Any:
        simple, correction = _lee_kesler_terms(1.0 / (u * Tc))
        return np.log(Pc) + simple + omega * correction - target

    u0, u1 = 1.0 / Tb, 1.0 / (0.75 * Tb)
    f0, f1 = beyond(u0), beyond(u1)
    for _ in range(8):  # ln p over 1/T is nearly straight: the secant is there after four or five steps
        flat = np.abs(f1 - f0) < 1e-12
        u0, u1, f0 = u1, np.where(flat, u1, u1 - f1 * (u1 - u0) / np.where(flat, 1.0, f1 - f0)), f1
        f1 = beyond(u1)
    return np.where(np.abs(f1) < 1e-6, 1.0 / u1, np.nan)


def suzuki_lfl(heat: Any) -> Any:
    """Lower flammability limit [1] from the enthalpy of combustion [J/mol, negative]: T. Suzuki, Fire Mater. 18 (1994) 333; arrays or numbers."""
    h = 1e-6 * heat
    return 0.01 * (1.80 - 3.42 / h + h * (0.569 + 0.0538 * h))


def suzuki_ufl(heat: Any) -> Any:
    """Upper flammability limit [1] from the enthalpy of combustion [J/mol, negative]: T. Suzuki, K. Koide, Fire Mater. 18 (1994) 393; arrays or numbers."""
    h = 1e-6 * heat
    return 0.01 * (23.5 + h * (6.3 + 0.567 * h))


def share_of_stoichiometric(dilution: float, share: float) -> float:
    """Flammability limit [1] as a share of the stoichiometric mixture, 0.55 or 3.5: G. W. Jones, Chem. Rev. 22 (1938) 1, as in Crowl and Louvar 2001."""
    return share / dilution
