"""From a Reaction message of the Open Reaction Database to an experiment: the fields that both know. The whole message is kept beside them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from attrs import evolve, frozen

from chemwright.knowledge.exchange.ord_compounds import Compounds
from chemwright.knowledge.exchange.ord_units import single, to_si
from chemwright.knowledge.vocabulary import vocabulary
from chemwright.record import ExperimentRecord, Outcome, Participant, Source, SubstanceRecord, content_hash

ROLES = {
    "REACTANT": "reactant", "REAGENT": "reagent", "SOLVENT": "solvent", "CATALYST": "catalyst", "WORKUP": "workup", "INTERNAL_STANDARD": "internal_standard", "PRODUCT": "product",
    "BYPRODUCT": "byproduct", "SIDE_PRODUCT": "byproduct",
}  # fmt: skip
AMOUNTS = {"moles": "amount", "mass": "mass", "volume": "volume"}
_DATES = ("%m/%d/%Y", "%m/%d/%Y, %H:%M:%S", "%m/%d/%y", "%Y/%m/%d", "%d %b %Y", "%Y-%m-%d %H:%M:%S", "%a %b %d %H:%M:%S %Y")


@frozen
class Mapped:
    """A reaction as records; ``places`` are the compounds of the message that the participants stand for, in their order."""

    experiment: ExperimentRecord
    source: Source
    substances: tuple[SubstanceRecord, ...]
    places: tuple[Any, ...]


def word(message: Any, name: str = "type") -> str:
    """The name of an enumerated field, empty when unspecified."""
    values = message.DESCRIPTOR.fields_by_name[name].enum_type.values_by_number
    number = getattr(message, name)
    text = values[number].name if number in values else ""
    return "" if text == "UNSPECIFIED" else text


def phrase(message: Any, name: str = "type") -> str:
    """An enumerated field with its details, as ``oil bath: 60 C``."""
    kind = word(message, name).replace("_", " ").lower()
    details = " ".join(message.details.split())
    return f"{kind}: {details}" if kind and kind != "custom" and details else details or kind


def experiment_of(reaction: Any, compounds: Compounds, *, dataset: str = "", number: int = 0) -> Mapped:
    """The records of a reaction.

    Args:
        reaction: Reaction message; it is left as it is.
        compounds: what knows the substances.
        dataset: id of the data set.
        number: place within it, for a reaction without id.
    """
    participants, substances, places = _participants(reaction, compounds)
    outcomes, left_out = _outcomes(reaction, compounds)
    source = source_of(reaction, dataset)
    smiles = {word(i): i.value.split(" |")[0].strip() for i in reversed(reaction.identifiers)}
    settings = _settings(reaction)
    if dataset:
        settings["dataset"] = dataset
    if left_out:
        settings["left_out"] = "; ".join(left_out)
    started = _date(reaction.provenance.experiment_start.value)
    if reaction.provenance.experiment_start.value and not started:
        settings["experiment_start"] = reaction.provenance.experiment_start.value
    person = reaction.provenance.experimenter
    makers = dict.fromkeys(a.instrument_manufacturer for o in reaction.outcomes for _, a in sorted(o.analyses.items()) if a.instrument_manufacturer)
    record = ExperimentRecord(
        id=reaction.reaction_id or f"{dataset or 'reaction'}#{number}",
        procedure=reaction.notes.procedure_details,
        participants=participants,
        conditions=_conditions(reaction),
        outcomes=outcomes,
        reaction=smiles.get("REACTION_SMILES") or smiles.get("REACTION_CXSMILES") or "",
        instrument="; ".join(makers),
        operator=person.name or person.username or person.orcid or person.organization,
        started=started,
        settings=settings,
        source=source.id,
        note=reaction.notes.safety_notes,
    )
    return Mapped(record, source, substances, places)


def placed(reaction: Any) -> Iterator[tuple[str, str, Any]]:
    """(where, role, compound) of all compounds: inputs, workups, products."""
    for key in sorted(reaction.inputs):
        for c in reaction.inputs[key].components:
            yield "input", ROLES.get(word(c, "reaction_role"), "other"), c
    for w in reaction.workups:
        for c in w.input.components:
            role = ROLES.get(word(c, "reaction_role"), "workup")
            yield "workup", role if role in ("workup", "internal_standard") else "workup", c
    for o in reaction.outcomes:
        for p in o.products:
            yield "product", ROLES.get(word(p, "reaction_role"), "product"), p


def _participants(reaction: Any, compounds: Compounds) -> tuple[tuple[Participant, ...], tuple[SubstanceRecord, ...], tuple[Any, ...]]:
    out, found, places = [], {}, []
    for where, role, c in placed(reaction):
        substance, name = compounds.of(c)
        found[substance.key] = substance
        out.append(Participant(substance.key, role, name, **amounts_of(c, where), note=_note(c, where)))
        places.append(c)
    return tuple(out), tuple(found.values()), tuple(places)


def amounts_of(compound: Any, where: str) -> dict[str, float]:
    """Amount of a compound in SI, by field of :class:`Participant`; of a product what was measured."""
    if where == "product":
        measured = [m.amount for m in compound.measurements if m.WhichOneof("value") == "amount"]
    else:
        measured = [compound.amount] if compound.HasField("amount") else []
    out: dict[str, float] = {}
    for amount in measured:
        kind = amount.WhichOneof("kind")
        if kind in AMOUNTS and (value := to_si(getattr(amount, kind))) is not None and value >= 0.0:
            out.setdefault(AMOUNTS[kind], value)
    return out


def _note(compound: Any, where: str) -> str:
    if where == "product":
        parts = ["desired" if compound.is_desired_product else "", compound.isolated_color, phrase(compound.texture)]
    else:
        amount = compound.amount.unmeasured if compound.amount.WhichOneof("kind") == "unmeasured" else None
        parts = ["limiting" if compound.is_limiting else "", phrase(amount) if amount is not None else "", *(phrase(p) for p in compound.preparations)]
        parts += [f"{n} {getattr(compound.source, n)}" for n in ("vendor", "catalog_id", "lot") if getattr(compound.source, n)]
    return "; ".join(p for p in parts if p)


def _conditions(reaction: Any) -> dict[str, float]:
    c = reaction.conditions
    found = {"temperature": to_si(c.temperature.setpoint), "pressure": to_si(c.pressure.setpoint)}
    times = [t for o in reaction.outcomes if (t := to_si(o.reaction_time)) is not None]
    found["reaction_time"] = times[0] if times else None
    found["ph"] = single(c.ph) if c.HasField("ph") else None
    found["rotation_speed"] = c.stirring.rate.rpm / 60.0 if c.stirring.rate.rpm > 0 else None
    return {k: v for k, v in found.items() if v is not None and not vocabulary().find(k).check(v)}


def _settings(reaction: Any) -> dict[str, str]:
    c, s = reaction.conditions, reaction.setup
    out = {
        "reaction_type": "; ".join(i.value for i in reaction.identifiers if word(i) == "REACTION_TYPE"),
        "temperature_control": phrase(c.temperature.control), "pressure_control": phrase(c.pressure.control), "atmosphere": phrase(c.pressure.atmosphere),
        "stirring": phrase(c.stirring) or word(c.stirring.rate).lower(), "illumination": phrase(c.illumination), "electrochemistry": phrase(c.electrochemistry), "flow": phrase(c.flow),
        "reflux": "yes" if c.reflux else "", "conditions": c.details, "vessel": phrase(s.vessel), "vessel_material": phrase(s.vessel.material), "environment": phrase(s.environment),
        "well": s.vessel.position or s.vessel.row + s.vessel.col, "automation": s.automation_platform or ("yes" if s.is_automated else ""),
        "workups": "\n".join(f"{n}. {phrase(w)}" for n, w in enumerate(reaction.workups, start=1)),
        "analyses": "\n".join(f"{key}: {phrase(a)}" for o in reaction.outcomes for key, a in sorted(o.analyses.items())),
        "observations": "\n".join(o.comment for o in reaction.observations if o.comment),
    }  # fmt: skip
    return {k: v for k, v in out.items() if v}


_MEASURED = {("YIELD", ""): "yield", ("PURITY", ""): "purity", ("SELECTIVITY", "EE"): "enantiomeric_excess", ("SELECTIVITY", "DR"): "diastereomeric_ratio"}


def measured_as(measurement: Any) -> str:
    """The vocabulary's property that a product's measurement is; empty when it has none."""
    kind = word(measurement)
    return _MEASURED.get((kind, word(measurement.selectivity) if kind == "SELECTIVITY" else ""), "")


def number_of(measurement: Any, name: str) -> float | None:
    """The SI number of a measurement: percentages become fractions."""
    kind = measurement.WhichOneof("value")
    if kind == "percentage" and measurement.percentage.HasField("value"):
        return float(f"{single(measurement.percentage.value) / 100.0:.9g}")
    if kind == "float_value" and measurement.float_value.HasField("value") and name == "diastereomeric_ratio":
        return single(measurement.float_value.value)
    return None


def measured_places(reaction: Any) -> Iterator[tuple[str, float, Any, Any, str]]:
    """(property, SI number, product or None, message that holds the number, method) of all that was measured and has a name in the vocabulary."""
    for o in reaction.outcomes:
        if o.conversion.HasField("value"):
            yield "conversion", float(f"{single(o.conversion.value) / 100.0:.9g}"), None, o.conversion, ""
        for p in o.products:
            for m in p.measurements:
                name = measured_as(m)
                if name and (value := number_of(m, name)) is not None:
                    yield name, value, p, getattr(m, m.WhichOneof("value")), m.details or m.analysis_key


def possible(name: str, value: float) -> str:
    """Why a number can't be, or empty."""
    return vocabulary().find(name).check(value)


def _outcomes(reaction: Any, compounds: Compounds) -> tuple[tuple[Outcome, ...], list[str]]:
    """What was measured, and in words what is beyond the property's bounds."""
    out, refused = [], []
    for name, value, product, _, method in measured_places(reaction):
        if wrong := possible(name, value):
            refused.append(f"{name} {value:g}: {wrong}")
        else:
            key = compounds.of(product)[0].key if product is not None else ""
            out.append(Outcome(name, value, None, key, method))
    return tuple(out), refused


def _date(text: str) -> str:
    """A date as ISO 8601; empty when it can't be read without guessing."""
    try:
        return datetime.fromisoformat(text.strip()).isoformat()
    except ValueError:
        pass
    for form in _DATES:
        try:
            return datetime.strptime(text.strip(), form).isoformat()
        except ValueError:
            continue
    return ""


def source_of(reaction: Any, dataset: str = "") -> Source:
    """Where a reaction comes from: its patent, article, address, or the data set; the id says all that the citation does."""
    p = reaction.provenance
    parts = [x for x in (f"patent {p.patent}" if p.patent else "", f"doi:{p.doi}" if p.doi else "", p.publication_url) if x]
    main = p.patent or p.doi or p.publication_url or dataset or "unknown"
    if not parts:
        return Source(f"ord:{main}", "experiment", f"Open Reaction Database, {dataset}" if dataset else "Open Reaction Database")
    key = f"ord:{main}" if len(parts) == 1 else f"ord:{main}#{content_hash(parts)[:8]}"
    return Source(key, "literature", ", ".join(parts), p.doi)


def unchanged(record: ExperimentRecord) -> ExperimentRecord:
    """What is compared to see whether mapped fields were changed after the import."""
    return evolve(record, extra={})
