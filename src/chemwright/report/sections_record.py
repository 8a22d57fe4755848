"""What the case rests on: properties with sources, decisions, citations."""

from __future__ import annotations

from typing import Any

from chemwright.report.parts import need, rows
from chemwright.report.tables import note, table, tier
from chemwright.report.text import DEGREE, Markup, celsius, element, esc, glue, number, unit_text, with_std
from chemwright.report.words import term, tr


def properties(details: dict[str, Any]) -> Markup:
    """Every property with value, standard uncertainty, tier and source."""
    claims = rows(need(details, "results", "properties", "claims"))
    sources = {s.get("id"): s for s in rows(details["results"]["properties"].get("sources"))}
    sources.update({s.get("id"): s for s in rows((details.get("record") or {}).get("sources")) if s.get("id") not in sources})
    own = {c.get("id") for c in rows((details.get("record") or {}).get("claims"))}  # what a person wrote stays as it is
    used = list(dict.fromkeys(str(c.get("source")) for c in claims if c.get("source")))
    numbers = {key: i for i, key in enumerate(used, 1)}
    body: list[list[Any]] = []
    before: tuple[Any, Any] = (None, None)
    for c in claims:
        at = ", ".join(f"{celsius(v)} {DEGREE}C" if k == "temperature" else f"{term(k)} {number(v)}" for k, v in (c.get("conditions") or {}).items())
        mark = Markup(f'<a href="#source-{numbers[str(c["source"])]}" title="{esc(c["source"])}">[{numbers[str(c["source"])]}]</a>') if c.get("source") else "-"
        unit = unit_text(c.get("unit"))
        said = tr("as above") if c.get("note") and before == (c.get("subject"), c.get("note")) else (c.get("note") or "") if c.get("id") in own else term(c.get("note") or "")
        name = term(str(c.get("property")).replace("_", " "))
        body.append([c.get("subject"), name, with_std(c.get("value"), c.get("std")), unit, at, tier(c.get("tier")), mark, element("span", said, class_="note")])
        before = (c.get("subject"), c.get("note"))
    head = [tr("subject"), tr("property"), tr("value \u00b1 std"), tr("unit"), tr("at"), tr("tier"), tr("source"), tr("note")]
    listed = element("ol", glue((_source(numbers[key], key, sources.get(key)) for key in used), "\n"), class_="sources note")
    text = tr("A value without an uncertainty is a coefficient whose uncertainty another row carries, or one whose source gives none.")
    return glue([table(head, body, numeric=[2], label=tr("properties"), css="wide"), note(text), element("h3", tr("Sources of the properties")), listed])


def _source(i: int, key: str, source: dict[str, Any] | None) -> Markup:
    if source is None:
        return element("li", key, id=f"source-{i}")
    doi = f" doi:{source['doi']}" if source.get("doi") and str(source["doi"]) not in str(source.get("citation")) else ""
    return element("li", glue([element("b", key), f" ({term(source.get('kind') or 'source')}) {source.get('citation') or ''}{doi}"]), id=f"source-{i}")


def decisions(details: dict[str, Any]) -> Markup:
    """The log of what was decided, by whom and why."""
    items = rows(need(details, "decisions"))
    body = []
    for d in items:
        said = str if d.get("when") else term  # what a person logged stays as it is
        evidence = ", ".join(map(str, d.get("evidence") or [])) or "-"
        id = "-" if d.get("id") == d.get("what") else d.get("id")
        body.append([id, said(d.get("what") or "-"), _choice(d), said(d.get("by") or "-"), said(d.get("why") or "-"), d.get("when") or "-", evidence])
    return table([tr("id"), tr("what"), tr("choice"), tr("by"), tr("why"), tr("when"), tr("evidence")], body, label=tr("decisions"), css="wide")


def _choice(d: dict[str, Any]) -> Markup:
    """The answer; struck, with what took its place, when it no longer holds."""
    state = d.get("state") or "holds"
    if state in ("holds", "undo"):
        return element("b", d.get("choice"))
    by = str(d.get("state_by"))
    return glue([element("s", d.get("choice")), note(tr("undone by {by}", by=by) if state == "undone" else tr("replaced by {by}", by=by))])


def citations(details: dict[str, Any]) -> Markup:
    """BibTeX of what was used."""
    items = need(details, "citations")
    return glue([note(tr("Exactly what this report rests on.")), element("pre", "\n\n".join(str(c).strip() for c in items), tabindex="0")])
