"""Fits of rate laws to runs: the truth found from far, noise, posterior that covers, weak directions, diagnostics, rivals, and plain failure."""

import itertools
import math

import numpy as np
import pytest
from attrs import evolve, frozen

from chemwright.errors import ConvergenceError, InputError
from chemwright.kinetics import MassAction, Network, parse_reaction
from chemwright.kinetics.diagnose import diagnose, sentences
from chemwright.kinetics.fitting import fit_runs, log_likelihood, noise_of, starting_points
from chemwright.kinetics.fitting_problem import default_prior, kinds_of, problem_of
from chemwright.kinetics.identify import information, loose_parameters, profile, weaknesses
from chemwright.kinetics.rivals import compare, folds, left_out, ln_evidence, with_probability
from chemwright.kinetics.runs import Run, RunSet
from chemwright.kinetics.simulate import simulate
from chemwright.model.lower import exp
from chemwright.model.posterior import Gaussian

SPECIES = ("A", "B", "C")
TRUTH = np.array([math.log(2e-3), math.log(7e-4), 65e3, 82e3])
TIMES = np.geomspace(40.0, 3000.0, 8)


def law(*texts, species=SPECIES, t_ref=330.0):
    texts = texts or ("A -> B", "B -> C")
    return MassAction(Network(species, tuple(parse_reaction(t, f"r{i}") for i, t in enumerate(texts, 1))), (t_ref,) * len(texts))


def made(truth=TRUTH, model=None, temperatures=(315.0, 330.0, 345.0), noise=8.0, seed=2, reads=SPECIES, feed=(1000.0, 0.0, 0.0), times=TIMES, copies=1, std=False):
    """Runs simulated with normal noise."""
    model, rng, runs = model or law(), np.random.default_rng(seed), []
    for t in temperatures:
        for k in range(copies):
            run = Run(f"{t:g}-{k}", "batch", feed, t, times, np.zeros((len(times), len(reads))))
            c = simulate(model, run, np.asarray(truth))[:, [SPECIES.index(s) for s in reads]]
            runs.append(evolve(run, observed=c + noise * rng.standard_normal(c.shape), std=np.full(c.shape, noise) if std else None))
    return RunSet(SPECIES, reads, runs)


@pytest.fixture(scope="module")
def fit():
    return fit_runs(law(), made(), starts=8)


def test_the_truth_is_found_from_every_start(fit):
    assert np.all(np.abs(fit.theta - TRUTH) < 4 * fit.posterior.std)
    assert {s.optimum for s in fit.starts} == {0}
    assert fit.gain < 1e-6
    assert fit.notes == ()
    assert list(fit.noise.values()) == pytest.approx([8.0] * 3, rel=0.35)


def test_the_fit_is_the_minimum_of_least_squares(fit):
    """Against SciPy on the same residuals, with finite differences."""
    from scipy.optimize import least_squares

    p, chol = fit.problem, np.linalg.cholesky(fit.problem.prior.cov)

    def residual(z):
        return np.concatenate([(p.evaluate(p.prior.mean + chol @ z, 1e-10, False)[0] - p.y) / fit.sigma, z])

    peer = least_squares(residual, np.linalg.solve(chol, TRUTH - p.prior.mean), jac="3-point", xtol=1e-12, ftol=1e-12, gtol=1e-12)
    assert (p.prior.mean + chol @ peer.x - fit.theta) / fit.posterior.std == pytest.approx(0.0, abs=1e-2)
    cov = chol @ np.linalg.inv(peer.jac.T @ peer.jac) @ chol.T
    assert np.sqrt(np.diag(cov)) == pytest.approx(fit.posterior.std, rel=1e-3)


def test_the_same_seed_gives_the_same_fit_and_another_the_same_answer(fit):
    again, other = fit_runs(law(), made(), starts=3, seed=5), fit_runs(law(), made(), starts=3, seed=6)
    assert again.theta.tolist() == fit_runs(law(), made(), starts=3, seed=5).theta.tolist()
    assert (other.theta - fit.theta) / fit.posterior.std == pytest.approx(0.0, abs=5e-3)


def test_intervals_cover_the_truth():
    """Twenty data sets: 90 % intervals of four parameters hold the truth in 80 draws as a coin of 0.9 would (99.9 % band)."""
    hits = [np.abs(f.theta - TRUTH) < 1.645 * f.posterior.std for f in (fit_runs(law(), made(seed=100 + s), starts=1) for s in range(20))]
    assert 61 <= int(np.sum(hits)) <= 79


def test_known_noise_is_used_as_given():
    known = fit_runs(law(), made(std=True), starts=1)
    assert known.noise == dict.fromkeys(SPECIES, 8.0)
    assert known.n_estimated == 4
    assert known.chi_square == pytest.approx(1.0, abs=0.5)
    assert any(t.name == "given noise" and t.ok for t in diagnose(known).tests)


def test_noise_in_proportion_to_the_reading_is_found_and_told():
    rng, exact = np.random.default_rng(3), made(noise=0.0)
    runs = evolve(exact, runs=tuple(evolve(r, observed=r.observed * (1 + 0.04 * rng.standard_normal(r.observed.shape))) for r in exact.runs))
    even, relative = fit_runs(law(), runs, starts=2), fit_runs(law(), runs, starts=2, noise="relative")
    assert list(relative.noise.values()) == pytest.approx([0.04] * 3, rel=0.45)
    assert relative.aicc < even.aicc - 10
    assert any("relative noise" in t.words for t in diagnose(even).tests)
    assert ln_evidence(relative) > ln_evidence(even) + 5
    assert left_out(relative).sum() > left_out(even).sum()
    assert np.all(np.abs(relative.theta - TRUTH) < 4 * relative.posterior.std)
    with pytest.raises(InputError, match="noise"):
        fit_runs(law(), runs, noise="relativ")


def test_missing_species_other_samplings_and_empty_cells():
    runs = made(reads=("A", "C"))
    holes = [evolve(r, times=r.times[i:], observed=np.where(np.random.default_rng(i).random(r.observed[i:].shape) < 0.3, np.nan, r.observed[i:])) for i, r in enumerate(runs.runs)]
    f = fit_runs(law(), evolve(runs, runs=tuple(holes)), starts=5)
    assert np.all(np.abs(f.theta - TRUTH) < 4 * f.posterior.std)
    assert len(f.residual) < 48


def test_criteria_are_their_formulas(fit):
    n, k = len(fit.residual), 4 + 3
    ml = noise_of(fit.problem, fit.residual, np.zeros(n))
    assert fit.log_likelihood == pytest.approx(-0.5 * n * (1 + math.log(2 * math.pi)) - np.log(ml).sum())
    assert fit.aicc == pytest.approx(-2 * fit.log_likelihood + 2 * k * n / (n - k - 1))
    assert fit.bic == pytest.approx(-2 * fit.log_likelihood + k * math.log(n))
    assert log_likelihood(fit.problem, fit.residual) == fit.log_likelihood
    assert fit.leverage.sum() == pytest.approx(4.0, abs=0.05)  # as many as there are parameters, the prior being wide


def test_an_energy_without_a_second_temperature_is_told():
    one = fit_runs(law(), made(temperatures=(330.0,), copies=2), starts=3)
    words = [w.words for w in weaknesses(one)]
    assert any("Ea.r1 alone" in w and "nothing" in w for w in words)
    assert any("Ea.r2 alone" in w for w in words)
    assert not any("k.r1" in w for w in words)
    assert information(one)[-1] < 0.1


def test_a_fast_equilibrium_leaves_a_ratio_only():
    """A <-> B far faster than the samples: only k1/k2 is in the readings, and the profile says that each has a lower limit alone."""
    fast = law("A -> B", "B -> A", species=("A", "B"))
    rng, runs = np.random.default_rng(3), []
    for i in range(3):
        c = 1000 * np.array([[1 / 3, 2 / 3]] * 6) + 5 * rng.standard_normal((6, 2))
        runs.append(Run(f"{i}", "batch", (1000.0, 0.0), 330.0, np.linspace(100, 600, 6), c))
    f = fit_runs(fast, RunSet(("A", "B"), ("A", "B"), runs), starts=6)
    words = [w.words for w in weaknesses(f)]
    assert any("their ratio is known" in w and "k.r1" in w and "k.r2" in w for w in words)
    assert f.theta[0] - f.theta[1] == pytest.approx(math.log(2.0), abs=0.05)
    assert "k.r1" in loose_parameters(f)
    assert "only a lower limit to k.r1" in profile(f, "k.r1").words


def test_a_step_that_does_not_happen_has_an_upper_limit():
    f = fit_runs(law("A -> B", "B -> C"), made(truth=[TRUTH[0], -40.0, TRUTH[2], 70e3], temperatures=(330.0,), copies=2), starts=3)
    found = profile(f, "k.r2")
    assert "only an upper limit to k.r2" in found.words
    assert found.high is not None
    assert math.exp(found.high) < 1e-4


def test_a_profile_of_a_known_parameter_is_its_interval(fit):
    found = profile(fit, "k.r1")
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * fit.posterior.std[0], rel=0.1)
    assert "between" in found.words


def test_diagnostics_of_a_good_fit_are_quiet(fit):
    d = diagnose(fit)
    assert d.ok
    assert d.odd == ()
    assert sentences(d.tests) == ["what the fit left over looks like noise"]


def test_diagnostics_find_what_is_wrong():
    runs = made(copies=2)
    bad = [np.array(r.observed) for r in runs.runs]
    bad[0][3, 1] += 200.0
    bad[3][:, 2] += 60.0
    d = diagnose(fit_runs(law(), evolve(runs, runs=tuple(evolve(r, observed=y) for r, y in zip(runs.runs, bad, strict=True))), starts=3))
    assert any(o.run == "315-0" and o.observable == "B" and o.time is not None for o in d.odd)
    assert any(o.run == "330-1" and o.observable == "C" and o.time is None for o in d.odd)
    assert not d.ok


def test_lack_of_fit_and_pure_error_come_from_replicates():
    runs = made(copies=3)
    wrong, right = fit_runs(law("A -> B", "A -> C"), runs, starts=3), fit_runs(law(), runs, starts=3)
    assert diagnose(right).pure_error == pytest.approx(dict.fromkeys(SPECIES, 8.0), rel=0.25)
    assert all(t.ok for t in diagnose(right).tests if t.name == "lack of fit")
    assert any(not t.ok for t in diagnose(wrong).tests if t.name == "lack of fit")
    assert any("scatter" in s for s in sentences(diagnose(wrong).tests))


@pytest.fixture(scope="module")
def ranking():
    return compare({"series": law(), "parallel": law("A -> B", "A -> C"), "both": law("A -> B", "B -> C", "A -> C")}, made(), starts=3)


def test_the_true_network_is_told_from_its_rivals(ranking):
    assert ranking.rivals[0].name == "series"
    assert ranking["series"].probability > 0.6
    assert ranking["parallel"].probability < 1e-10
    assert ranking["series"].left_out > ranking["parallel"].left_out + 20
    assert ranking.bayes_factor("series", "parallel") > 1e10
    assert sum(r.probability for r in ranking.rivals) == pytest.approx(1.0)
    assert "series" in ranking.words[0]


def test_a_wrong_network_alone_is_told_to_be_wrong():
    found = compare({"parallel": law("A -> B", "A -> C")}, made(), starts=3)
    assert not found.sure
    assert any("none of these" in w for w in found.words)


def test_rivals_that_can_not_be_told_apart_are_not():
    """With A alone read, B -> C can't be seen."""
    found = compare({"short": law("A -> B"), "shorter": law("A -> C")}, made(reads=("A",)), starts=2)
    assert not found.sure
    assert "can't be ruled out" in found.words[0]
    assert with_probability(found, {"short": 1.0}).rivals[0].name == "short"


def test_the_evidence_is_that_of_a_linear_model():
    """Known noise and a model that is linear over its posterior: Laplace is exact, and importance sampling agrees."""
    f = fit_runs(law(), made(std=True, noise=2.0), starts=1)
    chol = np.linalg.cholesky(f.posterior.cov) * 1.3
    unit = np.random.default_rng(0).standard_normal((400, 4))
    logs = []
    for u in unit:
        theta = f.theta + chol @ u
        r = (f.problem.y - f.problem.evaluate(theta, 1e-7, False)[0]) / f.sigma
        z = np.linalg.solve(np.linalg.cholesky(f.problem.prior.cov), theta - f.problem.prior.mean)
        prior = -0.5 * z @ z - 0.5 * np.linalg.slogdet(f.problem.prior.cov)[1]
        logs.append(-0.5 * np.sum(r**2 + np.log(2 * np.pi * f.sigma**2)) + prior + 0.5 * u @ u + np.log(np.diag(chol)).sum())
    logs = np.array(logs)
    assert ln_evidence(f) == pytest.approx(logs.max() + math.log(np.mean(np.exp(logs - logs.max()))), abs=0.15)


def test_a_rival_that_only_adds_steps_is_told_to(ranking):
    assert any("both is series and more: its 2 further parameters gain" in w for w in ranking.words)


def test_left_out_runs_come_in_folds(fit):
    assert len(folds(fit.runs)) == 3
    many = RunSet(SPECIES, SPECIES, [evolve(fit.runs.runs[0], id=str(i)) for i in range(30)])
    parts = folds(many)
    assert len(parts) == 12
    assert sorted(i for p in parts for i in p) == sorted(many.ids)
    assert np.all(np.isfinite(left_out(fit)))


@pytest.mark.parametrize("value", [0.0, 5.0], ids=["all zero", "all the same"])
def test_readings_without_any_change_do_not_break_the_fit(value):
    runs = made()
    flat = evolve(runs, runs=tuple(evolve(r, observed=np.column_stack([np.full(8, 1000.0), np.full((8, 2), value)])) for r in runs.runs))
    f = fit_runs(law(), flat, starts=3)
    assert np.all(np.isfinite(f.theta))
    assert math.exp(f.theta[0]) < 2e-5


def test_exact_readings_and_contradictory_replicates():
    exact = fit_runs(law(), made(noise=0.0), starts=2)
    assert exact.theta == pytest.approx(TRUTH, rel=1e-4)
    runs = made(copies=2)
    split = evolve(runs, runs=tuple(evolve(r, observed=r.observed * (0.7 if r.id.endswith("1") else 1.3)) for r in runs.runs))
    d = diagnose(fit_runs(law(), split, starts=3))
    assert max(d.pure_error.values()) > 100


def test_a_time_limit_gives_no_answer_but_says_so():
    with pytest.raises(ConvergenceError, match="none of 1 starts") as caught:
        fit_runs(law(), made(), starts=20, time_limit=0.0)
    assert "time limit" in caught.value.message
    assert caught.value.fix


def test_a_network_that_can_not_be_integrated_fails_plainly():
    """Autocatalysis of third order blows up in finite time from everywhere the prior allows."""
    wild = law("3 A -> 4 A", species=("A",))
    runs = RunSet(("A",), ("A",), [Run("one", "batch", (1000.0,), 330.0, TIMES, np.full((8, 1), 2000.0))])
    with pytest.raises(ConvergenceError, match="converge") as caught:
        fit_runs(wild, runs, Gaussian(np.array([20.0, 5e4]), np.diag([0.1, 1.0])), starts=2, time_limit=20.0)
    assert "integrat" in str(caught.value)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: fit_runs(law("A -> D", species=("A", "D")), made()), "the network has not"),
        (lambda: fit_runs(law(), made(), Gaussian(np.zeros(3), np.eye(3))), "3 parameters"),
        (lambda: fit_runs(law(), made(), starts=[]), "no starting point"),
        (lambda: compare({}, made()), "no model"),
        (lambda: problem_of(law(), RunSet(SPECIES, SPECIES, [evolve(made().runs[0], observed=np.full((8, 3), np.nan))])), "no readings"),
        (lambda: problem_of(law(), RunSet(SPECIES, SPECIES, [made().runs[0], made(std=True).runs[1]])), "without standard deviations"),
    ],
    ids=["species", "prior", "starts", "models", "readings", "std"],
)
def test_bad_problems_are_refused(call, said):
    with pytest.raises(InputError, match=said):
        call()


def test_starts_spread_as_told_and_leave_what_is_fixed():
    prior = default_prior(law(), made())
    points = np.array(starting_points(prior, law().names, kinds_of(law()), 200, 3.0, 0))
    off = (points[1:, :2] - prior.mean[:2]) / math.log(10)
    assert np.abs(off).max() <= 3.0
    assert np.abs(off).max() > 2.8
    assert points[1:, 2:].min() >= 20e3
    fixed = Gaussian(prior.mean, np.diag([1.0, 1e-12, 1e8, 1e-8]))
    points = np.array(starting_points(fixed, law().names, kinds_of(law()), 20, 3.0, 0))
    assert np.ptp(points[:, [1, 3]], axis=0) == pytest.approx(0.0)
    assert kinds_of(("k.r1", "K_A", "Ea.r1", "dH_A", "n_A.r1", "w.0", "kLa")) == ("log", "log", "energy", "energy", "plain", "plain", "plain")


def test_a_stiff_network_gives_what_the_data_hold():
    """Robertson's kinetics (1966) with A and C read: nine decades between the constants, and by the quasi-steady state of B only k2/k3^2 is in the readings."""
    network = law("A -> B", "2 B -> C + B", "B + C -> A + C")
    truth = np.array([math.log(0.04), math.log(3e4), math.log(10.0), 5e4, 5e4, 5e4])
    times = np.geomspace(1.0, 1e5, 12)
    rng, runs = np.random.default_rng(0), []
    for feed in (1000.0, 500.0):
        run = Run(f"{feed:g}", "batch", (feed, 0.0, 0.0), 330.0, times, np.zeros((12, 2)))
        c = simulate(network, run, truth)[:, [0, 2]]
        runs.append(evolve(run, observed=c + 5 * rng.standard_normal(c.shape)))
    f = fit_runs(network, RunSet(SPECIES, ("A", "C"), runs), starts=6)
    assert f.theta[0] == pytest.approx(truth[0], abs=4 * f.posterior.std[0])
    assert f.theta[1] - 2 * f.theta[2] == pytest.approx(truth[1] - 2 * truth[2], abs=0.3)
    assert any("only the ratio k.r2/k.r3^2" in w.words for w in weaknesses(f))
    assert "only a lower limit to k.r2" in profile(f, "k.r2").words


def test_constants_that_can_be_exchanged_are_fitted_on_their_ridge():
    """A chain whose middle is not read: the order of its constants can't be told, and Gauss and Newton's matrix alone creeps along the ridge."""
    names = ("A", "B", "C", "D", "E")
    chain = law(*(f"{a} -> {b}" for a, b in itertools.pairwise(names)), species=names)
    truth, rng, runs = np.array([*np.log([1e-3, 1.1e-3, 0.9e-3, 1e-3]), *[65e3] * 4]), np.random.default_rng(5), []
    for t in (320.0, 340.0):
        run = Run(f"{t:g}", "batch", (1000.0, 0, 0, 0, 0), t, np.geomspace(200, 12000, 9), np.zeros((9, 2)))
        c = simulate(chain, run, truth)[:, [0, 4]]
        runs.append(evolve(run, observed=c + 5 * rng.standard_normal(c.shape)))
    f = fit_runs(chain, RunSet(names, ("A", "E"), runs), starts=4)
    assert f.gain < 1e-4
    assert f.theta[1:4].sum() == pytest.approx(truth[1:4].sum(), abs=0.2)
    assert any("k.r3" in w.words and "k.r4" in w.words for w in weaknesses(f))


@frozen
class Product:
    """A first-order rate whose constant is k K^power."""

    power: float
    species = ("A", "B")
    names = ("k.r1", "K.r1")
    n_parameters = 2

    @property
    def stoichiometry(self):
        return np.array([[-1.0, 1.0]])

    def rates(self, c, temperature, theta):
        return [exp(theta[0] + self.power * theta[1]) * c[0]]


@pytest.mark.parametrize(("power", "words"), [(1.0, "product"), (-1.0, "ratio"), (2.0, "^2")], ids=["product", "ratio", "square"])
def test_constants_that_enter_by_a_combination_only_are_told_so(power, words):
    rng = np.random.default_rng(0)
    y = np.column_stack([1000 * np.exp(-2e-3 * TIMES), 1000 - 1000 * np.exp(-2e-3 * TIMES)]) + rng.standard_normal((8, 2))
    runs = RunSet(("A", "B"), ("A", "B"), [Run("one", "batch", (1000.0, 0.0), 330.0, TIMES, y)])
    f = fit_runs(Product(power), runs, Gaussian(np.array([-3.0, 0.0]), np.diag([9.0, 9.0])), starts=3)
    found = weaknesses(f)
    assert found[0].words.startswith("only the ")
    assert words in found[0].words
    assert len(found) == 1
