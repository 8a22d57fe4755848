"""Readiness: what each figure rests on, from measurement to assumption, in a bar and a sentence."""

from __future__ import annotations

from typing import Any

from chemwright.report.bar_chart import stacked
from chemwright.report.parts import Absent, need, rows
from chemwright.report.tables import note
from chemwright.report.text import Markup, element, finite, glue, share, share_text
from chemwright.report.words import term, tr

TIERS = ("measured", "fitted", "correlated", "estimated", "assumed")
FIGURES = {"cost": "cost", "e_factor": "E-factor", "co2e": "CO2e", "pmi": "process mass intensity", "purity": "purity"}


def figure_name(key: str) -> str:
    """A figure in words."""
    return term(FIGURES.get(key, key.replace("_", " ")))


def tier_shares(causes: Any) -> dict[str, float]:
    """Share of a figure's variance by tier, in the order of :data:`TIERS`, then others; shares as given in explain."""
    sums: dict[str, float] = {}
    for cause in rows(causes):
        name = str(cause.get("tier")) if cause.get("tier") in TIERS else "other"
        sums[name] = sums.get(name, 0.0) + (finite(cause.get("share")) or 0.0)
    return {name: sums[name] for name in (*TIERS, "other") if name in sums}


def verdict(name: str, causes: Any) -> str:
    """One sentence on a figure: the tier that carries most of its variance, and how much data carry; empty without causes."""
    sums = tier_shares(causes)
    if not sums or sum(sums.values()) <= 0:
        return ""
    data = sums.get("measured", 0.0) + sums.get("fitted", 0.0)
    most = max(sums, key=lambda t: sums[t])
    guess = sums.get("estimated", 0.0) + sums.get("assumed", 0.0)
    most_, data_, guess_ = (share_text(v).replace(" ", chr(0xA0)) for v in (sums[most], data, guess))
    values = {"figure": name, "most": most_, "tier": term(most), "data": data_, "guess": guess_}
    if most in ("measured", "fitted"):
        return tr("The uncertainty of the {figure} rests to {most} on {tier} numbers; estimated and assumed ones carry {guess} of it.", **values)
    return tr("The uncertainty of the {figure} rests to {most} on {tier} numbers; measured and fitted ones carry {data} of it.", **values)


def readiness(details: dict[str, Any]) -> Markup:
    """Every figure's variance by tier."""
    explain = need(details, "results", "explain")
    bars = [_bar(figure_name(k), rows(explain.get(k))) for k in FIGURES if rows(explain.get(k))]
    if not bars:
        raise Absent(tr("the step 'explain' has no shares"))
    text = tr(
        "Measured and fitted shares rest on data of this case or of the literature; correlated, estimated and assumed ones on rules and choices that a measurement would replace."
    )
    return glue([*bars, note(text)])


def _bar(name: str, causes: list[dict[str, Any]]) -> Markup:
    """One figure: its sentence, a bar cut into tiers, their names."""
    sums = tier_shares(causes)
    keys = glue((element("span", glue([Markup(f'<i class="{t}"></i>'), f"{term(t)} ", share(v)])) for t, v in sums.items()), " ")
    bar = stacked([(term(t), v) for t, v in sums.items()], list(sums), title=tr("variance of {figure} by tier", figure=name))
    return element("div", glue([element("h3", name[:1].upper() + name[1:]), element("p", verdict(name, causes)), bar, element("div", keys, class_="legend")]), class_="ready")
