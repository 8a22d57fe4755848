"""search: the records of a base that a query holds for, a page at a time or all of them."""

from __future__ import annotations

import atexit
import threading
from collections import OrderedDict
from typing import Any

from sqlalchemy import ColumnElement, func, select

from chemwright.errors import InputError, did_you_mean
from chemwright.knowledge.base.database import KnowledgeBase
from chemwright.knowledge.base.schema import ENTRY_KINDS, claim, entry, meta, substance
from chemwright.knowledge.search import query as q
from chemwright.knowledge.search.compile import _BY_STRUCTURE, TABLES, Compiler, holds
from chemwright.knowledge.search.parse import parse
from chemwright.knowledge.search.results import Results
from chemwright.knowledge.search.structures import SECONDS, StructureIndex

FINDS: dict[str, tuple[str, str]] = {"substances": ("substance", ""), "claims": ("claim", ""), "entries": ("entry", "")} | {
    (k + "s" if k != "series" else k): ("entry", k) for k in ENTRY_KINDS
}
"""What may be searched for: the table, and the kind of entry where it is one."""
ORDERS = {
    "substance": {"filed": substance.c.pk, "name": substance.c.name, "formula": substance.c.formula, "molar_mass": substance.c.molar_mass, "created": substance.c.created},
    "claim": {"filed": claim.c.pk, "value": claim.c.value, "created": claim.c.created, "temperature": claim.c.temperature, "pressure": claim.c.pressure},
    "entry": {"filed": entry.c.pk, "id": entry.c.id, "kind": entry.c.kind, "created": entry.c.created},
}
MAX_INDEXES = 2
_indexes: OrderedDict[tuple[str, str], StructureIndex] = OrderedDict()
_lock = threading.Lock()


def structure_index(kb: KnowledgeBase) -> StructureIndex:
    """The structures of a base, loaded once in this process and brought up to date now; of more than two bases the one asked longest ago is let go."""
    with kb.reading() as connection:
        made = connection.execute(select(meta.c.value).where(meta.c.name == "created")).scalar() or ""
    path = kb.path
    key = (str(path.resolve()) if path else kb.address, made)
    with _lock:
        index = _indexes.pop(key, None) or StructureIndex()
        _indexes[key] = index
        while len(_indexes) > MAX_INDEXES:
            _indexes.popitem(last=False)[1].close()
    index.refresh(kb)
    return index


def forget_structures() -> None:
    """Let go of all structures that this process keeps, and end the processes that match them."""
    with _lock:
        while _indexes:
            _indexes.popitem()[1].close()


atexit.register(forget_structures)


def search(kb: KnowledgeBase, query: str | q.Query, find: str = "substances", *, limit: int | None = 100, offset: int = 0, order: str = "", seconds: float = SECONDS) -> Results:
    """Records that a query holds for.

    Args:
        kb: where to look.
        query: in the query language (see :func:`chemwright.knowledge.search.parse`), or its nodes.
        find: what is wanted: ``substances``, ``claims``, ``entries`` or one kind of them (``experiments``, ``reactions``, ``datasets``, ``series``, ...).
        limit: so many at most; None for all.
        offset: so many are passed over first.
        order: a column of :data:`ORDERS`, with ``-`` in front for the largest first; as filed when empty, the most similar first where the query asks for similarity.
        seconds: time limit of each search by structure.

    Returns:
        the records, read when they are asked for. Only records that count as known are found, unless the query asks for a status.

    Raises:
        InputError: a query that can't be read or does not fit what is wanted, an unknown kind or order. TimeLimit: a search by structure took too long.
    """
    if find not in FINDS:
        raise InputError(f"find {find!r}", where="search", fix=did_you_mean(find, FINDS))
    if offset < 0 or (limit is not None and limit < 0):
        raise InputError(f"limit {limit!r} and offset {offset!r}", where="search", fix="give numbers of 0 or more")
    tree = _tree(kb, query)
    target, kind = FINDS[find]
    column, down = _order(order, target)
    index = structure_index(kb) if holds(tree, _BY_STRUCTURE) else None
    with kb.reading() as connection:
        if isinstance(tree, q.Substructure) and find == "substances" and not order and limit is not None and index is not None:
            found, complete = index.substructure(tree.smarts, limit=offset + limit, seconds=seconds)
            return Results(kb, str(tree), find, tuple(found[offset:].tolist()), len(found) if complete else None)
        compiler = Compiler(connection, kb.vocabulary, index, seconds)
        where = _where(compiler, tree, target, kind)
        pk = TABLES[target].c.pk
        base = select(pk).where(*where)
        if compiler.scores and not order and target == "substance":
            scores = compiler.scores
            all_rows = sorted(connection.execute(base).scalars(), key=lambda r: (-scores.get(r, -1.0), r))
            rows = all_rows[offset : None if limit is None else offset + limit]
            return Results(kb, str(tree), find, tuple(rows), len(all_rows), {r: scores[r] for r in rows if r in scores})
        ordered = base.order_by(column.desc() if down else column, pk).offset(offset)
        rows = list(connection.execute(ordered if limit is None else ordered.limit(limit + 1)).scalars())
        total: int | None = offset + len(rows) if rows or not offset else None
        if limit is not None and len(rows) > limit:
            rows, total = rows[:limit], None
        return Results(kb, str(tree), find, tuple(rows), total, {r: compiler.scores[r] for r in rows if r in compiler.scores} if target == "substance" else {})


def count(kb: KnowledgeBase, query: str | q.Query, find: str = "substances", *, seconds: float = SECONDS) -> int:
    """How many records a query holds for; arguments and errors as of :func:`search`."""
    if find not in FINDS:
        raise InputError(f"find {find!r}", where="search", fix=did_you_mean(find, FINDS))
    tree = _tree(kb, query)
    target, kind = FINDS[find]
    index = structure_index(kb) if holds(tree, _BY_STRUCTURE) else None
    with kb.reading() as connection:
        where = _where(Compiler(connection, kb.vocabulary, index, seconds), tree, target, kind)
        return int(connection.execute(select(func.count()).select_from(TABLES[target]).where(*where)).scalar_one())


def _tree(kb: KnowledgeBase, query: str | q.Query) -> q.Query:
    """The nodes of a query.

    Raises:
        InputError: a query that can't be read, or a character that no database keeps.
    """
    tree = parse(query, kb.vocabulary) if isinstance(query, str) else query
    if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in str(tree)):
        raise InputError("the query holds a character that no text has (NUL or half a character)", where="search", fix="leave it out")
    return tree


def _where(compiler: Compiler, tree: q.Query, target: str, kind: str) -> list[ColumnElement[bool]]:
    """The query, the kind of entry, and that the record counts as known."""
    where = [compiler.condition(tree, target)]
    if kind:
        where.append(entry.c.kind == kind)
    if target != "substance" and kind != "proposal" and not holds(tree, (q.Status,)):
        where.append(TABLES[target].c.status == 0)
    return where


def _order(order: str, target: str) -> tuple[Any, bool]:
    name = order.removeprefix("-") or "filed"
    known: dict[str, Any] = ORDERS[target]
    if name not in known:
        raise InputError(f"order {order!r}", where="search", fix=did_you_mean(name, known))
    return known[name], order.startswith("-")
