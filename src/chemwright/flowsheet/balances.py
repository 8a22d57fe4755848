"""The plant's equations, written once on CasADi symbols: feed, plug-flow reactor, neutraliser, evaporator, recycle, crystalliser.

Unknowns are scaled to order one. Streams are molar flows per mole/s of key reactant fed to the reactor (the scale F follows
from the capacity), so the square system is the recycle and the flash; everything after the evaporator is explicit.
"""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from chemwright.flowsheet.liquid import LearnedLiquid
from chemwright.flowsheet.numbers import Lookup
from chemwright.kinetics.setup import Problem
from chemwright.model.hybrid import Hybrid
from chemwright.model.reactors import radau_collocation
from chemwright.record import CaseRecord
from chemwright.thermo import ActivityModel, h_liquid, h_vapour, ln_psat

MESH = (0.002, 0.008, 0.025, 0.07, 0.16, 0.32, 0.6, 1.0)
DESIGN = ("temperature", "residence_time", "equivalents", "concentration", "evaporated")


@frozen(eq=False)
class Layout:
    """Who is who in the plant: species ids in order and their parts."""

    ids: tuple[str, ...]
    key: str
    reagent: str
    product: str
    solvent: str
    acid: str
    base: str
    salt: str

    @property
    def fed(self) -> tuple[str, ...]:
        """Species made up from outside."""
        return tuple(s for s in (self.key, self.reagent, self.solvent, self.base) if s)

    @property
    def carried(self) -> tuple[str, ...]:
        """Species that reach the reactor only by the recycle."""
        return tuple(s for s in self.ids if s not in self.fed)

    @property
    def impurities(self) -> tuple[str, ...]:
        """Solids that share the cake with the product: the key reactant and what else the reactions make, acid apart."""
        return tuple(s for s in self.ids if s not in (self.product, self.solvent, self.base, self.salt, self.acid, self.reagent))


@frozen(eq=False)
class Flows:
    """Molar flows (mol/s by species id) and temperatures (K) of all streams, numbers or symbols."""

    mole: dict[str, dict[str, Any]] = field(factory=dict)
    temperature: dict[str, Any] = field(factory=dict)
    phase: dict[str, str] = field(factory=dict)
    duty: dict[str, Any] = field(factory=dict)
    extra: dict[str, Any] = field(factory=dict)


def layout_of(record: CaseRecord, problem: Problem) -> Layout:
    """Find the roles of the case's species."""
    network = problem.model.law.network
    ids = tuple(s.id for s in record.species)
    key = network.species[problem.model.observer.key]
    reagent = network.species[problem.model.reagent] if problem.model.reagent >= 0 else ""
    acids = [s for s in network.species if record.species_by_id(s).smiles in ("F", "Cl", "Br", "I")]
    base = record.plant.base if acids else ""
    used = tuple(i for i in ids if i in network.species or i in (record.solvent, base, "base_salt" if base else ""))
    return Layout(used, key, reagent, network.species[problem.model.observer.target], record.solvent, acids[0] if acids else "", base, "base_salt" if base else "")


def unknowns(layout: Layout, n_reactions: int) -> tuple[str, ...]:
    """Names of the unknowns: scaled extents at the collocation points, vaporised fractions, recycled traces, flash temperature."""
    xi = [f"xi.{i}.{k}" for k in range(3 * len(MESH)) for i in range(n_reactions)]
    return (*xi, *(f"s.{j}" for j in layout.ids), *(f"in.{j}" for j in layout.carried), "in.solvent", "T_flash")


def equations(
    layout: Layout, problem: Problem, hybrid: Hybrid, activity: ActivityModel, v: dict[str, Any], d: dict[str, Any], p: Lookup, masses: dict[str, float]
) -> tuple[list[Any], Flows]:
    """Residuals of the square system and all streams, per mol/s of key reactant at the reactor inlet.

    Args:
        layout, problem, hybrid, activity: the plant's models.
        v: unknowns by name (scaled). d: design variables by name, SI. p: numbers.
        masses: molar masses, kg/mol.
    """
    import casadi as ca

    network = problem.model.law.network
    r = len(network.reactions)
    t_r, tau, eq, conc = d["temperature"], d["residence_time"], d["equivalents"], d["concentration"]
    volume = 1.0 / conc
    n_in = {j: v[f"in.{j}"] if j in layout.carried else 0.0 for j in layout.ids}
    n_in[layout.key] = 1.0
    if layout.reagent:
        n_in[layout.reagent] = eq
    if layout.base:
        n_in[layout.base] = p("plant.base_ratio")
    n_in[layout.solvent] = v["in.solvent"] * 50.0
    eqs = [sum(n_in[j] * p(f"{j}.liquid_molar_volume") for j in layout.ids) * conc - 1.0]

    theta = hybrid.parameters_at([tau, eq, conc, t_r], p.kinetics)
    c_in = [n_in[s] * conc for s in network.species]
    xi = ca.horzcat(*[ca.vertcat(*[v[f"xi.{i}.{k}"] for i in range(r)]) for k in range(3 * len(MESH))])
    collocation, c_out = radau_collocation(problem.model.law, theta, c_in, t_r, tau, conc, xi, MESH)
    eqs += collocation
    out = {**n_in, **{s: c_out[i] * volume for i, s in enumerate(network.species)}}
    reacted = dict(out)
    if layout.acid:
        out[layout.base] = out[layout.base] - out[layout.acid]
        out[layout.salt] = out[layout.salt] + out[layout.acid]
        out[layout.acid] = out[layout.acid] * 0.0

    t_f, pressure = v["T_flash"] * 100.0, p("plant.p_evaporator")
    vapour = {j: out[j] * v[f"s.{j}"] for j in layout.ids}
    liquid = {j: out[j] * (1 - v[f"s.{j}"]) for j in layout.ids}
    total_v, total_l = sum(vapour.values()), sum(liquid.values())
    liquid_model = activity.on(p) if isinstance(activity, LearnedLiquid) else activity
    gamma = liquid_model.ln_gamma([liquid[j] / total_l for j in layout.ids], t_f)
    for i, j in enumerate(layout.ids):
        psat = ca.exp(ln_psat(p(f"{j}.vapour_pressure_A"), p(f"{j}.vapour_pressure_B"), p(f"{j}.vapour_pressure_C"), t_f) + gamma[i])
        k = psat * p(f"{j}.vapour_pressure_factor") / pressure * (p("plant.vapour_activity") if j == layout.solvent else 1.0)
        if j == layout.solvent:
            eqs.append(v[f"s.{j}"] - d["evaporated"])
            eqs.append((v[f"s.{j}"] * total_l - k * (1 - v[f"s.{j}"]) * total_v) / (total_v + total_l))
        else:
            eqs.append((v[f"s.{j}"] * total_l - k * (1 - v[f"s.{j}"]) * total_v) / (total_l + k * total_v))
    recycle = {j: vapour[j] * (1 - p("plant.purge")) for j in layout.ids}
    eqs += [n_in[j] - recycle[j] for j in layout.carried]
    fresh = {j: n_in[j] - recycle[j] if j in layout.fed else 0.0 for j in layout.ids}
    return eqs, _streams(layout, p, masses, t_r, t_f, n_in, reacted, out, vapour, liquid, recycle, fresh)


def _streams(
    layout: Layout, p: Lookup, masses: dict[str, float], t_r: Any, t_f: Any, n_in: Any, reacted: Any, out: Any, vapour: Any, liquid: Any, recycle: Any, fresh: Any
) -> Flows:
    """Everything explicit: purge, crystalliser, product, waste, duties by enthalpy balances."""
    ids, t_c, t_0, t_x = layout.ids, p("plant.t_condensate"), p("plant.t_feed"), p("plant.t_crystalliser")
    hf = {j: p(f"{j}.heat_of_formation_liquid") for j in ids}
    cp = {j: p(f"{j}.liquid_heat_capacity") for j in ids}
    hv = {j: p(f"{j}.heat_of_vaporisation") for j in ids}

    def h(flow: dict[str, Any], t: Any) -> Any:
        return sum(n * h_liquid(hf[j], cp[j], t) for j, n in flow.items())

    purge = {j: vapour[j] - recycle[j] for j in ids}
    solvent_mass = liquid[layout.solvent] * masses[layout.solvent]
    crude = liquid[layout.product]
    crystals = p("crystallisation.yield") * (crude - p("crystallisation.solubility") * solvent_mass / masses[layout.product])
    carried = {j: (1 - p("crystallisation.selectivity")) * liquid[j] for j in layout.impurities}
    product = {j: crystals if j == layout.product else carried.get(j, 0.0) for j in ids}
    product_mass = sum(product[j] * masses[j] for j in ids)
    wash = {j: p("plant.wash") * product_mass / masses[j] if j == layout.solvent else 0.0 for j in ids}
    liquor = {j: liquid[j] - product[j] + wash[j] for j in ids}
    t_mix = t_0 + (h(fresh, t_0) + h(recycle, t_c) - h(n_in, t_0)) / sum(n_in[j] * cp[j] for j in ids)
    h_vap = sum(n * h_vapour(hf[j], cp[j], hv[j], t_f) for j, n in vapour.items())
    flows = Flows()
    for name, mole, t, phase in (
        ("fresh", fresh, t_0, "liquid"), ("recycle", recycle, t_c, "liquid"), ("reactor feed", n_in, t_mix, "liquid"), ("reactor effluent", reacted, t_r, "liquid"), ("neutralised", out, t_r, "liquid"),
        ("vapour", vapour, t_f, "vapour"), ("residue", liquid, t_f, "liquid"), ("purge", purge, t_c, "liquid"), ("wash", wash, t_0, "liquid"), ("product", product, t_x, "solid"), ("mother liquor", liquor, t_x, "liquid"),
    ):  # fmt: skip
        flows.mole[name], flows.temperature[name], flows.phase[name] = dict(mole), t, phase
    flows.duty.update(
        {
            "preheater": h(n_in, t_r) - h(n_in, t_mix),
            "reactor": h(reacted, t_r) - h(n_in, t_r),
            "neutraliser": h(out, t_r) - h(reacted, t_r),
            "evaporator": h_vap + h(liquid, t_f) - h(out, t_r),
            "condenser": h(vapour, t_c) - h_vap,
            "crystalliser": h(product, t_x) + h(liquor, t_x) - h(liquid, t_f) - h(wash, t_0),
        }
    )
    flows.extra.update({"product_mass": product_mass, "liquor": solvent_mass / (crude * masses[layout.product]), "purity": crystals * masses[layout.product] / product_mass})
    return flows
