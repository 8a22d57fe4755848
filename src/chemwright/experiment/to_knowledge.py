"""Ended experiments of a campaign into a knowledge base: each as an experiment, and the best as a claim about the product."""

from __future__ import annotations

import re

from chemwright.errors import InputError
from chemwright.experiment.observations import observe
from chemwright.experiment.replicates import noise_of
from chemwright.experiment.space import Space
from chemwright.experiment.standing import best_of, pushed
from chemwright.experiment.units import dimension, from_si
from chemwright.knowledge.vocabulary import Vocabulary
from chemwright.record import CampaignRecord, Claim, ExperimentRecord, Outcome, Source, Trial


def write_knowledge(record: CampaignRecord, address: str, about: str = "") -> tuple[int, list[str]]:
    """File the ended experiments of a campaign; those that are there already stay as they are.

    Args:
        record: the campaign.
        address: of the knowledge base: a file (made when missing) or a server's.
        about: the product that the figures are of: name, CAS number or SMILES; the best experiment then becomes a claim about it.

    Returns:
        the number of experiments, and what could not be said in the vocabulary's words.

    Raises:
        InputError: nothing has ended. StorageError: the base can't be written.
    """
    from chemwright.knowledge.base import open_base

    with open_base(address, create="://" not in address) as base:
        records, words = experiments_of(record, base.vocabulary, about)
        if not records:
            raise InputError("no experiment has ended yet", where=record.name, fix="tell what came out first")
        base.add(source_of(record), *records, *(best_claims(record, base.vocabulary, about) if about else ()))
    return len(records), words


def source_of(record: CampaignRecord) -> Source:
    """The campaign as a source."""
    year = int(record.started[:4]) if re.match(r"\d{4}-", record.started) else 0
    return Source(_key(record), "experiment", f"Campaign {record.name!r} of experiments" + (f", begun {record.started[:10]}" if record.started else ""), year=year)


def experiments_of(record: CampaignRecord, words: Vocabulary, about: str = "") -> tuple[list[ExperimentRecord], list[str]]:
    """One record an experiment: settings and figures that the vocabulary knows as SI numbers under its names, all others as texts with their unit."""
    units = {**{v.name: v.unit for v in record.variables}, **{o.name: o.unit for o in record.objectives}}
    known = {name: _property(words, name, unit) for name, unit in units.items()}
    strange = sorted(name for name, found in known.items() if not found and not any(v.name == name and v.kind == "categorical" for v in record.variables))
    said = [f"{', '.join(strange)}: not in the vocabulary with this dimension, kept as text"] if strange else []
    return [_experiment(record, t, known, about) for t in record.trials if t.state in ("done", "failed")], said


def _experiment(record: CampaignRecord, t: Trial, known: dict[str, str], about: str) -> ExperimentRecord:
    settings = dict(t.levels)
    conditions = {}
    for v in record.variables:
        if v.name in t.numbers:
            if known[v.name]:
                conditions[known[v.name]] = t.numbers[v.name]
            else:
                settings[v.name] = _text(t.numbers[v.name], v.unit)
    outcomes = []
    for o in record.objectives:
        if o.name in t.results and t.state == "done":
            if known[o.name]:
                outcomes.append(Outcome(known[o.name], t.results[o.name], t.stds.get(o.name, o.std), about))
            else:
                settings[f"measured {o.name}"] = _text(t.results[o.name], o.unit)
    note = ("failed: " + t.note if t.note else "failed") if t.state == "failed" else t.note
    return ExperimentRecord(f"{record.name}:{t.id}", conditions=conditions, outcomes=outcomes, instrument=t.reactor, settings=settings, source=_key(record), note=note)


def best_claims(record: CampaignRecord, words: Vocabulary, about: str) -> list[Claim]:
    """What the best experiment by each figure that is pushed gave, as claims about the product."""
    seen = observe(record, Space.of(record.variables, record.constraints))
    out = []
    for j in pushed(record.objectives):
        o = record.objectives[j]
        name = _property(words, o.name, o.unit)
        best = best_of(record, seen, noise_of(seen, j, o.std).std, o.name)
        if name and best is not None:
            conditions = {found: x for v in record.variables if not isinstance(x := best.point[v.name], str) and (found := _property(words, v.name, v.unit))}
            levels = ", ".join(f"{k} {x}" for k, x in best.point.items() if isinstance(x, str))
            note = f"best by {o.name} of {len(seen.own)} experiments ({' and '.join(best.ids)})" + (f"; {levels}" if levels else "")
            unit = words.find(name).unit
            out.append(Claim(f"{record.name}:{o.name}", about, name, best.values[o.name], unit, best.std, conditions, _key(record), "measured", note, method="experiment"))
    return out


def _property(words: Vocabulary, name: str, unit: str) -> str:
    """The vocabulary's name of a figure; empty when it has none of this name and dimension."""
    try:
        found = words.find(name)
    except InputError:
        return ""
    return found.name if found.kind == "number" and dimension(found.unit) == dimension(unit) else ""


def _text(x: float, unit: str) -> str:
    return f"{from_si(x, unit):.10g}" + ("" if unit == "1" else f" {unit}")


def _key(record: CampaignRecord) -> str:
    return re.sub(r"\W+", "-", record.name).strip("-") or "campaign"
