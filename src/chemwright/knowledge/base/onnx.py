"""Whether an ONNX file names data outside itself: read far enough to see, without the onnx package, and refuse what can't be read.

An ONNX model may keep its weights in files beside it, named by a path of its author's choice. Such a model is incomplete as an asset, and loading it
would read whatever the path says. The fields are those of ``onnx.proto`` (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, IR version 10).
"""

from __future__ import annotations

from collections.abc import Iterator

from chemwright.errors import InputError

# message: {field number: message in it}; only what leads to a tensor
_INTO = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14
MAX_DEPTH = 40
MAX_FIELDS = 5_000_000


def check_onnx(data: bytes | memoryview, where: str) -> None:
    """Refuse a model whose data lie outside its file.

    Args:
        data: the whole file.
        where: its name.

    Raises:
        InputError: it names external data, or is no readable ONNX model.
    """
    view = memoryview(data)
    todo: list[tuple[str, int, int, int]] = [("model", 0, len(view), 0)]
    fields, graphs = 0, 0
    while todo:
        message, start, end, depth = todo.pop()
        if depth > MAX_DEPTH:
            raise InputError("graphs nested too deeply for a model", where=where, fix="export the model again")
        for number, wire, low, high in _fields(view, start, end, where):
            fields += 1
            if fields > MAX_FIELDS:
                raise InputError(f"more than {MAX_FIELDS:,} fields", where=where, fix="file it under another media type if it is no ONNX model")
            if message == "tensor" and (number == _EXTERNAL_DATA or (number == _DATA_LOCATION and wire == 0 and high != 0)):
                raise InputError(
                    "the model keeps data in another file, which would be missing here", where=where, fix="save it in one file: onnx.save(model, path, save_as_external_data=False)"
                )
            inner = _INTO[message].get(number)
            if inner is not None and wire == 2:
                graphs += inner == "graph"
                todo.append((inner, low, high, depth + 1))
    if not graphs:
        raise InputError("holds no graph: it is no ONNX model", where=where, fix="file it under the media type that it has")


def _fields(view: memoryview, at: int, end: int, where: str) -> Iterator[tuple[int, int, int, int]]:
    """(number, wire type, start, end) of the fields of a message; of a number, (number, 0, 0, its value)."""
    while at < end:
        tag, at = _varint(view, at, end, where)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = _varint(view, at, end, where)
            yield number, 0, 0, value
            continue
        size = {1: 8, 5: 4}.get(wire, -1)
        if wire == 2:
            size, at = _varint(view, at, end, where)
        if number == 0 or size < 0 or at + size > end:
            raise _unreadable(where)
        yield number, wire, at, at + size
        at += size


def _varint(view: memoryview, at: int, end: int, where: str) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= end:
            break
        byte = view[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise _unreadable(where)


def _unreadable(where: str) -> InputError:
    return InputError("can't be read as an ONNX model", where=where, fix="check that the file is whole, or file it under another media type")
