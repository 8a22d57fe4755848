"""Questions about a mixture answered as plain values: what `chemwright mix` prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chemwright.errors import InputError, UnitError
from chemwright.quantity.units import convert, split_quantity
from chemwright.thermo.azeotrope import Azeotrope, azeotropes
from chemwright.thermo.eos_mixture import EosMixture
from chemwright.thermo.excess import excess, infinite_dilution
from chemwright.thermo.mixture import Mixture, fractions
from chemwright.thermo.saft_mixture import NamedSaft
from chemwright.thermo.ties import DRY


def conditions(texts: Sequence[str], where: str = "--at") -> tuple[float | None, float | None]:
    """(T [K], P [Pa]) from texts like ``350 K`` and ``1 atm``, each told apart by its unit.

    Raises:
        UnitError: neither a temperature nor a pressure; InputError: one of them twice, or not positive.
    """
    found: dict[str, float] = {}
    for text in texts:
        number, unit = split_quantity(text, where)
        for name, target in (("T", "K"), ("P", "Pa")):
            try:
                value = convert(number, unit, target, where)
            except UnitError:
                continue
            if not unit.strip():
                break
            if name in found:
                raise InputError(f"two {'temperatures' if name == 'T' else 'pressures'} given", where=where, fix="give one of each at most")
            if not value > 0.0:
                raise InputError(f"{text} is not above {'absolute zero' if name == 'T' else 'vacuum'}", where=where, fix="check the number and its unit")
            found[name] = value
            break
        else:
            raise UnitError(f"{text!r} is neither a temperature nor a pressure", where=where, fix="write it like '1 atm', '350 K' or '80 degC'")
        if not unit.strip():
            raise UnitError(f"{text!r} has no unit", where=where, fix="write it like '1 atm', '350 K' or '80 degC'")
    return found.get("T"), found.get("P")


def numbers(text: str, where: str) -> list[float]:
    """Numbers from ``0.4,0.6``.

    Raises:
        InputError: something in it is no number.
    """
    try:
        return [float(c) for c in text.replace(";", ",").replace(" ", ",").split(",") if c]
    except ValueError:
        raise InputError(f"{text!r} is no list of numbers", where=where, fix="write mole fractions with commas between, as 0.4,0.6") from None


def composition(text: str, mix: Mixture | EosMixture | NamedSaft, where: str) -> tuple[float, ...]:
    """Mole fractions from ``0.4,0.6``; the last may be left out.

    Raises:
        InputError: empty, no numbers, another count, or another sum than one.
    """
    values = numbers(text, where)
    if not values:
        raise InputError("no composition given", where=where, fix=f"give mole fractions of {', '.join(mix.names)}, as {where} {','.join(['0.5'] * mix.n)}")
    if len(values) == mix.n - 1 and 0.0 <= sum(values) <= 1.0:
        values.append(1.0 - sum(values))
    return fractions(values, mix.names, where)


def of_solvents(text: str, mix: Mixture | EosMixture | NamedSaft) -> tuple[float, ...]:
    """Mole fractions of all substances but the first; of one solvent they need not be given.

    Raises:
        InputError: another count, or another sum than one.
    """
    names = mix.names[1:]
    if not text and len(names) < 2:
        return (1.0,) * len(names)
    if not text:
        raise InputError("no composition of the solvents given", where="--x", fix=f"give mole fractions of {', '.join(names)}")
    return fractions(numbers(text, "--x"), names, "--x")


def saturation(kind: str, mix: Mixture | EosMixture | NamedSaft, z: Sequence[float], T: float | None, P: float | None) -> dict[str, Any]:
    """Bubble or dew point of a composition at T [K] or P [Pa].

    Raises:
        InputError: not exactly one of T and P; ConvergenceError: there is none.
    """
    from chemwright.thermo.equilibrium.saturation import bubble_point, dew_point

    phase = "vapour" if kind == "bubble" else "liquid"
    if (T is None) == (P is None):
        raise InputError(f"a {kind} point needs a temperature or a pressure, one of them", where="--at", fix="give --at '1 atm' or --at '350 K'")
    if isinstance(mix, NamedSaft):
        found = mix.saturated(kind, z, T, P)
        first = found.light if kind == "bubble" else found.dense
        return {**_head(mix), "kind": kind, "T": found.T, "P": found.p, "z": list(map(float, z)), phase: [float(v) for v in first]}
    point = (bubble_point if kind == "bubble" else dew_point)(mix.fluid, np.asarray(z), T=T, P=P)
    std = _spread(mix, z, point.T, T, P) if kind == "bubble" and isinstance(mix, Mixture) else {}
    return {**_head(mix, point.P), **std, "kind": kind, "T": point.T, "P": point.P, "z": list(map(float, z)), phase: [float(v) for v in point.incipient]}


def _spread(mix: Mixture, z: Sequence[float], at: float, T: float | None, P: float | None) -> dict[str, float]:
    """Standard uncertainty of a bubble point's pressure (``P_std`` relative [1]) or temperature (``T_std`` [K]), where the model has one."""
    values = mix.ln_pressure_std([z], [at]) if T is not None else mix.temperature_std([z], [at])
    return {} if values is None else {"P_std_relative" if T is not None else "T_std": float(values[0])}


def flashed(mix: Mixture | EosMixture | NamedSaft, z: Sequence[float], T: float | None, P: float | None) -> dict[str, Any]:
    """Phases of a feed at T [K] and P [Pa], with amounts and compositions.

    Raises:
        InputError: T or P is missing; ConvergenceError: no answer.
    """
    from chemwright.thermo.equilibrium import flash

    if T is None or P is None:
        raise InputError("a flash needs a temperature and a pressure", where="--at", fix="give --at '350 K' --at '1 atm'")
    if isinstance(mix, NamedSaft):
        return _flashed_saft(mix, z, T, P)
    result = flash(mix.fluid, np.asarray(z), T, P)
    phases = [{"kind": p.kind, "amount": float(p.amount), "x": [float(v) for v in p.x]} for p in result.phases]
    head = _head(mix, P if P < DRY else None)
    if isinstance(mix, Mixture) and len(result.liquids) > 1:
        head["notes"] += mix.caution_liquids()
    return {
        **head,
        "T": T,
        "P": P,
        "z": list(map(float, z)),
        "vapour_fraction": result.vapour_fraction,
        "phases": phases,
        "error": float(result.error),
    }


def _flashed_saft(mix: NamedSaft, z: Sequence[float], T: float, P: float) -> dict[str, Any]:
    """At most two phases; told apart by their densities."""
    found = mix.saft.flash(list(z), T, P)
    head = {**_head(mix), "T": T, "P": P, "z": list(map(float, z))}
    if found is None:
        return {**head, "vapour_fraction": None, "phases": [{"kind": "one phase", "amount": 1.0, "x": list(map(float, z))}], "error": 0.0}
    light = "vapour" if found.density_light < 0.3 * found.density_dense else "liquid"
    rows = ((light, found.fraction_light, found.light), ("liquid", 1.0 - found.fraction_light, found.dense))
    phases = [{"kind": k, "amount": float(a), "x": [float(v) for v in x]} for k, a, x in rows]
    return {**head, "vapour_fraction": found.fraction_light if light == "vapour" else 0.0, "phases": phases, "error": 0.0}


def stability(mix: Mixture | EosMixture | NamedSaft, z: Sequence[float], T: float | None, P: float | None) -> dict[str, Any]:
    """Whether a feed stays one phase, by the flash that a stability test drives: the phases it falls into, and the Gibbs energy gained over R T [1].

    Without a pressure only liquids are looked at.

    Raises:
        InputError: no temperature; ConvergenceError: no answer.
    """
    if T is None:
        raise InputError("a stability test needs a temperature", where="--at", fix="give --at '300 K', and --at '1 atm' for vapour too")
    answer = flashed(mix, z, T, P if P is not None else DRY)
    kinds = [p["kind"] for p in answer["phases"]]
    return {**answer, "P": P, "stable": len(kinds) == 1, "said": "one phase: " + kinds[0] if len(kinds) == 1 else f"splits into {len(kinds)} phases: {', '.join(kinds)}"}


def solubility(mix: Mixture | NamedSaft, solvent: Sequence[float], T: float | None) -> dict[str, Any]:
    """How much of the first substance, a solid, dissolves in the others at T [K].

    Args:
        mix: the solid, then its solvents.
        solvent: mole fractions of the solvents without the solid.
        T: temperature [K].

    Raises:
        InputError: no temperature, or one substance alone; PropertyMissing: no melting point; ConvergenceError: no saturated liquid.
    """
    from chemwright.thermo.solubility import solid_solubility

    if T is None:
        raise InputError("a solubility needs a temperature", where="--at", fix="give --at '25 degC'")
    if mix.n < 2:
        raise InputError("one substance alone", where="solubility", fix="name the solid, then its solvents")
    parts = list(zip(mix.smiles[1:], solvent, strict=True))
    s = solid_solubility(mix.smiles[0], parts, T, model=None if isinstance(mix, NamedSaft) else mix.activity)
    melting = {"T": s.melting.T, "heat": s.melting.heat, "tier": s.melting.tier, "note": s.melting.note}
    row = {"x": s.x, "low": s.low, "high": s.high, "gamma": float(np.exp(s.ln_gamma)), "ideal": s.ideal, "mass_per_mass": s.mass_per_mass}
    head = _head(mix)
    return {**head, "T": T, "solvent": list(map(float, solvent)), **row, "melting": melting, "notes": [*head["notes"], *([s.note] if s.note else [])]}


def coefficients(mix: Mixture, z: Sequence[float] | None, T: float | None) -> dict[str, Any]:
    """Activity coefficients at a composition and at infinite dilution, and excess properties [J/mol].

    Raises:
        InputError: no temperature, or one that is not positive.
    """
    if T is None:
        raise InputError("activity coefficients need a temperature", where="--at", fix="give --at '350 K'")
    out = {
        **_head(mix),
        "T": T,
        "infinite_dilution": {a: {b: float(v) for b, v in zip(mix.names, row, strict=True) if a != b} for a, row in zip(mix.names, infinite_dilution(mix, T), strict=True)},
    }
    if z is not None:
        x = np.asarray(z, dtype=float)
        e = excess(mix, np.maximum(x, 1e-12), T)
        out |= {"x": list(map(float, z)), "gamma": [float(v) for v in np.exp(mix.ln_gamma(x, T))], "gE": float(e.gE), "hE": float(e.hE), "sE": float(e.sE)}
    return out


def all_azeotropes(mix: Mixture, P: float | None) -> dict[str, Any]:
    """Every azeotrope of a mixture at P [Pa].

    Raises:
        InputError: no pressure; ConvergenceError: no bubble point.
    """
    if P is None:
        raise InputError("azeotropes need a pressure", where="--at", fix="give --at '1 atm'")
    found = [azeotrope_row(a) for a in azeotropes(mix, P)]
    return {**_head(mix, P), "P": P, "boiling": {n: mix.boiling_point(i, P) for i, n in enumerate(mix.names)}, "azeotropes": found}


def azeotrope_row(a: Azeotrope) -> dict[str, Any]:
    """One azeotrope as plain values."""
    return {"substances": list(a.names), "x": list(a.x), "T": a.T, "P": a.P, "kind": a.kind, "hetero": a.hetero, "liquids": [list(v) for v in a.liquids]}


def _head(mix: Mixture | EosMixture | NamedSaft, P: float | None = None) -> dict[str, Any]:
    if not isinstance(mix, Mixture):
        return {"substances": list(mix.names), "model": mix.model, "sources": list(mix.sources), "notes": list(mix.notes)}
    return {"substances": list(mix.names), "model": mix.model, "sources": list(mix.sources), "notes": list(mix.caution(P))}
