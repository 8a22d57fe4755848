"""A Reaction message of an experiment that never was one, and changes of one that was: what the fields of the record say, and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chemwright.knowledge.exchange.ord_compounds import Compounds
from chemwright.knowledge.exchange.ord_map import AMOUNTS, ROLES, amounts_of, experiment_of, measured_places, placed, possible
from chemwright.knowledge.exchange.ord_units import fill
from chemwright.knowledge.exchange.ord_wire import messages
from chemwright.record import ExperimentRecord, Outcome, Participant, Source, SubstanceRecord, content_hash

_BACK = {v: k for k, v in ROLES.items()} | {"byproduct": "BYPRODUCT", "ligand": "REAGENT", "base": "REAGENT", "acid": "REAGENT", "other": "UNSPECIFIED"}
_MEASURES = {
    "yield": ("YIELD", ""),
    "isolated_yield": ("YIELD", ""),
    "assay_yield": ("YIELD", ""),
    "purity": ("PURITY", ""),
    "enantiomeric_excess": ("SELECTIVITY", "EE"),
    "selectivity": ("SELECTIVITY", ""),
}
_PLACES = ("product", "byproduct")
Substances = Mapping[str, SubstanceRecord]


def build(record: ExperimentRecord, substances: Substances, source: Source | None, by: Mapping[str, str]) -> tuple[Any, list[str]]:
    """A message for an experiment.

    Args:
        record: the experiment.
        substances: key to substance, of all that it names.
        source: where it comes from.
        by: who writes the message: ``time`` (ISO 8601), ``username``, ``email``.

    Returns:
        the message, and in words what of the record it has no place for.
    """
    _, Reaction = messages()
    lost: list[str] = []
    out = Reaction()
    out.reaction_id = record.id if record.id.startswith("ord-") else "ord-" + content_hash(record)[:32]
    if record.reaction:
        out.identifiers.add(type="REACTION_SMILES", value=record.reaction, is_mapped=_mapped(record.reaction))
    for n, p in enumerate(x for x in record.participants if x.role not in _PLACES):
        _input(out, n, p, substances)
    _outcome(out, record, substances, lost)
    overlay_conditions(out, record.conditions, lost)
    out.notes.procedure_details = record.procedure
    out.notes.safety_notes = record.note
    _provenance(out, record, source, by)
    return out, lost


def _mapped(smiles: str) -> bool:
    return ":" in smiles.split(" ")[0].replace("::", "")


def _identify(compound: Any, key: str, name: str, substances: Substances) -> None:
    s = substances.get(key)
    if s is not None and s.smiles and "*" not in s.smiles:
        compound.identifiers.add(type="SMILES", value=s.smiles)
    if s is not None and s.cas:
        compound.identifiers.add(type="CAS_NUMBER", value=s.cas)
    text = name or (s.name if s is not None else "")
    if text or not compound.identifiers:
        compound.identifiers.add(type="NAME", value=text or key)


def _input(out: Any, n: int, p: Participant, substances: Substances) -> None:
    if p.role == "workup":
        step = out.workups.add(type="ADDITION")
        compound = step.input.components.add()
    else:
        compound = out.inputs[f"m{n + 1}"].components.add()
    _identify(compound, p.substance, p.name, substances)
    compound.reaction_role = _role(compound, p.role)
    if p.note == "limiting" or p.note.startswith("limiting;"):
        compound.is_limiting = True
    set_amount(compound.amount, p)


def _role(compound: Any, role: str) -> int:
    return int(compound.DESCRIPTOR.fields_by_name["reaction_role"].enum_type.values_by_name[_BACK.get(role, role.upper())].number)


def set_amount(amount: Any, p: Participant) -> None:
    """Moles before mass before volume: the message holds one of them."""
    for kind, field in AMOUNTS.items():
        value = getattr(p, field)
        if value is not None:
            fill(getattr(amount, kind), value)
            return


def _outcome(out: Any, record: ExperimentRecord, substances: Substances, lost: list[str]) -> None:
    outcome = out.outcomes.add()
    products = {p.substance: p for p in record.participants if p.role in _PLACES}
    named = dict.fromkeys([*products, *(o.substance for o in record.outcomes if o.substance and o.property in _MEASURES)])
    for key in named:
        product = outcome.products.add()
        given = products.get(key)
        _identify(product, key, given.name if given else "", substances)
        product.reaction_role = _role(product, given.role if given else "product")
        if given is not None and (given.amount is not None or given.mass is not None or given.volume is not None):
            set_amount(product.measurements.add(type="AMOUNT", details="as filed").amount, given)
        for o in record.outcomes:
            if o.substance == key or (not o.substance and len(named) == 1 and o.property in _MEASURES):
                _measurement(product, o, lost)
    for o in record.outcomes:
        if o.property == "conversion":
            outcome.conversion.value = 100.0 * o.value
        elif o.property not in _MEASURES:
            lost.append(f"outcome {o.property}")


def _measurement(product: Any, o: Outcome, lost: list[str]) -> None:
    if o.property not in _MEASURES:
        return
    kind, selectivity = _MEASURES[o.property]
    m = product.measurements.add(type=kind, details=o.method or o.property)
    m.percentage.value = 100.0 * o.value
    if o.std is not None:
        m.percentage.precision = 100.0 * o.std
    if selectivity:
        m.selectivity.type = m.selectivity.DESCRIPTOR.fields_by_name["type"].enum_type.values_by_name[selectivity].number


_CONDITIONS: dict[str, Callable[[Any], Any]] = {
    "temperature": lambda r: r.conditions.temperature.setpoint,
    "pressure": lambda r: r.conditions.pressure.setpoint,
    "reaction_time": lambda r: (r.outcomes[0] if r.outcomes else r.outcomes.add()).reaction_time,
}


def overlay_conditions(out: Any, conditions: Mapping[str, float], lost: list[str]) -> None:
    """Write SI conditions into the message."""
    for name, value in conditions.items():
        if name in _CONDITIONS:
            fill(_CONDITIONS[name](out), value)
        elif name == "ph":
            out.conditions.ph = value
        elif name == "rotation_speed":
            out.conditions.stirring.rate.rpm = round(60.0 * value)
        else:
            lost.append(f"condition {name}")


def _provenance(out: Any, record: ExperimentRecord, source: Source | None, by: Mapping[str, str]) -> None:
    p = out.provenance
    p.experimenter.name = record.operator
    p.experiment_start.value = record.started
    if source is not None:
        p.doi = source.doi
        if source.citation and not source.doi:
            p.reaction_metadata["citation"].string_value = source.citation
    for name, text in (*record.settings.items(), ("instrument", record.instrument)):
        if text:
            p.reaction_metadata[name].string_value = text
    p.record_created.time.value = by["time"]
    p.record_created.person.username = by["username"]
    p.record_created.person.email = by.get("email", "")
    p.record_created.details = "written from a chemwright knowledge base"


def overlay(message: Any, record: ExperimentRecord, substances: Substances) -> list[str]:
    """Bring a kept message to what the record says now; fields that agree stay as they are to the last bit.

    Returns:
        in words what of the changes it has no place for.
    """
    lost: list[str] = []
    was = experiment_of(message, Compounds()).experiment
    if record.procedure != was.procedure:
        message.notes.procedure_details = record.procedure
    if record.note != was.note:
        message.notes.safety_notes = record.note
    overlay_conditions(message, {k: v for k, v in record.conditions.items() if was.conditions.get(k) != v}, lost)
    for name in was.conditions.keys() - record.conditions.keys():
        _clear(message, name)
    if len(record.participants) == len(was.participants):
        for new, old, (where, _, compound) in zip(record.participants, was.participants, placed(message), strict=True):
            _overlay_participant(compound, where, new, old, substances)
    elif record.participants != was.participants:
        lost.append("participants added or removed")
    _overlay_outcomes(message, record, was, lost)
    lost += [f"setting {k}" for k in record.settings if k != "dataset" and record.settings[k] != was.settings.get(k, "") and k not in ("left_out",)]
    return lost


def _clear(message: Any, name: str) -> None:
    if name in _CONDITIONS:
        _CONDITIONS[name](message).Clear()
    elif name == "ph":
        message.conditions.ClearField("ph")
    elif name == "rotation_speed":
        message.conditions.stirring.rate.ClearField("rpm")


def _overlay_participant(compound: Any, where: str, new: Participant, old: Participant, substances: Substances) -> None:
    if new.substance != old.substance or new.name != old.name:
        compound.ClearField("identifiers")
        _identify(compound, new.substance, new.name, substances)
    if new.role != old.role:
        compound.reaction_role = _role(compound, new.role)
    given = {"amount": new.amount, "mass": new.mass, "volume": new.volume}
    if {k: v for k, v in given.items() if v is not None} == amounts_of(compound, where):
        return
    if where != "product":
        compound.ClearField("amount")
        set_amount(compound.amount, new)
        return
    for kind, field in AMOUNTS.items():
        value = given[field]
        measured = [m for m in compound.measurements if m.WhichOneof("value") == "amount" and m.amount.WhichOneof("kind") == kind]
        if value is not None:
            fill(getattr((measured[0] if measured else compound.measurements.add(type="AMOUNT", details="as filed")).amount, kind), value)


def _overlay_outcomes(message: Any, record: ExperimentRecord, was: ExperimentRecord, lost: list[str]) -> None:
    """Numbers that changed, outcome by outcome in their order."""
    if record.outcomes == was.outcomes:
        return
    places = [(name, place) for name, value, _, place, _ in measured_places(message) if not possible(name, value)]
    same = len(record.outcomes) == len(was.outcomes) == len(places) and all(a.property == b.property and a.substance == b.substance for a, b in zip(record.outcomes, was.outcomes))
    if not same:
        lost.append("outcomes added or removed")
        return
    for new, old, (_, place) in zip(record.outcomes, was.outcomes, places, strict=True):
        if new.value != old.value:
            place.value = new.value if place.DESCRIPTOR.name == "FloatValue" else 100.0 * new.value
