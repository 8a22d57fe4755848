"""Kinetic fits, rankings and simulations as a person reads them."""

from __future__ import annotations

from typing import Any

from chemwright.cli.tables import number, say, show


def _interval(row: dict[str, Any]) -> str:
    return f"{number(row['low'], 3)} to {number(row['high'], 3)}"


def _error(row: dict[str, Any]) -> str:
    if row["kind"] != "log":
        return f"{number(row['std'], 2)}"
    return f"{100 * row['relative_std']:.2g} %" if row["relative_std"] < 1 else f"factor {number(2.718281828 ** min(row['relative_std'], 600.0), 2)}"


def fitted(result: dict[str, Any]) -> None:
    """One fit."""
    for line in result.get("equations", []):
        say(line)
    rows = [[p["name"], number(p["value"]), p["unit"], _error(p), _interval(p), "yes" if p["informed"] else "no"] for p in result["parameters"]]
    starts = result["starts"]
    reached = f"{starts['at_the_best']} of {starts['made']} starts ended here"
    if starts["other_optima"]:
        reached += f"; {starts['other_optima']} other optimum behind by {number(starts['next_optimum_behind'], 3)} in log likelihood"
    note = f"{result['runs']} run{'s' if result['runs'] > 1 else ''}, {result['readings']} readings; {reached}; {result['cpu']:.1f} CPU-s"
    show(f"Fit of {result['model']}", ("parameter", "value", "unit", "std", "95 %", "informed"), rows, note, width=110)
    noise = [[k, number(v["value"], 3), v["unit"], "given" if v["known"] else "estimated"] for k, v in result["noise"].items()]
    aicc = number(result["aicc"], 6) if result["aicc"] is not None else "too few readings"
    show("Noise", ("reading", "std", "unit", ""), noise, left=(0, 3), width=110)
    say(f"log likelihood {result['log_likelihood']:.2f}, AICc {aicc}, BIC {result['bic']:.2f}")
    _said("What is loose", [*result["identifiability"], *(p["words"] for p in result["profiles"])], "every parameter is determined")
    diagnostics = result["diagnostics"]
    lone = [f"run {p['run']!r}, {p['of']} at {p['time']:g} s alone decides a parameter (leverage {p['leverage']:.2f})" for p in diagnostics["leverage"]]
    _said("What is left over", [*diagnostics["words"], *diagnostics["odd"], *lone], "")
    _said("Notes", result["notes"], "")
    for picture in result.get("pictures", []):
        say(f"drawn: {picture}")


def _said(head: str, lines: list[str], otherwise: str) -> None:
    """A heading and its sentences."""
    if lines or otherwise:
        say(head)
        for line in lines or [otherwise]:
            say(f"  - {line}")


def found_rows(parameters: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Rows of name, value with its std, unit or scale, for the fits to spectra and to heat flow."""
    rows = []
    for p in parameters:
        value = f"{number(p['value'])} ± {100 * p['relative_std']:.2g} %" if "value" in p else f"{number(p['mean'])} ± {number(p['std'], 2)}"
        rows.append((p["name"], value, "SI" if "value" in p else p["scale"]))
    return rows


def ranked(result: dict[str, Any]) -> None:
    """A comparison."""

    def text(v: float | None, form: str) -> str:
        return "-" if v is None else format(v, form)

    rows = [
        [
            r["model"],
            "-" if r["parameters"] is None else str(r["parameters"]),
            text(r["aicc_behind"], ".1f"),
            text(r["bic"], ".1f"),
            text(r["left_out"], ".1f"),
            text(r["ln_bayes_factor_to_best"], ".1f"),
            f"{r['probability']:.3g}",
        ]
        for r in result["ranking"]
    ]
    head = ("model", "parameters", "AICc behind", "BIC", "left-out runs", "ln Bayes factor", "probability")
    show("Rivals", head, rows, "left-out runs: log likelihood, higher is better; probability among these, all alike before", width=110)
    for line in result["words"]:
        say(line)
    _said("Notes", result["notes"], "")
    for picture in result.get("pictures", []):
        say(f"drawn: {picture}")


def simulated(result: dict[str, Any]) -> None:
    """Concentrations along a run."""
    for line in result["equations"]:
        say(line)
    rows = []
    for row in result["rows"]:
        cells = [number(row["time"], 5)]
        for s in result["species"]:
            cells.append(number(row[s]) + (f" +/- {number(row[f'std_{s}'], 2)}" if f"std_{s}" in row else ""))
        rows.append(cells)
    show(f"{result['model']}, {result['reactor']}", ("time [s]", *(f"{s} [mol/L]" for s in result["species"])), rows, width=140)
    for picture in result.get("pictures", []):
        say(f"drawn: {picture}")
