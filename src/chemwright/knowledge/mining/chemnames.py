"""Names of substances in running text: runs of words that are no plain words, the longest stretch that has a structure first."""

from __future__ import annotations

import re
from functools import lru_cache

from attrs import frozen

from chemwright.knowledge.mining.nomenclature.vocabulary import table
from chemwright.knowledge.mining.sentences import Span, words
from chemwright.knowledge.mining.structures import common, structure

MAX_WORDS = 6
_CHEMICAL = re.compile(
    r"(?:yl|ane|ene|yne|anol|enol|ol|one|al|ic|oic|ate|ide|ine|in|ite|ium|ose|oxy|amino|ether|ester|acid|water|nitrile|amide|amine|imine|thio|gen|um|ium|anhydride|chloride|ed|er|ice|en|ur|on|oxide|zinc|iron|tin|nickel|silver|lead|urea|an|form|ole|ehyde|onia|glyme|ofur|phos|lin|iff|BuLi)s?$",
    re.IGNORECASE,
)
_SYSTEMATIC = re.compile(
    r"(?=.*(?:yl|oxy|amino|oxo|chloro|bromo|fluoro|nitro|hydroxy|phenyl|benz|pyrid|azol|carb|meth|eth|prop|but))(?=.*[a-z]{5}).*(?:\d[a-z']?-[a-z(\[]|yl|oxy|amino)", re.IGNORECASE
)
_FORMULA = re.compile(r"(?:[A-Z][a-z]?\d{0,2}|\([A-Z][A-Za-z0-9]*\)\d{0,2}|[./·]){2,}")
_MIXTURE = re.compile(r"[A-Za-z0-9]{2,}(?:[/:][A-Za-z][A-Za-z0-9]+)+")
_WRAPPED = re.compile(r"\(([A-Za-z][A-Za-z0-9]+)\)")
_GLUED = re.compile(r"(?:\d*\.?\d*[NM][- ]?(?=Na|K|HC|HB|H2|HN|LiO|NH4))?(?:λmax\.)?(?P<name>[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9])(?:\(\d+(?:\.\d+)?|/\d+(?:\.\d+)?%?)?")
_ESTER = re.compile(
    r",\s+((?:di|mono)?(?:methyl|ethyl|benzyl|t-butyl|tert-butyl|tert\.-butyl|n-butyl|isopropyl|propyl|butyl|benzhydryl|phenyl|hydrochloride|hydrobromide|sodium|potassium|hydrazide|dihydrochloride)(?:\s+(?:ester|salt))?)(?![\w-])",
    re.IGNORECASE,
)
_NUMBERISH = re.compile(r"[\d.,%°×x+\-/:()±]+[A-Za-z]{0,2}")
_ROMAN = re.compile(r"[IVX]{1,5}[A-Za-z]?")


@frozen
class Found:
    """A name in the text.

    Args:
        start: its first character.
        end: one past its last.
        name: as written.
        smiles: canonical SMILES; empty when it looks like a substance and no structure was found.
        how: how the structure was found.
    """

    start: int
    end: int
    name: str
    smiles: str
    how: str


@lru_cache(maxsize=1)
def plain_words() -> frozenset[str]:
    """Words that are no part of a name (``data/mining/words.csv``)."""
    return frozenset(row["word"] for row in table("words"))


def chemical_names(text: str) -> tuple[Found, ...]:
    """Names in the order of the text, not overlapping."""
    tokens = [piece for word in words(text) for piece in _pieces(word)]
    plain = [_plain(t.text) for t in tokens]
    out: list[Found] = []
    i = 0
    while i < len(tokens):
        if plain[i]:
            i += 1
            continue
        j = i
        while j + 1 < len(tokens) and j + 1 - i < MAX_WORDS and not plain[j + 1] and text[tokens[j].end : tokens[j + 1].start].strip() in ("", "-"):
            j += 1
        found, last = _longest(text, tokens, i, j)
        if found is not None:
            out.append(_with_tail(text, found))
        i = last + 1
    return tuple(out)


def _with_tail(text: str, found: Found) -> Found:
    """A name with what stands behind a comma (``..., methyl ester``, ``..., hydrochloride``) when the two have a structure together."""
    tail = _ESTER.match(text, found.end)
    if tail is None or not (tail[1].lower().endswith(("ester", "salt", "chloride", "bromide", "hydrazide"))):
        return found
    name = " ".join(text[found.start : tail.end()].split())
    smiles, how = structure(name)
    return Found(found.start, tail.end(), name, smiles, how) if smiles and smiles != found.smiles else found


def _pieces(word: Span) -> list[Span]:
    """A word, or its parts when it is a mixture written with / or : (``hexane/ethanol``)."""
    if word.text in ("Pd/C", "Pt/C", "w/w", "v/v", "w/v", "and/or"):
        return [word]
    if inside := _WRAPPED.fullmatch(word.text):  # (EtOAc), (ethanol)
        return _pieces(Span(word.start + 1, word.end - 1, inside[1]))
    if glued := _GLUED.fullmatch(word.text):  # acid(50 mL), CH2Cl2/3 ml, λmax.MeOH, 2N-NaOH
        return [Span(word.start + glued.start("name"), word.start + glued.end("name"), glued["name"])]
    if not _MIXTURE.fullmatch(word.text):
        return [word]
    return [Span(word.start + m.start(), word.start + m.end(), m.group()) for m in re.finditer(r"[^/:]+", word.text)]


def _plain(word: str) -> bool:
    """Whether a word can't begin or continue a name."""
    return word.lower() in plain_words() or not 2 <= len(word) <= 300 or bool(_NUMBERISH.fullmatch(word)) or bool(_ROMAN.fullmatch(word)) or not any(c.isalpha() for c in word)


def _longest(text: str, tokens: list[Span], i: int, j: int) -> tuple[Found | None, int]:
    """The longest stretch from word ``i`` with a structure, else a lone word that looks systematic; and the last word used."""
    for k in range(j, i - 1, -1):
        name = " ".join(text[tokens[i].start : tokens[k].end].split())
        if k == i and not _worth(name):
            break
        smiles, how = structure(name)
        if smiles:
            return Found(tokens[i].start, tokens[k].end, name, smiles, how), k
    name = tokens[i].text
    if "-" in name and name.replace("-", "").isalpha():  # toluene-ethanol: the first of a mixture
        parts = [structure(p) for p in name.split("-")]
        if all(s for s, _ in parts) and len(parts) <= 3:
            first = name.split("-")[0]
            return Found(tokens[i].start, tokens[i].start + len(first), first, *parts[0]), i
    if 9 <= len(name) <= 300 and _SYSTEMATIC.match(name):
        k = i
        while k < j and _CHEMICAL.search(tokens[k + 1].text):
            k += 1
        return Found(tokens[i].start, tokens[k].end, text[tokens[i].start : tokens[k].end], "", ""), k
    return None, i


def _worth(name: str) -> bool:
    """Whether a lone word is worth a look in the tables, which hold trade names that are plain words too."""
    return (
        name.lower() in common()
        or bool(_CHEMICAL.search(name))
        or bool(_FORMULA.fullmatch(name))
        or any(c.isdigit() for c in name)
        or (name.isupper() and len(name) <= 6)
        or "-" in name
    )
