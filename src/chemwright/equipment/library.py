"""The cited tables that ship with the package: cost correlations, prices, emission factors, coefficients, candidate measurements."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources

from attrs import field, frozen

from chemwright.equipment.cost import CostRow
from chemwright.errors import ChemwrightError, InputError, did_you_mean
from chemwright.record import Claim, Source
from chemwright.record.fields import filled, number, within

CLAIM_TABLES = ("prices", "crystallisation", "heat_transfer_coefficients")
_CLAIM_COLUMNS = ("id", "subject", "property", "value", "unit", "std", "tier", "source", "note")
_COST_COLUMNS = ("equipment", "name", "size_name", "unit", "size_min", "size_max", "a", "b", "n", "hand_factor", "material", "note", "source")
_COST_NUMBERS = ("size_min", "size_max", "a", "b", "n", "hand_factor")
_MEASUREMENT_COLUMNS = ("id", "description", "tier", "cost", "std_noise", "noise_unit", "informs")


@frozen
class CandidateMeasurement:
    """A measurement that could be bought.

    Args:
        id: key.
        description: what is done, in words.
        tier: room of the house whose knowledge it sharpens, as ``kinetics``.
        cost: USD.
        std_noise: standard deviation of the measurement's error, in ``noise_unit``.
        noise_unit: unit text, or ``relative`` for a fraction of the claim's value.
        informs: id of the claim it measures, or ``experiment:NAME`` for another run of the case's experiments.

    Raises:
        InputError: empty id, cost or noise not > 0.
    """

    id: str = field(validator=filled)
    description: str
    tier: str
    cost: float = field(converter=number, validator=within(0.0, open_low=True))
    std_noise: float = field(converter=number, validator=within(0.0, open_low=True))
    noise_unit: str = "1"
    informs: str = ""


def _text(file: str) -> str:
    return (resources.files("chemwright") / "data" / "economics" / file).read_text(encoding="utf-8")


def _rows(text: str, required: tuple[str, ...], where: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Rows of a CSV with their place; refuses missing columns, ragged rows and repeated keys (the first column)."""
    reader = csv.DictReader(io.StringIO(text), strict=True)
    missing = [c for c in required if c not in (reader.fieldnames or ())]
    if missing:
        raise InputError(f"column {missing[0]!r} is missing", where=where, fix="columns: " + ", ".join(required))
    seen: set[str] = set()
    for row in reader:
        place = f"{where}, line {reader.line_num}"
        if None in row or None in row.values():
            raise InputError("the row has not as many cells as the header", where=place, fix="quote cells that hold a comma")
        key = row[required[0]]
        if key in seen:
            raise InputError(f"{key!r} is there twice", where=place, fix="keep one")
        seen.add(key)
        yield place, row


def _placed(error: ChemwrightError, place: str) -> InputError:
    """The same error with the line of the table in front of the field."""
    return InputError(error.message, where=f"{place}, {error.where}" if error.where else place, fix=error.fix)


def _number(row: dict[str, str], column: str, where: str) -> float:
    try:
        return float(row[column])
    except ValueError:
        raise InputError(f"{column} is {row[column]!r}, a number expected", where=where, fix="write it like 12.5") from None


def _conditions(text: str, where: str) -> dict[str, float]:
    out: dict[str, float] = {}
    for part in filter(None, (p.strip() for p in text.split(";"))):
        name, _, value = part.partition("=")
        out[name.strip()] = _number({"condition": value}, "condition", where)
    return out


def parse_claims(text: str, where: str = "") -> tuple[Claim, ...]:
    """Claims from CSV text with the columns id, subject, property, value, unit, std, tier, source, note (and ``conditions``: ``temperature=278.15``, in SI).

    Raises:
        InputError: a column is missing, a cell is no number, a key comes twice, a tier is unknown; the line is named.
    """
    claims = []
    for place, row in _rows(text, _CLAIM_COLUMNS, where):
        std = _number(row, "std", place) if row["std"] else None
        head = {k: row[k] for k in ("id", "subject", "property", "unit", "source", "tier", "note")}
        try:
            claims.append(Claim(value=_number(row, "value", place), std=std, conditions=_conditions(row.get("conditions", ""), place), **head))
        except ChemwrightError as error:
            raise _placed(error, place) from None
    return tuple(claims)


def parse_cost_table(text: str, where: str = "") -> dict[str, CostRow]:
    """Cost correlations by key from CSV text with the fields of :class:`CostRow` as columns.

    Raises:
        InputError: as :func:`parse_claims`, or a correlation that makes no sense.
    """
    out: dict[str, CostRow] = {}
    for place, row in _rows(text, _COST_COLUMNS, where):
        numbers = {k: _number(row, k, place) for k in _COST_NUMBERS}
        words = {k: row[k] for k in _COST_COLUMNS if k not in _COST_NUMBERS}
        try:
            out[row["equipment"]] = CostRow(**words, **numbers)  # type: ignore[arg-type]
        except InputError as error:
            raise _placed(error, place) from None
    return out


@lru_cache(maxsize=1)
def _sources() -> dict[str, Source]:
    return {s["id"]: Source(**s) for s in json.loads(_text("sources.json"))}


def load_sources() -> dict[str, Source]:
    """All sources of the economics tables and equations, by id."""
    return dict(_sources())


@lru_cache(maxsize=8)
def load_claims(name: str) -> tuple[tuple[Claim, ...], tuple[Source, ...]]:
    """The claims of one shipped table and the sources they use.

    Args:
        name: ``prices`` (prices, emission factors, overheads, cost index), ``crystallisation`` or ``heat_transfer_coefficients``.

    Returns:
        Claims in the order of the table, and each source once, in order of first use.

    Raises:
        InputError: unknown table, malformed table, or a source that is not listed.
    """
    if name not in CLAIM_TABLES:
        raise InputError(f"no table of claims {name!r}", where="load_claims", fix=did_you_mean(str(name), CLAIM_TABLES))
    claims = parse_claims(_text(f"{name}.csv"), f"{name}.csv")
    known = _sources()
    for claim in claims:
        if claim.source not in known:
            raise InputError(f"claim {claim.id!r} names the source {claim.source!r}, which is not listed", where=f"{name}.csv", fix=did_you_mean(claim.source, known))
    return claims, tuple(known[key] for key in dict.fromkeys(c.source for c in claims))


@lru_cache(maxsize=1)
def _cost_rows() -> dict[str, CostRow]:
    return parse_cost_table(_text("Towler2013.csv"), "Towler2013.csv")


def equipment_table() -> dict[str, CostRow]:
    """The purchase-cost correlations ``Towler2013`` by key, as in ``equipment_table()["double_pipe_exchanger"]``.

    Raises:
        InputError: malformed table; the line is named.
    """
    return dict(_cost_rows())


@lru_cache(maxsize=1)
def load_measurements() -> tuple[CandidateMeasurement, ...]:
    """The candidate measurements that ship with the package; their costs and noises are plain assumptions of the authors.

    Raises:
        InputError: malformed table; the line is named.
    """
    out = []
    for place, row in _rows(_text("measurements.csv"), _MEASUREMENT_COLUMNS, "measurements.csv"):
        cost, noise = _number(row, "cost", place), _number(row, "std_noise", place)
        try:
            out.append(CandidateMeasurement(row["id"], row["description"], row["tier"], cost, noise, row["noise_unit"], row["informs"]))
        except InputError as error:
            raise _placed(error, place) from None
    return tuple(out)
