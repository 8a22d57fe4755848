"""Columns of numbers as Parquet, the form in which data sets keep them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve

from chemwright.errors import StorageError
from chemwright.record import DataSetRecord


def parquet(columns: Mapping[str, Sequence[float]]) -> bytes:
    """Columns of equal length as a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.table({name: pa.array(list(values), pa.float64()) for name, values in columns.items()}), out, compression="zstd")
    return out.getvalue()


def with_columns(record: DataSetRecord, columns: Mapping[str, Sequence[float]]) -> tuple[bytes, DataSetRecord]:
    """The bytes to keep, and the record that names them."""
    data = parquet(columns)
    rows = len(next(iter(columns.values()), ()))
    return data, evolve(record, asset=hashlib.sha256(data).hexdigest(), rows=rows)


def columns_of(data: bytes, where: str) -> dict[str, list[float]]:
    """The columns of a kept Parquet file.

    Raises:
        StorageError: it is none.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table: Any = pq.read_table(io.BytesIO(data))
    except (pa.ArrowException, OSError) as error:
        raise StorageError(f"its columns can't be read: {str(error)[:80]}", where=where, fix="chemwright kb verify --restore") from None
    return {name: table.column(name).to_pylist() for name in table.column_names}
