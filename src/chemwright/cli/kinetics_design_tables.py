"""A design of runs as a person reads it."""

from __future__ import annotations

import math
from typing import Any

from chemwright.cli.tables import number, say, show


def designed(result: dict[str, Any]) -> None:
    """Runs, what they bring, what is known after them."""
    runs = result["runs"]
    names = [k for k in runs[0] if k not in ("run", "gain", "cost")]
    units = {"temperature": "degC"} | {n: "s" if n.startswith("time") else "mol/L" for n in names if n != "temperature"}
    paid = len({r["cost"] for r in runs}) > 1 or runs[0]["cost"] != 1
    unit = "nats" if result["criterion"] in ("D", "A", "E", "I", "G", "figure", "MI") else "-"
    head = ["run", *(f"{n.removeprefix('feed.')} [{units[n]}]" for n in names), *_expected_head(result), f"brings [{unit}]", *(["cost"] if paid else [])]
    rows = [[str(r["run"]), *(number(r[n]) for n in names), *_expected(result, i), number(r["gain"], 3), *([number(r["cost"])] if paid else [])] for i, r in enumerate(runs)]
    made = f", after {result['after']} runs" if result["after"] else ""
    show(f"Next runs ({result['reactor']}{made}), best for {result['meaning']}", head, rows, "what a run brings is counted after those above it", width=120)
    if "rivals" in result:
        known = [[r["name"], f"{r['probability']:.3g}"] for r in result["rivals"]]
        of = f" of {number(result['entropy'], 3)} nats that are open" if result["criterion"] == "MI" else ""
        show("Rivals now", ("model", "probability"), known, f"all runs together bring {number(result['gain'], 3)}{of}")
    else:
        rows = [[p["name"], number(p["shown"]), p["unit"], _std(p, "std"), _std(p, "std_after")] for p in result["parameters"]]
        show(f"Parameters of {result['model']}", ("parameter", "value", "unit", "std now", "std after"), rows, "by the linear forecast at the mean", width=110)
    if "figure" in result:
        f = result["figure"]
        say(f"{f['what']}: std {number(f['std'], 3)} now, {number(f['std_after'], 3)} after")
    for line in result["notes"]:
        say(f"note: {line}")
    for picture in result.get("pictures", []):
        say(f"drawn: {picture}")


def _expected_head(result: dict[str, Any]) -> list[str]:
    if "rivals" in result:
        return (
            [f"{o} if {r['name']}" for o in result["expected"][result["rivals"][0]["name"]][0] for r in result["rivals"]]
            if len(result["rivals"]) <= 4 and len(result["readings"]) == 1
            else []
        )
    return [f"{o} expected" for o in result["expected"][0]] if len(result["expected"][0]) <= 4 else []


def _expected(result: dict[str, Any], i: int) -> list[str]:
    scale = {r["name"]: 1e-3 if r["unit"] == "mol/m^3" else 1.0 for r in result["readings"]}

    def text(name: str, value: float) -> str:
        return number(value * scale.get(name.split(".")[0], scale.get(name, 1.0)), 3)

    if not _expected_head(result):
        return []
    if "rivals" in result:
        return [text(o, result["expected"][r["name"]][i][o]) for o in result["expected"][result["rivals"][0]["name"]][0] for r in result["rivals"]]
    return [text(o, v) for o, v in result["expected"][i].items()]


def _std(p: dict[str, Any], key: str) -> str:
    if p["kind"] == "log":
        return f"{100 * p[key]:.2g} %" if p[key] < 1 else f"factor {math.exp(min(p[key], 600)):.2g}"
    return number(p[key] / 1000, 2) if p["kind"] == "energy" else number(p[key], 2)
