"""Time series in bulk: points from Arrow, NumPy, CSV or Parquet as content-addressed Parquet chunks in the base, and back by range of time."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from attrs import evolve, frozen
from sqlalchemy import Connection, select, update

from chemwright.errors import InputError, StorageError, did_you_mean
from chemwright.knowledge.base import audit, blobs
from chemwright.knowledge.base.database import KnowledgeBase
from chemwright.knowledge.base.entries import entry_as_filed
from chemwright.knowledge.base.schema import STATUS_CODE, entry
from chemwright.quantity.units import factor
from chemwright.record import AssetRecord, Filing, SeriesRecord

PARQUET = "application/vnd.apache.parquet"
CHUNK = 1_000_000
"""Points of one Parquet file."""


@frozen
class SeriesReport:
    """What was filed: key and record of the series, points taken, and what was noticed in words (order mended, doubles dropped, gaps)."""

    key: str
    record: SeriesRecord
    points: int
    noticed: tuple[str, ...] = ()


def utc(times: Any, zone: str = "", where: str = "series") -> np.ndarray:
    """Times as nanoseconds since 1970 in UTC.

    Args:
        times: ``datetime64`` array, Arrow timestamps, a sequence of datetimes or ISO 8601 texts; numbers are refused.
        zone: name of the zone of times that carry none, as ``Europe/Berlin`` or ``UTC``.
        where: place to name in an error.

    Raises:
        InputError: times that carry no zone when none is given, no times at all, or a local time that a change of clocks skips or doubles.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(times, pa.ChunkedArray):
        times = times.combine_chunks()
    array = times if isinstance(times, pa.Array) else pa.array(times.astype("datetime64[ns]") if isinstance(times, np.ndarray) and times.dtype.kind == "M" else times)
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        array = _parsed(array, where)
    if not pa.types.is_timestamp(array.type):
        raise InputError(
            f"times of type {array.type}", where=where, fix="give datetimes or ISO 8601 texts; for numbers say the unit: numpy's (t0 + seconds.astype('timedelta64[s]'))"
        )
    if array.null_count:
        raise InputError(f"{array.null_count} points without a time", where=where, fix="leave such points out")
    if array.type.tz is None:
        if not zone:
            raise InputError("times without a zone", where=where, fix="say which: zone='UTC' or 'Europe/Berlin' or 'Asia/Shanghai'")
        try:
            ZoneInfo(zone)
            array = pc.assume_timezone(array, zone) if zone != "UTC" else array.cast(pa.timestamp(array.type.unit, "UTC"))
        except (KeyError, ValueError, OSError):
            if not _known_zone(zone):
                raise InputError(f"no time zone {zone[:40]!r}", where=where, fix="give one such as 'UTC', 'Europe/Berlin' or 'Asia/Shanghai'") from None
            raise InputError(f"a local time that the change of clocks in {zone} skips or doubles", where=where, fix="give times in UTC, or with their offset") from None
    return np.asarray(array.cast(pa.timestamp("ns", "UTC")).cast(pa.int64()).to_numpy(zero_copy_only=False))


def _known_zone(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _parsed(array: Any, where: str) -> Any:
    import pyarrow as pa

    for kind in (pa.timestamp("ns", "UTC"), pa.timestamp("ns")):
        try:
            return array.cast(kind)
        except pa.ArrowInvalid:
            continue
    try:
        return pa.array([datetime.fromisoformat(t) for t in array.to_pylist()])
    except (ValueError, TypeError, pa.ArrowInvalid):
        raise InputError("times that are not ISO 8601, or some with a zone and some without", where=where, fix="write them as 2024-05-01T12:00:00Z") from None


def _ordered(times: np.ndarray, values: np.ndarray, noticed: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Points in order of time, one for each time: of several the last given counts."""
    step = np.diff(times)
    if np.all(step > 0):
        return times, values
    if np.any(step < 0):
        noticed.append(f"{int(np.sum(step < 0)):,} points came before their forerunner in time; put in order")
        order = np.argsort(times, kind="stable")
        times, values = times[order], values[order]
    last = np.append(np.diff(times) > 0, True)
    if not last.all():
        noticed.append(f"{int((~last).sum()):,} points with a time that occurs again; the last one given counts")
        times, values = times[last], values[last]
    return times, values


def add_series(
    kb: KnowledgeBase,
    tag: str,
    times: Any,
    values: Any,
    property: str,
    unit: str,
    *,
    zone: str = "",
    source: str = "",
    equipment: str = "",
    note: str = "",
    filing: Filing | None = None,
    progress: Callable[[str, float | None], None] | None = None,
) -> SeriesReport:
    """File a time series, or append to the one of this tag and source; one transaction.

    Args:
        kb: open for writing.
        tag: name in the plant.
        times: as for :func:`utc`, n of them.
        values: numbers, NaN or null where a point is missing; n of them.
        property: vocabulary name.
        unit: of the values; they are stored in SI.
        zone: of times that carry none.
        source: id of a source.
        equipment, note: as in :class:`SeriesRecord`.
        filing: terms; private and trusted when None.
        progress: called with words and the share done.

    Returns:
        a :class:`SeriesReport`.

    Raises:
        InputError: unequal lengths, no points, times without a zone, an infinite value, points before the end of what is filed. UnitError: another dimension.
    """
    item = kb.vocabulary.find(property, f"series {tag!r}")
    where = f"series {tag!r}"
    scale, offset = factor(unit, item.unit, where)
    at = utc(times, zone, where)
    numbers = _numbers(values, where)
    if len(at) != len(numbers) or not len(at):
        raise InputError(f"{len(at)} times and {len(numbers)} values", where=where, fix="give as many values as times, one at least")
    noticed: list[str] = []
    at, numbers = _ordered(at, numbers, noticed)
    si = numbers if (scale, offset) == (1.0, 0.0) else numbers * scale + offset
    if np.isinf(si).any():
        raise InputError("an infinite value", where=where, fix="write NaN or leave the cell empty where a point is missing")
    missing = int(np.isnan(si).sum())
    if missing:
        noticed.append(f"{missing:,} points without a value are kept as such")
    beyond = int(((si < item.low) if item.low is not None else np.zeros(len(si), bool)).sum() + ((si > item.high) if item.high is not None else np.zeros(len(si), bool)).sum())
    if beyond:
        noticed.append(f"{beyond:,} values can't be: {item.name} goes from {item.low} to {item.high} {item.unit}; kept as the instrument gave them")
    chunks = _chunks(at, si, progress)
    terms = evolve(filing or Filing(), owner=(filing.owner if filing else "") or kb.who, suspicion=f"{beyond:,} values out of the possible range" if beyond else "")
    with kb.writing() as connection:
        found = _latest(connection, tag, source)
        hashes = [blobs.put(connection, memoryview(c)) for c, _ in chunks]
        kb.file(connection, [AssetRecord(h, PARQUET, len(c), span) for h, (c, span) in zip(hashes, chunks, strict=True)], terms)
        record, key, said = _file(
            kb, connection, found, SeriesRecord(_id(tag, source), tag, item.name, item.unit, iso(at[0]), iso(at[-1]), len(at), tuple(hashes), equipment, source, note), terms
        )
        audit.write(connection, kb.who, "series", tag, points=len(at), chunks=len(hashes), key=key)
    return SeriesReport(key, record, len(at), (*noticed, *said))


def _numbers(values: Any, where: str) -> np.ndarray:
    import pyarrow as pa

    if isinstance(values, pa.Array | pa.ChunkedArray):
        values = values.cast(pa.float64()).to_numpy() if isinstance(values, pa.ChunkedArray) else values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    try:
        return np.asarray(values, dtype=np.float64)
    except (ValueError, TypeError):
        raise InputError("values that are no numbers", where=where, fix="give numbers, NaN where a point is missing") from None


def _chunks(at: np.ndarray, si: np.ndarray, progress: Callable[[str, float | None], None] | None) -> list[tuple[bytes, str]]:
    """Parquet files (zstd) of up to a million points, each with its span of time as its name."""
    import pyarrow as pa
    from pyarrow import parquet

    out = []
    for start in range(0, len(at), CHUNK):
        part = slice(start, start + CHUNK)
        table = pa.table({"time": pa.array(at[part]).view(pa.timestamp("ns", "UTC")), "value": pa.array(si[part], mask=np.isnan(si[part]))})
        sink = io.BytesIO()
        parquet.write_table(
            table,
            sink,
            compression="zstd",
            compression_level=1,
            use_dictionary=False,
            column_encoding={"time": "DELTA_BINARY_PACKED", "value": "BYTE_STREAM_SPLIT"},
            store_schema=True,
        )
        out.append((sink.getvalue(), f"{iso(at[part][0])}/{iso(at[part][-1])}"))
        if progress:
            progress(f"{min(start + CHUNK, len(at)):,} of {len(at):,} points", min(1.0, (start + CHUNK) / len(at)))
    return out


def _id(tag: str, source: str) -> str:
    if not tag.strip() or len(tag) > 300 or not tag.isprintable():
        raise InputError(f"tag {tag[:60]!r}", where="series", fix="give 1 to 300 printable characters")
    return f"{source}/{tag}" if source else tag


def _latest(connection: Connection, tag: str, source: str) -> Any:
    """The row of the series that stands for this tag and source; None where there is none."""
    return connection.execute(select(entry).where(entry.c.kind == "series", entry.c.id == _id(tag, source), entry.c.status == 0).order_by(entry.c.pk.desc()).limit(1)).one_or_none()


def _file(kb: KnowledgeBase, connection: Connection, found: Any, new: SeriesRecord, terms: Filing) -> tuple[SeriesRecord, str, tuple[str, ...]]:
    """File the series, or the longer one in the place of the one that stands."""
    said: tuple[str, ...] = ()
    if found is not None:
        old: SeriesRecord = entry_as_filed(found).record
        if set(new.assets) <= set(old.assets):
            return old, bytes(found.hash).hex(), ("these points are filed already",)
        if new.property != old.property:
            raise InputError(f"the tag is filed as {old.property}, these points are {new.property}", where=f"series {new.tag!r}", fix="choose another tag or source")
        if new.start <= old.end:
            raise InputError(
                f"points from {new.start}, the series goes to {old.end}", where=f"series {new.tag!r}", fix="append later points only; retract the old series to replace it"
            )
        new = evolve(old, end=new.end, points=old.points + new.points, assets=(*old.assets, *new.assets), note=new.note or old.note)
        said = (f"appended to {old.points:,} points",)
    key = kb.file(connection, [new], terms)[0]
    if found is not None:
        connection.execute(update(entry).where(entry.c.pk == found.pk).values(status=STATUS_CODE["superseded"], replaced_by=bytes.fromhex(key)))
        audit.write(connection, kb.who, "superseded", bytes(found.hash).hex(), why="points appended", by=key)
    return new, key, said


def iso(nanoseconds: Any) -> str:
    """ISO 8601 in UTC, to the nanosecond: texts that sort as times do."""
    return f"{np.datetime_as_string(np.datetime64(int(nanoseconds), 'ns'), unit='ns')}Z"


def series_record(kb: KnowledgeBase, tag: str, source: str = "") -> SeriesRecord:
    """The series that stands for a tag.

    Raises:
        InputError: none, with near misses.
    """
    with kb.reading() as connection:
        found = _latest(connection, tag, source)
        if found is None:
            known = connection.execute(select(entry.c.id).where(entry.c.kind == "series", entry.c.status == 0).limit(5000)).scalars().all()
            raise InputError(f"no series {_id(tag, source)!r}", where=kb.address, fix=did_you_mean(_id(tag, source), known))
        record: SeriesRecord = entry_as_filed(found).record
        return record


def read_series(kb: KnowledgeBase, tag: str, start: str = "", end: str = "", *, source: str = "") -> Any:
    """Points of a series as an Arrow table with ``time`` (UTC) and ``value`` (SI); only the chunks of the range are read.

    Args:
        kb: to read from.
        tag: of the series.
        start, end: ISO 8601 times with a zone, both within the range; empty for the ends.
        source: id of its source.

    Raises:
        InputError: no such series, or times without a zone. StorageError: a chunk is missing or damaged.
    """
    import pyarrow as pa

    record = series_record(kb, tag, source)
    low = int(utc([start])[0]) if start else None
    high = int(utc([end])[0]) if end else None
    tables = list(_read_chunks(kb, record, low, high))
    return pa.concat_tables(tables) if tables else pa.table({"time": pa.array([], pa.timestamp("ns", "UTC")), "value": pa.array([], pa.float64())})


def _read_chunks(kb: KnowledgeBase, record: SeriesRecord, low: int | None, high: int | None) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import parquet

    spans = _spans(kb, record)
    for sha in record.assets:
        first, last = (int(utc([t])[0]) for t in spans[sha].split("/"))
        if high is not None and first > high:
            return
        if low is not None and last < low:
            continue
        with kb.reading() as connection:
            data = blobs.get(connection, sha)
        try:
            table = parquet.read_table(pa.BufferReader(data))
        except (pa.ArrowInvalid, OSError) as error:
            raise StorageError(f"a chunk can't be read: {str(error)[:100]}", where=f"series {record.id}", fix="chemwright kb verify --restore") from None
        if low is not None and first < low:
            table = table.filter(pc.greater_equal(table["time"], pa.scalar(low, pa.int64()).cast(pa.timestamp("ns", "UTC"))))
        if high is not None and last > high:
            table = table.filter(pc.less_equal(table["time"], pa.scalar(high, pa.int64()).cast(pa.timestamp("ns", "UTC"))))
        yield table


def _spans(kb: KnowledgeBase, record: SeriesRecord) -> dict[str, str]:
    """Span of time of each chunk, as filed with it."""
    out: dict[str, str] = {}
    with kb.reading() as connection:
        for i in range(0, len(record.assets), 500):
            for row in connection.execute(select(entry).where(entry.c.kind == "asset", entry.c.id.in_(record.assets[i : i + 500]))):
                found: AssetRecord = entry_as_filed(row).record
                if found.media_type == PARQUET and "/" in found.name:
                    out[found.sha256] = found.name
    missing = [a for a in record.assets if a not in out]
    if missing:
        raise StorageError("the span of a chunk is not filed", where=f"series {record.id}, asset {missing[0][:16]}", fix="chemwright kb verify --restore")
    return out


def add_table(kb: KnowledgeBase, table: Any, tags: Sequence[tuple[str, str, str]], time: str = "time", **options: Any) -> list[SeriesReport]:
    """File a wide table of a historian, one series for each tag.

    Args:
        kb: open for writing.
        table: Arrow table, or the path of a Parquet or CSV file.
        tags: (column, property, unit) of each.
        time: name of the column with the times.
        options: as for :func:`add_series`.

    Raises:
        InputError: a column that is not there, with near misses; and as for :func:`add_series`.
    """
    from pyarrow import csv as arrow
    from pyarrow import parquet

    if isinstance(table, str | Path):
        path = Path(table)
        if not path.is_file():
            raise InputError("file not found", where=str(path), fix="check the path")
        table = parquet.read_table(path) if path.suffix.lower() in (".parquet", ".pq") else arrow.read_csv(path)
    for name in (time, *(t for t, _, _ in tags)):
        if name not in table.column_names:
            raise InputError(f"no column {name[:60]!r}", where="historian table", fix=did_you_mean(name, table.column_names))
    return [add_series(kb, tag, table[time], table[tag], prop, unit, **options) for tag, prop, unit in tags]
