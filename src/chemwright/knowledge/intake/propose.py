"""A guess at what each column of a table means, from its header and its cells, each with how sure it is and why; a question where it isn't."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from attrs import evolve, field, frozen

from chemwright.errors import ChemwrightError
from chemwright.knowledge.intake.headers import Head, meant, read_head, read_unit_text
from chemwright.knowledge.intake.mapping import ColumnUse, Mapping
from chemwright.knowledge.intake.texts import REFERENCE, SMILES, number
from chemwright.knowledge.names import check_digit
from chemwright.knowledge.properties import Property
from chemwright.knowledge.vocabulary import Vocabulary, folded
from chemwright.quantity.units import dimension_text, factor
from chemwright.record.claim import TIERS

SURE = 0.8
FRACTIONS = ("mole_fraction", "mass_fraction", "volume_fraction")
_WORDS = {
    "substance": "substance compound chemical component material molecule species solvent solute analyte product name compound_name chemical_name substance_name 物质 名称 化合物 品名 物质名称 化学品 组分",
    "cas": "cas cas_no cas_no. cas_number casrn cas_rn cas_nr cas# cas号 cas登记号",
    "smiles": "smiles smi canonical_smiles isomeric_smiles structure can_smiles",
    "inchikey": "inchikey inchi_key standard_inchikey stdinchikey",
    "property": "property quantity parameter endpoint property_name 性质 物性 属性 性质名称",
    "value": "value result measurement number measured_value 数值 值 结果",
    "unit": "unit units uom 单位",
    "source": "source reference ref ref. citation doi literature url 来源 文献 参考文献 出处",
    "method": "method technique procedure apparatus experimental_method measurement_method 方法 测定方法 测试方法",
    "note": "note notes comment comments remark remarks 备注 注释 说明",
    "phase": "phase state physical_state 相 相态 状态",
    "tier": "tier kind data_type type_of_data experimental_or_predicted",
    "label": "label labels tag tags keyword keywords 标签",
    "id": "id no no. nr number_id entry index idx row record # 编号 序号",
    "std": "std sd stdev sigma uncertainty error unc ± +/- 不确定度 误差 标准差",
}  # fmt: skip
_ROLE_OF = {folded(w): role for role, words in _WORDS.items() for w in words.split()}
_READING = {"cas": "cas", "smiles": "smiles", "inchikey": "inchikey"}
_ALWAYS_CONDITIONS = ("temperature", "pressure")
TIER_WORDS = {
    "experimental": "measured",
    "exp": "measured",
    "experiment": "measured",
    "predicted": "estimated",
    "calculated": "estimated",
    "calc": "estimated",
    "est": "estimated",
    "smoothed": "fitted",
}


@frozen
class Guess:
    """What a column seems to be, how sure that is (0 to 1), and why."""

    use: ColumnUse
    sure: float
    reason: str


@frozen
class Question:
    """What only the user can say.

    Args:
        key: header of the column it is about, or ``(substance)``, ``(source)``.
        text: the question.
        options: answers in words, beside what each makes of the column; the first is the likeliest.
        free: whether an answer in the user's own words is taken.
    """

    key: str
    text: str
    options: tuple[tuple[str, ColumnUse | None], ...] = ()
    free: bool = False


@frozen
class Proposal:
    """A proposed mapping with its grounds and open questions; what has no question is settled unless the user changes it."""

    guesses: tuple[Guess, ...]
    questions: tuple[Question, ...] = ()
    remembered: bool = field(default=False)
    mapping_kept: Mapping | None = None

    @property
    def mapping(self) -> Mapping:
        """The mapping as it stands."""
        return self.mapping_kept or Mapping(tuple(g.use for g in self.guesses))


def propose_mapping(header: Sequence[str], rows: Sequence[Sequence[str]], words: Vocabulary) -> Proposal:
    """A mapping for a table.

    Args:
        header: names of the columns.
        rows: cells of some rows, each as long as the header.
        words: vocabulary.
    """
    columns = [[r[i].strip() for r in rows if i < len(r) and r[i].strip()] for i in range(len(header))]
    guesses = [_guess(h, cells, words) for h, cells in zip(header, columns, strict=True)]
    guesses = _long_form(guesses, columns, words)
    guesses = _one_of_each(_stds(_conditions(guesses, words)))
    return Proposal(tuple(guesses), tuple(_questions(guesses, columns, words)))


def _guess(header: str, cells: list[str], words: Vocabulary) -> Guess:
    head = read_head(header)
    role = _ROLE_OF.get(folded(head.name)) if not head.std else None
    numbers = [x for c in cells if (x := number(c)) is not None]
    numeric = bool(cells) and len(numbers) >= 0.7 * len(cells)
    by_content = _content(cells)
    if by_content and (role is None or role in ("substance", "cas", "smiles", "inchikey", "id")):
        reading, share, what = by_content
        return Guess(ColumnUse(header, "substance", reading=reading), min(0.98, 0.75 + 0.23 * share), f"{share:.0%} of its cells are {what}")
    if role in _READING:
        return Guess(ColumnUse(header, "substance", reading=_READING[role]), 0.6 if cells else 0.9, f"the header says {role}")
    if head.std or role == "std":
        return _std(header, head, words)
    if role == "substance" and not numeric:
        return Guess(ColumnUse(header, "substance", reading="any"), 0.95, "the header says it names a substance")
    if role == "value" and (numeric or not cells):
        return Guess(ColumnUse(header, "value", unit=head.unit, scale=head.scale), 0.9, "the header says value")
    if role == "tier" and cells and all(c.casefold() in TIERS or c.casefold() in TIER_WORDS for c in cells):
        return Guess(ColumnUse(header, "tier"), 0.9, "its cells say how numbers came about")
    if role in ("property", "unit", "source", "method", "note", "phase", "label") and (not numeric or role in ("source", "label")):
        return Guess(ColumnUse(header, role), 0.9, f"the header says {role}")
    if role == "id":
        return Guess(ColumnUse(header, "id"), 0.85, "the header says it numbers the rows")
    item, sure, why = meant(head.name, head.unit, words)
    if item is not None and (numeric or not cells):
        return _number(header, head, item, sure, why, numbers)
    if numeric:
        unit = f" in {head.unit}" if head.unit else ""
        return Guess(ColumnUse(header, "ignore"), 0.2, f"numbers{unit} of something unknown")
    if cells and sum(bool(REFERENCE.search(c)) for c in cells) >= 0.6 * len(cells):
        return Guess(ColumnUse(header, "source"), 0.85, "its cells look like references")
    return Guess(ColumnUse(header, "ignore"), 0.5, "nothing in it is known")


def _content(cells: list[str]) -> tuple[str, float, str] | None:
    """What kind of substance text most cells are: (reading, share, words)."""
    some = cells[:100]
    if not some:
        return None
    cas = sum(check_digit(c) is not None and check_digit(c) == int(c[-1]) for c in some) / len(some)
    keys = sum(bool(re.fullmatch(r"[A-Z]{14}-[A-Z]{10}-[A-Z]", c)) for c in some) / len(some)
    for reading, share, what in (("cas", cas, "CAS numbers with the right check digit"), ("inchikey", keys, "InChIKeys")):
        if share >= 0.6:
            return reading, share, what
    formed = [c for c in some if SMILES.fullmatch(c) and len(c) <= 150 and not c.isdigit()]
    if len(formed) < 0.7 * len(some) or not any(re.search(r"[()=#1-9\[]", c) for c in formed):
        return None
    from chemwright.structure import is_smiles

    tried = formed[:20]
    read = sum(is_smiles(c) for c in tried) / len(tried) * len(formed) / len(some)
    return ("smiles", read, "SMILES that can be read") if read >= 0.7 else None


def _number(header: str, head: Head, item: Property, sure: float, why: str, numbers: list[float]) -> Guess:
    """A column of numbers with a known meaning; its range must fit, and a unit that the header lacks is guessed from it."""
    unit, scale = head.unit, head.scale
    if unit and sure < 0.5:
        unit = read_unit_text(re.sub(r"/\s*([^()/]+)$", r"/(\1)", head.given_unit)) or unit
        if dimension_text(unit) == (item.dimension or dimension_text(item.unit)):
            sure, why = 0.7, f"{why.split(', but')[0]}; {head.given_unit!r} is read as {unit!r}"
    if not unit and item.unit == "1":
        unit = "1"
        if numbers and item.high is not None and item.high <= 2 and max(numbers) > 2 and max(numbers) <= 100:
            unit, why = "percent", f"{why}; its numbers reach {max(numbers):g}, so per cent"
            sure = min(sure, 0.75)
    role = "value" if item.name not in _ALWAYS_CONDITIONS else "condition"
    use = ColumnUse(header, role, item.name, unit, scale=scale)
    if not unit:
        fitting = [u for u in _likely_units(item) if _usual_share(numbers, u, item, scale) >= 0.9]
        guess = fitting[0] if fitting else item.unit
        return Guess(evolve(use, unit=guess), 0.5, f"{why}; no unit in the header, its numbers would fit {', '.join(fitting) or 'none that is usual'}")
    if not head.sure:
        sure = min(sure, 0.79) if _usual_share(numbers, unit, item, scale) < 0.9 else sure
        why += f"; {head.given_unit!r} at its end is taken as the unit"
    if numbers and _usual_share(numbers, unit, item, scale) < 0.5:
        return Guess(use, min(sure, 0.4), f"{why}, but {1 - _usual_share(numbers, unit, item, scale):.0%} of its numbers would be unusual in {unit}")
    return Guess(use, sure, why)


def _likely_units(item: Property) -> list[str]:
    from chemwright.knowledge.intake.units import customary

    return [item.unit, *(u for u in customary(item) if u != item.unit)]


def _usual_share(numbers: list[float], unit: str, item: Property, scale: str = "") -> float:
    """Share of the numbers that would be usual in a unit."""
    if not numbers:
        return 1.0
    values = np.asarray(numbers)
    if scale:
        values = np.power(10.0 if scale == "log10" else np.e, np.clip(values, -300, 300))
    try:
        by, plus = factor(unit, item.unit)
    except ChemwrightError:
        return 0.0
    values = values * by + plus
    low = item.low_usual if item.low_usual is not None else item.low
    high = item.high_usual if item.high_usual is not None else item.high
    fine = np.ones(len(values), dtype=bool)
    if low is not None:
        fine &= values >= low
    if high is not None:
        fine &= values <= high
    return float(fine.mean())


def _std(header: str, head: Head, words: Vocabulary) -> Guess:
    item = meant(head.name, head.unit, words)[0]
    relative = bool(re.search(r"%|percent|relative|rel\.", header, re.I)) and (item is None or item.unit != "1")
    return Guess(ColumnUse(header, "std", item.name if item else "", "percent" if relative else head.unit, relative=relative), 0.85, "the header says uncertainty")


def _long_form(guesses: list[Guess], columns: list[list[str]], words: Vocabulary) -> list[Guess]:
    """A text column whose cells are names of properties, and one whose cells are units, make a long table."""
    out = list(guesses)
    for i, (guess, cells) in enumerate(zip(guesses, columns, strict=True)):
        if guess.use.role not in ("ignore", "property", "note") or not cells:
            continue
        distinct = list(dict.fromkeys(cells))
        share = sum(_is_property(c, words) for c in distinct) / len(distinct)
        if share >= 0.5 and not any(g.use.role == "property" and g.sure > 0.96 for g in out):
            out[i] = Guess(ColumnUse(guess.use.header, "property"), 0.97, f"{share:.0%} of its different cells are properties of the vocabulary")
    long = any(g.use.role == "property" for g in out)
    for i, (guess, cells) in enumerate(zip(out, columns, strict=True)):
        if guess.use.role == "unit" or (
            long and guess.use.role == "ignore" and cells and all(read_unit_text(c) for c in dict.fromkeys(cells)) and not all(number(c) is not None for c in cells)
        ):
            out[i] = Guess(ColumnUse(guess.use.header, "unit"), max(guess.sure, 0.9), "its cells are units")
    return out


def _is_property(text: str, words: Vocabulary) -> bool:
    if text in words:
        return True
    head = read_head(text)
    return meant(head.name, head.unit, words)[1] >= SURE


def _conditions(guesses: list[Guess], words: Vocabulary) -> list[Guess]:
    """Numbers that another column's property depends on are conditions of it; temperature and pressure always, unless nothing else is measured."""
    long = any(g.use.role == "property" for g in guesses)
    others = [words.find(g.use.property) for g in guesses if g.use.role == "value" and g.use.property]
    wanted = {c for item in others for c in item.conditions}
    out = []
    for guess in guesses:
        use = guess.use
        if use.role == "value" and use.property and (long or (len(others) > 1 and (use.property in wanted or use.property in FRACTIONS))):
            guess = Guess(evolve(use, role="condition"), guess.sure, guess.reason + "; what is measured depends on it")
        out.append(guess)
    if not long and not any(g.use.role == "value" for g in out):
        numbers = [i for i, g in enumerate(out) if g.use.role == "condition"]
        if numbers:
            i = next((k for k in numbers if out[k].use.property == "pressure"), numbers[-1])
            out[i] = Guess(evolve(out[i].use, role="value"), 0.6, out[i].reason + "; nothing else is measured")
    return out


def _stds(guesses: list[Guess]) -> list[Guess]:
    """Uncertainty columns tied to their value columns: by property, or the value column just before."""
    out = list(guesses)
    for i, guess in enumerate(guesses):
        if guess.use.role != "std":
            continue
        values = [g.use for g in guesses if g.use.role == "value"]
        same = [v for v in values if guess.use.property and v.property == guess.use.property]
        before = [g.use for g in guesses[:i] if g.use.role == "value"]
        mate = same[0] if same else (before[-1] if before else (values[0] if len(values) == 1 else None))
        if mate is None:
            out[i] = Guess(ColumnUse(guess.use.header, "ignore"), 0.3, "an uncertainty without a value column")
            continue
        unit = guess.use.unit or ("K" if mate.unit in ("degC", "K") else mate.unit)
        out[i] = Guess(evolve(guess.use, of=mate.header, property=mate.property, unit=unit), guess.sure, guess.reason + f", of {mate.header!r}")
    return out


def _one_of_each(guesses: list[Guess]) -> list[Guess]:
    """Of several columns for one role the surest stays; the others become notes or are ignored."""
    out = list(guesses)
    for role in ("property", "unit", "phase", "method", "source", "tier", "id"):
        found = sorted((i for i, g in enumerate(out) if g.use.role == role), key=lambda i: -out[i].sure)
        for i in found[1:]:
            spare = "ignore" if role in ("id", "unit", "property") else "note"
            out[i] = Guess(ColumnUse(out[i].use.header, spare), 0.5, f"another column is the {role}")
    return out


def _questions(guesses: list[Guess], columns: list[list[str]], words: Vocabulary) -> list[Question]:
    out: list[Question] = []
    ignore = "leave it out"
    for guess, cells in zip(guesses, columns, strict=True):
        use = guess.use
        some = ", ".join(repr(c[:40]) for c in cells[:3])
        if use.role == "condition" and use.property in FRACTIONS and not use.of:
            text = f"What is {use.header!r} ({some}) the {use.property} of? Name the component: 'condition {use.property} of ethanol'"
            out.append(Question(use.header, text, (("of the substance of the row", use), (ignore, ColumnUse(use.header))), True))
            continue
        if guess.sure >= SURE or (use.role in ("ignore", "note") and guess.sure >= 0.5):
            continue
        if use.role in ("value", "condition", "std") and use.property:
            item = words.find(use.property)
            options: list[tuple[str, ColumnUse | None]] = [(f"{item.name} in {use.unit}", use)]
            options += [(f"{item.name} in {u}", evolve(use, unit=u)) for u in _likely_units(item) if u != use.unit][:4]
            out.append(Question(use.header, f"What is {use.header!r} ({some})? It seems to be {item.name}: {guess.reason}", (*options, (ignore, ColumnUse(use.header))), True))
        else:
            named: list[tuple[str, ColumnUse | None]] = [] if use.role == "ignore" else [(use.role, use)]
            out.append(
                Question(use.header, f"What is {use.header!r} ({some})? {guess.reason}", (*named, (ignore, ColumnUse(use.header)), ("a note", ColumnUse(use.header, "note"))), True)
            )
    roles = {g.use.role for g in guesses}
    if "substance" not in roles:
        out.append(Question("(substance)", "No column names a substance. Which substance is the table about?", (), True))
    if "source" not in roles:
        out.append(Question("(source)", "Where do the numbers come from? A short key or a DOI, or nothing.", (), True))
    if "value" not in roles and not any(q.key in [g.use.header for g in guesses] for q in out):
        out.append(Question("(value)", "No column of numbers is known. Which column is measured, and what is it?", (), True))
    return out
