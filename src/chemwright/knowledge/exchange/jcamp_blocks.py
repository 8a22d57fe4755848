"""Labels and blocks of JCAMP-DX: what is said, and the tables of numbers it is said of."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from attrs import Factory, define, frozen

from chemwright.errors import InputError
from chemwright.knowledge.exchange.jcamp_numbers import ordinates, plain_numbers

_LABEL = re.compile(r"^\s*##([^=]*)=(.*)$")
_TABLES = ("XYDATA", "XYPOINTS", "PEAKTABLE", "PEAKASSIGNMENTS", "DATATABLE", "RADATA")
_ASSIGNED = re.compile(r"\(\s*([^,()]+?)\s*(?:,\s*([^,()<]*?)\s*)?(?:,\s*([^,()<]*?)\s*)?(?:,\s*<?([^>)]*)>?\s*)\)")
MAX_DEPTH = 8


def folded(label: str) -> str:
    """A label as it is compared: capitals, without blanks, hyphens, slashes and underscores."""
    return re.sub(r"[\s\-/_]", "", label).upper()


@define
class Block:
    """One block: labels with their text in order, line numbers of the tables, and the blocks within it."""

    labels: list[tuple[str, str, int]] = Factory(list)
    children: list[Block] = Factory(list)

    def get(self, *names: str) -> str:
        """The text of the first label of these names, on one line; empty when there is none."""
        for name in names:
            for label, text, _ in self.labels:
                if folded(label) == name:
                    return " ".join(text.split())
        return ""

    def number(self, name: str, default: float | None = None) -> float | None:
        """The number of a label."""
        text = self.get(name)
        try:
            value = float(text.split()[0]) if text else default
        except ValueError:
            return default
        return value if value is None or math.isfinite(value) else default


def read_blocks(text: str, where: str) -> Block:
    """The outermost block of a file.

    Raises:
        InputError: no JCAMP-DX, or nested over eight deep.
    """
    root = Block()
    stack = [root]
    current: list[str] | None = None
    label, start = "", 0

    def close() -> None:
        if current is not None:
            stack[-1].labels.append((label, "\n".join(current), start))

    for number, line in enumerate(text.splitlines(), start=1):
        match = _LABEL.match(line)
        if match is None:
            if current is not None:
                current.append(_plain(line))
            continue
        close()
        label, start, current = match.group(1).strip(), number, [_plain(match.group(2))]
        if folded(label) == "END":
            current = None
            if len(stack) > 1:
                stack.pop()
        elif folded(label) == "TITLE":
            fresh = Block()
            if stack[-1].get("TITLE") and folded(stack[-1].get("DATATYPE")) != "LINK" and len(stack) > 2:
                stack.pop()  # a block whose END is missing
            stack[-1].children.append(fresh)
            stack.append(fresh)
            if len(stack) > MAX_DEPTH:
                raise InputError(f"blocks nested over {MAX_DEPTH} deep", where=f"{where}, line {number}", fix="restore the file from its source")
    close()
    if not root.children or not any(b.get("JCAMPDX", "JCAMPCS") for b in walk(root)):
        raise InputError("no JCAMP-DX: ##TITLE= and ##JCAMP-DX= are missing", where=where, fix="give a spectrum as .jdx or .dx")
    return root


def _plain(line: str) -> str:
    """Without the comment behind ``$$``."""
    return line.split("$$", 1)[0].rstrip()


def walk(block: Block) -> Iterator[Block]:
    """A block and all within it."""
    yield block
    for child in block.children:
        yield from walk(child)


@frozen
class Table:
    """Numbers of a block, as they stand there: factors applied, units not yet changed.

    Args:
        kind: ``curve`` or ``peaks``.
        x, y: numbers; NaN where missing.
        x_unit, y_unit: as written.
        page: of an NTUPLES block, or empty.
        texts: assignments of peaks, or empty.
        notes: what did not agree, in words.
    """

    kind: str
    x: list[float]
    y: list[float]
    x_unit: str
    y_unit: str
    page: str = ""
    texts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def tables(block: Block, where: str) -> Iterator[Table]:
    """The tables of a block.

    Raises:
        InputError: numbers that can't be read, a failed check, or a form that is not known.
    """
    if block.get("NTUPLES") or folded(block.get("DATACLASS")) == "NTUPLES":
        yield from _pages(block, where)
        return
    axis = _Axis(
        block.number("FIRSTX"), block.number("LASTX"), block.number("DELTAX"), block.number("NPOINTS"), block.number("XFACTOR", 1.0) or 1.0, block.number("YFACTOR", 1.0) or 1.0
    )
    for label, text, line in block.labels:
        if folded(label) in _TABLES:
            yield _table(folded(label), text, axis, block.get("XUNITS"), block.get("YUNITS"), where, line)


@frozen
class _Axis:
    first: float | None
    last: float | None
    delta: float | None
    points: float | None
    x_factor: float
    y_factor: float


def _table(kind: str, text: str, axis: _Axis, x_unit: str, y_unit: str, where: str, line: int, page: str = "") -> Table:
    head, *body = text.split("\n")
    form = re.sub(r"\s", "", head.split(",")[0] if kind == "DATATABLE" else head).upper()
    if kind == "PEAKASSIGNMENTS" or re.fullmatch(r"\(XY?[MWU]*A\)", form):
        return _assigned("\n".join(body), axis, x_unit, y_unit, page)
    if "++" in form:
        return _curve(body, axis, x_unit, y_unit, where, line + 1, page)
    group = re.match(r"\(([A-Z]+)\.\.", form)
    if group is None:
        raise InputError(f"the form {head.strip()[:40]!r} is not known", where=f"{where}, line {line}", fix="write it as (X++(Y..Y)) or (XY..XY)")
    width = len(group.group(1))
    numbers = plain_numbers("\n".join(body), f"{where}, line {line}")
    if len(numbers) % width:
        raise InputError(f"{len(numbers)} numbers, a multiple of {width} expected", where=f"{where}, line {line}", fix="restore the file from its source")
    said = _agree(len(numbers) // width, axis)
    kind = "peaks" if kind == "PEAKTABLE" or "PEAKS" in head.upper() else "curve"
    return Table(kind, [axis.x_factor * v for v in numbers[::width]], [axis.y_factor * v for v in numbers[1::width]], x_unit, y_unit, page, notes=said)


def _agree(points: int, axis: _Axis) -> tuple[str, ...]:
    return () if axis.points is None or int(axis.points) == points else (f"{points} points are there, NPOINTS says {axis.points:g}",)


def _curve(body: list[str], axis: _Axis, x_unit: str, y_unit: str, where: str, line: int, page: str) -> Table:
    ys, abscissas = ordinates(body, where, line)
    if not ys:
        raise InputError("a table without numbers", where=where, fix="restore the file from its source")
    first = axis.first if axis.first is not None else abscissas[0][1] * axis.x_factor
    if axis.last is not None and len(ys) > 1 and (axis.points is None or int(axis.points) == len(ys)):
        step = (axis.last - first) / (len(ys) - 1)
    elif axis.delta is not None:
        step = axis.delta
    elif axis.last is not None and axis.points is not None and axis.points > 1:
        step = (axis.last - first) / (axis.points - 1)
    else:
        raise InputError("neither LASTX nor DELTAX says how far its points are apart", where=where, fix="restore the file from its source")
    off = [abs(x * axis.x_factor - (first + step * n)) for n, x in abscissas]
    notes = _agree(len(ys), axis)
    if off and max(off) > max(abs(step), 1e-9 * abs(first)) * 1.01:
        notes = (*notes, f"abscissas in the table are up to {max(off):.3g} off the even spacing that its labels say")
    return Table("curve", [first + step * n for n in range(len(ys))], [axis.y_factor * y for y in ys], x_unit, y_unit, page, notes=notes)


def _assigned(text: str, axis: _Axis, x_unit: str, y_unit: str, page: str) -> Table:
    """Peaks with words: ``(x, y, <what it is>)``."""
    xs, ys, words = [], [], []
    for match in _ASSIGNED.finditer(text):
        numbers = [_float(g) for g in match.groups()[:3]]
        if not math.isnan(numbers[0]):
            xs.append(axis.x_factor * numbers[0])
            ys.append(axis.y_factor * numbers[1])
            words.append(" ".join((match.group(4) or "").split()))
    return Table("peaks", xs, ys, x_unit, y_unit, page, tuple(words))


def _float(text: str | None) -> float:
    try:
        return float(text) if text else math.nan
    except ValueError:
        return math.nan


def _pages(block: Block, where: str) -> Iterator[Table]:
    """Pages of an NTUPLES block: each names the variables of its table by their symbols."""
    symbols = [s.strip().upper() for s in block.get("SYMBOL").split(",")]
    told = {name: [v.strip() for v in block.get(name).split(",")] for name in ("UNITS", "FIRST", "LAST", "FACTOR", "VARDIM")}

    def of(name: str, symbol: str) -> str:
        i = symbols.index(symbol) if symbol in symbols else -1
        return told[name][i] if 0 <= i < len(told[name]) else ""

    page = ""
    points: float | None = None
    for label, text, line in block.labels:
        if folded(label) == "PAGE":
            page, points = " ".join(text.split()), None
        elif folded(label) == "NPOINTS":
            points = _float(text.split()[0]) if text.split() else None
        elif folded(label) == "DATATABLE":
            match = re.match(r"\s*\(\s*([A-Z0-9]+?)\s*(\+\+)?\s*\(?([A-Z0-9]+?)\.\.", text.upper()) or re.match(r"\s*\((X)()([A-Z])\.\.", text.upper())
            x, y = (match.group(1), match.group(3)) if match else ("X", "Y")
            if match and not match.group(2):
                x, y = match.group(1)[0], match.group(3)[-1]
            first, last = _float(of("FIRST", x)), _float(of("LAST", x))
            number = points if points is not None else _float(of("VARDIM", x))
            axis = _Axis(_or_none(first), _or_none(last), None, _or_none(number), _or_one(of("FACTOR", x)), _or_one(of("FACTOR", y)))
            yield _table("DATATABLE", text, axis, of("UNITS", x), of("UNITS", y), where, line, f"{page} {y}".strip())


def _or_one(text: str) -> float:
    value = _float(text)
    return 1.0 if math.isnan(value) else value


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value
