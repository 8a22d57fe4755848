"""A campaign in one picture (its trace and front) or on one page (with what each variable does, failures, and every experiment)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from chemwright.errors import InputError
from chemwright.record.atomic import write_atomic
from chemwright.report.campaign_chart import HEIGHT, WIDTH, front_chart, front_series, parallel_chart, slice_chart, success_chart, trace_chart, trace_series
from chemwright.report.chart import Series, figure, marker
from chemwright.report.style import CSS, chart_style
from chemwright.report.text import Markup, element, esc, glue, number

LINE = 17


def write_campaign(path: Path, data: dict[str, Any]) -> Path:
    """Draw a campaign.

    Args:
        path: ends with ``.svg`` (trace and front) or ``.html`` (all).
        data: from :func:`chemwright.experiment.pictures.picture_data`.

    Raises:
        InputError: another ending. StorageError: it can't be written.
    """
    ending = path.suffix.lower()
    if ending not in (".svg", ".html"):
        raise InputError(f"can't draw into {path.name!r}", where="--out", fix="end the name with .svg or .html")
    write_atomic(path, (campaign_svg(data) if ending == ".svg" else campaign_html(data)).encode())
    return path


def campaign_svg(data: dict[str, Any]) -> str:
    """Traces and front below each other, in a picture that needs no page around it."""
    parts: list[tuple[Markup, list[Series], str]] = [(trace_chart(t), trace_series(t), _trace_words(t)) for t in data["traces"]]
    if data["front"]:
        parts.append((front_chart(data["front"]), front_series(data["front"]), _front_words(data["front"])))
    out, y = [Markup(f'<text x="14" y="24" class="name">{esc(data["name"])}</text>')], 40.0
    for drawing, series, words in parts:
        out.append(Markup(f'<text x="14" y="{y + 10:.0f}" class="small">{esc(words)}</text>'))
        y += 18
        out.append(Markup(re.sub("^<svg ", f'<svg x="0" y="{y:.0f}" width="{WIDTH}" height="{HEIGHT}" ', drawing)))
        y += HEIGHT + 4
        for s in series:
            mark = Markup(f'<line x1="34" y1="{y + 6:.0f}" x2="58" y2="{y + 6:.0f}" class="curve t{s.tone}"/>') if s.kind == "line" else marker(s.marker, 46, y + 6, s.tone, 4)
            out.append(glue([mark, Markup(f'<text x="66" y="{y + 10:.0f}" class="small">{esc(s.label)}</text>')]))
            y += LINE
        y += 18
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y:.0f}" width="{WIDTH}" height="{y:.0f}" role="img" aria-label="{esc(data["name"])}">'
    return f'{head}\n<style>{chart_style()}</style>\n<rect width="100%" height="100%" fill="#fff"/>\n{glue(out, chr(10))}\n</svg>\n'


def campaign_html(data: dict[str, Any]) -> str:
    """A page that asks nothing of the network."""
    body = [_summary(data)]
    course = [figure(trace_chart(t), _trace_words(t), trace_series(t)) for t in data["traces"]]
    if data["front"]:
        course.append(figure(front_chart(data["front"]), _front_words(data["front"]), front_series(data["front"])))
    body.append(element("section", glue([element("h2", "Course"), element("div", glue(course), class_="columns")])))
    for name in dict.fromkeys(s["objective"] for s in data["slices"]):
        charts = [element("figure", element("div", slice_chart(s), class_="scroll")) for s in data["slices"] if s["objective"] == name]
        words = "What the model expects along each variable, through the best experiment; the band, and the bar of a level, are one standard deviation. Rings are experiments, which differ in the other variables too. Grey: a constraint forbids it."
        body.append(element("section", glue([element("h2", f"What {name} depends on"), element("div", glue(charts), class_="columns"), element("p", words, class_="note")])))
    if data["success"]:
        charts = [element("figure", element("div", success_chart(s), class_="scroll")) for s in data["success"]]
        body.append(
            element(
                "section",
                glue(
                    [
                        element("h2", "Where experiments fail"),
                        element("div", glue(charts), class_="columns"),
                        element("p", "The chance that an experiment succeeds, learned from those that failed (crosses) and those that did not (rings).", class_="note"),
                    ]
                ),
            )
        )
    if data["parallel"]["lines"]:
        body.append(
            element(
                "section",
                glue([element("h2", "All experiments"), figure(parallel_chart(data["parallel"]), "Each line is an experiment, the better the darker; failed ones are dashed.")]),
            )
        )
    head = f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{esc(data["name"])}</title><style>{CSS}</style></head>'
    return f"{head}\n<body><header>{element('h1', data['name'])}</header><main>\n{glue(body, chr(10))}\n</main></body></html>\n"


def _summary(data: dict[str, Any]) -> Markup:
    """Counts, cost, best, and what must be known."""
    s = data["status"]
    c = s["counts"]
    budget = "" if s["budget"] is None else f" of {s['budget']:g}"
    cards = [("experiments", c["done"] + c["failed"]), ("failed", c["failed"]), ("open", c["open"]), (f"{s['currency']} spent or bound", f"{s['spent']:g}{budget}")]
    parts = [element("div", glue([element("div", glue([element("b", v), element("span", k)]), class_="card") for k, v in cards]), class_="cards")]
    if s["best"] is not None:
        settings = ", ".join(f"{k} {_setting(v)}" for k, v in s["best"]["settings"].items())
        units = {o["name"]: o["unit"] for o in s["objectives"]}
        values = glue([glue([k, " ", number(v, 4), "" if units[k] in ("1", "") else f" {units[k]}"]) for k, v in s["best"]["values"].items()], ", ")
        parts.append(element("p", glue([f"Best so far: {' and '.join(s['best']['ids'])} with ", values, f" at {settings}."])))
    if s["front"]:
        parts.append(_front_table(s))
    parts += [element("p", w, class_="warning") for w in s["words"]]
    verdict = s["verdict"]
    if verdict["words"]:
        parts.append(element("p", ("It is enough: " if verdict["stop"] else "") + verdict["words"], class_="note"))
    return element("section", glue(parts))


def _front_table(s: dict[str, Any]) -> Markup:
    first = s["front"][0]
    units = {o["name"]: o["unit"] for o in s["objectives"]}
    head = [
        element("th", "experiment"),
        *(element("th", n) for n in first["settings"]),
        *(element("th", n if units[n] in ("1", "") else f"{n} [{units[n]}]", class_="num") for n in units),
    ]
    rows = [
        element(
            "tr",
            glue(
                [
                    element("td", t["id"]),
                    *(element("td", _setting(v)) for v in t["settings"].values()),
                    *(element("td", number(t["results"].get(n), 4), class_="num") for n in units),
                ]
            ),
        )
        for t in s["front"]
    ]
    return glue(
        [element("h3", "On the front"), element("div", element("table", glue([element("thead", element("tr", glue(head))), element("tbody", glue(rows))])), class_="scroll")]
    )


def _setting(value: Any) -> str:
    return value if isinstance(value, str) else f"{value['value']:.4g}" + ("" if value["unit"] in ("1", "") else f" {value['unit']}")


def _trace_words(trace: dict[str, Any]) -> str:
    wanted = {
        "maximise": "to be as high as can be",
        "minimise": "to be as low as can be",
        "target": "to meet its target",
        "at_least": "to stay above its limit",
        "at_most": "to stay below its limit",
    }
    return f"{trace['objective']}, {wanted[trace['goal']]}, over the experiments in the order in which they ended"


def _front_words(front: dict[str, Any]) -> str:
    more = "; there are further objectives, so that one beaten here may be on the front" if front["more"] else ""
    return f"{front['x']['name']} ({front['x']['goal']}) against {front['y']['name']} ({front['y']['goal']}){more}"
