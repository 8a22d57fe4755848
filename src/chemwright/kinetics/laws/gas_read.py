"""Cantera's YAML as a rate law: one gas phase of a file, with its species' polynomials and its steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chemwright.errors import InputError, did_you_mean
from chemwright.kinetics.laws.gas import GasMechanism, GasStep
from chemwright.kinetics.laws.gas_thermo import read_nasa
from chemwright.kinetics.network import Reaction

KINDS = ("elementary", "Arrhenius", "three-body", "falloff", "chemically-activated", "pressure-dependent-Arrhenius", "Chebyshev")


def read_gas(path: str | Path, phase: str = "") -> GasMechanism:
    """Read a gas-phase mechanism.

    Args:
        path: YAML file of Cantera's kind.
        phase: name of the phase; the first ideal gas unless told.

    Raises:
        InputError: no such phase, surfaces, a kind of rate or of thermodynamics that is not of an ideal gas, or broken numbers;
            MissingExtra: ``pyyaml`` is missing.
    """
    from chemwright.knowledge.exchange.cantera_yaml import read_mechanism

    with _formed(Path(path).name, "the file"):
        m = read_mechanism(Path(path))
    with _formed(m.title, "the phase and its lists"):
        told = _phase(m.data, phase, m.title)
        names = _species(m.data, told, m.title)
    known = {str(s.get("name")): s for section in m.data.values() if isinstance(section, list) for s in section if isinstance(s, dict) and "composition" in s}
    for name in names:
        if name not in known:
            raise InputError(f"species {name!r} of the phase is not in the file", where=m.title, fix=did_you_mean(name, known) or "join the files first")
    thermo, elements = [], []
    for n in names:
        with _formed(m.title, f"species {n!r}"):
            thermo.append(read_nasa(known[n], f"{m.title}, species {n!r}"))
            elements.append(tuple((str(e), float(v)) for e, v in known[n]["composition"].items()))
    with _formed(m.title, "the list of reactions"):
        items = list(_entries(m.data, told, set(names), m.title))
    steps = []
    for i, item in enumerate(items, 1):
        with _formed(m.title, f"reaction {i}"):
            steps.append(_step(item, i, m, names))
    if not steps:
        raise InputError("the phase has no reactions", where=m.title, fix="name a phase that has some")
    return GasMechanism(m.title, names, tuple(steps), tuple(thermo), tuple(elements), phase=str(told.get("name", "")))


@contextmanager
def _formed(title: str, what: str) -> Iterator[None]:
    """A part of a file that is not of the form it should be becomes an error that names it: any part may be of any kind."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        raise InputError(f"{what} is not of Cantera's form ({str(error)[:80]})", where=title, fix="check it against a mechanism that Cantera reads") from None


def _phase(data: Mapping[str, Any], name: str, title: str) -> Mapping[str, Any]:
    phases = [p for p in data.get("phases") or [] if isinstance(p, dict)]
    gases = [p for p in phases if p.get("thermo") == "ideal-gas"]
    if name:
        found = next((p for p in phases if p.get("name") == name), None)
        if found is None:
            raise InputError(f"no phase {name!r}", where=title, fix=did_you_mean(name, [str(p.get("name")) for p in phases]))
        if found.get("thermo") != "ideal-gas":
            raise InputError(f"phase {name!r} is {found.get('thermo')!r}, no ideal gas", where=title, fix="surfaces and real gases are not read as networks")
        return found
    if not gases:
        raise InputError("no ideal-gas phase", where=title, fix="surfaces and real gases are not read as networks")
    return gases[0]


def _species(data: Mapping[str, Any], phase: Mapping[str, Any], title: str) -> tuple[str, ...]:
    told = phase.get("species", "all")
    if told == "all":
        return tuple(str(s["name"]) for s in data.get("species") or [])
    if isinstance(told, list) and all(isinstance(s, str) for s in told):
        return tuple(told)
    if isinstance(told, list) and all(isinstance(s, dict) and len(s) == 1 for s in told):
        out: list[str] = []
        for part in told:
            section, names = next(iter(part.items()))
            out += [str(s["name"]) for s in data.get(section) or []] if names == "all" else [str(n) for n in names]
            if section != "species" and section not in data:
                raise InputError(f"species of another file: {section!r}", where=title, fix="join the files first")
        return tuple(out)
    raise InputError("the phase's list of species is of an unknown form", where=title, fix="write species: [A, B]")


def _entries(data: Mapping[str, Any], phase: Mapping[str, Any], names: set[str], title: str) -> Iterator[dict[str, Any]]:
    """The phase's reactions in order; under ``declared-species`` only those among its species."""
    from chemwright.knowledge.exchange.cantera_rates import parse_equation

    told = phase.get("reactions", "all")
    for section in told if isinstance(told, list) else [told]:
        name, rule = next(iter(section.items())) if isinstance(section, dict) else (section if section in data else "reactions", section)
        if rule == "none":
            continue
        if name == "reactions" and name not in data:
            continue
        if name not in data:
            raise InputError(f"reactions of another file: {name!r}", where=title, fix="join the files first")
        for item in data[name] or []:
            equation = parse_equation(item["equation"], title)
            if rule != "declared-species" or {s for s, _ in (*equation.left, *equation.right)} <= names:
                yield item


def _step(item: dict[str, Any], number: int, m: Any, names: tuple[str, ...]) -> GasStep:
    from chemwright.knowledge.exchange.cantera_rates import parameters, parse_equation, places

    where = f"{m.title}, reaction {number} {item['equation'][:60]!r}"
    kind = str(item.get("type", "elementary"))
    equation = parse_equation(item["equation"], where)
    if kind not in KINDS:
        raise InputError(f"a rate of the kind {kind!r}", where=where, fix="known: " + ", ".join(KINDS))
    for s, _ in (*equation.left, *equation.right):
        if s not in names:
            raise InputError(f"species {s!r} is not of the phase", where=where, fix=did_you_mean(s, names))
    found = places(item, equation, m.units, m.dimensions)
    numbers = {p.name: p.value for p in parameters(item, found, where)} if found else {}
    if not numbers:
        raise InputError("no rate parameters", where=where, fix="give a rate constant")
    told = {str(s): float(n) for s, n in (item.get("orders") or {}).items()}
    if told and equation.reversible:
        raise InputError("a reversible reaction with orders of its own", where=where, fix="write '=>' with orders, or leave them out")
    body = equation.body
    if kind == "three-body" and not body:
        body = ""  # an explicit collider stands on both sides: plain mass action
    ids = Reaction(str(number), equation.left, equation.right, equation.reversible)
    return GasStep(ids, kind, tuple(numbers.items()), body, tuple({**dict(equation.left), **told}.items()))
