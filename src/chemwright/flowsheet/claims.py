"""Claims that the flowsheet itself makes: operating choices that nobody measured, said so, each with a std where it matters."""

from __future__ import annotations

from chemwright.record import Claim, Source

SOURCES = (
    Source("flowsheet:assumption", "assumption", "chemwright's default for an operating choice that the case leaves open; replace it by a claim of your own"),
    Source("flowsheet:stoichiometry", "estimate", "Stoichiometry: the acid set free takes one base; runs with one equivalent of amine reach yields that need a base other than the amine"),
)

DEFAULTS = (
    Claim("plant.base_ratio", "plant", "base_per_key_reactant", 1.1, "1", 0.05, tier="assumed", source="flowsheet:stoichiometry", note="moles of external base fed per mole of key reactant; counted in cost and waste"),
    Claim("plant.purge", "plant", "purge_fraction", 0.03, "1", 0.01, tier="assumed", source="flowsheet:assumption", note="share of the recovered solvent drawn off to keep impurities from building up"),
    Claim("plant.wash", "plant", "wash_ratio", 0.5, "1", 0.15, tier="assumed", source="flowsheet:assumption", note="kg fresh solvent per kg product to wash salt and liquor off the cake; leaves with the mother liquor"),
    Claim("plant.min_liquor", "plant", "liquor_ratio", 1.0, "1", 0.0, tier="assumed", source="flowsheet:assumption", note="at least this mass of solvent per mass of crude product stays for the crystallisation, so that the slurry stirs"),
    Claim("plant.neutralisation", "plant", "salt_in_cake", 0.0, "1", 0.0, tier="assumed", source="flowsheet:assumption", note="salt, base and amine are taken as washed out of the cake"),
    Claim("plant.t_feed", "plant", "temperature", 298.15, "K", 0.0, tier="assumed", source="flowsheet:assumption", note="fresh feeds"),
    Claim("plant.t_condensate", "plant", "temperature", 313.15, "K", 0.0, tier="assumed", source="flowsheet:assumption", note="recovered solvent leaves the condenser subcooled"),
    Claim("plant.t_crystalliser", "plant", "temperature", 278.15, "K", 0.0, tier="assumed", source="flowsheet:assumption", note="temperature of the solubility claim"),
    Claim("plant.t_steam", "plant", "temperature", 433.15, "K", 0.0, tier="assumed", source="flowsheet:assumption", note="condensing steam at about 6 bar"),
    Claim("plant.p_evaporator", "plant", "pressure", 101325.0, "Pa", 0.0, tier="assumed", source="flowsheet:assumption", note="evaporation at atmospheric pressure"),
    Claim("plant.tube_diameter", "plant", "diameter", 0.01, "m", 0.0, tier="assumed", source="flowsheet:assumption", note="inner diameter of the reactor coil"),
    Claim("plant.batch_time", "plant", "time", 28800.0, "s", 0.0, tier="assumed", source="flowsheet:assumption", note="one crystalliser, filter and dryer batch a shift"),
    Claim("plant.cake_density", "plant", "density", 600.0, "kg/m^3", 0.0, tier="assumed", source="flowsheet:assumption", note="bulk density of the wet cake"),
    Claim("plant.tray_loading", "plant", "loading", 15.0, "kg/m^2", 0.0, tier="assumed", source="flowsheet:assumption", note="product per tray area"),
    Claim("plant.tank_time", "plant", "time", 259200.0, "s", 0.0, tier="assumed", source="flowsheet:assumption", note="three days of feed and solvent in tanks"),
    Claim("plant.pressure_rise", "plant", "pressure", 1.5e6, "Pa", 0.0, tier="assumed", source="flowsheet:assumption", note="reactor feed pump: keeps the solvent liquid at the reactor temperature and pays the coil's friction"),
    Claim("plant.vapour_activity", "plant", "activity_factor", 1.0, "1", 0.15, tier="assumed", source="flowsheet:assumption", note="factor on the solvent's activity in the residue: the reactants, products and salt have no group parameters"),
)
