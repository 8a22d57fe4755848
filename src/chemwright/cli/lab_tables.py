"""Campaigns as a person reads them."""

from __future__ import annotations

from typing import Any

from chemwright.cli.tables import number, say, show

GOALS = {"maximise": "as high as can be", "minimise": "as low as can be", "target": "to be met", "at_least": "at least", "at_most": "at most"}


def written(result: dict[str, Any]) -> None:
    """Where a campaign begins."""
    say(f"Wrote {result['campaign']}. Look it over, then: {result['next']}")


def setting(value: Any) -> str:
    """A setting with its unit."""
    if not isinstance(value, dict):
        return str(value)
    return number(value["value"]) + ("" if value["unit"] == "1" else f" {value['unit']}")


def proposed(result: dict[str, Any]) -> None:
    """Proposed experiments, one a row."""
    rows = result["proposed"]
    if rows:
        names = list(rows[0]["settings"])
        places = any(r["reactor"] for r in rows)
        head = ("id", *names, *(["reactor"] if places else []), "cost", "why")
        body = [[r["id"], *(setting(r["settings"][n]) for n in names), *([r["reactor"]] if places else []), number(r["cost"]), r["note"]] for r in rows]
        show("Next experiments", head, body, left=(0, len(head) - 1), width=140)
    for word in result["words"]:
        say(word)
    if result.get("csv"):
        say(f"Wrote {result['csv']}: fill in the figures and give it to `chemwright lab tell --csv`")


def _best(best: dict[str, Any] | None) -> str:
    if best is None:
        return "no experiment yet keeps to all limits"
    values = ", ".join(f"{k} {number(v)}" for k, v in best["values"].items())
    std = "" if best["std"] is None else f" +/- {number(best['std'], 2)}"
    return f"best so far: {' and '.join(best['ids'])} with {values}{std} at {', '.join(f'{k} {setting(v)}' for k, v in best['settings'].items())}"


def told(result: dict[str, Any]) -> None:
    """What was entered."""
    for t in result["told"]:
        figures = ", ".join(f"{k} {number(v)}" for k, v in t["results"].items())
        say(f"{t['id']}: {t['state']}{': ' + figures if figures else ''}{' (' + t['note'] + ')' if t['note'] and t['state'] != 'done' else ''}")
    if result["best"] is not None:
        say(_best(result["best"]))
    elif result["front"]:
        say(f"{result['front']} experiments are on the front")
    for word in result["words"]:
        say(word)
    if result["verdict"]["words"]:
        say(("it is enough: " if result["verdict"]["stop"] else "") + result["verdict"]["words"])


def status(result: dict[str, Any]) -> None:
    """Where a campaign stands."""
    c = result["counts"]
    say(
        f"{result['name']}: {c['done']} done, {c['failed']} failed, {c['open']} open, {c['abandoned']} abandoned"
        + (f", {result['borrowed']} borrowed" if result["borrowed"] else "")
    )
    budget = "" if result["budget"] is None else f" of {number(result['budget'])}"
    say(f"spent or bound: {number(result['spent'])}{budget} {result['currency']}")
    rows = []
    for o in result["objectives"]:
        target = "" if o["target"] is None else f" {number(o['target'])}"
        noise = "not known" if o["noise"] is None else f"{number(o['noise'], 2)} ({o['noise_from']})"
        drift = "none seen" if not o["drift"]["real"] else f"{o['drift']['per_day']:+.3g} a day"
        rows.append([o["name"], GOALS[o["goal"]] + target, "" if o["unit"] == "1" else o["unit"], noise, drift])
    show("Objectives", ("objective", "wanted", "unit", "noise of one", "drift"), rows, left=(0, 1, 2))
    if result["front"]:
        trials("Front", result["front"])
    elif result["best"] is not None or c["done"]:
        say(_best(result["best"]))
    if result["open"]:
        trials("Open", result["open"])
    if result["trials"]:
        trials("Experiments", result["trials"])
    for word in result["words"]:
        say(word)
    verdict = result["verdict"]
    say(("it is enough: " if verdict["stop"] else "go on" + (": " if verdict["words"] else "")) + verdict["words"])


def trials(title: str, rows: list[dict[str, Any]]) -> None:
    """Experiments, one a row."""
    names, figures = list(rows[0]["settings"]), list(dict.fromkeys(k for r in rows for k in r["results"]))
    head = ("id", "state", *names, *figures, "note")
    body = [[r["id"], r["state"], *(setting(r["settings"][n]) for n in names), *(number(r["results"].get(f, "")) for f in figures), r["note"]] for r in rows]
    show(title, head, body, left=(0, 1, len(head) - 1), width=140)


def drawn(result: dict[str, Any]) -> None:
    """Where the picture is."""
    say(f"Wrote {result['file']}: {', '.join(result['charts'])}")


def exported(result: dict[str, Any]) -> None:
    """Where the experiments went."""
    if result["csv"]:
        say(f"Wrote {result['experiments']} experiments into {result['csv']}")
    if result["knowledge_base"]:
        say(f"Entered {result['entered']} experiments into {result['knowledge_base']}")
    for word in result["words"]:
        say(word)


def borrowed(result: dict[str, Any]) -> None:
    """What was borrowed."""
    for word in result["words"]:
        say(word)
