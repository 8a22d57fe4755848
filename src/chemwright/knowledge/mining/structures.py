"""From the name of a substance as written to its structure: common usage, tables of synonyms, formulas, and the name grammar, in this order."""

from __future__ import annotations

import re
from functools import lru_cache

from chemwright.knowledge.mining.nomenclature import structure_of
from chemwright.knowledge.mining.nomenclature.vocabulary import table

MAX_NAME = 250
_WATER_OF = re.compile(
    r"^(?:anhydrous|dry|aqueous|aq\.?|conc\.?|concentrated|dilute|dil\.?|glacial|absolute|abs\.?|fuming|cold|ice-cold|hot|warm|boiling|solid|powdered|saturated|sat\.?|crude|pure|purified|distilled|fresh|freshly distilled|deionized|demineralized|excess|gaseous|liquid|technical|commercial|methanolic|ethanolic|alcoholic|ethereal)\s+",
    re.IGNORECASE,
)
_TAIL = re.compile(r"\s*(?:\((?:anhydrous|aq\.?|aqueous|solid)\)|solution|gas|powder|dispersion|pellets|crystals|flakes)$", re.IGNORECASE)


@lru_cache(maxsize=1)
def common() -> dict[str, str]:
    """Abbreviations and trivial names in common usage: lower-case name -> SMILES (``data/mining/common.csv``)."""
    return {row["name"].lower(): row["smiles"] for row in table("common")}


@lru_cache(maxsize=16384)
def structure(name: str) -> tuple[str, str]:
    """Canonical SMILES and how it was found (``common usage``, ``table``, ``nomenclature``), or two empty texts.

    Adjectives of state (anhydrous, concentrated, saturated) are passed over. Time is bounded; text over 250 characters is not tried.
    """
    text = " ".join(name.split())
    for _ in range(3):
        if not text or len(text) > MAX_NAME:
            return "", ""
        found = _exact(text)
        if found[0]:
            return found
        shorter = _TAIL.sub("", _WATER_OF.sub("", text))
        if shorter == text:
            break
        text = shorter
    repaired = _repair(text)
    return _exact(repaired) if repaired != text and len(repaired) > 8 else ("", "")


def _repair(text: str) -> str:
    """A name without what printing and text recognition leave in it: spaces at brackets and hyphens, hyphens of line ends, points for commas in locants, ``l`` for 1, hydrogen in brackets (``2-(5H)-``)."""
    text = re.sub(r"(?<![A-Za-z])l(?=[,-])", "1", text)
    text = re.sub(r"(?<=\d)\.(?=\d)", ",", text)
    text = re.sub(r"\(\d+H(?:,\d+H)*\)", "", text)
    text = re.sub(r"\s+(?=[-()\[\]{}])|(?<=[-(\[{,])\s+|(?<=[)\]}])\s+(?=[a-z]{2,}(?!ic acid))", "", text)
    return re.sub(r"(?<=[a-z]{3})-(?=[a-z]{3})", "", text)


def _exact(text: str) -> tuple[str, str]:
    if smiles := common().get(text.lower()):
        return _canonical(smiles), "common usage"
    if smiles := _from_tables(text):
        return smiles, "table"
    if smiles := structure_of(text):
        return smiles, "nomenclature"
    return "", ""


def _from_tables(text: str) -> str:
    """A synonym of the tables; short texts only as written, because folded to lower case an abbreviation or formula means something else."""
    from chemwright.knowledge import names

    if len(text) < 3 or text.isdigit() or (len(text) < 6 and not text.islower() and not text.istitle()):
        entry = names.by_name(text, fold=False) if len(text) >= 3 and not text.isdigit() else None
    else:
        entry = names.by_name(text)
    return _canonical(str(entry.smiles)) if entry is not None else ""


@lru_cache(maxsize=8192)
def _canonical(smiles: str) -> str:
    from chemwright.errors import SubstanceError
    from chemwright.structure import molecule

    try:
        return molecule(smiles).smiles
    except SubstanceError:
        return ""


@lru_cache(maxsize=2048)
def known_temperature(smiles: str, name: str) -> float:
    """Normal ``boiling_point`` or ``melting_point`` (K) from the tables of ``chemicals``, or 0 when they hold none."""
    from chemicals.phase_change import Tb, Tm

    from chemwright.errors import SubstanceError
    from chemwright.knowledge import names
    from chemwright.structure import inchikey

    try:
        entry = names.by_inchikey(inchikey(smiles))
    except SubstanceError:
        return 0.0
    value = {"boiling_point": Tb, "melting_point": Tm}[name](entry.CASs) if entry is not None else None
    return float(value) if value else 0.0
