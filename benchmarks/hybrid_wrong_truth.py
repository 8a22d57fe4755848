"""Truth systems, designs, noise, seeds and scorer of ``hybrid_wrong_mechanism.py``; committed before the method that they judge.

Every system is a batch reactor whose given mechanism lacks a reaction. Twenty training runs (8 samples each) lie in a box of feeds
and within 320 to 340 K; the 24 test runs all lie outside of it, up to 20 K beyond either end and up to twice the feed: six cold, six hot, six
concentrated, six both. The truth is integrated by scipy's LSODA from rates written out here, so nothing of the package under test takes part.

Measured values carry Gaussian noise of 1.5 % of each species' largest concentration in the training runs; no method is told the
noise. Scores: RMSE against the noise-free truth of each measured species over the test runs, divided by that species' standard deviation there,
then the root mean square over the species; coverage of 90 % intervals for a measurement against noisy test values, and of the noise-free value by the
interval without noise; mean width in the same units as the RMSE. Nothing is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from attrs import field, frozen
from scipy.integrate import solve_ivp

GAS = 8.314462618
T_REF, T_LOW, T_HIGH, BEYOND = 330.0, 320.0, 340.0, 20.0
N_RUNS, N_TIMES, N_EACH = 20, 8, 6
NOISE = 0.015
SEEDS = (11, 12)


@frozen
class Step:
    """One true reaction: net change of each species, rate = k exp(-Ea/R (1/T - 1/T_REF)) prod c^n / prod(1 + K c), in mol/L and s."""

    change: dict[str, float]
    k: float
    Ea: float
    orders: dict[str, float]
    inhibition: dict[str, float] = field(factory=dict)


@frozen
class System:
    """One problem.

    Args:
        name: what is missing.
        formulas: species to formula (the element matrix that the hybrid may use).
        mechanism: the reactions that the models are given, as text.
        steps: the true reactions.
        observed: measured species.
        feed: species to range of the feed in mol/L.
        t_end: length of a run in s.
    """

    name: str
    formulas: dict[str, str]
    mechanism: tuple[str, ...]
    steps: tuple[Step, ...]
    observed: tuple[str, ...]
    feed: dict[str, tuple[float, float]]
    t_end: float = 3600.0


TEST = (
    System(
        "consecutive, other order",
        {"A": "C6H10O", "B": "C2H4O", "C": "C8H14O2", "D": "C10H18O3"},
        ("A + B -> C",),
        (Step({"A": -1, "B": -1, "C": 1}, 1.0e-3, 55e3, {"A": 1, "B": 1}), Step({"C": -1, "B": -1, "D": 1}, 6.0e-4, 80e3, {"C": 1, "B": 1})),
        ("A", "B", "C"),
        {"A": (0.3, 0.7), "B": (0.4, 1.2)},
    ),
    System(
        "parallel, second order in A",
        {"A": "C6H10O", "B": "C2H4O", "C": "C8H14O2", "D": "C12H20O2"},
        ("A + B -> C",),
        (Step({"A": -1, "B": -1, "C": 1}, 8.0e-4, 70e3, {"A": 1, "B": 1}), Step({"A": -2, "D": 1}, 3.0e-4, 45e3, {"A": 2})),
        ("A", "C", "D"),
        {"A": (0.3, 0.8), "B": (0.3, 0.9)},
    ),
    System(
        "catalysed by the product",
        {"A": "C9H10O2", "P": "C9H10O2", "Q": "C9H10O2"},
        ("A -> P",),
        (Step({"A": -1, "P": 1}, 3.5e-4, 85e3, {"A": 1}), Step({"A": -1, "Q": 1}, 1.2e-3, 60e3, {"A": 1, "P": 1})),
        ("A", "P", "Q"),
        {"A": (0.3, 0.9)},
    ),
    System(
        "inhibited by the product",
        {"A": "C7H8O", "B": "C2H4O2", "P": "C9H10O2", "W": "H2O", "Q": "C7H8O"},
        ("A + B -> P + W",),
        (
            Step({"A": -1, "B": -1, "P": 1, "W": 1}, 9.0e-4, 62e3, {"A": 1, "B": 1}),
            Step({"A": -1, "Q": 1}, 5.0e-4, 88e3, {"A": 1}, {"P": 6.0}),
        ),
        ("A", "B", "P"),
        {"A": (0.3, 0.8), "B": (0.4, 1.0)},
    ),
    System(
        "the reverse reaction",
        {"A": "C7H8O", "B": "C2H4O2", "P": "C9H10O2", "W": "H2O"},
        ("A + B -> P + W",),
        (
            Step({"A": -1, "B": -1, "P": 1, "W": 1}, 1.5e-3, 50e3, {"A": 1, "B": 1}),
            Step({"A": 1, "B": 1, "P": -1, "W": -1}, 7.0e-4, 75e3, {"P": 1, "W": 1}),
        ),
        ("A", "B", "P", "W"),
        {"A": (0.3, 0.9), "B": (0.3, 0.9)},
    ),
    System(
        "a reversible side reaction",
        {"A": "C6H10O", "B": "C2H4O", "C": "C8H14O2", "D": "C6H10O"},
        ("A + B -> C",),
        (
            Step({"A": -1, "B": -1, "C": 1}, 6.0e-4, 65e3, {"A": 1, "B": 1}),
            Step({"A": -1, "D": 1}, 8.0e-4, 60e3, {"A": 1}),
            Step({"A": 1, "D": -1}, 7.0e-4, 78e3, {"D": 1}),
        ),
        ("A", "B", "C"),
        {"A": (0.3, 0.8), "B": (0.4, 1.0)},
    ),
    System(
        "saturating in A, beside a chain of two",
        {"A": "C6H10O", "B": "C2H4O", "C": "C8H14O2", "D": "C10H18O3", "E": "C6H10O"},
        ("A + B -> C", "C + B -> D"),
        (
            Step({"A": -1, "B": -1, "C": 1}, 9.0e-4, 58e3, {"A": 1, "B": 1}),
            Step({"C": -1, "B": -1, "D": 1}, 3.0e-4, 72e3, {"C": 1, "B": 1}),
            Step({"A": -1, "E": 1}, 8.0e-4, 90e3, {"A": 1}, {"A": 4.0}),
        ),
        ("A", "B", "C", "D"),
        {"A": (0.3, 0.8), "B": (0.4, 1.2)},
    ),
)


@frozen(eq=False)
class Batch:
    """One run: feed (S,) in mol/L, temperature in K, times (n,) in s, truth (n, S) and measured (n, m) in mol/L."""

    feed: np.ndarray
    temperature: float
    times: np.ndarray
    truth: np.ndarray
    measured: np.ndarray
    group: str


@frozen(eq=False)
class Problem:
    """Training and test runs of one system and seed; ``scale`` (m,) is the noise's standard deviation."""

    system: System
    seed: int
    train: tuple[Batch, ...]
    test: tuple[Batch, ...]
    scale: np.ndarray

    @property
    def columns(self) -> list[int]:
        """Places of the measured species."""
        return [list(self.system.formulas).index(s) for s in self.system.observed]


def slope(system: System, temperature: float) -> Callable[[float, np.ndarray], np.ndarray]:
    """dc/dt at a temperature."""
    names = list(system.formulas)
    change = np.array([[s.change.get(n, 0.0) for n in names] for s in system.steps])
    k = [s.k * np.exp(-s.Ea / GAS * (1 / temperature - 1 / T_REF)) for s in system.steps]

    def rates(_: float, c: np.ndarray) -> np.ndarray:
        out = []
        for ki, step in zip(k, system.steps, strict=True):
            rate = ki
            for n, order in step.orders.items():
                rate *= max(c[names.index(n)], 0.0) ** order
            for n, K in step.inhibition.items():
                rate /= 1 + K * max(c[names.index(n)], 0.0)
            out.append(rate)
        return np.array(out) @ change

    return rates


def integrate(system: System, feed: np.ndarray, temperature: float, times: np.ndarray) -> np.ndarray:
    """True concentrations (n, S)."""
    out = solve_ivp(slope(system, temperature), (0.0, float(times[-1])), feed, "LSODA", times, rtol=1e-9, atol=1e-11)
    assert out.success
    return out.y.T


def conditions(system: System, rng: np.random.Generator, group: str) -> tuple[np.ndarray, float]:
    """Feed and temperature of one run of a group."""
    feed = np.zeros(len(system.formulas))
    for name, (low, high) in system.feed.items():
        dense = group in ("dense", "both")
        feed[list(system.formulas).index(name)] = rng.uniform(1.5 * high, 2.0 * high) if dense else rng.uniform(low, high)
    side = rng.integers(2) if group == "both" else {"cold": 0, "hot": 1}.get(group, 2)
    ranges = ((T_LOW - BEYOND, T_LOW - BEYOND / 2), (T_HIGH + BEYOND / 2, T_HIGH + BEYOND), (T_LOW, T_HIGH))
    return feed, float(rng.uniform(*ranges[side]))


def problem(system: System, seed: int) -> Problem:
    """The data of one system and seed."""
    rng = np.random.default_rng([seed, len(system.name), len(system.steps)])
    times = system.t_end * np.linspace(0, 1, N_TIMES + 1)[1:]
    columns = [list(system.formulas).index(s) for s in system.observed]
    raw: dict[str, list[tuple[np.ndarray, float, np.ndarray, str]]] = {"train": [], "test": []}
    for part, groups in (("train", ["inside"] * N_RUNS), ("test", [g for g in ("cold", "hot", "dense", "both") for _ in range(N_EACH)])):
        for group in groups:
            feed, temperature = conditions(system, rng, group)
            raw[part].append((feed, temperature, integrate(system, feed, temperature, times), group))
    scale = NOISE * np.max([c[:, columns].max(0) for _, _, c, _ in raw["train"]], axis=0)

    def batch(row: tuple[np.ndarray, float, np.ndarray, str]) -> Batch:
        feed, temperature, c, group = row
        return Batch(feed, temperature, times, c, c[:, columns] + scale * rng.standard_normal((len(times), len(columns))), group)

    return Problem(system, seed, tuple(batch(r) for r in raw["train"]), tuple(batch(r) for r in raw["test"]), scale)


def score(p: Problem, mean: Sequence[np.ndarray], low: Sequence[np.ndarray], high: Sequence[np.ndarray], half: Sequence[np.ndarray] | None = None) -> dict[str, float]:
    """Scores of predictions for the test runs, each array (n, m) in mol/L.

    Args:
        p: the problem.
        mean: predicted concentrations.
        low, high: 90 % interval for one measurement.
        half: half-width of the 90 % interval of the noise-free value, or ``None``.
    """
    truth = np.stack([b.truth[:, p.columns] for b in p.test])
    noisy = np.stack([b.measured for b in p.test])
    spread = truth.reshape(-1, truth.shape[2]).std(0)
    error = (np.stack(mean) - truth) / spread
    lo, hi = np.stack(low), np.stack(high)
    inside = (noisy >= lo) & (noisy <= hi)
    out = {"rmse": float(np.sqrt(np.mean(error**2))), "coverage": float(inside.mean()), "width": float(np.mean((hi - lo) / spread))}
    out["noise"] = float(np.sqrt(np.mean((p.scale / spread) ** 2)))
    for group in ("cold", "hot", "dense", "both"):
        pick = [i for i, b in enumerate(p.test) if b.group == group]
        out[f"rmse {group}"] = float(np.sqrt(np.mean(error[pick] ** 2)))
    if half is not None:
        out["coverage of the truth"] = float((np.abs(np.stack(mean) - truth) <= np.stack(half)).mean())
    return out
