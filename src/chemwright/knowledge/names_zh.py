"""Chinese names of substances (``data/core/names_zh.csv``): exact look-up to a CAS number, and near misses.

A name is common knowledge; what it is worth is that the tests hold each row against the identifier tables: the CAS number must be there
and be the one that the English name beside it means. The list is read with the standard library on first use.
"""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

_CHINESE = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58]")
_PRIMES = re.compile("[\u2018\u2019\u2032`]")
_LOCANTS = re.compile(r"(?<=\d)\.(?=\d)")
_BRACKETS = str.maketrans("\u3010\u3011\u3014\u3015\u3001", "[][],")
_CONFUSED = str.maketrans("已巳醯脂笨本纳淳氨铵按黄璜琳炭司", "己己酰酯苯苯钠醇胺胺胺磺磺啉碳斯")
MAX_NAME = 60
"""Characters of a Chinese name that are compared in spelling; the longest in the list has 23."""


def is_chinese(text: str) -> bool:
    """Whether a text has a Chinese character."""
    return _CHINESE.search(text) is not None


def folded(name: str) -> str:
    """The form in which Chinese names are compared: full-width forms as ordinary ones, ``1、2`` and ``1.2`` as ``1,2``, one kind of dash and prime, no blanks, no capitals."""
    plain = unicodedata.normalize("NFKC", name).casefold().translate(_BRACKETS)
    plain = _PRIMES.sub("'", _DASHES.sub("-", plain))
    return _LOCANTS.sub(",", "".join(plain.split()))


def cas_of(name: str) -> str:
    """The CAS number of a Chinese name; empty when the list doesn't hold it."""
    found = _table().get(folded(name)) if is_chinese(name) else None
    return found[1] if found is not None else ""


def names_of(cas: str) -> tuple[str, ...]:
    """The Chinese names of a CAS number, in the order of the list; empty when it has none."""
    return _by_cas().get(cas, ())


def near_names_zh(text: str, n: int = 3) -> list[str]:
    """Up to ``n`` Chinese names near ``text`` in spelling, one for each substance, nearest first.

    A short name may differ in one character of two; a longer one must share most of its characters. Characters that are often taken
    for each other, as 脂 and 酯, count as one here (the exact look-up tells them apart).
    """
    word = folded(text[:MAX_NAME]).translate(_CONFUSED)
    least = 0.5 if len(word) < 4 else 0.7
    matcher = difflib.SequenceMatcher(None, autojunk=False)
    matcher.set_seq2(word)
    ranked: list[tuple[float, int, str, str]] = []
    for place, (key, (name, cas)) in enumerate(_table().items()):
        matcher.set_seq1(key.translate(_CONFUSED))
        if matcher.real_quick_ratio() >= least and matcher.quick_ratio() >= least and (ratio := matcher.ratio()) >= least:
            ranked.append((-ratio, place, name, cas))
    out: dict[str, str] = {}
    for _, _, name, cas in sorted(ranked):
        out.setdefault(cas, name)
    return list(out.values())[:n]


@lru_cache(maxsize=1)
def _table() -> Mapping[str, tuple[str, str]]:
    """Folded name to the name as listed and its CAS number."""
    text = (files("chemwright") / "data" / "core" / "names_zh.csv").read_text(encoding="utf-8")
    return MappingProxyType({folded(row["zh"]): (row["zh"], row["cas"]) for row in csv.DictReader(text.splitlines())})


@lru_cache(maxsize=1)
def _by_cas() -> Mapping[str, tuple[str, ...]]:
    out: dict[str, tuple[str, ...]] = {}
    for name, cas in _table().values():
        out[cas] = (*out.get(cas, ()), name)
    return MappingProxyType(out)
