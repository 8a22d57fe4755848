"""Mining: documents to proposals (substances, property values, procedures, kinetic parameters), each with its evidence, for review."""

from chemwright.knowledge.mining.documents import Note
from chemwright.knowledge.mining.mine import Findings, mine
from chemwright.knowledge.mining.proposal import (
    Evidence,
    KineticMention,
    ProcedureMention,
    PropertyMention,
    Proposal,
    Reading,
    SubstanceMention,
)
from chemwright.knowledge.mining.review import accept, correct, reject, trusted

__all__ = [
    "Evidence",
    "Findings",
    "KineticMention",
    "Note",
    "ProcedureMention",
    "PropertyMention",
    "Proposal",
    "Reading",
    "SubstanceMention",
    "accept",
    "correct",
    "mine",
    "reject",
    "trusted",
]
