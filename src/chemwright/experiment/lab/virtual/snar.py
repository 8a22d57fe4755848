"""The chemistry of the virtual lab: the nucleophilic aromatic substitution of the bundled case, with the published rate constants."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from chemwright.experiment.lab.bench import Bench, Figure, Recipe
from chemwright.experiment.lab.envelope import Condition, Envelope, Forbidden, Interlock, Limit, Material
from chemwright.experiment.lab.records import Agreement, Channel, Closure, Station, SteadyRule
from chemwright.kinetics.network import Network, parse_reaction
from chemwright.kinetics.rates import MassAction

SPECIES = ("SM", "amine", "ortho", "para", "bis", "HF")
ORTHO_MOLAR_MASS = 210.2056e-3  # kg/mol, C10H11FN2O2
FEEDS = {"flow_a": {"SM": 1.0}, "flow_b": {"amine": 3.0}}
"""mol/L that each feed brings: 2,4-difluoronitrobenzene, and pyrrolidine."""
VOLUME = 5.0
"""Of the tube, mL."""


@lru_cache(maxsize=1)
def chemistry() -> tuple[MassAction, tuple[float, ...]]:
    """Rate law and parameters: k in m^3/(mol s) on its logarithm at 363.15 K, Ea in J/mol, as the bundled set Hone2017 gives them."""
    import math

    from chemwright.knowledge.sets import load_parameter_set
    from chemwright.quantity.units import convert

    texts = ("SM + amine -> ortho + HF", "SM + amine -> para + HF", "ortho + amine -> bis + HF", "para + amine -> bis + HF")
    network = Network(SPECIES, tuple(parse_reaction(t, f"r{i}") for i, t in enumerate(texts, 1)))
    found = {p.name: p for p in load_parameter_set("Hone2017").parameters}
    k = [math.log(convert(found[f"k.r{i}"].value, found[f"k.r{i}"].unit, "m^3/(mol s)")) for i in range(1, 5)]
    ea = [convert(found[f"Ea.r{i}"].value, found[f"Ea.r{i}"].unit, "J/mol") for i in range(1, 5)]
    return MassAction(network, (363.15,) * 4), (*k, *ea)


def station(name: str = "virtual", time_factor: float = 1.0, **driver: str) -> Station:
    """The station of the virtual lab: two pumps, a heated tube, a back-pressure regulator and an analyser at the outlet.

    Args:
        name: of the station.
        time_factor: seconds of the laboratory in one of the clock.
        driver: name and options of the driver.
    """
    aromatic = {"SM": 1.0, "ortho": 1.0, "para": 1.0, "bis": 1.0}
    return Station(
        name,
        (
            Channel("flow_a", "mL/min", "set", safe=0.0, standby=0.1),
            Channel("flow_b", "mL/min", "set", safe=0.0, standby=0.1),
            Channel("temperature", "degC", "set", safe=20.0, standby=40.0),
            Channel("flow_a_measured", "mL/min"),
            Channel("flow_b_measured", "mL/min"),
            Channel("temperature_measured", "degC", tolerance=0.5),
            Channel("pressure", "bar"),
            *(Channel(s, "mol/L", "result", tolerance=0.004) for s in ("SM", "ortho", "para", "bis")),
        ),
        Envelope(
            limits=(Limit("flow_a", 0.0, 10.0), Limit("flow_b", 0.0, 10.0), Limit("temperature", 0.0, 130.0, per_second=2.0)),
            interlocks=(
                Interlock("overpressure", Condition("pressure", "above", 12.0), 2.0),
                Interlock("overheating", Condition("temperature_measured", "above", 140.0), 0.0, blind=120.0),
            ),
            forbidden=(
                Forbidden(
                    "hot without flow",
                    (Condition("temperature", "above", 100.0), Condition("flow_a", "below", 0.05), Condition("flow_b", "below", 0.05)),
                    "the contents would boil dry",
                ),
            ),
            materials=(Material("2,4-difluoronitrobenzene", "flow_a", ("organic nitro compounds", "organic halogen compounds")), Material("pyrrolidine", "flow_b", ("amines",))),
        ),
        SteadyRule(samples=5, span=60.0, volumes=1.5, limit=10800.0, frozen=6),
        (
            Agreement("flow_a_measured", "flow_a", 0.1, 0.02, 20.0, "pump A does not deliver"),
            Agreement("flow_b_measured", "flow_b", 0.1, 0.02, 20.0, "pump B does not deliver"),
            Agreement("temperature_measured", "temperature", 0.0, 3.0, 600.0, "the heater does not follow"),
        ),
        (Closure(aromatic, {"flow_a": FEEDS["flow_a"]["SM"], "flow_b": 0.0}, 0.1, "the aromatic balance does not close"),),
        {"driver": "virtual", **driver},
        time_factor,
    )


def bench(name: str = "virtual", time_factor: float = 1.0, **driver: str) -> Bench:
    """The station as a campaign sees it: ``residence_time`` (s), ``equivalents`` of amine and ``temperature`` (K) in; the yield of the ortho product and its space-time yield out."""
    return Bench(
        station(name, time_factor, **driver),
        Recipe("flow", VOLUME / 1e6, "flow_a", "flow_b", 1000 * FEEDS["flow_a"]["SM"], 1000 * FEEDS["flow_b"]["amine"]),
        (Figure("yield", "ortho", "yield"), Figure("space_time_yield", "ortho", "space_time_yield", ORTHO_MOLAR_MASS)),
    )


def true_yield(point: Mapping[str, float | str]) -> float:
    """Yield of the ortho product without noise, at residence time (s), equivalents and temperature (K)."""
    import numpy as np

    from chemwright.model.reactors import plug_flow_function

    law, theta = chemistry()
    share = 1 / (1 + float(point["equivalents"]) * FEEDS["flow_a"]["SM"] / FEEDS["flow_b"]["amine"])
    c_in = np.array([1000 * FEEDS["flow_a"]["SM"] * share, 1000 * FEEDS["flow_b"]["amine"] * (1 - share), 0.0, 0.0, 0.0, 0.0])
    xi = np.array(plug_flow_function(law)(theta, c_in, float(point["temperature"]), float(point["residence_time"]))).ravel()
    return float((xi @ law.stoichiometry)[SPECIES.index("ortho")] / c_in[0])


def best_yield(low: tuple[float, float, float] = (30.0, 1.0, 303.15), high: tuple[float, float, float] = (600.0, 4.0, 393.15)) -> float:
    """The highest yield within bounds of residence time (s), equivalents and temperature (K): the best of a coarse grid, refined."""
    import numpy as np
    from scipy.optimize import minimize

    names = ("residence_time", "equivalents", "temperature")
    axes = [np.geomspace(low[0], high[0], 7), np.linspace(low[1], high[1], 5), np.linspace(low[2], high[2], 5)]
    grid = np.array(np.meshgrid(*axes)).reshape(3, -1).T
    start = max(grid, key=lambda x: true_yield(dict(zip(names, x))))
    found = minimize(lambda x: -true_yield(dict(zip(names, x))), start, method="Nelder-Mead", bounds=list(zip(low, high)), options={"xatol": 1e-3, "fatol": 1e-7})
    return float(-found.fun)
