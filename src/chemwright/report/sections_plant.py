"""The plant: flow diagram, operating conditions, equipment, assumptions."""

from __future__ import annotations

import re
from typing import Any

from chemwright.report.flow_diagram import diagram
from chemwright.report.parts import get, need, rows
from chemwright.report.tables import badge, note, table
from chemwright.report.text import DEGREE, Markup, element, finite, glue, number, unit_text, with_std
from chemwright.report.words import term, tr, trm

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
    """The process flow diagram."""
    drawing = diagram(need(details, "results", "design"))
    legend = tr(
        "Rings: number in the stream table; beside them the mass flow in kg/h. Under the equipment: temperature of what leaves, and heat duty. Dashed: what enters and leaves the plant."
    )
    return glue([element("div", drawing, class_="scroll", tabindex="0", role="region", aria_label=tr("process flow diagram")), note(legend)])


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
            span = trm("{low} to {high}", low=shown(name, min(values))[0], high=shown(name, max(values))[0])
        body.append([term(name.replace("_", " ")), number_, unit, span, badge(tr("at its bound"), "flag") if name in bounds else ""])
    balances = get(design, "balances", default={})
    closed = ", ".join(f"{term(k)} {v:.1e}" for k, v in balances.items() if finite(v) is not None)
    return glue(
        [
            table([tr("condition"), tr("value"), tr("unit"), tr("runs cover"), ""], body, numeric=[1], label=tr("operating conditions")),
            note(tr("Relative errors of the balances: {closed}.", closed=closed)) if closed else "",
        ]
    )


def equipment(details: dict[str, Any]) -> Markup:
    """Sizes and costs of the units, with a flag where a size lies outside the range of its correlation."""
    items = rows(need(details, "results", "design", "units"))
    body = []
    for u in items:
        size = glue([f"{term(u.get('size_name') or 'size')} ", number(u.get("size")), Markup(f" {unit_text(u.get('size_unit'))}")])
        duty = finite(u.get("duty"))
        flag = badge(tr("outside"), "flag") if u.get("in_range") is False else badge(tr("inside"), "ok") if u.get("in_range") else "-"
        count = u.get("count", 1)
        name = glue([element("b", term(u.get("id"))), f" \u00d7 {count}" if count != 1 else "", Markup("<br>"), term(u.get("text") or "")])
        body.append([name, term(u.get("kind")), size, number(duty / 1000) if duty else "-", number(u.get("purchase")), number(u.get("installed")), flag, u.get("source") or "-"])
    total = [sum(finite(u.get(k)) or 0.0 for u in items) for k in ("purchase", "installed")]
    outside = sum(u.get("in_range") is False for u in items)
    head = [tr("equipment"), tr("correlation"), tr("size"), tr("duty, kW"), tr("purchase, USD"), tr("installed, USD"), tr("range"), tr("source")]
    text = tr("{n} of {all} units lie outside the size range of their cost correlation: their costs are extrapolated.", n=outside, all=len(items)) if outside else ""
    foot = [tr("total"), "", "", "", number(total[0]), number(total[1]), "", ""]
    return glue([element("p", text, class_="warning") if text else "", table(head, body, numeric=[3, 4, 5], foot=foot, label=tr("equipment"), css="wide")])


def _stated(text: str, own: set[str]) -> str:
    """An assumption; of one that is a claim (``id: value - note``) the note is in the page's language, unless it is the case's own."""
    claim, dash, said = text.partition(" - ")
    if claim.partition(":")[0] in own:
        return text
    return f"{claim}{dash}{term(said)}" if dash and re.match(r"[\w.-]+: ", claim) else term(text)


def assumptions(details: dict[str, Any]) -> Markup:
    """What the design takes for granted, and the record's own claims."""
    items = get(details, "results", "design", "assumptions", default=[])
    claims = rows(get(details, "record", "claims", default=[]))
    if not claims:
        need(details, "results", "design", "assumptions")
    own = {str(c.get("id")) for c in claims}
    listed = element("ul", glue(element("li", _stated(str(a), own)) for a in items)) if items else Markup("")
    stated = [
        glue(
            [
                f"{c.get('subject')}, {term(str(c.get('property')).replace('_', ' '))}: ",
                with_std(c.get("value"), c.get("std"), str(c.get("unit") or "")),
                f" ({term(c.get('tier'))}; {term(c.get('note')) if c.get('source') == 'case:assumption' else c.get('note')})",
            ]
        )
        for c in claims
    ]
    return glue([listed, glue([element("h3", tr("Claims in the case")), element("ul", glue(element("li", s) for s in stated))]) if stated else ""])
