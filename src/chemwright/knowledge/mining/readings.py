"""Numbers with units in chemical prose: temperatures, times, percentages, amounts; each with its place in the text. Everything in SI."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chemwright.knowledge.mining.proposal import Reading

ROOM = 298.15
_N = r"(?:\d{1,4}(?:[.,·]\d+)?|\.\d+)"
_SIGN = r"[-−–+±~]?\s?"
_DEG = r"(?:\s*(?:°|º|˚|deg(?:rees?)?\.?|o(?=C\b)|&#176;))"
_TO = r"\s*(?:-|−|–|—|to|and|till|until|~)\s*"
_TEMPERATURE = re.compile(
    rf"(?P<a>(?<![\w.\-]){_SIGN}{_N}){_DEG}?\s*(?:[CFK]\b\.?)?{_TO}(?P<b>{_SIGN}{_N}){_DEG}\s*(?P<u1>[CFK]\b|Celsius)?"
    rf"|(?P<c>(?<![\w.])(?:(?<!\d)[-−–+])?\s?{_N}){_DEG}\s*(?P<u2>[CFK]\b|Celsius)?"
    rf"|(?P<d>(?<![\w.\-]){_N})\s*(?:K\b|℃|\s(?:degrees|deg)\s?(?P<u3>[CF])\b)"
    r"|(?P<room>\b(?:room|ambient|laboratory)[\s-]+temp(?:erature|\.)?|\bambient\b(?!\s+(?:air|pressure))|\br\.?\s?t\.?(?=[\s,;.)])|\bRT\b)"
    r"|(?P<ice>\bice[\s-]+(?:water[\s-]+)?(?:cooling|bath|cooled)\b|\bice[\s-]+(?:cold|cooled)\b|\bice(?:/| and | )water bath|cooling (?:with|in|on) ice)"
    r"|(?P<dry>\bdry[\s-]?ice[\s/-]+acetone|acetone[\s/-]+dry[\s-]?ice)"
    r"|(?P<reflux>\breflux(?:ed|ing)?\b|\bboil(?:ing|ed)? (?:point|temperature)\b|\bat the boil\b)"
    r"|(?P<steam>\bsteam[\s-]?bath\b|\b(?:boiling )?water[\s-]?bath\b)",
    re.IGNORECASE,
)
_WORDS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "sixteen": 16, "eighteen": 18,
    "twenty": 20, "twenty-four": 24, "thirty": 30, "forty": 40, "forty-five": 45, "forty-eight": 48, "fifty": 50, "sixty": 60, "seventy-two": 72, "ninety": 90, "half an": 0.5, "half a": 0.5, "one half": 0.5,
    "one-half": 0.5, "several": 0, "few": 0, "a few": 0,
}  # fmt: skip
_NUMBER_WORD = "|".join(sorted((w for w in _WORDS if _WORDS[w]), key=len, reverse=True))
_UNIT = r"(?P<unit>h(?:ou)?rs?\b\.?|(?-i:h)\b\.?|min(?:ute)?s?\b\.?|sec(?:ond)?s?\b\.?|(?-i:s)\b(?=\.?\s*(?:at|and|,))|days?\b|(?-i:d)\b(?=\s+at|,|\.)|weeks?\b)"
_FRACTION = {"½": 0.5, "¼": 0.25, "¾": 0.75, "1/2": 0.5, "1/4": 0.25, "3/4": 0.75}
_FRAC = r"½|¼|¾|1/2|1/4|3/4"
_TIME = re.compile(
    rf"(?<![\w.,/-])(?:(?P<a>\d{{1,4}}(?:[.,]\d+)?|\.\d+|(?:{_NUMBER_WORD})\b)[\s-]*(?P<fr>{_FRAC})?|(?P<fr0>{_FRAC})(?:\s+an?\b)?)(?:\s+(?:and|to|-)\s+a\s+(?P<half>half))?"
    rf"(?:(?:{_TO}|\s+or\s+)(?P<b>\d{{1,4}}(?:\.\d+)?|{_NUMBER_WORD})\s?(?P<fr2>{_FRAC})?)?(?:\s*-\s*|\s*)(?:more\s|further\s|additional\s)?{_UNIT}(?:\s*(?:and|,)?\s*(?P<m>\d{{1,2}})\s*(?:minutes?|min)\b)?"
    r"|(?P<night>\bover-?night\b|\bover the night\b)|(?P<weekend>\bover (?:the|a) weekend\b)",
    re.IGNORECASE,
)
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "d": 86400.0, "w": 604800.0}
_PERCENT = re.compile(
    r"(?<![\w.,])(?P<a>\d{1,3}(?:[.,]\d+)?|\.\d+)\s*(?:%|percent\b|per cent\b)?(?:\s*(?:-|–|to)\s*(?P<b>\d{1,3}(?:\.\d+)?))?\s*(?:%|percent\b|per cent\b)(?!\s*(?:ee\b|e\.e\.))",
    re.IGNORECASE,
)
_QUANTITATIVE = re.compile(r"\bquantitative(?:ly)?\b(?=\s*(?:yield|\)|,|\.|conversion)?)", re.IGNORECASE)
_AMOUNT = re.compile(
    r"(?<![\w.,-])(?P<n>\d{1,6}(?:[.,]\d+)?|\.\d+)\s*-?\s*(?P<unit>kgs?|mgs?|gms?|grams?|g|µg|lbs?|pounds|ml|mL|milliliters?|cc|cm3|cm\.3|liters?|litres?|l|L|µl|μl|mmol(?:es?)?|millimol(?:es?)?|mol(?:es?)?|gram[- ]mol(?:es?)?|µmol|mM|equiv(?:alents?)?|eq)\b\.?"
)
_FACTOR = {
    "kg": ("mass", 1.0), "g": ("mass", 1e-3), "gm": ("mass", 1e-3), "gram": ("mass", 1e-3), "mg": ("mass", 1e-6), "µg": ("mass", 1e-9), "lb": ("mass", 0.45359237), "pound": ("mass", 0.45359237), "ml": ("volume", 1e-6),
    "milliliter": ("volume", 1e-6), "cc": ("volume", 1e-6), "cm3": ("volume", 1e-6), "cm.3": ("volume", 1e-6), "liter": ("volume", 1e-3), "litre": ("volume", 1e-3), "l": ("volume", 1e-3), "µl": ("volume", 1e-9),
    "μl": ("volume", 1e-9), "mmol": ("moles", 1e-3), "mmole": ("moles", 1e-3), "millimol": ("moles", 1e-3), "millimole": ("moles", 1e-3), "mm": ("moles", 1e-3), "mol": ("moles", 1.0), "mole": ("moles", 1.0),
    "gram-mole": ("moles", 1.0), "gram mole": ("moles", 1.0), "µmol": ("moles", 1e-6), "equiv": ("equivalents", 1.0), "equivalent": ("equivalents", 1.0), "eq": ("equivalents", 1.0),
}  # fmt: skip


def _number(text: str) -> float:
    clean = text.strip().lower()
    if clean in _WORDS:
        return float(_WORDS[clean])
    clean = re.sub(r"[−–—]", "-", clean).replace("·", ".").replace("±", "").replace("~", "").replace(" ", "")
    return float(re.sub(r",(\d{1,2})$", r".\1", clean).replace(",", "").lstrip("+") or "nan")


def temperatures(text: str) -> Iterator[Reading]:
    """Temperatures in K: numbers with a degree sign, ranges (their middle), room temperature, ice bath, steam bath, reflux (value 0, to be filled from the solvent's boiling point)."""
    for match in _TEMPERATURE.finditer(text):
        words, start = match.group(), match.start()
        if match["room"]:
            yield Reading(ROOM, text=words, assumed="room temperature taken as 298.15 K", start=start)
        elif match["ice"]:
            yield Reading(273.15, text=words, assumed="ice bath taken as 273.15 K", start=start)
        elif match["dry"]:
            yield Reading(195.15, text=words, assumed="dry ice in acetone taken as 195.15 K", start=start)
        elif match["steam"]:
            yield Reading(373.15, text=words, assumed="steam or water bath taken as 373.15 K", start=start)
        elif match["reflux"]:
            yield Reading(0.0, text=words, assumed="reflux", start=start)
        elif match["a"]:
            low, high = _kelvin(match["a"], match["u1"]), _kelvin(match["b"], match["u1"])
            if low > high and match["b"].strip()[:1] not in "-−–" and match["a"].strip()[:1] in "-−–":
                low, high = high, low
            low, high = min(low, high), max(low, high)
            if low > 0:
                yield Reading((low + high) / 2, low, high, words.strip(), "", start)
        else:
            value = _kelvin(match["c"], match["u2"]) if match["c"] else _number(match["d"]) if "K" in words else _kelvin(match["d"], match["u3"])
            if 0 < value < 3000:
                yield Reading(value, text=words.strip(), start=start + len(words) - len(words.lstrip()))


def _kelvin(text: str, unit: str | None) -> float:
    value = _number(text)
    mark = (unit or "C")[0].upper()
    return value if mark == "K" else (value - 32.0) / 1.8 + 273.15 if mark == "F" else value + 273.15


def times(text: str) -> Iterator[Reading]:
    """Durations in s: digits, number words, fractions, ranges (their middle); ``overnight`` is taken as 12 h, from 8 to 16 h."""
    for match in _TIME.finditer(text):
        words, start = match.group(), match.start()
        if match["night"]:
            yield Reading(43200.0, 28800.0, 57600.0, words, "overnight taken as 12 h", start)
            continue
        if match["weekend"]:
            yield Reading(216000.0, 172800.0, 259200.0, words, "a weekend taken as 60 h", start)
            continue
        unit = _SECONDS[match["unit"][0].lower()]
        first = (_number(match["a"]) if match["a"] else 0.0) + _FRACTION.get(match["fr"] or match["fr0"] or "", 0.0) + (0.5 if match["half"] else 0.0)
        extra = 60.0 * float(match["m"]) if match["m"] and unit == 3600.0 else 0.0
        lead = len(words) - len(words.lstrip())
        if match["b"]:
            second = _number(match["b"]) + _FRACTION.get(match["fr2"] or "", 0.0)
            low, high = sorted((first * unit, second * unit))
            yield Reading((low + high) / 2, low, high, words.strip(), "", start + lead)
        elif first > 0:
            yield Reading(first * unit + extra, text=words.strip(), start=start + lead)


def percentages(text: str) -> Iterator[Reading]:
    """Numbers with a per cent sign, and ``quantitative`` as 100."""
    for match in _PERCENT.finditer(text):
        low = _number(match["a"])
        high = _number(match["b"]) if match["b"] else None
        yield Reading(low if high is None else (low + high) / 2, low if high is not None else None, high, match.group(), "", match.start())
    for match in _QUANTITATIVE.finditer(text):
        yield Reading(100.0, text=match.group(), assumed="quantitative taken as 100 %", start=match.start())


def amounts(text: str) -> Iterator[tuple[str, float, int, int]]:
    """Amounts: kind (``mass`` kg, ``volume`` m^3, ``moles`` mol, ``equivalents``), value, start, end."""
    for match in _AMOUNT.finditer(text):
        unit = match["unit"].lower() if match["unit"] not in ("mM",) else "mm"
        unit = unit if unit in _FACTOR else unit.rstrip("s")
        kind, factor = _FACTOR.get(unit, ("", 0.0))
        if kind:
            yield kind, _number(match["n"]) * factor, match.start(), match.end()
