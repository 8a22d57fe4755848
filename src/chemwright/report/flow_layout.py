"""Where the blocks of a flow diagram stand: the way to the product on one line, what leads back above it, what leaves below."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from attrs import frozen

from chemwright.report.parts import rows
from chemwright.report.text import finite

SOLIDS = ("filter", "dryer")
PUMP = "feed pump"


@frozen
class Edge:
    """An arrow: block ids, mass flow in kg/s or None, temperature in K or None, number in the stream table (0: none), name, phase."""

    tail: str
    head: str
    flow: float | None
    temperature: float | None = None
    number: int = 0
    name: str = ""
    phase: str = ""


@frozen
class Layout:
    """Blocks on a grid: id -> (column, row), row 0 the way to the product, -1 above, 1 below; names and which are ends."""

    cells: dict[str, tuple[int, int]]
    names: dict[str, str]
    ends: frozenset[str]


def edges_of(design: dict[str, Any]) -> tuple[list[Edge], dict[str, str]]:
    """The streams as arrows and the names of the blocks; every supply and every sink is a block of its own.

    Units that lie on a stream without being its end (a feed pump and a preheater before the reactor, filter and dryer after the crystalliser) are put in.
    """
    streams, units = rows(design.get("streams")), [str(u.get("id")) for u in rows(design.get("units"))]
    tails, heads = {str(s.get("from")) for s in streams}, {str(s.get("to")) for s in streams}
    names: dict[str, str] = {}
    edges: list[Edge] = []
    for i, s in enumerate(streams, 1):
        tail, head, name = str(s.get("from")), str(s.get("to")), str(s.get("name"))
        ends = (f"in:{i}" if tail not in heads else tail, f"out:{i}" if head not in tails else head)
        names[ends[0]] = name if ends[0] != tail else tail
        names[ends[1]] = name if ends[1] != head else head
        edges.append(Edge(*ends, finite(s.get("mass_flow")), finite(s.get("temperature")), i, name, str(s.get("phase"))))
    edges = _with_preheater(edges, names, units)
    edges = _with_pump(edges, names, units)
    return _with_solids(edges, names, units), names


def _with_preheater(edges: list[Edge], names: dict[str, str], units: list[str]) -> list[Edge]:
    into = [e for e in edges if e.head == "reactor"]
    if "preheater" not in units or "preheater" in names or len(into) != 1:
        return edges
    names["preheater"] = "preheater"
    at, e = edges.index(into[0]), into[0]
    return [*edges[:at], Edge(e.tail, "preheater", e.flow, e.temperature, e.number, e.name, e.phase), Edge("preheater", "reactor", None), *edges[at + 1 :]]


def _with_pump(edges: list[Edge], names: dict[str, str], units: list[str]) -> list[Edge]:
    """The feed pump after the mixer, when the plant has pumps and the mixer one outlet."""
    out = [e for e in edges if e.tail == "mixer"]
    if "pumps" not in units or PUMP in names or len(out) != 1:
        return edges
    names[PUMP] = PUMP
    at, e = edges.index(out[0]), out[0]
    return [*edges[:at], Edge(e.tail, PUMP, e.flow, e.temperature, e.number, e.name, e.phase), Edge(PUMP, e.head, None), *edges[at + 1 :]]


def _with_solids(edges: list[Edge], names: dict[str, str], units: list[str]) -> list[Edge]:
    """Filter and dryer between the crystalliser and what leaves it: the wash goes to the filter, the liquor leaves there, the solid goes on."""
    chain = [u for u in SOLIDS if u in units and u not in names]
    outlets = [e for e in edges if e.tail == "crystalliser"]
    if not chain or not any(e.phase == "solid" for e in outlets):
        return edges
    first, last = chain[0], chain[-1]
    out = []
    for e in edges:
        if e.tail == "crystalliser":
            e = Edge(last if e.phase == "solid" else first, e.head, e.flow, e.temperature, e.number, e.name, e.phase)
        elif e.head == "crystalliser" and e.tail.startswith("in:") and first == "filter":
            e = Edge(e.tail, first, e.flow, e.temperature, e.number, e.name, e.phase)
        out.append(e)
    names.update({u: u for u in chain})
    slurry = [e.flow for e in out if e.head == "crystalliser"]
    flow = sum(f for f in slurry if f is not None) if slurry and None not in slurry else None
    out.append(Edge("crystalliser", first, flow))
    out += [Edge(a, b, None) for a, b in pairwise(chain)]
    return out


def _main_line(edges: list[Edge]) -> list[str]:
    """The longest way without a repeat from a supply to the product (the solid or last outlet)."""
    onward: dict[str, list[str]] = {}
    for e in edges:
        onward.setdefault(e.tail, []).append(e.head)
    ends = [e.head for e in edges if e.head not in onward]
    goal = next((e.head for e in edges if e.head in ends and e.name == "product"), next((e.head for e in edges if e.head in ends and e.phase == "solid"), ends[-1] if ends else ""))
    starts = [n for n in onward if all(e.head != n for e in edges)] or list(onward)[:1]
    best: list[str] = []
    stack = [[s] for s in reversed(starts)]
    for _ in range(20000):  # a plant has few blocks; a maze stops here
        if not stack:
            break
        way = stack.pop()
        if (way[-1] == goal or not goal) and len(way) > len(best):
            best = way
        stack += [[*way, n] for n in reversed(onward.get(way[-1], [])) if n not in way]
    return best or starts[:1]


def arrange(edges: list[Edge], names: dict[str, str]) -> Layout:
    """Columns and rows of the blocks."""
    main = _main_line(edges)
    cells = {n: (i, 0) for i, n in enumerate(main)}
    taken = set(cells.values())

    def put(node: str, column: int, row: int) -> None:
        while (column, row) in taken:
            column += 1
        cells[node] = (column, row)
        taken.add((column, row))

    waiting = [n for n in names if n not in cells]
    while waiting:
        placed = [n for n in waiting if _place(n, edges, cells, put)]
        if not placed:
            put(waiting[0], 0, -1)
            placed = waiting[:1]
        waiting = [n for n in waiting if n not in placed]
    ends = frozenset(n for n in names if n.startswith(("in:", "out:")))
    return Layout(cells, names, ends)


def _place(node: str, edges: list[Edge], cells: dict[str, tuple[int, int]], put: Any) -> bool:
    """Put a block beside one that stands already: supplies above their block, sinks below, others above."""
    before = [e.tail for e in edges if e.head == node and e.tail in cells]
    after = [e.head for e in edges if e.tail == node and e.head in cells]
    if node.startswith("in:"):
        if not after:
            return False
        put(node, cells[after[0]][0], cells[after[0]][1] - 1)
    elif not before:
        return False
    else:
        column, row = cells[before[0]]
        if node.startswith("out:"):
            put(node, *((column, 1) if row >= 0 else (column + 1, row)))
        else:
            put(node, column, -1)
    return True
