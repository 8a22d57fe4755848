"""Numbers of JCAMP-DX: plain (AFFN), packed (PAC), squeezed (SQZ), differences (DIF) and repeats (DUP).

R. S. McDonald and P. A. Wilks, Appl. Spectrosc. 42 (1988) 151 (version 4.24): a letter stands for delimiter, sign and first digit.
In DIF form a line begins with the last ordinate of the line before, so that errors show: the check of ordinates.
"""

from __future__ import annotations

import math
import re

from attrs import frozen

from chemwright.errors import InputError

_SQZ = dict(zip("@ABCDEFGHIabcdefghi", [*map(str, range(10)), *(f"-{d}" for d in range(1, 10))]))
_DIF = dict(zip("%JKLMNOPQRjklmnopqr", [*map(str, range(10)), *(f"-{d}" for d in range(1, 10))]))
_DUP = {c: str(d) for c, d in zip("STUVWXYZs", range(1, 10))}
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_AFFN = re.compile(r"\s*(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]\d+)?|\?)(?:[\s,;]+(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]\d+)?|\?))*[\s,;]*")
_TOKEN = re.compile(r"\s*(?:(?P<code>[@A-Za-s%])(?P<digits>\d*\.?\d*)|(?P<number>[+-]?(?:\d+\.?\d*|\.\d+))|(?P<missing>\?)|[,;])")
MAX_REPEAT = 1_000_000
MAX_POINTS = 20_000_000


@frozen
class Line:
    """A line of a table (X++(Y..Y)): its abscissa, its ordinates (NaN where missing), and whether it ends in a difference."""

    x: float
    ys: list[float]
    differences: bool


def plain_numbers(text: str, where: str) -> list[float]:
    """Numbers in AFFN, parted by blanks, commas or semicolons; ``?`` is NaN.

    Raises:
        InputError: something else among them.
    """
    out = []
    for word in re.split(r"[\s,;]+", text.strip()):
        if word == "?":
            out.append(math.nan)
        elif _PLAIN.fullmatch(word):
            out.append(float(word))
        elif word:
            raise InputError(f"{word[:30]!r} is not a number", where=where, fix="restore the file from its source")
    return out


def read_line(text: str, where: str) -> Line | None:
    """A line of ordinates in any of the forms; None for an empty one.

    Raises:
        InputError: a character that no form knows, or a repeat of nothing.
    """
    if not text.strip():
        return None
    if _AFFN.fullmatch(text):
        numbers = plain_numbers(text, where)
        return Line(numbers[0], numbers[1:], False)
    place, x, ys = 0, None, list[float]()
    last, difference = "", 0.0
    while place < len(text.rstrip()):
        match = _TOKEN.match(text, place)
        if match is None or match.end() == place:
            raise InputError(f"{text[place : place + 10]!r} is no number of JCAMP-DX", where=where, fix="restore the file from its source")
        place = match.end()
        code, digits = match.group("code"), match.group("digits") or ""
        if match.group("missing"):
            ys.append(math.nan)
            last = "value"
        elif match.group("number"):
            value = float(match.group("number"))
            if x is None:
                x = value
            else:
                ys.append(value)
                last = "value"
        elif code in _SQZ:
            if x is None:
                x = float(_SQZ[code] + digits)
            else:
                ys.append(float(_SQZ[code] + digits))
                last = "value"
        elif code in _DIF:
            if not ys:
                raise InputError("a difference without a value before it", where=where, fix="restore the file from its source")
            difference = float(_DIF[code] + digits)
            ys.append(ys[-1] + difference)
            last = "difference"
        elif code in _DUP:
            _repeat(ys, int(_DUP[code] + digits.rstrip(".")), last, difference, where)
        elif code is not None:
            raise InputError(f"{code!r} is no letter of JCAMP-DX's numbers", where=where, fix="restore the file from its source")
    if x is None:
        raise InputError("a line without an abscissa", where=where, fix="restore the file from its source")
    return Line(x, ys, last == "difference")


def _repeat(ys: list[float], times: int, last: str, difference: float, where: str) -> None:
    """The value, or the difference, counted ``times`` times in all."""
    if not last or not 1 <= times <= MAX_REPEAT:
        raise InputError(f"a repeat of {times} times", where=where, fix="restore the file from its source")
    for _ in range(times - 1):
        ys.append(ys[-1] + difference if last == "difference" else ys[-1])


def ordinates(lines: list[str], where: str, first: int) -> tuple[list[float], list[tuple[int, float]]]:
    """All ordinates of a table, the repeated ones of DIF form checked and left out.

    Args:
        lines: of the table.
        where: file and block.
        first: number of the first line in the file.

    Returns:
        the ordinates, and for each line (how many ordinates stood before it, its abscissa).

    Raises:
        InputError: a check that fails, a character that no form knows, over 20 million points.
    """
    out: list[float] = []
    abscissas: list[tuple[int, float]] = []
    before: Line | None = None
    for number, text in enumerate(lines, start=first):
        here = f"{where}, line {number}"
        line = read_line(text, here)
        if line is None:
            continue
        ys = line.ys
        if before is not None and before.differences and ys:
            if ys[0] != out[-1]:
                raise InputError(
                    f"the check of ordinates fails: the line begins with {ys[0]:g}, the one before ended at {out[-1]:g}", where=here, fix="restore the file from its source"
                )
            abscissas.append((len(out) - 1, line.x))
            ys = ys[1:]
        else:
            abscissas.append((len(out), line.x))
        out += ys
        before = line if line.ys else before
        if len(out) > MAX_POINTS:
            raise InputError(f"over {MAX_POINTS} points", where=where, fix="split the file")
    return out, abscissas
