"""Sizes, capital, operating cost, waste and CO2e of the plant from its streams; every correlation cited, every price a claim."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from chemwright.equipment import CostRow, capital_recovery_factor, condenser_area, evaporator_area, exchanger_area, mean_temperature_difference, purchase_cost
from chemwright.flowsheet.balances import Flows, Layout
from chemwright.flowsheet.numbers import Lookup
from chemwright.model.lower import sqrt

YEAR = 365.25 * 86400.0


@frozen(eq=False)
class Unit:
    """A piece of equipment: key of its cost row, size in the row's unit, how many, bare and installed cost in USD, heat duty in W."""

    id: str
    row: str
    text: str
    size: Any
    count: int = 1
    duty: Any = 0.0
    purchase: Any = 0.0
    installed: Any = 0.0


@frozen(eq=False)
class Account:
    """What the plant costs and emits: figures per kg of product, numbers or symbols."""

    figures: dict[str, Any] = field(factory=dict)
    items: dict[str, tuple[str, Any]] = field(factory=dict)
    units: list[Unit] = field(factory=list)
    fixed_capital: Any = 0.0


def _positive(x: Any) -> Any:
    """Smooth |x|, so that a duty that changes sign stays differentiable."""
    return sqrt(x * x + 1e-6)


def size_units(layout: Layout, flows: Flows, scale: Any, d: dict[str, Any], p: Lookup, masses: dict[str, float]) -> list[Unit]:
    """Equipment list with sizes in the units of the cost rows; flows times ``scale`` are mol/s."""
    q = {k: v * scale for k, v in flows.duty.items()}
    volume_flow = scale / d["concentration"]
    t_mix, t_r, t_f = flows.temperature["reactor feed"], d["temperature"], flows.temperature["vapour"]
    steam, batch = p("plant.t_steam"), p("plant.batch_time")
    product = flows.extra["product_mass"] * scale
    residue = sum(flows.mole["residue"][j] * scale * p(f"{j}.liquid_molar_volume") for j in layout.ids)
    coil = 4 * volume_flow * d["residence_time"] / p("plant.tube_diameter")
    heater = exchanger_area(_positive(q["preheater"]), p("U.reactor_coil"), mean_temperature_difference(steam - t_mix, steam - t_r))
    cooling = _positive(q["crystalliser"])
    vapour = _positive(q["condenser"])
    hold = p("plant.tank_time") * 1.0
    solvent_tank = (
        flows.mole["reactor feed"][layout.solvent] * scale * p(f"{layout.solvent}.liquid_molar_volume") * 28800.0
        + flows.mole["fresh"][layout.solvent] * scale * p(f"{layout.solvent}.liquid_molar_volume") * hold
    )
    reagents = sum(flows.mole["fresh"][j] * scale * p(f"{j}.liquid_molar_volume") for j in layout.fed if j != layout.solvent) * hold
    return [
        Unit("preheater", "double_pipe_exchanger", "feed preheater, double pipe, steam", heater, 1, q["preheater"]),
        Unit("reactor", "double_pipe_exchanger", "plug-flow coil, jacketed tube", coil, 1, q["reactor"] + q["neutraliser"]),
        Unit(
            "evaporator",
            "falling_film_evaporator",
            "agitated falling-film evaporator, steam",
            evaporator_area(_positive(q["evaporator"]), p("U.vaporiser_light"), steam, t_f),
            1,
            q["evaporator"],
        ),
        Unit(
            "condenser",
            "double_pipe_exchanger",
            "condenser and subcooler, cooling water",
            condenser_area(vapour, p("U.condenser_organic"), 345.0, 298.15, 308.15),
            1,
            q["condenser"],
        ),
        Unit("crystalliser", "jacketed_agitated_reactor", "batch cooling crystalliser", residue * batch / 0.7, 1, q["crystalliser"]),
        Unit("filter", "plate_frame_filter", "filter, washed cake", product * batch / p("plant.cake_density")),
        Unit("dryer", "tray_dryer", "tray dryer", product * batch / p("plant.tray_loading")),
        Unit("refrigerator", "refrigerator", "packaged refrigerator for the crystalliser", cooling / 1000.0),
        Unit("pumps", "centrifugal_pump", "feed, residue and recycle pumps", volume_flow * 1000.0, 3),
        Unit("solvent tank", "cone_roof_tank", "solvent tank", solvent_tank),
        Unit("reagent tanks", "cone_roof_tank", "reagent tanks", reagents / 3.0, 3),
    ]


def account(
    layout: Layout,
    flows: Flows,
    scale: Any,
    d: dict[str, Any],
    p: Lookup,
    masses: dict[str, float],
    carbon: dict[str, int],
    cas: dict[str, str],
    rows: dict[str, CostRow],
    hours: float,
) -> Account:
    """Cost, E-factor, PMI and CO2e per kg of product.

    Args:
        layout, flows, d, p: of the plant; scale: mol/s of key reactant.
        masses: kg/mol; carbon: carbon atoms a molecule; cas: CAS numbers, for prices.
        rows: cost correlations. hours: operating hours a year.
    """
    from attrs import evolve

    product = flows.extra["product_mass"] * scale
    index, material = p("cost_index.2025_2010"), p("capital.material_304")
    units = []
    for unit in size_units(layout, flows, scale, d, p, masses):
        row = rows[unit.row]
        bare = purchase_cost(row, unit.size, index) * unit.count * (material if row.material == "carbon steel" else 1.0)
        units.append(evolve(unit, purchase=bare, installed=bare * row.hand_factor))
    capital = sum(u.installed for u in units) * p("capital.indirects") * p("capital.accuracy")
    yearly = product * hours * 3600.0
    years = p("capital.life") / YEAR
    rate = p("capital.rate") * YEAR
    items: dict[str, tuple[str, Any]] = {}
    inputs = {j: flows.mole["fresh"][j] * masses[j] * scale for j in layout.fed}
    inputs[layout.solvent] = inputs[layout.solvent] + flows.mole["wash"][layout.solvent] * masses[layout.solvent] * scale
    for j, mass in inputs.items():
        items[j] = ("raw materials", p(f"price.{cas.get(j) or j}", "price.default") * mass / product)
    waste = {j: (flows.mole["mother liquor"][j] + flows.mole["purge"][j]) * masses[j] * scale for j in layout.ids}
    waste_mass = sum(waste.values())
    items["waste incineration"] = ("waste", p("price.waste_incineration") * waste_mass / product)
    heat = _positive(flows.duty["preheater"] * scale) + _positive(flows.duty["evaporator"] * scale)
    cool = _positive(flows.duty["condenser"] * scale) + _positive((flows.duty["reactor"] + flows.duty["neutraliser"]) * scale)
    cold = _positive(flows.duty["crystalliser"] * scale)
    power = p("plant.pressure_rise") * scale / d["concentration"] / 0.5
    for name, used in (("steam", heat), ("cooling_water", cool), ("chilled_water", cold), ("electricity", power)):
        items[name.replace("_", " ")] = ("utilities", p(f"price.{name}") * used / product)
    items["labour"] = ("labour", p("labour.cost") * YEAR * p("labour.operators") * (1 + p("labour.overhead")) / yearly)
    items["maintenance"] = ("capital", p("capital.maintenance") * YEAR * capital / yearly)
    items["capital charge"] = ("capital", capital_recovery_factor(rate, years) * capital / yearly)
    total_in = sum(inputs.values())
    burnt = sum((flows.mole["mother liquor"][j] + flows.mole["purge"][j]) * scale * carbon[j] for j in layout.ids) * 44.0095e-3
    made = sum(p(f"co2e.{cas.get(j) or j}", "co2e.default") * mass for j, mass in inputs.items())
    energy = sum(p(f"co2e.{n}") * u for n, u in (("steam", heat), ("cooling_water", cool), ("chilled_water", cold), ("electricity", power)))
    figures = {
        "cost": sum(value for _, value in items.values()),
        "e_factor": (total_in - product) / product,
        "co2e": (made + burnt + energy) / product,
        "pmi": total_in / product,
        "purity": flows.extra["purity"],
    }
    return Account(figures, items, units, capital)
