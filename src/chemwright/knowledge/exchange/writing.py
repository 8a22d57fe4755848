"""Files that an export writes: whole or not at all, and cells that no spreadsheet takes for a formula."""

from __future__ import annotations

from attrs import field, frozen

from chemwright.knowledge.exchange.rights import Refused
from chemwright.knowledge.formula_cells import cell
from chemwright.record.atomic import replacing
from chemwright.record.fields import as_tuple


@frozen
class Written:
    """What an export wrote.

    Args:
        file: where.
        records: kind to number.
        notes: what the format has no place for, in words, with how often.
        left_out: what may not leave, when the user asked to leave that out.
    """

    file: str
    records: dict[str, int]
    notes: tuple[str, ...] = ()
    left_out: tuple[Refused, ...] = field(default=(), converter=as_tuple)


__all__ = ["Written", "cell", "replacing"]
