"""What of an append-only log of decisions still holds: an undo is an entry of its own and removes nothing."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from chemwright.record.case import Decision

UNDO = "undo"
"""``what`` of the entry that takes another back; its ``choice`` is the id of that other."""

STATES = ("holds", "replaced", "undone", "undo")


@frozen
class Standing:
    """Where one entry of the log stands.

    Args:
        decision: the entry.
        state: ``holds``, ``replaced`` (a later one answers the same question), ``undone``, or ``undo`` (the entry is an undo itself).
        by: id of the entry that replaced or undid it, else empty.
    """

    decision: Decision
    state: str
    by: str = ""


def standings(log: Iterable[Decision]) -> tuple[Standing, ...]:
    """Each entry of a log in its order, with where it stands.

    Of all entries that answer one question and are not undone, the last holds: once that is undone, the one before it holds again.
    What the case file says (entries without a time) goes before a person's entry with another answer: the steps read the file.
    """
    entries = tuple(log)
    undone = {d.choice: d.id for d in entries if d.what == UNDO}
    given = {d.what: d for d in entries if not d.when}
    last = {d.what: d.id for d in entries if d.what != UNDO and d.id not in undone and d.choice == given.get(d.what, d).choice}

    def of(d: Decision) -> Standing:
        if d.what == UNDO:
            return Standing(d, "undo")
        if d.id in undone:
            return Standing(d, "undone", undone[d.id])
        return Standing(d, "holds") if last[d.what] == d.id else Standing(d, "replaced", last[d.what])

    return tuple(of(d) for d in entries)
