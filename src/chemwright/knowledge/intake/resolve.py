"""Which substances the texts of a table mean: each different text once, first by what the base holds, then by the tables, then by structure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from attrs import evolve, frozen
from sqlalchemy import Connection, select

from chemwright.errors import ChemwrightError
from chemwright.knowledge.base import substances, text
from chemwright.knowledge.base.schema import substance, synonym
from chemwright.knowledge.identity import MAX_NAME, identify, looks_like_name, named
from chemwright.knowledge.intake.structures_pool import read_structures
from chemwright.knowledge.intake.texts import SMILES
from chemwright.record import SubstanceRecord

_FORMULA = re.compile(r"(?:[A-Z][a-z]?\d{0,3}){2,12}")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
MAX_FORMULAS = 200
"""Formula look-ups in one import: each walks the whole table."""


@frozen
class Known:
    """A substance that a text means, or why there is none.

    Args:
        record: the substance; None when the text means none.
        row: of the base; 0 until it is filed.
        error, fix: why none, and what to do.
        how: ``base``, ``table``, ``structure`` or ``name``.
    """

    record: SubstanceRecord | None
    row: int = 0
    error: str = ""
    fix: str = ""
    how: str = ""


class Resolver:
    """Texts to substances, with a memory for one import.

    Args:
        limit: seconds that one structure may take.
        processes: for many structures.
    """

    def __init__(self, *, limit: float = 5.0, processes: int = 2) -> None:
        self.known: dict[tuple[str, str], Known] = {}
        self.limit, self.processes = limit, processes
        self._formulas = 0

    def resolve(self, connection: Connection, texts: Iterable[str], reading: str = "any", progress: Callable[[float], None] | None = None) -> dict[str, Known]:
        """Every text with what it means.

        Args:
            connection: to read from.
            texts: as written.
            reading: ``any``, ``name``, ``cas``, ``smiles`` or ``inchikey``.
            progress: called with the share of the structures done.
        """
        texts = list(dict.fromkeys(texts))
        new = [t for t in texts if (reading, t) not in self.known]
        left: list[str] = []
        for t in new:
            wrong = _wrong(t)
            if wrong:
                self.known[reading, t] = Known(None, error=wrong, fix="give one name, CAS number or SMILES")
            else:
                left.append(t)
        held = in_base(connection, left, reading)
        for t, k in held.items():
            self.known[reading, t] = k
        left = [t for t in left if t not in held]
        if left:
            self._identify(left, reading, progress)
        return {t: self.known[reading, t] for t in texts}

    def filed(self, rows: dict[str, int]) -> None:
        """Note the rows of substances that were filed: key to row."""
        for where, known in self.known.items():
            if known.record is not None and not known.row and known.record.key in rows:
                self.known[where] = evolve(known, row=rows[known.record.key])

    def _identify(self, texts: list[str], reading: str, progress: Callable[[float], None] | None) -> None:
        """Texts that the base does not know: structures are read in bulk, names and numbers looked up first."""
        jobs: list[tuple[str, str, str, dict[str, Any]]] = []  # text, structure, kind, what the table adds
        for t in texts:
            clean = " ".join(t.split())
            if "*" in clean and SMILES.fullmatch(clean):
                jobs.append((t, clean, "polymer", {}))
            elif reading in ("any", "smiles") and SMILES.fullmatch(clean):
                jobs.append((t, clean, "smiles", {}))
            else:
                self._by_name(t, clean, reading, jobs)
        self._read(jobs, reading, progress)
        failed = [t for t, *_ in jobs if reading == "any" and self.known[reading, t].record is None and _may_be_name(t)]
        again: list[tuple[str, str, str, dict[str, Any]]] = []
        for t in failed:
            self._by_name(t, " ".join(t.split()), reading, again)
        self._read(again, reading, None)

    def _read(self, jobs: list[tuple[str, str, str, dict[str, Any]]], reading: str, progress: Callable[[float], None] | None) -> None:
        unique = {(structure, kind): i for i, (structure, kind) in enumerate(dict.fromkeys((s, k) for _, s, k, _ in jobs))}
        answers = read_structures(list(unique), limit=self.limit, processes=self.processes, progress=progress)
        for t, structure, kind, added in jobs:
            answer = answers[unique[structure, kind]]
            if "error" in answer:
                self.known[reading, t] = Known(None, error=answer["error"], fix=answer["fix"])
            else:
                record = SubstanceRecord(answer["key"], answer["kind"], smiles=answer["smiles"], formula=answer["formula"], molar_mass=answer["molar_mass"], **added)
                self.known[reading, t] = Known(record, how="table" if added else "structure")

    def _by_name(self, t: str, clean: str, reading: str, jobs: list[tuple[str, str, str, dict[str, Any]]]) -> None:
        """Look a text up in the tables; what they hold becomes a job, what they don't stands for itself."""
        from chemwright.knowledge import names

        digit = names.check_digit(clean)
        if digit is not None and int(clean[-1]) != digit:
            self.known[reading, t] = Known(None, error=f"CAS number {clean!r} has a wrong check digit", fix=f"check the number: one that begins {clean[:-1]!r} ends in {digit}")
            return
        if reading == "cas" and digit is None:
            self.known[reading, t] = Known(None, error=f"{clean[:60]!r} is no CAS number", fix="give it as 64-17-5, or map the column as names")
            return
        entry = names.by_cas(clean) if digit is not None else names.by_inchikey(clean) if reading == "inchikey" else names.by_name(clean)
        if entry is None and _FORMULA.fullmatch(clean) and reading == "any" and self._formulas < MAX_FORMULAS:
            self._formulas += 1
            try:
                self.known[reading, t] = Known(identify(clean), how="table")
            except ChemwrightError as error:
                self.known[reading, t] = Known(None, error=error.message, fix=error.fix)
            return
        if entry is not None:
            own = (clean,) if digit is None and reading != "inchikey" and clean.casefold() != str(entry.common_name).casefold() else ()
            jobs.append((t, str(entry.smiles), "smiles", {"name": str(entry.common_name), "cas": str(entry.CASs), "synonyms": own}))
        elif digit is not None:
            self.known[reading, t] = Known(evolve(named(clean), cas=clean, note="a CAS number that no table here holds"), how="name")
        elif reading == "inchikey" and re.fullmatch(r"[A-Z]{14}-[A-Z]{10}-[A-Z]", clean):
            self.known[reading, t] = Known(SubstanceRecord(clean, "molecule", note="known by its InChIKey only"), how="name")
        elif reading != "inchikey" and (looks_like_name(clean) or reading == "name"):
            self.known[reading, t] = Known(named(clean), how="name")
        else:
            self.known[reading, t] = Known(None, error=f"{clean[:80]!r} is no name, CAS number or SMILES", fix="give one of them, or an InChIKey in a column mapped so")


def _may_be_name(t: str) -> bool:
    """Whether a text that reads like SMILES but is none may be a name all the same, as ``Cocoon`` or ``HCN``."""
    return not any(c in "=#@[]\\%" for c in t) and t.count("(") == t.count(")")


def _wrong(t: str) -> str:
    clean = " ".join(t.split())
    if not clean or len(clean) > MAX_NAME:
        return f"substance text of {len(clean)} characters, 1 to {MAX_NAME} expected"
    return "substance text with control characters" if _CONTROL.search(t) else ""


def in_base(connection: Connection, texts: list[str], reading: str = "any") -> dict[str, Known]:
    """The texts that the base knows as one substance's key, CAS number or name; a text shared by several is left out."""
    rows: dict[str, set[int]] = {}
    by_key = {t.strip(): t for t in texts}
    folds: dict[str, list[str]] = {}
    for t in texts:
        folds.setdefault(text.fold(t), []).append(t)
    for part in _parts(list(by_key)):
        for key, pk in connection.execute(select(substance.c.key, substance.c.pk).where(substance.c.key.in_(part))):
            rows[by_key[key]] = {pk}
    keyed = set(rows)
    for part in _parts(list(folds) if reading != "smiles" else []):
        for folded, pk in connection.execute(select(synonym.c.folded, synonym.c.substance).where(synonym.c.folded.in_(part))):
            for t in folds[folded]:
                if t not in keyed:
                    rows.setdefault(t, set()).add(pk)
    single = {t: next(iter(pks)) for t, pks in rows.items() if len(pks) == 1}
    distinct = list(dict.fromkeys(single.values()))
    records = dict(zip(distinct, substances.read(connection, distinct, names=False), strict=True)) if distinct else {}
    return {t: Known(records[pk], pk, how="base") for t, pk in single.items()}


def _parts(items: list[str], size: int = 500) -> list[list[str]]:
    return [items[i : i + size] for i in range(0, len(items), size)]
