"""The trace of a campaign in the laboratory: every attempt, data with error bars, spoilt ones at the foot, and the best so far."""

from __future__ import annotations

import re
from itertools import accumulate
from pathlib import Path
from typing import Any

from chemwright.errors import InputError
from chemwright.record.atomic import write_atomic
from chemwright.report.chart import Series, label, marker, xy
from chemwright.report.style import chart_style
from chemwright.report.text import Markup, glue

WORDS = {
    "fault": "equipment fault", "connection": "connection lost", "sensor": "sensor without use", "interlock": "interlock tripped", "refused": "refused by the envelope",
    "interrupted": "interrupted", "timeout": "did not come to rest", "aborted": "aborted by a person", "device": "refused by the device",
}  # fmt: skip
WIDTH, HEIGHT = 640, 330


def series_of(data: dict[str, Any], known_best: float | None = None) -> list[Series]:
    """Data, best so far, and spoilt attempts by cause, over the number of the attempt."""
    rows = list(enumerate(data["attempts"], 1))
    told = [(i, a) for i, a in rows if "value" in a]
    values = [a["value"] for _, a in told]
    better = min if data["goal"] == "minimise" else max
    foot = _foot(values + ([] if known_best is None else [known_best]))
    out = []
    if data["goal"] in ("maximise", "minimise") and told:
        best = list(accumulate(values, better))
        steps = [(i, b) for k, (i, _) in enumerate(told) for b in ([best[k - 1], best[k]] if k else [best[0]])]
        out.append(Series("best so far", [x for x, _ in steps], [y for _, y in steps], "line", 2))
    if known_best is not None:
        out.append(Series("best there is", [1, max(len(rows), 2)], [known_best, known_best], "line", 3, dash=1))
    out.append(Series("measured", [i for i, _ in told], values, "points", 1, "circle", yerr=[a["std"] for _, a in told]))
    marks = ("cross", "diamond", "square", "ring")
    causes = list(dict.fromkeys(a["cause"] for _, a in rows if a["state"] == "failed"))
    for k, cause in enumerate(causes):
        at = [i for i, a in rows if a["cause"] == cause and a["state"] == "failed"]
        out.append(Series(WORDS.get(cause, cause), at, [foot] * len(at), "points", 4 if k % 2 == 0 else 5, marks[k % 4]))
    return out


def _foot(values: list[float]) -> float:
    """Where spoilt attempts are drawn: a little below all data."""
    if not values:
        return 0.0
    return min(values) - 0.08 * ((max(values) - min(values)) or abs(max(values)) or 1.0)


def write_lab_trace(path: Path, data: dict[str, Any], known_best: float | None = None) -> Path:
    """Draw the trace into an ``.svg`` file.

    Args:
        path: the file.
        data: from :func:`chemwright.experiment.lab.history.attempts_of`.
        known_best: the best there is, in the objective's unit, where the truth is known.

    Raises:
        InputError: another ending, or nothing has ended yet. StorageError: it can't be written.
    """
    if path.suffix.lower() != ".svg":
        raise InputError(f"can't draw into {path.name!r}", where="--out", fix="end the name with .svg")
    if not data["attempts"]:
        raise InputError("no attempt has ended yet", where=data["campaign"], fix="run the campaign first")
    series = series_of(data, known_best)
    unit = "" if data["unit"] == "1" else f" [{data['unit']}]"
    chart = xy(series, "attempt", f"{data['objective']}{unit}", title=f"{data['campaign']}: attempts in the laboratory", width=WIDTH, height=HEIGHT)
    placed = Markup(re.sub("^<svg ", f'<svg x="0" y="0" width="{WIDTH}" height="{HEIGHT}" ', chart))
    keys, x, y = [], 30.0, HEIGHT + 14.0
    for s in series:
        if x + 26 + 7.2 * len(s.label) > WIDTH:
            x, y = 30.0, y + 20
        dashed = ' stroke-dasharray="5 4"' if s.dash else ""
        keys.append(Markup(f'<line x1="{x}" y1="{y}" x2="{x + 18}" y2="{y}" class="curve t{s.tone}"{dashed}/>') if s.kind == "line" else marker(s.marker, x + 9, y, s.tone, 4))
        keys.append(label(x + 24, y + 4, s.label, "tick", "start"))
        x += 44 + 7.2 * len(s.label)
    height = y + 16
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}" role="img">'
    paper = '<rect width="100%" height="100%" fill="#fff"/>'
    write_atomic(path, f"{head}\n<style>{chart_style()}</style>\n{paper}\n{glue([placed, *keys], chr(10))}\n</svg>\n".encode())
    return path
