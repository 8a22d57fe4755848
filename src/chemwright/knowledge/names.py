"""Names and CAS numbers in the tables of ``chemicals`` (MIT): exact look-up, and near misses in bounded time.

The tables load on first use (0.1 s for common substances, 2 s for all 76,000); only :mod:`chemwright.knowledge.substances` calls this.
"""

from __future__ import annotations

import difflib
import re
from typing import Any

from chemwright.knowledge.names_zh import cas_of, is_chinese, near_names_zh

CAS = re.compile(r"^(\d{2,7})-(\d{2})-(\d)$")
_POOL = 400


def _database() -> Any:
    from chemicals.identifiers import get_pubchem_db, pubchem_db

    return pubchem_db if pubchem_db is not None else get_pubchem_db()


def check_digit(cas: str) -> int | None:
    """The digit a CAS number of this text must end in (sum of digits times place from the right, modulo 10); None when the text is no CAS number."""
    match = CAS.match(cas)
    if match is None:
        return None
    return sum(place * int(digit) for place, digit in enumerate(reversed(match.group(1) + match.group(2)), start=1)) % 10


def by_cas(cas: str) -> Any | None:
    """The table's entry of a CAS number, or None."""
    return _database().search_CAS(cas) or None


def by_name(name: str, *, fold: bool = True) -> Any | None:
    """The table's entry of a name or synonym (a Chinese one by way of its own list), or None; with ``fold`` capitals don't matter."""
    if is_chinese(name):
        return by_cas(cas) if (cas := cas_of(name)) else None
    database = _database()
    return database.search_name(name) or (database.search_name(name.lower()) if fold else None) or None


def by_inchikey(key: str) -> Any | None:
    """The table's entry of a standard InChIKey, or None."""
    return _database().search_InChI_key(key) or None


def by_formula(text: str) -> list[Any]:
    """Entries of a molecular formula such as ``NaCl``, one for each structure, isotopes apart; empty when the text is no formula."""
    if not re.fullmatch(r"(?:[A-Z][a-z]?\d{0,3}){1,12}", text):
        return []
    from chemicals.elements import nested_formula_parser

    from chemwright.structure import is_smiles, molecule

    try:
        wanted = {k: float(v) for k, v in nested_formula_parser(text).items()}
    except Exception:  # the parser raises several kinds on text that is no formula
        return []
    database = _database()
    database.finish_loading()
    hits: dict[str, Any] = {}
    for entry in database.CAS_index.values():
        formula = entry.formula
        if len(formula) <= 40 and "+" not in formula and "-" not in formula and next(iter(wanted)) in formula and _same(formula, wanted):
            hits.setdefault(entry.smiles, entry)
    one_each: dict[str, Any] = {}
    for smiles, entry in hits.items():
        if is_smiles(smiles) and not re.search(r"\[\d", smiles):
            one_each.setdefault(molecule(smiles).smiles, entry)
    return list(one_each.values())


def _same(formula: str, wanted: dict[str, float]) -> bool:
    """Whether a Hill formula has exactly these atoms."""
    found: dict[str, float] = {}
    for symbol, count in re.findall(r"([A-Z][a-z]?)(\d*)", formula):
        found[symbol] = found.get(symbol, 0.0) + float(count or 1)
    return found == wanted


def near_names(text: str, n: int = 3) -> list[str]:
    """Up to ``n`` names near ``text`` in spelling, one for each substance, nearest first.

    A name is looked at when it has nearly the same length and the same beginning or end; of these the ones that share most
    letter pairs are compared in full, so that the time stays below a second for all 950,000 synonyms. Chinese names have their own list.
    """
    if is_chinese(text):
        return near_names_zh(text, n)
    database = _database()
    database.finish_loading()
    word = text.lower()
    head, tail, length = word[:2], word[-4:], len(word)
    slack = max(1, min(3, length // 4))
    pool = [s for s in database.name_index if -slack <= len(s) - length <= slack and (s.startswith(head) or s.endswith(tail)) and s == s.lower()]
    pairs = _pairs(word)
    pool = sorted(pool, key=lambda s: (-len(pairs & _pairs(s)), s))[:_POOL]
    ranked = sorted(((difflib.SequenceMatcher(None, word, s).ratio(), s) for s in pool), key=lambda item: (-item[0], item[1] != database.name_index[item[1]].common_name, item[1]))
    out: dict[int, str] = {}
    for ratio, name in ranked:
        if ratio < 0.7 or len(out) >= n:
            break
        out.setdefault(database.name_index[name].CAS, name)
    return list(out.values())


def _pairs(word: str) -> set[str]:
    return {word[i : i + 2] for i in range(len(word) - 1)}
