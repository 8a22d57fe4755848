"""Results: what a search found; records are read from the base when they are asked for, a block at a time."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from sqlalchemy import select

from chemwright.errors import MissingExtra
from chemwright.knowledge.base import changes, claims, entries, substances
from chemwright.knowledge.base.claims import Filed
from chemwright.knowledge.base.schema import claim, entry, substance
from chemwright.record import SubstanceRecord
from chemwright.record.filing import VISIBILITIES, Filing

if TYPE_CHECKING:
    import pyarrow as pa

    from chemwright.knowledge.base.database import KnowledgeBase

BLOCK = 2_000
"""Records that are in memory at once."""
SUBSTANCE_COLUMNS = ("key", "kind", "name", "smiles", "formula", "cas", "molar_mass", "synonyms", "similarity", "labels", "visibility", "licence", "created")
CLAIM_COLUMNS = (
    "key", "subject", "name", "smiles", "property", "value", "unit", "std", "temperature", "pressure", "conditions", "phase", "method", "tier", "source", "given", "note", "status", "suspicion", "confidence",
    "labels", "visibility", "licence", "created",
)  # fmt: skip
ENTRY_COLUMNS = ("key", "kind", "id", "source", "text", "substances", "body", "status", "confidence", "labels", "visibility", "licence", "created")
NUMBERS = ("molar_mass", "similarity", "value", "std", "temperature", "pressure", "confidence")


@frozen
class Results:
    """What a search found.

    Args:
        kb: where the records are.
        query: in the query language.
        find: what was searched for.
        rows: of the table, in order.
        total: how many there are on all pages; None when the search stopped at its limit (:func:`chemwright.knowledge.search.count` counts them).
        scores: similarity of substances, by row.
    """

    kb: KnowledgeBase = field(repr=False)
    query: str
    find: str
    rows: tuple[int, ...] = field(repr=False)
    total: int | None = None
    scores: dict[int, float] = field(factory=dict, repr=False, hash=False)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Filed]:
        for block in self._blocks():
            yield from (filed for filed, _ in block)

    @property
    def records(self) -> tuple[Filed, ...]:
        """All of them with their filing, read at once."""
        return tuple(self)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the table that :meth:`table_rows` gives."""
        return {"substances": SUBSTANCE_COLUMNS, "claims": CLAIM_COLUMNS}.get(self.find, ENTRY_COLUMNS)

    def table_rows(self) -> Iterator[dict[str, Any]]:
        """The records as flat rows: numbers in SI, lists joined by ``; ``; read in blocks, so that any number of them fits."""
        for block in self._blocks():
            yield from (row for _, row in block)

    def _blocks(self) -> Iterator[list[tuple[Filed, dict[str, Any]]]]:
        read = {"substances": self._substances, "claims": self._claims}.get(self.find, self._entries)
        for i in range(0, len(self.rows), BLOCK):
            yield read(list(self.rows[i : i + BLOCK]))

    def _substances(self, rows: list[int]) -> list[tuple[Filed, dict[str, Any]]]:
        with self.kb.reading() as connection:
            records = substances.read(connection, rows)
            filed = {
                r.pk: r
                for r in connection.execute(
                    select(substance.c.pk, substance.c.licence, substance.c.visibility, substance.c.owner, substance.c.created).where(substance.c.pk.in_(rows))
                )
            }
            labels = changes.labels_of(connection, "substance", rows)
        out = []
        for pk, record in zip(rows, records, strict=True):
            how = filed[pk]
            filing = Filing(how.licence, VISIBILITIES[how.visibility], how.owner, labels=labels.get(pk, ()))
            item = Filed(record.key, "substance", record, filing, how.created)
            out.append((item, _substance_row(record, item, self.scores.get(pk))))
        return out

    def _claims(self, rows: list[int]) -> list[tuple[Filed, dict[str, Any]]]:
        units = {p.name: p.unit for p in self.kb.vocabulary}
        with self.kb.reading() as connection:
            found = {r.pk: r for r in connection.execute(claims.full_claims().add_columns(substance.c.name.label("subject_name"), substance.c.smiles).where(claim.c.pk.in_(rows)))}
            labels = changes.labels_of(connection, "claim", rows)
        out = []
        for pk in rows:
            item = claims.as_filed(found[pk], units.get(found[pk].property_name, "1"), labels.get(pk, ()))
            out.append((item, _claim_row(item, found[pk].subject_name, found[pk].smiles)))
        return out

    def _entries(self, rows: list[int]) -> list[tuple[Filed, dict[str, Any]]]:
        with self.kb.reading() as connection:
            found = {r.pk: r for r in connection.execute(select(entry).where(entry.c.pk.in_(rows)))}
            labels = changes.labels_of(connection, "entry", rows)
        out = []
        for pk in rows:
            item = entries.entry_as_filed(found[pk], labels.get(pk, ()))
            out.append((item, _entry_row(item, found[pk].id, found[pk].body)))
        return out

    # other forms

    def to_arrow(self) -> pa.Table:
        """A pyarrow table, one column for each of :attr:`columns`."""
        import pyarrow as pa

        schema = pa.schema([(c, pa.float64() if c in NUMBERS else pa.string()) for c in self.columns])
        batches = [pa.RecordBatch.from_pylist([row for _, row in block], schema=schema) for block in self._blocks()]
        return pa.Table.from_batches(batches, schema=schema)

    def to_pandas(self) -> Any:
        """A pandas DataFrame.

        Raises:
            MissingExtra: pandas is not installed.
        """
        if importlib.util.find_spec("pandas") is None:
            raise MissingExtra("a DataFrame needs pandas", fix="pip install pandas, or take .to_arrow()")
        return self.to_arrow().to_pandas()

    def to_csv(self, path: str | Path) -> Path:
        """Write a CSV file (UTF-8 with its mark, as spreadsheets want it); cells that a spreadsheet would run are made text.

        Raises:
            StorageError: the file can't be written.
        """
        from chemwright.knowledge.search.export import write_csv

        return write_csv(self, Path(path))

    def to_json(self, path: str | Path | None = None) -> str:
        """The records as JSON text; written to a file, record by record, where a path is given (the text is empty then).

        Raises:
            StorageError: the file can't be written.
        """
        from chemwright.knowledge.search.export import json_parts, write_parts

        if path is None:
            return "".join(json_parts(self))
        write_parts(Path(path), json_parts(self))
        return ""

    def to_html(self, path: str | Path) -> Path:
        """Write one self-contained page with pictures of the structures.

        Raises:
            StorageError: the file can't be written.
        """
        from chemwright.knowledge.search.export import write_parts
        from chemwright.knowledge.search.page import page_parts

        return write_parts(Path(path), page_parts(self))


def _substance_row(record: SubstanceRecord, item: Filed, similarity: float | None) -> dict[str, Any]:
    return {
        "key": record.key, "kind": record.kind, "name": record.name, "smiles": record.smiles, "formula": record.formula, "cas": record.cas, "molar_mass": record.molar_mass or None,
        "synonyms": "; ".join(record.synonyms), "similarity": similarity, **_filing(item),
    }  # fmt: skip


def _claim_row(item: Filed, name: str, smiles: str) -> dict[str, Any]:
    c = item.record
    further = {k: v for k, v in c.conditions.items() if k not in ("temperature", "pressure")}
    return {
        "key": item.key, "subject": c.subject, "name": name, "smiles": smiles, "property": c.property, "value": c.value, "unit": c.unit, "std": c.std, "temperature": c.conditions.get("temperature"),
        "pressure": c.conditions.get("pressure"), "conditions": json.dumps(further, ensure_ascii=False, sort_keys=True) if further else "", "phase": c.phase, "method": c.method, "tier": c.tier,
        "source": c.source, "given": item.given, "note": c.note, "status": item.filing.status, "suspicion": item.filing.suspicion, "confidence": item.filing.confidence, **_filing(item),
    }  # fmt: skip


def _entry_row(item: Filed, id_: str, body: str) -> dict[str, Any]:
    said = next((t for t in (getattr(item.record, a, "") for a in ("procedure", "smiles", "equation", "name", "tag", "note")) if t), "")
    return {
        "key": item.key, "kind": item.kind, "id": id_, "source": str(getattr(item.record, "source", "")), "text": str(said), "substances": "; ".join(f"{role} {key}" for key, role in entries.links_of(item.record)),
        "body": body, "status": item.filing.status, "confidence": item.filing.confidence, **_filing(item),
    }  # fmt: skip


def _filing(item: Filed) -> dict[str, Any]:
    return {"labels": "; ".join(item.filing.labels), "visibility": item.filing.visibility, "licence": item.filing.licence, "created": item.created}
