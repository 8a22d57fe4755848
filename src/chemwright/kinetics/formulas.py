"""Element counts of formulas."""

from __future__ import annotations

import re
from collections import Counter

from chemwright.errors import InputError


def elements_of(formula: str, where: str = "") -> dict[str, int]:
    """Element counts of a formula like ``C6H3F2NO2`` or ``Ca(OH)2``.

    Raises:
        InputError: not a formula.
    """
    if not isinstance(formula, str) or not formula or len(formula) > 200:
        raise InputError(f"can't read the formula {str(formula)[:60]!r}", where=where, fix="write it like C2H6O")
    stack: list[Counter[str]] = [Counter()]
    at = 0
    for match in re.finditer(r"([A-Z][a-z]?)(\d{0,4})|(\()|\)(\d{0,4})", formula):
        if match.start() != at:
            break
        at = match.end()
        if match.group(1):
            stack[-1][match.group(1)] += int(match.group(2) or 1)
        elif match.group(3):
            stack.append(Counter())
        elif len(stack) > 1:
            for element, n in stack.pop().items():
                stack[-1][element] += n * int(match.group(4) or 1)
        else:
            at = -1
            break
    if at != len(formula) or len(stack) != 1:
        raise InputError(f"can't read the formula {formula!r}", where=where, fix="write it like C2H6O, with brackets closed and no charge")
    return dict(stack[0])
