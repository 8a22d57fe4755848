"""Column headers as people write them: ``Tb [degC]``, ``density / g cm-3``, ``沸点 (℃)``, ``T/K``, ``log10(P/Pa)``, ``u(density)``."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from attrs import frozen

from chemwright.errors import UnitError
from chemwright.knowledge.properties import Property
from chemwright.knowledge.vocabulary import Vocabulary, folded
from chemwright.quantity.units import dimension_text, parse_unit

_LOG = re.compile(r"^(?P<log>log10|log|lg|ln)\s*[\(\[（]?\s*(?P<rest>.*?)\s*[\)\]）]?$", re.I)
_STD = (
    re.compile(r"^(?:u|s|std|sd|sigma|σ|delta|δ)\s*[\(\[]\s*(?P<rest>[^()\[\]]+?)\s*[\)\]]$", re.I),
    re.compile(r"^(?:std|sd|sigma|σ|unc|uncertainty|standard[ _]uncertainty|standard[ _]deviation|error|err|±|\+/-)(?:[ _.]+(?:of|in))?[ _.]+(?P<rest>.+)$", re.I),
    re.compile(r"^(?P<rest>.+?)[ _.]+(?:std|sd|stdev|sigma|σ|unc|uncertainty|error|err|不确定度|标准差)$", re.I),
)
_UNIT = (
    re.compile(r"^(?P<name>.*?)\s*[\[［]\s*(?P<unit>[^\[\]［］]*)\s*[\]］]$"),
    re.compile(r"^(?P<name>.*?)\s*[（(]\s*(?P<unit>.+)\s*[）)]$"),
    re.compile(r"^(?P<name>[^/]+?)\s*/\s*(?P<unit>.+)$"),
    re.compile(r"^(?P<name>.+?)\s*(?:,|\bin\b)\s*(?P<unit>[^,]+)$"),
)
_SUFFIX = re.compile(r"^(?P<name>.+?)_(?P<unit>degC|C|K|bar|Pa|kPa|MPa|atm|mmHg|min|s|h|g|mg|kg|mol|mmol|M|mM|mL|uL|L|percent|pct)$")
_EASY = {
    "c": "degC",
    "℃": "degC",
    "°c": "degC",
    "deg c": "degC",
    "oc": "degC",
    "k": "K",
    "%": "percent",
    "pct": "percent",
    "f": "degF",
    "g/cc": "g/cm^3",
    "cc": "cm^3",
    "torr": "mmHg",
    "mpa.s": "mPa s",
    "mpa·s": "mPa s",
}
_SYMBOLS = {
    "t": "temperature", "p": "pressure", "tb": "normal_boiling_point", "bp": "normal_boiling_point", "nbp": "normal_boiling_point", "tm": "melting_point", "mp": "melting_point", "rho": "density", "ρ": "density", "d": "density",
    "tc": "critical_temperature", "pc": "critical_pressure", "vc": "critical_volume", "mw": "molar_mass", "eta": "viscosity", "η": "viscosity", "mu": "viscosity", "μ": "viscosity", "nd": "refractive_index", "n20d": "refractive_index",
    "psat": "vapour_pressure", "pvap": "vapour_pressure", "hvap": "enthalpy_of_vaporisation", "δhvap": "enthalpy_of_vaporisation", "cp": "heat_capacity", "logp": "octanol_water_partition_coefficient_log",
    "logkow": "octanol_water_partition_coefficient_log", "logs": "aqueous_solubility_log", "pka": "dissociation_constant_log", "temp": "temperature", "pres": "pressure", "press": "pressure", "omega": "acentric_factor", "ω": "acentric_factor",
    "boiling_point": "normal_boiling_point", "沸点": "normal_boiling_point", "x1": "mole_fraction", "w1": "mass_fraction",
}  # fmt: skip


@frozen
class Head:
    """A header read.

    Args:
        name: without unit and marks.
        unit: as our unit parser reads it; empty when there is none that can be read.
        given_unit: the text that stands where a unit would.
        scale: ``log10``, ``ln`` or empty.
        std: whether it is the uncertainty of what it names.
        sure: whether the unit stands in brackets or behind a stroke, not in a suffix.
    """

    name: str
    unit: str = ""
    given_unit: str = ""
    scale: str = ""
    std: bool = False
    sure: bool = True


def read_unit_text(text: str, dimension: str = "") -> str:
    """A unit as people write it in our spelling; empty when it can't be read.

    Args:
        text: as written.
        dimension: expected, as :func:`dimension_text` writes it: with ``temperature`` a lone C is the degree.
    """
    clean = unicodedata.normalize("NFC", text).strip().strip(".")
    easy = _EASY.get(clean.casefold())
    if clean in ("-", "1", "", "–", "none", "dimensionless", "无"):
        return "1"
    if (easy and (easy != "degC" or clean != "C" or dimension in ("", "temperature")) and clean not in ("F", "f")) or (easy and dimension == "temperature"):
        return easy
    for candidate in (clean, clean.replace(".", "*"), clean.replace(" per ", "/")):
        try:
            parse_unit(candidate)
            return candidate
        except UnitError:
            continue
    return ""


def read_head(text: str) -> Head:
    """A header with its unit, logarithm and uncertainty mark found."""
    clean = " ".join(unicodedata.normalize("NFC", text).split())
    for pattern in _STD:
        match = pattern.match(clean)
        if match and match["rest"].strip():
            rest = read_head(match["rest"])
            return Head(rest.name, rest.unit, rest.given_unit, rest.scale, True, rest.sure)
    log = _LOG.match(clean)
    if (log and log["rest"] and folded(clean) not in _SYMBOLS and not log["rest"][0].isalpha() | log["rest"][0].isdigit()) or (
        log and re.match(r"^(?:log10|log|lg|ln)\s*[\(\[（]", clean, re.I)
    ):
        inner = read_head(log["rest"])
        return Head(inner.name, inner.unit, inner.given_unit, "ln" if log["log"].lower() == "ln" else "log10", inner.std, inner.sure)
    for pattern in _UNIT:
        match = pattern.match(clean)
        if match and match["name"].strip():
            unit = read_unit_text(match["unit"])
            if unit or pattern is _UNIT[0]:
                name = read_head(match["name"]) if re.search(r"^(?:u|std|sd)[ _(]|[ _](?:std|sd|unc)$", match["name"], re.I) else Head(match["name"].strip())
                return Head(name.name, unit, match["unit"], name.scale, name.std)
    suffix = _SUFFIX.match(clean)
    if suffix:
        return Head(suffix["name"], read_unit_text(suffix["unit"]), suffix["unit"], sure=False)
    return Head(clean)


@lru_cache(maxsize=8)
def _symbols(words: Vocabulary) -> dict[str, Property]:
    """Symbols that mean one property only, without underscores."""
    found: dict[str, list[Property]] = {}
    for item in words:
        if item.symbol:
            found.setdefault(item.symbol.replace("_", "").replace("{", "").replace("}", ""), []).append(item)
    return {symbol: items[0] for symbol, items in found.items() if len(items) == 1}


def meant(name: str, unit: str, words: Vocabulary) -> tuple[Property | None, float, str]:
    """The property that a header's name means, how sure that is (0 to 1), and why; a unit of another dimension makes it unsure."""
    key = folded(name)
    bare = re.sub(r"[\s_^{}\\]", "", key)
    found, sure, why = None, 0.0, ""
    if key in _SYMBOLS and _SYMBOLS[key] in words:
        found, sure, why = words.find(_SYMBOLS[key]), 0.9, f"{name!r} is customary for it"
    elif name in words:
        found, sure, why = words.find(name), 0.97, f"{name!r} is a name of it"
    elif bare in _SYMBOLS and _SYMBOLS[bare] in words:
        found, sure, why = words.find(_SYMBOLS[bare]), 0.85, f"{name!r} is a customary symbol of it"
    elif (item := _symbols(words).get(name.replace("_", ""))) is not None:
        found, sure, why = item, 0.8, f"{name!r} is its symbol"
    elif len(key) >= 4 and (near := words.near(key, 1)):
        item = words.find(near[0])
        if _alike(key, item):
            found, sure, why = item, 0.55, f"{name!r} is near its name"
    if found is not None and unit:
        try:
            fits = dimension_text(unit) == (found.dimension or dimension_text(found.unit))
        except UnitError:
            fits = False
        if not fits:
            return found, 0.2, f"{why}, but the unit {unit!r} is of another dimension"
        sure = min(1.0, sure + 0.03)
    return found, sure, why


def _alike(key: str, item: Property) -> bool:
    import difflib

    return max(difflib.SequenceMatcher(None, key, folded(n)).ratio() for n in (item.name, *item.aliases)) >= 0.82
