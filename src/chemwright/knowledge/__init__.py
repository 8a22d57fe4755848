"""What is known: the vocabulary of properties, substances, measured runs, parameter sets named by their paper, and the bundled case."""

from chemwright.knowledge.bundled import bundled_case, bundled_cases, write_bundled
from chemwright.knowledge.properties import Property
from chemwright.knowledge.sets import load_parameter_set, parameter_sets
from chemwright.knowledge.substances import Substance, resolve
from chemwright.knowledge.tables import Table, read_runs
from chemwright.knowledge.vocabulary import Vocabulary, own_properties, vocabulary

__all__ = [
    "Property",
    "Substance",
    "Table",
    "Vocabulary",
    "bundled_case",
    "bundled_cases",
    "load_parameter_set",
    "own_properties",
    "parameter_sets",
    "read_runs",
    "resolve",
    "vocabulary",
    "write_bundled",
]
