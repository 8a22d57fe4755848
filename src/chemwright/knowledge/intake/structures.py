"""Structures in bulk: SMILES lists and SDF files, read by two processes in bounded time; fields of the vocabulary become claims, the others notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from attrs import evolve, frozen

from chemwright.errors import ChemwrightError, InputError
from chemwright.knowledge.base import audit, substances
from chemwright.knowledge.base.database import KnowledgeBase
from chemwright.knowledge.intake.headers import meant, read_head
from chemwright.knowledge.intake.structures_pool import read_structures
from chemwright.knowledge.intake.texts import SMILES, number
from chemwright.quantity.units import factor
from chemwright.record import Claim, Filing, Source, SubstanceRecord

CHUNK = 10_000
MAX_RECORD = 1 << 20
"""Bytes of one SDF record: some 10,000 atoms."""
_NAMES = ("name", "title", "compound", "common_name", "iupac_name", "chemical name", "chemical_name", "名称")


@frozen
class StructuresReport:
    """What came of a file: records read, substances new and known before, claims, fields kept as notes by name, rejects in words with their record numbers (the first 100) and their number."""

    records: int
    new: int
    known: int
    claims: int
    notes: dict[str, int]
    rejected: int
    rejects: tuple[str, ...] = ()


@frozen
class Entry:
    """A structure of a file: number of its record, SMILES or molfile text (empty where ``error`` says why), name, fields, which of the two it is."""

    record: int
    structure: str
    name: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    error: str = ""
    kind: str = "smiles"


def import_structures(
    kb: KnowledgeBase,
    path: str | Path,
    *,
    source: Source | None = None,
    filing: Filing | None = None,
    on_error: str = "skip",
    structure_seconds: float = 5.0,
    progress: Callable[[str, float | None], None] | None = None,
) -> StructuresReport:
    """File the structures of a ``.smi``, ``.smiles``, ``.csv`` or ``.sdf`` file, a transaction for each 10,000; what is filed already stays as it is.

    Args:
        kb: open for writing.
        path: SMILES and name in each line, a table with a column of SMILES, or an SDF file.
        source: of the claims that its fields hold.
        filing: terms; private and trusted when None.
        on_error: ``skip`` and count what can't be read, or ``stop`` there.
        structure_seconds: that one structure may take.
        progress: called with words and the share done.

    Raises:
        InputError: no such file, another kind of file, and with ``stop`` the first record that can't be read.
    """
    file = Path(path)
    entries = _entries(file)
    terms = evolve(filing or Filing(), owner=(filing.owner if filing else "") or kb.who)
    total: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    rejects: list[str] = []
    while chunk := list(islice(entries, CHUNK)):
        good, bad = _read(chunk, structure_seconds)
        for e, why in bad:
            if on_error == "stop":
                raise InputError(why, where=f"{file.name}, record {e.record}", fix="correct it, or skip such records")
            rejects += [f"record {e.record}: {why}"] if len(rejects) < 100 else []
        claims, kept = _claims(kb, good, source, notes)
        with kb.writing() as connection:
            before = substances.rows_of(connection, {r.key for _, r in kept})
            kb.file(connection, [*([source] if source else []), *(r for _, r in kept), *claims], terms)
            audit.write(connection, kb.who, "structures", file.name, records=len(chunk), rejected=len(bad), claims=len(claims))
        total.update(records=len(chunk), rejected=len(bad), claims=len(claims), known=len(before), new=len({r.key for _, r in kept}) - len(before))
        if progress:
            progress(f"{total['records']:,} records", None)
    if not total["records"]:
        raise InputError("holds no structures", where=file.name, fix="give one SMILES and name in each line, or an SDF file")
    return StructuresReport(total["records"], total["new"], total["known"], total["claims"], dict(notes.most_common()), total["rejected"], tuple(rejects))


def _entries(file: Path) -> Iterator[Entry]:
    if not file.is_file():
        raise InputError("file not found", where=str(file), fix="check the path")
    kind = file.suffix.lower()
    if kind in (".sdf", ".sd", ".mol"):
        return sdf_entries(file)
    if kind in (".csv", ".tsv", ".txt", ".xlsx"):
        return table_entries(file)
    if kind in (".smi", ".smiles", ".ism"):
        return smi_entries(file)
    raise InputError(f"{kind or 'a file without an ending'} is not read as structures", where=file.name, fix="give .smi, .csv, .xlsx or .sdf")


def smi_entries(file: Path) -> Iterator[Entry]:
    """Lines of a SMILES file: structure, then its name."""
    with file.open("r", encoding="utf-8-sig", errors="replace") as stream:
        at = 0
        while line := stream.readline(MAX_RECORD):
            at += 1
            if len(line) == MAX_RECORD:
                raise InputError("a line of over 1 MB", where=f"{file.name}, record {at}", fix="give one structure in each line")
            parts = line.strip().split(None, 1)
            if parts and not (at == 1 and parts[0].casefold() in ("smiles", "smi")):
                yield Entry(at, parts[0], parts[1] if len(parts) > 1 else "")


def table_entries(file: Path) -> Iterator[Entry]:
    """Rows of a table with a column of SMILES and perhaps one of names; the other columns are fields."""
    from chemwright.knowledge.intake.blocks import open_table
    from chemwright.structure import is_smiles

    table = open_table(file)
    low = [h.casefold() for h in table.header]
    at = next((i for i, h in enumerate(low) if "smiles" in h), None)
    if at is None:
        rows = table.sample(20)
        at = next((i for i in range(len(low)) if rows and all(SMILES.fullmatch(r[i]) and is_smiles(r[i]) for r in rows)), None)
    if at is None:
        raise InputError("no column of SMILES", where=f"{file.name}, header", fix="name the column 'smiles'")
    named = next((i for i, h in enumerate(low) if h in _NAMES), None)
    for block in table.blocks():
        for r in block.rejects:
            yield Entry(r.row, "", error=r.message)
        for i, row in enumerate(block.rows):
            cells = block.cells(i)
            rest = tuple((h, c.strip()) for k, (h, c) in enumerate(zip(table.header, cells, strict=True)) if k not in (at, named) and c.strip())
            yield Entry(int(row), cells[at].strip(), cells[named].strip() if named is not None else "", rest)


def sdf_entries(file: Path) -> Iterator[Entry]:
    """Records of an SDF file one by one; one that is too long or broken is an entry with its error."""
    for at, text in enumerate(_sdf_records(file), start=1):
        if len(text) > MAX_RECORD:
            yield Entry(at, "", error=f"a record of over {MAX_RECORD >> 20} MB")
            continue
        block, _, data = text.partition("M  END")
        fields = tuple(_sdf_fields(data))
        title = text.partition("\n")[0].strip()
        name = title or next((v for k, v in fields if k.casefold() in _NAMES), "")
        yield Entry(at, block + "M  END\n", name[:500], fields, kind="mol")


def _sdf_records(file: Path) -> Iterator[str]:
    """Texts of records, cut off a little over the bound."""
    lines: list[str] = []
    size = 0
    with file.open("r", encoding="utf-8", errors="replace") as stream:
        while line := stream.readline(MAX_RECORD):
            if line.startswith("$$$$"):
                yield "".join(lines)
                lines, size = [], 0
            elif size <= MAX_RECORD:
                lines.append(line)
                size += len(line)
    if "".join(lines).strip():
        yield "".join(lines)


def _sdf_fields(data: str) -> Iterator[tuple[str, str]]:
    name = ""
    body: list[str] = []
    for line in data.splitlines():
        if line.startswith(">"):
            if name and body:
                yield name, " ".join(body).strip()
            name, body = line[line.find("<") + 1 : line.rfind(">")].strip() if "<" in line else "", []
        elif name and line.strip():
            body.append(line.strip())
    if name and body:
        yield name, " ".join(body).strip()


def _read(chunk: list[Entry], seconds: float) -> tuple[list[tuple[Entry, SubstanceRecord]], list[tuple[Entry, str]]]:
    readable = [e for e in chunk if e.structure and not e.error]
    answers = read_structures([(e.structure, "polymer" if e.kind == "smiles" and "*" in e.structure else e.kind) for e in readable], limit=seconds)
    good, bad = [], [(e, e.error or "no structure") for e in chunk if e.error or not e.structure]
    for e, a in zip(readable, answers, strict=True):
        if "error" in a:
            bad.append((e, a["error"]))
        else:
            good.append((e, SubstanceRecord(a["key"], a["kind"], e.name[:500], a["smiles"], a["formula"], molar_mass=a["molar_mass"])))
    return good, sorted(bad, key=lambda b: b[0].record)


def _claims(kb: KnowledgeBase, good: list[tuple[Entry, SubstanceRecord]], source: Source | None, notes: Counter[str]) -> tuple[list[Claim], list[tuple[Entry, SubstanceRecord]]]:
    """Claims of the fields that the vocabulary knows with their unit; other fields become the note of the substance."""
    meanings: dict[str, tuple[str, str] | None] = {}
    claims: list[Claim] = []
    kept: list[tuple[Entry, SubstanceRecord]] = []
    for e, record in good:
        rest: list[str] = []
        for name, cell in e.fields:
            if name not in meanings:
                meanings[name] = _meaning(kb, name)
            meaning, value = meanings[name], number(cell)
            if meaning is not None and value is not None and not _impossible(kb, meaning, value):
                claims.append(Claim(f"{e.record}.{name}", record.key, meaning[0], value, meaning[1], source=source.id if source else ""))
            else:
                notes[name] += 1
                rest.append(f"{name}: {cell[:300]}")
        kept.append((e, evolve(record, note="; ".join(rest)[:5000])))
    return claims, kept


def _meaning(kb: KnowledgeBase, name: str) -> tuple[str, str] | None:
    """Property and unit of a field's name; None where either is unsure."""
    head = read_head(name)
    item, sure, _ = meant(head.name, head.unit, kb.vocabulary)
    unit = head.unit or ("1" if item is not None and item.unit == "1" else "")
    if item is None or sure < 0.8 or not unit or head.scale or head.std or item.kind != "number" or item.name in ("temperature", "pressure"):
        return None
    return item.name, unit


def _impossible(kb: KnowledgeBase, meaning: tuple[str, str], value: float) -> bool:
    item = kb.vocabulary.find(meaning[0])
    try:
        by, plus = factor(meaning[1], item.unit)
    except ChemwrightError:
        return True
    return bool(item.check(value * by + plus))


__all__ = ["Entry", "StructuresReport", "import_structures", "sdf_entries", "smi_entries", "table_entries"]
