"""Numbers with units as literature writes them: ranges, +/-, powers of ten, ``kJ mol-1``; units brought to the house's spelling and checked by it."""

from __future__ import annotations

import math
import re
from functools import lru_cache

from attrs import frozen

from chemwright.errors import UnitError
from chemwright.quantity.units import factor, parse_unit

_NUM = r"[-−–+]?\s?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
_POWER = r"(?:\s?(?:×|x|X|\*|·)\s?10\s?(?:\^|\*\*)?\s?(?P<{0}>[-−–+]?\s?\d{{1,3}})|[eE](?P<{1}>[-+]?\d{{1,3}}))?"
_DEG = r"°|º|˚|deg(?:rees?)?\s"
_VALUE = re.compile(
    rf"(?P<a>{_NUM}){_POWER.format('pa', 'ea')}\s?(?:{_DEG})?\s?C?(?:\s?(?:±|\+/-|\+-)\s?(?P<std>\d+(?:\.\d+)?|\.\d+)|\s?(?:-|–|−|—|to|and)\s?(?P<b>{_NUM}){_POWER.format('pb', 'eb')})?{_POWER.format('pc', 'ec')}(?:\s?\((?P<paren>\d{{1,2}})\))?",
)
_UNIT = re.compile(
    r"\s?(?P<unit>%|1\s?/\s?[a-z]{1,4}\b|(?:°|º|˚)\s?[CFK]?\b|(?:deg(?:rees?)?\s?)[CFK]\b|℃|"
    r"(?:[µμ]?[A-Za-zµμΩ]+(?:[\^]?[-−–+]?\d{1,2})?(?:\.\d)?)(?:\s?(?:/|·|\*|\.|\s)\s?\(?(?:100\s?)?[µμ]?[A-Za-z]{1,6}\.?(?:\^?[-−–]?\d)?(?:[·*. ][A-Za-z]{1,4}(?:\^?[-−–]?\d)?)?\)?){0,3})"
)
_WORDS = {
    "cc": "mL", "cm3": "cm^3", "dm3": "dm^3", "m3": "m^3", "ml": "mL", "gm": "g", "grams": "g", "gram": "g", "kcals": "kcal", "sec": "s", "seconds": "s", "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "minutes": "min", "mins": "min", "Torr": "torr",
    "mmHg": "mmHg", "cps": "cP", "mPas": "mPa*s", "poise": "poise", "centipoise": "cP", "dyne": "dyne", "dynes": "dyne", "litre": "L", "liter": "L", "litres": "L", "liters": "L", "l": "L", "dm": "dm", "degree": "deg", "μm": "um", "µm": "um",
    "moles": "mol", "mole": "mol", "gmol": "mol", "kgmol": "kmol", "cal": "cal", "Kelvin": "K", "s": "s", "atm": "atm", "cSt": "cSt",
}  # fmt: skip
_STOP = frozenset(
    {"at", "and", "in", "of", "to", "for", "with", "by", "is", "was", "the", "on", "as", "or", "from", "were", "which", "while", "using", "under", "when", "per", "an", "has"}
)
_SINGLE = frozenset(
    {
        "a",
        "A",
        "an",
        "and",
        "at",
        "in",
        "of",
        "to",
        "for",
        "with",
        "by",
        "is",
        "was",
        "the",
        "on",
        "as",
        "or",
        "from",
        "were",
        "which",
        "while",
        "using",
        "under",
        "respectively",
        "when",
        "per",
        "t",
        "T",
        "d",
        "D",
        "R",
        "e",
        "I",
        "n",
        "N",
        "B",
        "C",
    }
)


@frozen
class Quantity:
    """A number with unit as read.

    Args:
        value: magnitude in ``unit``; the middle of a range.
        unit: in the house's spelling; ``"1"`` when none stands there.
        low: lower end of a range, or None.
        high: upper end, or None.
        std: standard uncertainty, or None; a range counts as uniform.
        end: where the text goes on.
    """

    value: float
    unit: str
    low: float | None
    high: float | None
    std: float | None
    end: int


def quantity_at(text: str, start: int, *, limit: int = 0) -> Quantity | None:
    """The first number with its unit at or after ``start`` (within ``limit`` characters when given)."""
    match = _VALUE.search(text, start, start + limit + 60) if limit else _VALUE.search(text, start, start + 400)
    if match is None or (limit and match.start() - start > limit):
        return None
    value = plain_number(match["a"], match["pa"] or match["ea"] or match["pc"] or match["ec"])
    low = high = std = None
    if match["b"] is not None:
        scale = match["pb"] or match["eb"] or match["pc"] or match["ec"]
        first = plain_number(match["a"], match["pa"] or match["ea"] or scale)
        second = plain_number(match["b"], scale)
        if second < first and _short(match["a"], match["b"]):
            second = first - first % 10 ** len(match["b"].strip()) + second  # 182-4 means 182-184
        low, high = min(first, second), max(first, second)
        value, std = (low + high) / 2, (high - low) / math.sqrt(12.0)
    elif match["std"]:
        std = plain_number(match["std"], match["pc"] or match["ec"])
    elif match["paren"]:
        std = float(match["paren"]) * 10.0 ** -len(match["a"].partition(".")[2])
    unit, end = _unit_after(text, match.end(), match.group())
    return Quantity(value, unit, low, high, std, end) if math.isfinite(value) else None


def _short(first: str, second: str) -> bool:
    return "." not in first and "." not in second and len(second.strip()) < len(first.strip())


def plain_number(text: str, power: str | None = None) -> float:
    """A number as written, with an exponent of ten when given; NaN when it is none."""
    clean = re.sub(r"[−–]", "-", text).replace(" ", "")
    clean = re.sub(r"(?<=\d),(?=\d{3}(?:\D|$))", "", clean)
    try:
        return float(clean) * 10.0 ** (int(re.sub(r"[−–]", "-", power).replace(" ", "")) if power else 0)
    except (ValueError, OverflowError):
        return math.nan


def _unit_after(text: str, at: int, number: str) -> tuple[str, int]:
    """The longest unit that the house reads at a place, else none."""
    if re.search(r"(?:°|º|˚)\s?C$", number.strip()) or number.rstrip().endswith("C"):
        return "degC", at
    match = _UNIT.match(text, at)
    if match is None:
        return ("degC" if re.search(r"[°º˚]\s*$", number) else "1"), at
    whole = match["unit"]
    pieces = [m.end() for m in re.finditer(r"[A-Za-zµμ%°º˚℃)\d]+(?=[^A-Za-z\d]|$)", whole)]
    for stop in reversed(pieces):
        candidate = whole[:stop]
        if candidate in _SINGLE and not (candidate in ("K", "C") and number):
            continue
        if unit := house_unit(candidate):
            return unit, match.start("unit") + stop
    return ("degC" if re.search(r"[°º˚]\s*$", number) else "1"), at


@lru_cache(maxsize=4096)
def house_unit(text: str) -> str:
    """A unit as literature writes it in the house's spelling, or empty when it is none (``kJ mol-1`` -> ``kJ/mol``, ``g/100 mL`` -> ``g/dL``)."""
    clean = (
        text.strip()
        .strip("[](),;")
        .replace("℃", "degC")
        .replace("−", "-")
        .replace("–", "-")
        .replace("⁻¹", "-1")
        .replace("⁻", "-")
        .replace("²", "2")
        .replace("³", "3")
        .replace("¹", "1")
    )
    if not clean or clean in ("-", "–", "—"):
        return ""
    clean = re.sub(r"[°º˚]\s?", "deg", clean)
    clean = re.sub(r"^deg(?:rees?)?\s?([CFK])\b", lambda m: "K" if m[1] == "K" else f"deg{m[1]}", clean)
    clean = {"deg": "degC", "C": "degC", "wt%": "percent", "wt.%": "percent", "mm Hg": "mmHg", "mm. Hg": "mmHg", "mm": "mm"}.get(clean, clean)
    clean = re.sub(r"/\s?100\s?(?:mL|ml|cm3|cc|g)\b", "/dL", clean) if not clean.endswith("100 g") else re.sub(r"/\s?100\s?g", "/hg", clean)
    clean = clean.replace("·", " ").replace("*", " ").replace("µ", "u").replace("μ", "u")
    above: list[str] = []
    below: list[str] = []
    depth = 0
    for token in re.finditer(r"(?P<slash>/)|(?P<open>\()|(?P<close>\))|(?P<word>[A-Za-z%]+)\.?\s*(?:\^|\*\*)?\s*\(?(?P<power>[-+]?\d)?\)?", clean):
        if token["slash"]:
            depth = 1
        elif token["open"]:
            depth = depth and 2
        elif token["close"]:
            depth = 0
        elif token["word"]:
            if token["word"] in _STOP:
                return ""
            name, power = _WORDS.get(token["word"], token["word"]), int(token["power"] or 1)
            if name.endswith(("^2", "^3")):
                power = int(name[-1]) * (1 if power == 1 else power)
                name = name[:-2]
            under = (power < 0) != bool(depth)
            (below if under else above).append(name if abs(power) == 1 else f"{name}^{abs(power)}")
            if depth == 1 or (token.group().endswith(")") and "(" not in token.group()):
                depth = 0
    if (not above and not below) or len(above) + len(below) > 6:
        return ""
    under_all = "*".join(below) if len(below) < 2 else "(" + "*".join(below) + ")"
    unit = ("*".join(above) or "1") + (f"/{under_all}" if below else "")
    try:
        parse_unit(unit)
    except UnitError:
        return ""
    return unit


def fits(unit: str, wanted: str) -> bool:
    """Whether a unit has one of the wanted dimensions (parted by ``|``; ``any`` fits all)."""
    if wanted == "any":
        return True
    for target in wanted.split("|"):
        try:
            factor(unit, target)
        except UnitError:
            continue
        return True
    return False


def in_range(value: float, unit: str, wanted: str, low: float, high: float) -> bool:
    """Whether a value makes sense for its property; limits are in the first wanted unit that fits."""
    if wanted == "any":
        return low <= abs(value) <= high or value == 0
    for target in wanted.split("|"):
        try:
            scale, offset = factor(unit, target)
        except UnitError:
            continue
        return low <= value * scale + offset <= high
    return False
