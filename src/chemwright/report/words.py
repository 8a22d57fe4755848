"""The page's language: every text that the page itself brings goes through here, keyed by its English form; what a user wrote stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from chemwright.errors import InputError
from chemwright.report.text import Markup, esc

LANGUAGES = ("en", "zh")
_SPOKEN: ContextVar[str] = ContextVar("report language", default="en")


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Write in a language: ``en`` or ``zh``.

    Raises:
        InputError: a language that the report does not speak.
    """
    if lang not in LANGUAGES:
        raise InputError(f"no report in {lang!r}", where="report, lang", fix="known: " + ", ".join(LANGUAGES))
    token = _SPOKEN.set(lang)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


@lru_cache(maxsize=4)
def templates(lang: str) -> Mapping[str, str]:
    """English template -> template in the language; empty for English."""
    if lang == "zh":
        from chemwright.report.lang_zh import TEMPLATES

        return TEMPLATES
    return {}


@lru_cache(maxsize=4)
def vocabulary(lang: str) -> Mapping[str, str]:
    """Words and sentences that results carry (stream names, causes, assumptions) -> in the language; ``{}`` stands for what varies."""
    if lang == "zh":
        from chemwright.report.terms_zh import TERMS

        return TERMS
    return {}


@lru_cache(maxsize=4)
def _patterns(lang: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Vocabulary with gaps, the most literal first."""
    keys = sorted((k for k in vocabulary(lang) if "{}" in k), key=lambda k: (-len(k.replace("{}", "")), k))
    return tuple((re.compile("(.+?)".join(re.escape(p) for p in k.split("{}")), re.DOTALL), vocabulary(lang)[k]) for k in keys)


def tr(text: str, /, **values: Any) -> str:
    """A text of the page in its language, values put in as plain text."""
    return templates(_SPOKEN.get()).get(text, text).format(**values)


def trm(text: str, /, **values: Any) -> Markup:
    """As :func:`tr`, as HTML: text and values escaped unless they are :class:`Markup`."""
    return Markup(esc(templates(_SPOKEN.get()).get(text, text)).format(**{k: esc(v) for k, v in values.items()}))


@lru_cache(maxsize=4096)
def _term(text: str, lang: str) -> str:
    words = vocabulary(lang)
    if text in words:
        return words[text]
    joined = "; " in text  # a remark of several parts: one that the vocabulary knows whole, or part by part
    for pattern, put in _patterns(lang):
        if (not joined or "; " in pattern.pattern.replace("\\", "")) and (found := pattern.fullmatch(text)):
            return put.format(*(_term(part, lang) for part in found.groups()))
    return "\uff1b".join(_term(part, lang) for part in text.split("; ")) if joined else text


def term(text: Any) -> str:
    """A word or sentence that a result carries, in the page's language where it is known, else as it is; ``None`` as a dash."""
    if text is None:
        return "-"
    spoken = _SPOKEN.get()
    return str(text) if spoken == "en" else _term(str(text)[:2000], spoken)
