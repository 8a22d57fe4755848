"""Rate constants of the mechanisms that Cantera ships: from the SI numbers that our Cantera YAML intake reads, beside Cantera's own at several temperatures and pressures.

The intake (``chemwright.knowledge.exchange``) gives every rate parameter in SI with mol. Here rate constants are computed from these numbers alone, by the published forms (Arrhenius, Lindemann, Troe, SRI, PLOG,
Chebyshev), and held against ``forward_rate_constants`` of the same file in Cantera, which reads it by itself. Whatever differs (a unit, a third body, an order) shows as a relative difference. Concentrations of third bodies
come from Cantera (an equimolar mixture),
so that thermodynamics play no part. What is not compared is counted, with its kind of rate.

Usage: python benchmarks/kinetics_cantera.py [--json benchmarks/results/kinetics_cantera.json] [FILE ...]     (needs ``pip install cantera``, which is no dependency of chemwright; without FILE all that Cantera ships)
"""

from __future__ import annotations

import json
import math
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chemwright.errors import ChemwrightError
from chemwright.knowledge.exchange.cantera_rates import GAS, Equation, parameters, parse_equation, places
from chemwright.knowledge.exchange.cantera_yaml import Mechanism, read_mechanism

TEMPERATURES = (300.0, 500.0, 900.0, 1500.0, 2500.0)  # K
PRESSURES = (1e3, 101325.0, 1e7)  # Pa
TINY = 1e-290
SURFACES = ("ideal-surface", "coverage-dependent-surface", "edge")


def arrhenius(p: dict[str, float], T: float, head: str = "") -> float:
    """A T^b exp(-Ea/RT), in SI with mol."""
    return p[head + "A"] * T ** p[head + "b"] * math.exp(-p[head + "Ea"] / (GAS * T))


def falloff(p: dict[str, float], T: float, body: float, activated: bool) -> float:
    """Lindemann's form with the blending of Troe (Gilbert, Luther and Troe 1983) or SRI (Stewart, Larson and Golden 1989) when given; ``body``: effective third body (mol/m^3)."""
    low, high = arrhenius(p, T, "low."), arrhenius(p, T, "high.")
    x = low * body / high
    f = 1.0
    if "troe.A" in p and x > 0:
        a = p["troe.A"]
        centre = (1 - a) * _exp(-T, p["troe.T3"]) + a * _exp(-T, p["troe.T1"]) + (math.exp(-p["troe.T2"] / T) if p.get("troe.T2") else 0.0)
        log = math.log10(max(centre, 1e-300))
        c, n = -0.4 - 0.67 * log, 0.75 - 1.27 * log
        lx = math.log10(x)
        f = 10 ** (log / (1 + ((lx + c) / (n - 0.14 * (lx + c))) ** 2))
    elif "sri.A" in p and x > 0:
        a = p["sri.A"] * math.exp(-p["sri.B"] / T) + math.exp(-T / p["sri.C"])
        f = p.get("sri.D", 1.0) * a ** (1 / (1 + math.log10(x) ** 2)) * T ** p.get("sri.E", 0.0)
    return (low if activated else high * x) / (1 + x) * f


def _exp(a: float, b: float) -> float:
    return math.exp(a / b) if b else 0.0


def plog(p: dict[str, float], T: float, P: float) -> float:
    """Logarithmic interpolation in pressure; expressions of one pressure are added, beyond the ends the nearest holds."""
    table: dict[float, float] = {}
    i = 0
    while f"plog.{i}.P" in p:
        table[p[f"plog.{i}.P"]] = table.get(p[f"plog.{i}.P"], 0.0) + arrhenius(p, T, f"plog.{i}.")
        i += 1
    known = sorted(table)
    if known[0] >= P or known[-1] <= P:
        return table[known[0] if known[0] >= P else known[-1]]
    k = next(j for j, v in enumerate(known) if v > P)
    a, b = known[k - 1], known[k]
    share = (math.log(P) - math.log(a)) / (math.log(b) - math.log(a))
    return math.exp(math.log(table[a]) + share * (math.log(table[b]) - math.log(table[a])))


def chebyshev(p: dict[str, float], T: float, P: float) -> float:
    """A double Chebyshev series in 1/T and log P for log10 k."""
    t = (2 / T - 1 / p["T.low"] - 1 / p["T.high"]) / (1 / p["T.high"] - 1 / p["T.low"])
    s = (2 * math.log10(P) - math.log10(p["P.low"]) - math.log10(p["P.high"])) / (math.log10(p["P.high"]) - math.log10(p["P.low"]))
    return 10 ** sum(v * _polynomial(int(k.split(".")[1]), t) * _polynomial(int(k.split(".")[2]), s) for k, v in p.items() if k.startswith("chebyshev."))


def _polynomial(n: int, x: float) -> float:
    a, b = 1.0, x
    for _ in range(n):
        a, b = b, 2 * x * b - a
    return a


def ours(p: dict[str, float], item: dict[str, Any], equation: Equation, phase: Any) -> float:
    """The rate constant at the state of a Cantera phase, in SI with mol."""
    kind = str(item.get("type", "elementary"))
    T, P = phase.T, phase.P
    if "low.A" in p:
        return falloff(p, T, _body(p, equation, phase), kind == "chemically-activated")
    if "plog.0.P" in p:
        return plog(p, T, P)
    if any(k.startswith("chebyshev.") for k in p):
        return chebyshev(p, T, P)
    return arrhenius(p, T)


def _body(p: dict[str, float], equation: Equation, phase: Any) -> float:
    """Effective concentration of the third body, mol/m^3."""
    held = dict(zip(phase.species_names, 1e3 * phase.concentrations, strict=True))
    if equation.body not in ("M", ""):
        return float(held[equation.body])
    rest = p.get("efficiency", 1.0)
    return float(sum(c * p.get(f"efficiency.{s}", rest) for s, c in held.items()))


def entries(m: Mechanism, phase: dict[str, Any], names: set[str]) -> Iterator[dict[str, Any]]:
    """The reactions of a phase in their order: those of its sections; under ``declared-species`` only those among its species."""
    told = phase.get("reactions", "all")
    sections = told if isinstance(told, list) else [told]
    for section in sections:
        name, rule = next(iter(section.items())) if isinstance(section, dict) else (section if section in m.data else "reactions", section)
        for item in m.data.get(name) or []:
            equation = parse_equation(item["equation"], m.title)
            if rule != "declared-species" or {s for s, _ in (*equation.left, *equation.right)} <= names:
                yield item


def compare(path: Path, ct: Any) -> dict[str, Any] | None:
    """Worst relative difference of a file, over all its phases, and what was compared; None when it has no reactions.

    Raises:
        ChemwrightError: our intake can't read the file.
    """
    m = read_mechanism(path)
    worst, where, compared, left = 0.0, "", 0, Counter[str]()
    for told in m.data.get("phases") or []:
        if not told.get("kinetics") or told.get("reactions") == "none":
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                phase = (ct.Interface if told.get("thermo") in SURFACES else ct.Solution)(str(path), told["name"])
        except ct.CanteraError:
            left["phase that Cantera does not load by itself"] += 1
            continue
        items = list(entries(m, told, set(phase.kinetics_species_names)))
        if len(items) != phase.n_reactions:
            left["phase with reactions of other files"] += 1
            continue
        n, difference, at = _phase(m, phase, items, left)
        compared += n
        if difference > worst:
            worst, where = difference, at
    return {"reactions": compared, "worst relative difference": worst, "where": where, "not compared": dict(left)} if compared or left else None


def _phase(m: Mechanism, phase: Any, items: list[dict[str, Any]], left: Counter[str]) -> tuple[int, float, str]:
    """Reactions of a phase compared, worst relative difference, and where."""
    read = []
    for i, item in enumerate(items):
        equation = parse_equation(item["equation"], m.title)
        found = places(item, equation, m.units, m.dimensions)
        p = {q.name: q.value for q in parameters(item, found, m.title)} if found else {}
        if not p or not computed(p):
            left[f"{_kind(item)}, {'not computed here' if p else 'not taken apart by the intake'}"] += 1
            continue
        order = sum((dict(equation.left) | {str(s): float(n) for s, n in (item.get("orders") or {}).items()}).values()) + _third(item, equation)
        read.append((i, item, equation, p, order))
    phase.X = [1.0] * phase.n_species
    worst, where = 0.0, ""
    for T in TEMPERATURES:
        for P in PRESSURES:
            phase.TP = T, P
            theirs = phase.forward_rate_constants
            for i, item, equation, p, order in read:
                other = float(theirs[i]) * 1e3 ** (1.0 - order)
                difference = abs(ours(p, item, equation, phase) - other) / max(abs(other), TINY)
                if difference > worst:
                    worst, where = difference, f"{item['equation']} at {T:g} K, {P:g} Pa"
    return len(read), worst, where


def computed(p: dict[str, float]) -> bool:
    """Whether :func:`ours` has the form of a rate with these parameters."""
    return not any(k.startswith(("coverage.", "sticking.")) for k in p) and ("low.A" in p or "plog.0.P" in p or "A" in p or any(k.startswith("chebyshev.") for k in p))


def _kind(item: dict[str, Any]) -> str:
    return "sticking" if "sticking-coefficient" in item else "depends on coverage" if "coverage-dependencies" in item else str(item.get("type", "elementary"))


def _third(item: dict[str, Any], equation: Equation) -> float:
    """One more order where Cantera's rate constant waits for the third body's concentration."""
    return 1.0 if equation.body == "M" and str(item.get("type", "elementary")) in ("three-body", "elementary") else -1.0 if item.get("type") == "chemically-activated" else 0.0


def main() -> int:
    """Compare and print; status 1 when Cantera is missing."""
    try:
        import cantera as ct
    except ImportError:
        print("this comparison needs Cantera: pip install cantera (in an environment of its own beside chemwright; nothing else here needs it)", file=sys.stderr)
        return 1
    out = Path(sys.argv[sys.argv.index("--json") + 1]) if "--json" in sys.argv else None
    given = [Path(a) for i, a in enumerate(sys.argv[1:], 1) if not a.startswith("--") and sys.argv[i - 1] != "--json"]
    folder = Path(ct.__file__).parent / "data"
    result: dict[str, Any] = {}
    print(f"Cantera {ct.__version__}; {len(TEMPERATURES)} temperatures x {len(PRESSURES)} pressures\n{'mechanism':<46}{'reactions':>10}{'worst relative difference':>28}")
    for path in given or sorted(folder.rglob("*.yaml")):
        try:
            found = compare(path, ct)
        except ChemwrightError as error:  # told, not dropped
            found = {"reactions": 0, "worst relative difference": 0.0, "where": "", "not compared": {f"file: {str(error)[:150]}": 1}} if "phases" in path.read_text() else None
        if found is None:
            continue
        name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
        result[name] = found
        more = "; ".join(f"{n} {k}" for k, n in found["not compared"].items())
        print(f"{name:<46}{found['reactions']:>10}{found['worst relative difference']:>28.2g}  {'not compared: ' + more if more else ''}")
    total = sum(r["reactions"] for r in result.values())
    worst = max((r["worst relative difference"] for r in result.values()), default=0.0)
    print(f"{total} reactions, worst relative difference {worst:.2g}")
    if out is not None:
        told = {"cantera": ct.__version__, "temperatures_K": TEMPERATURES, "pressures_Pa": PRESSURES, "reactions": total, "worst": worst, "mechanisms": result}
        out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
