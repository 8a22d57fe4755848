"""The narrow grammar of unit text: names, exponents, ``*`` ``/`` and brackets, nothing else.

Text is bounded in length, depth, factors and exponent and is never evaluated, so no input can run code or exhaust the machine.

    unit     = product { '/' product }          a product without brackets after '/' holds one factor
    product  = factor { ('*' | space) factor }
    factor   = ( name | '1' | '(' unit ')' ) [ exponent ]
    exponent = [ '^' | '**' ] number            'm^3', 'm**3', 'm3', 's-1', 'm^(1/2)'
"""

from __future__ import annotations

import re

from chemwright.errors import UnitError

MAX_TEXT = 80
MAX_EXPONENT = 9.0
MAX_DEPTH = 5
HOW = "write it like 'kg/m^3', 'mol/(L min)' or 'degC'"

_TOKEN = re.compile(
    r"(?P<space>\s*)(?:(?P<power>(?:\*\*|\^)\s*)?(?P<number>[+-]?[0-9]{1,3}(?:\.[0-9]{1,3})?)"
    r"|(?P<power_open>(?:\*\*|\^)\s*\(\s*)(?P<over>[+-]?[0-9]{1,2}(?:\.[0-9]{1,3})?)\s*(?:/\s*(?P<under>[1-9])\s*)?\)"
    r"|(?P<name>[A-Za-z%_]+)|(?P<op>[*/()]))"
)
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
# look-alikes: micro and Greek mu, the minus and dashes of word processors, dots for a product, one-character degrees
_LOOKALIKE = str.maketrans({"µ": "u", "μ": "u", "−": "-", "–": "-", "‐": "-", "‑": "-", "·": "*", "⋅": "*", "×": "*", "∙": "*", "º": "°", "℃": "°C", "℉": "°F"})
_SPELLINGS = (
    (re.compile(r"[⁻⁺⁰¹²³⁴-⁹]+"), lambda m: "^" + m.group().translate(_SUPERSCRIPT)),
    (re.compile(r"(?:\bdeg|°)\s*([CFK])\b"), lambda m: "K" if m.group(1) == "K" else "deg" + m.group(1)),
    (re.compile(r"°"), lambda m: "degree"),
    (re.compile(r"\b(wt|mol|vol|mass)[ .-]{0,2}%"), lambda m: "percent"),
    (re.compile(r"\b(bar|psi) ?\(([ag])\)"), lambda m: m.group(1) + m.group(2)),
    (re.compile(r"\b([kM]?)\$"), lambda m: m.group(1) + "USD"),
    (re.compile(r"\$"), lambda m: "USD"),
    (re.compile(r"([kM]?)€"), lambda m: m.group(1) + "EUR"),
    (re.compile(r"([kM]?)[¥¥]"), lambda m: m.group(1) + "CNY"),
)


def plain(text: str) -> str:
    """``text`` with look-alike characters (micro sign, minus, superscripts, degree, currency) in their ASCII spelling."""
    out = text.translate(_LOOKALIKE)
    for pattern, spelling in _SPELLINGS:
        out = pattern.sub(spelling, out)
    return out


def read_unit(text: str, where: str = "") -> dict[str, float]:
    """The factors of a unit and their exponents, as ``{'kg': 1.0, 'm': -3.0}`` for ``'kg/m^3'``; empty for none (``'1'``, ``'-'``, ``''``).

    Raises:
        UnitError: text outside the grammar, too long, too deep, or with an absurd exponent.
    """
    if len(text) > MAX_TEXT:
        raise UnitError(f"unit text of {len(text)} characters, at most {MAX_TEXT} expected", where=where, fix="shorten the unit")
    clean = plain(text).strip()
    if clean in ("", "-", "1"):
        return {}
    return _Reader(text, clean, where).read()


class _Reader:
    """One pass over one unit text (private, so that position and depth have a place)."""

    def __init__(self, text: str, clean: str, where: str) -> None:
        self.text, self.clean, self.where, self.pos = text, clean, where, 0
        self.token = self._next()

    def read(self) -> dict[str, float]:
        out = self._unit(0)
        if self.token is not None:
            raise self._error(f"brackets don't match in the unit {self.text!r}", "open a '(' for every ')'")
        for name, exponent in out.items():
            if abs(exponent) > MAX_EXPONENT:
                raise self._error(f"exponent {exponent:g} of {name!r} in the unit {self.text!r}, at most {MAX_EXPONENT:g} expected", "check the exponent")
        return out

    def _error(self, message: str, fix: str = HOW) -> UnitError:
        return UnitError(message, where=self.where, fix=fix)

    def _next(self) -> re.Match[str] | None:
        if self.pos >= len(self.clean):
            return None
        match = _TOKEN.match(self.clean, self.pos)
        if match is None:
            raise self._error(f"can't read the unit {self.text!r} at {self.clean[self.pos : self.pos + 8]!r}")
        self.pos = match.end()
        return match

    def _op(self) -> str:
        return (self.token["op"] or "") if self.token is not None else ""

    def _unit(self, depth: int) -> dict[str, float]:
        """Products and quotients up to the closing bracket or the end."""
        if depth > MAX_DEPTH:
            raise self._error(f"more than {MAX_DEPTH} nested brackets in the unit {self.text!r}", "simplify the unit")
        out = self._factor(depth)
        divided = False
        while self.token is not None and self._op() != ")":
            sign, op = 1.0, self._op()
            if op in ("*", "/"):
                sign, divided = (-1.0, True) if op == "/" else (1.0, divided)
                self.token = self._next()
            elif divided:
                raise self._error(f"the unit {self.text!r} can be read in two ways", "bracket what stands below the line, as in 'J/(mol K)'")
            for name, exponent in self._factor(depth).items():
                out[name] = out.get(name, 0.0) + sign * exponent
        return out

    def _factor(self, depth: int) -> dict[str, float]:
        """A name, ``1`` or a bracket, with its exponent."""
        token = self.token
        if token is None:
            raise self._error(f"the unit {self.text!r} ends too early")
        if name := token["name"]:
            base = {name: 1.0}
        elif token["op"] == "(":
            self.token = self._next()
            base = self._unit(depth + 1)
            if self._op() != ")":
                raise self._error(f"brackets don't match in the unit {self.text!r}", "close every '('")
        elif token["number"] == "1" and not token["power"]:
            base = {}
        elif token["number"] and not token["power"]:
            raise self._error(f"number {token['number']!r} inside the unit {self.text!r}", "a unit holds names and exponents only, as in 'kg/m^3'")
        else:
            raise self._error(f"can't read the unit {self.text!r} at {token.group().strip()!r}")
        self.token = self._next()
        power = self._exponent()
        return {key: exponent * power for key, exponent in base.items()}

    def _exponent(self) -> float:
        """The exponent that follows a factor, 1 when none does."""
        token = self.token
        if token is None or not (token["number"] or token["over"]):
            return 1.0
        if not (token["power"] or token["power_open"]) and token["space"]:
            raise self._error(f"number {token['number']!r} inside the unit {self.text!r}", "write an exponent without a space, as in 'm^3'")
        self.token = self._next()
        if self.token is not None and (self.token["number"] or self.token["over"]):
            raise self._error(f"repeated exponent in the unit {self.text!r}", "write one exponent, as in 'm^3'")
        power = float(token["number"]) if token["number"] else float(token["over"]) / float(token["under"] or 1)
        if abs(power) > MAX_EXPONENT:
            raise self._error(f"exponent {power:g} in the unit {self.text!r}, at most {MAX_EXPONENT:g} expected", "check the exponent")
        return power
