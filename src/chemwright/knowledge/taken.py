"""What a reviewed proposal becomes: claims, experiments, substances, each with the document as its source and the sentence as its note."""

from __future__ import annotations

from typing import Any

from chemwright.errors import ChemwrightError, InputError
from chemwright.knowledge.identity import molecular, named
from chemwright.knowledge.mining.proposal import KineticMention, ProcedureMention, PropertyMention, Proposal, Reading, SubstanceMention
from chemwright.knowledge.vocabulary import Vocabulary
from chemwright.quantity.units import factor
from chemwright.record import Claim, ExperimentRecord, Outcome, Participant, Source, SubstanceRecord

MAX_NOTE = 2000


def source_of(proposal: Proposal) -> Source:
    """The document as a source."""
    e = proposal.evidence
    return Source(f"document:{e.document_hash[:16]}", "literature", e.document)


def records_of(proposal: Proposal, words: Vocabulary) -> list[Any]:
    """The records that a proposal stands for.

    Args:
        proposal: of any kind.
        words: vocabulary that names its properties.

    Raises:
        InputError: a substance that is not named, or a parameter that no property of the vocabulary fits. UnitError: a unit of the wrong dimension.
    """
    data = proposal.data
    if isinstance(data, SubstanceMention):
        return [_substance(data)]
    if isinstance(data, PropertyMention):
        return [_claim(proposal, data, words)]
    if isinstance(data, KineticMention):
        return _kinetic(proposal, data, words)
    return [_experiment(proposal, data)]


def _substance(m: SubstanceMention) -> SubstanceRecord:
    return molecular(m.smiles, name=m.name) if m.smiles else named(m.name)


def _place(proposal: Proposal) -> str:
    e = proposal.evidence
    where = f"table {e.table}, row {e.row}, column {e.column}" if e.table else (f"page {e.page}" if e.page else "")
    return f"{where}: {e.text}"[:MAX_NOTE] if where else e.text[:MAX_NOTE]


def _claim(proposal: Proposal, m: PropertyMention, words: Vocabulary) -> Claim:
    if not (m.smiles or m.substance):
        raise InputError(f"{m.property} of what? no substance is named", where=f"proposal {proposal.id[:12]}", fix="correct it: give the field 'substance'")
    item = words.find(m.property, "proposal")
    note = _place(proposal) + (f" (given as {m.qualifier} the value)" if m.qualifier != "=" else "") + (f" (in {m.medium})" if m.medium else "")
    source = source_of(proposal).id
    if item.name == "boiling_point" and "pressure" not in m.conditions:
        item, note = words.find("normal_boiling_point"), f"no pressure told, taken as one atmosphere; {note}"
    return Claim(proposal.id, m.smiles or m.substance, item.name, m.value, m.unit, m.std, m.conditions, source, "measured", note[:MAX_NOTE], method=f"mined by {proposal.method}")


def _kinetic(proposal: Proposal, m: KineticMention, words: Vocabulary) -> list[Any]:
    name = next((n for n in (m.parameter, *(p.name for p in words if p.name.startswith(m.parameter + "_"))) if _fits(n, m.unit, words)), "")
    if not name:
        raise InputError(
            f"no property of the vocabulary is a {m.parameter} in {m.unit!r}",
            where=f"proposal {proposal.id[:12]}",
            fix="correct its unit, or add a property of your own: chemwright kb properties --add",
        )
    if not m.reaction:
        raise InputError(f"{m.symbol or m.parameter} of which reaction? none is named", where=f"proposal {proposal.id[:12]}", fix="correct it: give the field 'reaction'")
    note = f"{m.symbol}; {_place(proposal)}" if m.symbol else _place(proposal)
    subject = named(m.reaction)
    source = source_of(proposal).id
    return [subject, Claim(proposal.id, subject.key, name, m.value, m.unit, m.std, m.conditions, source, "fitted", note[:MAX_NOTE], method=f"mined by {proposal.method}")]


def _fits(name: str, unit: str, words: Vocabulary) -> bool:
    item = words.get(name)
    if item is None:
        return False
    try:
        factor(unit, item.unit)
    except ChemwrightError:
        return False
    return True


_ROLES = (("reactants", "reactant"), ("reagents", "reagent"), ("catalysts", "catalyst"), ("solvents", "solvent"), ("workup", "workup"), ("products", "product"))


def _experiment(proposal: Proposal, m: ProcedureMention) -> ExperimentRecord:
    participants = tuple(Participant(s.smiles or _substance(s).key, role, s.name, s.moles, s.mass, s.volume, s.amount) for field, role in _ROLES for s in getattr(m, field))
    conditions = {name: best.value for name, readings in (("temperature", m.temperatures), ("reaction_time", m.times)) if (best := _best(readings)) is not None}
    made = _best(m.yields)
    outcomes = () if made is None else (Outcome("yield", made.value / 100.0, substance=participants[-1].substance if m.products else "", method=made.text),)
    settings = {
        f"{name} as written": "; ".join(r.text for r in readings) for name, readings in (("temperature", m.temperatures), ("time", m.times), ("yield", m.yields)) if readings
    }
    return ExperimentRecord(
        proposal.id[:32],
        proposal.evidence.text,
        participants,
        conditions,
        outcomes,
        settings=settings,
        source=source_of(proposal).id,
        note=f"mined by {proposal.method}; {_heading(proposal)}".rstrip("; "),
    )


def _heading(proposal: Proposal) -> str:
    return proposal.evidence.heading[:MAX_NOTE]


def _best(readings: tuple[Reading, ...]) -> Reading | None:
    """The reading that is most surely the reaction's."""
    return max(readings, key=lambda r: r.confidence) if readings else None
