"""A case file (TOML) and its table of runs read into a CaseRecord: everything checked here, before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import evolve

from chemwright.case.layout import check_layout, inside, load_toml
from chemwright.case.runs import read_experiments
from chemwright.case.species import BASE_CLAIM, BASE_SOURCE, acid_made, read_species, with_base, with_solvent
from chemwright.errors import ChemwrightError, InputError, did_you_mean
from chemwright.quantity.units import si
from chemwright.record import ACTIVITIES, CaseRecord, Decision, ParameterSet, PlantSpec, ReactionRecord, Source, Species

OBJECTIVES = ("cost", "e_factor", "co2e", "pmi")
PLANT_REACTORS = ("pfr",)


def read_case(path: str | Path, *, seed: int = 0) -> CaseRecord:
    """The record of a case file.

    Args:
        path: TOML file; its runs lie in the same folder.
        seed: of everything that draws random numbers.

    Raises:
        InputError: unknown or missing sections and keys, values out of range; file, section and key are named.
        SubstanceError: a species that can't be identified. BalanceError: a reaction that loses atoms. UnitError: a wrong unit.
    """
    file = Path(path)
    return record_of(load_toml(file), file.parent, file.name, seed=seed)


def record_of(data: Mapping[str, Any], folder: Path, where: str, *, seed: int = 0) -> CaseRecord:
    """The record of a case file's tables.

    Args:
        data: tables as TOML gives them.
        folder: where the table of runs is looked for.
        where: file name, named in errors.
        seed: of everything that draws random numbers.

    Raises:
        As :func:`read_case`.
    """
    check_layout(data, where)
    case, plant = data["case"], data.get("plant", {})
    species = read_species(data["species"], f"{where}, [species]")
    network, reactions = _reactions(data["reaction"], species, where)
    made = {name for r in network.reactions for name, _ in r.products}
    target = _target(case["target"], species, made, f"{where}, [case] target")
    prior = _prior(data["kinetics"], [r.id for r in reactions], f"{where}, [kinetics]")
    species, solvent = with_solvent(species, data["solvent"]["name"], f"{where}, [solvent] name")
    acid = acid_made(species, made, f"{where}, [[reaction]]")
    used = {*made, solvent, *(name for r in network.reactions for name, _ in r.reactants)}
    species, base, claims = with_base(species, acid, plant.get("base", ""), used, f"{where}, [plant] base")
    spec = _plant(case, plant, base, where)
    sources: list[Source] = [prior.source, *([BASE_SOURCE] if claims else [])]
    experiments = None
    if table := data.get("experiments"):
        place = f"{where}, [experiments]"
        file = inside(folder, table["file"], f"{place} file")
        experiments, origin = read_experiments(file, table["response"], table.get("source", ""), network.species, f"{place} response")
        sources.append(origin)
    if data.get("claim"):
        from chemwright.case.claims import read_claims

        own, origins = read_claims(data["claim"], species, where)
        claims, sources = (*claims, *own), [*sources, *origins]
    unique = {s.id: s for s in sources}
    return CaseRecord(" ".join(case["name"].split()), target, species, solvent, reactions, spec, prior, experiments, claims, tuple(unique.values()), seed)


def _reactions(tables: list[Mapping[str, str]], species: tuple[Species, ...], where: str) -> tuple[Any, tuple[ReactionRecord, ...]]:
    """The network of the [[reaction]] tables, its elements checked; and the reactions as text in species ids."""
    from chemwright.kinetics.network import Network, parse_reaction, reaction_from_smiles
    from chemwright.structure import molecule

    ids = {s.smiles: s.id for s in species}
    found = []
    for i, table in enumerate(tables, start=1):
        key, place = table.get("id", f"r{i}"), f"{where}, [[reaction]] {i}"
        if ("text" in table) == ("smiles" in table):
            raise InputError("give either text or smiles", where=place, fix='write text = "A + B -> C" in species keys, or smiles = a mapped reaction SMILES')
        try:
            reaction = parse_reaction(table["text"], key, place) if "text" in table else reaction_from_smiles(table["smiles"], ids, key)
        except ChemwrightError as error:
            raise type(error)(error.message, where=place, fix=error.fix) from None
        if reaction.reversible:
            raise InputError(f"{str(reaction)!r} is reversible", where=place, fix="a case takes one-way reactions so far: write '->'; `chemwright reactor` takes reversible ones")
        found.append(reaction)
    try:
        network = Network(tuple(s.id for s in species), tuple(found))
        network.check_balance({s.id: molecule(s.smiles).elements for s in species})
    except ChemwrightError as error:
        raise type(error)(error.message, where=f"{where}, {error.where or '[[reaction]]'}", fix=error.fix) from None
    return network, tuple(ReactionRecord(r.id, str(r)) for r in found)


def _target(text: str, species: tuple[Species, ...], made: set[str], where: str) -> str:
    """Canonical SMILES of the target: one of the species, made by a reaction."""
    from chemwright.knowledge import resolve
    from chemwright.structure import is_smiles

    key = next((s for s in species if s.id == text), None)
    smiles = key.smiles if key is not None and not is_smiles(text) else resolve(text, where, names=not is_smiles(text)).smiles
    found = next((s for s in species if s.smiles == smiles), None)
    if found is None:
        raise InputError(f"the target {text!r} is none of the species", where=where, fix="add it under [species], or copy its SMILES from there")
    if found.id not in made:
        raise InputError(f"the target {found.id!r} is made by no reaction", where=where, fix="add the reaction that makes it, or correct the target")
    return smiles


def _prior(table: Mapping[str, Any], reactions: list[str], where: str) -> ParameterSet:
    """The parameter set with the widths that the case file overrides."""
    from chemwright.knowledge import load_parameter_set

    try:
        prior = load_parameter_set(table["prior"])
    except InputError as error:
        raise InputError(error.message, where=f"{where} prior", fix=error.fix) from None
    for name in (f"{kind}.{r}" for r in reactions for kind in ("k", "Ea")):
        if name not in prior:
            names = [p.name for p in prior.parameters]
            raise InputError(
                f"the parameter set {prior.name!r} has no {name!r}",
                where=f"{where} prior",
                fix=f"give the reactions ids that the set has: {', '.join(sorted({n.split('.', 1)[-1] for n in names}))}",
            )
    widths = {key: _width(table, key, where) for key in ("common_shift_sd", "sd_ln_k", "sd_Ea")}
    parameters = tuple(
        evolve(p, std=widths["sd_ln_k"]) if p.log and widths["sd_ln_k"] is not None
        else evolve(p, std=si(f"{widths['sd_Ea']!r} kJ/mol", p.unit)) if p.name.startswith("Ea.") and widths["sd_Ea"] is not None
        else p
        for p in prior.parameters
    )  # fmt: skip
    shift = widths["common_shift_sd"]
    return evolve(prior, parameters=parameters, common_shift_sd=prior.common_shift_sd if shift is None else shift)


def _width(table: Mapping[str, Any], key: str, where: str) -> float | None:
    """A prior width: > 0 (a common shift may be 0); Ea in kJ/mol."""
    if key not in table:
        return None
    value = si(table[key], "kJ/mol" if key == "sd_Ea" else "1", f"{where} {key}")
    if value < 0 or (value == 0 and key != "common_shift_sd") or value > 1e6:
        raise InputError(f"{key} is {table[key]!r}", where=f"{where} {key}", fix="give a standard deviation above 0")
    return value


def _plant(case: Mapping[str, Any], plant: Mapping[str, Any], base: str, where: str) -> PlantSpec:
    """What the plant shall be, in SI."""
    capacity = si(case["capacity"], "kg/s", f"{where}, [case] capacity")
    if capacity <= 0:
        raise InputError(f"capacity {case['capacity']!r} is not above zero", where=f"{where}, [case] capacity", fix="give the product wanted, as '100 t/year'")
    purity = si(case["purity"], "1", f"{where}, [case] purity")
    if not 0 < purity <= 1:
        raise InputError(f"purity {case['purity']!r} is not above 0 and at most 100 %", where=f"{where}, [case] purity", fix="give a mass fraction, as '98 wt%' or 0.98")
    reactor = plant.get("reactor", "pfr")
    if reactor not in PLANT_REACTORS:
        raise InputError(
            f"reactor {reactor!r}, the plant is laid out with {' or '.join(PLANT_REACTORS)} so far",
            where=f"{where}, [plant] reactor",
            fix='write reactor = "pfr"; `chemwright reactor` runs the others',
        )
    objectives = plant.get("objectives", ["cost", "e_factor"])
    place = f"{where}, [plant] objectives"
    if not 1 <= len(objectives) <= 2 or len({str(o) for o in objectives}) != len(objectives):
        raise InputError(f"objectives {objectives!r}", where=place, fix='give one or two different ones, as ["cost", "e_factor"]')
    for objective in objectives:
        if objective not in OBJECTIVES:
            raise InputError(f"unknown objective {objective!r}", where=place, fix=did_you_mean(str(objective), OBJECTIVES))
    hours = si(plant.get("hours", 8000.0), "hour", f"{where}, [plant] hours")
    if not 0 < hours <= 8784:
        raise InputError(f"hours {plant['hours']!r} a year", where=f"{where}, [plant] hours", fix="give operating hours above 0 and at most 8784, as 8000")
    activity = plant.get("activity", "unifac")
    if activity not in ACTIVITIES:
        raise InputError(f"unknown activity model {activity!r}", where=f"{where}, [plant] activity", fix=did_you_mean(activity, ACTIVITIES))
    return PlantSpec(capacity, purity, reactor, tuple(objectives), base, hours, activity)


def decisions_of(record: CaseRecord) -> tuple[Decision, ...]:
    """The choices that a case file, or chemwright in its place, has made."""
    by = "case file"
    out = [
        Decision("plant.reactor", "plant.reactor", record.plant.reactor, by, "as given, or the default"),
        Decision("plant.objectives", "plant.objectives", ", ".join(record.plant.objectives), by, "as given, or the default"),
    ]
    if record.prior is not None:
        out.append(Decision("kinetics.prior", "kinetics.prior", record.prior.name, by, record.prior.note, evidence=(record.prior.source.id,)))
    if record.plant.base:
        base = record.species_by_id(record.plant.base)
        claim = next((c for c in record.claims if c.id == BASE_CLAIM), None)
        who, why = ("rule:default-base", claim.note) if claim else (by, "binds the acid that the reactions set free")
        out.append(Decision("plant.base", "plant.base", base.name or base.smiles, who, why, evidence=(claim.id,) if claim else ()))
    return tuple(out)
