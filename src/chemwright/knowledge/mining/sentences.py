"""Sentences and words of chemical prose, with their places in the text: abbreviations, decimals and "°C." do not end a sentence."""

from __future__ import annotations

import re

from attrs import frozen

_ABBREVIATIONS = frozenset(
    [
        "g",
        "mg",
        "kg",
        "gm",
        "gms",
        "mol",
        "mole",
        "moles",
        "mmol",
        "mmole",
        "mmoles",
        "ml",
        "cc",
        "l",
        "dl",
        "vol",
        "ca",
        "approx",
        "aq",
        "conc",
        "dil",
        "sat",
        "temp",
        "min",
        "mins",
        "hr",
        "hrs",
        "h",
        "sec",
        "ex",
        "exs",
        "fig",
        "figs",
        "no",
        "nos",
        "ref",
        "refs",
        "eq",
        "eqs",
        "equiv",
        "e.g",
        "i.e",
        "e.g.",
        "i.e.",
        "cf",
        "et",
        "al",
        "resp",
        "m.p",
        "b.p",
        "mp",
        "bp",
        "m.pt",
        "calc",
        "calcd",
        "found",
        "anal",
        "wt",
        "vs",
        "st",
        "dr",
        "mr",
        "prof",
        "tert",
        "sec",
        "iso",
        "abs",
        "max",
        "i.d",
        "o.d",
        "r.t",
        "rt",
        "min.",
        "r.f",
        "rf",
        "spec",
        "pat",
        "ser",
        "appln",
        "dec",
        "decomp",
        "sp",
        "gr",
        "u.v",
        "i.r",
        "n.m.r",
        "d",
        "s",
        "t",
        "q",
        "m",
        "br",
        "int",
        "lit",
        "chem",
        "org",
        "soc",
        "am",
        "j",
        "c",
        "f",
        "p",
        "pp",
        "viz",
        "mm",
        "cm",
    ]
)
_END = re.compile(r"[.!?](?=[\"')\]]*(?:\s+|$))")
_WORD = re.compile(r"\S+")
LONGEST = 400
_LEAD = "([{<\"'“‘"
_TRAIL = ".,;:!?\"'”’"


@frozen
class Span:
    """A piece of a text: ``text[start:end]``."""

    start: int
    end: int
    text: str


def sentences(text: str) -> tuple[Span, ...]:
    """Sentences in order; together they hold everything but the white space between them."""
    out, start = [], 0
    for match in _END.finditer(text):
        if match.group() == "." and not _ends(text, match.start()):
            continue
        end = match.end()
        while end < len(text) and text[end] in "\"')]”’":
            end += 1
        if piece := text[start:end].strip():
            begin = text.index(piece[0], start)
            out.append(Span(begin, begin + len(piece), piece))
        start = end
    if piece := text[start:].strip():
        begin = text.index(piece[0], start)
        out.append(Span(begin, begin + len(piece), piece))
    return tuple(out)


def _ends(text: str, dot: int) -> bool:
    """Whether a full stop ends a sentence: what follows begins like one, and what precedes is no abbreviation (unless a capital word follows a unit)."""
    rest = text[dot + 1 : dot + 200].lstrip("\"')]”’ \n\t\r")
    if not rest:
        return True
    before = re.search(r"[^\s(\[]*$", text[max(0, dot - 60) : dot])
    word = (before.group() if before else "").lower().strip("°º")
    nxt = re.match(r"\S+", rest)
    follower = nxt.group() if nxt else ""
    starts = bool(re.match(r"[A-Z][a-z]+(?:[\s,.;:)]|$)|(?:A|An|To|In|On|At|By|If|It|As|We|I)\s|\d[\d,'-]*-[\(\[A-Za-z]|[A-Z]{2,}|The\s", rest))
    if word in (
        "e.g",
        "i.e",
        "cf",
        "fig",
        "figs",
        "ex",
        "exs",
        "no",
        "nos",
        "ca",
        "approx",
        "dr",
        "mr",
        "st",
        "ref",
        "al",
        "m.p",
        "b.p",
        "mp",
        "bp",
        "tert",
        "conc",
        "aq",
        "pat",
        "ser",
    ):
        return word == "al" and starts
    if word in _ABBREVIATIONS or re.fullmatch(r"[\d.,]+|[a-z]", word):
        return starts and not follower[:1].isdigit()
    return starts or rest[:1].isdigit() or rest[:1] in "([" or rest[:1].isupper() or not rest[:1].isalpha()


def words(text: str) -> tuple[Span, ...]:
    """Words parted by white space, brackets and punctuation at their ends taken off (a bracket stays when its partner is inside)."""
    out = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        if end - start > LONGEST:  # no word; brackets are not counted in it
            out.append(Span(start, end, text[start:end]))
            continue
        while start < end and text[start] in _LEAD and not _balanced(text[start:end]):
            start += 1
        changed = True
        while changed and start < end:
            changed = False
            if (text[end - 1] in _TRAIL and not (text[end - 1] == "'" and text[end - 2 : end - 1].isdigit())) or (text[end - 1] in ")]}>" and not _balanced(text[start:end])):
                end, changed = end - 1, True
        if start < end:
            out.append(Span(start, end, text[start:end]))
    return tuple(out)


def _balanced(piece: str) -> bool:
    """Whether every bracket in a piece has its partner, in order (kinds may mix, as misprints do)."""
    depth = 0
    for c in piece:
        depth += (c in "([{") - (c in ")]}")
        if depth < 0:
            return False
    return depth == 0
