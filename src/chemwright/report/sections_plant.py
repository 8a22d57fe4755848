"""The plant: block flow diagram, operating conditions, streams, equipment."""

from __future__ import annotations

from typing import Any

from chemwright.report.flow_diagram import diagram
from chemwright.report.parts import get, need, rows
from chemwright.report.tables import badge, note, table
from chemwright.report.text import DEGREE, Markup, celsius, clip, element, finite, glue, number, unit_text, with_std

#: name -> (unit shown, factor from SI, offset in SI)
SHOWN = {
    "temperature": (f"{DEGREE}C", 1.0, -273.15),
    "residence_time": ("min", 1 / 60, 0.0),
    "concentration": ("mol/L", 1e-3, 0.0),
    "equivalents": ("1", 1.0, 0.0),
    "evaporated": ("1", 1.0, 0.0),
}


def shown(name: str, value: Any) -> tuple[Markup, str]:
    """A condition in SI as number and unit that a chemist reads: degC, min, mol/L."""
    unit, factor, offset = SHOWN.get(name, ("", 1.0, 0.0))
    x = finite(value)
    return (Markup("-") if x is None else Markup(f"{(x + offset) * factor:.4g}")), unit


def flow(details: dict[str, Any]) -> Markup:
    """The block flow diagram."""
    drawing = diagram(need(details, "results", "design"))
    legend = "Rings: number in the stream table; beside them the mass flow in kg/h. In the blocks: temperature of what leaves. Dashed: what enters and leaves the plant."
    return glue([element("div", drawing, class_="scroll", tabindex="0", role="region", aria_label="block flow diagram"), note(legend)])


def conditions(details: dict[str, Any]) -> Markup:
    """The chosen operating point, beside the range that the runs cover."""
    design = need(details, "results", "design")
    chosen = need(details, "results", "design", "conditions")
    experiments, bounds = get(details, "record", "experiments", default={}), get(design, "at_bounds", default=[])
    columns, runs = list(get(experiments, "columns", default=[])), get(experiments, "rows", default=[])
    body = []
    for name, value in chosen.items():
        number_, unit = shown(name, value)
        span: Markup | str = "-"
        if name in columns and runs:
            values = [row[columns.index(name)] for row in runs]
            span = Markup(f"{shown(name, min(values))[0]} to {shown(name, max(values))[0]}")
        body.append([name.replace("_", " "), number_, unit, span, badge("at its bound", "flag") if name in bounds else ""])
    balances = get(design, "balances", default={})
    closed = ", ".join(f"{k} {v:.1e}" for k, v in balances.items() if finite(v) is not None)
    return glue(
        [
            table(["condition", "value", "unit", "runs cover", ""], body, numeric=[1], label="operating conditions"),
            note(f"Relative errors of the balances: {closed}.") if closed else "",
        ]
    )


def streams(details: dict[str, Any]) -> Markup:
    """Mass flows, temperatures and mass fractions of every stream."""
    items = rows(need(details, "results", "design", "streams"))
    species = list(dict.fromkeys(k for s in items for k in get(s, "mass", default={})))
    body = []
    for i, s in enumerate(items, 1):
        mass, total = get(s, "mass", default={}), finite(s.get("mass_flow"))
        pressure = finite(s.get("pressure"))
        name, tail, to = (element("span", clip(s.get(k), 24), title=s.get(k)) for k in ("name", "from", "to"))
        head = [i, name, tail, to, s.get("phase"), celsius(s.get("temperature")), number(pressure / 1e5, 4) if pressure is not None else "-"]
        body.append([*head, number(total * 3600, 4) if total is not None else "-", *(_fraction(mass.get(k), total) for k in species)])
    titles = ["", "stream", "from", "to", "phase", f"{DEGREE}C", "bar", "kg/h", *(f"w {k}" for k in species)]
    return glue([table(titles, body, numeric=[0, *range(5, 8 + len(species))], label="stream table", css="dense"), note("w: mass fraction; an empty cell is less than 1e-6.")])


def _fraction(mass: Any, total: float | None) -> Markup:
    m = finite(mass)
    if m is None or not total:
        return Markup("-")
    part = m / total
    return Markup("") if abs(part) < 1e-6 else Markup(f"{part:.4f}") if part >= 5e-5 else Markup("&lt; 0.0001")


def equipment(details: dict[str, Any]) -> Markup:
    """Sizes and costs of the units, with a flag where a size lies outside the range of its correlation."""
    items = rows(need(details, "results", "design", "units"))
    body = []
    for u in items:
        size = glue([f"{u.get('size_name') or 'size'} ", number(u.get("size")), Markup(f" {unit_text(u.get('size_unit'))}")])
        duty = finite(u.get("duty"))
        flag = badge("outside", "flag") if u.get("in_range") is False else badge("inside", "ok") if u.get("in_range") else "-"
        count = u.get("count", 1)
        name = glue([element("b", u.get("id")), f" x {count}" if count != 1 else "", Markup("<br>"), u.get("text") or ""])
        body.append([name, u.get("kind"), size, number(duty / 1000) if duty else "-", number(u.get("purchase")), number(u.get("installed")), flag, u.get("source") or "-"])
    total = [sum(finite(u.get(k)) or 0.0 for u in items) for k in ("purchase", "installed")]
    outside = sum(u.get("in_range") is False for u in items)
    head = ["unit", "correlation", "size", "duty, kW", "purchase, USD", "installed, USD", "range", "source"]
    text = f"{outside} of {len(items)} units lie outside the size range of their cost correlation: their costs are extrapolated." if outside else ""
    foot = ["total", "", "", "", number(total[0]), number(total[1]), "", ""]
    return glue([element("p", text, class_="warning") if text else "", table(head, body, numeric=[3, 4, 5], foot=foot, label="equipment")])


def assumptions(details: dict[str, Any]) -> Markup:
    """What the design takes for granted, and the record's own claims."""
    items = get(details, "results", "design", "assumptions", default=[])
    claims = rows(get(details, "record", "claims", default=[]))
    if not claims:
        need(details, "results", "design", "assumptions")
    listed = element("ul", glue(element("li", a) for a in items)) if items else Markup("")
    stated = [
        glue(
            [
                f"{c.get('subject')}, {str(c.get('property')).replace('_', ' ')}: ",
                with_std(c.get("value"), c.get("std"), str(c.get("unit") or "")),
                f" ({c.get('tier')}; {c.get('note')})",
            ]
        )
        for c in claims
    ]
    return glue([listed, glue([element("h3", "Claims in the case"), element("ul", glue(element("li", s) for s in stated))]) if stated else ""])
