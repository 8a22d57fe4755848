"""Argument checks shared by sizing and cost: numbers are checked, CasADi symbols pass (their bounds hold them)."""

from __future__ import annotations

from typing import Any

import numpy as np

from chemwright.errors import InputError
from chemwright.model.lower import is_symbolic


def require_positive(where: str, **named: Any) -> None:
    """Refuse a named argument that is not finite and > 0 everywhere.

    Args:
        where: name of the calling function, for the message.
        **named: floats or arrays of any shape; CasADi symbols are not checked.

    Raises:
        InputError: names the argument and its first bad value.
    """
    for name, value in named.items():
        if is_symbolic(value):
            continue
        array = np.atleast_1d(np.asarray(value, dtype=float))
        bad = ~(np.isfinite(array) & (array > 0))
        if bad.any():
            raise InputError(f"{name} = {array[bad][0]:g}, a finite number > 0 expected", where=where, fix=f"check {name} and its unit (SI)")
