"""Who causes the uncertainty of the figures: Shapley shares, a tornado of one standard uncertainty each, and the data behind a cause."""

from __future__ import annotations

from typing import Any

from chemwright.report.bar_chart import bars, tornado
from chemwright.report.chart import Series, figure
from chemwright.report.parts import Absent, get, need, rows
from chemwright.report.sections_readiness import figure_name
from chemwright.report.tables import columns, note, table, tier
from chemwright.report.text import Markup, element, finite, glue, share, share_text
from chemwright.report.words import term, tr, trm

TOP = 8
UNITS = {"cost": "USD/kg", "e_factor": "kg/kg"}


def shares(details: dict[str, Any]) -> Markup:
    """Bars, tornado and table of the causes for cost and E-factor."""
    explain = need(details, "results", "explain")
    found = [(k, rows(explain[k])) for k in UNITS if rows(explain.get(k))]
    if not found:
        raise Absent(tr("the step 'explain' has no shares for cost or E-factor"))
    text = tr("Shapley shares of each figure's variance: they sum to one, also where causes are correlated or act together.")
    return glue([note(text), *(_figure(k, causes, finite(get(details, "results", "design", k, "value"))) for k, causes in found)])


def _figure(key: str, causes: list[dict[str, Any]], value: float | None) -> Markup:
    name = figure_name(key)
    big = sorted(causes, key=lambda c: -(finite(c.get("share")) or 0.0))
    values = [finite(c.get("share")) or 0.0 for c in big]
    lines = [(term(c.get("cause")), v, 0.0, 1) for c, v in zip(big[:TOP], values, strict=False)]
    if len(big) > TOP:
        lines.append((tr("{n} others", n=len(big) - TOP), sum(values[TOP:]), 0.0, 5))
    drawn = bars(lines, tr("share of the variance, %"), title=tr("shares of {figure}", figure=name), percent=True)
    charts = columns(figure(drawn, tr("Shapley shares of the uncertainty of the {figure}.", figure=name)), _tornado(key, name, causes, value))
    shown_ = [c for c in big if (finite(c.get("share")) or 0.0) >= 0.0005][:25]
    body = [[term(c.get("cause")), tier(c.get("tier")), term(c.get("source") or "-"), share(c.get("share"))] for c in shown_]
    if len(big) > len(shown_):
        body.append([tr("{n} others", n=len(big) - len(shown_)), "", "", share(sum(values[len(shown_) :]))])
    part = table([tr("cause"), tr("tier"), tr("source"), tr("share")], body, numeric=[3], label=tr("shares of {figure}", figure=name))
    return glue([element("h3", name[:1].upper() + name[1:]), charts, part, *(_data(c) for c in shown_ if rows(c.get("details")))])


def _tornado(key: str, name: str, causes: list[dict[str, Any]], value: float | None) -> Markup:
    """What one standard uncertainty of each cause does to the figure."""
    known = [(c, e) for c in causes if (e := finite(c.get("effect")))]
    if not known or value is None:
        return note(tr("no tornado: the step 'explain' gave no effects"))
    known = sorted(known, key=lambda ce: (-abs(ce[1]), str(ce[0].get("root"))))[: TOP + 2]
    lines = [(term(c.get("cause")), e, c.get("sign") is not False) for c, e in known]
    keys = [Series(tr("cause one std higher"), [], [], tone=2, marker="square"), Series(tr("cause one std lower"), [], [], tone=1, marker="square")]
    if not all(signed for _, _, signed in lines):
        keys.append(Series(tr("several numbers together"), [], [], tone=5, marker="square"))
    drawn = tornado(lines, value, f"{name}, {UNITS[key]}", title=tr("tornado of {figure}", figure=name))
    return figure(drawn, tr("What one standard uncertainty of each cause does to the {figure}, by the ledger's sensitivities, all else at its best value.", figure=name), keys)


def _data(cause: dict[str, Any]) -> Markup:
    """The data behind one cause, the largest first."""
    items = sorted(rows(cause.get("details")), key=lambda d: -abs(finite(d.get("share")) or 0.0))
    body = [[term(d.get("cause")), d.get("source") or "-", share(d.get("share"))] for d in items[:10]]
    rest = sum(finite(d.get("share")) or 0.0 for d in items[10:])
    title = trm("{cause}: the {n} of {all} data that count most", cause=term(cause.get("cause")), n=min(10, len(items)), all=len(items))
    left = [note(tr("The other {n} have {share} together.", n=len(items) - 10, share=share_text(rest)))] if len(items) > 10 else []
    inner = table([tr("datum"), tr("source"), tr("share")], body, numeric=[2], label=tr("shares of data"))
    return element("details", glue([element("summary", title), inner, *left]))
