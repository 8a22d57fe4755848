"""Bringing tables, plates, structures and time series into the knowledge base."""

from chemwright.knowledge.intake.blocks import open_table
from chemwright.knowledge.intake.importer import ImportReport, import_claims
from chemwright.knowledge.intake.mapping import ColumnUse, Mapping, recall, remember
from chemwright.knowledge.intake.propose import propose_mapping
from chemwright.knowledge.intake.wizard import Wizard, start

__all__ = ["ColumnUse", "ImportReport", "Mapping", "Wizard", "import_claims", "open_table", "propose_mapping", "recall", "remember", "start"]
