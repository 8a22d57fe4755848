"""Reactions and kinetics: the network, what the runs told, how well the model meets them, the posterior."""

from __future__ import annotations

import math
from typing import Any

from chemwright.report.chart import Series, figure, xy
from chemwright.report.corner import Normal, corner
from chemwright.report.parts import Absent, get, need, rows
from chemwright.report.sections_readiness import FIGURES, figure_name
from chemwright.report.sections_summary import drawing
from chemwright.report.tables import badge, columns, note, pairs, table
from chemwright.report.text import Markup, element, finite, formula, glue, number, share, unit_text, with_std
from chemwright.report.words import term, tr, trm

CORNER = 12


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
    listed = table([tr("reaction"), tr("equation")], [[r.get("id"), r.get("text")] for r in reactions], label=tr("reactions")) if reactions else note(tr("no reactions were given"))
    return glue([listed, element("div", glue(tiles, "\n"), class_="mols")])


def parameters(details: dict[str, Any]) -> Markup:
    """Kinetic parameters with what the data told about them, and the quality of the fit."""
    fit = need(details, "results", "fit")
    items = need(details, "results", "fit", "parameters")
    body = []
    for name, p in items.items():
        log = finite(p.get("ln_std")) is not None
        prior = glue([number(p.get("prior_value"))]) if p.get("prior_value") is not None else Markup("-")
        flag = badge(tr("informed by the runs"), "ok") if p.get("informed") else badge(tr("rests on the prior"), "flag")
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
    head = [tr("parameter"), tr("value"), tr("std of ln"), tr("prior value"), tr("prior std"), tr("unit"), ""]
    return glue([table(head, body, numeric=[1, 2, 3, 4], label=tr("kinetic parameters")), _quality(fit)])


def _prior_std(p: dict[str, Any], log: bool) -> Markup:
    """The prior's own standard deviation; of the logarithm where the parameter is fitted on it (``prior_std`` is given relative to the value)."""
    value, std = finite(p.get("value")), finite(p.get("prior_std"))
    if log and value and std is not None:
        return trm("{n} on ln", n=number(std / value))
    return with_std(std)


def _quality(fit: dict[str, Any]) -> Markup:
    loo, cover, starts, sampler = (get(fit, k, default={}) for k in ("loo", "coverage", "starts", "sampler"))
    items: list[tuple[str, Any]] = [(tr("runs"), fit.get("n")), (tr("RMSE of the fit"), number(fit.get("rmse")))]
    items += [(tr("leave-one-out RMSE, {model}", model=term(k)), number(v)) for k, v in loo.items()]
    if "hybrid" in cover:
        items.append((tr("coverage of the intervals"), trm("{got} ({meant} meant)", got=share(cover["hybrid"]), meant=share(cover.get("level")))))
    if "same" in starts:
        items.append((tr("starts that reach the same optimum"), tr("{n} of {all}", n=starts.get("same"), all=starts.get("n"))))
    if "effective" in sampler:
        items.append(
            (
                tr("sampler against Laplace"),
                trm(
                    "std ratio {low} to {high}, effective draws {n}",
                    low=number(sampler.get("std_ratio_min")),
                    high=number(sampler.get("std_ratio_max")),
                    n=number(sampler["effective"]),
                ),
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
    return figure_name(name) if name in FIGURES else name.replace("_", " ")


def parity(details: dict[str, Any]) -> Markup:
    """Measured against modelled, and residuals against temperature."""
    runs = _runs(details)
    y, name = runs["measured"], _response(runs)
    series = [Series(tr("mechanism alone"), y, runs.get("mechanism") or [], tone=5, marker="cross")]
    series.append(Series(tr("hybrid, one std"), y, runs.get("hybrid") or [], tone=1, yerr=runs.get("std") or []))
    if runs.get("loo"):
        series.append(Series(tr("hybrid, run left out"), y, runs["loo"], tone=2, marker="ring"))
    left = figure(
        xy(series, tr("measured {name}", name=name), tr("modelled {name}", name=name), title=tr("parity plot"), equal=True, height=370),
        tr("Measured against modelled; on the dashed line they agree."),
        series,
    )
    return columns(left, _residuals(runs, y, name))


def _residuals(runs: dict[str, Any], y: list[float], name: str) -> Markup:
    table_, cols = runs.get("rows") or [], list(runs.get("columns") or [])
    if "temperature" not in cols or len(table_) != len(y):
        return note(tr("no residual plot: the runs have no temperature"))
    t = [row[cols.index("temperature")] - 273.15 for row in table_]
    series = []
    for label, key, tone, marker in ((tr("mechanism alone"), "mechanism", 5, "cross"), (tr("hybrid"), "hybrid", 1, "circle"), (tr("hybrid, run left out"), "loo", 2, "ring")):
        values = runs.get(key) or []
        if len(values) == len(y):
            gap = [(a - b) if finite(a) is not None and finite(b) is not None else math.nan for a, b in zip(values, y, strict=True)]
            series.append(Series(label, t, gap, tone=tone, marker=marker))
    chart = xy(series, tr("temperature, \u00b0C"), tr("modelled - measured {name}", name=name), title=tr("residuals against temperature"), height=370)
    return figure(chart, tr("Residuals against temperature: a trend would be a fault of the model."), series)


def _scaled(post: dict[str, Any], i: int, name: str, fitted: dict[str, Any]) -> Normal | None:
    """One parameter as the reader knows it: rate constants on the logarithm (base ten) at the reference temperature, energies in their unit."""
    mean, variance, prior, wide = (finite(get(post, *path)) for path in (("mean", i), ("cov", i, i), ("prior_mean", i), ("prior_sd", i)))
    if mean is None or prior is None or variance is None or wide is None or variance <= 0 or wide <= 0:
        return None
    value, unit = finite(fitted.get("value")), str(fitted.get("unit") or "")
    if finite(fitted.get("ln_std")) is not None and value is not None and value > 0:
        scale, shift, axis = 1 / math.log(10), (math.log(value) - mean) / math.log(10), f"log10 {name}"
    else:
        scale, shift = (value / mean if value and mean else 1.0), 0.0
        axis = f"{name}, {unit}" if unit not in ("", "1") else name
    return Normal(name, axis, mean * scale + shift, math.sqrt(variance) * abs(scale), prior * scale + shift, wide * abs(scale))


def posterior(details: dict[str, Any]) -> Markup:
    """The posterior as a corner plot: every parameter alone, every pair, and their correlations, with the prior in grey."""
    post = need(details, "results", "fit", "posterior")
    names = need(details, "results", "fit", "posterior", "names")
    fitted = get(details, "results", "fit", "parameters", default={})
    found = [(i, p) for i, name in enumerate(names) if (p := _scaled(post, i, str(name), get(fitted, name, default={}))) is not None]
    if not found:
        raise Absent(tr("the posterior has no mean, covariance and prior"))
    found = found[:CORNER]
    cov = [[finite(get(post, "cov", i, j)) or 0.0 for j, _ in found] for i, _ in found]
    key = [Series(tr("prior"), [], [], kind="line", tone=5), Series(tr("posterior"), [], [], kind="line", tone=1)]
    text = tr(
        "Below the diagonal: pairs, ellipses of one and two standard uncertainties. On it: each parameter alone, scaled to its own peak. Above it: correlations. "
        "Rate constants are logarithms (base ten) at the reference temperature, their prior with the shift common to all, drawn without its correlations. The axes end at most ten posterior standard uncertainties from the mean."
    )
    left = [tr("{n} further parameters are not drawn.", n=len(names) - len(found))] if len(names) > len(found) else []
    return figure(corner([p for _, p in found], cov, title=tr("posterior and prior of the kinetic parameters")), " ".join([text, *left]), key)


def profile(details: dict[str, Any]) -> Markup:
    """Concentrations along the reactor at the chosen point, with bands of one standard uncertainty."""
    found = need(details, "results", "design", "profile")
    time, species = need(found, "time"), need(found, "species")
    minutes = [t / 60 for t in time]
    peak = max((max(s["c"]) for s in species.values()), default=0.0)
    sets = [
        (tr("main species"), {k: s for k, s in species.items() if max(s["c"]) >= 0.05 * peak}),
        (tr("minor species"), {k: s for k, s in species.items() if max(s["c"]) < 0.05 * peak}),
    ]
    charts = []
    for title, chosen in sets:
        if not chosen:
            continue
        series = [
            Series(k, minutes, [c / 1000 for c in s["c"]], kind="line", tone=1 + i % 6, band=[v / 1000 for v in s["std"]], dash=i // 6) for i, (k, s) in enumerate(chosen.items())
        ]
        drawn = xy(series, tr("residence time, min"), tr("concentration, mol/L"), title=tr("concentrations along the reactor, {which}", which=title), height=330, floor=0.0)
        charts.append(figure(drawn, tr("Concentrations along the reactor at the chosen point, {which}; bands: one standard uncertainty.", which=title), series))
    return columns(*charts)
