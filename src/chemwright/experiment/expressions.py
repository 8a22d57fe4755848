"""The small language of constraints: read into a tree, checked for units, and worked out on arrays; never evaluated as code.

    rule       = [ 'if' condition 'then' ] condition
    condition  = and { 'or' and }          and = not { 'and' not }          not = [ 'not' ] comparison
    comparison = sum [ ( '<=' | '<' | '>=' | '>' | '==' | '!=' ) sum  |  'in' '[' text { ',' text } ']' ]
    sum        = product { ('+' | '-') product }          product = power { ('*' | '/') power }
    power      = [ '-' ] atom [ ('^' | '**') power ]
    atom       = number [ unit ] | name | text in quotes | function '(' sum { ',' sum } ')' | '(' condition ')'

A name with odd characters stands in backquotes. In a comparison without any unit the numbers are in each variable's own unit; once a number in it carries
a unit, all of it is worked out in SI and the dimensions must agree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from chemwright.errors import InputError, did_you_mean

MAX_TEXT = 1000
MAX_DEPTH = 40
FUNCTIONS = ("exp", "log", "log10", "sqrt", "abs", "min", "max")
_WORDS = ("if", "then", "and", "or", "not", "in")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)|(?P<text>\"[^\"]*\"|'[^']*')|`(?P<quoted>[^`]+)`"
    r"|(?P<name>[^\W\d][\w%°µ]*|%|°[CFK])|(?P<op><=|>=|==|!=|\*\*|[-+*/^()\[\],<>=]))"
)


@frozen
class Node:
    """A piece of a rule.

    Args:
        kind: ``number``, ``text``, ``name``, ``list``, a function's name, an operator, or ``and``, ``or``, ``not``, ``if``.
        parts: the pieces it is made of.
        value: the number, text or name.
        unit: of a number that carries one.
    """

    kind: str
    parts: tuple[Node, ...] = ()
    value: Any = None
    unit: str = ""

    def names(self) -> set[str]:
        """Variables that stand in it."""
        return ({self.value} if self.kind == "name" else set()) | {n for part in self.parts for n in part.names()}


@frozen
class _Token:
    kind: str
    value: str


@frozen(eq=False)
class Reader:
    """A rule's text with the names that it may use."""

    text: str
    known: Mapping[str, Any]
    where: str
    tokens: list[_Token] = field(factory=list)
    at: list[int] = field(factory=lambda: [0, 0])  # position, depth

    def fail(self, problem: str, fix: str = 'write it like 2*equiv + temperature/100 <= 5, or if base == "KOH" then temperature <= 360 K') -> InputError:
        """The error to raise."""
        return InputError(f"{problem} in {self.text!r}", where=self.where, fix=fix)

    def peek(self) -> _Token:
        """The next piece of text."""
        return self.tokens[self.at[0]]

    def take(self, *values: str) -> str | None:
        """The next piece when it is one of ``values``."""
        token = self.peek()
        if token.kind in ("op", "name") and token.value in values:
            self.at[0] += 1
            return token.value
        return None

    def need(self, value: str) -> None:
        """Pass over ``value``, which must come next."""
        if self.take(value) is None:
            raise self.fail(f"expected {value!r} and found {self.peek().value or 'the end'!r}")

    def deeper(self) -> None:
        """Count the depth, which is bounded."""
        self.at[1] += 1
        if self.at[1] > MAX_DEPTH:
            raise self.fail(f"more than {MAX_DEPTH} brackets within brackets", "write it as several constraints")


def read_rule(text: str, known: Mapping[str, Any], where: str = "constraint") -> Node:
    """The tree of a constraint.

    Args:
        text: as the user wrote it.
        known: variables by name (their records), for names and units.
        where: for messages.

    Raises:
        InputError: text outside the language, or a name that is no variable.
    """
    if len(text) > MAX_TEXT:
        raise InputError(f"a constraint of {len(text)} characters, at most {MAX_TEXT} expected", where=where, fix="write it as several constraints")
    reader = Reader(text, known, where)
    reader.tokens.extend(_tokens(reader))
    if reader.take("if"):
        condition = _or(reader)
        reader.need("then")
        out = Node("or", (Node("not", (condition,)), _or(reader)))
    else:
        out = _or(reader)
    if reader.peek().kind != "end":
        raise reader.fail(f"{reader.peek().value!r} is not expected")
    return out


def _tokens(reader: Reader) -> list[_Token]:
    out, at, text = [], 0, reader.text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise reader.fail(f"{text[at:].strip()[:1]!r} is not expected")
        kind = str(match.lastgroup)
        out.append(_Token(kind, match.group(kind)))
        at = match.end()
    return [*out, _Token("end", "")]


def _or(r: Reader) -> Node:
    left = _and(r)
    while r.take("or"):
        left = Node("or", (left, _and(r)))
    return left


def _and(r: Reader) -> Node:
    left = _not(r)
    while r.take("and"):
        left = Node("and", (left, _not(r)))
    return left


def _not(r: Reader) -> Node:
    r.deeper()
    out = Node("not", (_not(r),)) if r.take("not") else _comparison(r)
    r.at[1] -= 1
    return out


def _comparison(r: Reader) -> Node:
    left = _sum(r)
    if r.take("in"):
        return Node("in", (left, _list(r)))
    sign = r.take("<=", "<", ">=", ">", "==", "!=", "=")
    return left if sign is None else Node("==" if sign == "=" else sign, (left, _sum(r)))


def _list(r: Reader) -> Node:
    r.need("[")
    items = [_atom(r)]
    while r.take(","):
        items.append(_atom(r))
    r.need("]")
    return Node("list", tuple(items))


def _sum(r: Reader) -> Node:
    left = _product(r)
    while sign := r.take("+", "-"):
        left = Node(sign, (left, _product(r)))
    return left


def _product(r: Reader) -> Node:
    left = _power(r)
    while sign := r.take("*", "/"):
        left = Node(sign, (left, _power(r)))
    return left


def _power(r: Reader) -> Node:
    r.deeper()
    if r.take("-"):
        out = Node("-", (Node("number", value=0.0), _power(r)))
    else:
        out = _atom(r)
        if r.take("^", "**"):
            out = Node("^", (out, _power(r)))
    r.at[1] -= 1
    return out


def _atom(r: Reader) -> Node:
    token = r.peek()
    r.at[0] += token.kind != "end"
    if token.kind == "number":
        return Node("number", value=float(token.value), unit=_unit(r))
    if token.kind == "text":
        return Node("text", value=token.value[1:-1])
    if token.kind == "name" and token.value in FUNCTIONS and r.peek().value == "(":
        r.need("(")
        parts = [_sum(r)]
        while r.take(","):
            parts.append(_sum(r))
        r.need(")")
        if (len(parts) > 1) != (token.value in ("min", "max")):
            raise r.fail(f"{token.value} of {len(parts)}", "min and max take two or more, the others one")
        return Node(token.value, tuple(parts))
    if token.kind in ("name", "quoted") and not (token.kind == "name" and token.value in _WORDS):
        if token.value not in r.known:
            raise r.fail(f"{token.value!r} is no variable", did_you_mean(token.value, r.known) or "name a variable; levels stand in quotes")
        return Node("name", value=token.value)
    if token.kind == "op" and token.value == "(":
        inner = _or(r)
        r.need(")")
        return inner
    raise r.fail(f"{token.value or 'the end'!r} is not expected")


def _unit(r: Reader) -> str:
    """The unit behind a number: a name, and factors after it as long as they are units and no variables."""
    if r.peek().kind != "name" or r.peek().value in (*r.known, *_WORDS):
        return ""
    if not _is_unit(r, r.at[0]):
        raise r.fail(f"{r.peek().value!r} is no unit", "put a sign between a number and a name, and give units as in 360 K")
    out = ""
    while True:
        out += r.peek().value
        r.at[0] += 1
        sign, after = r.peek().value, min(r.at[0] + 1, len(r.tokens) - 1)
        if sign in ("^", "**") and r.tokens[after].kind == "number":
            out += f"^{r.tokens[after].value}"
            r.at[0] += 2
            sign, after = r.peek().value, min(r.at[0] + 1, len(r.tokens) - 1)
        if sign not in ("*", "/") or not _is_unit(r, after):
            return out
        out += sign
        r.at[0] += 1


def _is_unit(r: Reader, at: int) -> bool:
    from chemwright.errors import UnitError
    from chemwright.quantity import parse_unit

    token = r.tokens[at]
    if token.kind != "name" or token.value in r.known or token.value in _WORDS or (token.value in FUNCTIONS and r.tokens[at + 1].value == "("):
        return False
    try:
        parse_unit(token.value)
    except UnitError:
        return False
    return True
