"""Review of proposals: pure functions from proposal to proposal; queue, storage and keyboard belong to their callers."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from chemwright.errors import InputError
from chemwright.knowledge.mining.proposal import Mention, Proposal


def accept(proposal: Proposal, *, by: str, note: str = "") -> Proposal:
    """The proposal accepted as it stands.

    Raises:
        InputError: it was reviewed before, or ``by`` is empty.
    """
    return evolve(_open(proposal, by), status="accepted", by=by, note=note)


def reject(proposal: Proposal, *, by: str, note: str = "") -> Proposal:
    """The proposal rejected; it stays in the record so that mining the document again does not ask again.

    Raises:
        InputError: it was reviewed before, or ``by`` is empty.
    """
    return evolve(_open(proposal, by), status="rejected", by=by, note=note)


def correct(proposal: Proposal, data: Mention, *, by: str, note: str = "") -> Proposal:
    """A new proposal with corrected data and the same evidence; its ``corrects`` names the one it replaces.

    Raises:
        InputError: reviewed before, ``by`` empty, data of another kind, or data that change nothing (then accept it).
    """
    _open(proposal, by)
    if data.kind != proposal.kind:
        raise InputError(f"a {proposal.kind} can't be corrected into a {data.kind}", where=proposal.id, fix="reject it, and enter the other by hand")
    if data == proposal.data:
        raise InputError("the correction changes nothing", where=proposal.id, fix="accept the proposal as it is, or change a field")
    return evolve(proposal, data=data, status="corrected", by=by, note=note, corrects=proposal.id, confidence=1.0)


def trusted(proposals: Iterable[Proposal], *, threshold: float | None = None) -> tuple[Proposal, ...]:
    """Those that may be used: accepted or corrected by a person, or, when the user sets a threshold, proposed with at least that confidence.

    Args:
        proposals: of any status.
        threshold: confidence from 0 to 1 above which unreviewed proposals count as well; None (the default) trusts none of them.

    Raises:
        InputError: a threshold outside 0 to 1.
    """
    if threshold is not None and not 0.0 <= threshold <= 1.0:
        raise InputError(f"threshold {threshold!r}", fix="give a number from 0 to 1, or none to trust only what was reviewed")
    return tuple(p for p in proposals if p.status in ("accepted", "corrected") or (threshold is not None and p.status == "proposed" and p.confidence >= threshold))


def _open(proposal: Proposal, by: str) -> Proposal:
    """The proposal, when it can still be reviewed and the reviewer has a name."""
    if proposal.status != "proposed":
        raise InputError(f"it is {proposal.status} already (by {proposal.by or 'nobody named'})", where=proposal.id, fix="review a proposal once; mine again to start over")
    if not by.strip():
        raise InputError("no reviewer named", where=proposal.id, fix="say who reviews, as in by='A. Chemist'")
    return proposal
