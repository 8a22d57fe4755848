"""Charts of a campaign: its trace, its front, slices along variables, lines over all variables."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from chemwright.report.chart import Axis, Series, label, line, marker, svg, tick_text, ticks, xy
from chemwright.report.text import Markup, element, glue

WIDTH, HEIGHT = 620, 340
_PALE, _DEEP = (222, 226, 232), (11, 92, 173)


def named(name: str, unit: str) -> str:
    """An axis title."""
    return name if unit in ("1", "", "-") else f"{name} [{unit}]"


def trace_series(trace: dict[str, Any]) -> list[Series]:
    """Measured figures with their noise, what was expected with its std, the best so far as steps."""
    rows = trace["rows"]
    measured = [r for r in rows if r["value"] is not None]
    expected = [r for r in rows if r["expected"] is not None]
    out: list[Series] = []
    best = [r for r in rows if r["best"] is not None]
    if best and trace["pushed"]:
        x, y = [float(best[0]["n"])], [float(best[0]["best"])]
        for r in best[1:]:
            x += [float(r["n"]), float(r["n"])]
            y += [y[-1], float(r["best"])]
        out.append(Series("best so far", x, y, "line", 3))
    if expected:
        out.append(
            Series(
                "expected when proposed, one std",
                [r["n"] for r in expected],
                [r["expected"] for r in expected],
                "points",
                5,
                "ring",
                yerr=[r["expected_std"] or 0.0 for r in expected],
            )
        )
    spread = any(r["std"] for r in measured)
    groups = (
        ("start", ("initial",), "square", 4),
        ("proposed by the model", ("planner",), "circle", 1),
        ("chosen by the user", ("user",), "diamond", 2),
        ("repeat or control", ("replicate", "control"), "ring", 1),
    )
    for name, origins, mark, tone in groups:
        chosen = [r for r in measured if r["origin"] in origins]
        if chosen:
            out.append(
                Series(name + (", one std" if spread else ""), [r["n"] for r in chosen], [r["value"] for r in chosen], "points", tone, mark, yerr=[r["std"] or 0.0 for r in chosen])
            )
    failed = [r for r in rows if r["state"] == "failed"]
    if failed:
        floor = min([r["value"] for r in measured] + [r["expected"] for r in expected], default=0.0)
        out.append(Series("failed", [r["n"] for r in failed], [floor] * len(failed), "points", 2, "cross"))
    if trace["target"] is not None and rows:
        word = {"target": "target", "at_least": "at least", "at_most": "at most"}.get(trace["goal"], "good enough")
        out.append(Series(word, [1.0, float(max(2, len(rows)))], [trace["target"]] * 2, "line", 5, dash=1))
    return out


def trace_chart(trace: dict[str, Any]) -> Markup:
    """The trace of one objective."""
    return xy(
        trace_series(trace),
        "experiment",
        named(trace["objective"], trace["unit"]),
        title=f"{trace['objective']} over the experiments",
        width=WIDTH,
        height=HEIGHT,
        floor=_end(trace, "low", min),
        ceiling=_end(trace, "high", max),
    )


def _end(trace: dict[str, Any], key: str, reach: Callable[..., float]) -> float | None:
    """Where the axis ends: at what is possible at all, or at the farthest figure measured beyond it; None when nothing bounds it."""
    bound = trace[key]
    return None if bound is None else reach([bound, *(r["value"] for r in trace["rows"] if r["value"] is not None)])


def front_series(front: dict[str, Any]) -> list[Series]:
    """All experiments in the plane of two objectives, those that none beats joined by a line."""
    best = sorted((p for p in front["points"] if p["front"]), key=lambda p: (p["x"], p["y"]))
    rest = [p for p in front["points"] if not p["front"] and p["kept"]]
    broken = [p for p in front["points"] if not p["kept"]]
    out = []
    if len(best) > 1 and not front["more"]:
        out.append(Series("front", [p["x"] for p in best], [p["y"] for p in best], "line", 3))
    for name, points, tone, mark in (("other experiments", rest, 5, "circle"), ("beyond a limit", broken, 2, "cross"), ("beaten by none", best, 3, "diamond")):
        if points:
            out.append(Series(name, [p["x"] for p in points], [p["y"] for p in points], "points", tone, mark))
    return out


def front_chart(front: dict[str, Any]) -> Markup:
    """The front of two objectives."""
    x, y = (named(front[a]["name"], front[a]["unit"]) for a in ("x", "y"))
    return xy(front_series(front), x, y, title=f"{front['x']['name']} against {front['y']['name']}", width=WIDTH, height=HEIGHT)


def slice_series(part: dict[str, Any]) -> list[Series]:
    """Expected figure along a number with its std as a band; dashed where a constraint forbids it; measured figures on top."""
    x = [math.log10(v) if part["log"] else v for v in part["x"]]
    out = []
    if part["kind"] == "discrete":
        ok = [i for i, allowed in enumerate(part["allowed"]) if allowed]
        out.append(Series("expected, one std", [x[i] for i in ok], [part["mean"][i] for i in ok], "points", 1, "square", yerr=[part["std"][i] or 0.0 for i in ok]))
    for a, b in _runs(part["allowed"]) if part["kind"] == "continuous" else ():
        ok = part["allowed"][a]
        cut = slice(a, b)
        label_ = "expected, one std" if ok else "not allowed there"
        out.append(
            Series(
                label_ if label_ not in {s.label for s in out} else "",
                x[cut],
                part["mean"][cut],
                "line",
                1 if ok else 5,
                band=[s or 0.0 for s in part["std"][cut]],
                dash=0 if ok else 1,
            )
        )
    seen = [(math.log10(a) if part["log"] else a, b) for a, b in part["seen"] if not part["log"] or a > 0]
    out.append(Series("experiments (elsewhere in the other variables)", [a for a, _ in seen], [b for _, b in seen], "points", 5, "ring"))
    return out


def _runs(flags: Sequence[bool]) -> list[tuple[int, int]]:
    """Stretches of equal flags; each begins where the one before ends, so that lines join."""
    out, start = [], 0
    for i in range(1, len(flags) + 1):
        if i == len(flags) or flags[i] != flags[start]:
            out.append((max(0, start - 1) if flags[start] is False or start == 0 else start, min(i + (0 if i == len(flags) else 1), len(flags)) if flags[start] is False else i))
            start = i
    return [(a, b) for a, b in out if b - a > 1]


def slice_chart(part: dict[str, Any], width: int = 430, height: int = 290) -> Markup:
    """Expected figure along one variable, all else as in the best experiment."""
    y = named(part["objective"], part["objective_unit"])
    title = f"{part['objective']} along {part['variable']}"
    if part["kind"] == "categorical":
        return levels_chart(part["x"], part["mean"], part["std"], part["seen"], y, title, part["level"], part["allowed"])
    x = named(part["variable"], part["unit"])
    return xy(slice_series(part), x, y, title=title, width=width, height=height, log_x=part["log"], floor=part["low"], ceiling=part["high"])


def levels_chart(
    levels: Sequence[str], mean: Sequence[float], std: Sequence[float], seen: Sequence[tuple[str, float]], unit: str, title: str, chosen: str | None, allowed: Sequence[bool]
) -> Markup:
    """One row a level: what is expected with its std (grey where a constraint forbids it), what was measured, the level of the best experiment in bold."""
    ends = [m + s * sign for m, s in zip(mean, std, strict=True) for sign in (-1, 1)] + [v for _, v in seen]
    left = min(190.0, 20 + 6.6 * max(len(n) for n in levels))
    bottom = 10 + 22 * len(levels)
    axis = Axis(tuple(ticks(min(ends), max(ends), 5)), left, 414)
    out = []
    for mark, text in zip(axis.marks, axis.texts(), strict=True):
        out += [line(axis(mark), 6, axis(mark), bottom, "grid"), label(axis(mark), bottom + 16, text, "tick")]
    for i, name in enumerate(levels):
        y = 21 + 22 * i
        out.append(label(left - 8, y + 4, name, "name" if name == chosen else "item", "end", columns=26))
        out += [marker("ring", axis(v), y, 5, 2.4) for level, v in seen if level == name]
        tone = 1 if allowed[i] else 5
        out += [line(axis(mean[i] - std[i]), y, axis(mean[i] + std[i]), y, f"curve t{tone}"), marker("square", axis(mean[i]), y, tone)]
    out.append(label((left + 414) / 2, bottom + 34, unit, "axis", columns=50))
    return svg(430, bottom + 42, out, title)


def success_chart(part: dict[str, Any]) -> Markup:
    """The chance that an experiment succeeds along one variable; crosses failed, rings did not."""
    title = f"chance of success along {part['variable']}"
    if part["kind"] == "categorical":
        seen = [(level, 0.0 if failed else 1.0) for level, failed in part["seen"]]
        return levels_chart(part["x"], part["chance"], [0.0] * len(part["x"]), seen, "chance of success", title, None, part["allowed"])
    x = [math.log10(v) if part["log"] else v for v in part["x"]]
    series = [Series("chance of success", x, part["chance"], "line", 3)]
    for name, fate, tone, mark in (("succeeded", False, 5, "ring"), ("failed", True, 2, "cross")):
        at = [math.log10(v) if part["log"] else v for v, failed in part["seen"] if failed == fate and (not part["log"] or v > 0)]
        series.append(Series(name, at, [0.0 if fate else 1.0] * len(at), "points", tone, mark))
    name = named(part["variable"], part["unit"])
    return xy(series, name, "chance of success", title=title, height=290, log_x=part["log"], floor=0.0, ceiling=1.0)


def parallel_chart(data: dict[str, Any], width: int = 860, height: int = 330) -> Markup:
    """Every experiment as a line over all variables and objectives, the better the darker; failures dashed."""
    axes, n = data["axes"], len(data["axes"])
    top, bottom, left, right = 34, height - 40, 70.0, width - 70.0
    at = [left + (right - left) * (i / max(1, n - 1)) for i in range(n)]
    out: list[Markup] = []
    words: list[Markup] = []
    for entry in sorted(data["lines"], key=lambda e: -1.0 if e["score"] is None else e["score"]):
        points = [(at[i], bottom - (bottom - top) * v) for i, v in enumerate(entry["at"]) if v is not None]
        score = entry["score"] or 0.0
        colour = "#{:02x}{:02x}{:02x}".format(*(round(a + (b - a) * score**2) for a, b in zip(_PALE, _DEEP, strict=True)))
        style = 'stroke="#d1660a" stroke-dasharray="3 3"' if entry["failed"] else f'stroke="{colour}"'
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        tip = element("title", f"{entry['id']}{' (failed)' if entry['failed'] else ''}")
        out.append(Markup(f'<polyline points="{path}" fill="none" stroke-width="{1.1 + 1.2 * score:.1f}" {style}>{tip}</polyline>'))
    for i, axis in enumerate(axes):
        out += [line(at[i], top, at[i], bottom, "guide"), label(at[i], 14 if i % 2 == 0 else 27, axis["name"], "name", columns=24)]
        if "levels" in axis:
            names = axis["levels"]
            shown = names if len(names) <= 12 else [names[0], names[-1]]
            words += [label(at[i] + 5, bottom - (bottom - top) * names.index(s) / max(1, len(names) - 1) + 4, s, "small", "start", columns=14) for s in shown]
        else:
            step = max(abs(axis["high"] - axis["low"]), 1e-12) / 50
            unit = "" if axis["unit"] in ("1", "") else f" {axis['unit']}"
            words += [label(at[i], bottom + 15, tick_text(axis["low"], step) + unit, "tick"), label(at[i] + 5, top + 4, tick_text(axis["high"], step), "small", "start")]
    out.append(Markup(f'<g style="paint-order:stroke;stroke:var(--paper,#fff);stroke-width:3px">{glue(words)}</g>'))  # legible across the lines
    return svg(width, height, out, "every experiment over all variables", "chart broad")
