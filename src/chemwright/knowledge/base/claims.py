"""Claims in the database: columns in, columns or records out; one claim said twice is filed once."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from attrs import frozen
from sqlalchemy import Connection, Select, select

from chemwright.errors import InputError
from chemwright.knowledge.base import audit
from chemwright.knowledge.base.limits import check_text
from chemwright.knowledge.base.schema import STATUS_CODE, TIER_CODE, VISIBILITY_CODE, claim, property_, source, substance
from chemwright.knowledge.base.trouble import row_of
from chemwright.record import Claim, Filing
from chemwright.record.claim import TIERS
from chemwright.record.filing import STATUSES, VISIBILITIES

CHUNK = 20_000
_PLAIN = re.compile(r"[\t\n\r -~]{0,10000}")  # printable ASCII and white space, of ordinary length: no need to look closer
COLUMNS = (
    "hash", "substance", "property", "value", "std", "temperature", "pressure", "conditions", "phase", "method", "given", "source", "tier", "note", "licence", "visibility", "owner", "status",
    "confidence", "suspicion", "created", "batch",
)  # fmt: skip


@frozen
class ClaimRow:
    """A claim ready to be filed: names beside the rows they stand for, numbers in SI.

    Args:
        substance, property, source: rows in their tables.
        identity: key of the substance, name of the property, id of the source, which the content hash is made of.
        value, std: in the property's SI unit.
        conditions: vocabulary names to SI numbers, temperature and pressure among them.
        tier, phase, method, given, note, suspicion: as in :class:`Claim` and :class:`Filing`; ``given`` is number and unit as they came in.
        confidence: where a program read it.
    """

    substance: int
    property: int
    source: int
    identity: tuple[str, str, str]
    value: float
    std: float | None = None
    conditions: Mapping[str, float] = {}
    tier: str = "measured"
    phase: str = ""
    method: str = ""
    given: str = ""
    note: str = ""
    suspicion: str = ""
    confidence: float | None = None


def content_key(row: ClaimRow) -> bytes:
    """16 bytes that are the same for the same claim in every knowledge base; numbers to 12 digits, so that a detour over another unit does not count as new."""
    numbers = ";".join(f"{k}={v:.12g}" for k, v in sorted(row.conditions.items()))
    std = "" if row.std is None else f"{row.std:.12g}"
    parts = (*row.identity, f"{row.value:.12g}", std, numbers, row.phase, row.method, row.tier, row.note)
    try:
        return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).digest()
    except UnicodeEncodeError:
        check_texts(row)
        raise


def check_texts(row: ClaimRow) -> None:
    """Refuse texts of a claim that can't be kept.

    Raises:
        InputError: the field is named.
    """
    for field in ("phase", "method", "given", "note", "suspicion"):
        check_text(getattr(row, field), f"claim on {row.identity[0][:80]}, {row.identity[1]}", field)


def file_claims(connection: Connection, rows: Iterable[ClaimRow], filing: Filing, batch: int = 0) -> tuple[int, int]:
    """File claims in bulk.

    Args:
        connection: in a transaction that writes.
        rows: any number; they are taken as they come, in bounded memory.
        filing: terms for all of them; ``suspicion`` and ``confidence`` of a row come before it.
        batch: import that they came with.

    Returns:
        (claims taken in, claims that were there already).
    """
    created, taken, given = audit.now(), 0, 0
    shared = (filing.licence, VISIBILITY_CODE[filing.visibility], filing.owner, STATUS_CODE[filing.status])
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK)):
        values = [_values(r, shared, filing, created, batch) for r in chunk]
        taken += _write(connection, values)
        given += len(chunk)
    return taken, given - taken


def _values(r: ClaimRow, shared: tuple[Any, ...], filing: Filing, created: str, batch: int) -> tuple[Any, ...]:
    others = {k: v for k, v in r.conditions.items() if k not in ("temperature", "pressure")}
    text = json.dumps(others, sort_keys=True) if others else ""
    confidence = r.confidence if r.confidence is not None else filing.confidence
    if not _PLAIN.fullmatch(r.phase + r.method + r.given + r.note + r.suspicion):
        check_texts(r)
    return (
        content_key(r), r.substance, r.property, r.value, r.std, r.conditions.get("temperature"), r.conditions.get("pressure"), text, r.phase, r.method, r.given, r.source, TIER_CODE[r.tier], r.note,
        *shared, confidence, r.suspicion or filing.suspicion, created, batch,
    )  # fmt: skip


def _write(connection: Connection, values: list[tuple[Any, ...]]) -> int:
    """Rows written; the driver's own bulk call, since a million rows pass here."""
    names = ", ".join(COLUMNS)
    raw = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        done = raw.executemany(f"INSERT OR IGNORE INTO claim ({names}) VALUES ({', '.join('?' * len(COLUMNS))})", values)  # type: ignore[union-attr]
        return int(done.rowcount)  # rows, without what the triggers of the checksums write
    with raw.cursor() as cursor:  # type: ignore[union-attr]
        cursor.execute("CREATE TEMP TABLE IF NOT EXISTS claim_in (LIKE claim INCLUDING DEFAULTS) ON COMMIT DROP")
        cursor.execute("ALTER TABLE claim_in DROP COLUMN IF EXISTS pk, DROP COLUMN IF EXISTS replaced_by")
        cursor.execute("TRUNCATE claim_in")
        with cursor.copy(f"COPY claim_in ({names}) FROM STDIN") as copy:
            for row in values:
                copy.write_row(row)
        cursor.execute(f"INSERT INTO claim ({names}) SELECT {names} FROM claim_in ON CONFLICT DO NOTHING")
        return int(cursor.rowcount)


@frozen
class Filed:
    """A record with how it is filed.

    Args:
        key: content hash in hexadecimal, by which it is labelled, retracted or replaced.
        kind: ``claim``, ``substance`` or one of the kinds of entry.
        record: the record itself.
        filing: who may see it, and what became of it.
        created: when it was filed, ISO 8601 in UTC.
        replaced_by: key of the record that superseded it, or empty.
        given: of a claim, number and unit as they came in.
    """

    key: str
    kind: str
    record: Any
    filing: Filing
    created: str = ""
    replaced_by: str = ""
    given: str = ""


def filing_of(row: Any, labels: Sequence[str] = ()) -> Filing:
    """The Filing that a row's columns say."""
    return Filing(row.licence, name_of(VISIBILITIES, row.visibility), row.owner, name_of(STATUSES, row.status), tuple(labels), row.confidence, row.suspicion)


def name_of(names: Sequence[str], code: Any) -> str:
    """What a code stands for; a negative one stands for nothing.

    Raises:
        LookupError: no such code.
    """
    if not isinstance(code, int) or not 0 <= code < len(names):
        raise LookupError(f"code {code!r:.40} stands for none of {', '.join(names)}")
    return names[code]


def full_claims() -> Select[Any]:
    """All columns of claims with the names that their rows stand for; add ``where``, ``order_by`` and ``limit``."""
    names = (substance.c.key.label("subject"), property_.c.name.label("property_name"), source.c.id.label("source_id"))
    joined = claim.join(substance, claim.c.substance == substance.c.pk).join(property_, claim.c.property == property_.c.pk).join(source, claim.c.source == source.c.pk)
    return select(claim, *names).select_from(joined)


def as_filed(row: Any, unit: str, labels: Sequence[str] = ()) -> Filed:
    """A row of :func:`full_claims` as a record; ``unit`` is the property's SI unit."""
    with row_of("claim", row.pk):
        conditions = {k: v for k, v in (("temperature", row.temperature), ("pressure", row.pressure)) if v is not None and math.isfinite(v)}
        conditions |= json.loads(row.conditions) if row.conditions else {}
        key, by = memoryview(row.hash).hex(), memoryview(row.replaced_by).hex() if row.replaced_by else ""
        tier = name_of(TIERS, row.tier)
        try:
            record = Claim(key, row.subject, row.property_name, row.value, unit, row.std, conditions, row.source_id, tier, row.note, row.phase, row.method)
            return Filed(key, "claim", record, filing_of(row, labels), row.created, by, row.given)
        except InputError as error:
            raise ValueError(error.message) from None


def stream(connection: Connection, query: Select[Any], units: Mapping[str, str], size: int = 5000) -> Iterator[Filed]:
    """Claims of a query one by one, in bounded memory."""
    with connection.execute(query, execution_options={"yield_per": size}) as result:
        for row in result:
            yield as_filed(row, units.get(row.property_name, "1"))
