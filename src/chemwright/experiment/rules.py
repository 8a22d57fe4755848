"""A constraint ready for use: checked against the variables, worked out on whole arrays, and as a linear inequality where it is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from chemwright.errors import InputError, UnitError, did_you_mean
from chemwright.experiment.expressions import FUNCTIONS, Node, read_rule
from chemwright.experiment.units import dimension, from_si, to_si
from chemwright.record import Variable

Array = NDArray[np.float64]
Columns = Mapping[str, Array]
LOGIC = ("and", "or", "not")
SIGNS = ("<=", "<", ">=", ">", "==", "!=")
_SLACK = 1e-9  # relative: a limit met to rounding is met
_APPLY: dict[str, Callable[..., Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power,
    "exp": np.exp, "log": np.log, "log10": np.log10, "sqrt": np.sqrt, "abs": np.abs, "min": np.minimum, "max": np.maximum,
}  # fmt: skip


@frozen(eq=False)
class Rule:
    """A constraint in use.

    Args:
        text: as the user wrote it.
        tree: what it says.
        variables: by name.
        where: for messages.
    """

    text: str
    tree: Node
    variables: Mapping[str, Variable] = field(repr=False)
    where: str = "constraint"

    def holds(self, columns: Columns) -> NDArray[np.bool_]:
        """Whether it holds, for columns of SI numbers and level positions; shape (n,). Where it can't be worked out (log of a negative number) it does not."""
        with np.errstate(all="ignore"):
            return np.asarray(_truth(self.tree, self, columns), bool)

    def linear(self) -> list[tuple[dict[str, float], float]] | None:
        """As inequalities sum(coefficient * SI value) <= limit, when that is all it says; None otherwise."""
        return _linear(self.tree, self)


def make_rule(text: str, variables: Sequence[Variable], where: str = "constraint") -> Rule:
    """Read and check a constraint.

    Raises:
        InputError: outside the language, an unknown variable or level. UnitError: dimensions that don't agree.
    """
    known = {v.name: v for v in variables}
    rule = Rule(text, read_rule(text, known, where), known, where)
    _check(rule.tree, rule)
    return rule


def _fail(rule: Rule, problem: str, fix: str) -> InputError:
    return InputError(f"{problem} in {rule.text!r}", where=rule.where, fix=fix)


def _check(node: Node, rule: Rule) -> None:
    """Truths where truths belong, numbers where numbers belong, levels that exist, dimensions that agree."""
    if node.kind in LOGIC:
        for part in node.parts:
            _check(part, rule)
    elif node.kind in (*SIGNS, "in"):
        if _is_level(node.parts[0], rule) or any(p.kind in ("text", "list") for p in node.parts):
            _level_mask(node, rule)
            return
        for part in node.parts:
            _numeric(part, rule)
        if _strict(node):
            _same(node.parts, rule)
    else:
        raise _fail(rule, "no comparison", "say what must hold, as in temperature <= 360 K")


def _is_level(node: Node, rule: Rule) -> bool:
    return node.kind == "name" and rule.variables[node.value].kind == "categorical"


def _level_mask(node: Node, rule: Rule) -> NDArray[np.bool_]:
    """For a comparison of a categorical variable: which of its levels agree."""
    left, right = node.parts
    if left.kind == "text" and _is_level(right, rule):
        left, right = right, left
    if not _is_level(left, rule) or node.kind not in ("==", "!=", "in") or (node.kind == "in") != (right.kind == "list"):
        raise _fail(rule, "levels can only be compared", 'write base == "KOH", base != "KOH" or base in ["KOH", "NaOH"]')
    levels = rule.variables[left.value].levels
    asked = right.parts if right.kind == "list" else (right,)
    for item in asked:
        if item.kind != "text":
            raise _fail(rule, f"{left.value!r} has levels, not numbers", 'put the level in quotes, as in base == "KOH"')
        if item.value not in levels:
            raise _fail(rule, f"{item.value!r} is no level of {left.value!r}", did_you_mean(item.value, levels))
    mask = np.isin(np.array(levels), [item.value for item in asked])
    return ~mask if node.kind == "!=" else mask


def _numeric(node: Node, rule: Rule) -> None:
    if node.kind in ("text", "list", "in", *LOGIC, *SIGNS):
        raise _fail(rule, "a number is expected where there is a text or a comparison", "compare numbers with numbers")
    if _is_level(node, rule):
        raise _fail(rule, f"{node.value!r} has levels, not numbers", 'compare it as in base == "KOH"')
    for part in node.parts:
        _numeric(part, rule)


def _strict(node: Node) -> bool:
    """Whether any number of a comparison carries a unit: all is SI then."""
    return bool(node.unit) or any(_strict(part) for part in node.parts)


def _same(parts: Sequence[Node], rule: Rule) -> Any:
    """The common dimension of terms (a power per base dimension); a bare zero fits any."""
    found = [d for part in parts if (d := _dimension(part, rule)) is not None]
    if found and any(d != found[0] for d in found):
        raise UnitError(f"terms of different dimension in {rule.text!r}", where=rule.where, fix="give every number its unit, as in temperature <= 360 K")
    return found[0] if found else None


def _dimension(node: Node, rule: Rule) -> Any:
    """Dimension of a sub-expression; None for a bare zero, which fits any."""
    if node.kind == "number":
        return None if node.value == 0 and not node.unit else dimension(node.unit or "1", rule.where)
    if node.kind == "name":
        return dimension(rule.variables[node.value].unit, rule.where)
    if node.kind in ("+", "-", "min", "max"):
        return _same(node.parts, rule)
    inner = [_dimension(p, rule) or dimension("1") for p in node.parts]
    if node.kind in ("*", "/"):
        return inner[0] * inner[1] if node.kind == "*" else inner[0] / inner[1]
    if node.kind == "^" and node.parts[1].kind == "number":
        return inner[0] ** node.parts[1].value
    if node.kind in ("abs", "sqrt"):
        return inner[0] ** (0.5 if node.kind == "sqrt" else 1)
    if any(d != dimension("1") for d in inner):
        raise UnitError(f"{node.kind} of a quantity with a unit in {rule.text!r}", where=rule.where, fix="divide by a quantity of the same unit first")
    return dimension("1")


def _truth(node: Node, rule: Rule, columns: Columns) -> Any:
    if node.kind == "and":
        return _truth(node.parts[0], rule, columns) & _truth(node.parts[1], rule, columns)
    if node.kind == "or":
        return _truth(node.parts[0], rule, columns) | _truth(node.parts[1], rule, columns)
    if node.kind == "not":
        return ~_truth(node.parts[0], rule, columns)
    if any(p.kind in ("text", "list") for p in node.parts):
        name = next(p.value for p in node.parts if p.kind == "name")
        return _level_mask(node, rule)[columns[name].astype(np.int64)]
    si = _strict(node)
    n = len(next(iter(columns.values())))
    a, b = (np.broadcast_to(_number(p, rule, columns, si), n) for p in node.parts)
    slack = _SLACK * np.maximum(np.abs(a), np.abs(b))
    difference = a - b
    said = {"<=": difference <= slack, "<": difference < -slack, ">=": difference >= -slack, ">": difference > slack, "==": abs(difference) <= slack, "!=": abs(difference) > slack}
    return said[node.kind] & np.isfinite(difference)


def _number(node: Node, rule: Rule, columns: Columns, si: bool) -> Any:
    if node.kind == "number":
        return to_si(node.value, node.unit, rule.where) if node.unit else node.value
    if node.kind == "name":
        values = columns[node.value]
        return values if si else from_si(values, rule.variables[node.value].unit)
    parts = [_number(p, rule, columns, si) for p in node.parts]
    out = _APPLY[node.kind](*parts[:2]) if len(parts) > 1 else _APPLY[node.kind](parts[0])
    for more in parts[2:]:  # min and max of three or more
        out = _APPLY[node.kind](out, more)
    return out


def _linear(node: Node, rule: Rule) -> list[tuple[dict[str, float], float]] | None:
    if node.kind == "and":
        both = [_linear(p, rule) for p in node.parts]
        return None if any(b is None for b in both) else [row for b in both for row in b or ()]
    if node.kind not in ("<=", "<", ">=", ">", "==") or any(p.kind in ("text", "list") for p in node.parts):
        return None
    si = _strict(node)
    a, b = (_affine(p, rule, si) for p in node.parts)
    if a is None or b is None:
        return None
    slope = {name: a[0].get(name, 0.0) - b[0].get(name, 0.0) for name in {**a[0], **b[0]}}
    limit = b[1] - a[1]
    below, above = (slope, limit), ({k: -v for k, v in slope.items()}, -limit)
    return [below] if node.kind in ("<=", "<") else [above] if node.kind in (">=", ">") else [below, above]


def _affine(node: Node, rule: Rule, si: bool) -> tuple[dict[str, float], float] | None:
    """Slopes on SI values and constant, when the expression is affine."""
    if node.kind == "number":
        return {}, to_si(node.value, node.unit, rule.where) if node.unit else node.value
    if node.kind == "name":
        if si:
            return {node.value: 1.0}, 0.0
        unit = rule.variables[node.value].unit
        zero, one = (float(from_si(np.array(x), unit)) for x in (0.0, 1.0))
        return {node.value: one - zero}, zero
    parts = [_affine(p, rule, si) for p in node.parts]
    if node.kind in FUNCTIONS or node.kind == "^" or any(p is None for p in parts):
        return None
    (sa, ca), (sb, cb) = parts[0] or ({}, 0.0), parts[1] or ({}, 0.0)
    if node.kind in ("+", "-"):
        sign = 1.0 if node.kind == "+" else -1.0
        return {k: sa.get(k, 0.0) + sign * sb.get(k, 0.0) for k in {**sa, **sb}}, ca + sign * cb
    if node.kind == "*" and (not sa or not sb):
        scale, slope, constant = (ca, sb, cb) if not sa else (cb, sa, ca)
        return {k: scale * v for k, v in slope.items()}, scale * constant
    if node.kind == "/" and not sb and cb != 0:
        return {k: v / cb for k, v in sa.items()}, ca / cb
    return None
