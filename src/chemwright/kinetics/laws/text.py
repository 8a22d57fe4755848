"""Rate equations as plain text for people."""

from __future__ import annotations

from collections.abc import Iterable


def label(name: str) -> str:
    """A number's short name: ``k`` of ``k.r1``."""
    return name.partition(".")[0]


def raised(base: str, n: float | str) -> str:
    """``c_A``, ``c_A^2``, ``c_A^n_A``; empty for order 0."""
    if isinstance(n, str):
        return f"{base}^{label(n)}"
    if n == 0:
        return ""
    return base if n == 1 else f"{base}^{n:g}" if n > 0 else f"{base}^({n:g})"


def powers(terms: Iterable[tuple[str, float | str]]) -> str:
    """``c_A c_B^2`` from (species, order)."""
    return " ".join(t for t in (raised(f"c_{s}", n) for s, n in terms) if t)


def joined(*parts: str) -> str:
    """The parts that are not empty, with spaces between."""
    return " ".join(p for p in parts if p)


def bracket(text: str) -> str:
    """In brackets when it is a sum."""
    return f"({text})" if " + " in text or " - " in text else text
