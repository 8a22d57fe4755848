"""What the commands of the laboratory print for people."""

from __future__ import annotations

from typing import Any

from chemwright.cli.tables import say


def ran(result: dict[str, Any]) -> None:
    """What a call of ``lab run`` did."""
    run, campaign = result["run"], result["campaign"]
    say(f"measured {run['measured']}, failed {run['failed']}, given up {run['given_up']}; {run['attempts']} attempts")
    say(f"ended: {run['why']}")
    best = campaign.get("best")
    if best:
        settings = ", ".join(f"{k} {_of(v)}" for k, v in best["settings"].items())
        values = ", ".join(f"{k} {v:.5g}" for k, v in best["values"].items())
        say(f"best so far: {values} at {settings} ({', '.join(best['ids'])})")
    say(f"logs: {result['lab']}")


def _of(value: Any) -> str:
    if isinstance(value, dict):
        unit = value.get("unit", "1")
        return f"{value['value']:.4g}" + ("" if unit == "1" else f" {unit}")
    return str(value)


def live(result: dict[str, Any]) -> None:
    """State of the stations."""
    for s in result["stations"]:
        run = f", {s['run']['id']} attempt {s['run']['attempt']}" if s["run"] else ""
        say(f"{s['station']}: {s['state']}{run}" + (f" ({s['why']})" if s["why"] else "") + (f"; {s['waiting_for']}" if s.get("waiting_for") else ""))
        for r in s["readings"]:
            value = r["quality"] if r["value"] is None else f"{r['value']:.5g} {r['unit']}"
            say(f"  {r['channel']:24} {value}")


def audit(result: dict[str, Any]) -> None:
    """Verdict and newest lines of the audit logs."""
    for log in result["logs"]:
        for line in log["last"]:
            detail = line["detail"]
            shown = {k: v for k, v in detail.items() if k != "run"} if isinstance(detail, dict) else {}
            if isinstance(detail, dict) and isinstance(detail.get("run"), dict):
                r = detail["run"]
                shown |= {"run": f"{r['id']}#{r['attempt']}", "state": r["state"], **({"why": r["why"]} if r["why"] else {})}
            say(f"{line['n']:5}  {line['at'][:23]}  {line['who']:8} {line['what']:16} " + "  ".join(f"{k}={v}" for k, v in shown.items()))
        state = "whole" if not log["problems"] else f"{len(log['problems'])} problems"
        say(
            f"{log['station']}: {log['lines']} lines, {state}, "
            + ("sealed with this user's key" if log["sealed"] else "seals not checked" if log["sealed"] is None else "seals do not fit")
        )
        for problem in log["problems"]:
            say(f"  {problem}")


def trace(result: dict[str, Any]) -> None:
    """Attempts in order."""
    for i, a in enumerate(result["attempts"], 1):
        said = (
            f"{result['objective']} {a['value']:.5g} +/- {a['std']:.2g} {'' if result['unit'] == '1' else result['unit']}"
            if "value" in a
            else f"{a['cause'] or a['state']}: {a['why']}"
        )
        say(f"{i:4}  {a['id']}#{a['attempt']:<3} {a['station']:12} {said}"[:200])
    if "file" in result:
        say(f"drawn into {result['file']}")
