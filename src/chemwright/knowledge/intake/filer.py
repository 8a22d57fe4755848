"""One batch of a table: its claims prepared outside any transaction, then filed in one."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
from attrs import field, frozen
from sqlalchemy import Connection, select, update

from chemwright.knowledge.base import audit, claims, sources, substances
from chemwright.knowledge.base.claims import ClaimRow, content_key
from chemwright.knowledge.base.database import UNKNOWN, KnowledgeBase
from chemwright.knowledge.base.schema import batch, claim, label
from chemwright.knowledge.base.substances import insert_ignore
from chemwright.knowledge.intake.blocks import Block, Reject
from chemwright.knowledge.intake.columns import coded, phase_of
from chemwright.knowledge.intake.mapping import ColumnUse
from chemwright.knowledge.intake.plan import Plan, Values
from chemwright.knowledge.intake.propose import TIER_WORDS
from chemwright.knowledge.intake.resolve import Known, Resolver
from chemwright.knowledge.intake.suspicion import Numbers, Suspicion, held_numbers, judge
from chemwright.record import Filing, Source, SubstanceRecord
from chemwright.record.claim import TIERS

_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)", re.I)
MAX_LABEL = 100
_ORDER = ("inchikey", "smiles", "cas", "any", "name")


@frozen
class Part:
    """A batch made ready.

    Args:
        block: its rows.
        good: places in the block that have no fault, shape (k,).
        subjects: what each row is about, by place.
        doubts: rows whose names disagree, by place.
        values: of each value column.
        conditions: name and SI numbers of the whole block.
        text: cells by role.
        rejects: rows not taken; empty: blank value cells.
    """

    block: Block
    good: np.ndarray = field(eq=False)
    subjects: list[Known | None] = field(eq=False)
    doubts: dict[int, str] = field(eq=False)
    values: list[Values] = field(eq=False)
    conditions: list[tuple[str, np.ndarray]] = field(eq=False)
    text: dict[str, list[str]] = field(eq=False)
    rejects: tuple[Reject, ...] = ()
    empty: int = 0


@frozen
class Done:
    """What filing a batch did; ``new`` is False when an earlier run had filed it. Suspicions are by row number of the file."""

    new: bool
    claims: int = 0
    known: int = 0
    substances: int = 0
    suspicions: dict[int, Suspicion] = field(factory=dict)


class Filer:
    """Prepares and files the batches of one table.

    Args:
        kb: open for writing.
        plan: the mapping made ready.
        resolver: of substances.
        terms: filing of all claims.
        source: of rows that name none.
        name: of file, content and mapping, under which finished batches are known.
    """

    def __init__(self, kb: KnowledgeBase, plan: Plan, resolver: Resolver, terms: Filing, source: Source | None, name: str) -> None:
        self.kb, self.plan, self.resolver, self.terms, self.name = kb, plan, resolver, terms, name
        self.default = source or (Source(plan.mapping.source, "literature") if plan.mapping.source else UNKNOWN)
        self._sources: dict[str, int] = {}
        self._ids: dict[str, str] = {}
        self._properties: dict[str, int] = {}
        self._rows: dict[str, int] = {}

    def prepare(self, block: Block, progress: Callable[[float], None] | None = None) -> Part:
        """Everything about a batch that needs no transaction."""
        rejects: list[Reject] = list(block.rejects)
        with self.kb.reading() as connection:
            self.plan.name_components(connection, self.resolver)
            subjects, doubts = self._subjects(connection, block, rejects, progress)
        conditions = self.plan.conditions(block, rejects)
        found = [self.plan.values(block, use, rejects) for use in self.plan.mapping.with_role("value")]
        mapping = self.plan.mapping
        constant = {"phase": mapping.phase, "method": mapping.method, "tier": mapping.tier, "source": "", "note": "", "label": "", "id": ""}
        text = {role: self.plan.words_of(block, role, constant[role], rejects) for role in ("phase", "method", "source", "tier", "id")}
        text["note"], text["label"] = self._joined(block, "note", rejects), self._joined(block, "label", rejects)
        text["tier"] = self._tiers(block, text["tier"], rejects)
        wrong = {r.row for r in rejects}
        good = np.array([k for k, row in enumerate(block.rows) if int(row) not in wrong], dtype=np.int64) if wrong else np.arange(len(block))
        return Part(block, good, subjects, doubts, [v for v, _ in found], conditions, text, tuple(rejects), sum(e for _, e in found))

    def _joined(self, block: Block, role: str, rejects: list[Reject]) -> list[str]:
        """Cells of all columns of a role, joined; a note of several columns says which is which."""
        from chemwright.knowledge.intake.columns import texts

        found = self.plan.mapping.with_role(role)
        cells = [texts(block.columns[self.plan.place[c.header]], block.rows, c.header, rejects) for c in found]
        if len(found) <= 1:
            return cells[0] if cells else [""] * len(block)
        return ["; ".join(f"{c.header}: {t}" if role == "note" else t for c, t in zip(found, row, strict=True) if t) for row in zip(*cells, strict=True)]

    def _tiers(self, block: Block, given: list[str], rejects: list[Reject]) -> list[str]:
        read = {t: (t.casefold() if t.casefold() in TIERS else TIER_WORDS.get(t.casefold(), "")) for t in set(given)}
        if not all(read.values()):
            column = self.plan.mapping.with_role("tier")[0].header
            rejects += [Reject(int(block.rows[i]), column, f"tier {t[:40]!r}", "one of " + ", ".join(TIERS)) for i, t in enumerate(given) if not read[t]]
        return [read[t] or "measured" for t in given]

    def _subjects(self, connection: Connection, block: Block, rejects: list[Reject], progress: Callable[[float], None] | None) -> tuple[list[Known | None], dict[int, str]]:
        """The substance of each row, from the strongest column that names one; what weaker columns say otherwise is a doubt."""
        uses = sorted(self.plan.mapping.with_role("substance"), key=lambda u: _ORDER.index(u.reading))
        out: list[Known | None] = [None] * len(block)
        doubts: dict[int, str] = {}
        if not uses:
            constant = self.resolver.resolve(connection, [self.plan.mapping.substance])[self.plan.mapping.substance]
            if constant.record is None:
                rejects += [Reject(int(r), "", constant.error, constant.fix) for r in block.rows]
            return [constant] * len(block), doubts
        for use in uses:
            codes, cells = coded(block.columns[self.plan.place[use.header]])
            told = [c for c in cells if c]
            known = self.resolver.resolve(connection, told, use.reading, progress)
            of_cell = [known.get(c) for c in cells]
            self._merge(block, use, codes, cells, of_cell, out, doubts, rejects)
        column = uses[0].header
        rejects += [
            Reject(int(block.rows[i]), column, "no substance", "give a name, CAS number or SMILES")
            for i, k in enumerate(out)
            if k is None and int(block.rows[i]) not in {r.row for r in rejects}
        ]
        return out, doubts

    @staticmethod
    def _merge(
        block: Block, use: ColumnUse, codes: np.ndarray, cells: list[str], of_cell: list[Known | None], out: list[Known | None], doubts: dict[int, str], rejects: list[Reject]
    ) -> None:
        for i, code in enumerate(codes):
            found = of_cell[code]
            if found is None:
                continue
            if found.record is None:
                if out[i] is None:
                    rejects.append(Reject(int(block.rows[i]), use.header, found.error, found.fix))
                continue
            held = out[i]
            if held is None or held.record is None:
                out[i] = found
            elif held.record.key != found.record.key and not found.record.key.startswith("name:"):
                doubts[i] = f"{use.header} {cells[code][:60]!r} means another substance ({found.record.name or found.record.key}) than the row's other columns"

    def file(self, number: int, part: Part) -> Done:
        """File a batch in one transaction with a line that says so; nothing when it was filed before."""
        kb = self.kb
        with kb.writing() as connection:
            there = connection.execute(select(batch.c.pk).where(batch.c.file == self.name, batch.c.part == number)).scalar()
            if there is not None:
                return Done(False)
            taken = connection.execute(insert_ignore(connection, batch), {"file": self.name, "part": number, "rows": 0, "created": audit.now()})
            if not taken.rowcount:  # another process files it at this moment
                return Done(False)
            pk = int(connection.execute(select(batch.c.pk).where(batch.c.file == self.name, batch.c.part == number)).scalar_one())
            fresh = self._file_substances(connection, part, pk)
            rows, suspicions, places = self._claim_rows(connection, part)
            claimed, known = claims.file_claims(connection, rows, self.terms, pk)
            self._label(connection, part, rows, places)
            connection.execute(update(batch).where(batch.c.pk == pk).values(rows=claimed))
            audit.write(
                connection,
                kb.who,
                "import",
                self.name.split(" ")[0],
                part=number,
                claims=claimed,
                known=known,
                rejected=len({r.row for r in part.rejects}),
                suspicious=len(suspicions),
                batch=pk,
            )
        return Done(True, claimed, known, fresh, suspicions)

    def _file_substances(self, connection: Connection, part: Part, pk: int) -> int:
        """See to it that all substances of a batch are filed; how many were not before."""
        new: dict[int, SubstanceRecord] = {}
        for i in part.good:
            known = part.subjects[i]
            if known is not None and known.record is not None and not known.row and known.record.key not in self._rows:
                new[id(known.record)] = known.record
        if not new:
            return 0
        before = substances.rows_of(connection, {r.key for r in new.values()})
        rows = substances.ensure(connection, list(new.values()), self.terms, pk)
        self._rows |= rows
        return len(rows) - len(before)

    def _row(self, known: Known | None) -> tuple[int, SubstanceRecord]:
        assert known is not None
        assert known.record is not None
        return known.row or self._rows[known.record.key], known.record

    def _source_rows(self, connection: Connection, part: Part) -> list[tuple[str, int]]:
        """Id and row of each row's source."""
        wanted = {t for t in part.text["source"] if t and t not in self._sources}
        ids = {t: (t if len(t) <= 200 else t[:183] + " " + hashlib.sha256(t.encode()).hexdigest()[:16]) for t in wanted}
        made = [Source(ids[t], "literature", t if t != ids[t] else "", doi=m.group(1) if (m := _DOI.search(t)) else "") for t in sorted(wanted)]
        rows = sources.ensure_sources(connection, [*made, *([self.default] if "" not in self._sources else [])])
        self._sources |= {t: rows[i] for t, i in ids.items()}
        self._ids |= ids
        if "" not in self._sources:
            self._sources[""], self._ids[""] = rows[self.default.id], self.default.id
        return [(self._ids[t], self._sources[t]) for t in part.text["source"]]

    def _claim_rows(self, connection: Connection, part: Part) -> tuple[list[ClaimRow], dict[int, Suspicion], list[int]]:
        """Rows to be filed, suspicions by row number of the file, and the place in the block that each row came from."""
        items = self.plan.properties
        self._properties |= sources.ensure_properties(connection, [p.name for p in items if p.name not in self._properties])
        at_source = self._source_rows(connection, part)
        good = np.zeros(len(part.block), dtype=bool)
        good[part.good] = True
        others = self._other_conditions(part)
        phases = [phase_of(p) for p in part.text["phase"]]
        about: list[Any] = [self._row(s) if fine else None for s, fine in zip(part.subjects, good.tolist(), strict=True)]
        said = self._judged(connection, part, good, phases, others, about)
        suspicions: dict[int, Suspicion] = {}
        constant = self.plan.mapping.conditions
        tp = [(n, v.tolist()) for n, v in part.conditions]
        text, out, places = part.text, [], []
        k = 0
        for values in part.values:
            column = zip(values.at.tolist(), values.property.tolist(), values.value.tolist(), values.std.tolist(), values.given, strict=True)
            for i, which, value, std, given in column:
                if not good[i]:
                    continue
                found = said.get(k)
                k += 1
                row, record = about[i]
                item = items[which]
                conditions = dict(constant)
                for name, numbers in tp:
                    if numbers[i] == numbers[i]:  # not NaN
                        conditions[name] = float(f"{numbers[i]:.12g}")
                source, source_row = at_source[i]
                number = text["id"][i]
                note = text["note"][i] if not number else f"no. {number}" + (f"; {text['note'][i]}" if text["note"][i] else "")
                doubt = "; ".join(filter(None, [found.text if found else "", part.doubts.get(i, "")]))
                if doubt:
                    suspicions[int(part.block.rows[i])] = found or Suspicion("identity", part.doubts[i])
                out.append(ClaimRow(
                    row, self._properties[item.name], source_row, (record.key, item.name, source), float(f"{value:.12g}"), None if std != std else float(f"{std:.12g}"), conditions,
                    text["tier"][i], phases[i], text["method"][i], given, note, doubt,
                ))  # fmt: skip
                places.append(i)
        return out, suspicions, places

    def _other_conditions(self, part: Part) -> list[str]:
        """Conditions of each row beyond temperature and pressure, as the base writes them."""
        others = [(n, v) for n, v in part.conditions if n not in ("temperature", "pressure")]
        constant = {k: v for k, v in self.plan.mapping.conditions.items() if k not in ("temperature", "pressure")}
        if not others:
            return [json.dumps(constant, sort_keys=True) if constant else ""] * len(part.block)
        out = []
        for i in range(len(part.block)):
            own = constant | {n: float(f"{v[i]:.12g}") for n, v in others if not math.isnan(v[i])}
            out.append(json.dumps(own, sort_keys=True) if own else "")
        return out

    def _judged(self, connection: Connection, part: Part, good: np.ndarray, phases: list[str], others: list[str], about: list[Any]) -> dict[int, Suspicion]:
        """Suspicions by place among the rows to be filed."""
        masks = [good[v.at] for v in part.values]
        if not any(m.any() for m in masks):
            return {}

        def joined(name: str) -> np.ndarray:
            return np.concatenate([getattr(v, name)[m] for v, m in zip(part.values, masks, strict=True)])

        at = joined("at")
        known = [about[i] for i in at.tolist()]
        codes = {c: n for n, c in enumerate(dict.fromkeys(zip(phases, others, strict=True)))}
        group = np.array([codes[phases[i], others[i]] for i in at.tolist()], dtype=np.int64)
        by_name = dict(part.conditions)
        constant = self.plan.mapping.conditions

        def condition(name: str) -> np.ndarray:
            return by_name.get(name, np.full(len(part.block), constant.get(name, np.nan)))[at]

        numbers = Numbers(
            np.array([k[0] for k in known], dtype=np.int64), joined("property"), group,
            condition("temperature"), condition("pressure"),
            joined("value"), joined("std"), joined("number"), [u for v, m in zip(part.values, masks, strict=True) for u, keep in zip(v.unit, m, strict=True) if keep],
            np.array([k[1].molar_mass for k in known]),
        )  # fmt: skip
        rows_of = [self._properties[p.name] for p in self.plan.properties]
        return judge(numbers, held_numbers(connection, numbers.substance, numbers.property, rows_of, codes), self.plan.properties)

    def _label(self, connection: Connection, part: Part, rows: list[ClaimRow], places: list[int]) -> None:
        """Labels of a label column; several in a cell are parted by semicolons."""
        wanted = [(content_key(row), w.strip()[:MAX_LABEL]) for row, i in zip(rows, places, strict=True) for w in part.text["label"][i].split(";") if w.strip()]
        pks: dict[bytes, int] = {}
        keys = list(dict.fromkeys(k for k, _ in wanted))
        for start in range(0, len(keys), 500):
            pks |= {bytes(h): int(pk) for h, pk in connection.execute(select(claim.c.hash, claim.c.pk).where(claim.c.hash.in_(keys[start : start + 500])))}
        if wanted:
            connection.execute(insert_ignore(connection, label), [{"kind": "claim", "target": pks[k], "label": w} for k, w in wanted])

    def finish(self, rows: int, rejected: int) -> None:
        """The line in the audit trail that the whole table has been read."""
        with self.kb.writing() as connection:
            audit.write(connection, self.kb.who, "imported", self.name.split(" ")[0], file=self.name, rows=rows, rejected=rejected)
