"""The planner: its parts against closed forms, its choices on problems with a known answer, and what it must survive."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from chemwright.errors import InputError
from chemwright.experiment.observations import Observations
from chemwright.experiment.planning import PlanSettings, propose
from chemwright.experiment.planning.acquire import directions, greedy, hypervolume, non_dominated, scalars
from chemwright.experiment.planning.domain import Axis, Domain, descriptor_distances
from chemwright.experiment.planning.failure import learn_success
from chemwright.experiment.planning.kernel import Prior, covariance, own_variance
from chemwright.experiment.planning.process import fit
from chemwright.experiment.planning.structures import domain_of
from chemwright.experiment.planning.surrogate import learn
from chemwright.experiment.planning.warp import unwarp, warp
from chemwright.experiment.sampling import sample
from chemwright.experiment.space import Space
from chemwright.record import Constraint, Objective, Variable

SOLVENTS = ("CCO", "CC#N", "Cc1ccccc1", "CS(C)=O", "O")
QUICK = PlanSettings(particles=12, moves=5, samples=128, shortlist=60)
YIELD = Objective("yield", "maximise")


def seen(rows, values, failed=None, task=None, when=None, tasks=("", "other")):
    n, values = len(rows), np.asarray(values, float)
    values = values.reshape(n, -1) if values.size else np.zeros((0, 1))
    return Observations(
        tuple(map(str, range(n))),
        np.asarray(rows, float),
        values,
        np.full(values.shape, np.nan),
        np.zeros(n, bool) if failed is None else np.asarray(failed, bool),
        np.zeros(n, np.int64) if task is None else np.asarray(task, np.int64),
        np.arange(n, dtype=float) if when is None else np.asarray(when, float),
        tasks,
    )


def mixed_space():
    return Space.of(
        [
            Variable("temperature", low=300.0, high=400.0),
            Variable("concentration", low=10.0, high=1000.0, log=True),
            Variable("equivalents", "discrete", values=(1.0, 1.5, 2.0)),
            Variable("solvent", "categorical", levels=SOLVENTS, smiles=SOLVENTS, encoding="descriptors"),
        ]
    )


def unit_square(n=2, **kwargs):
    return Space.of([Variable(f"x{k}", low=0.0, high=1.0) for k in range(n)], **kwargs)


# --- parts


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0, 1.7, 2.0], ids=str)
def test_the_warp_goes_forth_and_back(power):
    z = np.linspace(-4, 4, 41)
    w, slope = warp(z, np.array([[power]]))
    assert np.allclose(unwarp(w, np.array([[power]])), z, atol=1e-9)
    assert np.allclose(np.exp(slope[0, 1:-1]), np.gradient(w[0], z)[1:-1], rtol=0.05)


def test_the_covariance_is_one_and_its_diagonal_is_told():
    domain = Domain((Axis("a"), Axis("b", 4, (descriptor_distances(np.random.default_rng(0).random((4, 3))),)), Axis("from", 2, offset="task"), Axis("time", offset="drift")))
    rng = np.random.default_rng(1)
    x = np.c_[rng.random(30), rng.integers(0, 4, 30), rng.integers(0, 2, 30), rng.random(30)].astype(float)
    prior = Prior.of(domain, PlanSettings())
    u = prior.mean + prior.std * rng.standard_normal((5, len(prior.mean)))
    k = covariance(domain, x, x, u)
    assert np.allclose(k, k.transpose(0, 2, 1))
    assert np.linalg.eigvalsh(k).min() > -1e-8
    assert np.allclose(np.einsum("pii->pi", k), own_variance(domain, x, u))


def test_descriptors_that_say_the_same_count_less_and_constant_ones_not_at_all():
    table = np.array([[0.0, 0.0, 7.0, 1.0], [1.0, 1.0, 7.0, 0.0], [2.0, 2.0, 7.0, 5.0]])
    d = descriptor_distances(table)
    assert d.sum() / 6 == pytest.approx(1.0)
    assert np.allclose(descriptor_distances(table[:, [0, 1, 3]]), d)
    assert not descriptor_distances(np.ones((3, 2))).any()


def test_the_ensemble_learns_a_function_and_knows_where_it_does_not():
    rng = np.random.default_rng(0)
    domain, x = Domain((Axis("a"), Axis("b"), Axis("c", 3))), np.c_[rng.random((40, 2)), rng.integers(0, 3, 40)].astype(float)

    def truth(p):
        return 30 + 20 * np.sin(4 * p[:, 0]) + 10 * p[:, 1] * (p[:, 2] == 1)

    process = fit(domain, x, truth(x), PlanSettings(), np.random.default_rng(2))
    new = np.c_[rng.random((200, 2)), rng.integers(0, 3, 200)].astype(float)
    mean, std = process.predict(new)
    error = mean - truth(new)
    assert np.sqrt(np.mean(error**2)) < 0.15 * np.std(truth(new))
    assert 0.85 < np.mean(np.abs(error) < 2 * std) <= 1.0
    drawn = process.sample(new[:20], 2000, rng)
    assert np.allclose(drawn.mean(0), mean[:20], atol=0.2 * std[:20].max() + 0.3)


def test_hypervolume_exact_and_by_directions():
    front = np.array([[3.0, 1.0], [2.0, 2.0], [1.0, 3.0], [0.5, 0.5]])
    assert hypervolume(front, np.zeros(2)) == pytest.approx(6.0)
    assert hypervolume(np.array([[1.0, 1.0, 1.0], [2.0, 0.5, 0.5]]), np.zeros(3)) == pytest.approx(1.25)
    assert non_dominated(front).tolist() == [True, True, True, False]
    for points in (front, np.array([[1.0, 1.0, 1.0], [2.0, 0.5, 0.5]])):
        m = points.shape[1]
        sphere = directions(m, 512)
        by = scalars(points[None], np.zeros(m), np.ones(m), sphere).max(1).mean()
        assert by == pytest.approx(hypervolume(points, np.zeros(m)), rel=0.02)


def test_a_batch_does_not_choose_twins():
    rng = np.random.default_rng(0)
    a, b = rng.normal(1, 1, 4000), rng.normal(0.9, 1, 4000)
    batch = greedy(np.stack([a, a - 0.01, b], 1), np.zeros(4000), 2)
    assert batch.chosen == (0, 2)
    assert batch.gains[0] > batch.gains[1] > 0


# --- choices with a known answer


def test_the_optimum_of_a_mixed_space_is_found_in_few_experiments():
    space = mixed_space()

    def truth(rows):
        u = space.unit(rows)
        return 90 - 80 * (u[:, 0] - 0.7) ** 2 - 40 * (u[:, 1] - 0.4) ** 2 - 10 * (u[:, 2] != 0.5) - 25 * (u[:, 3] != 3)

    rows = sample(space, 6, np.random.default_rng(3))
    for step in range(9):
        rows = np.vstack([rows, propose(space, seen(rows, truth(rows)), [YIELD], 2, settings=QUICK, seed=step).rows])
    assert truth(rows).max() > 87
    assert truth(sample(space, 24, np.random.default_rng(3))).max() < 87


def test_two_objectives_fill_their_front():
    space = unit_square()

    def truth(rows):
        return np.stack([1 - rows[:, 0] + 0.3 * rows[:, 1] ** 2, 1 - (1 - rows[:, 0]) ** 2 - rows[:, 1]], 1)

    goals = [Objective("waste", "minimise"), Objective("yield", "maximise")]
    rows = sample(space, 5, np.random.default_rng(0))
    for step in range(4):
        rows = np.vstack([rows, propose(space, seen(rows, truth(rows)), goals, 3, settings=QUICK, seed=step).rows])

    def volume(r):
        return hypervolume(truth(r) * [-1, 1], np.array([-1.3, -1.0]))

    assert volume(rows) > 1.02 * volume(sample(space, 17, np.random.default_rng(0)))
    assert volume(rows) > 0.93 * volume(np.c_[np.linspace(0, 1, 200), np.zeros(200)])


def test_three_objectives_and_a_target_give_a_proposal():
    space = unit_square(3)
    rows = sample(space, 8, np.random.default_rng(0))
    goals = [Objective("a"), Objective("b", "minimise"), Objective("c", "target", target=0.5)]
    found = propose(space, seen(rows, rows), goals, 2, settings=QUICK)
    assert found.mean.shape == (2, 3)
    assert found.worth > 0
    assert found.share > 0


def test_a_limit_is_kept():
    space = unit_square()
    rows = sample(space, 14, np.random.default_rng(1))
    goals = [YIELD, Objective("impurity", "at_most", target=0.5)]
    found = propose(space, seen(rows, np.stack([rows.sum(1), rows[:, 0]], 1)), goals, 3, settings=QUICK)
    assert (found.rows[:, 0] < 0.62).all()
    assert (found.rows[:, 1] > 0.7).all()


def test_a_target_is_met():
    space = unit_square(1)
    rows = np.linspace(0, 1, 7)[:, None]
    found = propose(space, seen(rows, 100 * rows[:, 0] ** 2), [Objective("size", "target", target=30.0)], 1, settings=QUICK)
    assert found.rows[0, 0] == pytest.approx(0.3**0.5, abs=0.03)


def test_failures_are_stayed_away_from():
    space = unit_square()
    rows = sample(space, 25, np.random.default_rng(0))
    failed = rows[:, 0] > 0.6
    values = np.where(failed, np.nan, rows[:, 0])
    found = propose(space, seen(rows, values, failed), [YIELD], 4, settings=QUICK)
    assert (found.rows[:, 0] < 0.75).all()
    chance = learn_success(domain_of(space), rows, failed).chance(np.array([[0.2, 0.5], [0.95, 0.5]]))
    assert chance[0] > 0.85
    assert chance[1] < 0.25
    assert learn_success(domain_of(space), rows, np.zeros(25, bool)) is None


def test_a_borrowed_campaign_helps_in_spite_of_its_offset():
    space = unit_square(1)
    other, own = np.linspace(0, 1, 15)[:, None], np.array([[0.1], [0.9]])

    def truth(r):
        return 10 * np.sin(5 * r[:, 0])

    both = seen(np.vstack([own, other]), np.r_[truth(own), truth(other) + 40], task=[0, 0, *[1] * 15], tasks=("this", "that"))
    x = np.linspace(0, 1, 30)[:, None]
    mean, _ = learn(space, both, [YIELD], PlanSettings(), 0).predict(x)
    alone, _ = learn(space, seen(own, truth(own)), [YIELD], PlanSettings(), 0).predict(x)
    error, without = (np.sqrt(np.mean((m[:, 0] - truth(x)) ** 2)) for m in (mean, alone))
    assert error < 0.5 * without
    assert any("borrowed" in n for n in propose(space, both, [YIELD], 1, settings=QUICK).notes)


def test_a_drift_is_seen_in_replicates_and_predictions_are_for_now():
    space = unit_square(1)
    rows = np.array([[0.2], [0.5], [0.5], [0.8], [0.5], [0.3], [0.5], [0.5]])
    when = np.arange(8.0)
    data = seen(rows, 10 * rows[:, 0] - 1.5 * when, when=when)
    mean, _ = learn(space, data, [YIELD], PlanSettings(), 0).predict(np.array([[0.5]]))
    assert mean[0, 0] == pytest.approx(5 - 1.5 * 7, abs=1.5)
    steady, _ = learn(space, data, [YIELD], PlanSettings(drift="off"), 0).predict(np.array([[0.5]]))
    assert steady[0, 0] > mean[0, 0] + 2


def test_a_mechanism_as_prior_mean_needs_no_data_and_is_corrected_by_them():
    space = unit_square()

    def mechanism(rows):
        return -((rows[:, [0]] - 0.3) ** 2) - (rows[:, [1]] - 0.6) ** 2

    rows = sample(space, 4, np.random.default_rng(0))
    found = propose(space, seen(rows, mechanism(rows)), [YIELD], 1, settings=QUICK, prior_mean=mechanism)
    assert np.allclose(found.rows[0], [0.3, 0.6], atol=0.12)
    shifted = propose(space, seen(rows, mechanism(rows) + 5), [YIELD], 1, settings=QUICK, prior_mean=mechanism)
    assert shifted.mean[0, 0] == pytest.approx(5 + mechanism(shifted.rows)[0, 0], abs=0.05)
    assert np.allclose(shifted.rows[0], [0.3, 0.6], atol=0.2)


def test_a_cheap_experiment_is_chosen_where_it_tells_as_much():
    def space(costs):
        return Space.of([Variable("x", low=0.0, high=1.0), Variable("scale", "categorical", levels=("vial", "reactor"), role="fidelity", costs=costs)])

    rng = np.random.default_rng(0)
    rows = np.c_[rng.random(24), np.arange(24) % 2].astype(float)
    data = seen(rows, 10 * np.sin(3 * rows[:, 0]) + 0.1 * rows[:, 1])
    cheap = propose(space({"reactor": 50.0}), data, [YIELD], 3, settings=QUICK)
    alike = propose(space({}), data, [YIELD], 3, settings=QUICK)
    assert (cheap.rows[:, 1] == 0).all()
    assert (alike.rows[:, 1] == 1).all()


def test_dear_levels_are_chosen_less():
    space = Space.of([Variable("x", low=0.0, high=1.0), Variable("metal", "categorical", levels=("Pd", "Ni"), costs={"Pd": 99.0})])
    rows = np.c_[np.tile([0.0, 0.3, 0.9], 2), np.repeat([0, 1], 3)].astype(float)
    values = -((rows[:, 0] - 0.6) ** 2) + 0.01 * (rows[:, 1] == 0)
    assert (propose(space, seen(rows, values), [YIELD], 1, settings=QUICK).rows[:, 1] == 1).all()
    free = Space.of([Variable("x", low=0.0, high=1.0), Variable("metal", "categorical", levels=("Pd", "Ni"))])
    assert (propose(free, seen(rows, values), [YIELD], 1, settings=QUICK).rows[:, 1] == 0).all()


# --- what holds always


def test_the_same_seed_gives_the_same_proposal_and_another_one_may_not():
    space = mixed_space()
    rows = sample(space, 10, np.random.default_rng(0))
    data = seen(rows, rows[:, 0] * (rows[:, 3] == 1))
    a, b = (propose(space, data, [YIELD], 3, settings=QUICK, seed=5) for _ in range(2))
    assert np.array_equal(a.rows, b.rows)
    assert np.array_equal(a.mean, b.mean)
    assert a.why == b.why
    assert not np.array_equal(a.rows, propose(space, data, [YIELD], 3, settings=QUICK, seed=6).rows)


def test_rules_and_mixtures_are_kept():
    space = Space.of(
        [Variable(n, low=0.0, high=1.0) for n in "abc"] + [Variable("t", low=0.0, high=2.0)], [Constraint(kind="mixture", parts=("a", "b", "c")), Constraint("a + t <= 1.5")]
    )
    rows = sample(space, 9, np.random.default_rng(0))
    found = propose(space, seen(rows, rows[:, 0] + rows[:, 3]), [YIELD], 4, settings=QUICK)
    assert space.feasible(found.rows).all()
    assert np.allclose(found.rows[:, :3].sum(1), 1.0)


def test_a_finite_space_is_never_repeated_and_ends():
    space = Space.of([Variable("a", "discrete", values=(1.0, 2.0, 3.0)), Variable("b", "categorical", levels=("x", "y"))])
    rows, pending = np.array([[1.0, 0], [2.0, 0], [3.0, 1]]), np.array([[3.0, 0.0]])
    found = propose(space, seen(rows, [1.0, 2.0, 3.0]), [YIELD], 5, settings=QUICK, pending=pending)
    assert len(found) == 2
    assert {tuple(r) for r in found.rows} == {(1.0, 1.0), (2.0, 1.0)}
    everything = np.array([[a, b] for a in (1.0, 2.0, 3.0) for b in (0.0, 1.0)])
    done = propose(space, seen(everything, np.arange(6.0)), [YIELD], 2, settings=QUICK)
    assert len(done) == 0
    assert "nothing is left" in done.notes[0]


def test_only_rows_of_the_pool_are_chosen():
    space, rng = unit_square(), np.random.default_rng(0)
    pool = rng.random((30, 2))
    for data in (seen(pool[:4], pool[:4, 0]), seen(np.zeros((0, 2)), [])):
        found = propose(space, data, [YIELD], 3, settings=QUICK, pool=pool)
        assert {tuple(r) for r in found.rows} <= {tuple(r) for r in pool[len(data) :]}


def test_what_is_under_way_is_not_proposed_again():
    space = unit_square(1)
    rows = np.linspace(0, 1, 6)[:, None]
    data = seen(rows, -((rows[:, 0] - 0.47) ** 2))
    first = propose(space, data, [YIELD], 1, settings=QUICK, seed=1).rows
    second = propose(space, data, [YIELD], 1, settings=QUICK, seed=1, pending=first).rows
    assert abs(first[0, 0] - second[0, 0]) > 1e-3


ROWS = np.array([[300.0, 10.0, 1.0, 0], [310.0, 100.0, 2.0, 1], [390.0, 500.0, 1.5, 2], [350.0, 20.0, 1.0, 3], [333.0, 44.0, 2.0, 4]])
HARD = {
    "all alike": (ROWS, np.full(5, 7.0), None),
    "all zero": (ROWS, np.zeros(5), None),
    "huge": (ROWS, 1e200 * np.arange(5), None),
    "tiny": (ROWS, 1e-300 * np.arange(5), None),
    "nearly alike far from zero": (ROWS, 1e9 + 1e-3 * np.arange(5), None),
    "one point": (ROWS[:1], [3.0], None),
    "one point many times, contradictory": (np.repeat(ROWS[:1], 5, 0), np.arange(5.0), None),
    "all failed": (ROWS, np.full(5, np.nan), np.ones(5)),
    "one succeeded": (ROWS, [np.nan] * 4 + [1.0], [1, 1, 1, 1, 0]),
    "nan without failure": (ROWS, [np.nan, 1.0, 2.0, np.nan, 3.0], None),
    "one wild outlier": (ROWS, [1.0, 1.1, 0.9, 1.0, 1e8], None),
    "nothing yet": (ROWS[:0], [], None),
}


TORCH = ("all alike", "huge", "one point", "all failed", "nan without failure")


@pytest.mark.parametrize(("name", "backend"), [(n, "own") for n in HARD] + [pytest.param(n, "torch", marks=pytest.mark.slow) for n in TORCH])
def test_it_survives(name, backend):
    if backend == "torch":
        pytest.importorskip("botorch", exc_type=ImportError)
    rows, values, failed = HARD[name]
    space = mixed_space()
    settings = PlanSettings(particles=12, moves=5, samples=128, shortlist=60, backend=backend)
    found = propose(space, seen(rows, values, failed), [YIELD], 2, settings=settings, seed=1)
    assert len(found) == 2
    assert space.feasible(found.rows).all()
    assert found.backend == ("spread" if name in ("all failed", "nothing yet") else backend)
    assert all(found.why)
    if found.backend != "spread":
        assert np.isfinite(found.mean).all()
        assert np.isfinite(found.std).all()
        assert np.isfinite(found.worth)


def test_a_constant_variable_does_no_harm():
    space = Space.of([Variable("x", low=0.0, high=1.0), Variable("same", low=2.0, high=2.0), Variable("one", "categorical", levels=("only",))])
    rows = np.c_[np.linspace(0, 1, 5), np.full(5, 2.0), np.zeros(5)]
    found = propose(space, seen(rows, rows[:, 0]), [YIELD], 2, settings=QUICK)
    assert space.feasible(found.rows).all()


def test_a_product_space_of_a_million_million_is_not_listed():
    space = Space.of([Variable(f"v{k}", "categorical", levels=tuple(f"l{i}" for i in range(100))) for k in range(6)])
    rows = sample(space, 40, np.random.default_rng(0))
    tracemalloc.start()
    found = propose(space, seen(rows, (rows == rows[0]).sum(1)), [YIELD], 3, settings=QUICK)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert space.size == pytest.approx(1e12)
    assert len(found) == 3
    assert peak < 300e6


def test_one_figure_not_measured_yet_is_told():
    space = unit_square()
    rows = sample(space, 5, np.random.default_rng(0))
    goals = [YIELD, Objective("purity")]
    found = propose(space, seen(rows, np.c_[rows[:, 0], np.full(5, np.nan)]), goals, 1, settings=QUICK)
    assert "purity" in found.notes[0]
    assert np.isnan(found.mean[0, 1])


@pytest.mark.parametrize(("n", "goals"), [(0, [YIELD]), (1, [])], ids=["none asked for", "no objective"])
def test_nothing_asked_for_is_refused(n, goals):
    with pytest.raises(InputError, match="asked for"):
        propose(unit_square(), seen(np.zeros((0, 2)), []), goals, n)


@pytest.mark.parametrize("change", [{"backend": "gpu"}, {"particles": 0}, {"length_std": -1.0}], ids=str)
def test_settings_are_checked(change):
    with pytest.raises(InputError):
        PlanSettings(**change)


def test_the_hash_names_the_settings():
    assert PlanSettings().sha256 == PlanSettings().sha256
    assert PlanSettings(particles=3).sha256 != PlanSettings().sha256


# --- the same call on BoTorch


@pytest.mark.slow
def test_torch_finds_an_optimum_keeps_a_limit_and_takes_a_mechanism():
    pytest.importorskip("botorch", exc_type=ImportError)
    torch = PlanSettings(backend="torch")
    space = mixed_space()

    def truth(rows):
        u = space.unit(rows)
        return 90 - 80 * (u[:, 0] - 0.7) ** 2 - 25 * (u[:, 3] != 3)

    rows = sample(space, 12, np.random.default_rng(3))
    for step in range(2):
        rows = np.vstack([rows, propose(space, seen(rows, truth(rows)), [YIELD], 2, settings=torch, seed=step).rows])
    assert truth(rows).max() > 87
    a, b = (propose(space, seen(rows, truth(rows)), [YIELD], 1, settings=torch, seed=4) for _ in range(2))
    assert np.array_equal(a.rows, b.rows)
    square, points = unit_square(), sample(unit_square(), 14, np.random.default_rng(1))
    goals = [YIELD, Objective("impurity", "at_most", target=0.5)]
    found = propose(square, seen(points, np.stack([points.sum(1), points[:, 0]], 1)), goals, 2, settings=torch)
    assert (found.rows[:, 0] < 0.62).all()

    def mechanism(r):
        return -((r[:, [0]] - 0.3) ** 2) - (r[:, [1]] - 0.6) ** 2

    near = propose(square, seen(points, mechanism(points)), [YIELD], 1, settings=torch, prior_mean=mechanism)
    assert np.allclose(near.rows[0], [0.3, 0.6], atol=0.15)


@pytest.mark.slow
def test_torch_takes_two_objectives_borrowed_data_rules_and_failures():
    pytest.importorskip("botorch", exc_type=ImportError)
    torch = PlanSettings(backend="torch")
    space = unit_square(2)
    rows = sample(space, 10, np.random.default_rng(0))
    goals = [Objective("a"), Objective("b", "minimise")]
    found = propose(space, seen(rows, np.c_[rows[:, 0], rows[:, 0] ** 2 + rows[:, 1]], task=[0] * 5 + [1] * 5), goals, 2, settings=torch)
    assert found.mean.shape == (2, 2)
    tied = Space.of(space.variables, [Constraint("x0 + x1 <= 0.8")])
    failed = rows[:, 1] > 0.7
    kept = propose(tied, seen(rows, np.where(failed, np.nan, rows[:, 0]), failed), [YIELD], 2, settings=torch)
    assert tied.feasible(kept.rows).all()
    assert (kept.chance > 0.3).all()


def test_the_defaults_are_those_that_sat_the_exam():
    frozen = Path(__file__).resolve().parents[1] / "benchmarks" / "campaign_settings.sha256"
    assert PlanSettings().sha256 == frozen.read_text().split()[0]
