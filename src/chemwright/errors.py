"""The exception tree: every error a user can cause says what was given, what was expected, and how to mend it."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from typing import Any


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

    def as_dict(self) -> dict[str, Any]:
        """The form that `--json` prints: kind, message, where, fix, and what else the error carries."""
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
    """A solver did not converge: no number is returned, but what was reached is told.

    Args:
        message: what failed, in one sentence.
        where: the place, as the user knows it.
        fix: what to try.
        residuals: what stayed open, each named in words with its unit, as ``{"heat balance of the jacket [K]": 0.3}``.
        last_good: the last point at which all was well, named likewise: numbers, texts, or lists of them.
    """

    kind = "convergence"

    def __init__(self, message: str, *, where: str = "", fix: str = "", residuals: Mapping[str, float] | None = None, last_good: Mapping[str, Any] | None = None) -> None:
        super().__init__(message, where=where, fix=fix)
        self.residuals = {k: float(v) for k, v in (residuals or {}).items()}
        self.last_good = dict(last_good or {})

    def __str__(self) -> str:
        """One plain message: place, problem, what stayed open, last good point, what to try."""
        parts = [f"{self.where}: {self.message}" if self.where else self.message]
        if self.residuals:
            parts.append("Open: " + ", ".join(f"{k} {v:.3g}" for k, v in self.residuals.items()))
        if self.last_good:
            parts.append("Last good point: " + ", ".join(f"{k} {_short(v)}" for k, v in self.last_good.items()))
        return ". ".join([*parts, self.fix] if self.fix else parts)

    def as_dict(self) -> dict[str, Any]:
        """As that of every error, with ``residuals`` and ``last_good``; numbers that are not finite become texts, as JSON has none."""
        return {**super().as_dict(), "residuals": _plain(self.residuals), "last_good": _plain(self.last_good)}


def _short(value: Any) -> str:
    """A value of a last good point as a person reads it."""
    if isinstance(value, list | tuple):
        return "; ".join(_short(v) for v in value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _plain(value: Any) -> Any:
    """The same for JSON."""
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


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
