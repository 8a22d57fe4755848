"""Truth networks, designs, noise, seeds and scorer of ``discover.py``: networks proposed from concentration-time data. Committed before the method that they judge.

Each system is a list of species with formulas (also such that take no part), the true reactions, and which species are measured. The data: six batch
runs at three temperatures, twelve samples each, Gaussian noise of 1.5 % of each species' largest concentration (no method is told it). Truth is integrated by scipy's LSODA
from rates written out here. The method sees species, formulas, feeds, temperatures, times and readings; never the reactions.

Scores of each system and seed: whether the number of independent reactions is right; whether the best network has exactly the true reactions (a reversible reaction counts as two), whether one
of the best three has; whether the orders of every rate are right too where the truth is a power law; and the error of the best model on four runs outside (15 K beyond either end, feeds 1.5
times the largest), each species' RMSE over its standard deviation there. Nothing is left out; a failure scores as no network and an error of 1 (the mean of the outside runs as prediction).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import field, frozen
from scipy.integrate import solve_ivp

GAS = 8.314462618
T_REF, TEMPERATURES, BEYOND = 330.0, (315.0, 330.0, 345.0), 15.0
N_TIMES, NOISE = 12, 0.015
SEEDS = (31, 32)
DEVELOPMENT_SEEDS = (1,)


@frozen
class Step:
    """A true reaction: rate = k exp(-Ea/R (1/T - 1/T_REF)) prod c^n / (1 + sum K c), in mol/L and s."""

    left: dict[str, int]
    right: dict[str, int]
    k: float
    Ea: float
    orders: dict[str, float]
    inhibition: dict[str, float] = field(factory=dict)


def elementary(left: dict[str, int], right: dict[str, int], k: float, Ea: float) -> Step:
    """A step whose orders are its coefficients."""
    return Step(left, right, k, Ea, {s: float(n) for s, n in left.items()})


@frozen
class System:
    """One problem: formulas by species, true steps, measured species, range of each feed in mol/L, length of a run in s."""

    name: str
    formulas: dict[str, str]
    steps: tuple[Step, ...]
    observed: tuple[str, ...]
    feed: dict[str, tuple[float, float]]
    t_end: float = 3600.0


ISOMERS = dict.fromkeys("ABCD", "C8H10O")
ADDITION = {"A": "C6H10O", "B": "C2H4O", "C": "C8H14O2", "D": "C10H18O3"}

TEST = (
    System(
        "consecutive isomers",
        ISOMERS,
        (elementary({"A": 1}, {"B": 1}, 6e-4, 70e3), elementary({"B": 1}, {"C": 1}, 4e-4, 85e3)),
        ("A", "B", "C", "D"),
        {"A": (0.3, 1.0), "B": (0.0, 0.2)},
    ),
    System("parallel isomers", ISOMERS, (elementary({"A": 1}, {"B": 1}, 5e-4, 60e3), elementary({"A": 1}, {"C": 1}, 3e-4, 90e3)), ("A", "B", "C", "D"), {"A": (0.3, 1.0)}),
    System(
        "a triangle with one way back",
        ISOMERS,
        (elementary({"A": 1}, {"B": 1}, 8e-4, 65e3), elementary({"B": 1}, {"A": 1}, 5e-4, 80e3), elementary({"B": 1}, {"C": 1}, 3e-4, 75e3)),
        ("A", "B", "C"),
        {"A": (0.3, 1.0), "B": (0.0, 0.4)},
    ),
    System(
        "two additions",
        ADDITION,
        (elementary({"A": 1, "B": 1}, {"C": 1}, 9e-4, 55e3), elementary({"C": 1, "B": 1}, {"D": 1}, 5e-4, 75e3)),
        ("A", "B", "C", "D"),
        {"A": (0.3, 0.8), "B": (0.5, 1.4)},
    ),
    System(
        "addition beside dimer",
        ADDITION | {"E": "C12H20O2"},
        (elementary({"A": 1, "B": 1}, {"C": 1}, 8e-4, 70e3), elementary({"A": 2}, {"E": 1}, 4e-4, 50e3)),
        ("A", "B", "C", "E"),
        {"A": (0.4, 1.0), "B": (0.3, 1.0)},
    ),
    System(
        "esterification and ether",
        {"acid": "C2H4O2", "alcohol": "C4H10O", "ester": "C6H12O2", "water": "H2O", "ether": "C8H18O"},
        (
            elementary({"acid": 1, "alcohol": 1}, {"ester": 1, "water": 1}, 1.2e-3, 58e3),
            elementary({"ester": 1, "water": 1}, {"acid": 1, "alcohol": 1}, 4e-4, 66e3),
            elementary({"alcohol": 2}, {"ether": 1, "water": 1}, 2.5e-4, 95e3),
        ),
        ("acid", "alcohol", "ester", "water", "ether"),
        {"acid": (0.4, 1.0), "alcohol": (0.5, 1.5), "water": (0.0, 0.3)},
    ),
    System(
        "two substitutions in sequence and side by side",
        {"SM": "C6H3F2NO2", "amine": "C4H9NO", "ortho": "C10H11FN2O3", "para": "C10H11FN2O3", "bis": "C14H19N3O4", "HF": "HF"},
        (
            elementary({"SM": 1, "amine": 1}, {"ortho": 1, "HF": 1}, 1.5e-3, 40e3),
            elementary({"SM": 1, "amine": 1}, {"para": 1, "HF": 1}, 4e-4, 48e3),
            elementary({"ortho": 1, "amine": 1}, {"bis": 1, "HF": 1}, 3e-4, 60e3),
            elementary({"para": 1, "amine": 1}, {"bis": 1, "HF": 1}, 7e-4, 52e3),
        ),
        ("SM", "ortho", "para", "bis"),
        {"SM": (0.2, 0.6), "amine": (0.4, 1.8)},
    ),
    System(
        "Van de Vusse",
        ISOMERS | {"D": "C16H20O2"},
        (elementary({"A": 1}, {"B": 1}, 5e-4, 60e3), elementary({"B": 1}, {"C": 1}, 5e-4, 75e3), elementary({"A": 2}, {"D": 1}, 3e-4, 50e3)),
        ("A", "B", "C", "D"),
        {"A": (0.4, 1.2)},
    ),
    System(
        "autocatalysis", {"A": "C8H10O", "P": "C8H10O", "Q": "C16H20O2"}, (Step({"A": 1}, {"P": 1}, 2e-3, 65e3, {"A": 1, "P": 1}),), ("A", "P"), {"A": (0.3, 0.9), "P": (0.05, 0.2)}
    ),
    System("a reagent of order zero", ADDITION, (Step({"A": 1, "B": 1}, {"C": 1}, 5e-4, 72e3, {"A": 1}),), ("A", "B", "C"), {"A": (0.3, 0.7), "B": (0.8, 1.6)}),
    System("saturation in A", ISOMERS, (Step({"A": 1}, {"B": 1}, 2e-3, 68e3, {"A": 1}, {"A": 5.0}),), ("A", "B", "C"), {"A": (0.2, 1.2)}),
    System(
        "an intermediate that nobody measures", ISOMERS, (elementary({"A": 1}, {"B": 1}, 7e-4, 62e3), elementary({"B": 1}, {"C": 1}, 6e-4, 78e3)), ("A", "C"), {"A": (0.3, 1.0)}
    ),
)

DEVELOPMENT = (
    System(
        "dev: two addends",
        ADDITION | {"B2": "C3H6O", "E": "C9H16O2"},
        (elementary({"A": 1, "B": 1}, {"C": 1}, 7e-4, 60e3), elementary({"A": 1, "B2": 1}, {"E": 1}, 4e-4, 80e3)),
        ("A", "B", "B2", "C", "E"),
        {"A": (0.4, 1.0), "B": (0.3, 0.8), "B2": (0.3, 0.8)},
    ),
    System(
        "dev: three isomers in a row",
        ISOMERS,
        (elementary({"A": 1}, {"B": 1}, 9e-4, 60e3), elementary({"B": 1}, {"C": 1}, 6e-4, 70e3), elementary({"C": 1}, {"D": 1}, 4e-4, 80e3)),
        ("A", "B", "C", "D"),
        {"A": (0.4, 1.0)},
    ),
    System(
        "dev: reversible addition",
        ADDITION,
        (elementary({"A": 1, "B": 1}, {"C": 1}, 1.2e-3, 50e3), elementary({"C": 1}, {"A": 1, "B": 1}, 3e-4, 85e3)),
        ("A", "B", "C"),
        {"A": (0.3, 0.9), "B": (0.3, 0.9)},
    ),
    System(
        "dev: hydrolysis with a catalyst",
        {"ester": "C4H8O2", "water": "H2O", "acid": "C2H4O2", "alcohol": "C2H6O", "H": "HCl"},
        (Step({"ester": 1, "water": 1}, {"acid": 1, "alcohol": 1}, 2e-3, 65e3, {"ester": 1, "water": 1, "H": 1}),),
        ("ester", "acid", "alcohol"),
        {"ester": (0.3, 0.8), "water": (0.5, 2.0), "H": (0.05, 0.4)},
    ),
    System("dev: half order", {"A": "C8H10O", "B": "C8H10O", "A2": "C16H20O2"}, (Step({"A": 1}, {"B": 1}, 4e-4, 70e3, {"A": 0.5}),), ("A", "B"), {"A": (0.2, 1.2)}),
    System(
        "dev: dimer and its decay",
        ISOMERS | {"D": "C16H20O2"},
        (elementary({"A": 2}, {"D": 1}, 8e-4, 60e3), elementary({"D": 1}, {"B": 2}, 3e-4, 75e3)),
        ("A", "B", "D"),
        {"A": (0.4, 1.2)},
    ),
)


@frozen(eq=False)
class Batch:
    """One run: feed (S,) and truth (n, S) in mol/L, readings (n, m), temperature in K, times (n,) in s."""

    feed: np.ndarray
    temperature: float
    times: np.ndarray
    truth: np.ndarray
    measured: np.ndarray


@frozen(eq=False)
class Problem:
    """Six runs to learn from, four outside to be judged on."""

    system: System
    seed: int
    runs: tuple[Batch, ...]
    outside: tuple[Batch, ...]

    @property
    def columns(self) -> list[int]:
        """Places of the measured species."""
        return [list(self.system.formulas).index(s) for s in self.system.observed]


def integrate(system: System, feed: np.ndarray, temperature: float, times: np.ndarray) -> np.ndarray:
    """True concentrations (n, S)."""
    names = list(system.formulas)
    change = np.array([[s.right.get(n, 0) - s.left.get(n, 0) for n in names] for s in system.steps], dtype=float)
    k = [s.k * np.exp(-s.Ea / GAS * (1 / temperature - 1 / T_REF)) for s in system.steps]

    def slope(_: float, c: np.ndarray) -> np.ndarray:
        at = {n: max(v, 0.0) for n, v in zip(names, c, strict=True)}
        rates = [ki * np.prod([at[n] ** o for n, o in s.orders.items()]) / (1 + sum(K * at[n] for n, K in s.inhibition.items())) for ki, s in zip(k, system.steps, strict=True)]
        return np.array(rates) @ change

    out = solve_ivp(slope, (0.0, float(times[-1])), feed, "LSODA", times, rtol=1e-9, atol=1e-11)
    assert out.success
    return out.y.T


def problem(system: System, seed: int) -> Problem:
    """The data of one system and seed."""
    rng = np.random.default_rng([seed, len(system.name), len(system.steps)])
    names = list(system.formulas)
    times = system.t_end * np.linspace(0, 1, N_TIMES + 1)[1:] ** 1.5
    columns = [names.index(s) for s in system.observed]

    def run(temperature: float, stretch: float) -> tuple[np.ndarray, float, np.ndarray]:
        feed = np.zeros(len(names))
        for name, (low, high) in system.feed.items():
            feed[names.index(name)] = rng.uniform(low, high) if stretch == 1.0 else stretch * high
        return feed, temperature, integrate(system, feed, temperature, times)

    inside = [run(t, 1.0) for t in TEMPERATURES for _ in range(2)]
    outside = [run(t, s) for t in (TEMPERATURES[0] - BEYOND, TEMPERATURES[-1] + BEYOND) for s in (1.0, 1.5)]
    scale = NOISE * np.max([c[:, columns].max(0) for _, _, c in inside], axis=0)
    scale = np.maximum(scale, 0.1 * scale.max())  # a species that never forms is measured with noise too

    def batch(row: tuple[np.ndarray, float, np.ndarray]) -> Batch:
        feed, temperature, c = row
        return Batch(feed, temperature, times, c, c[:, columns] + scale * rng.standard_normal((len(times), len(columns))))

    return Problem(system, seed, tuple(batch(r) for r in inside), tuple(batch(r) for r in outside))


Reaction = tuple[tuple[tuple[str, int], ...], tuple[tuple[str, int], ...]]


def reaction(left: dict[str, int], right: dict[str, int]) -> Reaction:
    """A reaction as a key: sorted sides."""
    return tuple(sorted(left.items())), tuple(sorted(right.items()))


def true_reactions(system: System) -> dict[Reaction, dict[str, float] | None]:
    """True reactions and their orders; ``None`` where the rate is no power law."""
    return {reaction(s.left, s.right): None if s.inhibition else {n: float(o) for n, o in s.orders.items()} for s in system.steps}


def independent(system: System) -> int:
    """Number of independent reactions that the measured species can show."""
    change = np.array([[s.right.get(n, 0) - s.left.get(n, 0) for n in system.observed] for s in system.steps], dtype=float)
    return int(np.linalg.matrix_rank(change))


def relative_error(p: Problem, outside: Sequence[np.ndarray]) -> float:
    """RMSE over the outside runs, each species over its standard deviation there (of one that hardly changes: a tenth of the largest)."""
    real = np.stack([b.truth[:, p.columns] for b in p.outside])
    spread = real.reshape(-1, real.shape[2]).std(0)
    return float(np.sqrt(np.mean(((np.stack(list(outside)) - real) / np.maximum(spread, 0.1 * spread.max())) ** 2)))


def score(p: Problem, rank: int, networks: Sequence[dict[Reaction, dict[str, float]]], outside: Sequence[np.ndarray] | None) -> dict[str, float]:
    """Scores of one answer.

    Args:
        p: the problem.
        rank: independent reactions found.
        networks: best first; each maps its reactions to the orders of their rates.
        outside: predicted concentrations of the measured species in the outside runs, each (n, m), mol/L; ``None`` when there is no model.
    """
    truth = true_reactions(p.system)
    same = [set(n) == set(truth) for n in networks[:3]]
    orders = bool(same and same[0] and all(o is None or {k: v for k, v in networks[0][r].items() if v} == o for r, o in truth.items()))
    error = 1.0
    if outside is not None:
        error = relative_error(p, outside)
    return {"rank": float(rank == independent(p.system)), "first": float(bool(same and same[0])), "three": float(any(same)), "orders": float(orders), "error": min(error, 1.0)}
