"""What it costs, the compromise between objectives, and who causes the uncertainty."""

from __future__ import annotations

from typing import Any

from chemwright.report.bar_chart import bars
from chemwright.report.chart import Series, figure, xy
from chemwright.report.parts import Absent, get, need, rows
from chemwright.report.sections_plant import shown
from chemwright.report.sections_summary import FIGURES
from chemwright.report.tables import columns, note, table, tier
from chemwright.report.text import Markup, element, finite, glue, number, share, with_std

TOP = 8


def breakdown(details: dict[str, Any]) -> Markup:
    """Cost by item: bars with whiskers of one standard uncertainty, and the table."""
    items = rows(need(details, "results", "design", "breakdown"))
    unit = str(items[0].get("unit") or "USD/kg") if items else "USD/kg"
    groups = list(dict.fromkeys(str(i.get("group") or "other") for i in items))
    big = sorted(items, key=lambda i: -(finite(i.get("value")) or 0.0))
    chart = bars([(str(i.get("item")), i.get("value") or 0.0, i.get("std") or 0.0, 1 + groups.index(str(i.get("group") or "other")) % 5) for i in big], unit, title="cost by item")
    keys = [Series(g, [], [], tone=1 + n % 5, marker="square") for n, g in enumerate(groups)]
    total = get(details, "results", "design", "cost", default={})
    value = total.get("value") or sum(finite(i.get("value")) or 0.0 for i in items)
    body = [[i.get("item"), i.get("group"), with_std(i.get("value"), i.get("std")), share((finite(i.get("value")) or 0.0) / value if value else None)] for i in big]
    foot = ["total", "", with_std(value, total.get("std")), ""]
    text = "Whiskers: one standard uncertainty of each item alone. They don't add up in squares: some causes move several items."
    return columns(figure(chart, text, keys), table(["item", "group", unit, "of the cost"], body, numeric=[2, 3], foot=foot, label="cost breakdown"))


def _pairs(front: list[dict[str, Any]], key: str, field: str) -> list[float]:
    return [finite(get(p, key, field)) if get(p, key, field) is not None else float("nan") for p in front]  # type: ignore[misc]


def pareto(details: dict[str, Any]) -> Markup:
    """Cost against E-factor: the front by itself, and with the uncertainty of every point."""
    front = rows(need(details, "results", "design", "front"))
    chosen = get(details, "results", "design", "chosen", default=0)
    x, y = _pairs(front, "cost", "value"), _pairs(front, "e_factor", "value")
    order = sorted((i for i in range(len(front)) if x[i] == x[i] and y[i] == y[i]), key=lambda i: (x[i], y[i]))
    if not order:
        raise Absent("no point of the front has a cost and an E-factor")
    path = Series("front", [x[i] for i in order], [y[i] for i in order], kind="line", tone=5)
    points = Series("designs", path.x, path.y, tone=1)
    crosses = Series(
        "designs, one standard uncertainty",
        path.x,
        path.y,
        tone=1,
        xerr=[_pairs(front, "cost", "std")[i] for i in order],
        yerr=[_pairs(front, "e_factor", "std")[i] for i in order],
    )
    mark = [Series("chosen", [x[chosen]], [y[chosen]], tone=2, marker="diamond")] if isinstance(chosen, int) and 0 <= chosen < len(front) else []
    near, far = [path, points, *mark], [path, crosses, *mark]
    labels = ("cost, USD/kg", "E-factor, kg/kg")
    charts = columns(
        figure(xy(near, *labels, title="Pareto front", height=320, n=4), "The front: no design has both a lower cost and a lower E-factor.", near),
        figure(
            xy(far, *labels, title="Pareto front with uncertainty", height=320, n=4),
            "The same with the uncertainty of each point; most of it is shared by all points and does not change their order.",
            far,
        ),
    )
    names = list(dict.fromkeys(k for p in front for k in get(p, "conditions", default={})))
    body = [
        [
            f"{i + 1}" + (" (chosen)" if i == chosen else ""),
            *(with_std(get(p, k, "value"), get(p, k, "std")) for k in ("cost", "e_factor", "co2e")),
            *(shown(n, get(p, "conditions", n))[0] for n in names),
        ]
        for i, p in enumerate(front)
    ]
    head = ["design", "cost, USD/kg", "E-factor", "CO2e, kg/kg", *(f"{n.replace('_', ' ')}{', ' + u if (u := shown(n, None)[1]) not in ('', '1') else ''}" for n in names)]
    return glue([charts, table(head, body, numeric=range(1, len(head)), label="designs on the front")])


def shares(details: dict[str, Any]) -> Markup:
    """Who causes the uncertainty of the figures: bars and tables of Shapley shares."""
    explain = need(details, "results", "explain")
    found = [(k, rows(explain[k])) for k in ("cost", "e_factor") if rows(explain.get(k))]
    if not found:
        raise Absent("the step 'explain' has no shares for cost or E-factor")
    text = "Shapley shares of each figure's variance: they sum to one, also where causes are correlated or act together."
    return glue([note(text), *(_figure(FIGURES[k], causes) for k, causes in found)])


def _figure(name: str, causes: list[dict[str, Any]]) -> Markup:
    big = sorted(causes, key=lambda c: -(finite(c.get("share")) or 0.0))
    values = [finite(c.get("share")) or 0.0 for c in big]
    rest = sum(values[TOP:])
    lines = [(str(c.get("cause")), v, 0.0, 1) for c, v in zip(big[:TOP], values, strict=False)]
    if len(big) > TOP:
        lines.append((f"{len(big) - TOP} others", rest, 0.0, 5))
    chart = figure(bars(lines, f"share of the variance of {name}, %", title=f"shares of {name}", percent=True), f"Causes of the uncertainty of the {name}.")
    shown_ = [c for c in big if (finite(c.get("share")) or 0.0) >= 0.0005][:25]
    body = [[c.get("cause"), tier(c.get("tier")), c.get("source") or "-", share(c.get("share"))] for c in shown_]
    small = sum(values[len(shown_) :])
    if len(big) > len(shown_):
        body.append([f"{len(big) - len(shown_)} others", "", "", share(small)])
    part = table(["cause", "tier", "source", "share"], body, numeric=[3], label=f"shares of {name}")
    return glue([element("h3", name[:1].upper() + name[1:]), columns(chart, part), *(_data(c) for c in shown_ if rows(c.get("details")))])


def _data(cause: dict[str, Any]) -> Markup:
    """The data behind one cause, the largest first."""
    items = sorted(rows(cause.get("details")), key=lambda d: -abs(finite(d.get("share")) or 0.0))
    body = [[d.get("cause"), d.get("source") or "-", share(d.get("share"))] for d in items[:10]]
    left = f"; the other {len(items) - 10} have {share(sum(finite(d.get('share')) or 0.0 for d in items[10:]))} together" if len(items) > 10 else ""
    title = element("summary", Markup(f"{glue([cause.get('cause')])}: the {min(10, len(items))} of {len(items)} data that count most{left}"))
    return element("details", glue([title, table(["datum", "source", "share"], body, numeric=[2], label="shares of data")]))


def next_experiments(details: dict[str, Any]) -> Markup:
    """Which measurement buys how much."""
    results = details.get("results") if isinstance(details.get("results"), dict) else {}
    items = rows(need({"results": results}, "results", "next"))
    if not items:
        raise Absent("the step 'next' gave no experiment")
    body = []
    for i, e in enumerate(items, 1):
        at = ", ".join(f"{k.replace('_', ' ')} {v} {u if u != '1' else ''}".strip() for k, x in get(e, "conditions", default={}).items() for v, u in [shown(k, x)])
        what = glue([str(e.get("experiment")), element("div", at, class_="note") if at else ""])
        body.append([i, what, e.get("tier"), e.get("informs") or "-", number(e.get("cost")), share(e.get("expected_reduction")), number(e.get("std_after"))])
    head = ["", "experiment", "room", "informs", "price, USD", "variance of the cost it takes away", "std of the cost after it, USD/kg"]
    first = items[0]
    lead = glue(
        [
            "Best value for money: ",
            element("b", first.get("experiment")),
            ", about ",
            number(first.get("cost")),
            " USD for ",
            share(first.get("expected_reduction")),
            " of the variance of the cost.",
        ]
    )
    return glue(
        [element("p", lead), table(head, body, numeric=[0, 4, 5, 6], label="next experiments"), note("Ranked by expected reduction of the variance per price; each taken alone.")]
    )
