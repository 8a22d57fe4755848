"""Answers about mixtures as a person reads them."""

from __future__ import annotations

from typing import Any

from chemwright.cli.tables import number, say, show


def _notes(data: dict[str, Any]) -> None:
    for note in data.get("notes", []):
        say(f"note: {note}")


def _at(data: dict[str, Any]) -> str:
    said = []
    if data.get("T") is not None:
        said.append(f"{data['T']:.2f} K ({data['T'] - 273.15:.2f} degC)")
    if data.get("P") is not None:
        said.append(f"{data['P'] / 1000.0:.6g} kPa")
    return " and ".join(said)


def saturation(data: dict[str, Any]) -> None:
    """A bubble or dew point."""
    phase = "vapour" if data["kind"] == "bubble" else "liquid"
    rows = [[n, number(a), number(b)] for n, a, b in zip(data["substances"], data["z"], data[phase], strict=True)]
    given = "liquid" if phase == "vapour" else "vapour"
    spread = (
        f"standard uncertainty {data['T_std']:.2g} K"
        if "T_std" in data
        else f"standard uncertainty of the pressure {100 * data['P_std_relative']:.2g} %"
        if "P_std_relative" in data
        else ""
    )
    show(f"{data['kind'].capitalize()} point by {data['model']}: {_at(data)}", ("substance", f"{given} [mol/mol]", f"first {phase} [mol/mol]"), rows, spread)
    _notes(data)


def phases(data: dict[str, Any]) -> None:
    """Phases of a feed."""
    heads = [f"{p['kind']} {i + 1}" for i, p in enumerate(data["phases"])]
    rows = [["amount [mol/mol feed]", "1", *(number(p["amount"]) for p in data["phases"])]]
    rows += [[n, number(data["z"][i]), *(number(p["x"][i]) for p in data["phases"])] for i, n in enumerate(data["substances"])]
    said = data.get("said", "")
    show(f"{data['model']} at {_at(data)}" + (f": {said}" if said else ""), ("mole fractions", "feed", *heads), rows)
    _notes(data)


def coefficients(data: dict[str, Any]) -> None:
    """Activity coefficients."""
    if "gamma" in data:
        rows = [[n, number(x), number(g)] for n, x, g in zip(data["substances"], data["x"], data["gamma"], strict=True)]
        note = f"gE {number(data['gE'])} J/mol, hE {number(data['hE'])} J/mol, sE {number(data['sE'])} J/(mol K)"
        show(f"{data['model']} at {_at(data)}", ("substance", "x [mol/mol]", "activity coefficient"), rows, note)
    rows = [[a, b, number(v)] for a, row in data["infinite_dilution"].items() for b, v in row.items()]
    show("At infinite dilution", ("solute", "solvent", "activity coefficient"), rows, left=(0, 1))
    _notes(data)


def solubility(data: dict[str, Any]) -> None:
    """A solid's solubility with its interval."""
    solid, *solvents = data["substances"]
    rows = [
        [
            solid,
            number(data["x"], 3),
            f"{number(data['low'], 2)} to {number(data['high'], 2)}",
            number(1000.0 * data["mass_per_mass"], 3),
            number(data["gamma"], 3),
            number(data["ideal"], 3),
        ]
    ]
    said = " + ".join(f"{f:.3g} {n}" for f, n in zip(data["solvent"], solvents, strict=True))
    m = data["melting"]
    note = f"melts at {number(m['T'])} K, heat of fusion {number(m['heat'] / 1000.0)} kJ/mol ({m['tier']})"
    show(f"In {said} at {_at(data)}, {data['model']}", ("solid", "x [mol/mol]", "90 % interval", "g/kg", "gamma", "ideal x"), rows, note, left=(0, 2), width=110)
    _notes(data)


def azeotropes(data: dict[str, Any]) -> None:
    """Azeotropes, lightest first."""
    rows = []
    for a in sorted(data["azeotropes"], key=lambda a: a["T"]):
        kind = f"{a['kind']} of the boiling temperature" if a["kind"] != "saddle" else "saddle"
        said = f"{'two liquids, ' if a['hetero'] else ''}{kind}"
        rows.append([" + ".join(a["substances"]), " / ".join(f"{v:.4f}" for v in a["x"]), f"{a['T']:.2f}", said])
    pure = ", ".join(f"{n} {t:.2f} K" for n, t in data["boiling"].items())
    if rows:
        show(f"Azeotropes by {data['model']} at {_at(data)}", ("substances", "mole fractions", "T [K]", "kind"), rows, f"pure: {pure}", left=(0, 1, 3), width=110)
    else:
        say(f"no azeotrope by {data['model']} at {_at(data)}; pure: {pure}")
    _notes(data)


def diagram(data: dict[str, Any]) -> None:
    """Where the picture is, and what was read off it."""
    say(f"{data['title']}: {data['file']}")
    for note in data["facts"].get("caution", []):
        say(f"note: {note}")
    for a in data["facts"].get("azeotropes", []):
        say(f"{'hetero' if a['hetero'] else ''}azeotrope at x1 = {a['x1']:.4f}, {a['T']:.2f} K, {a['P'] / 1000.0:.5g} kPa")
    for p in data["facts"].get("points", []):
        say(f"{p['kind']}: {' + '.join(p['substances'])}, {p['T']:.2f} K")
    if e := data["facts"].get("eutectic"):
        say(f"eutectic at x1 = {e['x1']:.4f}, {e['T']:.2f} K")


def fit(data: dict[str, Any]) -> None:
    """Parameters with standard uncertainty, and errors."""
    rows = [[n, number(p["value"], 5), number(p["std"], 2), p["unit"], "yes" if p["informed"] else "no"] for n, p in data["parameters"].items()]
    errors = "; ".join(f"{k} {number(e['mean_absolute_error'], 3)} {e['unit']} over {e['points']}" for k, e in data["errors"].items())
    show(f"{data['model']} for {', '.join(data['substances'])}, {data['points']} points", ("parameter", "value", "std", "unit", "informed"), rows, f"mean absolute error: {errors}")
    say(f"scatter over what the uncertainties allow: {data['noise']:.2f}")
    _notes(data)
    if "file" in data:
        say(f"drawn: {data['file']}")


def henry(data: dict[str, Any]) -> None:
    """Henry constants."""
    rows = [[r["solute"], number(r["constant"]), number(r["mole_fraction"]), "-" if r["enthalpy"] is None else number(r["enthalpy"] / 1000.0, 3), r["tier"]] for r in data["rows"]]
    show(f"In {data['solvent']} at {_at(data)} partial pressure", ("solute", "H [Pa]", "dissolved [mol/mol]", "heat [kJ/mol]", "tier"), rows)
    for r in data["rows"]:
        if r["note"]:
            say(f"note: {r['solute']}: {r['note']}")
    for source in dict.fromkeys(r["source"] for r in data["rows"]):
        say(f"source: {source}")
