"""Read mechanisms in Cantera's YAML: species with their thermodynamics and transport data, reactions with their rate parameters in SI. The whole file's data is kept beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from chemwright.errors import InputError
from chemwright.knowledge.exchange.cantera_rates import Equation, Units, parameters, parse_equation, places
from chemwright.knowledge.exchange.cantera_species import species_of
from chemwright.knowledge.exchange.reading import read_utf8
from chemwright.knowledge.exchange.taking import Progress, Taken, count, digest, file_name, take
from chemwright.knowledge.exchange.yaml_safe import load
from chemwright.record import Claim, DataSetRecord, Filing, ModelRecord, Participant, ReactionEntry, Source, SubstanceRecord
from chemwright.record.parameters import Parameter, ParameterSet

if TYPE_CHECKING:
    from chemwright.knowledge.base.database import KnowledgeBase

FRAME = "cantera"
_ORDERS = {1.0: "rate_constant_first_order", 2.0: "rate_constant_second_order", 3.0: "rate_constant_third_order"}
_SURFACES = ("ideal-surface", "coverage-dependent-surface")
_VOLUMES = ("ideal-gas", "Redlich-Kwong", "Peng-Robinson", "plasma", "ideal-gas-reactor", "pure-fluid")
_DEBYE = 3.33564095198e-30


@frozen
class Mechanism:
    """A file's data with what reading it needs.

    Args:
        name: file name without ending, and eight digits of its hash.
        data: as loaded.
        units: of bare numbers.
        dimensions: species to 3 (in a volume), 2 (on a surface), None (other).
    """

    name: str
    data: dict[str, Any]
    units: Units
    dimensions: dict[str, int | None]

    @property
    def title(self) -> str:
        """The name without the hash."""
        return self.name.rsplit("#", 1)[0]

    def reactions(self) -> Iterator[tuple[str, int, dict[str, Any]]]:
        """(section, index, map) of all reactions."""
        for section, items in self.data.items():
            if isinstance(items, list):
                for i, item in enumerate(items):
                    if isinstance(item, dict) and isinstance(item.get("equation"), str):
                        yield section, i, item


def mechanism(data: Any, name: str) -> Mechanism:
    """A mechanism from loaded data.

    Raises:
        InputError: it has neither species nor reactions, or unknown units.
    """
    if not isinstance(data, dict) or not any(k in data for k in ("phases", "species", "reactions")):
        raise InputError(
            "no Cantera input: phases, species or reactions are missing", where=name, fix="give a mechanism in Cantera's YAML; older forms are converted by ck2yaml and cti2yaml"
        )
    return Mechanism(name, data, Units.of(data.get("units") or {}, f"{name}, units"), _dimensions(data))


def _dimensions(data: Mapping[str, Any]) -> dict[str, int | None]:
    out: dict[str, int | None] = {}
    phases = [p for p in data.get("phases") or [] if isinstance(p, dict)]
    kinds = {str(p.get("thermo", "")) for p in phases}
    every = {str(s.get("name")) for s in data.get("species") or [] if isinstance(s, dict)}
    if kinds <= set(_VOLUMES):
        return dict.fromkeys(every, 3)
    for p in phases:
        dimension = 2 if p.get("thermo") in _SURFACES else 3 if p.get("thermo") in _VOLUMES else 1 if p.get("thermo") == "edge" else None
        listed = p.get("species", [])
        names = [
            n
            for x in (listed if isinstance(listed, list) else [listed])
            for n in ((y for v in x.values() for y in (v if isinstance(v, list) else [])) if isinstance(x, dict) else [x])
        ]
        out |= {str(n): dimension for n in names}
    return out


def read_mechanism(path: Path) -> Mechanism:
    """The mechanism of a file."""
    data = load(read_utf8(path), path.name)
    return mechanism(data, f"{path.name.rsplit('.', 1)[0]}#{digest(path)[:8]}")


def import_cantera(kb: KnowledgeBase, path: str | Path, *, filing: Filing | None = None, progress: Progress = None) -> Taken:
    """Import a mechanism.

    Args:
        kb: base to file into.
        path: YAML file.
        filing: terms for all of it.
        progress: called as it goes on.

    Returns:
        what was filed; rates of a kind that is not taken apart are noted and stay in the kept data.

    Raises:
        InputError: not such a file, broken, or with a number that is none; MissingExtra: ``pyyaml`` is missing.
    """
    file = Path(path)
    found = read_mechanism(file)
    notes: dict[str, int] = {}
    return take(kb, records_of(found, notes), file=f"cantera:{file_name(file)}", form="cantera", filing=filing, notes=notes, progress=progress)


def records_of(m: Mechanism, notes: dict[str, int]) -> Iterator[Any]:
    """All records of a mechanism, each with its source and substances beside it."""
    source = source_of(m)
    species: dict[str, SubstanceRecord] = {}
    for item in m.data.get("species") or []:
        if not isinstance(item, dict) or not isinstance(item.get("name"), str) or not isinstance(item.get("composition"), dict):
            raise InputError("a species without name or composition", where=f"{m.title}, species {len(species) + 1}", fix="give both")
        where = f"{m.title}, species {item['name']!r}"
        composition = {str(k): _float(v, where) for k, v in item["composition"].items()}
        substance = species_of(item["name"], composition, m.title)
        species[item["name"]] = substance
        yield [source, substance, *_thermo(item, substance, m, source, notes), *_transport(item, substance, m, source, where)]
    for section, i, item in m.reactions():
        yield [source, *_reaction(section, i, item, m, species, source, notes)]
    frame = json.dumps(m.data, ensure_ascii=False, separators=(",", ":"))
    rows = sum(1 for _ in m.reactions())
    yield [source, DataSetRecord(id=m.name, kind="kinetic", rows=rows, source=source.id, note=str(m.data.get("description", ""))[:5000], extra={FRAME: frame})]


def source_of(m: Mechanism) -> Source:
    """Where a mechanism comes from: what its description says."""
    said = " ".join(str(m.data.get("description", "")).split())
    return Source(f"cantera:{m.name}", "database", (said[:400] or f"mechanism {m.title}"))


def _float(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{str(value)[:40]!r} is not a number", where=where, fix="give a number")
    return float(value)


def _thermo(item: Mapping[str, Any], substance: SubstanceRecord, m: Mechanism, source: Source, notes: dict[str, int]) -> Iterator[ModelRecord]:
    thermo = item.get("thermo")
    if not isinstance(thermo, dict) or thermo.get("model") not in ("NASA7", "NASA9"):
        if isinstance(thermo, dict):
            count(notes, f"thermodynamics of the kind {thermo.get('model')!r} stay in the kept data")
        return
    where = f"{m.title}, species {item['name']!r}, thermo"
    limits = [_float(x, where) for x in thermo.get("temperature-ranges", [])]
    rows = thermo.get("data", [])
    out = [Parameter(f"T.{i}", t, "K") for i, t in enumerate(limits)]
    for i, row in enumerate(rows):
        out += [Parameter(f"a.{i}.{j}", _float(x, where)) for j, x in enumerate(row)]
    form = "Cp/R = a0 + a1 T + a2 T^2 + a3 T^3 + a4 T^4" if thermo["model"] == "NASA7" else "Cp/R = a0/T^2 + a1/T + a2 + a3 T + a4 T^2 + a5 T^3 + a6 T^4"
    last = "a5, a6" if thermo["model"] == "NASA7" else "a7, a8"
    equation = f"{thermo['model']}: {form} within each range of T; {last}: constants of H/RT and S/R"
    numbers = ParameterSet(f"{m.name}/{item['name']}", source, tuple(out), note=str(thermo.get("note", "")))
    yield ModelRecord(f"{m.name}/thermo {item['name']}", "gas_heat_capacity", equation, numbers, (substance.key,), _valid(limits), source=source.id)


def _valid(limits: list[float]) -> dict[str, float]:
    return {"temperature.low": min(limits), "temperature.high": max(limits)} if limits else {}


_TRANSPORT = {"well-depth": ("lennard_jones_energy", "K", 1.0), "diameter": ("lennard_jones_diameter", "m", 1e-10), "dipole": ("dipole_moment", "C m", _DEBYE)}


def _transport(item: Mapping[str, Any], substance: SubstanceRecord, m: Mechanism, source: Source, where: str) -> Iterator[Claim]:
    """Transport data as claims: Cantera has them in K, angstrom and debye."""
    data = item.get("transport")
    if not isinstance(data, dict) or data.get("model") != "gas":
        return
    for key, (name, unit, factor) in _TRANSPORT.items():
        if isinstance(data.get(key), int | float) and data[key] > 0:
            value = float(f"{_float(data[key], where) * factor:.12g}")
            yield Claim(f"{m.name}/{item['name']}/{key}", substance.key, name, value, unit, source=source.id, tier="fitted", phase="gas", method="transport data of a mechanism")


def _reaction(section: str, i: int, item: dict[str, Any], m: Mechanism, species: Mapping[str, SubstanceRecord], source: Source, notes: dict[str, int]) -> Iterator[Any]:
    where = f"{m.title}, {section} {i + 1} {item['equation'][:60]!r}"
    equation = parse_equation(item["equation"], where)
    known = [s for s, _ in (*equation.left, *equation.right)]
    missing = [s for s in known if s not in species]
    if missing:
        count(notes, "a reaction with a species of another file stays in the kept data")
        return
    key = reaction_key(m.name, section, i)
    people = [Participant(species[s].key, role, s, note=f"stoichiometry {n:g}") for side, role in ((equation.left, "reactant"), (equation.right, "product")) for s, n in side]
    kind = str(item.get("type", "elementary"))
    words = [kind, "reversible" if equation.reversible else "irreversible", f"third body {equation.body}" if equation.body else "", "duplicate" if item.get("duplicate") else ""]
    yield from {species[s].key: species[s] for s in known}.values()
    yield ReactionEntry(key, "", tuple(people), {}, item["equation"], source.id, "; ".join(w for w in words if w))
    found = places(item, equation, m.units, m.dimensions)
    if found is None:
        count(notes, f"rates of the kind {kind!r} stay in the kept data")
        return
    numbers = ParameterSet(key, source, tuple(parameters(item, found, where)))
    valid = _valid([numbers[n].value for n in ("T.low", "T.high") if n in numbers])
    yield ModelRecord(
        key,
        _ORDERS.get(order_of(equation, kind), "rate_constant_nth_order"),
        f"{item['equation']}; {kind}",
        numbers,
        tuple(dict.fromkeys(p.substance for p in people)),
        valid,
        source=source.id,
    )


def order_of(equation: Equation, kind: str) -> float:
    """Overall order: of a falloff reaction that of its high-pressure limit."""
    return sum(n for _, n in equation.left) + (1.0 if equation.body == "M" and kind in ("three-body", "elementary") else 0.0)


def reaction_key(name: str, section: str, i: int) -> str:
    """The id of a reaction's records."""
    return f"{name}/{section} {i + 1}"
