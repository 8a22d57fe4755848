"""Compounds of the Open Reaction Database as substances: each identifier is looked at once, however many reactions name it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chemwright.errors import SubstanceError
from chemwright.knowledge import names as tables
from chemwright.knowledge.identity import molecular, named
from chemwright.record import SubstanceRecord

MAX_KNOWN = 200_000
MAX_INCHI = 2000
MAX_NAME = 500
STRUCTURES = ("SMILES", "CXSMILES", "INCHI", "CAS_NUMBER")
NAMES = ("IUPAC_NAME", "NAME")
UNNAMED = "unnamed compound"


def identifiers(compound: Any) -> dict[str, str]:
    """The identifiers of a compound by type; of several of one type the first."""
    out: dict[str, str] = {}
    for item in compound.identifiers:
        kinds = item.DESCRIPTOR.fields_by_name["type"].enum_type.values_by_number
        out.setdefault(kinds[item.type].name if item.type in kinds else "UNSPECIFIED", item.value)
    return out


class Compounds:
    """Which substance a compound is; remembers what it has seen, in bounded memory."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], SubstanceRecord | None] = {}

    def of(self, compound: Any) -> tuple[SubstanceRecord, str]:
        """The substance of a compound, and the name it goes by there.

        A structure comes first (SMILES, CXSMILES, InChI), then a CAS number or a name that the tables know; a compound with a name alone stands
        under that name. Names of the file are no synonyms: "title compound" would name thousands of substances.
        """
        said = identifiers(compound)
        name = _short(said.get("NAME") or said.get("IUPAC_NAME") or "")
        for kind in (*STRUCTURES, *NAMES):
            if (text := said.get(kind, "").strip()) and (found := self._find(kind, text)) is not None:
                return found, name
        text = name or _short(next((v for v in said.values() if v.strip()), UNNAMED))
        return named(text), name

    def _find(self, kind: str, text: str) -> SubstanceRecord | None:
        key = (kind, text)
        if key not in self._known:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            try:
                self._known[key] = _READERS[kind](text)
            except SubstanceError:
                self._known[key] = None
        return self._known[key]


def _short(text: str) -> str:
    return " ".join(text.split())[:MAX_NAME]


def _smiles(text: str) -> SubstanceRecord | None:
    return molecular(text.split(" |")[0])


def _inchi(text: str) -> SubstanceRecord | None:
    from rdkit import Chem, rdBase

    if len(text) > MAX_INCHI:
        return None
    with rdBase.BlockLogs():
        graph = Chem.MolFromInchi(text)  # type: ignore[no-untyped-call]
    return None if graph is None else molecular(str(Chem.MolToSmiles(graph)))


def _cas(text: str) -> SubstanceRecord | None:
    entry = tables.by_cas(text) if tables.check_digit(text) is not None else None
    return None if entry is None else molecular(str(entry.smiles), name=str(entry.common_name), cas=text)


def _name(text: str) -> SubstanceRecord | None:
    entry = tables.by_name(text) if len(text) <= MAX_NAME else None
    return None if entry is None else molecular(str(entry.smiles), name=str(entry.common_name), cas=str(entry.CASs))


_READERS: dict[str, Callable[[str], SubstanceRecord | None]] = {"SMILES": _smiles, "CXSMILES": _smiles, "INCHI": _inchi, "CAS_NUMBER": _cas, "IUPAC_NAME": _name, "NAME": _name}
