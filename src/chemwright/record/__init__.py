"""Records: frozen, validated when made, with one JSON form and a content hash."""

from chemwright.record.case import ACTIVITIES, SCHEMA_VERSION, CaseRecord, Decision, Experiments, PlantSpec, ReactionRecord, Species
from chemwright.record.claim import Claim, Source
from chemwright.record.convert import content_hash, from_json, to_json
from chemwright.record.dataset import AssetRecord, Column, DataSetRecord, ModelRecord, SeriesRecord
from chemwright.record.experiment import ExperimentRecord, Outcome, Participant, ReactionEntry
from chemwright.record.filing import Filing
from chemwright.record.parameters import Parameter, ParameterSet
from chemwright.record.substance import SubstanceRecord

__all__ = [
    "ACTIVITIES",
    "SCHEMA_VERSION",
    "AssetRecord",
    "CaseRecord",
    "Claim",
    "Column",
    "DataSetRecord",
    "Decision",
    "ExperimentRecord",
    "Experiments",
    "Filing",
    "ModelRecord",
    "Outcome",
    "Parameter",
    "ParameterSet",
    "Participant",
    "PlantSpec",
    "ReactionEntry",
    "ReactionRecord",
    "SeriesRecord",
    "Source",
    "Species",
    "SubstanceRecord",
    "content_hash",
    "from_json",
    "to_json",
]
