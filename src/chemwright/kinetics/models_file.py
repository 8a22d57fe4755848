"""A TOML file of one network or of rivals: species, reactions with their laws and priors, and what special columns of the runs mean.

docs/reference/kinetics-files.md describes it; the tables of a network are those of :func:`chemwright.kinetics.laws.scheme_of`.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
from attrs import field, frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.kinetics.fitting_problem import DECADE, EA_MEAN, EA_STD, LN_K_STD
from chemwright.kinetics.laws import SCHEME_KEYS, Scheme, scheme_of
from chemwright.kinetics.network import parse_reaction
from chemwright.kinetics.observables import EFactor, HeatRate, Linear, Observable
from chemwright.kinetics.reactor_reaction import rate_unit
from chemwright.kinetics.reactor_toml import known_keys, load_toml, quantity, table
from chemwright.kinetics.runs import REACTORS, RunSet, TemperatureProfile
from chemwright.kinetics.runs_file import read_runs

DATA_KEYS = ("reactor", "key", "reagent")
TOP_KEYS = ("name", "data", "substances", "reading", "e_factor", "heat_rate", "model")
JOINED = ("reaction", "deactivation", "quasi_steady", "acid_base")
MAX_MODELS = 60
ONE_TEMPERATURE = 2.0  # K: runs nearer together than this say nothing of an activation energy


@frozen(eq=False)
class Models:
    """What a models file says.

    Args:
        schemes: networks with their laws by name, in the file's order, over the same species.
        reactor: of runs whose table does not say.
        dose: key reactant and reagent of ``concentration`` and ``equivalents``.
        extra: readings by column name that the file defines.
        notes: what was assumed, as priors that the file leaves out.
        filled: reactions, by network, whose rate constant the file leaves out.
    """

    schemes: dict[str, Scheme]
    reactor: str = ""
    dose: tuple[str, str] | None = None
    extra: dict[str, Observable] = field(factory=dict)
    notes: tuple[str, ...] = ()
    filled: dict[str, tuple[str, ...]] = field(factory=dict)

    @property
    def species(self) -> tuple[str, ...]:
        """Of all networks."""
        return next(iter(self.schemes.values())).species

    def named(self, name: str = "") -> tuple[str, Scheme]:
        """One network by name; the only one when there is one.

        Raises:
            InputError: no such network, or several and no name.
        """
        if name:
            if name not in self.schemes:
                raise InputError(f"no model {name!r}", where="--model", fix=did_you_mean(name, self.schemes))
            return name, self.schemes[name]
        if len(self.schemes) > 1:
            raise InputError(f"the file has {len(self.schemes)} models", where="--model", fix=f"name one: {', '.join(self.schemes)}; or compare them")
        return next(iter(self.schemes.items()))


def read_models(path: str | Path, runs: RunSet | None = None) -> Models:
    """Read a models file.

    Args:
        path: of the TOML file.
        runs: their time scale, feeds and temperatures stand in for the rate constants of mass action that the file leaves out.

    Raises:
        InputError, UnitError: naming file, table, key and fix.
    """
    path = Path(path)
    given, name = load_toml(path), path.name
    known_keys(given, (*TOP_KEYS, *SCHEME_KEYS), (), name)
    filled: dict[str, tuple[str, ...]] = {}
    tables = {key: _with_constants(part, runs, f"{name} model {key!r}", key, filled) for key, part in _model_tables(given, path).items()}
    one = {key: scheme_of(part, f"{name} model {key!r}" if len(tables) > 1 else name) for key, part in tables.items()}
    species = tuple(dict.fromkeys(s for scheme in one.values() for s in scheme.species))
    schemes = {k: s if s.species == species else scheme_of({**tables[k], "species": list(species)}, name) for k, s in one.items()}
    masses = _substances(given, schemes, name)
    data = table(given, "data", name) if "data" in given else {}
    known_keys(data, DATA_KEYS, (), f"{name} [data]")
    if data.get("reactor", "batch") not in REACTORS:
        raise InputError(f"{data['reactor']!r} is not a reactor", where=f"{name} [data]", fix=did_you_mean(str(data["reactor"]), REACTORS))
    if ("key" in data) != ("reagent" in data):
        raise InputError("'key' and 'reagent' belong together", where=f"{name} [data]", fix="give both: the species of 'concentration', and that of 'equivalents'")
    dose = (str(data["key"]), str(data["reagent"])) if "key" in data else None
    for s in dose or ():
        if s not in species:
            raise InputError(f"{s!r} is not a species of the network", where=f"{name} [data]", fix=did_you_mean(s, species))
    extra: dict[str, Observable] = {}
    if "e_factor" in given:
        extra["e_factor"] = _e_factor(table(given, "e_factor", name), masses, species, f"{name} [e_factor]")
    for key, part in (table(given, "reading", name) if "reading" in given else {}).items():
        extra[key] = _sum(key, part, species, f"{name} [reading.{key}]")
    if "heat_rate" in given:
        extra["heat_rate"] = _heat_rate(table(given, "heat_rate", name), f"{name} [heat_rate]")
    return Models(schemes, str(data.get("reactor", "")), dose, extra, _filled_note(filled, runs), filled)


def read_problem(data: str | Path, models: str | Path) -> tuple[RunSet, Models]:
    """Runs and models that fit each other.

    Raises:
        InputError, UnitError: as :func:`read_runs` and :func:`read_models`.
    """
    first = read_models(models)
    runs = read_runs(data, first.species, reactor=first.reactor, dose=first.dose, extra=first.extra)
    return runs, read_models(models, runs)


def _model_tables(given: Mapping[str, Any], path: Path) -> dict[str, dict[str, Any]]:
    """Tables of each network: what stands at the top is shared, what stands under [[model]] is added or takes its place."""
    shared = {k: v for k, v in given.items() if k in SCHEME_KEYS}
    models = given.get("model")
    if models is None:
        return {str(given.get("name", path.stem)): shared}
    if not isinstance(models, list) or not models or not all(isinstance(m, dict) for m in models):
        raise InputError("'model' is no list of tables", where=path.name, fix="write each network under its own [[model]], in double brackets")
    if len(models) > MAX_MODELS:
        raise InputError(f"{len(models)} models, at most {MAX_MODELS} expected", where=path.name, fix="compare fewer at a time")
    out: dict[str, dict[str, Any]] = {}
    for i, model in enumerate(models, 1):
        key = model.get("name", f"model {i}")
        where = f"{path.name} model {key!r}"
        if not isinstance(key, str) or not key.strip() or len(key) > 60 or not key.isprintable():
            raise InputError(f"name {key!r} is no short text", where=path.name, fix='write name = "series"')
        if key in out:
            raise InputError(f"two models are called {key!r}", where=path.name, fix="give each its own name")
        known_keys(model, ("name", "without", *SCHEME_KEYS), (), where)
        parts = deepcopy(shared)
        for k in SCHEME_KEYS:
            if k in model:
                both = k in JOINED and isinstance(parts.get(k), list) and isinstance(model[k], list)
                parts[k] = [*parts[k], *model[k]] if both else {**parts[k], **model[k]} if isinstance(parts.get(k), dict) and isinstance(model[k], dict) else model[k]
        out[key] = _without(parts, model.get("without", []), where)
    return out


def _without(parts: dict[str, Any], dropped: Any, where: str) -> dict[str, Any]:
    """The tables without the shared reactions that a model names by id."""
    if not dropped:
        return parts
    reactions = parts.get("reaction", [])
    ids = [r.get("id", f"r{i}") for i, r in enumerate(reactions, 1) if isinstance(r, dict)]
    for id in dropped if isinstance(dropped, list) else [dropped]:
        if id not in ids:
            raise InputError(f"no shared reaction {id!r}", where=f"{where} without", fix=did_you_mean(str(id), [str(i) for i in ids]))
    # ids by place are made explicit, so that the others keep theirs
    kept = [{**r, "id": id} for r, id in zip(reactions, ids, strict=True) if id not in dropped]
    return {**parts, "reaction": kept}


def _with_constants(parts: dict[str, Any], runs: RunSet | None, where: str, key: str, done: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """The tables with a wide prior for each rate constant of mass action that is left out: the time scale of the sampling."""
    reactions = parts.get("reaction", [])
    if not isinstance(reactions, list):
        return parts
    out, filled = [], []
    for i, r in enumerate(reactions, 1):
        if isinstance(r, dict) and "k" not in r and r.get("law", "mass_action") == "mass_action" and isinstance(r.get("text"), str):
            reaction = parse_reaction(r["text"], str(r.get("id", f"r{i}")), f"{where} reaction {r.get('id', f'r{i}')}")
            r = {**r, "k": _constant(sum(n for _, n in reaction.reactants), runs, parts.get("temperature"))}
            filled.append(reaction.id)
        out.append(r)
    if filled:
        done[key] = tuple(filled)
    return {**parts, "reaction": out}


def _several_temperatures(runs: RunSet) -> bool:
    """Whether the runs can say something of an activation energy."""
    return float(np.ptp([r.mean_temperature for r in runs.runs])) > ONE_TEMPERATURE or any(isinstance(r.temperature, TemperatureProfile) for r in runs.runs)


def _filled_note(filled: Mapping[str, tuple[str, ...]], runs: RunSet | None) -> tuple[str, ...]:
    """What was assumed for the constants that the file leaves out."""
    if not filled or runs is None:
        return ()
    energy = f"Ea of {EA_MEAN / 1000:.0f} +/- {EA_STD / 1000:.0f} kJ/mol" if _several_temperatures(runs) else "no Ea, as all runs are at one temperature"
    ids = ", ".join(dict.fromkeys(id for part in filled.values() for id in part))
    return (f"the file gives no k of {ids}: their priors are the time scale of the sampling, three decades wide, and {energy}",)


def _constant(order: float, runs: RunSet | None, temperature: Any) -> dict[str, Any]:
    """A rate constant as the file would have it."""
    time, feed, heat, several = 1.0, 1.0, 298.15, True
    if runs is not None:
        times = np.concatenate([r.times for r in runs.runs])
        time = float(np.exp(np.mean(np.log(times[times > 0])))) if np.any(times > 0) else 1.0
        feed = float(np.median([r.feed.max() for r in runs.runs])) or 1.0
        heat = float(np.median([r.mean_temperature for r in runs.runs]))
        several = (len(runs.runs) > 1 and float(np.ptp([r.mean_temperature for r in runs.runs])) > ONE_TEMPERATURE) or any(
            isinstance(r.temperature, TemperatureProfile) for r in runs.runs
        )
    value = 1.0 / time * (feed / 1000.0) ** (1 - order)  # in mol, L and s
    at = temperature if isinstance(temperature, str) else f"{heat:.2f} K"
    out = {"value": f"{value:.6g} {rate_unit(order)}", "at": at, "decades": LN_K_STD / DECADE}
    return {**out, "Ea": f"{EA_MEAN:.0f} J/mol", "Ea_std": f"{EA_STD:.0f} J/mol"} if several else out


def _substances(given: Mapping[str, Any], schemes: Mapping[str, Scheme], name: str) -> dict[str, float]:
    """Molar masses (kg/mol) of the substances whose structure is given, after a check that the reactions of which all are known balance."""
    if "substances" not in given:
        return {}
    from chemwright.structure import molecule

    part = table(given, "substances", name)
    found = {}
    for s, smiles in part.items():
        known = {x for scheme in schemes.values() for x in scheme.species}
        if s not in known:
            raise InputError(f"{s!r} is in no reaction", where=f"{name} [substances]", fix=did_you_mean(s, known))
        if not isinstance(smiles, str):
            raise InputError(f"{smiles!r} is no SMILES", where=f"{name} [substances] {s}", fix='write it as text, as "CCO"')
        found[s] = molecule(smiles)
    for scheme in schemes.values():
        for reaction in scheme.reactions:
            if all(s in found for s, _ in reaction.reactants + reaction.products):
                _balanced(scheme, reaction.id, {s: m.elements for s, m in found.items()})
    return {s: m.molar_mass for s, m in found.items()}


def _balanced(scheme: Scheme, id: str, elements: Mapping[str, Mapping[str, int]]) -> None:
    """Atoms of one reaction."""
    from chemwright.kinetics.network import Network

    Network(scheme.network.species, tuple(r for r in scheme.reactions if r.id == id)).check_balance(elements)


def _e_factor(part: Mapping[str, Any], masses: Mapping[str, float], species: tuple[str, ...], where: str) -> EFactor:
    """``[e_factor] product = "P", feeds = ["A", "B"]``; molar masses from [substances]."""
    known_keys(part, ("product", "feeds"), ("product", "feeds"), where)
    feeds = part["feeds"]
    if not isinstance(feeds, list) or not feeds:
        raise InputError(f"feeds = {feeds!r}", where=where, fix='list what counts as fed, as feeds = ["A", "B"]')
    for s in (part["product"], *feeds):
        if s not in species:
            raise InputError(f"{s!r} is not a species of the network", where=where, fix=did_you_mean(str(s), species))
        if s not in masses:
            raise InputError(f"no molar mass of {s!r}", where=where, fix=f'add its SMILES, as {s} = "..." under [substances]')
    return EFactor(str(part["product"]), tuple(feeds), (masses[part["product"]], *(masses[s] for s in feeds)))


def _sum(key: str, part: Any, species: tuple[str, ...], where: str) -> Linear:
    """``[reading.peak] sum = { A = 1.0, B = 0.8 }``: a lumped peak with its response factors."""
    if not isinstance(part, dict):
        raise InputError(f"{part!r} is no table", where=where, fix="write sum = { A = 1.0, B = 0.8 }")
    known_keys(part, ("sum",), ("sum",), where)
    terms = table(part, "sum", where)
    for s, weight in terms.items():
        if s not in species:
            raise InputError(f"{s!r} is not a species of the network", where=where, fix=did_you_mean(s, species))
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not np.isfinite(weight):
            raise InputError(f"{weight!r} is no number", where=f"{where} {s}", fix="give the response factor, as 1.0")
    if not terms:
        raise InputError("the sum is empty", where=where, fix="write sum = { A = 1.0, B = 0.8 }")
    return Linear(key, tuple((s, float(w)) for s, w in terms.items()))


def _heat_rate(part: Mapping[str, Any], where: str) -> HeatRate:
    """``[heat_rate] "A -> B" = "-50 kJ/mol"``: reaction enthalpies by the reactions' texts."""
    if not part:
        raise InputError("no reaction enthalpy", where=where, fix='write a line for each reaction, as "A -> B" = "-50 kJ/mol"')
    found = {str(parse_reaction(text, "dH", where)): quantity(v, "J/mol", f"{where} {text!r}", low=-1e7, high=1e7, example="-50 kJ/mol") for text, v in part.items()}
    return HeatRate(tuple(found.values()), tuple(found))
