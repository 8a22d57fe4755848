"""Laws offered for a learned part: power laws with inhibition from a small library, and expressions found by symbolic regression.

Both describe what is left after the factors that must be there (the consumed species, so that the rate vanishes with them). The library works on
ln(rate) with orders in halves; its constants carry the units that make the law balance. Symbolic regression sees concentrations over their
references and T_ref/T only, so that every expression is dimensionless, and what turns negative or infinite in the visited box is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from attrs import frozen

from chemwright.errors import MissingExtra
from chemwright.kinetics.hybrid.law import MissingRate, Part
from chemwright.kinetics.hybrid.trained import HybridModel
from chemwright.model.gas import GAS_CONSTANT
from chemwright.model.learners import box_points
from chemwright.model.protocol import Array

KNEES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
"""Trial values of K c_ref of an inhibition."""


@frozen
class Law:
    """A law in one line.

    Args:
        text: with its numbers, concentrations in mol/m^3, T in K.
        size: numbers and symbols in it.
        error: root mean square of ln(law/learned) over the states, small rates given little weight.
        source: ``library`` or ``symbolic``.
    """

    text: str
    size: int
    error: float
    source: str = "library"


def front(laws: Sequence[Law]) -> tuple[Law, ...]:
    """Simplest first, each at least a fifth (and a thousandth of the rate) more accurate than all before it."""
    out: list[Law] = []
    for law in sorted(laws, key=lambda v: (v.size, v.error)):
        if not out or law.error < 0.8 * out[-1].error - 1e-3:
            out.append(law)
    return tuple(out)


def offer(part: Part, states: Array, value: Array, std: Array, model: HybridModel, symbolic: bool, seed: int) -> tuple[Law, ...]:
    """The front of laws for a learned part.

    Args:
        part: of the law.
        states: [c, T], shape (N, S + 1).
        value, std: the learned factor or rate there (N,), and its standard deviation.
        model: for names and references.
        symbolic: whether symbolic regression takes part.
        seed: of it.

    Raises:
        MissingExtra: pyoperon is not installed.
    """
    s = states[:, :-1] / model.references.c
    lead = np.ones(len(value))
    head: list[str] = []
    if isinstance(part, MissingRate):
        for j in part.consumed:
            lead = lead * (states[:, j] / model.references.c[j]) ** part.order(j)
            head.append(model.species[j] + (f"^{part.order(j)}" if part.order(j) > 1 else ""))
    ok = (value > 1e-3 * value.max()) & (lead > 1e-6) if len(value) and value.max() > 0 else np.zeros(len(value), dtype=bool)
    if ok.sum() < 8:
        return ()
    y = np.log(value[ok] / lead[ok])
    # a state where the learned rate is small, or unsure, says little about its law
    weight = value[ok] / value.max() / (1 + (std[ok] / value[ok]) ** 2)
    weight = weight / weight.mean()
    laws = _library(part, s[ok], states[ok, -1], y, weight, model, head)
    if symbolic:
        laws += _symbolic(s[ok], states[ok, -1], y, weight, model, head, seed)
    return front(laws)


def _library(part: Part, s: Array, heat: Array, y: Array, weight: Array, model: HybridModel, head: list[str]) -> list[Law]:
    """All laws of at most two further species, each as a power or as an inhibition, with or without Arrhenius."""
    vary = [j for j in range(s.shape[1]) if np.ptp(s[:, j]) > 1e-6]
    floor = 1e-3
    columns: list[tuple[str, Array, Any]] = []
    for j in vary:
        columns.append((f"power {j}", np.log(np.maximum(s[:, j], floor)), j))
        columns += [(f"inhibition {j} {k}", -np.log1p(k * s[:, j]), (j, k)) for k in KNEES]
    tau = -(1 / heat - 1 / model.references.temperature) / GAS_CONSTANT
    laws = []
    for n in range(3):
        for chosen in combinations(columns, n):
            places = [c[2] if isinstance(c[2], int) else c[2][0] for c in chosen]
            if len(set(places)) < len(places):
                continue
            for thermal in (False, True) if np.ptp(tau) > 0 else (False,):
                laws.append(_fit_one(part, chosen, tau if thermal else None, y, weight, model, head))
    return [law for law in laws if law is not None]


def _fit_one(part: Part, chosen: Sequence[tuple[str, Array, Any]], tau: Array | None, y: Array, weight: Array, model: HybridModel, head: list[str]) -> Law | None:
    """One law of the library: powers rounded to halves, inhibitions of order one, constants refitted."""
    root = np.sqrt(weight)
    fixed = sum((c[1] for c in chosen if not isinstance(c[2], int)), np.zeros(len(y)))
    powers = [c for c in chosen if isinstance(c[2], int)]
    more = [] if tau is None else [tau]
    if powers:
        design = np.stack([np.ones(len(y)), *more, *[c[1] for c in powers]], axis=1)
        found = np.linalg.lstsq(design * root[:, None], (y - fixed) * root, rcond=None)[0]
        orders = np.round(2 * found[1 + len(more) :]) / 2
        if np.any(orders == 0) or np.any(np.abs(orders) > 3):
            return None
        fixed = fixed + sum((m * c[1] for m, c in zip(orders, powers, strict=True)), np.zeros(len(y)))
    else:
        orders = np.zeros(0)
    design = np.stack([np.ones(len(y)), *more], axis=1)
    found = np.linalg.lstsq(design * root[:, None], (y - fixed) * root, rcond=None)[0]
    error = float(np.sqrt(np.mean(weight * (y - fixed - design @ found) ** 2)))
    names = list(head)
    c = model.references.c
    top = float(found[0])
    for m, (_, _, j) in zip(orders, powers, strict=True):
        names.append(f"{model.species[j]}^{m:g}" if m != 1 else model.species[j])
        top -= float(m) * float(np.log(c[j]))
    if isinstance(part, MissingRate):
        top -= sum(part.order(j) * float(np.log(c[j])) for j in part.consumed)
    below = [f"(1 + {k / c[j]:.3g} {model.species[j]})" for _, _, (j, k) in [q for q in chosen if not isinstance(q[2], int)]]
    text = " ".join([f"{np.exp(top):.3g}", *names])
    if tau is not None:
        text += f" exp(-{found[1] / 1e3:.3g} kJ/mol/R (1/T - 1/{model.references.temperature:.1f} K))"
    if below:
        text += " / " + (" ".join(below) if len(below) == 1 else f"({' '.join(below)})")
    return Law(text, 1 + (tau is not None) + len(powers) + 2 * len(below), error)


def _symbolic(s: Array, heat: Array, y: Array, weight: Array, model: HybridModel, head: list[str], seed: int) -> list[Law]:
    """Expressions by pyoperon for what is left over at the reference temperature's Arrhenius factor; dimensionless inputs."""
    try:
        from pyoperon.sklearn import SymbolicRegressor
    except ImportError:
        raise MissingExtra("symbolic regression needs pyoperon", where="symbolic", fix='pip install "chemwright[symbolic]"') from None
    tau = -(1 / heat - 1 / model.references.temperature) / GAS_CONSTANT
    root = np.sqrt(weight)
    slope = np.zeros(1)
    if np.ptp(tau) > 0:
        design = np.stack([np.ones(len(y)), tau, *[np.log(s[:, j] + 0.1) for j in range(s.shape[1]) if np.ptp(s[:, j]) > 1e-6]], axis=1)
        slope = np.linalg.lstsq(design * root[:, None], y * root, rcond=None)[0][1:2]
    left = np.exp(y - slope[0] * tau)
    vary = [j for j in range(s.shape[1]) if np.ptp(s[:, j]) > 1e-6]
    # rows drawn by weight, because the regressor weighs all rows alike
    rng = np.random.default_rng(seed)
    pick = rng.choice(len(left), min(len(left), 400), p=weight / weight.sum())
    machine = SymbolicRegressor(
        allowed_symbols="add,sub,mul,div,constant,variable", objectives=["mse", "length"], max_length=15, population_size=200, pool_size=200, generations=40, max_evaluations=40000,
        optimizer_iterations=5, n_threads=1, random_state=seed,
    )  # fmt: skip
    x = np.ascontiguousarray(s[:, vary])
    machine.fit(x[pick], left[pick])
    box = box_points([0.0] * len(vary), s[:, vary].max(0).tolist(), 64)
    laws = []
    for entry in machine.pareto_front_:
        at, everywhere = (np.asarray(machine.evaluate_model(entry["tree"], v), dtype=float).ravel() for v in (x, box))
        if not (np.all(np.isfinite(everywhere)) and np.all(everywhere > 0) and np.all(at > 0)):
            continue  # a rate that turns negative or infinite where no reactant has run out
        text = machine.get_model_string(entry["tree"], 4, [f"({model.species[j]}/{model.references.c[j]:.4g})" for j in vary])
        arrhenius = f" exp(-{slope[0] / 1e3:.3g} kJ/mol/R (1/T - 1/{model.references.temperature:.1f} K))" if np.ptp(tau) > 0 else ""
        lead = " ".join(f"({h.partition('^')[0]}/{model.references.c.max():.4g}){('^' + h.partition('^')[2]) if '^' in h else ''}" for h in head)
        error = float(np.sqrt(np.mean(weight * (np.log(at) - np.log(left)) ** 2)))
        laws.append(Law(f"{lead} {text}{arrhenius}".strip(), int(entry["tree"].Length) + len(head) + (1 if arrhenius else 0), error, "symbolic"))
    return laws
