"""Where the property figures come from: one Source for each table or method."""

from __future__ import annotations

from functools import lru_cache

from chemwright.record import Source

_TABLES = {
    "ATCT_L": "Active Thermochemical Tables 1.112, liquid",
    "ATCT_G": "Active Thermochemical Tables 1.112, ideal gas",
    "CRC": "CRC Handbook of Chemistry and Physics",
    "CRC_ORG": "CRC Handbook of Chemistry and Physics, physical constants of organic compounds",
    "CRC_INORG": "CRC Handbook of Chemistry and Physics, physical constants of inorganic compounds",
    "COMMON_CHEMISTRY": "CAS Common Chemistry",
    "WEBBOOK": "NIST Chemistry WebBook",
    "WIKIDATA": "Wikidata",
    "YAWS": "Yaws collection",
    "HEOS": "reference equations of state",
    "JANAF": "NIST-JANAF thermochemical tables, 4th edition 1998",
    "API_TDB_G": "API technical data book heats of formation as collected by Albahri",
    "TRC": "TRC thermodynamics of organic compounds in the gas state",
    "WAGNER_POLING": "Wagner coefficients of The Properties of Gases and Liquids, 5th edition",
    "WAGNER_MCGARRY": "Wagner coefficients of McGarry 1983",
    "PERRY": "Perry's Chemical Engineers' Handbook, 8th edition",
    "VDI_PPDS": "VDI Heat Atlas, 2nd edition 2010",
    "ANTOINE_POLING": "Antoine coefficients of The Properties of Gases and Liquids, 5th edition",
    "POLING": "The Properties of Gases and Liquids, 5th edition",
    "LANDOLT": "Landolt-Boernstein Antoine coefficients",
    "GHARAGHEIZI": "enthalpies of vaporisation at 298 K collected by Gharagheizi",
    "ZABRANSKY": "Zabransky collection of liquid heat capacities",
    "CONSTANTS": "critical constants",
}

METHODS = (
    Source(
        "JobackReid1987",
        "literature",
        "K. G. Joback, R. C. Reid, Estimation of pure-component properties from group-contributions, Chem. Eng. Commun. 57 (1987) 233-243",
        "10.1080/00986448708960487",
        1987,
    ),
    Source(
        "LeeKesler1975",
        "literature",
        "B. I. Lee, M. G. Kesler, A generalized thermodynamic correlation based on three-parameter corresponding states, AIChE J. 21 (1975) 510-527",
        "",
        1975,
    ),
    Source("Riedel", "estimate", "Riedel's equation for the enthalpy of vaporisation at the normal boiling point, as implemented in chemicals (MIT)"),
    Source("Watson", "estimate", "Watson's temperature scaling of the enthalpy of vaporisation with exponent 0.38, as implemented in chemicals (MIT)"),
    Source("DadgostarShaw", "estimate", "Dadgostar and Shaw's liquid heat capacity from atoms per mass, as implemented in chemicals (MIT)"),
    Source("Rackett", "estimate", "Rackett's equation for the saturated liquid volume, as implemented in chemicals (MIT)"),
    Source(
        "Girolami1994",
        "literature",
        "G. S. Girolami, A simple 'back of the envelope' method for estimating the densities and molecular volumes of liquids and solids, J. Chem. Educ. 71 (1994) 962",
        "",
        1994,
    ),
    Source("assumed:non-volatile", "assumption", "A salt has no vapour pressure that matters below its decomposition temperature"),
    Source("assumed:neutralisation", "assumption", "Salt from an acid and an amine: sum of the neutral partners' heats of formation less 100 +/- 30 kJ/mol"),
    Source("assumed:rough", "assumption", "No table and no method reaches this substance: a rough figure from its size, with a standard uncertainty to match"),
)
_BY_ID = {s.id: s for s in METHODS}


@lru_cache(maxsize=256)
def source(key: str) -> Source:
    """The Source of a method id (``Riedel``), of a learned model (``learned:normal_boiling_point``) or of a table id (``chemicals:Tb:CRC_ORG``: package, property, table).

    Raises:
        KeyError: neither a known method nor a table id.
    """
    if key in _BY_ID:
        return _BY_ID[key]
    if key.startswith("learned:"):
        what = key.partition(":")[2].replace("_", " ")
        return Source(key, "estimate", f"chemwright's learned model of the {what}, trained on measured molecules; figures in the card data/property/networks.json")
    import chemicals

    package, prop, table = key.split(":")
    if package != "chemicals":
        raise KeyError(key)
    return Source(key, "database", f"chemicals {chemicals.__version__} (MIT), table {prop}: {_TABLES.get(table, table)}", licence="MIT")
