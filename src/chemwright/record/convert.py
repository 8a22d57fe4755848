"""One converter between records and JSON, the upgrade hooks, and the content hash that everything is keyed by."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Set
from functools import lru_cache
from typing import Any, NoReturn, TypeVar

from chemwright.errors import ChemwrightError, InputError, did_you_mean

T = TypeVar("T")

#: (record name, schema version of the text) -> function that returns the data of the next version
UPGRADES: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}


def _float(data: Any, _: type) -> float:
    if isinstance(data, bool) or not isinstance(data, int | float):
        raise InputError(f"{data!r} is not a number", fix="give a number")
    if not math.isfinite(data):
        raise InputError(f"{data!r} is not a finite number", fix="give a finite number")
    return float(data)


def _int(data: Any, _: type) -> int:
    if isinstance(data, bool) or not isinstance(data, int):
        raise InputError(f"{data!r} is not a whole number", fix="give a whole number")
    return data


def _bool(data: Any, _: type) -> bool:
    if not isinstance(data, bool):
        raise InputError(f"{data!r} is neither true nor false", fix="give true or false")
    return data


def _str(data: Any, _: type) -> str:
    if not isinstance(data, str):
        raise InputError(f"{data!r} is not a text", fix="put it in quotes")
    return data


@lru_cache(maxsize=1)
def converter() -> Any:
    """The cattrs converter of the house: unknown fields and values of another type are refused, nothing is coerced."""
    from cattrs.preconf.json import make_converter

    out = make_converter(forbid_extra_keys=True, unstruct_collection_overrides={Set: sorted})  # a set has no order that a hash could rest on
    for kind, hook in ((float, _float), (int, _int), (bool, _bool), (str, _str)):
        out.register_structure_hook(kind, hook)
    return out


def to_json(record: Any, *, indent: int | None = 1) -> str:
    """A record (or plain data) as JSON text: keys sorted, so that equal records give equal text.

    Raises:
        InputError: NaN or infinity, or something that JSON can't hold.
    """
    try:
        text = json.dumps(converter().unstructure(record), indent=indent, sort_keys=True, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise InputError(f"{type(record).__name__} can't be written as JSON: {error}", fix="records hold finite numbers, texts, lists and dicts") from None
    return text


def _refuse(constant: str) -> NoReturn:
    raise InputError(f"{constant} is not a finite number", fix="give a finite number, or leave the field out")


def from_json(text: str, kind: type[T], *, where: str = "") -> T:
    """JSON text as a record of ``kind``.

    Raises:
        InputError: not JSON, a missing or unknown field, or a value of the wrong type; the field is named.
    """
    try:
        data = json.loads(text, parse_constant=_refuse)
    except InputError as error:
        raise InputError(error.message, where=where, fix=error.fix) from None
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON: {error.msg} at line {error.lineno}", where=where, fix="restore the file from a copy") from None
    except (RecursionError, ValueError, TypeError) as error:
        raise InputError(f"not JSON that can be read: {str(error)[:200]}", where=where, fix="restore the file from a copy") from None
    data = _upgraded(data, kind, where)
    try:
        record: T = converter().structure(data, kind)
    except Exception as error:  # cattrs gathers errors of every kind in groups
        problems, fix = _problems(error)
        raise InputError("; ".join(problems)[:400], where=where, fix=fix or f"compare with the fields of {kind.__name__}") from None
    return record


def _upgraded(data: Any, kind: type, where: str) -> Any:
    """The data brought to the newest schema version by the registered hooks."""
    while isinstance(data, dict) and isinstance(data.get("schema_version"), int) and (hook := UPGRADES.get((kind.__name__, data["schema_version"]))):
        before = data["schema_version"]
        data = hook(data)
        if data.get("schema_version", before) <= before:
            raise InputError(f"the upgrade of {kind.__name__} from schema version {before} does not move on", where=where, fix="report this as a bug")
    newest = next((a.default for a in getattr(kind, "__attrs_attrs__", ()) if a.name == "schema_version"), None)
    given = data.get("schema_version", newest) if isinstance(data, dict) else newest
    if given != newest:  # said before any field is looked at: another version has other fields
        raise InputError(f"schema version {given!r}, this chemwright reads {newest}", where=where, fix="use the chemwright that wrote it, or a newer one")
    return data


def _problems(error: Exception) -> tuple[list[str], str]:
    """One sentence for each thing that is wrong, naming the field; and the first fix that an error offers."""
    from cattrs import transform_error
    from cattrs.errors import ForbiddenExtraKeysError

    fixes: list[str] = []

    def sentence(exc: BaseException, type_: type | None) -> str:
        if isinstance(exc, ChemwrightError):
            fixes.append(exc.fix)
            return f"{exc.where}: {exc.message}" if exc.where else exc.message
        if isinstance(exc, ForbiddenExtraKeysError):
            known = [a.name for a in getattr(exc.cl, "__attrs_attrs__", ())]
            fixes.extend(did_you_mean(name, known) for name in sorted(exc.extra_fields))
            return "unknown field " + ", ".join(repr(name) for name in sorted(exc.extra_fields))
        if isinstance(exc, KeyError):
            return f"missing field {exc.args[0]!r}"
        name = getattr(type_, "__name__", str(type_))
        return f"expected {name} ({type(exc).__name__})"

    return transform_error(error, format_exception=sentence), next((fix for fix in fixes if fix), "")


def content_hash(record: Any) -> str:
    """SHA-256 (hex) of the record's canonical JSON; also takes plain data.

    Raises:
        InputError: NaN or infinity, or something that JSON can't hold.
    """
    return hashlib.sha256(to_json(record, indent=None).encode()).hexdigest()
