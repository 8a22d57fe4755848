"""What is not known, and the measurements that would tell: gaps beside the next experiments and what each would buy."""

from __future__ import annotations

from typing import Any

from chemwright.report.bar_chart import bars
from chemwright.report.chart import figure
from chemwright.report.parts import Absent, get, need, rows
from chemwright.report.sections_plant import shown
from chemwright.report.tables import note, table
from chemwright.report.text import Markup, element, finite, glue, number, share
from chemwright.report.words import term, tr, trm

Gap = tuple[str, str, set[str], str]  # what is not known, which, roots that carry it, what would close it where no listed experiment does


def _experiments(details: dict[str, Any]) -> dict[str, str]:
    """Root -> the best measurement in the list that informs it."""
    out: dict[str, str] = {}
    for e in rows(get(details, "results", "next", default=[])):
        out.setdefault(str(e.get("informs")), term(e.get("experiment")))
    return out


def found_gaps(details: dict[str, Any]) -> list[Gap]:
    """Everything that the results themselves say is missing, extrapolated or assumed."""
    design, fit = get(details, "results", "design", default={}), get(details, "results", "fit", default={})
    out: list[Gap] = []
    ideal = [str(i) for i in get(design, "ideal", default=[])]
    if ideal:
        closing = tr("vapour-liquid equilibrium, or group parameters from the literature")
        out.append((tr("activity: no group parameters, taken as ideal"), tr(", ").join(ideal), {"plant.vapour_activity"}, closing))
    blind = [str(n) for n, p in get(fit, "parameters", default={}).items() if get(p, "informed", default=True) is False]
    if blind:
        out.append((tr("kinetic parameters that the runs did not inform"), tr(", ").join(blind), {"kinetics"}, tr("runs that make the by-products")))
    bounds = [term(str(b).replace("_", " ")) for b in get(design, "at_bounds", default=[])]
    if bounds:
        out.append((tr("optimum at the edge of what was measured"), tr(", ").join(bounds), set(), tr("runs beyond the range")))
    far = [term(u.get("id")) for u in rows(get(design, "units", default=[])) if u.get("in_range") is False]
    if far:
        out.append((tr("cost correlations used outside their range"), tr(", ").join(far), {"capital.accuracy"}, tr("quotations for this equipment")))
    failed = finite(get(design, "monte_carlo", "failed", default=0)) or 0.0
    if failed:
        out.append((tr("sampled plants that did not solve"), tr("{n} of {all}", n=f"{failed:.0f}", all=get(design, "monte_carlo", "n")), set(), tr("narrow the widest claims")))
    return [*out, *_property_gaps(details), *_assumed(details)]


def _property_gaps(details: dict[str, Any]) -> list[Gap]:
    """Properties that a species lacks while others have them, and those that are estimated or assumed."""
    claims = rows(get(details, "results", "properties", "claims", default=[]))
    have: dict[str, set[str]] = {}
    guessed: dict[str, dict[str, str]] = {}
    for c in claims:
        subject, name = str(c.get("subject")), str(c.get("property"))
        have.setdefault(subject, set()).add(name)
        if c.get("tier") in ("estimated", "assumed"):
            guessed.setdefault(subject, {})[name] = str(c.get("id"))
    said = {k: tr(", ").join(dict.fromkeys(term(_short(n)) for n in sorted(v))) for k, v in guessed.items()}
    wanted = set().union(*have.values()) if have else set()
    out: list[Gap] = []
    for subject, names in have.items():
        if lacks := sorted(wanted - names):
            out.append(
                (tr("properties of {species} that are missing", species=subject), tr(", ").join(term(n.replace("_", " ")) for n in lacks), set(), tr("measurement or literature"))
            )
    for text in dict.fromkeys(said.values()):  # species that lack the same share a row
        same = [k for k in guessed if said[k] == text]
        roots = {r for k in same for r in guessed[k].values()}
        out.append((tr("properties of {species} without a measurement", species=tr(", ").join(same)), text, roots, tr("measurement or literature")))
    return out


def _short(name: str) -> str:
    """A property's name; the coefficients of a vapour pressure count as one."""
    return "vapour pressure" if name.startswith("vapour_pressure_") else name.replace("_", " ")


def _assumed(details: dict[str, Any]) -> list[Gap]:
    """Assumed numbers that carry at least 1 % of the variance of the cost or of the E-factor."""
    explain = get(details, "results", "explain", default={})
    causes = {str(c.get("root")): c for k in ("cost", "e_factor") for c in rows(explain.get(k)) if c.get("tier") == "assumed" and (finite(c.get("share")) or 0.0) >= 0.01}
    return [(tr("assumed, not measured"), term(c.get("cause")), {root}, tr("a claim of your own")) for root, c in causes.items()]


def gaps(details: dict[str, Any]) -> Markup:
    """What is not known, how much of the variance it carries, and what would close it."""
    items = found_gaps(details)
    if not items:
        need(details, "results", "design")
        return note(tr("No gap was found in the results."))
    explain, tests = get(details, "results", "explain", default={}), _experiments(details)
    weight = {k: {str(c.get("root")): finite(c.get("share")) or 0.0 for c in rows(explain.get(k))} for k in ("cost", "e_factor")}
    body = []
    for what, which, roots, closing in items:
        sums = [sum(weight[k].get(r, 0.0) for r in roots) if roots and weight[k] else None for k in ("cost", "e_factor")]
        closed = list(dict.fromkeys(tests[r] for r in sorted(roots) if r in tests)) or [closing]
        body.append((-max((s or 0.0 for s in sums), default=0.0), [what, which, *(share(s) if s is not None else "-" for s in sums), tr("; ").join(closed)]))
    body.sort(key=lambda row: row[0])
    head = [tr("not known"), tr("which"), tr("of the cost's variance"), tr("of the E-factor's variance"), tr("what would close it")]
    text = tr("Heaviest first; a share is that of the numbers that carry the gap, a dash where the ledger has none for it: such a gap is not in the error bars.")
    return glue([table(head, [cells for _, cells in body], numeric=[2, 3], label=tr("gaps"), css="wide"), note(text)])


def next_experiments(details: dict[str, Any]) -> Markup:
    """Which measurement buys how much."""
    results = details.get("results") if isinstance(details.get("results"), dict) else {}
    items = rows(need({"results": results}, "results", "next"))
    if not items:
        raise Absent(tr("the step 'next' gave no experiment"))
    causes = {str(c.get("root")): term(c.get("cause")) for c in rows(get(results, "explain", "cost", default=[]))}
    body = []
    for i, e in enumerate(items, 1):
        at = ", ".join(f"{term(k.replace('_', ' '))} {v} {u if u != '1' else ''}".strip() for k, x in get(e, "conditions", default={}).items() for v, u in [shown(k, x)])
        what = glue([term(e.get("experiment")), element("div", at, class_="note") if at else ""])
        informs = causes.get(str(e.get("informs")), e.get("informs") or "-")
        body.append([i, what, term(e.get("tier")), informs, number(e.get("cost")), share(e.get("expected_reduction")), number(e.get("std_after"))])
    head = ["", tr("experiment"), tr("room"), tr("informs"), tr("price, USD"), tr("takes off the cost's variance"), tr("std of the cost after it, USD/kg")]
    first = items[0]
    lead = trm(
        "Best value for money: {experiment}, about {price} USD for {share} of the variance of the cost.",
        experiment=element("b", term(first.get("experiment"))),
        price=number(first.get("cost")),
        share=share(first.get("expected_reduction")),
    )
    lines = [(term(e.get("experiment")), finite(e.get("expected_reduction")) or 0.0, 0.0, 1) for e in items[:10]]
    drawn = bars(lines, tr("share of the cost's variance it takes off, %"), title=tr("what each experiment would buy"), percent=True, width=860, gutter=420)
    std = finite(get(results, "design", "cost", "std"))
    now = tr("What each would buy, taken alone; the std of the cost is {std} USD/kg now.", std=number(std)) if std is not None else tr("What each would buy, taken alone.")
    return glue(
        [
            element("p", lead),
            figure(drawn, now),
            table(head, body, numeric=[0, 4, 5, 6], label=tr("next experiments"), css="wide"),
            note(tr("Ranked by expected reduction of the variance per price; each taken alone.")),
        ]
    )
