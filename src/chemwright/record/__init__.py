"""Records: frozen, validated when made, with one JSON form and a content hash."""

from chemwright.record.case import SCHEMA_VERSION, CaseRecord, Decision, Experiments, PlantSpec, ReactionRecord, Species
from chemwright.record.claim import Claim, Source
from chemwright.record.convert import content_hash, from_json, to_json
from chemwright.record.parameters import Parameter, ParameterSet

__all__ = [
    "SCHEMA_VERSION",
    "CaseRecord",
    "Claim",
    "Decision",
    "Experiments",
    "Parameter",
    "ParameterSet",
    "PlantSpec",
    "ReactionRecord",
    "Source",
    "Species",
    "content_hash",
    "from_json",
    "to_json",
]
