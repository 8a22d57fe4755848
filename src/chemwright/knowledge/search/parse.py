"""Reading the query language: bounded, without evaluation, and with errors that say where, what was expected and what may have been meant."""

from __future__ import annotations

import re

from chemwright.errors import ChemwrightError, InputError, near_misses
from chemwright.knowledge.search.query import (
    FIELDS,
    KEYWORDS,
    And,
    Condition,
    Not,
    Or,
    PropertyRange,
    Query,
    Role,
    Similar,
    Substance,
    Text,
)  # fmt: skip
from chemwright.knowledge.vocabulary import Vocabulary, vocabulary
from chemwright.quantity.units import convert, factor
from chemwright.record.experiment import ROLES

MAX_QUERY = 10_000
MAX_DEPTH = 40
_NUMBER = re.compile(r"[+\-\u2212]?(?:\d{1,30}(?:\.\d{1,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,3})?")
_NAME = re.compile(r"[^\W\d]\w*(?:\[[^\]\s]*\])?")
_OPERATOR = re.compile(r">=|<=|=|>|<|\u2265|\u2264")
_PLUS_MINUS = re.compile(r"\+-|\+/-|\u00b1")
_RANGE_AHEAD = re.compile(_NUMBER.pattern + r"[^\s()\"]*\s*(?:[^\s()\",]+\s*)?(?:\.\.|\+-|\+/-|\u00b1)")
_SAME = {"\u2265": ">=", "\u2264": "<="}


def parse(text: str, words: Vocabulary | None = None) -> Query:
    """The query that a text means.

    Args:
        text: as ``substructure:"c1ccccc1C(=O)O" and boiling_point > 400 K and not label:doubtful``; see ``docs/how-to/search.md``.
        words: vocabulary of properties; the shipped one when None.

    Raises:
        InputError: where reading stopped, what was expected, near misses of names. UnitError: a unit of the wrong dimension.
    """
    if not isinstance(text, str) or not text.strip() or len(text) > MAX_QUERY:
        raise InputError(f"a query is a text of 1 to {MAX_QUERY} characters", where="query", fix="give words, or field:value, as in name:ethanol")
    return _Reader(text, words or vocabulary()).read()


class _Reader:
    """One pass over one text (private, so that the position has a place)."""

    def __init__(self, text: str, words: Vocabulary) -> None:
        self.text, self.words, self.at, self.depth = text, words, 0, 0

    def read(self) -> Query:
        out = self._any()
        self._blank()
        if self.at < len(self.text):
            raise self._error("this ')' closes nothing" if self.text[self.at] == ")" else "'and', 'or' or the end is expected", 'put text with brackets in "quotes"')
        return out

    # words and marks

    def _error(self, message: str, fix: str, at: int | None = None) -> InputError:
        at = self.at if at is None else at
        near = self.text[at : at + 20] or "the end"
        return InputError(f"{message}, at {near!r}", where=f"query, character {at + 1}", fix=fix)

    def _blank(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def _take(self, pattern: re.Pattern[str]) -> str:
        self._blank()
        match = pattern.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match.group()

    def _mark(self, *marks: str) -> bool:
        self._blank()
        for mark in marks:
            if self.text.startswith(mark, self.at):
                self.at += len(mark)
                return True
        return False

    def _word(self, *words: str) -> bool:
        """Take a keyword where one of these stands."""
        self._blank()
        match = re.compile(r"\w+").match(self.text, self.at)
        if match is None or match.group().lower() not in words or self.text[match.end() : match.end() + 1] == ":":
            return False
        self.at = match.end()
        return True

    def _value(self, what: str) -> str:
        """A quoted text, or characters up to a blank or a bracket that closes what was opened outside."""
        self._blank()
        if self.text.startswith('"', self.at):
            return self._quoted()
        start, depth = self.at, 0
        while self.at < len(self.text) and not self.text[self.at].isspace():
            c = self.text[self.at]
            depth += (c in "([") - (c in ")]")
            if depth < 0 or c == '"':
                break
            self.at += 1
        if start == self.at:
            raise self._error(f"{what} is expected", 'write it behind the colon, in "quotes" where it has blanks or brackets')
        return self.text[start : self.at]

    def _quoted(self) -> str:
        start = self.at
        out: list[str] = []
        self.at += 1
        while self.at < len(self.text):
            c = self.text[self.at]
            if c == '"':
                self.at += 1
                if not (text := "".join(out)).strip():
                    raise self._error("the quotes are empty", "write a value between them", start)
                return text
            if c == "\\" and self.text[self.at + 1 : self.at + 2] in ('"', "\\"):
                self.at += 1
                c = self.text[self.at]
            out.append(c)
            self.at += 1
        raise self._error("these quotes are not closed", 'put a " at the end of the value', start)

    # grammar

    def _any(self) -> Query:
        items = [self._all()]
        while self._word("or") or self._mark("||", "|"):
            items.append(self._all())
        return items[0] if len(items) == 1 else Or(items)

    def _all(self) -> Query:
        items = [self._one()]
        while True:
            if not (self._word("and") or self._mark("&&", "&")):
                self._blank()
                if self.at >= len(self.text) or self.text[self.at] in ")|" or self._peek("or"):
                    return items[0] if len(items) == 1 else And(items)
            items.append(self._one())

    def _peek(self, word: str) -> bool:
        start = self.at
        found = self._word(word)
        self.at = start
        return found

    def _one(self) -> Query:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self._error(f"more than {MAX_DEPTH} brackets and nots within one another", "simplify the query")
        try:
            if self._word("not") or self._mark("!", "~"):
                return Not(self._one())
            if self._mark("("):
                return self._bracket()
            return self._term()
        finally:
            self.depth -= 1

    def _bracket(self) -> Query:
        start = self.at - 1
        out = self._any()
        if not self._mark(")"):
            raise self._error("this '(' is not closed", "put a ')' where it ends", start)
        return out

    def _term(self) -> Query:
        self._blank()
        start = self.at
        if self.text.startswith('"', start):
            return Text(self._quoted())
        name = self._take(_NAME)
        if name and self.text.startswith(":", self.at):
            return self._field(name, start)
        if name and (self._ahead(_OPERATOR) or self._ahead(_RANGE_AHEAD)):
            return self._range(name, start)
        if name.lower() in KEYWORDS[:4] or (self.at >= len(self.text) and not name):
            raise self._error("a term is expected", "write a word, field:value, or property > number unit", start)
        self.at = start
        return Text(self._value("a word"))

    def _ahead(self, pattern: re.Pattern[str]) -> bool:
        start = self.at
        self._blank()
        found = pattern.match(self.text, self.at) is not None
        self.at = start
        return found

    def _field(self, name: str, start: int) -> Query:
        self.at += 1
        field, value_at = name.lower(), self.at
        if field in ("any", *ROLES):
            if self._mark("("):
                return Role(field, self._bracket())
            return Role(field, Substance(self._value(f"a substance in the role {field}")))
        if field not in FIELDS:
            own = self._take(_NAME)
            if own and self.words.get(f"{field}:{own.lower()}") is not None:
                return self._range(f"{field}:{own.lower()}", start)
            near = near_misses(field, [*FIELDS, *ROLES, "any"])
            hint = "did you mean " + " or ".join(f"{n}:" for n in near) + "?" if near else "fields are " + ", ".join(FIELDS) + ", and the roles " + ", ".join(("any", *ROLES))
            raise self._error(f"no field {name!r}", hint, start)
        if field == "has":
            own = self._take(re.compile(_NAME.pattern + r"(?::\w+)?"))
            return PropertyRange(self._property(own, value_at), conditions=self._conditions())
        value = self._value(f"a value for {field}")
        if field == "similar":
            return self._similar(value, value_at)
        try:
            return FIELDS[field](value)  # type: ignore[no-any-return]
        except InputError as error:
            raise self._error(error.message, error.fix, value_at) from None

    def _similar(self, smiles: str, at: int) -> Query:
        threshold, top = 0.0, None
        if self._mark(">=", "\u2265", ">"):
            threshold = self._number("a similarity from 0 to 1")
        if self._word("top"):
            top = int(self._number("a number of substances"))
            if not 0 < top <= 1_000_000:
                raise self._error("1 to 1000000 is expected", "write it like top 50")
        try:
            return Similar(smiles, threshold, top)
        except InputError as error:
            raise self._error(error.message, error.fix, at) from None

    # numbers

    def _number(self, what: str) -> float:
        text = self._take(_NUMBER)
        if not text:
            raise self._error(f"{what} is expected", "write it with a decimal point, as in 350 or 1.5e-3")
        number = float(text.replace("\u2212", "-"))
        if number in (float("inf"), float("-inf")):
            raise self._error("this number is too large", "give a number of ordinary size")
        return number

    def _unit(self) -> str:
        """The unit behind a number: a text without blanks outside brackets, or in quotes; empty when none is there."""
        self._blank()
        if self.text.startswith('"', self.at):
            return self._quoted()
        start, depth = self.at, 0
        while self.at < len(self.text):
            c = self.text[self.at]
            if depth == 0 and (c.isspace() or c in '),&|"' or self.text.startswith(("..", "+-", "+/-", "\u00b1"), self.at)):
                break
            depth += (c == "(") - (c == ")")
            self.at += 1
        unit = self.text[start : self.at]
        if unit.lower() in KEYWORDS or unit.startswith((">", "<", "=")):
            self.at = start
            return ""
        return unit

    def _property(self, name: str, at: int) -> str:
        try:
            item = self.words.find(name.partition("[")[0])
        except InputError as error:
            raise self._error(error.message, error.fix, at) from None
        if item.kind != "number":
            raise self._error(f"{item.name} has no number", "search it by text", at)
        return item.name + name[len(name.partition("[")[0]) :]

    def _range(self, given: str, start: int) -> Query:
        name = self._property(given, start)
        low, high, unit = self._ends(name)
        conditions = self._conditions()
        try:
            return PropertyRange(name, low, high, unit, conditions)
        except InputError as error:
            raise self._error(error.message, error.fix, start) from None

    def _conditions(self) -> tuple[Condition, ...]:
        out: list[Condition] = []
        if self._word("at"):
            while True:
                self._blank()
                start = self.at
                name = self._property(self._take(re.compile(_NAME.pattern.replace(r"(?:\[", r"(?::\w+)?(?:\["))), start)
                low, high, unit = self._ends(name) if self._ahead(_OPERATOR) or self._ahead(_NUMBER) else (None, None, "")
                scaled = [x if x is None or not unit else self._si(x, unit, name, start) for x in (low, high)]
                if None not in scaled and scaled[0] > scaled[1]:  # type: ignore[operator]
                    raise self._error(f"{name} from {low} to {high}", "put the smaller number first", start)
                out.append(Condition(name, *scaled))
                if not self._mark(","):
                    break
        return tuple(out)

    def _si(self, value: float, unit: str, name: str, at: int) -> float:
        target = self._si_unit(name)
        try:
            return float(f"{convert(value, unit, target, f'query, {name}'):.12g}")
        except ChemwrightError as error:
            raise type(error)(error.message, where=f"query, character {at + 1}", fix=error.fix) from None

    def _si_unit(self, name: str) -> str:
        return self.words.find(name.partition("[")[0]).unit

    def _ends(self, name: str) -> tuple[float | None, float | None, str]:
        """(low, high, unit) of what stands behind a name."""
        at = self.at
        operator = self._take(_OPERATOR)
        operator = _SAME.get(operator, operator)
        first = self._number("a number")
        unit = self._unit()
        low: float | None = first
        high: float | None = first
        if self._mark(".."):
            high = self._number("the upper end of the range")
            upper = self._unit()
            low, unit = self._together(first, unit, upper, name, at)
        elif self._take(_PLUS_MINUS):
            low, high = self._tolerance(first, unit, name, at)
        self._known(unit, name, at)
        if operator in (">", ">="):
            return (low, None, unit) if low == high else (low, high, unit)
        if operator in ("<", "<="):
            return (None, high, unit) if low == high else (low, high, unit)
        return low, high, unit

    def _known(self, unit: str, name: str, at: int) -> None:
        """Refuse a unit of another dimension where the query is read, not where it is run."""
        try:
            if unit:
                factor(unit, self._si_unit(name))
        except ChemwrightError as error:
            raise type(error)(error.message, where=f"query, character {at + 1}, {name}", fix="; ".join(t for t in (error.fix, "words of the text go behind 'and'") if t)) from None

    def _together(self, low: float, unit: str, upper: str, name: str, at: int) -> tuple[float, str]:
        """The lower end in the unit of the upper one, where both have one."""
        if not unit or not upper or unit == upper:
            return low, upper or unit
        try:
            return convert(low, unit, upper), upper
        except ChemwrightError as error:
            raise type(error)(error.message, where=f"query, character {at + 1}, {name}", fix=error.fix) from None

    def _tolerance(self, middle: float, unit: str, name: str, at: int) -> tuple[float, float]:
        """Ends from ``middle +- width``, the width in the same unit, in another, or in per cent."""
        width = self._number("a tolerance")
        given = self._unit()
        if given == "%" and unit != "%":
            width = abs(middle) * width / 100.0
        elif given and given != unit:
            try:
                width *= factor(given, unit or self._si_unit(name))[0]
            except ChemwrightError as error:
                raise type(error)(error.message, where=f"query, character {at + 1}, {name}", fix=error.fix) from None
        return middle - abs(width), middle + abs(width)
