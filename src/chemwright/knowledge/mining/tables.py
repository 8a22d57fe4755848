"""Property values and kinetic parameters from tables: headers with quantity and unit, rows with substances or reactions; either way round."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from decimal import Decimal

from attrs import frozen

from chemwright.errors import UnitError
from chemwright.knowledge.mining.documents import Grid
from chemwright.knowledge.mining.properties import Measure, measures
from chemwright.knowledge.mining.proposal import KineticMention, PropertyMention
from chemwright.knowledge.mining.quantities import Quantity, fits, house_unit, in_range, quantity_at
from chemwright.knowledge.mining.structures import structure
from chemwright.quantity.units import convert

_NUMBER = re.compile(r"^[<>~≈=]?\s*[-−–+]?\s?(?:\d|\.\d)")
_LABEL = re.compile(r"\b(?:reaction|reactions|step|equation|eq\.?|no\.?|run|entry|path|pathway|rxn)\b", re.IGNORECASE)
_NAME = re.compile(r"\b(?:compound|substance|solvent|component|name|chemical|species|material|liquid|solute)s?\b", re.IGNORECASE)
_TEMPERATURE = re.compile(r"^(?:T|temp\.?|temperature)\b", re.IGNORECASE)
_BRACKET = re.compile(r"[\[(](?P<unit>[^\[\]()]*(?:\([^()]*\)[^\[\]()]*)?)[\])]")
_POWER = re.compile(r"(?:×|x|X|·|\*|\s)\s*10\s?\^?\s?(?P<n>[-−–+]?\d{1,3})|10\s?\^\s?(?P<m>[-−–+]?\d{1,3})\s?(?:×|x|X|·|\*|\s)")


@frozen
class Column:
    """A header understood.

    Args:
        measure: the quantity, or None.
        unit: house unit; ``"1"`` when the header gives none.
        power: tens that cells are divided by (3 for the header ``10^3 k``).
        log: ``"e"`` or ``"10"`` when the cells are logarithms.
        symbol: the letter of the quantity.
        role: ``value``, ``name``, ``reaction``, ``temperature``, ``std`` or empty.
    """

    measure: Measure | None = None
    unit: str = "1"
    power: int = 0
    log: str = ""
    symbol: str = ""
    role: str = ""


Cell = tuple[PropertyMention | KineticMention, float, int, int, str]


def table_values(grid: Grid) -> Iterator[Cell]:
    """Values with confidence, row, column (both from 1) and header of the cell."""
    found = list(_read(grid.rows, grid.caption))
    if found:
        yield from found
        return
    turned = tuple(zip(*grid.rows, strict=True))
    for mention, confidence, row, column, header in _read(turned, grid.caption):
        yield mention, confidence - 0.05, column, row, header


def _read(rows: tuple[tuple[str, ...], ...], caption: str) -> Iterator[Cell]:
    if len(rows) < 2:
        return
    height = _header_height(rows)
    headers = [" ".join(dict.fromkeys(rows[i][j] for i in range(height) if rows[i][j])) for j in range(len(rows[0]))]
    columns = [_column(h, caption) for h in headers]
    if not any(c.role == "value" for c in columns):
        return
    label_at = _label_column(rows[height:], columns)
    for i, row in enumerate(rows[height:], start=height + 1):
        label = row[label_at].strip() if label_at is not None else ""
        conditions = _row_conditions(row, columns)
        for j, (cell, column) in enumerate(zip(row, columns, strict=True)):
            if column.role != "value" or j == label_at or not _NUMBER.match(cell.strip()):
                continue
            std = _std_cell(row, columns, j, column)
            made = _cell(cell, column, label, label_at is not None and columns[label_at].role == "reaction", conditions, std, f"{headers[j]}; {caption}")
            if made is not None:
                yield (*made, i, j + 1, headers[j])


def _header_height(rows: tuple[tuple[str, ...], ...]) -> int:
    """One header row, or two when the second has no numbers either."""
    second = [c for c in rows[1] if c.strip()]
    if (
        len(rows) > 2
        and second
        and not any(_NUMBER.match(c.strip()) for c in second)
        and any(_NUMBER.match(c.strip()) for c in rows[2])
        and (any(house_unit(c.strip("[]() ")) for c in second) or any(not c.strip() for c in rows[0]))
    ):
        return 2
    return 1


def _column(header: str, caption: str) -> Column:
    """What a header says."""
    text = " ".join(header.split())
    if not text:
        return Column()
    power, text = _power(text)
    bracket = next((m for m in _BRACKET.finditer(text) if house_unit(m["unit"]) or m["unit"].strip() in ("-", "–", "—")), None)
    unit = house_unit(bracket["unit"]) if bracket else ""
    bare = (text[: bracket.start()] + " " + text[bracket.end() :]).strip() if bracket else text
    if not unit and (match := re.search(r"(?:,|/)\s*(?P<unit>[^,/]*(?:/[^,]*)?)$", bare)) and (unit := house_unit(match["unit"])):
        bare = bare[: match.start()].strip()
    log = "e" if re.match(r"ln\b", bare, re.IGNORECASE) else "10" if re.match(r"log\b", bare, re.IGNORECASE) and not re.match(r"log\s?(?:P|K\s?_?o)", bare) else ""
    core = re.sub(r"^(?:ln|log(?:10)?)\s*\(?", "", bare, flags=re.IGNORECASE).rstrip(")") if log else bare
    if re.match(r"^(?:std|standard (?:deviation|error|uncertainty)|σ|±|\+/-|error|uncertainty|s\.?d\.?)\b", core, re.IGNORECASE):
        return Column(None, unit or "1", power, "", "", "std")
    if _TEMPERATURE.match(core) and (not unit or fits(unit, "K")) and len(core.split()) < 3:
        return Column(None, unit or "K", power, "", "T", "temperature")
    measure, symbol = _measure(core, unit, caption)
    if measure is not None:
        return Column(measure, unit or "1", power, log, symbol, "value")
    return Column(None, unit or "1", 0, "", "", "reaction" if _LABEL.search(core) else "name" if _NAME.search(core) else "")


def _power(text: str) -> tuple[int, str]:
    """A power of ten in a header: ``10^3 k`` and ``k × 10^3`` hold cells of a thousand times k; ``k (10^-3 s^-1)`` of a thousandth of the unit."""
    if inside := re.search(r"[\[(]\s*(?:×\s*|x\s*)?10\s?\^?\s?(?P<n>[-−–+]\d{1,2})\s*(?:×|x|·)?\s*(?=[A-Za-z/1\])])", text):
        power = int(re.sub("[−–]", "-", inside["n"]))
        return -power, text[: inside.start() + 1] + text[inside.end() :]
    match = _POWER.search(text)
    if match is None:
        return 0, text
    power = int(re.sub("[−–]", "-", match["n"] or match["m"]))
    return power, (text[: match.start()] + " " + text[match.end() :]).strip()


def _measure(core: str, unit: str, caption: str) -> tuple[Measure | None, str]:
    """The quantity a header names by words, or by a letter whose unit agrees (letters of kinetics only where words or unit speak for it)."""
    named = [m for m in measures() if m.words.search(core)]
    for m in named:
        if not unit or fits(unit, m.unit):
            letter = re.search(r"(?:,|\s)\s*([A-Za-z]\w{0,3})$", core)
            return m, letter.group(1) if letter and len(core.split()) > 1 else core[:12]
    bare = re.sub(r"[\s_]", "", core)
    kinetic = re.search(r"kinetic|rate|arrhenius|activation|reaction", caption, re.IGNORECASE)
    for m in measures():
        if any(re.sub(r"[\s_]", "", s) == bare for s in m.symbols) and (fits(unit, m.unit) if unit else m.unit == "1" or bool(kinetic)):
            if m.name in ("rate_constant", "pre_exponential_factor", "equilibrium_constant") and not kinetic and not re.search(r"/|s|min|h", unit):
                continue
            if m.name in ("density", "viscosity", "diffusion_coefficient", "molar_mass", "solubility", "reaction_order") and not unit:
                continue
            return m, core
    return None, ""


def _label_column(rows: tuple[tuple[str, ...], ...], columns: list[Column]) -> int | None:
    """The column that says what a row is about: headed as reaction or name, or the one where most cells name a substance."""
    for wanted in ("name", "reaction"):
        for j, c in enumerate(columns):
            if c.role == wanted and not (wanted == "reaction" and all(re.fullmatch(r"\d*", r[j].strip()) for r in rows) and any(x.role == "name" for x in columns)):
                return j
    best, most = None, 0
    for j, c in enumerate(columns):
        if c.role in ("value", "temperature", "std"):
            continue
        cells = [r[j].strip() for r in rows[:30] if r[j].strip()]
        hits = sum(bool(re.search("[A-Za-z]{2}|→|->|=", cell)) for cell in cells)
        if hits > most:
            best, most = j, hits
    return best


def _row_conditions(row: tuple[str, ...], columns: list[Column]) -> dict[str, float]:
    for cell, column in zip(row, columns, strict=True):
        if column.role == "temperature" and (q := quantity_at(cell, 0)) is not None:
            unit = column.unit if q.unit == "1" else q.unit
            try:
                return {"temperature": convert(q.value, unit, "K")}
            except UnitError:
                return {}
    return {}


def _std_cell(row: tuple[str, ...], columns: list[Column], j: int, column: Column) -> float | None:
    """The uncertainty in the column right of a value, when there is one."""
    if j + 1 < len(columns) and columns[j + 1].role == "std" and (q := quantity_at(row[j + 1], 0)) is not None:
        return abs(_tens(q.value, column.power))
    return None


def _cell(
    cell: str, column: Column, label: str, is_reaction: bool, conditions: dict[str, float], std: float | None, about: str
) -> tuple[PropertyMention | KineticMention, float] | None:
    """One number of a table as a mention, or None when it doesn't read, or makes no sense for its quantity."""
    measure = column.measure
    q = quantity_at(cell.strip().lstrip("<>~≈= "), 0)
    if q is None or measure is None:
        return None
    unit = q.unit if q.unit != "1" and fits(q.unit, measure.unit) else column.unit
    q = _scaled(q, column)
    if unit == "1" and measure.unit not in ("1", "any") and measure.name != "solubility":
        return None
    wanted = measure.unit
    if not fits(unit, wanted) or not math.isfinite(q.value) or not in_range(q.value, unit, wanted, measure.low, measure.high):
        return None
    at = dict(conditions)
    if "temperature" not in at and (wanted == "any" or not fits("K", wanted)) and (found := re.search(r"at\s+(\d+(?:\.\d+)?)\s?(°\s?C|K)\b", about)):
        at["temperature"] = float(found.group(1)) + (273.15 if "C" in found.group(2) else 0.0)
    spread = q.std if q.std is not None else std
    if measure.kind == "kinetic":
        return KineticMention(label, measure.name, column.symbol, q.value, unit, spread, at), 0.85 if label and unit != "1" else 0.6
    smiles = "" if is_reaction else structure(label)[0] if len(label) > 1 else ""
    qualifier = cell.strip()[0] if cell.strip()[:1] in "<>~" else "="
    mention = PropertyMention(label, measure.name, q.value, unit, smiles, spread, q.low, q.high, qualifier, at)
    return mention, 0.9 if smiles else 0.6 if label else 0.35


def _scaled(q: Quantity, column: Column) -> Quantity:
    """Header powers and logarithms undone."""
    if column.log:
        base = math.e if column.log == "e" else 10.0
        value = base**q.value if abs(q.value) < 300 else math.inf
        return Quantity(value, q.unit, None, None, None if q.std is None else value * q.std * math.log(base), q.end)
    k = column.power
    return Quantity(
        _tens(q.value, k), q.unit, None if q.low is None else _tens(q.low, k), None if q.high is None else _tens(q.high, k), None if q.std is None else abs(_tens(q.std, k)), q.end
    )


def _tens(value: float, power: int) -> float:
    """``value / 10^power`` in decimal, so that 4.2 and 3 give 0.0042 and no rounding noise."""
    return float(Decimal(repr(value)).scaleb(-power))
