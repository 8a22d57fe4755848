"""What it costs, and the compromise between cost and waste."""

from __future__ import annotations

from typing import Any

from chemwright.report.bar_chart import bars
from chemwright.report.chart import Series, figure, xy
from chemwright.report.parts import Absent, get, need, rows
from chemwright.report.sections_plant import shown
from chemwright.report.tables import columns, note, table
from chemwright.report.text import Markup, finite, glue, number, share, with_std
from chemwright.report.words import term, tr


def breakdown(details: dict[str, Any]) -> Markup:
    """Cost by item: bars with whiskers of one standard uncertainty, and the table."""
    items = rows(need(details, "results", "design", "breakdown"))
    unit = str(items[0].get("unit") or "USD/kg") if items else "USD/kg"
    groups = list(dict.fromkeys(str(i.get("group") or "other") for i in items))
    big = sorted(items, key=lambda i: -(finite(i.get("value")) or 0.0))
    chart = bars(
        [(term(i.get("item")), i.get("value") or 0.0, i.get("std") or 0.0, 1 + groups.index(str(i.get("group") or "other")) % 5) for i in big], unit, title=tr("cost by item")
    )
    keys = [Series(term(g), [], [], tone=1 + n % 5, marker="square") for n, g in enumerate(groups)]
    total = get(details, "results", "design", "cost", default={})
    value = total.get("value") or sum(finite(i.get("value")) or 0.0 for i in items)
    body = [[term(i.get("item")), term(i.get("group")), with_std(i.get("value"), i.get("std")), share((finite(i.get("value")) or 0.0) / value if value else None)] for i in big]
    foot = [tr("total"), "", with_std(value, total.get("std")), ""]
    text = tr("Whiskers: one standard uncertainty of each item alone. They don't add up in squares: some causes move several items.")
    return columns(figure(chart, text, keys), table([tr("item"), tr("group"), unit, tr("of the cost")], body, numeric=[2, 3], foot=foot, label=tr("cost breakdown")))


def _pairs(front: list[dict[str, Any]], key: str, field: str) -> list[float]:
    return [finite(get(p, key, field)) if get(p, key, field) is not None else float("nan") for p in front]  # type: ignore[misc]


def pareto(details: dict[str, Any]) -> Markup:
    """Cost against E-factor: the front by itself, and with the uncertainty of every point by the ledger and by sampled plants."""
    front = rows(need(details, "results", "design", "front"))
    chosen = get(details, "results", "design", "chosen", default=0)
    x, y = _pairs(front, "cost", "value"), _pairs(front, "e_factor", "value")
    order = sorted((i for i in range(len(front)) if x[i] == x[i] and y[i] == y[i]), key=lambda i: (x[i], y[i]))
    if not order:
        raise Absent(tr("no point of the front has a cost and an E-factor"))
    xs, ys = [x[i] for i in order], [y[i] for i in order]
    path, points = Series(tr("front"), xs, ys, kind="line", tone=5), Series(tr("designs"), xs, ys, tone=1)
    mark = [Series(tr("chosen"), [x[chosen]], [y[chosen]], tone=2, marker="diamond")] if isinstance(chosen, int) and 0 <= chosen < len(front) else []
    near, far = [path, points, *mark], [*_clouds(front, order, xs, ys), *mark]
    labels = (tr("cost, USD/kg"), tr("E-factor, kg/kg"))
    charts = columns(
        figure(xy(near, *labels, title=tr("Pareto front"), height=320, n=4), tr("The front: no design has both a lower cost and a lower E-factor."), near),
        figure(
            xy(far, *labels, title=tr("Pareto front with uncertainty"), height=320, n=4),
            tr("The same with one standard uncertainty of each point; most of it is shared by all points and does not change their order."),
            far,
        ),
    )
    text = tr(
        "Each point minimises the cost under a limit on the E-factor (epsilon-constraint, IPOPT with exact derivatives). Beside the ledger's std: mean and std of plants solved again at numbers drawn from it; such a std is itself uncertain by 10 % for 50 plants, 5 % for 200."
    )
    return glue([charts, _designs(front, chosen), note(text)])


def _clouds(front: list[dict[str, Any]], order: list[int], xs: list[float], ys: list[float]) -> list[Series]:
    """The points with their std by the ledger, and mean and std of the sampled plants where they are given."""
    linear = [[_pairs(front, k, "std")[i] for i in order] for k in ("cost", "e_factor")]
    out = [Series(tr("std by the ledger"), xs, ys, tone=1, xerr=linear[0], yerr=linear[1])]
    drawn = [get(front[i], "monte_carlo", default={}) for i in order]
    sampled = [[finite(get(d, k, f)) if get(d, k, f) is not None else float("nan") for d in drawn] for k in ("cost", "e_factor") for f in ("mean", "std")]
    if any(v == v for v in sampled[0]):
        out.append(Series(tr("sampled plants"), sampled[0], sampled[2], tone=4, marker="ring", xerr=sampled[1], yerr=sampled[3]))  # type: ignore[arg-type]
    return out


def _designs(front: list[dict[str, Any]], chosen: Any) -> Markup:
    """Every design on the front: figures by the ledger, beside them those of the sampled plants, and its conditions."""
    names = list(dict.fromkeys(k for p in front for k in get(p, "conditions", default={})))
    body = []
    for i, p in enumerate(front):
        cells: list[Any] = [f"{i + 1}" + (f" ({tr('chosen')})" if i == chosen else "")]
        for k, digits in (("cost", 5), ("e_factor", 4)):
            drawn = get(p, "monte_carlo", k, default={})
            cells += [number(get(p, k, "value"), digits), number(get(p, k, "std"), 2), number(drawn.get("mean"), digits), number(drawn.get("std"), 2)]
        n, failed = get(p, "monte_carlo", "n"), finite(get(p, "monte_carlo", "failed", default=0)) or 0
        cells += ["-" if n is None else tr("{n}, {failed} failed", n=n, failed=f"{failed:.0f}") if failed else n, with_std(get(p, "co2e", "value"), get(p, "co2e", "std"))]
        body.append([*cells, *(shown(name, get(p, "conditions", name))[0] for name in names)])
    titles = [f"{term(n.replace('_', ' '))}{', ' + u if (u := shown(n, None)[1]) not in ('', '1') else ''}" for n in names]
    sampled = (tr("std, ledger"), tr("mean, sampled"), tr("std, sampled"))
    head = [tr("design"), tr("cost, USD/kg"), *sampled, tr("E-factor, kg/kg"), *sampled, tr("sampled plants"), tr("CO2e, kg/kg"), *titles]
    return table(head, body, numeric=range(1, len(head)), label=tr("designs on the front"), css="dense")
