"""Published numbers that ship with the package, ours beside theirs: all rooms' checks, run."""

from __future__ import annotations

from typing import Any

from chemwright.errors import InputError, did_you_mean
from chemwright.loop.steps import Progress
from chemwright.model.check import Check, Outcome, run_check


def all_checks() -> tuple[Check, ...]:
    """The checks of every room, lowest room first.

    Raises:
        InputError: two checks share a name.
    """
    from chemwright.kinetics.checks import CHECKS as KINETICS
    from chemwright.model.checks import CHECKS as MODEL
    from chemwright.property.checks import CHECKS as PROPERTY
    from chemwright.thermo.checks import CHECKS as THERMO

    found = (*MODEL, *PROPERTY, *THERMO, *KINETICS)
    names = [c.name for c in found]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise InputError(f"check {twice[0]!r} stands twice", where="checks", fix="give each its own name")
    return found


def run_checks(only: str | None = None, progress: Progress | None = None) -> list[Outcome]:
    """Compute every published number again.

    Args:
        only: a check's name, the group before its dot, or a room; all when None.
        progress: called with a text and the fraction done.

    Returns:
        outcomes in the order of :func:`all_checks`; a check that could not be computed has failed.

    Raises:
        InputError: nothing has that name; near misses are named.
    """
    checks = all_checks()
    chosen = [c for c in checks if only is None or only in (c.name, c.name.partition(".")[0], c.room)]
    if not chosen:
        known = dict.fromkeys(k for c in checks for k in (c.name, c.name.partition(".")[0], c.room))
        groups = ", ".join(dict.fromkeys(c.name.partition(".")[0] for c in checks))
        raise InputError(f"no check {only!r}", where="--only", fix=did_you_mean(str(only), known) or f"give a name, or a group of these: {groups}")
    out = []
    for i, check in enumerate(chosen):
        if progress is not None:
            progress(check.name, i / len(chosen))
        out.append(run_check(check))
    return out


def as_data(outcomes: list[Outcome]) -> dict[str, Any]:
    """Plain data for JSON: ``checks``, and how many ``passed`` and ``failed``."""
    passed = sum(o.passed for o in outcomes)
    return {"checks": [o.as_dict() for o in outcomes], "passed": passed, "failed": len(outcomes) - passed}
