"""The exception tree: every error a user can cause says what was given, what was expected, and how to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ChemwrightError(Exception):
    """Base of all errors that chemwright raises on purpose.

    Args:
        message: what was given and what was expected, in one sentence.
        where: the place (file, row, field), as the user knows it.
        fix: what to do about it.
    """

    kind = "error"

    def __init__(self, message: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        """One plain message: place, problem, mend."""
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text}. {self.fix}" if self.fix else text

    def as_dict(self) -> dict[str, str]:
        """The form that `--json` prints: kind, message, where, fix."""
        return {"kind": self.kind, "message": self.message, "where": self.where, "fix": self.fix}


class UnitError(ChemwrightError):
    """A unit is unknown or has the wrong dimension."""

    kind = "unit"


class InputError(ChemwrightError):
    """A file, field or argument is missing, malformed or out of range."""

    kind = "input"


class SubstanceError(ChemwrightError):
    """A substance can't be identified, or a structure is wrong."""

    kind = "substance"


class BalanceError(ChemwrightError):
    """Atoms, mass or energy do not balance."""

    kind = "balance"


class PropertyMissing(ChemwrightError):
    """No measurement and no method gives this property."""

    kind = "property"


class ConvergenceError(ChemwrightError):
    """A solver did not converge: no number is returned."""

    kind = "convergence"


class StorageError(ChemwrightError):
    """A case folder can't be read or written."""

    kind = "storage"


class MissingExtra(ChemwrightError):
    """An optional package is needed; the fix holds the pip line."""

    kind = "missing-extra"


def near_misses(name: str, known: Iterable[str], n: int = 3) -> list[str]:
    """The up to ``n`` known names closest to ``name`` in spelling, case ignored."""
    table = {k.lower(): k for k in known}
    return [table[k] for k in difflib.get_close_matches(name.lower(), list(table), n=n, cutoff=0.6)]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence naming near misses, or listing what is known when nothing is near and the list is short."""
    known = list(known)
    near = near_misses(name, known)
    if near:
        return "did you mean " + " or ".join(repr(n) for n in near) + "?"
    return "known: " + ", ".join(sorted(known)) if 0 < len(known) <= 24 else ""
