"""What is known: substances, measured runs, parameter sets named by their paper, the bundled case, and the knowledge base."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from chemwright.knowledge.bundled import bundled_case, bundled_cases, write_bundled
from chemwright.knowledge.properties import Property
from chemwright.knowledge.sets import load_parameter_set, parameter_sets
from chemwright.knowledge.substances import Substance, resolve
from chemwright.knowledge.tables import Table, read_runs
from chemwright.knowledge.vocabulary import Vocabulary, own_properties, vocabulary

if TYPE_CHECKING:
    from chemwright.knowledge.base.database import KnowledgeBase

__all__ = [
    "Property",
    "Substance",
    "Table",
    "Vocabulary",
    "bundled_case",
    "bundled_cases",
    "load_parameter_set",
    "open",
    "own_properties",
    "parameter_sets",
    "read_runs",
    "resolve",
    "vocabulary",
    "write_bundled",
]


def open(url: str | Path, *, create: bool = False, read_only: bool = False, who: str = "") -> KnowledgeBase:
    """The knowledge base at an address; see :func:`chemwright.knowledge.base.open_base`, which it calls (and loads only then)."""
    from chemwright.knowledge.base.database import open_base

    return open_base(url, create=create, read_only=read_only, who=who)
