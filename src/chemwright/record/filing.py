"""Filing: how a record is kept. Who may see it, under which terms, and what became of it; never part of the record's own content hash."""

from __future__ import annotations

from attrs import field, frozen

from chemwright.record.fields import as_tuple, one_of, optional_number, within

VISIBILITIES = ("private", "group", "public")
STATUSES = ("trusted", "proposed", "superseded", "retracted", "rejected")
STANDING = ("trusted",)
"""Statuses that count as known: the others are kept, shown when asked for, and enter no consensus."""


@frozen
class Filing:
    """How a record is filed.

    Args:
        licence: SPDX name of its terms (``CC-BY-4.0``), ``proprietary``, or empty when unknown; export reads it.
        visibility: ``private`` (never leaves by export), ``group`` or ``public``.
        owner: who filed it.
        status: ``trusted`` counts as known; ``proposed`` waits for review; ``superseded``, ``retracted`` and ``rejected`` are kept for the record.
        labels: words of the user's own.
        confidence: probability that it is right, where a program read it; ``None`` for records that people filed.
        suspicion: what looked wrong when it came in (a unit slip, a value out of range), in words; empty when nothing did.

    Raises:
        InputError: unknown status or visibility, a confidence outside 0 to 1.
    """

    licence: str = ""
    visibility: str = field(default="private", validator=one_of(VISIBILITIES))
    owner: str = ""
    status: str = field(default="trusted", validator=one_of(STATUSES))
    labels: tuple[str, ...] = field(default=(), converter=as_tuple)
    confidence: float | None = field(default=None, converter=optional_number, validator=within(0.0, 1.0))
    suspicion: str = ""
