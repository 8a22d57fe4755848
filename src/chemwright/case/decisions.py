"""New entries of a case's decision log, checked before they are written: what a person decided, on what evidence, or takes back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from attrs import asdict

from chemwright.case.steps import STEPS
from chemwright.errors import InputError, did_you_mean
from chemwright.record import CaseRecord, Decision
from chemwright.record.decisions import UNDO, standings

SECTIONS = {"plant.reactor": "[plant] reactor", "plant.objectives": "[plant] objectives", "plant.base": "[plant] base", "kinetics.prior": "[kinetics] prior"}
"""Questions whose answer the steps read from the case file, and where it stands there."""


def decided(log: tuple[Decision, ...], record: CaseRecord, results: Mapping[str, Any], what: str, choice: str, by: str, why: str, evidence: Iterable[str] = ()) -> Decision:
    """The entry of a person's decision.

    Args:
        log: the entries so far.
        record, results: the case and the results that hold, for the ids that evidence may name.
        what, choice, by, why: question, answer, person, reason; none empty.
        evidence: ids of claims, sources, runs, decisions, steps or figures (see :func:`evidence_ids`).

    Raises:
        InputError: an empty text, evidence that is nowhere in the case (near misses named), or an answer that contradicts the case file.
    """
    what, choice = (text.strip() if isinstance(text, str) else text for text in (what, choice))
    _filled(what=what, choice=choice, by=by, why=why)
    if what == UNDO:
        raise InputError(f"{UNDO!r} is kept for taking a decision back", where="decide", fix="name the question decided, or use --undo ID")
    given = next((d for d in log if d.id == what and not d.when), None)
    if given is not None and choice != given.choice:
        place = SECTIONS.get(what, "the case file")
        raise InputError(
            f"{what} is {given.choice!r} by the case file, and the steps read it from there: logging {choice!r} would change nothing",
            where="decide",
            fix=f"change {place} in the case.toml and develop again; then log who decided it and why",
        )
    names = tuple(evidence)
    known = evidence_ids(log, record, results) if names else []
    for name in names:
        step = name.partition(".")[0]
        if name not in known and step in STEPS and step not in results:
            raise InputError(f"the case has no result of {step} that holds", where=f"decide, evidence {name}", fix="run chemwright develop on it first")
        if name not in known:
            hint = did_you_mean(name, known) or "give the id of a claim, source, run or decision, or a result such as design.cost"
            raise InputError(f"no evidence {name!r} in the case", where="decide, evidence", fix=hint)
    return Decision(_next_id(log), what, choice, by.strip(), why.strip(), _now(), names)


def taken_back(log: tuple[Decision, ...], id: str, by: str, why: str) -> Decision:
    """The entry that undoes another one; the other stays in the log and no longer holds.

    Raises:
        InputError: an empty text, no such entry (near misses named), one that is undone already or an undo itself, or one that the case file makes.
    """
    _filled(id=id, by=by, why=why)
    found = next((s for s in standings(log) if s.decision.id == id), None)
    where = "decide, undo"
    if found is None:
        own = [d.id for d in log if d.when and d.what != UNDO]
        raise InputError(f"no decision {id!r} in the log", where=where, fix=did_you_mean(id, own) if own else "nobody has decided anything yet; see --list")
    if found.state == "undone":
        raise InputError(f"{id} is undone already, by {found.by}", where=where, fix="to hold it again, decide it again")
    if found.state == "undo":
        raise InputError(f"{id} is an undo itself", where=where, fix=f"to hold {found.decision.choice} again, decide it again")
    if not found.decision.when:
        raise InputError(f"{id} is what the case file says", where=where, fix=f"change {SECTIONS.get(id, 'it')} in the case.toml and develop again")
    return Decision(_next_id(log), UNDO, id, by.strip(), why.strip(), _now())


def evidence_ids(log: Iterable[Decision], record: CaseRecord, results: Mapping[str, Any]) -> list[str]:
    """What evidence may name: claims and sources, runs, entries of the log, steps that have a result, its figures and fitted parameters."""
    from chemwright.flowsheet.build import economic_claims

    ids = [c.id for c in economic_claims(record)] + [s.id for s in record.sources] + [d.id for d in log]
    if record.prior is not None:
        ids.append(record.prior.source.id)
    if record.experiments is not None:
        ids += record.experiments.ids
    ids += [c["id"] for c in results.get("properties", {}).get("claims", [])] + list(results)
    ids += [f"fit.{name}" for name in results.get("fit", {}).get("parameters", {})]
    ids += [f"design.{name}" for name, entry in results.get("design", {}).items() if isinstance(entry, dict) and "std" in entry]
    return list(dict.fromkeys(ids))


def listed(log: Iterable[Decision]) -> list[dict[str, Any]]:
    """The log as plain rows: the entry's fields, ``state`` (holds, replaced, undone, undo) and ``state_by`` (the id that made it so)."""
    return [{**asdict(s.decision), "evidence": list(s.decision.evidence), "state": s.state, "state_by": s.by} for s in standings(log)]


def _filled(**texts: str) -> None:
    for name, text in texts.items():
        if not isinstance(text, str) or not text.strip():
            raise InputError(f"a decision needs {name!r}", where="decide", fix="say what was decided, how, by whom and why")


def _next_id(log: Iterable[Decision]) -> str:
    """``d1``, ``d2``, ...: the log only grows, so the count of people's entries is the last number."""
    return f"d{1 + sum(1 for d in log if d.when)}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
