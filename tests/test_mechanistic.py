"""Mechanisms in a campaign: the weights, the switch, the draws, the climb, and the campaign that uses them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from attrs import evolve

from chemwright.errors import InputError
from chemwright.experiment.campaign import Campaign
from chemwright.experiment.design import algebraic
from chemwright.experiment.mechanistic import Mechanism, MechanisticPlanner
from chemwright.experiment.mechanistic.belief import BLACK, believe
from chemwright.experiment.mechanistic.climb import Improvement
from chemwright.experiment.mechanistic.draws import shares
from chemwright.experiment.mechanistic.views import Data
from chemwright.experiment.observations import Observations
from chemwright.experiment.planning.merit import Wanted
from chemwright.experiment.space import Space
from chemwright.model.lower import exp, log
from chemwright.model.posterior import Gaussian
from chemwright.record import CampaignSettings, Objective, Variable

VARIABLES = (Variable("time", "continuous", "s", 10.0, 1000.0), Variable("temperature", "continuous", "K", 300.0, 380.0))
RATE = Objective("rate", "maximise", reference=1e-4)
WASTE = Objective("waste", "minimise", reference=5.0)
TRUTH = np.array([np.log(2e-3), np.log(3e-4), 5e4, 9e4])


def series(theta: Any, x: Any, *, second: bool = True) -> Any:
    """Yield of P in A -> P -> S after a time at a temperature, in closed form; without the second reaction when told so."""
    heat = (1 / x[1] - 1 / 340.0) / 8.314462618
    k1 = exp(theta[0] - theta[2] * heat)
    if not second:
        return 1 - exp(-k1 * x[0])
    k2 = exp(theta[1] - theta[3] * heat) * 1.0000001
    return k1 / (k2 - k1) * (exp(-k1 * x[0]) - exp(-k2 * x[0]))


def figures(y: Any, x: Any) -> list[Any]:
    """Rate [1/s] and waste per product."""
    return [y / x[0], 1 / y]


def mechanism(second: bool = True, one: bool = False) -> Mechanism:
    """The series, or the same without its second reaction."""
    names = ("ln k1", "ln k2", "Ea1", "Ea2")
    outputs = ("rate",) if one else ("rate", "waste")
    response = algebraic(names, ("time", "temperature"), outputs, [0.02] * len(outputs), lambda t, x: [log(v) for v in figures(series(t, x, second=second), x)[: len(outputs)]])
    prior = Gaussian(np.array([np.log(1e-3), np.log(1e-3), 6e4, 6e4]), np.diag([4.0, 4.0, 4e8, 4e8]))
    return Mechanism("series" if second else "one step", response, prior, ("log",) * len(outputs))


def lab(x: np.ndarray, noise: float = 0.0, seed: int = 0) -> np.ndarray:
    """Figures (n, 2) of the true series."""
    y = np.array([float(series(TRUTH, row)) for row in x])
    clean = np.stack([y / x[:, 0], 1 / y], 1)
    return np.asarray(clean * np.exp(noise * np.random.default_rng(seed).standard_normal(clean.shape)))


def runs(n: int, seed: int = 0) -> np.ndarray:
    """Conditions."""
    return np.array([10.0, 300.0]) + np.random.default_rng(seed).random((n, 2)) * np.array([990.0, 80.0])


def seen(x: np.ndarray, y: np.ndarray) -> Observations:
    """As a campaign has them."""
    n = len(x)
    return Observations(tuple(f"t{i}" for i in range(n)), x, y, np.full_like(y, np.nan), np.zeros(n, bool), np.zeros(n, np.int64), np.arange(n, dtype=float))


SPACE = Space.of(VARIABLES, [])


def test_a_true_mechanism_takes_over_and_says_why() -> None:
    """Eight runs with noise: the mechanism that is true carries more weight than the black box, and the words name it."""
    x = runs(8)
    belief = MechanisticPlanner([mechanism()]).believe(SPACE, seen(x, lab(x, 0.02)))
    assert belief.black < 0.01
    assert belief.best.mechanism is not None
    assert "'series" in belief.words()
    assert "better than the black box" in belief.words()


def test_a_wrong_mechanism_does_not_stay() -> None:
    """The mechanism without its second reaction, on runs where that matters: alone it loses all weight to the hybrid or the black box."""
    x = runs(14, 1)
    belief = MechanisticPlanner([mechanism(second=False)]).believe(SPACE, seen(x, lab(x, 0.01)))
    assert belief.weights[0] < 0.01
    assert belief.best.name != "one step"


def test_the_true_one_is_found_among_rivals_and_its_history_tells_when() -> None:
    """Both mechanisms given: after ten runs the true one (alone or with a residual) has the weight; the history has one belief for each run from the third."""
    x = runs(10, 2)
    planner = MechanisticPlanner([mechanism(second=False), mechanism()])
    y = lab(x, 0.02)
    told = planner.history(SPACE, seen(x, y), first=8)
    assert len(told) == 3
    assert told[-1].best.name.startswith("series")


def test_a_run_left_out_by_the_formula_is_a_run_left_out() -> None:
    """The block formula against dropping the run and predicting it, for mechanism, hybrid and black box."""
    x = runs(6, 3)
    y = np.log(lab(x, 0.02))
    y[2, 1] = np.nan
    belief = believe([mechanism()], Data(SPACE.unit(x), y, np.full_like(y, np.nan)), x)
    for model in belief.models:
        cov, z, run = model.view.covariance(), model.view.z, model.view.data.run
        for i in range(6):
            out, rest = np.flatnonzero(run == i), np.flatnonzero(run != i)
            gain = np.linalg.solve(cov[np.ix_(rest, rest)], cov[np.ix_(rest, out)]).T
            mean, spread = gain @ z[rest], cov[np.ix_(out, out)] - gain @ cov[np.ix_(rest, out)]
            error = z[out] - mean
            exact = -0.5 * error @ np.linalg.solve(spread, error) - 0.5 * np.linalg.slogdet(spread)[1] - 0.5 * len(out) * np.log(2 * np.pi)
            assert model.left_out[i] == pytest.approx(exact, rel=1e-5, abs=1e-5)


def test_gradient_of_the_improvement_is_exact() -> None:
    """Expected hypervolume improvement on the mechanism's draws, against central differences."""
    m, wanted = mechanism(), Wanted.of((RATE, WASTE))
    thetas = TRUTH + np.random.default_rng(0).standard_normal((5, 4)) * np.array([0.1, 0.1, 1e3, 1e3])
    known = m.from_fit(np.array([m.response.values(t, runs(3, 4)) for t in thetas]))
    better = Improvement.of(wanted, np.array([1e-4, -5.0]), np.array([1e-3, 1.0]), known)
    x = np.array([120.0, 372.0])

    def value(at: np.ndarray) -> tuple[float, np.ndarray]:
        parts = [better._one(i, 5, m, *m.response.gradients(t, at)) for i, t in enumerate(thetas)]
        return sum(p[0] for p in parts), sum((p[1] for p in parts), np.zeros(2))

    total, slope = value(x)
    assert total == pytest.approx(better.gains(m.from_fit(np.array([m.response.values(t, x[None]) for t in thetas])))[0], rel=1e-9)
    assert total > 0
    for d in range(2):
        h = np.eye(2)[d] * 1e-6 * x[d]
        assert slope[d] == pytest.approx((value(x + h)[0] - value(x - h)[0]) / (2 * h[d]), rel=1e-4)


def test_a_campaign_with_a_mechanism_finds_the_best_at_once() -> None:
    """One figure, one start of four runs: the next two suggestions come within 2 % of the best rate, the words say what was used, and the same seed gives the same runs."""
    settings = CampaignSettings(initial=4)
    grid = np.array([[t, k] for t in np.geomspace(10, 1000, 200) for k in np.linspace(300, 380, 41)])
    best = lab(grid)[:, 0].max()
    rows = []
    for _ in range(2):
        c = Campaign.new("rate", VARIABLES, [evolve(RATE, reference=None)], settings=settings, seed=3, prior=MechanisticPlanner([mechanism(one=True)]))
        c = c.suggest(4)
        for name in c.last:
            t = c.trial(name)
            c = c.tell(name, float(lab(np.array([[t.numbers["time"], t.numbers["temperature"]]]))[0, 0]))
        for _ in range(2):
            c = c.suggest(1)
            t = c.trial(c.last[0])
            words = " ".join(c.words)
            assert "black box" in words
            c = c.tell(t.id, float(lab(np.array([[t.numbers["time"], t.numbers["temperature"]]]))[0, 0]))
        rows.append([t.numbers for t in c.trials])
        found = c.best()
        assert found is not None
        assert max(t.results["rate"] for t in c.trials) > 0.98 * best
    assert rows[0] == rows[1]


def test_two_figures_and_a_limit_on_conditions() -> None:
    """Batch of two on the mixture: both allowed, apart from each other, with predictions near the truth."""
    space = Space.of(VARIABLES, Campaign.new("c", VARIABLES, [RATE, WASTE], ["temperature <= 360 K"]).record.constraints)
    x = np.array([[20.0, 310], [100, 350], [400, 330], [800, 355], [60, 358]])
    planner = MechanisticPlanner([mechanism()])
    plan = planner.propose(space, seen(x, lab(x, 0.01)), (RATE, WASTE), 2, seed=1)
    assert np.all(plan.rows[:, 1] <= 360 + 1e-9)
    assert np.abs(plan.rows[0] - plan.rows[1]).max() > 1e-3
    assert plan.backend == "mechanism"
    assert plan.mean == pytest.approx(lab(plan.rows), rel=0.2)


def test_before_the_first_run_and_with_the_black_box_alone() -> None:
    """No runs: spread over the space. Mode black_box: the plain planner, with the word that it was used."""
    planner = MechanisticPlanner([mechanism()], mode="black_box")
    none = seen(np.zeros((0, 2)), np.zeros((0, 2)))
    assert planner.propose(SPACE, none, (RATE, WASTE), 2).backend == "spread"
    x = runs(5)
    plan = planner.propose(SPACE, seen(x, lab(x)), (RATE, WASTE), 1)
    assert plan.backend != "mechanism"
    assert plan.notes[0].startswith(f"the {BLACK} is used")


def test_draws_are_shared_out_by_weight() -> None:
    """Largest remainders; all are given."""
    assert shares(np.array([0.5, 0.3, 0.2]), 10).tolist() == [5, 3, 2]
    assert shares(np.array([0.98, 0.01, 0.01]), 24).sum() == 24


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: MechanisticPlanner([]), "no mechanism"),
        (lambda: MechanisticPlanner([mechanism()], mode="magic"), "unknown mode"),
        (lambda: MechanisticPlanner([mechanism()], weights=(1.0,)), "one >= 0 for each mechanism"),
        (lambda: MechanisticPlanner([mechanism(), mechanism(one=True)]), "other variables, objectives or scales"),
        (lambda: evolve(mechanism(), scales=("log",)), "scales"),
        (lambda: MechanisticPlanner([mechanism()]).believe(Space.of(VARIABLES[:1], []), seen(np.ones((1, 1)), np.ones((1, 2)))), "same names"),
    ],
    ids=["none", "mode", "weights", "unlike", "scales", "variables"],
)
def test_bad_input_says_what_to_do(make: Any, words: str) -> None:
    """Plain messages."""
    with pytest.raises(InputError, match=words):
        make()
