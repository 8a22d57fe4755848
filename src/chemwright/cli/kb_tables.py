"""Answers of the knowledge base as a person reads them."""

from __future__ import annotations

from typing import Any

from chemwright.cli.tables import number, say, show
from chemwright.knowledge.names_zh import is_chinese

CUSTOMARY = {"temperature": ("K", 1.0), "pressure": ("kPa", 1e-3)}


def counts(result: dict[str, Any]) -> None:
    """What a new base holds."""
    c = result["counts"]
    say(f"{result['base']}: {c.get('substance', 0):,} substances, {c.get('claim', 0):,} claims from {c.get('source', 0):,} sources")
    say("next: chemwright kb show ethanol; chemwright kb conflicts boiling_point; chemwright kb import FILE")


def conditions_text(conditions: dict[str, float]) -> str:
    """Conditions in a line."""
    parts = []
    for name, value in conditions.items():
        unit, scale = CUSTOMARY.get(name, ("", 1.0))
        parts.append(f"{name} {number(value * scale, 6)} {unit}".strip())
    return ", ".join(parts)


def quantity(value: float | None, std: float | None, unit: str) -> str:
    """Value, std and unit."""
    if value is None:
        return "-"
    from chemwright.quantity import Value

    return str(Value(value, unit, std))


def added(result: dict[str, Any]) -> None:
    """What was filed, and what the base has to say to it."""
    at = conditions_text(result["conditions"])
    say(f"filed {result['key'][:8]}: {result['property']} {quantity(result['value'], result['std'], result['unit'])}" + (f" at {at}" if at else ""))
    if result["known"]:
        known = result["known"]
        say(f"known before: {quantity(known['value'], known['std'], result['unit'])}; {known['note']}")
    if result["suspicion"]:
        say(f"suspicious: {result['suspicion']}")


def profile(result: dict[str, Any]) -> None:
    """A substance, or a record."""
    if result["kind"] != "substance":
        record(result)
        return
    s = result["substance"]
    facts = [s["kind"], s["formula"], s["smiles"], f"CAS {s['cas']}" if s["cas"] else "", f"{1000 * s['molar_mass']:.4g} g/mol" if s["molar_mass"] else ""]
    say(f"{s['name'] or s['key']}: " + ", ".join(f for f in facts if f))
    chinese = [n for n in s["synonyms"] if is_chinese(n)][:3]
    others = [n for n in s["synonyms"] if not is_chinese(n)][:6]
    say(f"key {s['key']}" + (f"; also {', '.join([*others, *chinese])}" if s["synonyms"] else ""))
    rows = []
    for p in result["properties"]:
        said = [
            f"{c['source']} {number(c['value'], 6)}{' !' if c['conflicting'] else ''}{'' if c['status'] == 'trusted' else ' (' + c['status'] + ')'} [{c['key'][:6]}]"
            for c in p["claims"]
        ]
        rows.append([p["property"], conditions_text(p["conditions"]) or "-", quantity(p["value"], p["std"], p["unit"]) + ("" if p["settled"] else " ?"), "; ".join(said)])
    show(
        "Claims and consensus", ("property", "at", "consensus", "sources [key]"), rows, "! in conflict with the consensus; ? not settled; std after +/-", left=(0, 1, 3), width=150
    )


def record(result: dict[str, Any]) -> None:
    """One record whole."""
    say(f"{result['kind']} {result['key']}, filed {result['created']}" + (f", given as {result['given']}" if result["given"] else ""))
    fields = {**result["record"], **{f"filing.{k}": v for k, v in result["filing"].items()}}
    show("Record", ("field", "value"), [[k, str(v)[:300]] for k, v in fields.items() if v not in ("", None, [], {})], left=(0, 1), width=150)
    if result["history"]:
        show("History", ("when", "who", "what", "detail"), [[h["at"], h["who"], h["what"], h["detail"][:200]] for h in result["history"]], left=(0, 1, 2, 3), width=150)


def conflicts(result: dict[str, Any]) -> None:
    """Conflicts, the farthest first."""
    rows = []
    for c in result["shown"]:
        agree = "; ".join(f"{k['source']} {number(k['value'], 6)}" for k in c["claims"] if k["agrees"])
        differ = "; ".join(f"{k['source']} {number(k['value'], 6)} [{k['key'][:6]}]" for k in c["claims"] if not k["agrees"])
        at = conditions_text(c["conditions"])
        rows.append(
            [
                c["name"] or c["substance"],
                c["property"] + (f" at {at}" if at else ""),
                quantity(c["value"], c["std"], c["unit"]) + ("" if c["settled"] else " ?"),
                agree,
                differ,
                number(c["distance"], 3),
            ]
        )
    head = ("substance", "property", "consensus", "agree", "in conflict [key]", "distance")
    show(
        f"{result['conflicts']} conflicts" + (f" on {result['property']}" if result["property"] else ""),
        head,
        rows,
        "distance in joint standard deviations; ? not settled",
        left=(0, 1, 3, 4),
        width=150,
    )


def statistics(result: dict[str, Any]) -> None:
    """Counts."""
    show(result["base"], ("kind", "number"), [[k, f"{n:,}"] for k, n in result["counts"].items()])
    show("Claims by property", ("property", "claims", "substances"), [[p["property"], f"{p['claims']:,}", f"{p['substances']:,}"] for p in result["properties"][:25]])
    show("Claims by source", ("source", "claims"), [[p["source"], f"{p['claims']:,}"] for p in result["sources"][:25]])
    standing = ", ".join(f"{k} {n:,}" for k, n in result["standing"].items())
    say(f"standing: {standing}; suspicious {result['suspicious']:,}" + (f"; labels: {', '.join(f'{k} {n}' for k, n in result['labels'].items())}" if result["labels"] else ""))


def properties(result: dict[str, Any]) -> None:
    """The vocabulary."""
    if result["added"]:
        say("added: " + ", ".join(result["added"]))
        return
    rows = [[p["name"], p["unit"], p["zh"], p["description"]] for p in result["properties"]]
    show(f"{len(rows)} properties", ("name", "unit", "zh", "meaning"), rows, left=(0, 1, 2, 3), width=150)


def history(result: dict[str, Any]) -> None:
    """The audit trail."""
    rows = [[h["at"], h["who"], h["what"], h["target"][:16], ", ".join(f"{k} {v}" for k, v in h["detail"].items() if k != "refusals")[:160]] for h in result["history"]]
    show("History", ("when", "who", "what", "record", "detail"), rows, left=(0, 1, 2, 3, 4), width=150)


def mined(result: dict[str, Any]) -> None:
    """What documents brought."""
    rows = [[d["document"], str(d["waiting"]), str(d["taken"]), str(d["again"])] for d in result["documents"]]
    show("Mined", ("document", "wait for review", "taken in", "known before"), rows)
    for d in result["documents"]:
        for r in d["refused"]:
            say(f"not taken in, waits: {r['key'][:8]}: {r['why']}")
        for n in d["notes"]:
            say(f"{d['document']}: {n['text']}")
    say(f"{result['queue']} proposals wait: chemwright kb review" if result["queue"] else "nothing waits")


def editable(data: Any) -> dict[str, Any]:
    """Fields of a mention that a person may change in one line."""
    from attrs import fields

    return {a.name: getattr(data, a.name) for a in fields(type(data)) if a.name not in ("kind", "start") and isinstance(getattr(data, a.name), str | float | type(None))}


def proposal_data(waiting: Any) -> dict[str, Any]:
    """A proposal as plain data."""
    from chemwright.record.convert import converter

    data: dict[str, Any] = {"key": waiting.key, **converter().unstructure(waiting.proposal)}
    return data


def proposal_line(waiting: Any) -> str:
    """A proposal in a line."""
    from chemwright.knowledge.mining.proposal import KineticMention, PropertyMention, SubstanceMention

    d, p = waiting.proposal.data, waiting.proposal
    head = f"{waiting.key[:8]} {p.kind}, {100 * p.confidence:.0f} %: "
    if isinstance(d, SubstanceMention):
        return head + f"{d.name} = {d.smiles or 'no structure found'}" + (f" ({d.role})" if d.role else "")
    if isinstance(d, PropertyMention):
        at = conditions_text(d.conditions)
        return head + f"{d.property} of {d.substance or '?'} {'' if d.qualifier == '=' else d.qualifier + ' '}{quantity(d.value, d.std, d.unit)}" + (f" at {at}" if at else "")
    if isinstance(d, KineticMention):
        return head + f"{d.parameter} {d.symbol} of {d.reaction or '?'} {quantity(d.value, d.std, d.unit)}"
    parts = [f"{role} {', '.join(s.name for s in getattr(d, role))}" for role in ("reactants", "reagents", "catalysts", "solvents", "products") if getattr(d, role)]
    numbers = [f"{r.text}" for group in (d.temperatures, d.times, d.yields) for r in group[:1]]
    return head + "; ".join([*parts, *numbers])


def evidence_line(waiting: Any) -> str:
    """Where it stands, cut to a few lines."""
    e = waiting.proposal.evidence
    place = f"table {e.table}, row {e.row}, column {e.column}" if e.table else (f"page {e.page}" if e.page else f"character {e.start}")
    text = " ".join(e.text.split())
    return f"{e.document}, {place}: {text[:300]}{'...' if len(text) > 300 else ''}"


def reviewed(result: dict[str, Any], *, whole: bool) -> None:
    """What was judged, and what still waits."""
    if result["accepted"] or result["rejected"]:
        say(f"accepted {len(result['accepted'])}, rejected {len(result['rejected'])}")
    for r in result["refused"]:
        say(f"not taken in, waits: {r['key'][:8]}: {r['why']}")
    for a in result["accepted"]:
        say(f"{a['proposal'][:8]} became {', '.join(k[:12] for k in a['records'])}")
    if whole:
        rows = [
            [
                w["key"][:8],
                w["data"]["kind"],
                f"{100 * w['confidence']:.0f} %",
                str(w["data"].get("property") or w["data"].get("name") or w["data"].get("parameter") or ""),
                w["evidence"]["text"][:120],
            ]
            for w in result["waiting"]
        ]
        show("Waiting", ("key", "kind", "sure", "what", "text"), rows, left=(0, 1, 3, 4), width=150)
    say(f"{len(result['waiting'])} wait")


def found(result: dict[str, Any]) -> None:
    """What a search found."""
    if "rows" not in result:
        say(f"{result['total']:,} {result['find']}")
        return
    if "file" in result:
        say(f"wrote {result['shown']:,} {result['find']} to {result['file']}")
        return
    rows = result["rows"]
    total = f" of {result['total']:,}" if result["total"] is not None else ""
    title = f"{len(rows):,}{total} {result['find']}" + ("" if result["total"] is not None or not rows else ", and more: --limit 0 for all, --count to count")
    if result["find"] == "substances":
        cells = [[r["name"] or r["key"], r["formula"], r["cas"], r["smiles"][:60], number(r["similarity"], 3) if r.get("similarity") is not None else ""] for r in rows]
        show(title, ("name", "formula", "CAS", "structure", "similarity"), cells, left=(0, 1, 2, 3), width=140)
    elif result["find"] == "claims":
        cells = [[r["key"][:8], r["name"] or r["subject"], r["property"], quantity(r["value"], r["std"], r["unit"]), at_text(r), r["source"], r["suspicion"] or ""] for r in rows]
        show(title, ("key", "substance", "property", "value", "at", "source", "suspicion"), cells, left=(0, 1, 2, 4, 5, 6), width=150)
    else:
        cells = [[r["key"][:8], r["kind"], *entry_text(r)] for r in rows]
        show(title, ("key", "kind", "what", "result"), cells, left=(0, 1, 2, 3), width=150)


def entry_text(row: dict[str, Any]) -> tuple[str, str]:
    """What an entry is about, and what came out."""
    import json

    body = row["body"] if isinstance(row["body"], dict) else json.loads(row["body"])
    people = body.get("participants") or []
    if not people:
        return f"{row['id']}: {' '.join(str(row['text']).split())[:100]}", ""
    by_role: dict[str, list[str]] = {}
    for p in people:
        by_role.setdefault(p["role"], []).append(str(p.get("name") or p["substance"])[:36])
    what = "; ".join(f"{role} {', '.join(names)}" for role, names in by_role.items())
    results = "; ".join(f"{o['property']} {number(o['value'], 4)}" for o in body.get("outcomes") or [])
    return what, results or conditions_text(body.get("conditions") or {})


def at_text(row: dict[str, Any]) -> str:
    """Conditions of a claim's row."""
    import json

    others = row["conditions"] if isinstance(row["conditions"], dict) else json.loads(row["conditions"] or "{}")
    known = {k: row[k] for k in ("temperature", "pressure") if row.get(k) is not None}
    return conditions_text({**known, **{k: v for k, v in others.items() if k not in known}}) or "-"


def imported(result: dict[str, Any]) -> None:
    """What an import did, or would do."""
    if "columns" in result:
        rows = [[c["column"], c["role"], c["property"] or "-", c["unit"] or "-", f"{100 * c['sure']:.0f} %", c["reason"]] for c in result["columns"]]
        show("Columns", ("column", "taken for", "property", "unit", "sure", "because"), rows, left=(0, 1, 2, 3, 5), width=150)
    for q in result.get("questions", []):
        say(f"open: {q['column']}: {q['question']}" + (f" ({'; '.join(q['answers'])})" if q["answers"] else ""))
    facts = {k: v for k, v in result.items() if isinstance(v, int | float) and not isinstance(v, bool) and v}
    if facts:
        say(f"{result.get('file', '')}: " + ", ".join(f"{k.replace('_', ' ')} {v:,}" for k, v in facts.items()))
    if isinstance(result.get("records"), dict):
        say(f"{result['file']}: {result['form']}; " + ", ".join(f"{k} {n:,} ({result['new'].get(k, 0):,} new)" for k, n in result["records"].items() if n))
    for name in ("read_as", "rejects_file", "backup"):
        if result.get(name):
            say(f"{name.replace('_', ' ')}: {result[name]}")
    for name in ("suspicions", "rejects", "problems", "notes", "dropped", "named"):
        for line in list(result.get(name) or ())[:8]:
            say(f"{name}: {line}")


def exported(result: dict[str, Any]) -> None:
    """What left."""
    say(f"wrote {result['file']}: " + ", ".join(f"{n:,} {k}" for k, n in result["records"].items() if n))
    for note in list(result.get("notes") or ())[:10]:
        say(f"note: {note}")
    if result["left_out"]:
        say(f"left out: {len(result['left_out']):,} record(s)")
        for r in result["left_out"][:5]:
            say(f"  {' '.join(str(v) for v in r.values())[:200]}")


def verdict(result: dict[str, Any]) -> None:
    """Whether a base is whole."""
    looked = ", ".join(f"{n:,} {k}" for k, n in result["checked"].items() if n)
    say(f"{result['where']}: " + (f"whole ({'a sample of ' if result['quick'] else ''}{looked})" if result["ok"] else f"damaged, {len(result['problems'])} problem(s)"))
    for problem in result["problems"][:20]:
        say(f"  {problem}")
    if result["restored"]:
        say(result["restored"])
    elif not result["ok"]:
        say("restore the newest whole backup: chemwright kb verify --restore")


def moved(result: dict[str, Any]) -> None:
    """What was carried over."""
    say(f"{result['source']} -> {result['target']}: " + ", ".join(f"{n:,} {k}" for k, n in result["rows"].items() if n))
    say("every content hash was computed again on both sides, and they agree")
    for note in result["notes"]:
        say(f"note: {note}")
