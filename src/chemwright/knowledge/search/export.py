"""Search results as CSV and JSON files, written row by row and put in place whole."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from chemwright.knowledge.formula_cells import cell
from chemwright.record import to_json
from chemwright.record.atomic import replacing

if TYPE_CHECKING:
    from chemwright.knowledge.search.results import Results


def write_csv(results: Results, path: Path) -> Path:
    """All rows of a search as CSV."""
    return write_parts(path, _csv_parts(results))


def _csv_parts(results: Results) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow(results.columns)
    for row in results.table_rows():
        writer.writerow([cell(row.get(c)) for c in results.columns])
        if buffer.tell() > 1 << 16:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def json_parts(results: Results) -> Iterator[str]:
    """One JSON object: the query, how many there are, and the records with their filing."""
    head = {"query": results.query, "find": results.find, "total": results.total}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "records": ['
    rows = iter(results.rows)
    for i, item in enumerate(results):
        filing = json.loads(to_json(item.filing, indent=None))
        record = json.loads(to_json(item.record, indent=None))
        line = {"key": item.key, "kind": item.kind, "record": record, "filing": filing, "created": item.created, "given": item.given, "replaced_by": item.replaced_by}
        if (score := results.scores.get(next(rows))) is not None:
            line["similarity"] = round(score, 6)
        yield ("," if i else "") + "\n" + json.dumps(line, ensure_ascii=False)
    yield "\n]}\n"


def write_parts(path: Path, parts: Iterable[str]) -> Path:
    """Write text piece by piece through a temporary neighbour, so that a reader sees the old file or the whole new one.

    Raises:
        StorageError: the folder can't be written.
    """
    with replacing(path) as stream:
        for part in parts:
            stream.write(part.encode("utf-8", "replace"))
    return path
