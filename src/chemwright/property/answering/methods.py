"""The methods: what each gives, from which inputs, by which equation, and who published it.

An input is a property (``critical_temperature``), a property that is taken only where it was measured or learned, at the temperature nearest to the one asked for
at which it is known (``liquid_density|known``, with its temperature ``liquid_density|at``), a property at a fixed temperature
(``enthalpy_of_vaporisation@298.15``), a fact of the structure (``$mass``), or the conditions ``T`` and ``P``.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from attrs import frozen

from chemwright.property.answering import equations as eq
from chemwright.property.answering.catalogue import ROOM
from chemwright.property.answering.equations import below_critical, carried

TB, TC, PC, VC, OMEGA = "normal_boiling_point", "critical_temperature", "critical_pressure", "critical_volume", "acentric_factor"
HVAP, HB = "enthalpy_of_vaporisation", "enthalpy_of_vaporisation_at_boiling_point"


@frozen
class Method:
    """One way to a property.

    Args:
        id: short name, by which its calibration is found.
        property: what it gives.
        inputs: as told above, in the order of the equation's arguments.
        equation: of plain numbers.
        source: who published it.
        default: its own standard uncertainty before calibration, on the scale the property is judged on.
        carries: whether it carries a known figure over to another temperature; its uncertainty then grows in proportion to the distance, ``default`` being for 100 K.
    """

    id: str
    property: str
    inputs: tuple[str, ...]
    equation: Callable[..., float]
    source: str
    default: float
    carries: bool = False
    arrays: bool = False
    witness: bool = False


def _value(x: float) -> float:
    return x


def _over_mass(call: Callable[..., float]) -> Callable[..., float]:
    """An equation that gives a molar volume from (T, mass in g/mol, ...) as one that gives a density."""
    return lambda T, mass, *rest: 1e-3 * mass / call(T, *rest)


def _cv(call: Callable[..., float], place: int) -> Callable[..., float]:
    """An equation that wants the heat capacity at constant volume as one that is given that at constant pressure (ideal gas)."""
    return lambda *a: call(*a[:place], a[place] - eq.R, *a[place + 1 :])


_JOBACK = "JobackReid1987"

METHODS: tuple[Method, ...] = (
    Method("joback_tb", TB, ("$joback_tb",), _value, _JOBACK, 35.0, arrays=True),
    Method("critical_ratio", TB, (TC + "|known", "$joback_tc_ratio"), lambda tc, ratio: tc / ratio, _JOBACK, 25.0, arrays=True, witness=True),
    Method("joback_tm", "melting_point", ("$joback_tm",), _value, _JOBACK, 90.0, arrays=True),
    Method("joback_tc", TC, ("$joback_tc_ratio", TB), lambda ratio, tb: ratio * tb, _JOBACK, 12.0, arrays=True),
    Method("joback_pc", PC, ("$joback_pc",), _value, _JOBACK, 0.08, arrays=True),
    Method("joback_vc", VC, ("$joback_vc",), _value, _JOBACK, 0.05, arrays=True),
    Method("lee_kesler_omega", OMEGA, (TB, TC, PC), eq.lee_kesler_omega, "LeeKesler1975", 0.04, arrays=True),
    Method("lee_kesler", "vapour_pressure", ("T", TB, TC, PC), eq.lee_kesler, "LeeKesler1975", 0.15, arrays=True),
    Method("riedel_psat", "vapour_pressure", ("T", TC, TB, PC), below_critical(lambda T, tc, tb, pc: eq.vapour_pressure_by_riedel(T, tb, tc, pc), top=1.0), "Riedel1954", 0.15),
    Method("ambrose_walton", "vapour_pressure", ("T", TC, PC, OMEGA), below_critical(carried("vapor_pressure", "Ambrose_Walton"), top=1.0), "AmbroseWalton1989", 0.15),
    Method("clausius_clapeyron", "vapour_pressure", ("T", TC, TB, HB), below_critical(lambda T, tc, tb, h: eq.vapour_pressure_by_slope(T, tb, tc, h), top=0.9), "Watson", 0.15),
    Method("clapeyron_carried", "vapour_pressure", ("T", TC, "vapour_pressure|known", "vapour_pressure|at", HVAP + "@298.15", "=298.15"), below_critical(eq.vapour_pressure_carried, top=0.9), "Watson", 0.1, carries=True),
    Method("rackett", "liquid_density", ("T", "$mass", TC, PC, VC), below_critical(eq.rackett_density, 0, 2), "Rackett", 0.05),
    Method("costald", "liquid_density", ("T", "$mass", TC, VC, OMEGA), below_critical(eq.costald_density, 0, 2), "COSTALD", 0.05),
    Method("rackett_carried", "liquid_density", ("T", "liquid_density|known", "liquid_density|at", TC, OMEGA), below_critical(eq.rackett_carried, 0, 3), "Rackett", 0.02, carries=True),
    Method("girolami", "liquid_density", ("T", TC, "$mass", "$girolami"), below_critical(lambda T, tc, m, v: eq.girolami_density(m, v), top=0.85), "Girolami1994", 0.08),
    Method("peng_robinson", "gas_density", ("T", "P", "$mass", TC, PC, OMEGA, "vapour_pressure"), eq.peng_robinson_gas, "PengRobinson1976", 0.02),
    Method("rowlinson_poling", "liquid_heat_capacity", ("T", TC, OMEGA, "gas_heat_capacity"), below_critical(carried("heat_capacity", "Rowlinson_Poling")), "RowlinsonPoling", 0.08),
    Method("dadgostar_shaw", "liquid_heat_capacity", ("T", "$similarity", "$mass"), carried("heat_capacity", "Dadgostar_Shaw"), "DadgostarShaw", 0.10),
    Method("dadgostar_carried", "liquid_heat_capacity", ("T", "liquid_heat_capacity|known", "liquid_heat_capacity|at", "$similarity", "$mass"),
           lambda T, c, T0, a, m: c * carried("heat_capacity", "Dadgostar_Shaw")(T, a, m) / carried("heat_capacity", "Dadgostar_Shaw")(T0, a, m), "DadgostarShaw", 0.05, carries=True),
    Method("joback_cp", "gas_heat_capacity", ("T", "$joback_cp_a", "$joback_cp_b", "$joback_cp_c", "$joback_cp_d"), eq.joback_gas_heat_capacity, _JOBACK, 0.04, arrays=True),
    Method("lastovka_shaw", "gas_heat_capacity", ("T", "$similarity", "$mass"), lambda T, a, m: carried("heat_capacity", "Lastovka_Shaw")(T, a, False, m), "LastovkaShaw", 0.06),
    Method("watson_boiling", HVAP, ("T", HB, TB, TC), eq.watson, "Watson", 0.03, arrays=True),
    Method("watson_carried", HVAP, ("T", HVAP + "|known", HVAP + "|at", TC), eq.watson, "Watson", 0.03, carries=True, arrays=True),
    Method("morgan_kobayashi", HVAP, ("T", TC, OMEGA), eq.morgan_kobayashi, "MorganKobayashi1994", 0.05, arrays=True),
    Method("riedel", HB, (TB, TC, PC), eq.riedel, "Riedel", 0.04, arrays=True),
    Method("chen", HB, (TB, TC, PC), eq.chen, "Chen1965", 0.04, arrays=True),
    Method("vetere", HB, (TB, TC, PC), eq.vetere, "Vetere1995", 0.04, arrays=True),
    Method("watson_room", HB, (TB, HVAP + "@298.15|measured", "=298.15", TC), eq.watson, "Watson", 0.03, arrays=True),
    Method("joback_hvap", HB, ("$joback_hvap",), _value, _JOBACK, 0.08, arrays=True),
    Method("joback_hfus", "enthalpy_of_fusion", ("$joback_hfus",), _value, _JOBACK, 0.4, arrays=True),
    Method("joback_hf", "gas_formation_enthalpy", ("$joback_hf",), _value, _JOBACK, 2.5e4, arrays=True),
    Method("liquid_and_vaporisation", "gas_formation_enthalpy", ("liquid_formation_enthalpy|measured", HVAP + "@298.15"), lambda hf, h: hf + h, "definition", 1e3, arrays=True),
    Method("gas_less_vaporisation", "liquid_formation_enthalpy", ("gas_formation_enthalpy", HVAP + "@298.15"), lambda hf, h: hf - h, "definition", 1e3, arrays=True),
    Method("burning_of_the_liquid", "enthalpy_of_combustion", ("$burning", "liquid_formation_enthalpy", TB), lambda p, hf, tb: eq.combustion(p, hf, tb > ROOM), "CODATA1989", 100.0, arrays=True),
    Method("burning_of_the_gas", "enthalpy_of_combustion", ("$burning", "gas_formation_enthalpy", TB), lambda p, hf, tb: eq.combustion(p, hf, tb <= ROOM), "CODATA1989", 100.0, arrays=True),
    Method("letsou_stiel", "liquid_viscosity", ("T", "$mass", TC, PC, OMEGA), below_critical(carried("viscosity", "Letsou_Stiel"), 0, 2), "LetsouStiel1973", 0.4),
    Method("joback_viscosity", "liquid_viscosity", ("T", "$mass", "$joback_mu_a", "$joback_mu_b"), eq.joback_viscosity, _JOBACK, 0.5),
    Method("lewis_squires", "liquid_viscosity", ("T", "liquid_viscosity|known", "liquid_viscosity|at"), eq.lewis_squires, "LewisSquires1934", 0.25, carries=True),
    Method("yoon_thodos", "gas_viscosity", ("T", TC, PC, "$mass"), carried("viscosity", "Yoon_Thodos"), "YoonThodos1970", 0.05),
    Method("lucas_gas", "gas_viscosity", ("T", TC, PC, VC, "$mass"), lambda T, tc, pc, vc, m: carried("viscosity", "Lucas_gas")(T, tc, pc, pc * vc / (eq.R * tc), m), "Lucas1980", 0.05),
    Method("viscosity_by_power", "gas_viscosity", ("T", "gas_viscosity|known", "gas_viscosity|at"), lambda T, y, T0: eq.gas_power(T, y, T0, 0.95), "power law", 0.04, carries=True, arrays=True),
    Method("sato_riedel", "liquid_thermal_conductivity", ("T", "$mass", TB, TC), below_critical(carried("thermal_conductivity", "Sato_Riedel"), 0, 3), "SatoRiedel", 0.15),
    Method("nicola", "liquid_thermal_conductivity", ("T", "$mass", TC, PC, OMEGA), below_critical(carried("thermal_conductivity", "Nicola"), 0, 2), "Nicola2014", 0.12),
    Method("riedel_carried", "liquid_thermal_conductivity", ("T", "liquid_thermal_conductivity|known", "liquid_thermal_conductivity|at", TC), eq.conductivity_carried, "SatoRiedel", 0.04, carries=True),
    Method("chung_gas", "gas_thermal_conductivity", ("T", "$mass", TC, OMEGA, "gas_heat_capacity", "gas_viscosity"), _cv(carried("thermal_conductivity", "Chung"), 4), "Chung1984", 0.1),
    Method("eucken_modified", "gas_thermal_conductivity", ("$mass", "gas_heat_capacity", "gas_viscosity"), _cv(carried("thermal_conductivity", "Eucken_modified"), 1), "Eucken", 0.1),
    Method("conductivity_by_power", "gas_thermal_conductivity", ("T", "gas_thermal_conductivity|known", "gas_thermal_conductivity|at"), lambda T, y, T0: eq.gas_power(T, y, T0, 1.6), "power law", 0.08, carries=True, arrays=True),
    Method("brock_bird", "surface_tension", ("T", TC, TB, PC), below_critical(lambda T, tc, tb, pc: carried("interface", "Brock_Bird")(T, tb, tc, pc)), "BrockBird1955", 0.12),
    Method("pitzer_sigma", "surface_tension", ("T", TC, PC, OMEGA), below_critical(carried("interface", "Pitzer_sigma")), "Pitzer1995", 0.12),
    Method("sastri_rao", "surface_tension", ("T", TC, TB, PC, "$kind"), below_critical(lambda T, tc, tb, pc, kind: eq.sastri_rao(T, tb, tc, pc, kind)), "SastriRao1995", 0.1),
    Method("guggenheim", "surface_tension", ("T", "surface_tension|known", "surface_tension|at", TC), eq.surface_tension_carried, "Guggenheim1945", 0.05, carries=True),
    Method("fuller", "gas_diffusivity", ("T", "P", "$mass", "$fuller"), eq.fuller, "Fuller1969", 0.06),
    Method("hayduk_laudie", "liquid_diffusivity", ("T", VC), eq.hayduk_laudie, "HaydukLaudie1974", 0.13),
    Method("wilke_chang", "liquid_diffusivity", ("T", VC), eq.wilke_chang, "WilkeChang1955", 0.15),
    Method("cohesion", "solubility_parameter", ("T", HVAP, "liquid_density", "$mass"), eq.hildebrand, "Hildebrand1950", 0.02),
    Method("hansen_joined", "solubility_parameter", ("hansen_dispersion_parameter", "hansen_polar_parameter", "hansen_hydrogen_bond_parameter"), eq.hansen_joined, "Hansen2007", 0.06),
    Method("koenhen_smolders", "hansen_dispersion_parameter", ("refractive_index",), eq.dispersion_by_refraction, "KoenhenSmolders1975", 900.0, arrays=True),
    Method("general_solubility", "aqueous_solubility_log", ("melting_point", "octanol_water_partition_coefficient_log"), eq.general_solubility, "JainYalkowsky2001", 0.7, arrays=True),
    Method("vant_hoff", "aqueous_solubility_log", ("T", "aqueous_solubility_log|known", "aqueous_solubility_log|at", "melting_point", "enthalpy_of_fusion"), eq.solubility_carried, "van 't Hoff", 0.3, carries=True),
    Method("crippen", "octanol_water_partition_coefficient_log", ("$crippen_logp",), _value, "WildmanCrippen1999", 0.7, arrays=True),
    Method("lorentz_lorenz", "refractive_index", ("$crippen_refraction", "$mass", "liquid_density@298.15"), eq.lorentz_lorenz, "WildmanCrippen1999", 0.02),
    Method("maxwell", "relative_permittivity", ("refractive_index", "$hydrocarbon"), lambda n, hydrocarbon: eq.maxwell(n) * hydrocarbon, "Maxwell", 0.05),
    Method("catoire_naudet", "flash_point", (TB, HVAP + "@298.15", "$carbons"), eq.catoire_naudet, "CatoireNaudet2004", 8.0, arrays=True),
    Method("flash_by_vapour", "flash_point", (TB, TC, PC, "lower_flammability_limit"), eq.flash_by_vapour, "LeeKesler1975", 10.0, arrays=True),
    Method("suzuki_lfl", "lower_flammability_limit", ("enthalpy_of_combustion",), eq.suzuki_lfl, "Suzuki1994", 0.3, arrays=True),
    Method("jones_lfl", "lower_flammability_limit", ("$stoichiometric",), lambda d: eq.share_of_stoichiometric(d, 0.55), "CrowlLouvar2001", 0.3, arrays=True),
    Method("suzuki_ufl", "upper_flammability_limit", ("enthalpy_of_combustion",), eq.suzuki_ufl, "SuzukiKoide1994", 0.4, arrays=True),
    Method("jones_ufl", "upper_flammability_limit", ("$stoichiometric",), lambda d: eq.share_of_stoichiometric(d, 3.5), "CrowlLouvar2001", 0.4, arrays=True),
)  # fmt: skip
BY_PROPERTY: dict[str, tuple[Method, ...]] = {}
for _m in METHODS:
    BY_PROPERTY[_m.property] = (*BY_PROPERTY.get(_m.property, ()), _m)

SOURCES = {
    "JobackReid1987": "K. G. Joback, R. C. Reid, Chem. Eng. Commun. 57 (1987) 233",
    "LeeKesler1975": "B. I. Lee, M. G. Kesler, AIChE J. 21 (1975) 510",
    "Riedel1954": "L. Riedel, Chem. Ing. Tech. 26 (1954) 83",
    "AmbroseWalton1989": "D. Ambrose, J. Walton, Pure Appl. Chem. 61 (1989) 1395",
    "Watson": "K. M. Watson, Ind. Eng. Chem. 35 (1943) 398",
    "Rackett": "H. G. Rackett, J. Chem. Eng. Data 15 (1970) 514",
    "COSTALD": "R. W. Hankinson, G. H. Thomson, AIChE J. 25 (1979) 653",
    "Girolami1994": "G. S. Girolami, J. Chem. Educ. 71 (1994) 962",
    "PengRobinson1976": "D.-Y. Peng, D. B. Robinson, Ind. Eng. Chem. Fundam. 15 (1976) 59",
    "RowlinsonPoling": "B. E. Poling, J. M. Prausnitz, J. P. O'Connell, The Properties of Gases and Liquids, 5th edition, McGraw-Hill 2001",
    "DadgostarShaw": "N. Dadgostar, J. M. Shaw, Fluid Phase Equilib. 313 (2012) 211",
    "LastovkaShaw": "V. Lastovka, J. M. Shaw, Fluid Phase Equilib. 356 (2013) 338",
    "MorganKobayashi1994": "D. L. Morgan, R. Kobayashi, Fluid Phase Equilib. 94 (1994) 51",
    "Riedel": "L. Riedel, Chem. Ing. Tech. 26 (1954) 679",
    "Chen1965": "N. H. Chen, J. Chem. Eng. Data 10 (1965) 207",
    "Vetere1995": "A. Vetere, Fluid Phase Equilib. 106 (1995) 1",
    "definition": "by definition",
    "CODATA1989": "J. D. Cox, D. D. Wagman, V. A. Medvedev, CODATA Key Values for Thermodynamics, Hemisphere 1989",
    "LetsouStiel1973": "A. Letsou, L. I. Stiel, AIChE J. 19 (1973) 409",
    "LewisSquires1934": "W. K. Lewis, L. Squires, Refiner Nat. Gasoline Manuf. 13 (1934) 448",
    "YoonThodos1970": "P. Yoon, G. Thodos, AIChE J. 16 (1970) 300",
    "Lucas1980": "K. Lucas, in B. E. Poling et al., The Properties of Gases and Liquids, 5th edition, McGraw-Hill 2001",
    "power law": "a power of temperature that dilute gases follow on average",
    "SatoRiedel": "L. Riedel, Chem. Ing. Tech. 21 (1949) 349, with K. Sato's constant",
    "Nicola2014": "G. Di Nicola, E. Ciarrocchi, M. Pierantozzi, R. Stryjek, J. Therm. Anal. Calorim. 116 (2014) 135",
    "Chung1984": "T.-H. Chung, L. L. Lee, K. E. Starling, Ind. Eng. Chem. Fundam. 23 (1984) 8",
    "Eucken": "A. Eucken 1913, modified as in B. E. Poling et al. 2001",
    "BrockBird1955": "J. R. Brock, R. B. Bird, AIChE J. 1 (1955) 174",
    "Pitzer1995": "K. S. Pitzer, Thermodynamics, 3rd edition, McGraw-Hill 1995",
    "SastriRao1995": "S. R. S. Sastri, K. K. Rao, Chem. Eng. J. 59 (1995) 181",
    "Guggenheim1945": "E. A. Guggenheim, J. Chem. Phys. 13 (1945) 253",
    "Fuller1969": "E. N. Fuller, K. Ensley, J. C. Giddings, J. Phys. Chem. 73 (1969) 3679",
    "HaydukLaudie1974": "W. Hayduk, H. Laudie, AIChE J. 20 (1974) 611",
    "WilkeChang1955": "C. R. Wilke, P. Chang, AIChE J. 1 (1955) 264",
    "Hildebrand1950": "J. H. Hildebrand, R. L. Scott, The Solubility of Nonelectrolytes, Reinhold 1950",
    "Hansen2007": "C. M. Hansen, Hansen Solubility Parameters, 2nd edition, CRC Press 2007",
    "KoenhenSmolders1975": "D. M. Koenhen, C. A. Smolders, J. Appl. Polym. Sci. 19 (1975) 1163",
    "JainYalkowsky2001": "N. Jain, S. H. Yalkowsky, J. Pharm. Sci. 90 (2001) 234",
    "van 't Hoff": "van 't Hoff's equation with the enthalpy of fusion",
    "WildmanCrippen1999": "S. A. Wildman, G. M. Crippen, J. Chem. Inf. Comput. Sci. 39 (1999) 868",
    "Maxwell": "J. C. Maxwell, A Treatise on Electricity and Magnetism, 1873",
    "CatoireNaudet2004": "L. Catoire, V. Naudet, J. Phys. Chem. Ref. Data 33 (2004) 1083",
    "Suzuki1994": "T. Suzuki, Fire Mater. 18 (1994) 333",
    "SuzukiKoide1994": "T. Suzuki, K. Koide, Fire Mater. 18 (1994) 393",
    "CrowlLouvar2001": "D. A. Crowl, J. F. Louvar, Chemical Process Safety, Prentice Hall 2001",
}
"""Who published a method, in words."""


def parsed(inputs: str) -> tuple[str, float, str]:
    """An input ``property@temperature|restriction`` as (property, temperature or nan, restriction)."""
    name, _, restriction = inputs.partition("|")
    name, _, t = name.partition("@")
    return name, float(t) if t else math.nan, restriction
