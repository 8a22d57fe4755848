"""What is known: substances, measured runs, parameter sets named by their paper, and the bundled case."""

from chemwright.knowledge.bundled import bundled_case, bundled_cases, write_bundled
from chemwright.knowledge.sets import load_parameter_set, parameter_sets
from chemwright.knowledge.substances import Substance, resolve
from chemwright.knowledge.tables import Table, read_runs

__all__ = ["Substance", "Table", "bundled_case", "bundled_cases", "load_parameter_set", "parameter_sets", "read_runs", "resolve", "write_bundled"]
