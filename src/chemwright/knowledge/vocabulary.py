"""The vocabulary: which properties there are, in which unit, within which bounds, under which names (English and Chinese).

The table is ``data/vocabulary/properties.csv``, read with the standard library on first use; units are text here and are parsed only
where a number is converted, so that a look-up costs a dictionary access.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files

from attrs import evolve

from chemwright.errors import InputError, UnitError
from chemwright.knowledge.properties import Property, read_properties
from chemwright.quantity.units import dimension_text, parse_unit

OWN_NAME = re.compile(r"[^\W\d]\w{0,39}:[^\W\d]\w{0,79}")
_GAPS = re.compile(r"[\s_\-‐‑–—]+")
_MAX_NAME = 200
_MAX_TEXT = 80  # of a misspelt name: what is compared in spelling
_NEAR = 0.6


def folded(text: str) -> str:
    """The form in which names are compared: no capitals, full-width letters as ordinary ones, one ``_`` for blanks, ``_`` and hyphens."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return _GAPS.sub("_", plain.strip())


def _likeness(given: str, known: str) -> float:
    """How near two folded names are, 0 to 1: spelling, or a share of 0.7 and more where one holds the words of the other."""
    if not given or not known:
        return 0.0
    share = min(len(given), len(known)) / max(len(given), len(known))
    contained = set(given.split("_")) <= set(known.split("_")) if given.isascii() else len(given) > 1 and (given in known or known in given)
    score = 0.7 + 0.3 * share if contained else 0.0
    if 2.0 * share / (1.0 + share) < _NEAR:  # lengths too different for the ratio to reach the mark
        return score
    matcher = difflib.SequenceMatcher(None, known, given, autojunk=False)
    return max(score, matcher.ratio()) if matcher.quick_ratio() >= _NEAR else score


class Vocabulary:
    """Properties by name, alias and Chinese name; made once and never changed (:meth:`with_own` returns a new one).

    Args:
        properties: the table, parents in any order.

    Raises:
        InputError: a name, alias or Chinese name that is taken, a parent that is missing, of another dimension, or its own ancestor.
    """

    def __init__(self, properties: Iterable[Property]) -> None:
        self._properties: dict[str, Property] = {}
        self._names: dict[str, Property] = {}
        for item in properties:
            self._add(item)
        self._check_tree()

    def __iter__(self) -> Iterator[Property]:
        """The properties in the order of the table."""
        return iter(self._properties.values())

    def __len__(self) -> int:
        return len(self._properties)

    def __contains__(self, text: object) -> bool:
        """Whether :meth:`find` knows this text."""
        return isinstance(text, str) and (text in self._properties or folded(text) in self._names)

    def _add(self, item: Property) -> None:
        for text in (item.name, *item.aliases, item.zh):
            key = folded(text)
            taken = self._names.get(key) if key else None
            if taken is not None and not (taken is item and text != item.name):
                raise InputError(f"{text!r} is already a name of {taken.name!r}", where=f"property {item.name!r}", fix="choose another name, or leave this one out")
            if key:
                self._names[key] = item
        self._properties[item.name] = item

    def _check_tree(self) -> None:
        for item in self:
            seen = {item.name}
            above = item.parent
            while above:
                if above not in self._properties:
                    raise InputError(f"parent {above!r} is not in the vocabulary", where=f"property {item.name!r}", fix=self._hint(above))
                if above in seen:
                    raise InputError(f"is its own ancestor through {above!r}", where=f"property {item.name!r}", fix="name a wider property as the parent, or none")
                seen.add(above)
                above = self._properties[above].parent
            if item.parent and item.dimension != self._properties[item.parent].dimension:
                wide = self._properties[item.parent]
                raise InputError(
                    f"unit {item.unit!r}, its parent {wide.name!r} has {wide.unit!r}", where=f"property {item.name!r}", fix="a narrower property has the dimension of its parent"
                )

    def get(self, name: str) -> Property | None:
        """The property of exactly this name, or None."""
        return self._properties.get(name)

    def find(self, text: str, where: str = "") -> Property:
        """The property that ``text`` names: its name, an alias or its Chinese name; capitals, blanks, ``_`` and hyphens don't matter.

        Raises:
            InputError: no such property, with near misses.
        """
        found = self._properties.get(text) if isinstance(text, str) else None
        if found is None and isinstance(text, str) and len(text) <= _MAX_NAME:
            found = self._names.get(folded(text))
        if found is None:
            shown = text if not isinstance(text, str) or len(text) <= 60 else text[:57] + "..."
            raise InputError(f"no property {shown!r} in the vocabulary", where=where, fix=self._hint(text))
        return found

    def near(self, text: str, n: int = 3) -> list[str]:
        """Names of up to ``n`` properties near ``text``: those with this symbol, then by spelling, shared words or, in Chinese, a shared part."""
        key = folded(str(text)[:_MAX_TEXT])
        out = dict.fromkeys(item.name for item in self if text == item.symbol)
        scores: dict[str, float] = {}
        for known, item in self._names.items():
            scores[item.name] = max(scores.get(item.name, 0.0), _likeness(key, known))
        ranked = sorted((name for name, score in scores.items() if score >= _NEAR), key=lambda name: -scores[name])
        return list(dict.fromkeys([*out, *ranked]))[:n]

    def _hint(self, text: object) -> str:
        near = self.near(text) if isinstance(text, str) else []
        if near:
            return "did you mean " + " or ".join(repr(name) for name in near) + "?"
        return "see the list of properties, or add it under a name of your own such as 'mygroup:my_property'"

    def children(self, name: str) -> tuple[Property, ...]:
        """The properties whose parent is ``name``, in the order of the table.

        Raises:
            InputError: no such property.
        """
        parent = self.find(name).name
        return tuple(item for item in self if item.parent == parent)

    def family(self, name: str) -> tuple[Property, ...]:
        """A property and the narrower ones that bear its name: ``normal_boiling_point`` is of the family of ``boiling_point``, but not of ``temperature``.

        Raises:
            InputError: no such property.
        """
        head = self.find(name)
        out = [head]
        for item in out:
            out += [c for c in self.children(item.name) if head.name in c.name]
        return tuple(out)

    def in_category(self, category: str) -> tuple[Property, ...]:
        """The properties of a category, in the order of the table.

        Raises:
            InputError: no property has this category, with near misses.
        """
        out = tuple(item for item in self if item.category == category)
        if not out:
            raise InputError(f"no category {category!r}", fix="known: " + ", ".join(self.categories()))
        return out

    def categories(self) -> dict[str, int]:
        """The categories in the order of the table, and how many properties each has."""
        out: dict[str, int] = {}
        for item in self:
            out[item.category] = out.get(item.category, 0) + 1
        return out

    def with_own(self, properties: Iterable[Property]) -> Vocabulary:
        """A vocabulary with a user's own properties added, each named ``group:name`` (letters of any script, digits and ``_``).

        Raises:
            InputError: a name without a group or with other characters, or one that is taken; a parent that is missing or has another dimension.
            UnitError: a unit that can't be read.
        """
        return Vocabulary([*self, *(_own(item) for item in properties)])


def _own(item: Property) -> Property:
    """A user's property, its name checked, its unit parsed and its dimension filled in."""
    where = f"property {item.name!r}"
    if not OWN_NAME.fullmatch(item.name) or item.name != item.name.casefold():
        raise InputError("a name of your own is 'group:name' in small letters, digits and '_'", where=where, fix="name it like 'mygroup:drop_hardness'")
    parse_unit(item.unit, where)
    dimension = dimension_text(item.unit)
    if item.dimension not in ("", dimension):
        raise UnitError(f"unit {item.unit!r} has the dimension {dimension!r}, not {item.dimension!r}", where=where, fix="leave the dimension empty: the unit says it")
    return evolve(item, dimension=dimension)


def own_properties(text: str, where: str = "own properties", columns: Mapping[str, str] | None = None) -> tuple[Property, ...]:
    """A user's properties from CSV text; ``name``, ``unit`` and ``description`` must be filled, the other columns may be missing.

    Args:
        text: CSV with a header out of the columns of the vocabulary.
        where: the file's name, for errors.
        columns: values for columns that the file lacks, as ``{"category": "quality"}``.

    Raises:
        InputError: an unknown or missing column, or a cell out of range; file, row and column are named.
    """
    return read_properties(text, where, columns)


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The vocabulary that ships with the package."""
    table = files("chemwright") / "data" / "vocabulary" / "properties.csv"
    return Vocabulary(read_properties(table.read_text(encoding="utf-8"), "vocabulary/properties.csv"))
