"""Quasi-steady species: radicals and surface intermediates whose balance is solved inside the rate."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from chemwright.errors import InputError
from chemwright.kinetics.laws.law import PowerLaw, order_of
from chemwright.kinetics.laws.power import is_number
from chemwright.model.lower import exp, fmax, log, where

STEPS = 32
PULL, SHRINK = 3.0, 0.5  # of the pull towards the last point, as by a step in time that doubles
LONGEST = 5.0  # of one step, in ln concentration
SETTLED = 1e-3  # of the last step: above it there is no steady state to speak of
FLOOR = 1e-60  # mol/(m^3 s): keeps the logarithms where nothing is made or lost
BEGIN = math.log(1e-6)


@frozen
class QuasiSteady:
    """Species at a steady state with each other, given all others.

    For each of them production equals loss. With ``total`` the first one's balance gives way to sum of sites * c = total:
    the site balance of a surface whose first species is the empty site.

    Args:
        species: not among the species of the reactor's balances.
        total: name of the number that holds the sum, mol/m^3; empty without such a balance.
        sites: of each species; one each when left out.
    """

    species: tuple[str, ...]
    total: str = ""
    sites: tuple[float, ...] = ()

    def __attrs_post_init__(self) -> None:
        if self.sites and len(self.sites) != len(self.species):
            raise InputError(f"{len(self.species)} species and {len(self.sites)} numbers of sites", where="quasi_steady", fix="give one for each")

    @property
    def counts(self) -> tuple[float, ...]:
        """Sites of each species."""
        return self.sites or (1.0,) * len(self.species)


@frozen
class OneWay:
    """A one-way step: its rate with all quasi-steady species at 1 mol/m^3, its orders in them, and what it makes of them."""

    at_one: Any
    orders: tuple[float, ...]
    net: tuple[float, ...]


def check_steps(groups: Sequence[QuasiSteady], laws: Sequence[Any]) -> None:
    """Quasi-steady species take part in mass action only, and are made and used up.

    Raises:
        InputError: another law, an order that is fitted or below 1, or a balance that can't be closed.
    """
    fast = {s for g in groups for s in g.species}
    for law in laws:
        touched = fast & ({s for s, _ in law.reaction.reactants + law.reaction.products} | set(law.uses))
        if not touched:
            continue
        where = f"reaction {law.reaction.id}"
        if not isinstance(law, PowerLaw) or law.activity in fast:
            raise InputError(f"the quasi-steady {sorted(touched)[0]!r} stands in a law that is no mass action", where=where, fix="write the reaction in elementary steps")
        for species, n in (*law.orders, *law.backward):
            if species in fast and (isinstance(n, str) or n < 1 or n != int(n)):
                raise InputError(f"order {n} of the quasi-steady {species!r}", where=where, fix="use whole orders of 1 and more")

    for g in groups:
        _check_balance(g, laws)


def _check_balance(group: QuasiSteady, laws: Sequence[Any]) -> None:
    """Every quasi-steady species is made and used up, and the group as a whole too unless its total is given."""
    ways: list[dict[str, float]] = []
    for law in laws:
        change = _change(law, group.species)
        ways += [change, {s: -v for s, v in change.items()}] if getattr(law, "K", "") else [change]
    for s in group.species:
        for sign, word in ((1, "makes"), (-1, "uses up")):
            if not any(sign * way[s] > 0 for way in ways):
                raise InputError(f"nothing {word} the quasi-steady {s!r}", where="quasi_steady", fix="add the step, or leave the species out")
    if not group.total and not any(sum(way.values()) for way in ways):
        raise InputError(f"nothing makes or ends {', '.join(group.species)} as a whole", where="quasi_steady", fix='give what there is of them: total = "1 mmol/L"')


def _change(law: Any, species: Sequence[str]) -> dict[str, float]:
    """Net coefficients of some species."""
    change = dict.fromkeys(species, 0.0)
    for sign, terms in ((-1, law.reaction.reactants), (1, law.reaction.products)):
        for s, k in terms:
            if s in change:
                change[s] += sign * k
    return change


def one_way(laws: Sequence[Any], fast: Sequence[str], c: Mapping[str, Any], n: Mapping[str, Any]) -> list[OneWay]:
    """Forward and reverse steps that touch quasi-steady species."""
    ones = {**{s: fmax(v, 0.0) for s, v in c.items()}, **dict.fromkeys(fast, 1.0)}  # an integrator overshoots zero, a logarithm may not
    out = []
    for law in laws:
        change = _change(law, fast)
        if not any(change.values()):
            continue
        forward, back = law.parts(ones, n)
        orders = dict(order_of(law.orders, n))
        out.append(OneWay(forward, tuple(float(orders.get(s, 0.0)) for s in fast), tuple(change[s] for s in fast)))
        if law.K:
            reverse = dict(law.backward)
            out.append(OneWay(back, tuple(float(reverse.get(s, 0.0)) for s in fast), tuple(-change[s] for s in fast)))
    return out


def solve_fast(groups: Sequence[QuasiSteady], laws: Sequence[Any], c: Mapping[str, Any], n: Mapping[str, Any]) -> dict[str, Any]:
    """Concentrations of the quasi-steady species, mol/m^3.

    Newton on ln production - ln loss over the logarithms of the concentrations (a chain of single terms is linear in
    them), pulled towards the last point by a share that halves (pseudo-transient continuation), a fixed number of steps, so
    that numbers, arrays and symbols go the same way and the derivative is that of the steady state. In each group one species' balance is replaced by the sum of all: there propagation cancels by its
    coefficients, not in floating point, and initiation stands against termination however long the chain.

    Args:
        groups: of quasi-steady species.
        laws: of all reactions.
        c: all other concentrations, mol/m^3.
        n: numbers by name.
    """
    fast = [s for g in groups for s in g.species]
    steps = one_way(laws, fast, c, n)
    rows, last = _rows(groups, fast, steps)
    totals = {fast.index(g.species[0]): (n[g.total], {fast.index(s): k for s, k in zip(g.species, g.counts, strict=True)}) for g in groups if g.total}
    order = [j for j in range(len(fast)) if j not in last] + last
    z: list[Any] = [BEGIN] * len(fast)
    for k in range(STEPS):
        matrix, right = _newton(steps, rows, totals, z)
        for j in range(len(fast)):
            matrix[j][j] = matrix[j][j] + PULL * SHRINK**k
        found = eliminate([[matrix[a][b] for b in order] for a in order], [right[a] for a in order])
        size = found[0] * 0.0
        for step in found:
            size = fmax(size, fmax(step, -step))
        longest = fmax(size, LONGEST)
        for j, step in zip(order, found, strict=True):
            z[j] = z[j] - step * (LONGEST / longest)
    # no steady state reached is no number: integrators and fits then say that a rate is not finite
    lost = where(size > SETTLED, float("nan"), 0.0)
    return {s: exp(v) + lost for s, v in zip(fast, z, strict=True)}


def _rows(groups: Sequence[QuasiSteady], fast: Sequence[str], steps: Sequence[OneWay]) -> tuple[list[list[float]], list[int]]:
    """What every step makes in every balance (one of each group is the group's sum), and the balances that are eliminated last."""
    rows = [[s.net[j] for s in steps] for j in range(len(fast))]
    last = []
    for g in groups:
        members = [fast.index(s) for s in g.species]
        if g.total:
            last.append(members[0])
            continue
        whole = [sum(s.net[j] for j in members) for s in steps]
        if len(members) == 1 or not (max(whole) > 0 > min(whole)):
            continue  # alone, or nothing made and lost in the sum (a cycle among them)
        one = max(members, key=lambda j: _carries(j, steps, whole))
        rows[one] = whole
        last.append(one)
    return rows, last


def _carries(j: int, steps: Sequence[OneWay], whole: Sequence[float]) -> tuple[float, float]:
    """How much a species carries the chain (made and lost by propagation, which the sum does not see), then how much ends with it."""
    spread = [s.net[j] for s, v in zip(steps, whole, strict=True) if v == 0]
    ends = sum(s.orders[j] for s, v in zip(steps, whole, strict=True) if v < 0)
    return min(sum(v > 0 for v in spread), sum(v < 0 for v in spread)), ends


def _newton(steps: Sequence[OneWay], rows: Sequence[Sequence[float]], totals: Mapping[int, tuple[Any, Mapping[int, float]]], z: Sequence[Any]) -> tuple[list[list[Any]], list[Any]]:
    """Matrix and right-hand side of a Newton step: loss less production, on logarithms."""
    count = len(z)
    x = [exp(v) for v in z]
    rates = [_rate(s, x) for s in steps]
    matrix: list[list[Any]] = [[0.0] * count for _ in range(count)]
    right: list[Any] = [0.0] * count
    for j in range(count):
        if j in totals:
            total, sites = totals[j]
            held = sum(k * x[i] for i, k in sites.items())
            right[j] = log(held) - log(total)
            for i, k in sites.items():
                matrix[j][i] = k * x[i] / held
            continue
        made, lost = FLOOR, FLOOR * x[j]
        up: dict[int, Any] = {}
        down: dict[int, Any] = {j: FLOOR * x[j]}
        for s, rate, net in zip(steps, rates, rows[j], strict=True):
            if not net:
                continue
            flow, side = abs(net) * rate, up if net > 0 else down
            made, lost = (made + flow, lost) if net > 0 else (made, lost + flow)
            for i, m in enumerate(s.orders):
                if m:
                    side[i] = side[i] + m * flow if i in side else m * flow
        right[j] = log(lost) - log(made)
        for i in sorted({*up, *down}):
            matrix[j][i] = (down[i] / lost if i in down else 0.0) - (up[i] / made if i in up else 0.0)
    return matrix, right


def _rate(step: OneWay, x: Sequence[Any]) -> Any:
    rate = step.at_one
    for j, m in enumerate(step.orders):
        if m:
            rate = rate * (x[j] if m == 1 else x[j] ** int(m))
    return rate


def eliminate(matrix: list[list[Any]], right: list[Any]) -> list[Any]:
    """Solve a small linear system by elimination in the given order, for numbers, arrays and symbols; plain zeros are skipped."""
    count = len(right)
    for k in range(count):
        for i in range(k + 1, count):
            if is_number(matrix[i][k]) and matrix[i][k] == 0:
                continue
            factor = matrix[i][k] / matrix[k][k]
            for j in range(k + 1, count):
                if not (is_number(matrix[k][j]) and matrix[k][j] == 0):
                    matrix[i][j] = matrix[i][j] - factor * matrix[k][j]
            right[i] = right[i] - factor * right[k]
    out: list[Any] = [0.0] * count
    for k in reversed(range(count)):
        value = right[k]
        for j in range(k + 1, count):
            if not (is_number(matrix[k][j]) and matrix[k][j] == 0):
                value = value - matrix[k][j] * out[j]
        out[k] = value / matrix[k][k]
    return out
