"""The figures of n molecules under one set of conditions: each property measured, by equations and learned, worked out when first asked for.

Uncertainty goes through an equation by moving each input one standard uncertainty up and down (finite differences, inputs taken as independent); the equation's own
error is added, which is calibrated on measured molecules that were set apart (:mod:`chemwright.property.answering.errors`). A measured figure goes before all others.
Of equations and learned models the one with the narrowest calibrated spread answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from chemwright.knowledge.core.compact import Figure
from chemwright.property.answer import Array
from chemwright.property.answering import column as col
from chemwright.property.answering.catalogue import ATMOSPHERE, BY_NAME, ROOM, Asked
from chemwright.property.answering.column import Column
from chemwright.property.answering.equations import over_arrays, quietly
from chemwright.property.answering.errors import Errors, method_errors
from chemwright.property.answering.facts import Facts
from chemwright.property.answering.learnt import Learnt
from chemwright.property.answering.measured import held_at, measured, related
from chemwright.property.answering.methods import BY_PROPERTY, Method, parsed

OUTSIDE = 2.0
"""By how much the spread is widened where molecule or conditions are not what a method was made for; a judgement."""
T_LOW, T_HIGH = 100.0, 1500.0
"""Temperatures [K] outside of which answers are flagged."""


class Sheet:
    """Figures of n molecules.

    Args:
        facts: their structures.
        figures: what is measured of each, by place; a molecule that is not in it has no measured figure.
        T, P: temperature [K] and pressure [Pa].
        learnt: learned models on these molecules; None to do without.
        hidden: properties whose measured figures are not looked at; ``"*"`` hides all (for calibration and tests).
        room: of hidden properties the figures at 298.15 K may still be carried to other temperatures.
        errors: the methods' own errors; the shipped ones when left out.
    """

    def __init__(
        self,
        facts: Facts,
        figures: Mapping[int, Sequence[Figure]],
        T: float = ROOM,
        P: float = ATMOSPHERE,
        *,
        learnt: Learnt | None = None,
        hidden: frozenset[str] = frozenset(),
        room: bool = False,
        errors: Errors | None = None,
    ) -> None:
        self.facts, self.figures, self.T, self.P, self.n = facts, figures, T, P, facts.n
        self.learnt, self.hidden, self.room = learnt, hidden, room
        if learnt is not None:
            facts.lent = learnt.descriptor
        self.errors = method_errors() if errors is None else errors
        self._kept: dict[tuple[str, str, float], Column] = {}
        self._open: set[tuple[str, float]] = set()

    def answer(self, name: str, T: float | None = None) -> Column:
        """The figures to tell: measured, else the narrowest of equations and learned models."""
        t = self.T if T is None else T
        key = ("answer", name, t)
        if key not in self._kept:
            if (name, t) in self._open:  # an input that leads back to itself
                return col.empty(self.n)
            self._open.add((name, t))
            try:
                found = self.measured(name, t)
                if not found.known.all():
                    found = col.first([found, self.estimated(name, t)])
            finally:
                self._open.discard((name, t))
            self._kept[key] = found
        return self._kept[key]

    def estimated(self, name: str, T: float) -> Column:
        """The narrowest of equations and learned models, with the interval widened for the choice.

        An equation is worked out only for molecules of which no figure yet is narrower than the equation's own error.
        """
        item, columns = BY_NAME[name], [self.learned(name, T)]
        ranks = [self._rank(name, columns[0])]
        limit = ranks[0]
        for m in sorted(BY_PROPERTY.get(name, ()), key=self.errors.least_ranked):
            least = self.errors.least_ranked(m)
            need = limit > (0.5 * least if m.witness else least)
            if need.any():
                columns.append(self._by(m, item, T, need))
                ranks.append(self._rank(name, columns[-1]))
                limit = np.minimum(limit, np.where(columns[-1].inside, ranks[-1], np.inf))
        return self._widened(name, col.disputed(col.best(columns, self.n, ranks), columns, item))

    def _rank(self, name: str, c: Column) -> Array:
        """What the figures are chosen by, smallest first: the spread with the tier's handicap; infinite where there is none."""
        return np.where(c.known & np.isfinite(c.spread), c.spread * self.errors.handicaps(name, c.tier), np.inf) + np.where(c.inside, 0.0, col.FLAGGED)

    def by_equation(self, name: str, T: float) -> Column:
        """The narrowest of the equations alone."""
        return col.best(self.equations(name, T), self.n)

    def _widened(self, name: str, c: Column) -> Column:
        factor, item = self.errors.factor(name, c.tier), BY_NAME[name]
        if (factor == 1.0).all():
            return c
        if item.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                half = 0.5 * np.log(c.high / c.low)
        else:
            half = 0.5 * (c.high - c.low)
        low, high = col.spread_out(c.mean, half, factor, item)
        return evolve(c, low=np.where(factor == 1.0, c.low, low), high=np.where(factor == 1.0, c.high, high))

    def measured(self, name: str, T: float) -> Column:
        """Consensus of measured figures."""
        key = ("measured", name, T)
        if key not in self._kept:
            self._kept[key] = self._measured(name, np.full(self.n, T)) if not self._hides(name) else col.empty(self.n)
        return self._kept[key]

    def _hides(self, name: str) -> bool:
        return name in self.hidden or "*" in self.hidden

    def _measured(self, name: str, T: Array) -> Column:
        item, out = BY_NAME[name], col.empty(self.n)
        mass = None
        for i, figures in self.figures.items():
            if not figures:
                continue
            if mass is None:
                mass = self.facts.get("mass")
            m = measured(figures, item, float(T[i]), 1e-3 * float(mass[i]), _liquid(figures) if name == "liquid_density" else (0.0, 1e9))
            if m is None:
                continue
            out.mean[i], out.tier[i], out.inside[i], out.notes[i] = m.value, col.MEASURED, m.inside, (m.sources, m.note)
            out.spread[i] = m.std / abs(m.value) if item.log and m.value else m.std
        out.low[:], out.high[:] = col.spread_out(out.mean, out.spread, np.full(self.n, col.Z90), item)
        out.roots[f"measured:{name}"] = np.nan_to_num(out.spread)
        return out

    def learned(self, name: str, T: float) -> Column:
        """What learned models say, of properties that run with temperature only where it was learned."""
        key = ("learned", name, T)
        if key not in self._kept:
            self._kept[key] = col.empty(self.n) if self.learnt is None else self.learnt.column(BY_NAME[name], T, lambda: self.facts.get("mass"))
        return self._kept[key]

    def equations(self, name: str, T: float, only: str = "") -> list[Column]:
        """One column for each method that gives the property, or for the one named."""
        every = np.ones(self.n, bool)
        return [self._by(m, BY_NAME[name], T, every) for m in BY_PROPERTY.get(name, ()) if not only or m.id == only]

    def _known(self, name: str, T: float) -> tuple[Column, Array]:
        """Measured or learned figures at the temperature nearest to ``T`` where there are any, and that temperature."""
        item, at = BY_NAME[name], np.full(self.n, ROOM)
        hides = self._hides(name)
        if not (hides and not self.room):
            for i, figures in self.figures.items():
                ts = [held_at(f) for f in figures if f.property in related(name)]
                if ts and not hides:
                    at[i] = min(max(T, min(ts)), max(ts))
            found = self._measured(name, at)
        else:
            found = col.empty(self.n)
        if self.learnt is None or found.known.all():
            return found, at
        learned = self.learnt.column(item, ROOM, lambda: self.facts.get("mass"))
        at = np.where(found.known, at, ROOM)
        return col.first([found, learned]), at

    def _input(self, spec: str, T: float, need: NDArray[np.bool_]) -> tuple[str, Column, Asked | None]:
        """One input of a method: what it is called, its figures, and the property it is (None for facts and conditions)."""
        if spec.startswith("$"):
            return spec[1:], col.fact(self.facts.get(spec[1:], need)), None
        if spec in ("T", "P") or spec.startswith("="):
            value = T if spec == "T" else self.P if spec == "P" else float(spec[1:])
            return spec.lstrip("="), col.fact(np.full(self.n, value)), None
        name, fixed, restriction = parsed(spec)
        t = T if np.isnan(fixed) else fixed
        item = BY_NAME[name]
        if restriction == "known":
            return name, self._known(name, T)[0], item
        if restriction == "at":
            return f"temperature of the known {name}", col.fact(self._known(name, T)[1]), None
        if restriction == "measured":
            return name, self.measured(name, t), item
        return name, self.answer(name, t if item.curve else self.T), item

    def _by(self, m: Method, item: Asked, T: float, need: NDArray[np.bool_]) -> Column:
        inputs = [self._input(spec, T, need) for spec in m.inputs]
        means = [c.mean for _, c, _ in inputs]
        known = np.all([np.isfinite(x) for x in means], axis=0) & self.facts.molecular & need
        if not known.any():
            return col.empty(self.n)
        call = quietly(m.equation) if m.arrays else over_arrays(m.equation, len(means))
        rows = np.flatnonzero(known)
        given = [x[rows] for x in means]
        y = call(*given)
        y[~((y >= item.low) & (y <= item.high))] = np.nan
        fed = [(k, of, c.roots) for k, (_, c, of) in enumerate(inputs) if of is not None]
        roots = {r: _moved(call, given, fed, r, rows, y, item) for r in dict.fromkeys(r for _, _, known_roots in fed for r in known_roots)}
        tier = np.where(np.any([c.tier[rows] >= col.HYBRID for _, c, _ in inputs], axis=0), col.HYBRID, col.MECHANISM).astype(np.int8)
        far = np.ones(len(rows))
        if m.carries:
            place = next(i for i, spec in enumerate(m.inputs) if spec.endswith("|at"))
            far = np.abs(T - given[place]) / 100.0
        own, half = self.errors.of(m, tier)
        inside = np.all([c.inside[rows] for _, c, _ in inputs], axis=0) & self.facts.ordinary[rows] & (T_LOW <= T <= T_HIGH)
        roots[f"{m.id}:{item.name}"] = own * far
        wider = np.where(inside, 1.0, OUTSIDE)
        spread = np.sqrt(np.sum([d**2 for d in roots.values()], axis=0)) * wider
        low, high = col.spread_out(y, spread, half, item)
        out = col.empty(self.n)
        for array, values in ((out.mean, y), (out.spread, spread), (out.low, low), (out.high, high)):
            array[rows] = values
        out.tier[rows] = np.where(np.isfinite(y), tier, col.NONE)
        out.inside[rows] = inside
        for r, d in roots.items():
            out.roots[r] = np.zeros(self.n)
            out.roots[r][rows] = d * wider
        feeds = tuple((label, c) for label, c, of in inputs if of is not None)
        return Column(out.mean, out.spread, out.low, out.high, out.tier, out.inside, out.method, (m.id,), (feeds,), out.roots)


def _moved(call: Callable[..., Array], given: list[Array], fed: list[tuple[int, Asked, dict[str, Array]]], root: str, rows: NDArray[np.intp], y: Array, item: Asked) -> Array:
    """How far the answer moves, on the scale it is judged on, when one error of the inputs is taken at its standard uncertainty, in all inputs that share it at once."""
    ends = []
    for sign in (1.0, -1.0):
        moved = list(given)
        for k, of, roots in fed:
            step = sign * roots[root][rows] if root in roots else 0.0
            moved[k] = given[k] * np.exp(np.clip(step, -2.0, 2.0)) if of.log else given[k] + step
        with np.errstate(divide="ignore", invalid="ignore"):
            z = call(*moved)
            ends.append(np.log(z / y) if item.log else z - y)
    up, down = ends
    one = np.where(np.isfinite(up), up, -down)  # where one side can't be had, the other
    most = 30.0 if item.log else 1e12  # what moves so far is unknown either way
    return np.clip(np.nan_to_num(np.where(np.isfinite(up) & np.isfinite(down), 0.5 * (up - down), one), nan=0.0), -most, most)


def _liquid(figures: Sequence[Figure]) -> tuple[float, float]:
    """Melting and boiling point [K] by the middle one of the figures; never liquid when neither is known."""
    tm = sorted(f.value for f in figures if f.property == "melting_point")
    tb = sorted(f.value for f in figures if f.property == "normal_boiling_point")
    if not tm and not tb:
        return 1e9, 0.0
    return (tm[len(tm) // 2] if tm else 0.0), (tb[len(tb) // 2] if tb else 1e9)
