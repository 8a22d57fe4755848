"""Results as a person reads them: tables on stdout."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

NAMES = {"cost": "cost", "e_factor": "E-factor", "co2e": "CO2e", "pmi": "process mass intensity", "purity": "purity"}


def show(title: str, head: Sequence[str], rows: Iterable[Sequence[str]], note: str = "", *, left: Sequence[int] = (0,), width: int | None = None) -> None:
    """One table; the columns ``left`` are text, the others are set right; ``width`` is taken where the output is no terminal."""
    import sys

    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, width=None if sys.stdout.isatty() else width)
    table = Table(title=Text(title), title_justify="left", box=box.SIMPLE_HEAD, caption=Text(note) if note else None, caption_justify="left")
    for i, name in enumerate(head):
        table.add_column(Text(name), justify="left" if i in left else "right", overflow="fold")
    for row in rows:
        table.add_row(*[Text(cell) for cell in row])
    console.print(table)


def say(text: str) -> None:
    """A line of text, not wrapped and not read as markup."""
    from rich.console import Console

    Console(highlight=False).print(text, markup=False, soft_wrap=True)


def number(value: Any, digits: int = 4) -> str:
    """A number as a person writes it."""
    return f"{value:.{digits}g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def with_std(entry: dict[str, Any]) -> str:
    """``value +/- std``, rounded to the uncertainty."""
    from chemwright.quantity import Value

    return str(Value(entry["value"], "1", entry.get("std")))


def kinetics(fit: dict[str, Any]) -> None:
    """Parameters with what the data informed, and the errors."""
    rows = [
        [name, with_std(p), p["unit"], number(p["prior_std"], 2), "yes" if p["informed"] else "no"]
        for name, p in sorted(fit["parameters"].items(), key=lambda item: (not item[0].startswith("k."), item[0]))
    ]
    loo = fit["loo"]
    note = f"{fit['n']} runs; RMSE {number(fit['rmse'], 3)}; leave-one-out: mechanism {number(loo['mechanism'], 3)}, learner {number(loo['learner'], 3)}, hybrid {number(loo['hybrid'], 3)}"
    show("Kinetics", ("parameter", "value", "unit", "prior std", "informed"), rows, note)


def design(result: dict[str, Any]) -> None:
    """Figures of the chosen plant and the front."""
    rows = [
        [NAMES[k], with_std(result[k]), result[k].get("unit", "1").replace("1", "-") if result[k].get("unit") == "1" else result[k].get("unit", "")] for k in NAMES if k in result
    ]
    show("Plant", ("figure", "value", "unit"), rows, "standard uncertainty after +/-")
    if len(result.get("front", [])) > 1:
        front = [[str(i), *[with_std(point[k]) for k in ("cost", "e_factor", "co2e") if k in point]] for i, point in enumerate(result["front"])]
        show("Front between the objectives", ("point", "cost", "E-factor", "CO2e"), front)


def causes(rows: list[dict[str, Any]], figure: str, top: int = 8) -> None:
    """Largest causes of a figure's uncertainty."""
    rest = sum(r["share"] for r in rows[top:])
    lines = [[r["cause"], r["tier"], r["source"], f"{100 * r['share']:.1f} %"] for r in rows[:top]]
    show(
        f"What the uncertainty of {NAMES.get(figure, figure)} comes from",
        ("cause", "tier", "source", "share"),
        lines,
        f"the other {len(rows) - top} causes: {100 * rest:.1f} %" if len(rows) > top else "",
    )


def experiments(rows: list[dict[str, Any]], figure: str, top: int = 5) -> None:
    """Best next measurements."""
    lines = [[r["experiment"], r["tier"], f"{r['cost']:.0f}", f"{100 * r['expected_reduction']:.1f} %"] for r in rows[:top]]
    show(f"Next measurements for {NAMES.get(figure, figure)}", ("measurement", "tier", "cost [USD]", "variance taken off"), lines, "ranked by variance taken off per cost")


def developed(out: dict[str, Any]) -> None:
    """The whole of `develop`."""
    say(f"{out['case']['name']}: {out['case']['target']}")
    kinetics(out["kinetics"])
    design(out["design"])
    causes(out["explain"]["cost"], "cost")
    experiments(out["next"], "cost")
    for note in out["meta"].get("notes", []):
        say(f"note: {note}")
    say(f"report: {out['report']}")


def reactor(out: dict[str, Any]) -> None:
    """Outlet of one reactor."""
    rows = [[name, number(c), f"{100 * out['conversion'][name]:.2f} %" if name in out["conversion"] else ""] for name, c in out["outlet"].items()]
    show(
        "Reactor outlet",
        ("species", "mol/L", "conversion"),
        rows,
        f"temperature {number(out['temperature'], 5)} K" + (f", pressure {number(out['pressure'] / 1e5, 5)} bar" if "pressure" in out else ""),
    )
    if len(out["steady_states"]) > 1:
        rows = [
            [f"{number(x['temperature'], 5)} K", ", ".join(f"{k} {100 * v:.1f} %" for k, v in x["conversion"].items()), "stable" if x.get("stable") else "unstable"]
            for x in out["steady_states"]
        ]
        show(f"{len(out['steady_states'])} steady states; above stands the one a start-up arrives at", ("temperature", "conversion", ""), rows)
    if out.get("profiles_found", 1) > 1:
        say(f"{out['profiles_found']} profiles close the balance of the counter-current jacket; this is the one whose jacket leaves coldest")
    if spot := out.get("hot_spot"):
        place = ", ".join(f"{k} {number(v, 4)}" for k, v in spot.items() if k != "temperature")
        said = out.get("runaway")
        verdict = "" if said is None else f"; {'' if said else 'no '}runaway by the criterion of Adler and Enig"
        say(f"hottest {number(spot['temperature'], 5)} K at {place}{verdict}")


def doctor(out: dict[str, Any]) -> None:
    """What is installed."""
    say(f"chemwright {out['chemwright']} on Python {out['python']}, {out['system']}")
    show("Packages", ("package", "installed", "wanted"), [[p["name"], p["installed"] or "missing", p["wanted"]] for p in out["packages"]])
    rows = [[name, "complete" if not e["missing"] else "lacks " + ", ".join(e["missing"]), e["for"], e["install"]] for name, e in out["extras"].items()]
    show("Extras", ("extra", "state", "what it adds", "install"), rows)
    here = out["machine"]
    seen = [
        ("terminal", here["encoding"]["stdout"] or "-"),
        ("processors", str(here["processors"])),
        ("this folder", f"{here['folder']['path']} ({'writable' if here['folder']['writable'] else 'NOT writable'})"),
        ("Chromium", here["chromium"] or "none"),
        ("data", f"{here['data']['path']} ({len(here['data']['cases'])} cases, {len(here['data']['parameter_sets'])} parameter sets)"),
    ]
    for name, text in seen:
        say(f"{name:<12}{text}")
    for text in here["problems"]:
        say(f"note: {text}")
    say("ready" if out["ready"] else "not ready: install the missing packages, pip install chemwright")


def checks(out: dict[str, Any]) -> None:
    """Published numbers beside ours, then where they stand."""
    rows = [
        [c["name"], "-" if c["ours"] is None else number(c["ours"], 6), number(c["published"], 6), number(c["tolerance"], 2), c["unit"], "ok" if c["passed"] else "FAILED"]
        for c in out["checks"]
    ]
    show("Published numbers", ("check", "ours", "published", "+/-", "unit", ""), rows)
    sources: dict[str, list[str]] = {}
    for c in out["checks"]:
        sources.setdefault(c["source"], []).append(c["name"])
    for source, names in sources.items():
        say(f"{', '.join(dict.fromkeys(n.partition('.')[0] for n in names))}: {source}")
    for c in out["checks"]:
        if not c["passed"]:
            say(f"FAILED {c['name']}: {c['what']}; {c['error'] or 'tolerance: ' + c['because']}")
    say(f"{out['passed']} passed, {out['failed']} failed")


def difference(out: dict[str, Any]) -> None:
    """What changed between two cases."""
    if not out["changed"]:
        say("the two records are the same")
    else:
        rows = changes(out["changed"])
        show("Changed in the record", ("what", "before", "after"), rows[:60], f"and {len(rows) - 60} more" if len(rows) > 60 else "")
    figures = [
        (NAMES[f["figure"]], *(with_std({"value": f[k], "std": f[f"{k}_std"]}) for k in ("before", "after")), number(f["change"]), "-" if f["unit"] == "1" else f["unit"])
        for f in out["figures"]
    ]
    if figures:
        show("What that changed", ("figure", "before", "after", "change", "unit"), figures, "standard uncertainty after +/-")
    for f in out["figures"][:3]:
        if abs(f["change"]) > 0.005 * abs(f["before"]):
            because(f)
    if out["note"]:
        say(out["note"])


def changes(rows: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Changed leaves as a person reads them: a claim, source or species that came or went as one line."""

    def text(value: Any) -> str:
        return "-" if value is None else (number(value) if isinstance(value, float) else str(value) or '""')

    whole: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        head, bracket, _ = row["path"].rpartition("].")
        whole.setdefault(head + "]" if bracket else row["path"], []).append(row)
    out = []
    for head, group in whole.items():
        side = next((s for s in ("before", "after") if len(group) > 1 and all(g[s] is None for g in group if g["path"].endswith((".id", ".value")))), "")
        leaves = {g["path"].removeprefix(f"{head}."): g["after" if side == "before" else "before"] for g in group}
        if not side or "id" not in leaves:
            out += [(g["path"], text(g["before"]), text(g["after"])) for g in group]
            continue
        keys = ("value", "unit") if "value" in leaves else ("citation",) if "citation" in leaves else ("text",) if "text" in leaves else ("smiles",)
        said = " ".join(text(leaves[k]) for k in keys if leaves.get(k) not in (None, "1")) or "yes"
        out.append((head, "-", said) if side == "before" else (head, said, "-"))
    return out


def because(row: dict[str, Any], top: int = 6) -> None:
    """Which change moved one figure by how much; nothing when it did not move."""
    causes = row["because"]
    if not causes:
        return
    lines = [
        (c["cause"], f"{number(c['before'])} -> {number(c['after'])} {'' if c['unit'] == '1' else c['unit']}".strip() if "before" in c else "-", f"{c['change']:+.3g}")
        for c in causes[:top]
    ]
    rest = sum(c["change"] for c in causes[top:])
    note = f"the other {len(causes) - top} changes: {rest:+.2g}" if len(causes) > top else "each alone, the older operating point held"
    unit = "-" if row["unit"] == "1" else row["unit"]
    show(f"Why {NAMES[row['figure']]} changed by {row['change']:+.3g}", ("changed", "from -> to", unit), lines, note)


def written(out: dict[str, Any]) -> None:
    """What `new` wrote, what it assumed, and what comes next."""
    say(f"wrote {out['case']}")
    for text in out["assumed"]:
        say(f"  assumed  {text}")
    for text in out["missing"]:
        say(f"  missing  {text}")
    path = f'"{out["case"]}"' if " " in out["case"] else out["case"]
    say(f"next: chemwright develop {path}" if out["ready"] else f"not ready to run; when that is mended: chemwright develop {path}")


def logged(entry: dict[str, Any]) -> None:
    """One new entry of the log."""
    said = f"took {entry['choice']} back" if entry["state"] == "undo" else f"decided {entry['what']}: {entry['choice']}"
    say(f"{said} ({entry['by']}), logged as {entry['id']}")


def decisions(rows: list[dict[str, Any]]) -> None:
    """The log, one entry after the other; what no longer holds is struck, and says what took its place."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for r in rows:
        state = r["state"] + (f" by {r['state_by']}" if r["state_by"] else "")
        name = "" if r["id"] == r["what"] else f"{r['id']}  "
        head = Text(name).append(f"{r['what']}: {r['choice']}", style="strike" if r["state"] in ("undone", "replaced") else "bold").append(f"  [{state}]")
        console.print(head, soft_wrap=True)
        why = r["why"] if len(r["why"]) <= 160 else r["why"][:157] + "..."
        lines = [f"{r['by']}{', ' + r['when'][:10] if r['when'] else ''}: {why}", *([f"rests on {', '.join(r['evidence'])}"] if r["evidence"] else [])]
        for line in lines:
            console.print(Text(f"    {line}"), soft_wrap=True)
