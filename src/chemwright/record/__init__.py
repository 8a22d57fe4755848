"""Records: frozen, validated when made, with one JSON form and a content hash."""

from chemwright.record.campaign import CampaignRecord, CampaignSettings, Constraint, Objective, ReactorPlace, Trial, Variable
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
    "CampaignRecord",
    "CampaignSettings",
    "CaseRecord",
    "Claim",
    "Column",
    "Constraint",
    "DataSetRecord",
    "Decision",
    "ExperimentRecord",
    "Experiments",
    "Filing",
    "ModelRecord",
    "Objective",
    "Outcome",
    "Parameter",
    "ParameterSet",
    "Participant",
    "PlantSpec",
    "ReactionEntry",
    "ReactionRecord",
    "ReactorPlace",
    "SeriesRecord",
    "Source",
    "Species",
    "SubstanceRecord",
    "Trial",
    "Variable",
    "content_hash",
    "from_json",
    "to_json",
]
