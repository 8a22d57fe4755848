"""Elementary functions that accept floats, numpy arrays and CasADi symbols, so that an equation is written once."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np


def is_symbolic(*args: Any) -> bool:
    """Whether any argument is a CasADi SX or MX expression (CasADi is not loaded to find out)."""
    casadi = sys.modules.get("casadi")
    return casadi is not None and any(isinstance(a, casadi.SX | casadi.MX) for a in args)


def exp(x: Any) -> Any:
    """Exponential, elementwise."""
    return sys.modules["casadi"].exp(x) if is_symbolic(x) else np.exp(x)


def log(x: Any) -> Any:
    """Natural logarithm, elementwise."""
    return sys.modules["casadi"].log(x) if is_symbolic(x) else np.log(x)


def log1p(x: Any) -> Any:
    """ln(1 + x), elementwise."""
    return sys.modules["casadi"].log1p(x) if is_symbolic(x) else np.log1p(x)


def sqrt(x: Any) -> Any:
    """Square root, elementwise."""
    return sys.modules["casadi"].sqrt(x) if is_symbolic(x) else np.sqrt(x)


def tanh(x: Any) -> Any:
    """Hyperbolic tangent, elementwise."""
    return sys.modules["casadi"].tanh(x) if is_symbolic(x) else np.tanh(x)


def fmax(a: Any, b: Any) -> Any:
    """Larger of two, elementwise."""
    return sys.modules["casadi"].fmax(a, b) if is_symbolic(a, b) else np.maximum(a, b)


def where(test: Any, a: Any, b: Any) -> Any:
    """``a`` where a test holds, else ``b``, elementwise."""
    return sys.modules["casadi"].if_else(test, a, b) if is_symbolic(test, a, b) else np.where(test, a, b)
