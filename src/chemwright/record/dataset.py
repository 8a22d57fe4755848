"""Arrays and files: data sets, time series, assets, models. The numbers themselves are kept as content-addressed assets."""

from __future__ import annotations

import re
from typing import Any

from attrs import Attribute, field, frozen

from chemwright.errors import InputError
from chemwright.record.fields import as_tuple, filled, finite, named_numbers, one_of, unique, within
from chemwright.record.parameters import ParameterSet

DATASET_KINDS = ("kinetic", "transport", "interfacial", "adsorption", "phase_equilibrium", "property", "spectrum", "equipment", "economic", "other")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def _sha256(instance: Any, attribute: Attribute[Any], value: str) -> None:
    if value and not _SHA256.fullmatch(value):
        raise InputError(f"{value[:80]!r} is no SHA-256 in hexadecimal", where=f"{type(instance).__name__}, {attribute.name}", fix="give the hash that storing the asset returned")


@frozen
class Column:
    """A column of a data set: its name, the vocabulary's property, its unit (SI, as stored), the substance it is of, and the column that holds its std."""

    name: str = field(validator=filled)
    property: str = ""
    unit: str = "1"
    substance: str = ""
    std: str = ""


@frozen
class DataSetRecord:
    """A table of measured or computed numbers with one meaning.

    Args:
        id: key within its source.
        kind: one of :data:`DATASET_KINDS`.
        columns: what each column holds, in order.
        asset: SHA-256 of the Parquet file with the columns.
        rows: number of rows.
        substances: keys of those it is about.
        conditions: what was held constant, vocabulary names to SI numbers.
        method, source, note: how measured, id of a :class:`Source`, anything a reader must know.
        extra: what an exchange format said beyond these fields.
    """

    id: str = field(validator=filled)
    kind: str = field(default="other", validator=one_of(DATASET_KINDS))
    columns: tuple[Column, ...] = field(default=(), converter=as_tuple, validator=unique("name"))
    asset: str = field(default="", validator=_sha256)
    rows: int = field(default=0, validator=within(0))
    substances: tuple[str, ...] = field(default=(), converter=as_tuple)
    conditions: dict[str, float] = field(factory=dict, converter=named_numbers, validator=finite)
    method: str = ""
    source: str = ""
    note: str = ""
    extra: dict[str, str] = field(factory=dict)


@frozen
class SeriesRecord:
    """A time series of one tag.

    Args:
        id: tag with its source, unique.
        tag: name in the plant or laboratory.
        property: vocabulary name.
        unit: SI unit of the stored numbers.
        start, end: ISO 8601 times of first and last point, UTC.
        points: number of points.
        assets: SHA-256 of Parquet files (columns ``time`` and ``value``), in order of time.
        equipment, source, note: where it is measured, id of a :class:`Source`, anything a reader must know.
    """

    id: str = field(validator=filled)
    tag: str = ""
    property: str = ""
    unit: str = "1"
    start: str = ""
    end: str = ""
    points: int = field(default=0, validator=within(0))
    assets: tuple[str, ...] = field(default=(), converter=as_tuple)
    equipment: str = ""
    source: str = ""
    note: str = ""


@frozen
class AssetRecord:
    """A file, known by its content: SHA-256, media type, size in bytes, the name it came under."""

    sha256: str = field(validator=[filled, _sha256])
    media_type: str = "application/octet-stream"
    size: int = field(default=0, validator=within(0))
    name: str = ""
    source: str = ""
    note: str = ""


@frozen
class ModelRecord:
    """A model and its numbers: what it predicts, its equation in words or its file, the parameters, and how well it did.

    Args:
        id: named by its paper or its training run.
        predicts: vocabulary name.
        equation: as a person writes it.
        parameters: the numbers, with their source.
        substances: keys of those it holds for; empty when it holds for any.
        valid: range in SI, as ``{"temperature.low": 250.0, "temperature.high": 400.0}``.
        score: figures of merit, as ``{"mae": 3.2}``.
        asset: SHA-256 of a weight file, or empty.
        source, note: id of a :class:`Source`, anything a reader must know.
    """

    id: str = field(validator=filled)
    predicts: str = ""
    equation: str = ""
    parameters: ParameterSet | None = None
    substances: tuple[str, ...] = field(default=(), converter=as_tuple)
    valid: dict[str, float] = field(factory=dict, converter=named_numbers, validator=finite)
    score: dict[str, float] = field(factory=dict, converter=named_numbers, validator=finite)
    asset: str = field(default="", validator=_sha256)
    source: str = ""
    note: str = ""
