"""Data sets of the Open Reaction Database as files: read and written reaction by reaction, in bounded memory.

A data set is one protobuf message with the reactions in field 3. Only that outermost level is taken apart here (protobuf's encoding guide: a field is a
varint ``number << 3 | type``, then for type 2 a varint length and as many bytes); each reaction is parsed by the generated code of ``ord-schema``.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from attrs import frozen

from chemwright.errors import InputError, MissingExtra

MAX_REACTION = 32 * 2**20
MAX_TEXT = 256 * 2**20
MAX_TOTAL = 16 * 2**30
ENDINGS = (".pb", ".pb.gz", ".pbtxt", ".pbtxt.gz", ".json", ".json.gz")
DATASET = {1: "name", 2: "description", 3: "reactions", 4: "reaction_ids", 5: "dataset_id"}
_HOW = "give a Dataset of ord-schema as .pb, .pb.gz, .pbtxt or .json"


@frozen
class Head:
    """What a data set says apart from its reactions."""

    name: str = ""
    description: str = ""
    dataset_id: str = ""
    reaction_ids: tuple[str, ...] = ()


def messages() -> tuple[Any, Any]:
    """The classes Dataset and Reaction of ``ord-schema``.

    Raises:
        MissingExtra: not installed.
    """
    try:
        from ord_schema.proto import dataset_pb2, reaction_pb2
    except ImportError:
        raise MissingExtra("the Open Reaction Database's format needs ord-schema", fix="pip install 'chemwright[exchange]'") from None
    return dataset_pb2.Dataset, reaction_pb2.Reaction


def open_plain(path: Path) -> IO[bytes]:
    """A file to read from, unpacked when it is gzip.

    Raises:
        InputError: it can't be opened.
    """
    try:
        with path.open("rb") as stream:
            packed = stream.read(2) == b"\x1f\x8b"
        return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]
    except OSError as error:
        raise InputError(f"can't be read: {error.strerror}", where=str(path), fix="check the path and the rights to it") from None


def form_of(path: Path) -> str:
    """``pb``, ``pbtxt`` or ``json`` by the ending."""
    name = path.name.lower().removesuffix(".gz")
    for ending in ("pbtxt", "json", "pb"):
        if name.endswith("." + ending):
            return ending
    raise InputError(f"ending of {path.name!r}", where=path.name, fix="end it in one of " + ", ".join(ENDINGS))


def found_form(path: Path) -> str:
    """The form of a file to read: by its ending, or by its first bytes where that says nothing."""
    try:
        return form_of(path)
    except InputError:
        with open_plain(path) as stream:
            try:
                head = stream.read(4096)
            except (OSError, EOFError, zlib.error) as error:
                raise InputError(f"can't be unpacked: {str(error)[:100]}", where=path.name, fix="fetch it anew: it is damaged") from None
        if head.lstrip().startswith(b"{"):
            return "json"
        readable = not any(b < 32 and b not in b"\t\n\r" for b in head)  # a protobuf message holds tags and lengths
        return "pbtxt" if readable and b"{" in head else "pb"


def read_dataset(path: Path) -> tuple[Head, Iterator[Any]]:
    """The head of a data set, and its reactions one by one.

    The file is gone through twice: what follows the reactions (ids, in protobuf's order) belongs to the head.

    Raises:
        InputError: not a data set; broken or over the bounds at a reaction, whose number is named (while they are read).
    """
    form = found_form(path)
    if form != "pb":
        return _read_text(path, form)
    head: dict[str, Any] = {"reaction_ids": []}
    for name, data in _fields(path):
        if name == "reaction_ids":
            head["reaction_ids"].append(_text(data, path))
        elif name != "reactions":
            head[name] = _text(data, path)
    return Head(head.get("name", ""), head.get("description", ""), head.get("dataset_id", ""), tuple(head["reaction_ids"])), _reactions(path)


def _text(data: bytes, path: Path) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise InputError("a text in it is not UTF-8", where=path.name, fix=_HOW) from None


def _reactions(path: Path) -> Iterator[Any]:
    from google.protobuf.message import DecodeError

    _, Reaction = messages()
    number = 0
    for name, data in _fields(path):
        if name == "reactions":
            number += 1
            try:
                yield Reaction.FromString(data)
            except (DecodeError, UnicodeDecodeError, RecursionError) as error:
                raise InputError(
                    f"not a reaction: {str(error)[:100] or type(error).__name__}", where=f"{path.name}, reaction {number}", fix="restore the file from its source"
                ) from None


def _fields(path: Path) -> Iterator[tuple[str, bytes]]:
    """Fields of the outermost message; unknown ones are passed over."""
    total = 0
    with open_plain(path) as stream:
        try:
            while (tag := _varint(stream, path, end=True)) is not None:
                kind, number = tag & 7, tag >> 3
                if kind != 2 or number not in DATASET:
                    _skip(stream, kind, path)
                    continue
                size = _varint(stream, path) or 0
                total += size
                if size > MAX_REACTION or total > MAX_TOTAL:
                    raise InputError(
                        f"a field of {size / 2**20:.0f} MiB, at most {MAX_REACTION / 2**20:.0f} MiB expected",
                        where=path.name,
                        fix="keep files out of the message and give their address",
                    )
                data = stream.read(size)
                if len(data) != size:
                    raise InputError("ends within a message", where=path.name, fix="fetch it anew: it is cut short, or " + _HOW)
                yield DATASET[number], data
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"can't be unpacked: {str(error)[:100]}", where=path.name, fix="fetch it anew: it is damaged") from None


def _varint(stream: IO[bytes], path: Path, *, end: bool = False) -> int | None:
    """The next varint; None at the end of the file, where that may be."""
    out = 0
    for shift in range(0, 70, 7):
        byte = stream.read(1)
        if not byte:
            if end and shift == 0:
                return None
            raise InputError("ends within a message", where=path.name, fix="fetch it anew: it is cut short, or " + _HOW)
        out |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return out
    raise InputError("is no protobuf message", where=path.name, fix=_HOW)


def _skip(stream: IO[bytes], kind: int, path: Path) -> None:
    if kind == 0:
        _varint(stream, path)
        return
    size = {1: 8, 5: 4}.get(kind) or (_varint(stream, path) if kind == 2 else None)
    if size is None or size > MAX_REACTION or len(stream.read(size)) != size:
        raise InputError("is no protobuf message", where=path.name, fix=_HOW)


def _read_text(path: Path, form: str) -> tuple[Head, Iterator[Any]]:
    """The text forms hold the whole message at once, so their size is bounded."""
    from google.protobuf import json_format, text_format

    Dataset, _ = messages()
    try:
        with open_plain(path) as stream:
            data = stream.read(MAX_TEXT + 1)
        if len(data) > MAX_TEXT:
            raise InputError(f"over {MAX_TEXT / 2**20:.0f} MiB of text", where=path.name, fix="give it as .pb.gz, which is read piece by piece")
        text = data.decode("utf-8-sig")
        whole = json_format.Parse(text, Dataset()) if form == "json" else text_format.Parse(text, Dataset())
    except (json_format.ParseError, text_format.ParseError, UnicodeDecodeError, RecursionError, json.JSONDecodeError) as error:
        raise InputError(f"not a data set: {str(error)[:200]}", where=path.name, fix=_HOW) from None
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"can't be unpacked: {str(error)[:100]}", where=path.name, fix="fetch it anew: it is damaged") from None
    return Head(whole.name, whole.description, whole.dataset_id, tuple(whole.reaction_ids)), iter(whole.reactions)


def write_dataset(stream: IO[bytes], form: str, head: Head, reactions: Iterable[Any]) -> int:
    """Write a data set; as protobuf piece by piece, as text whole.

    Returns:
        how many reactions.
    """
    Dataset, _ = messages()
    if form != "pb":
        from google.protobuf import json_format, text_format

        whole = Dataset(name=head.name, description=head.description, dataset_id=head.dataset_id, reaction_ids=head.reaction_ids)
        whole.reactions.extend(reactions)
        text = json_format.MessageToJson(whole, preserving_proto_field_name=True, ensure_ascii=False) if form == "json" else text_format.MessageToString(whole, as_utf8=True)
        stream.write(text.encode())
        return len(whole.reactions)
    written = 0
    stream.write(Dataset(name=head.name, description=head.description).SerializeToString(deterministic=True))
    for reaction in reactions:
        stream.write(Dataset(reactions=[reaction]).SerializeToString(deterministic=True))
        written += 1
    stream.write(Dataset(dataset_id=head.dataset_id, reaction_ids=head.reaction_ids).SerializeToString(deterministic=True))
    return written
