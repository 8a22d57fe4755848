"""Text and numbers for the page: escaping, and rounding to the uncertainty."""

from __future__ import annotations

import html
import math
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

PLUS_MINUS = chr(0xB1)
TIMES = chr(0xD7)
DEGREE = chr(0xB0)
ELLIPSIS = chr(0x2026)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Markup(str):
    """Text that is HTML already and is not escaped again."""


def esc(value: Any) -> Markup:
    """The value as HTML text: escaped unless it is :class:`Markup`; ``None`` as a dash, characters that XML forbids as U+FFFD."""
    if isinstance(value, Markup):
        return value
    text = "-" if value is None else str(value)
    return Markup(html.escape(_UNPRINTABLE.sub(chr(0xFFFD), text), quote=True))


def glue(parts: Iterable[Any], between: str = "") -> Markup:
    """Parts joined to one piece of HTML, each escaped unless it is :class:`Markup`."""
    return Markup(between.join(esc(p) for p in parts))


def element(tag: str, content: Any, **attributes: Any) -> Markup:
    """An element; a trailing underscore of an attribute's name is dropped (``class_``), inner ones become hyphens, ``None`` leaves it out."""
    named = "".join(f' {k.rstrip("_").replace("_", "-")}="{esc(v)}"' for k, v in attributes.items() if v is not None)
    return Markup(f"<{tag}{named}>{esc(content)}</{tag}>")


def finite(value: Any) -> float | None:
    """The value as a finite float, or ``None`` when it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def _scientific(value: float, digits: int) -> Markup:
    mantissa, exponent = f"{value:.{max(digits, 0)}e}".split("e")
    return Markup(f"{mantissa} {TIMES} 10<sup>{int(exponent)}</sup>")


def number(value: Any, digits: int = 3) -> Markup:
    """A number to ``digits`` significant digits, a dash when it is none; powers of ten below 1e-3 and from 1e7."""
    x = finite(value)
    if x is None:
        return Markup("-")
    if x == 0:
        return Markup("0")
    size = math.floor(math.log10(abs(x)))
    if size < -3 or size >= 7:
        return _scientific(x, digits - 1)
    places = digits - 1 - size
    return Markup(f"{round(x, places):,.{max(places, 0)}f}")


def with_std(value: Any, std: Any = None, unit: str = "") -> Markup:
    """``value +/- std unit``, both rounded to two significant digits of the standard uncertainty (one where it is 0.5 or more of the value)."""
    x, s = finite(value), finite(std)
    tail = "" if unit in ("", "1", "-") else f" {unit_text(unit)}"
    if x is None or s is None or s <= 0:
        return Markup(number(x, 4) + tail) if x is not None else Markup("-")
    places = 1 - math.floor(math.log10(s))
    size = math.floor(math.log10(max(abs(x), s)))
    if size < -3 or size >= 7 or places > 6:
        scale, places = 10.0**size, max(places + size, 0)
        return Markup(f"({x / scale:.{places}f} {PLUS_MINUS} {s / scale:.{places}f}) {TIMES} 10<sup>{size}</sup>{tail}")
    return Markup(f"{round(x, places):,.{max(places, 0)}f} {PLUS_MINUS} {round(s, places):,.{max(places, 0)}f}{tail}")


def unit_text(unit: Any) -> Markup:
    """A unit as HTML, powers raised: ``m^2`` as m<sup>2</sup>; nothing for ``1``."""
    return Markup("") if unit in (None, "1", "-") else Markup(re.sub(r"\^(-?\d+)", r"<sup>\1</sup>", esc(unit)))


def formula(text: Any) -> Markup:
    """A chemical formula as HTML, counts lowered."""
    return Markup(re.sub(r"(?<=[A-Za-z)])(\d+)", r"<sub>\1</sub>", _UNPRINTABLE.sub(chr(0xFFFD), html.escape(str(text), quote=False))))


def share_text(value: Any) -> str:
    """A fraction as per cent in plain text: one decimal below 10 %, ``< 0.1 %`` for less."""
    x = finite(value)
    if x is None:
        return "-"
    if 0 < abs(x) < 0.001:
        return "< 0.1 %" if x > 0 else "> -0.1 %"
    return f"{100 * x:.1f} %" if 0 < abs(x) < 0.1 else f"{100 * x:.0f} %"


def share(value: Any) -> Markup:
    """As :func:`share_text`, as HTML."""
    return Markup(esc(share_text(value)).replace(" ", chr(0xA0)))


def plain(value: Any) -> str:
    """A number to three significant digits in plain text, as for a chart."""
    x = finite(value)
    if x is None:
        return "-"
    return f"{x:,.0f}" if 1000 <= abs(x) < 1e7 else f"{x:.3g}"


def celsius(kelvin: Any, places: int = 1) -> Markup:
    """A temperature in K as degrees Celsius, without the unit."""
    x = finite(kelvin)
    return Markup("-") if x is None else Markup(f"{x - 273.15 + 0.0:.{places}f}")


def width_of(text: str) -> int:
    """Columns that a text takes: a wide East Asian character counts two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def clip(text: Any, columns: int) -> str:
    """The text cut to ``columns`` with an ellipsis; the full text belongs in a title beside it."""
    text = str(text)
    if width_of(text) <= columns:
        return text
    out = ""
    for c in text:
        if width_of(out + c) > columns - 1:
            break
        out += c
    return out.rstrip() + ELLIPSIS
