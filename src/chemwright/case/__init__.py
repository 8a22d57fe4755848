"""The case: one product's folder of readable JSON, its record, its decisions, its steps; and the case file that starts it."""

from chemwright.case.case import Case
from chemwright.case.folder import CaseFolder
from chemwright.case.read import read_case
from chemwright.case.template import demo_case, write_template

__all__ = ["Case", "CaseFolder", "demo_case", "read_case", "write_template"]
