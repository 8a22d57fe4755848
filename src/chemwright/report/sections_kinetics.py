"""Reactions and kinetics: the network, what the runs told, how well the model meets them."""

from __future__ import annotations

import math
from typing import Any

from chemwright.report.chart import Series, figure, legend, xy
from chemwright.report.parts import Absent, get, need, rows
from chemwright.report.sections_summary import FIGURES, drawing
from chemwright.report.tables import badge, columns, note, pairs, table
from chemwright.report.text import DEGREE, Markup, element, finite, formula, glue, number, share, unit_text, with_std


def network(details: dict[str, Any]) -> Markup:
    """The species with their structures, and the reactions."""
    species = rows(need(details, "record", "species"))
    tiles = []
    for s in species:
        names = [
            element("b", s.get("id")),
            s.get("name") or "",
            Markup("<br>"),
            glue([formula(s.get("formula") or ""), f", {number(1000 * float(s['molar_mass']), 5)} g/mol" if s.get("molar_mass") else ""]),
        ]
        tiles.append(element("div", glue([drawing(s.get("smiles"), 150, 105), *names]), class_="mol"))
    reactions = rows(get(details, "record", "reactions", default=[]))
    listed = table(["reaction", "equation"], [[r.get("id"), r.get("text")] for r in reactions], label="reactions") if reactions else note("no reactions were given")
    return glue([listed, element("div", glue(tiles, "\n"), class_="mols")])


def parameters(details: dict[str, Any]) -> Markup:
    """Kinetic parameters with what the data told about them, and the quality of the fit."""
    fit = need(details, "results", "fit")
    items = need(details, "results", "fit", "parameters")
    body = []
    for name, p in items.items():
        log = finite(p.get("ln_std")) is not None
        prior = glue([number(p.get("prior_value"))]) if p.get("prior_value") is not None else Markup("-")
        flag = badge("informed by the runs", "ok") if p.get("informed") else badge("rests on the prior", "flag")
        body.append(
            [
                name,
                with_std(p.get("value"), p.get("std")),
                number(p.get("ln_std")) if log else "-",
                prior,
                _prior_std(p, log),
                unit_text(p.get("unit")),
                flag,
            ]
        )
    head = ["parameter", "value", "std of ln", "prior value", "prior std", "unit", ""]
    return glue([table(head, body, numeric=[1, 2, 3, 4], label="kinetic parameters"), _quality(fit)])


def _prior_std(p: dict[str, Any], log: bool) -> Markup:
    """The prior's own standard deviation; of the logarithm where the parameter is fitted on it (``prior_std`` is given relative to the value)."""
    value, std = finite(p.get("value")), finite(p.get("prior_std"))
    if log and value and std is not None:
        return Markup(f"{number(std / value)} on ln")
    return with_std(std)


def _quality(fit: dict[str, Any]) -> Markup:
    loo, cover, starts, sampler = (get(fit, k, default={}) for k in ("loo", "coverage", "starts", "sampler"))
    items: list[tuple[str, Any]] = [("runs", fit.get("n")), ("RMSE of the fit", number(fit.get("rmse")))]
    items += [(f"leave-one-out RMSE, {k}", number(v)) for k, v in loo.items()]
    if "hybrid" in cover:
        items.append(("coverage of the intervals", glue([share(cover["hybrid"]), " (", share(cover.get("level")), " meant)"])))
    if "same" in starts:
        items.append(("starts that reach the same optimum", f"{starts.get('same')} of {starts.get('n')}"))
    if "effective" in sampler:
        items.append(
            (
                "sampler against Laplace",
                glue(["std ratio ", number(sampler.get("std_ratio_min")), " to ", number(sampler.get("std_ratio_max")), ", effective draws ", number(sampler["effective"])]),
            )
        )
    return pairs(items)


def _runs(details: dict[str, Any]) -> dict[str, Any]:
    runs = need(details, "results", "fit", "runs")
    need(details, "results", "fit", "runs", "measured")
    assert isinstance(runs, dict)
    return runs


def _response(runs: dict[str, Any]) -> str:
    """Name of the measured response as a chemist writes it."""
    name = str(runs.get("response") or "response")
    return FIGURES.get(name, name.replace("_", " "))


def parity(details: dict[str, Any]) -> Markup:
    """Measured against modelled, and residuals against temperature."""
    runs = _runs(details)
    y, name = runs["measured"], _response(runs)
    series = [Series("mechanism alone", y, runs.get("mechanism") or [], tone=5, marker="cross")]
    series.append(Series("hybrid, one std", y, runs.get("hybrid") or [], tone=1, yerr=runs.get("std") or []))
    if runs.get("loo"):
        series.append(Series("hybrid, run left out", y, runs["loo"], tone=2, marker="ring"))
    left = figure(
        xy(series, f"measured {name}", f"modelled {name}", title="parity plot", equal=True, height=370), "Measured against modelled; on the dashed line they agree.", series
    )
    return columns(left, _residuals(runs, y, name))


def _residuals(runs: dict[str, Any], y: list[float], name: str) -> Markup:
    table_, cols = runs.get("rows") or [], list(runs.get("columns") or [])
    if "temperature" not in cols or len(table_) != len(y):
        return note("no residual plot: the runs have no temperature")
    t = [row[cols.index("temperature")] - 273.15 for row in table_]
    series = []
    for label, key, tone, marker in (("mechanism alone", "mechanism", 5, "cross"), ("hybrid", "hybrid", 1, "circle"), ("hybrid, run left out", "loo", 2, "ring")):
        values = runs.get(key) or []
        if len(values) == len(y):
            gap = [(a - b) if finite(a) is not None and finite(b) is not None else math.nan for a, b in zip(values, y, strict=True)]
            series.append(Series(label, t, gap, tone=tone, marker=marker))
    chart = xy(series, f"temperature, {DEGREE}C", f"modelled - measured {name}", title="residuals against temperature", height=370)
    return figure(chart, "Residuals against temperature: a trend would be a fault of the model.", series)


def _density(mean: float, sd: float, low: float, high: float) -> tuple[list[float], list[float]]:
    """A normal density scaled to a peak of one; finer near the peak."""
    x = sorted({low + (high - low) * i / 60 for i in range(61)} | {v for i in range(-40, 41) if low <= (v := mean + sd * i / 10) <= high})
    return x, [math.exp(-0.5 * ((v - mean) / sd) ** 2) for v in x]


def posterior(details: dict[str, Any]) -> Markup:
    """Marginal densities of every parameter before and after the runs."""
    post = need(details, "results", "fit", "posterior")
    names = need(details, "results", "fit", "posterior", "names")
    fitted = get(details, "results", "fit", "parameters", default={})
    charts = [c for i, name in enumerate(names) if (c := _marginal(post, i, str(name), get(fitted, name, default={}))) is not None]
    if not charts:
        raise Absent("the posterior has no mean, covariance and prior")
    text = "Every curve is scaled to its own peak; rate constants on the logarithm (base ten) at the reference temperature, their prior with the shift common to all."
    key = [Series("prior", [], [], kind="line", tone=5), Series("posterior", [], [], kind="line", tone=1)]
    return glue(
        [
            legend(key),
            element("div", glue(charts, "\n"), class_="small-charts"),
            note(text),
        ]
    )


def _marginal(post: dict[str, Any], i: int, name: str, shown: dict[str, Any]) -> Markup | None:
    mean, variance, prior, wide = (finite(get(post, *path)) for path in (("mean", i), ("cov", i, i), ("prior_mean", i), ("prior_sd", i)))
    if mean is None or prior is None or variance is None or wide is None or variance <= 0 or wide <= 0:
        return None
    value, unit = finite(shown.get("value")), str(shown.get("unit") or "")
    log = finite(shown.get("ln_std")) is not None and value is not None and value > 0
    if log and value is not None:
        scale, shift = 1 / math.log(10), (math.log(value) - mean) / math.log(10)
        axis = f"log10 of {name} in {unit}"
    else:
        scale, shift = (value / mean if value and mean else 1.0), 0.0
        axis = f"{name}, {unit}" if unit not in ("", "1") else name
    a, s, b, w = mean * scale + shift, math.sqrt(variance) * abs(scale), prior * scale + shift, wide * abs(scale)
    low, high = min(a - 3.2 * s, b - 2.6 * w), max(a + 3.2 * s, b + 2.6 * w)
    series = [Series("prior", *_density(b, w, low, high), kind="line", tone=5), Series("posterior", *_density(a, s, low, high), kind="line", tone=1)]
    return element("div", xy(series, axis, "", title=f"prior and posterior of {name}", width=270, height=190, y_ticks=False, n=4))
