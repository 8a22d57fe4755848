"""What counts as a match when a mined procedure is held against its record, and the table of precision, recall and F1.

Written before the extractor. One answer for each procedure (the reading with the highest confidence) is scored for yield, temperature and time, sets of structures for solvents and reactants.

- yield: within 1 (per cent absolute) of any yield of the record. ``yield, stated``: the record took a yield from the text. ``yield, any``: stated, or calculated by the record's makers from masses and
  structures, which may stand nowhere in the text.
- temperature: within 2 K of the set point, or within its half-width when the record gives a wider one; a record that says only "ambient" is met by 20 to 30 degC.
- time: within 2 %, or within the record's half-width (``overnight`` is recorded as 8 h +/- 8 h).
- solvents, reactants: the structure (canonical SMILES, stereo included), counted over all procedures together; names of the record without structure are left out on the record's side.

- solvents, split: added after the extractor was built on the training part (the rows above stand as they were first defined): the records write ``toluene/ethanol`` as one substance of two molecules, here a
  recorded mixture of uncharged molecules counts as its parts.

The record's fields have gaps: it often lacks a temperature or time that the text states. So ``precision`` is taken over procedures whose record has the field, and ``strict precision`` counts every
answer given where the record has none as wrong. Neither is the whole truth; both are printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from attrs import frozen
from mining_data import Truth

FIELDS = ("yield, stated", "yield, any", "temperature", "time", "solvents", "reactants", "solvents, split")


@frozen
class Answer:
    """What an extractor says of one procedure: number and confidence, or None; sets of canonical SMILES.

    Args:
        yield_: per cent.
        temperature: degC.
        time: s.
        solvents: canonical SMILES.
        reactants: canonical SMILES.
    """

    yield_: tuple[float, float] | None = None
    temperature: tuple[float, float] | None = None
    time: tuple[float, float] | None = None
    solvents: frozenset[str] = frozenset()
    reactants: frozenset[str] = frozenset()


@frozen
class Row:
    """One line of the table: counts over procedures, or over structures for sets.

    Args:
        field: one of :data:`FIELDS`.
        right: answers that match.
        wrong: answers that don't, where the record has the field.
        missed: what the record has and no answer met.
        beyond: answers where the record has no such field.
    """

    field: str
    right: int
    wrong: int
    missed: int
    beyond: int

    @property
    def precision(self) -> float:
        """Right answers over answers, where the record has the field."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Right answers over what the record has."""
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)

    @property
    def strict_precision(self) -> float:
        """Right answers over all answers."""
        return self.right / max(1, self.right + self.wrong + self.beyond)


def yield_right(value: float, truth: Truth) -> bool:
    """Whether a yield (per cent) is one of the record's."""
    return any(abs(value - v) <= 1.0 for v in truth.stated + truth.calculated)


def temperature_right(value: float, truth: Truth) -> bool:
    """Whether a temperature (degC) is the record's."""
    if truth.temperature is not None:
        return abs(value - truth.temperature[0]) <= max(2.0, truth.temperature[1])
    return truth.ambient and 20.0 <= value <= 30.0


def time_right(value: float, truth: Truth) -> bool:
    """Whether a time (s) is the record's."""
    return truth.time is not None and abs(value - truth.time[0]) <= max(0.02 * truth.time[0], truth.time[1]) + 1e-6


@cache
def canonical(smiles: str) -> str:
    """Canonical SMILES, or empty when RDKit can't read it."""
    from chemwright.errors import SubstanceError
    from chemwright.structure import molecule

    try:
        return molecule(smiles).smiles if smiles else ""
    except SubstanceError:
        return ""


def structures(truth: Truth, role: str) -> frozenset[str]:
    """Canonical SMILES of the record's components of a role, without those that have no structure."""
    return frozenset(s for c in truth.components if c.role == role and (s := canonical(c.smiles)))


def score(truths: Sequence[Truth], answers: Sequence[Answer], *, least: float = 0.0) -> list[Row]:
    """The table, one row for each of :data:`FIELDS`; ``least``: answers of lower confidence count as not given."""
    rows = []
    scalar = {
        "yield, stated": (lambda t: bool(t.stated), lambda a: a.yield_, yield_right),
        "yield, any": (lambda t: bool(t.stated or t.calculated), lambda a: a.yield_, yield_right),
        "temperature": (lambda t: t.temperature is not None or t.ambient, lambda a: a.temperature, temperature_right),
        "time": (lambda t: t.time is not None, lambda a: a.time, time_right),
    }
    for name, (has, get, right) in scalar.items():
        counts = {"right": 0, "wrong": 0, "missed": 0, "beyond": 0}
        for truth, answer in zip(truths, answers, strict=True):
            given = get(answer)
            value = given[0] if given is not None and given[1] >= least else None
            if not has(truth):
                counts["beyond"] += value is not None
            elif value is not None and right(value, truth):
                counts["right"] += 1
            else:
                counts["missed"] += 1
                counts["wrong"] += value is not None
        rows.append(Row(name, **counts))
    return rows + [_set_row(name, truths, answers) for name in FIELDS[4:]]


def parts(found: frozenset[str]) -> frozenset[str]:
    """Mixtures of uncharged molecules as their parts; salts stay whole."""
    return frozenset(p for s in found for p in (s.split(".") if "+" not in s and "-]" not in s else [s]))


def _set_row(name: str, truths: Sequence[Truth], answers: Sequence[Answer]) -> Row:
    field, split = name.split(",")[0], "split" in name
    right = wrong = missed = beyond = 0
    for truth, answer in zip(truths, answers, strict=True):
        found, wanted = getattr(answer, field), structures(truth, field.removesuffix("s"))
        if split:
            found, wanted = parts(found), parts(wanted)
        if not wanted:
            beyond += len(found)
            continue
        right += len(found & wanted)
        wrong += len(found - wanted)
        missed += len(wanted - found)
    return Row(name, right, wrong, missed, beyond)
