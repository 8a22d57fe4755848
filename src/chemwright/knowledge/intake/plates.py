"""Plates of high-throughput runs: layouts of 96, 384 or 1536 wells, one grid for each factor, or a list with one row for each well; experiments come out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from attrs import evolve, field, frozen

from chemwright.errors import InputError, did_you_mean, near_misses
from chemwright.knowledge.base import audit
from chemwright.knowledge.base.database import KnowledgeBase
from chemwright.knowledge.intake.blocks import TableFile, open_table
from chemwright.knowledge.intake.grids import well
from chemwright.knowledge.intake.resolve import Known, Resolver
from chemwright.knowledge.intake.texts import number
from chemwright.knowledge.vocabulary import Vocabulary
from chemwright.quantity.units import factor
from chemwright.record import ExperimentRecord, Filing, Outcome, Participant, SubstanceRecord
from chemwright.record.experiment import ROLES
from chemwright.record.fields import one_of

CHUNK = 2000
MAX_NEAR = 20
"""Unknown names of one plate that the tables are searched for, half a second each."""


@frozen
class Factor:
    """What a column or grid of a plate holds.

    Args:
        name: its header.
        role: one of the roles of a participant, or ``condition``, ``outcome``, ``setting``, ``well``, ``plate``, ``id``, ``ignore``.
        property: of a condition or outcome: its vocabulary name.
        unit: of its numbers.
        substance: of an outcome: name of the factor whose substance it is of, or empty.
    """

    name: str
    role: str = field(validator=one_of((*ROLES, "condition", "outcome", "setting", "well", "plate", "id", "ignore")))
    property: str = ""
    unit: str = "1"
    substance: str = ""


@frozen
class Layout:
    """What is the same for all wells of a plate.

    Args:
        factors: what its columns or grids hold.
        participants: substances that are in every well, by role: ``{"product": ("...",)}``.
        conditions: vocabulary names to SI numbers.
        settings: words.
        product: makes the product's SMILES from the substances of a well (role to SMILES); None when it isn't derived.
        plate: name of the plate.
        source: id of the source.
        procedure: text of what was done.
    """

    factors: tuple[Factor, ...]
    participants: Mapping[str, Sequence[str]] = {}
    conditions: Mapping[str, float] = {}
    settings: Mapping[str, str] = {}
    product: Callable[[Mapping[str, str]], str | None] | None = None
    plate: str = ""
    source: str = ""
    procedure: str = ""


@frozen
class PlateReport:
    """What came of a plate.

    Args:
        experiments: made; new: of them filed by this run.
        empty: wells left empty.
        underived: wells whose product could not be derived.
        problems: by well, in words.
        named: compounds of which only the name is known.
    """

    experiments: int
    new: int
    empty: int
    underived: int
    problems: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


def list_rows(path: str | Path | TableFile) -> list[dict[str, str]]:
    """Rows of a list with one well or run for each, by column name; ``(row)`` holds the number of the row in the file."""
    table = path if isinstance(path, TableFile) else open_table(path)
    out = []
    for block in table.blocks():
        if block.rejects:
            r = block.rejects[0]
            raise InputError(r.message, where=f"{table.path.name}, row {r.row}" + (f", column {r.column}" if r.column else ""), fix=r.fix)
        for i, row in enumerate(block.rows):
            out.append(dict(zip(table.header, block.cells(i), strict=True)) | {"(row)": str(row)})
    return out


def experiments(
    kb: KnowledgeBase, rows: Sequence[Mapping[str, str]], layout: Layout, *, on_error: str = "stop", wells: int = 1536
) -> tuple[list[ExperimentRecord], list[SubstanceRecord], PlateReport]:
    """Experiments of a plate, its substances, and what was noticed.

    Args:
        kb: whose names and vocabulary are asked.
        rows: one for each well: column to cell.
        layout: what the columns mean.
        on_error: ``stop`` at the first problem, or ``skip`` the wells that have one.
        wells: of the plate.

    Raises:
        InputError: with ``stop``: a well that occurs twice, a factor that is missing in a well, an unknown compound (near misses among the plate's), a cell that is no number.
    """
    maker = _Maker(kb.vocabulary, layout, wells)
    with kb.reading() as connection:
        maker.known = Resolver().resolve(connection, maker.texts(rows))
    out: list[ExperimentRecord] = []
    problems: list[str] = []
    empty = underived = 0
    for position, row in enumerate(rows, start=1):
        if not any(row.get(f.name, "").strip() for f in layout.factors if f.role not in ("well", "plate", "id", "ignore")):
            empty += 1
            continue
        try:
            made, derived = maker.experiment(row, position)
        except InputError as error:
            if on_error == "stop":
                raise
            problems.append(str(error))
            continue
        out.append(made)
        underived += not derived
    records = [k.record for k in maker.known.values() if k.record is not None]
    return out, [*records, *maker.products.values()], PlateReport(len(out), 0, empty, underived, tuple(problems), tuple(sorted(maker.named)))


def import_plate(
    kb: KnowledgeBase,
    rows: Sequence[Mapping[str, str]],
    layout: Layout,
    *,
    filing: Filing | None = None,
    on_error: str = "stop",
    wells: int = 1536,
    progress: Callable[[str, float | None], None] | None = None,
) -> PlateReport:
    """File the experiments of a plate in one transaction; what is filed already stays as it is.

    Args:
        kb: open for writing.
        rows: from :func:`list_rows` or :func:`wells_of_grids`.
        layout: what the columns mean.
        filing: terms; private and trusted when None.
        on_error, wells: as for :func:`experiments`.
        progress: called with words and the share done.

    Raises:
        InputError: as for :func:`experiments`; nothing is filed then.
    """
    made, substances, report = experiments(kb, rows, layout, on_error=on_error, wells=wells)
    terms = evolve(filing or Filing(), owner=(filing.owner if filing else "") or kb.who)
    before = kb.counts().get("experiment", 0)
    with kb.writing() as connection:
        for start in range(0, len(made), CHUNK):
            if progress:
                progress(f"{start:,} of {len(made):,} experiments", start / max(len(made), 1))
            kb.file(connection, [*substances, *made[start : start + CHUNK]] if start == 0 else made[start : start + CHUNK], terms)
        audit.write(connection, kb.who, "plate", layout.plate, experiments=len(made), problems=len(report.problems))
    return evolve(report, new=kb.counts().get("experiment", 0) - before)


class _Maker:
    """Makes experiments of one plate (private: it holds what was seen so far)."""

    def __init__(self, words: Vocabulary, layout: Layout, wells: int) -> None:
        self.words, self.layout, self.wells = words, layout, wells
        self.known: dict[str, Known] = {}
        self.products: dict[str, SubstanceRecord] = {}
        self._derived: dict[tuple[str, ...], str] = {}
        self._seen: dict[tuple[str, str], int] = {}
        self._nears: dict[str, str] = {}
        self.named: set[str] = set()
        self._items = {f.name: words.find(f.property, f"factor {f.name!r}") for f in layout.factors if f.role in ("condition", "outcome")}
        self._scales = {f.name: factor(f.unit, self._items[f.name].unit, f"factor {f.name!r}") for f in layout.factors if f.name in self._items}
        self.compounds = [f for f in layout.factors if f.role in ROLES]

    def texts(self, rows: Sequence[Mapping[str, str]]) -> list[str]:
        own = [row.get(f.name, "").strip() for row in rows for f in self.compounds]
        return [t for t in dict.fromkeys([*own, *(t for ts in self.layout.participants.values() for t in ts)]) if t and t.casefold() not in _NOTHING]

    def experiment(self, row: Mapping[str, str], position: int) -> tuple[ExperimentRecord, bool]:
        """One well as an experiment, and whether its product could be derived (or need not be)."""
        where = self._where(row, position)
        place, plate = self._place(row, position, where)
        people = [self._participant(row, f, where) for f in self.compounds]
        parts = [p for p in people if p is not None] + [Participant(self._key(t, where), role, t) for role, ts in self.layout.participants.items() for t in ts]
        product, derived = self._product(row)
        if product:
            parts.append(Participant(product, "product", self.products[product].name))
        conditions = dict(self.layout.conditions)
        outcomes = []
        settings = dict(self.layout.settings) | {k: v for k, v in (("well", place), ("plate", plate)) if v}
        for f in self.layout.factors:
            cell = row.get(f.name, "").strip()
            if f.role == "setting" and cell:
                settings[f.name] = cell
            if f.role not in ("condition", "outcome") or not cell:
                continue
            value = self._number(f, cell, f"{where}, {f.name!r}")
            if f.role == "condition":
                conditions[self._items[f.name].name] = value
            else:
                about = product if f.property in ("yield", "product_yield") or not f.substance else ""
                outcomes.append(Outcome(self._items[f.name].name, value, None, self._key(row[f.substance], where) if f.substance else about or ""))
        name = row.get(next((f.name for f in self.layout.factors if f.role == "id"), ""), "").strip() or place or str(row.get("(row)", position))
        identity = "/".join(x for x in (self.layout.source, plate, name) if x)
        return ExperimentRecord(identity, self.layout.procedure, tuple(parts), conditions, tuple(outcomes), settings=settings, source=self.layout.source), derived

    def _where(self, row: Mapping[str, str], position: int) -> str:
        return f"plate {self.layout.plate}".strip() + ", " + (f"well {row['well']}" if row.get("well") else f"row {row.get('(row)', position)}")

    def _place(self, row: Mapping[str, str], position: int, where: str) -> tuple[str, str]:
        column = next((f.name for f in self.layout.factors if f.role == "well"), "well")
        plate_column = next((f.name for f in self.layout.factors if f.role == "plate"), "")
        plate = row.get(plate_column, "").strip() or self.layout.plate
        if not row.get(column, "").strip():
            return "", plate
        place = well(row[column], self.wells, where)
        if (plate, place) in self._seen:
            raise InputError(f"well {place} occurs twice, before in row {self._seen[plate, place]}", where=where, fix="name the plate in a column, or correct the well")
        self._seen[plate, place] = int(row.get("(row)", position))
        return place, plate

    def _participant(self, row: Mapping[str, str], f: Factor, where: str) -> Participant | None:
        text = row.get(f.name, "").strip()
        if not text:
            raise InputError(f"no {f.name}", where=where, fix="fill it in; write 'none' where there is none")
        return None if text.casefold() in _NOTHING else Participant(self._key(text, f"{where}, {f.name!r}"), f.role, text)

    def _key(self, text: str, where: str) -> str:
        known = self.known[text.strip()]
        record = known.record
        if record is None:
            raise InputError(known.error, where=where, fix=known.fix)
        if record.kind == "name":
            near = self._near(text)
            if near:
                raise InputError(f"unknown compound {text[:60]!r}", where=where, fix=f"{near} Or file it first under its name")
            self.named.add(text)
        return record.key

    def _near(self, text: str) -> str:
        """Near misses of a name that nothing knows, on the plate and in the tables; empty where there are none."""
        if text not in self._nears:
            from chemwright.knowledge import names

            rest = [t for t, k in self.known.items() if t != text and k.how != "name"]
            found = did_you_mean(text, rest) if near_misses(text, rest) else ""
            if not found and sum(c.isalpha() for c in text) >= 6 and len(self._nears) < MAX_NEAR:
                nearest = names.near_names(text)
                found = "did you mean " + " or ".join(repr(n) for n in nearest) + "?" if nearest else ""
            self._nears[text] = found
        return self._nears[text]

    def _product(self, row: Mapping[str, str]) -> tuple[str, bool]:
        if self.layout.product is None:
            return "", True
        found_of = {f.name: self.known.get(row.get(f.name, "").strip()) for f in self.compounds}
        smiles = {name: k.record.smiles if k is not None and k.record is not None else "" for name, k in found_of.items()}
        key = tuple(smiles.values())
        if key not in self._derived:
            found = self.layout.product(smiles)
            self._derived[key] = ""
            if found:
                from chemwright.knowledge.identity import molecular

                record = molecular(found)
                self.products[record.key] = record
                self._derived[key] = record.key
        return self._derived[key], bool(self._derived[key])

    def _number(self, f: Factor, cell: str, where: str) -> float:
        value = number(cell)
        if value is None:
            raise InputError(f"{cell[:40]!r} is no number", where=where, fix="write digits with a decimal point, or leave the cell empty")
        scale, offset = self._scales[f.name]
        si = float(f"{value * scale + offset:.12g}")
        wrong = self._items[f.name].check(si)
        if wrong:
            raise InputError(wrong, where=where, fix=f"check number and unit ({f.unit})")
        return si


_NOTHING = ("none", "no", "-", "na", "n/a", "without", "无")


def by_reaction(smarts: str, *roles: str) -> Callable[[Mapping[str, str]], str | None]:
    """A rule that derives the product of a well by a reaction template.

    Args:
        smarts: reaction SMARTS with one product.
        roles: factors whose substances are its reactants, in its order; a SMILES stands for itself.

    Returns:
        a function for :class:`Layout`: the product's SMILES, or None where the template gives none or several.
    """

    def product(smiles: Mapping[str, str]) -> str | None:
        from rdkit import Chem, rdBase
        from rdkit.Chem import AllChem

        with rdBase.BlockLogs():
            reaction = AllChem.ReactionFromSmarts(smarts)  # type: ignore[attr-defined]
            molecules = [Chem.MolFromSmiles(smiles.get(r, r)) for r in roles]
            if any(m is None for m in molecules):
                return None
            found = set()
            for made, *_ in reaction.RunReactants(tuple(molecules), 50):
                if Chem.SanitizeMol(made, catchErrors=True) == 0:
                    found.add(Chem.MolToSmiles(made))
        return found.pop() if len(found) == 1 else None

    return product
