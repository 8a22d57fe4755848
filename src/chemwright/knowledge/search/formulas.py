"""A molecular formula in Hill's order, from the elements in any order."""

from __future__ import annotations

import re

from chemwright.errors import InputError

_ATOM = re.compile(r"([A-Z][a-z]?)(\d{0,5})")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def hill(text: str) -> str:
    """The formula as substances are filed: carbon and hydrogen first, the rest in order of the alphabet, a charge as ``+``, ``-2`` at the end.

    Raises:
        InputError: no formula.
    """
    clean = text.strip().translate(_SUBSCRIPTS).replace("\u2212", "-")
    body, sign, charge = re.fullmatch(r"(.*?)(?:([+-])(\d{0,2}))?", clean[:200], re.S).groups()  # type: ignore[union-attr]
    counts: dict[str, int] = {}
    at = 0
    for match in _ATOM.finditer(body):
        if match.start() != at:
            break
        at = match.end()
        counts[match[1]] = counts.get(match[1], 0) + int(match[2] or 1)
    if not counts or at != len(body) or len(clean) > 200:
        raise InputError(f"{text[:40]!r} is no molecular formula", where="search, formula", fix="write symbols and counts without brackets, as in C2H6O")
    first = [e for e in ("C", "H") if e in counts] if "C" in counts else []
    order = [*first, *sorted(e for e in counts if e not in first)]
    return "".join(e + (str(counts[e]) if counts[e] != 1 else "") for e in order) + (sign or "") + (charge if charge not in (None, "1") else "")
