"""The stream table, in units to choose: one table for each set, radio buttons in front of them, no script."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from chemwright.report.parts import get, need, rows
from chemwright.report.tables import note, table
from chemwright.report.text import DEGREE, Markup, celsius, clip, element, finite, glue, number
from chemwright.report.words import term, tr

YEAR_HOURS = 8766.0  # 365.25 days, for a plant whose hours are not given


@frozen
class UnitSet:
    """What one table shows: key, title of the choice, unit and factor of the flow, ``mass`` or ``mole``, whether species are fractions, SI heads."""

    key: str
    title: str
    unit: str
    factor: float
    basis: str = "mass"
    fractions: bool = False
    si: bool = False


def unit_sets(hours: float | None) -> tuple[UnitSet, ...]:
    """The choices; a year is the plant's operating hours."""
    yearly = 3600.0 * (hours or YEAR_HOURS) / 1000.0
    return (
        UnitSet("wt", tr("kg/h and mass fractions"), "kg/h", 3600.0, fractions=True),
        UnitSet("kgh", tr("kg/h by species"), "kg/h", 3600.0),
        UnitSet("x", tr("mol/s and mole fractions"), "mol/s", 1.0, "mole", fractions=True, si=True),
        UnitSet("mols", tr("mol/s by species"), "mol/s", 1.0, "mole", si=True),
        UnitSet("ty", tr("t/year by species"), tr("t/year"), yearly),
    )


def streams(details: dict[str, Any]) -> Markup:
    """Flows, temperatures, pressures and composition of every stream; the units are chosen by radio buttons, print shows the chosen ones."""
    items = rows(need(details, "results", "design", "streams"))
    sets = unit_sets(finite(get(details, "record", "plant", "hours")))
    inputs, labels, tables = [], [], []
    for i, units in enumerate(sets):
        name = f"unit-{units.key}"
        inputs.append(Markup(f'<input type="radio" name="stream-units" id="{name}" class="choice"{" checked" if i == 0 else ""}>'))
        labels.append(Markup(f'<label for="{name}" class="pick">{element("span", units.title)}</label>'))
        tables.append(element("div", _table(items, units), class_="chosen"))
    chooser = element("div", glue(labels, "\n"), class_="picks", role="group", aria_label=tr("units of the stream table"))
    text = tr("Fractions: an empty cell is less than 1e-6. A year is the plant's operating hours.")
    return glue([element("div", glue([*inputs, chooser, *tables], "\n"), class_="switch"), note(text)])


def _table(items: list[dict[str, Any]], units: UnitSet) -> Markup:
    species = list(dict.fromkeys(k for s in items for k in get(s, units.basis, default={})))
    body = []
    for i, s in enumerate(items, 1):
        parts = get(s, units.basis, default={})
        total = finite(s.get("mass_flow")) if units.basis == "mass" else _sum(parts)
        name, tail, to = (element("span", clip(term(s.get(k)), 24), title=term(s.get(k))) for k in ("name", "from", "to"))
        t, p = finite(s.get("temperature")), finite(s.get("pressure"))
        heat = number(t, 5) if units.si else celsius(t)
        press = "-" if p is None else number(p / 1000, 4) if units.si else number(p / 1e5, 4)
        cells = [_fraction(parts.get(k), total) if units.fractions else _flow(parts.get(k), units.factor) for k in species]
        body.append([i, name, tail, to, term(s.get("phase")), heat, press, number(total * units.factor, 4) if total is not None else "-", *cells])
    sign = ("x" if units.basis == "mole" else "w") if units.fractions else ""
    titles = [
        "",
        tr("stream"),
        tr("from"),
        tr("to"),
        tr("phase"),
        "K" if units.si else f"{DEGREE}C",
        "kPa" if units.si else "bar",
        units.unit,
        *(f"{sign} {k}".strip() for k in species),
    ]
    return table(titles, body, numeric=[0, *range(5, 8 + len(species))], label=tr("stream table, {units}", units=units.title), css="dense")


def _sum(parts: dict[str, Any]) -> float | None:
    values = [finite(v) for v in parts.values()]
    return sum(v for v in values if v is not None) if values else None


def _flow(value: Any, factor: float) -> Markup:
    """A species' flow to four digits; nothing where it is none or negligible."""
    x = finite(value)
    return Markup("-") if x is None else Markup("") if abs(x * factor) < 1e-9 else number(x * factor, 4)


def _fraction(part: Any, total: float | None) -> Markup:
    m = finite(part)
    if m is None or not total:
        return Markup("-")
    x = m / total
    return Markup("") if abs(x) < 1e-6 else Markup(f"{x:.4f}") if x >= 5e-5 else Markup("&lt; 0.0001")
