"""The first page: the product, how much, what it costs and how sure that is, and what the uncertainty rests on."""

from __future__ import annotations

from typing import Any

from chemwright.errors import ChemwrightError
from chemwright.report.bar_chart import stacked
from chemwright.report.parts import Absent, get, need, rows
from chemwright.report.tables import note
from chemwright.report.text import Markup, element, finite, formula, glue, number, share, with_std

SECONDS_PER_YEAR = 365.25 * 86400
TIERS = ("measured", "fitted", "correlated", "estimated", "assumed")
FIGURES = {"cost": "cost", "e_factor": "E-factor", "co2e": "CO2e", "pmi": "process mass intensity", "purity": "purity"}


def drawing(smiles: Any, width: int = 220, height: int = 140) -> Markup:
    """The structure as SVG, or its text in words where it can't be drawn."""
    from chemwright.structure import svg

    try:
        return Markup(svg(str(smiles), width, height))
    except ChemwrightError as error:
        return glue([element("code", smiles), element("p", f"not drawn: {error.message}", class_="note")])


def tier_shares(causes: Any) -> dict[str, float]:
    """Share of a figure's variance by tier, in the order of :data:`TIERS`, then others; shares as given in explain."""
    sums: dict[str, float] = {}
    for cause in rows(causes):
        name = str(cause.get("tier")) if cause.get("tier") in TIERS else "other"
        sums[name] = sums.get(name, 0.0) + (finite(cause.get("share")) or 0.0)
    return {name: sums[name] for name in (*TIERS, "other") if name in sums}


def tier_bar(name: str, causes: Any) -> Markup:
    """One figure's shares by tier: a bar cut into tiers and their names."""
    sums = tier_shares(causes)
    if not sums:
        return Markup("")
    keys = glue((element("span", glue([Markup(f'<i class="{t}"></i>'), f"{t} ", share(v)])) for t, v in sums.items()), " ")
    bar = stacked(list(sums.items()), list(sums), title=f"variance of {name} by tier")
    return glue([element("h3", f"What the uncertainty of the {name} rests on"), bar, element("div", keys, class_="legend")])


def _card(title: str, value: Markup, small: Any = "") -> Markup:
    return element("div", glue([element("span", title), element("b", value), element("span", small)]), class_="card")


def _figure(design: dict[str, Any], key: str, unit: str | None = None) -> Markup:
    entry = get(design, key, default={})
    return with_std(get(entry, "value"), get(entry, "std"), unit if unit is not None else str(get(entry, "unit", default="")))


def _cards(details: dict[str, Any]) -> Markup:
    design, plant = get(details, "results", "design", default={}), get(details, "record", "plant", default={})
    capacity = finite(get(plant, "capacity"))
    yearly = Markup("-") if capacity is None else Markup(f"{number(capacity * SECONDS_PER_YEAR / 1000, 4)} t/year")
    hours = get(plant, "hours")
    purity = get(design, "purity", "value")
    achieved = with_std(100 * purity, 100 * (finite(get(design, "purity", "std")) or 0.0), "wt%") if finite(purity) is not None else Markup("-")
    wanted = finite(get(plant, "purity"))
    interval = get(design, "monte_carlo", "cost", default={})
    spread = (
        f"90 % of {get(design, 'monte_carlo', 'n')} draws: {number(interval['p05'])} to {number(interval['p95'])}"
        if "p05" in interval and "p95" in interval
        else "per kg of product"
    )
    return element("div", glue([
        _card("capacity", yearly, f"{number(hours, 4)} h a year" if hours else ""),
        _card("cost", _figure(design, "cost"), spread),
        _card("E-factor", _figure(design, "e_factor", "kg/kg"), "waste per product, solvent and base counted"),
        _card("CO2e", _figure(design, "co2e"), "CO2 equivalents per product"),
        _card("process mass intensity", _figure(design, "pmi", "kg/kg"), "all that enters per product"),
        _card("purity", achieved, "" if wanted is None else f"wanted: {number(100 * wanted)} wt%"),
    ]), class_="cards")  # fmt: skip


def _warnings(details: dict[str, Any]) -> Markup:
    """What a reader must not overlook: no convergence, balances that don't close, conditions on their bounds."""
    design, fit = get(details, "results", "design", default={}), get(details, "results", "fit", default={})
    out = [f"The {name} did not converge: its numbers are not to be used." for name, part in (("design", design), ("fit", fit)) if get(part, "converged", default=True) is False]
    worst = max((abs(finite(v) or 0.0) for v in get(design, "balances", default={}).values()), default=0.0)
    if worst > 1e-8:
        out.append(f"A balance is open by {worst:.1e} (relative); 1e-8 is expected.")
    bounds = get(design, "at_bounds", default=[])
    if bounds:
        out.append(
            f"The best conditions lie at the edge of what was measured ({', '.join(str(b).replace('_', ' ') for b in bounds)}): the optimum may lie beyond, runs there would tell."
        )
    return glue(element("p", text, class_="warning") for text in out)


def summary(details: dict[str, Any]) -> Markup:
    """The summary: structure, figures with uncertainty, shares of variance by tier.

    Raises:
        Absent: neither record nor design.
    """
    record = get(details, "record", default={})
    if not record and not get(details, "results", "design"):
        raise Absent("neither a record nor a design was given")
    target = get(record, "target", default="")
    species = next((s for s in rows(get(record, "species", default=[])) if s.get("smiles") == target), {})
    name = species.get("name") or species.get("id") or get(record, "name", default="product")
    reactor = get(record, "plant", "reactor", default="")
    causes = get(details, "results", "explain", default={})
    words = [
        element("b", name),
        element("code", target),
        *([glue([formula(species["formula"]), Markup(f", {number(1000 * float(species.get('molar_mass') or 0), 5)} g/mol")])] if species.get("formula") else []),
    ]
    left = element("div", glue([drawing(target, 280, 180) if target else "", *(element("div", w) for w in words)]), class_="mol")
    shares = [tier_bar(FIGURES.get(k, k), need(causes, k)) for k in ("cost", "e_factor", "co2e") if get(causes, k)]
    text = (
        "Measured and fitted shares rest on data of this case or of the literature; correlated, estimated and assumed ones on rules and choices that a measurement would replace."
    )
    right = glue(
        [
            _warnings(details),
            _cards(details),
            note("Figures are value and standard uncertainty" + (f"; reactor: {reactor}." if reactor else ".")),
            *shares,
            note(text) if shares else "",
        ]
    )
    return element("div", glue([left, element("div", right)]), class_="top")
