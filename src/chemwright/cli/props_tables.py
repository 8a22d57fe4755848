"""Answers about properties as a person reads them."""

from __future__ import annotations

from typing import Any

from chemwright.cli.tables import number, say, show, with_std


def answers(out: dict[str, Any]) -> None:
    """A table a substance; what has no figure is named below it."""
    per = len(out["claims"]) // len(out["substances"])
    for i, head in enumerate(out["substances"]):
        claims = out["claims"][i * per : (i + 1) * per]
        rows = [
            (
                _label(c),
                with_std(c),
                "-" if c["unit"] == "1" else c["unit"],
                f"{number(c['low'])} ... {number(c['high'])}",
                c["tier"] + ("" if c["in_domain"] else " !"),
                _sources(c),
            )
            for c in claims
            if c["value"] is not None
        ]
        title = f"{head['name']}  {head['formula']}  {head['molar_mass'] * 1000:.3f} g/mol  {head['cas'] or '-'}  {head['smiles']}"
        note = "standard uncertainty after +/-" + ("; ! the method was not made for this, the interval is wider" if any(not c["in_domain"] for c in claims) else "")
        if rows:
            show(title, ("property", "value", "unit", "90 % interval", "tier", "source"), rows, note, left=(0, 4, 5), width=150)
        else:
            say(title)
        _words(claims)


def _label(c: dict[str, Any]) -> str:
    at = [f"{c['temperature']:g} K"] if "temperature" in c else []
    at += [f"{c['pressure'] / 1e5:.4g} bar"] if "pressure" in c else []
    return c["property"].replace("_", " ") + (f" at {', '.join(at)}" if at else "")


def _sources(c: dict[str, Any]) -> str:
    names = list(dict.fromkeys(s.partition(":")[0] if s.startswith("learned:") else s for s in c["sources"]))  # which model is told in the JSON
    return ", ".join(names[:3]) + (f" +{len(names) - 3}" if len(names) > 3 else "")


def _words(claims: list[dict[str, Any]]) -> None:
    """What is no figure: hints, what can't be answered, remarks, neighbours and drivers."""
    for c in claims:
        if c["property"] == "ghs_hazard_statements":
            say(f"hazards: {c['note']}")
        for what in ("subcooled", "condensed", "beyond the measured range", "continued by", "not made for"):
            if c["value"] is not None and what in c["note"]:
                say(f"{c['property'].replace('_', ' ')}: {c['note'].split('; ')[-1]}")
                break
        if c["neighbours"]:
            said = ", ".join(f"{n['name'] or n['smiles']} {number(n['value'])} ({n['similarity']:.2f})" for n in c["neighbours"])
            say(f"{c['property'].replace('_', ' ')}, measured neighbours (similarity): {said}")
        if c["drivers"]:
            say(f"{c['property'].replace('_', ' ')}, driven by: " + ", ".join(f"{d['name']} {d['effect']:+.3g}" for d in c["drivers"][:5]))
    reasons: dict[str, list[str]] = {}
    for c in claims:
        if c["value"] is None and c["property"] != "ghs_hazard_statements":
            reasons.setdefault(c["note"], []).append(c["property"].replace("_", " "))
    for note, names in reasons.items():
        say(f"{', '.join(names)}: {note}")


def screened(out: dict[str, Any]) -> None:
    """Where the result is, and how many lines were no molecule."""
    kept = f", {out['kept']} parts kept from an earlier run" if out["kept"] else ""
    say(f"{out['out']}: {out['rows']} molecules, {out['errors']} with an error (column error){kept}")
    say("properties: " + ", ".join(out["properties"]))
