"""The first page: the product, how much, what it costs and how sure that is, and what the uncertainty rests on."""

from __future__ import annotations

from typing import Any

from chemwright.errors import ChemwrightError
from chemwright.report.parts import Absent, get, rows
from chemwright.report.sections_readiness import figure_name, verdict
from chemwright.report.tables import note
from chemwright.report.text import Markup, element, finite, formula, glue, number, with_std
from chemwright.report.words import term, tr, trm

SECONDS_PER_YEAR = 365.25 * 86400
REACTORS = {"pfr": "plug-flow tube", "cstr": "stirred tank", "batch": "batch vessel"}


def drawing(smiles: Any, width: int = 220, height: int = 140) -> Markup:
    """The structure as SVG, or its text in words where it can't be drawn."""
    from chemwright.structure import svg

    try:
        return Markup(svg(str(smiles), width, height))
    except ChemwrightError as error:
        return glue([element("code", smiles), element("p", tr("not drawn: {why}", why=error.message), class_="note")])


def _card(title: str, value: Markup, small: Any = "") -> Markup:
    return element("div", glue([element("span", title), element("b", value), element("span", small)]), class_="card")


def _figure(design: dict[str, Any], key: str, unit: str | None = None) -> Markup:
    entry = get(design, key, default={})
    return with_std(get(entry, "value"), get(entry, "std"), unit if unit is not None else str(get(entry, "unit", default="")))


def _cards(details: dict[str, Any]) -> Markup:
    design, plant = get(details, "results", "design", default={}), get(details, "record", "plant", default={})
    capacity = finite(get(plant, "capacity"))
    yearly = Markup("-") if capacity is None else trm("{n} t/year", n=number(capacity * SECONDS_PER_YEAR / 1000, 4))
    hours = get(plant, "hours")
    purity = get(design, "purity", "value")
    achieved = with_std(100 * purity, 100 * (finite(get(design, "purity", "std")) or 0.0), "wt%") if finite(purity) is not None else Markup("-")
    wanted = finite(get(plant, "purity"))
    interval = get(design, "monte_carlo", "cost", default={})
    spread = (
        trm("90 % of {n} sampled plants: {low} to {high}", n=get(design, "monte_carlo", "n"), low=number(interval["p05"]), high=number(interval["p95"]))
        if "p05" in interval and "p95" in interval
        else tr("per kg of product")
    )
    return element("div", glue([
        _card(tr("capacity"), yearly, trm("{n} h a year", n=number(hours, 4)) if hours else ""),
        _card(tr("cost"), _figure(design, "cost"), spread),
        _card(tr("E-factor"), _figure(design, "e_factor", "kg/kg"), tr("waste per product, solvent and base counted")),
        _card("CO2e", _figure(design, "co2e"), tr("CO2 equivalents per product")),
        _card(tr("process mass intensity"), _figure(design, "pmi", "kg/kg"), tr("all that enters per product")),
        _card(tr("purity"), achieved, "" if wanted is None else trm("wanted: {n} wt%", n=number(100 * wanted))),
    ]), class_="cards")  # fmt: skip


def _warnings(details: dict[str, Any]) -> Markup:
    """What a reader must not overlook: no convergence, balances that don't close, conditions on their bounds."""
    design, fit = get(details, "results", "design", default={}), get(details, "results", "fit", default={})
    out = [
        tr("The {step} did not converge: its numbers are not to be used.", step=term(name))
        for name, part in (("design", design), ("fit", fit))
        if get(part, "converged", default=True) is False
    ]
    worst = max((abs(finite(v) or 0.0) for v in get(design, "balances", default={}).values()), default=0.0)
    if worst > 1e-8:
        out.append(tr("A balance is open by {worst} (relative); 1e-8 is expected.", worst=f"{worst:.1e}"))
    bounds = get(design, "at_bounds", default=[])
    if bounds:
        out.append(
            tr(
                "The best conditions lie at the edge of what was measured ({which}): the optimum may lie beyond, runs there would tell.",
                which=tr(", ").join(term(str(b).replace("_", " ")) for b in bounds),
            )
        )
    return glue(element("p", text, class_="warning") for text in out)


def _verdicts(details: dict[str, Any]) -> list[Markup]:
    """One sentence a figure on what it rests on, as in the section on readiness."""
    explain = get(details, "results", "explain", default={})
    said = [text for k in ("cost", "e_factor", "co2e") if (text := verdict(figure_name(k), get(explain, k)))]
    return [element("ul", glue(element("li", t) for t in said), class_="verdicts")] if said else []


def summary(details: dict[str, Any]) -> Markup:
    """The summary: structure, figures with uncertainty, shares of variance by tier.

    Raises:
        Absent: neither record nor design.
    """
    record = get(details, "record", default={})
    if not record and not get(details, "results", "design"):
        raise Absent(tr("neither a record nor a design was given"))
    target = get(record, "target", default="")
    species = next((s for s in rows(get(record, "species", default=[])) if s.get("smiles") == target), {})
    name = species.get("name") or species.get("id") or get(record, "name", default="product")
    reactor = get(record, "plant", "reactor", default="")
    words = [
        element("b", name),
        element("code", target),
        *([glue([formula(species["formula"]), Markup(f", {number(1000 * float(species.get('molar_mass') or 0), 5)} g/mol")])] if species.get("formula") else []),
    ]
    left = element("div", glue([drawing(target, 280, 180) if target else "", *(element("div", w) for w in words)]), class_="mol")
    said = (
        tr("Figures are value and standard uncertainty; reactor: {reactor}.", reactor=term(REACTORS.get(reactor, reactor)))
        if reactor
        else tr("Figures are value and standard uncertainty.")
    )
    right = glue([_warnings(details), _cards(details), note(said), *_verdicts(details)])
    return element("div", glue([left, element("div", right)]), class_="top")
