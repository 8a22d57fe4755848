"""Readings of one property of one substance (by CAS number) from the tables that `chemicals` carries, in order of trust."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from chemwright.property.consensus import Reading

R = 8.31446261815324
MEAN_T = 323.15
"""Temperature [K] at which heat capacities are read where a table gives a function of temperature: the middle of 298-350 K."""


@frozen
class Curve:
    """A vapour pressure correlation: source id, p(T) in Pa with T in K as an array, and the range it holds in [K]."""

    source: str
    psat: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    t_min: float
    t_max: float


def _row(table: Any, cas: str) -> dict[str, Any]:
    """The row of a data frame as a dict, empty when it has none."""
    return dict(table.loc[cas].to_dict()) if cas and cas in table.index else {}


def boiling_points(cas: str) -> list[Reading]:
    """Normal boiling points [K]."""
    import chemicals

    names = [m for m in chemicals.Tb_methods(cas) if m != "JOBACK"] if cas else []
    return [Reading(f"chemicals:Tb:{m}", float(chemicals.Tb(cas, method=m))) for m in names]


def formation_liquid(cas: str) -> list[Reading]:
    """Enthalpies of formation of the liquid at 298.15 K [J/mol]."""
    import chemicals

    return [Reading(f"chemicals:Hfl:{m}", float(chemicals.Hfl(cas, method=m)), temperature=298.15) for m in (chemicals.Hfl_methods(cas) if cas else [])]


def formation_gas(cas: str) -> list[Reading]:
    """Enthalpies of formation of the ideal gas at 298.15 K [J/mol]."""
    import chemicals

    names = [m for m in chemicals.Hfg_methods(cas) if m != "JOBACK"] if cas else []
    return [Reading(f"chemicals:Hfg:{m}", float(chemicals.Hfg(cas, method=m)), temperature=298.15) for m in names]


def critical(cas: str) -> tuple[float, float, float] | None:
    """Tabulated Tc [K], Pc [Pa], Vc [m^3/mol]; nothing when one is missing (estimates are not taken)."""
    import chemicals

    guess = ("JOBACK", "WILSON_JASPERSON", "FEDORS")
    out = []
    for methods, get in ((chemicals.Tc_methods, chemicals.Tc), (chemicals.Pc_methods, chemicals.Pc), (chemicals.Vc_methods, chemicals.Vc)):
        names = [m for m in methods(cas) if m not in guess] if cas else []
        if not names:
            return None
        out.append(float(get(cas, method=names[0])))
    return out[0], out[1], out[2]


def vaporisation(cas: str, t: float) -> list[Reading]:
    """Enthalpies of vaporisation [J/mol] at ``t`` [K] (the normal boiling point)."""
    import chemicals.phase_change as pc
    from chemicals.dippr import EQ106

    out = []
    if (row := _row(pc.Hvap_data_CRC, cas)) and row["HvapTb"] == row["HvapTb"]:
        out.append(Reading("chemicals:Hvap:CRC", float(row["HvapTb"]), temperature=float(row["Tb"])))
    if (row := _row(pc.phase_change_data_Perrys2_150, cas)) and row["Tmin"] <= t <= row["Tmax"]:
        out.append(Reading("chemicals:Hvap:PERRY", float(EQ106(t, *(row[k] for k in ("Tc", "C1", "C2", "C3", "C4")))), "correlated", t))
    if (row := _row(pc.phase_change_data_VDI_PPDS_4, cas)) and t < row["Tc"]:
        out.append(Reading("chemicals:Hvap:VDI_PPDS", float(pc.PPDS12(t, *(row[k] for k in ("Tc", "A", "B", "C", "D", "E")))), "correlated", t))
    return out


def vaporisation_298(cas: str) -> list[Reading]:
    """Enthalpies of vaporisation at 298.15 K [J/mol]."""
    import chemicals.phase_change as pc

    found = ((t, _row(d, cas).get("Hvap298")) for t, d in (("CRC", pc.Hvap_data_CRC), ("GHARAGHEIZI", pc.Hvap_data_Gharagheizi)))
    return [Reading(f"chemicals:Hvap298:{t}", float(v), temperature=298.15) for t, v in found if v is not None and v == v]


def heat_capacities(cas: str) -> list[Reading]:
    """Liquid heat capacities [J/(mol K)] at 323.15 K, or at the nearest temperature a table holds."""
    import chemicals.heat_capacity as hc
    from chemicals.dippr import EQ100

    out = []
    for table in hc.zabransky_dicts.values():
        fit: Any = table.get(cas)
        if fit is not None and fit.Tmin <= MEAN_T <= fit.Tmax:
            out.append(Reading("chemicals:Cpl:ZABRANSKY", float(fit.calculate(MEAN_T)), "correlated", MEAN_T))
            break
    if row := _row(hc.Cp_data_Perry_Table_153_100, cas):
        t = float(min(max(MEAN_T, row["Tmin"]), row["Tmax"]))
        out.append(Reading("chemicals:Cpl:PERRY", float(EQ100(t, *(row[k] for k in "ABCDE"))) / 1000.0, "correlated", t))
    if out:
        return out
    found = ((t, _row(d, cas).get("Cpl")) for t, d in (("CRC", hc.CRC_standard_data), ("POLING", hc.Cp_data_Poling)))
    return [Reading(f"chemicals:Cpl:{t}", float(v), temperature=298.15) for t, v in found if v is not None and v == v]


def molar_volumes(cas: str, t: float = 298.15) -> list[Reading]:
    """Saturated liquid molar volumes [m^3/mol] at ``t`` [K]."""
    import chemicals.volume as vol
    from chemicals.dippr import EQ105

    out = []
    if (row := _row(vol.rho_data_Perry_8E_105_l, cas)) and row["Tmin"] <= t <= row["Tmax"]:
        out.append(Reading("chemicals:Vml:PERRY", 1.0 / float(EQ105(t, *(row[k] for k in ("C1", "C2", "C3", "C4")))), "correlated", t))
    if (row := _row(vol.rho_data_VDI_PPDS_2, cas)) and t < row["Tc"]:
        out.append(Reading("chemicals:Vml:VDI_PPDS", float(vol.volume_VDI_PPDS(t, *(row[k] for k in ("Tc", "rhoc", "A", "B", "C", "D", "MW")))), "correlated", t))
    if row := _row(vol.rho_data_CRC_inorg_l_const, cas):
        out.append(Reading("chemicals:Vml:CRC_INORG", float(row["Vm"]), temperature=t))
    return out


def vapour_pressures(cas: str) -> list[Curve]:
    """Vapour pressure correlations, in order of trust."""
    import chemicals.vapor_pressure as vp
    from chemicals.dippr import EQ101

    out: list[Curve] = []

    def add(table: str, call: Callable[..., float], args: tuple[Any, ...], t_min: float, t_max: float) -> None:
        out.append(Curve(f"chemicals:Psat:{table}", lambda ts: np.array([float(call(float(t), *args)) for t in ts]), t_min, t_max))

    wagner = ("Tc", "Pc", "A", "B", "C", "D")
    for table, data, call in (("WAGNER_POLING", vp.Psat_data_WagnerPoling, vp.Wagner), ("WAGNER_MCGARRY", vp.Psat_data_WagnerMcGarry, vp.Wagner_original)):
        if row := _row(data, cas):
            add(table, call, tuple(row[k] for k in wagner), row["Tmin"], row["Tc"])
    if row := _row(vp.Psat_data_Perrys2_8, cas):
        add("PERRY", EQ101, tuple(row[k] for k in ("C1", "C2", "C3", "C4", "C5")), row["Tmin"], row["Tmax"])
    if row := _row(vp.Psat_data_VDI_PPDS_3, cas):
        add("VDI_PPDS", vp.Wagner, tuple(row[k] for k in wagner), row["Tm"], row["Tc"])
    if row := _row(vp.Psat_data_AntoinePoling, cas):
        add("ANTOINE_POLING", lambda t, a, b, c: 10.0 ** (a - b / (t + c)), (row["A"], row["B"], row["C"]), row["Tmin"], row["Tmax"])
    if row := _row(vp.Psat_data_Landolt_Antoine, cas):
        add("LANDOLT", lambda t, a, b, c: float(np.exp(a - b / (t + c))), (row["A"], row["B"], row["C"]), row["Tmin"], row["Tmax"])
    return out
