"""Hybrid, learners and posterior: derivatives, limits, conservation, and the published split errors."""

from __future__ import annotations

import casadi as ca
import numpy as np
import pytest

from chemwright.errors import ConvergenceError, InputError
from chemwright.kinetics import pack, problem_of, unpack
from chemwright.kinetics.closure import ClosedFlowModel, ClosedLaw
from chemwright.kinetics.deletion import leave_one_out
from chemwright.kinetics.regress import Scaling, learner_alone, start_points, train_hybrid, train_mechanism
from chemwright.model import Gaussian, GaussianProcess, Hybrid, Perceptron, Widths, check_posterior, fit_map
from chemwright.model.evidence import choose


def gp(n: int = 12, d: int = 3, seed: int = 0) -> GaussianProcess:
    x = np.random.default_rng(seed).uniform(0, 1, (n, d))
    return GaussianProcess.on(x, 0.3, np.full(d, 0.8), np.full(d, 0.5), np.full(d, 0.5))


def perceptron() -> Perceptron:
    return Perceptron(3, 5, 0.4, np.full(3, 0.5), np.full(3, 0.5))


@pytest.mark.parametrize("learner", [gp(), perceptron()], ids=["gaussian-process", "perceptron"])
def test_learner_is_the_same_in_numpy_and_casadi_and_its_slopes_are_exact(learner: GaussianProcess | Perceptron) -> None:
    rng = np.random.default_rng(1)
    x, w = rng.uniform(0, 1, (20, 3)), rng.standard_normal(learner.n_weights)
    f, df = learner.design(x, w)
    sx, sw = ca.SX.sym("x", 3), ca.SX.sym("w", learner.n_weights)
    expression = learner.evaluate(ca.vertsplit(sx), ca.vertsplit(sw))
    call = ca.Function("f", [sx, sw], [expression, ca.jacobian(expression, sw)])
    for row, value, slope in zip(x, f, df, strict=True):
        a, b = call(row, w)
        assert abs(float(a) - value) < 1e-10
        assert np.max(np.abs(np.array(b).ravel() - slope)) < 1e-10
        assert abs(float(learner.evaluate(row, w)) - value) < 1e-10


def test_weight_space_process_equals_the_kernel_formula() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.uniform(0, 1, (15, 2)), rng.standard_normal(15)
    process = GaussianProcess.on(x, 0.7, np.array([0.4, 0.6]), np.zeros(2), np.ones(2), tolerance=1e-14)
    query, sigma = rng.uniform(0, 1, (8, 2)), 0.1
    _, phi = process.design(x, np.zeros(process.n_weights))
    _, psi = process.design(query, np.zeros(process.n_weights))
    w = np.linalg.solve(phi.T @ phi + sigma**2 * np.eye(process.n_weights), phi.T @ y)

    def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return 0.49 * np.exp(-0.5 * (((a[:, None] - b[None]) / np.array([0.4, 0.6])) ** 2).sum(-1))

    expected = kernel(query, x) @ np.linalg.solve(kernel(x, x) + sigma**2 * np.eye(15), y)
    assert psi @ w == pytest.approx(expected, abs=1e-6)


def test_process_round_trips_through_plain_arrays() -> None:
    process = gp()
    again = GaussianProcess.from_arrays({k: np.array(v.tolist()) for k, v in process.arrays().items()})
    x, w = np.random.default_rng(0).uniform(0, 1, (4, 3)), np.ones(process.n_weights)
    assert np.array_equal(again.design(x, w)[0], process.design(x, w)[0])


def test_linear_model_gives_the_conjugate_posterior() -> None:
    rng = np.random.default_rng(3)
    a, y = rng.standard_normal((9, 3)), rng.standard_normal(9)
    prior = Gaussian(np.array([1.0, -1.0, 0.5]), np.diag([1.0, 4.0, 0.25]))
    fit = fit_map(lambda t: (a @ t, a), y, 0.3, prior)
    precision = a.T @ a / 0.09 + np.linalg.inv(prior.cov)
    mean = np.linalg.solve(precision, a.T @ y / 0.09 + np.linalg.solve(prior.cov, prior.mean))
    assert fit.posterior.mean == pytest.approx(mean, abs=1e-7)
    assert fit.posterior.cov == pytest.approx(np.linalg.inv(precision), rel=1e-8)
    check = check_posterior(lambda ts: ts @ a.T, y, fit, n=4000, seed=0)
    assert check.mean_shift < 0.1
    assert 0.93 < check.std_ratio_min <= check.std_ratio_max < 1.07


def test_fit_without_data_or_without_convergence_says_so() -> None:
    prior = Gaussian(np.zeros(1), np.eye(1))
    with pytest.raises(InputError, match="no observation"):
        fit_map(lambda t: (t, np.eye(1)), np.zeros(0), 1.0, prior)

    def broken(t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.full(1, np.nan), np.eye(1)

    with pytest.raises((ConvergenceError, ValueError)):
        fit_map(broken, np.zeros(1), 1.0, prior)


def test_evidence_finds_the_noise_of_a_simulated_set() -> None:
    rng = np.random.default_rng(4)
    jac = rng.standard_normal((400, 2))
    z = jac @ np.array([0.5, -0.2]) + 0.05 * rng.standard_normal(400)
    hyper = choose(z, jac, Gaussian(np.zeros(2), np.eye(2)), None, jac, Widths(noise=(0.02, 1.0)))
    assert hyper.sigma == pytest.approx(0.05, rel=0.1)


@pytest.fixture(scope="module")
def problem(snar):
    return problem_of(snar)


@pytest.fixture(scope="module")
def mechanism(problem):
    return train_mechanism(problem.model, problem.prior, problem.x, problem.y, Widths())


@pytest.mark.parametrize("join", ["residual", "parameter"])
def test_hybrid_slopes_are_exact(problem, join: str) -> None:
    x = problem.x[:6]
    process = GaussianProcess.on(x, 0.2, np.ones(4), x.mean(0), x.std(0))
    direction = np.r_[np.ones(4), np.zeros(4)]
    hybrid = Hybrid(problem.model, problem.prior, process, join, direction)
    phi = np.concatenate([problem.prior.mean, 0.3 * np.ones(process.n_weights)])
    _, jac = hybrid.evaluate(phi, x)
    for k in (0, 2, 5, len(phi) - 1):
        step = np.zeros(len(phi))
        step[k] = 1e-3 * max(1.0, abs(phi[k]))
        numeric = (hybrid.evaluate(phi + step, x)[0] - hybrid.evaluate(phi - step, x)[0]) / (2 * step[k])
        assert jac[:, k] == pytest.approx(numeric, rel=2e-3, abs=1e-7)


def test_hybrid_inside_casadi_moves_parameters_as_in_numpy(problem) -> None:
    x = problem.x[:6]
    process = GaussianProcess.on(x, 0.2, np.ones(4), x.mean(0), x.std(0))
    hybrid = Hybrid(problem.model, problem.prior, process, "parameter", np.r_[np.ones(4), np.zeros(4)])
    phi = np.concatenate([problem.prior.mean, np.linspace(-1, 1, process.n_weights)])
    symbol = ca.SX.sym("x", 4)
    call = ca.Function("theta", [symbol], [ca.vertcat(*hybrid.parameters_at(ca.vertsplit(symbol), phi))])
    f, _ = process.design(x, phi[8:])
    for row, value in zip(x, f, strict=True):
        assert np.array(call(row)).ravel() == pytest.approx(phi[:8] + value * hybrid.direction, abs=1e-9)


@pytest.mark.parametrize("join", ["nonsense", "residual"])
def test_hybrid_refuses_a_wrong_join(problem, join: str) -> None:
    with pytest.raises(InputError):
        Hybrid(problem.model, problem.prior, None, join)


def test_closure_conserves_atoms_and_learns_a_hidden_factor(problem, snar) -> None:
    from chemwright.model.reactors import profile
    from chemwright.structure import molecule

    law = problem.model.law
    learner = Perceptron(7, 3, 1.0, np.r_[np.full(6, 250.0), 373.0], np.r_[np.full(6, 250.0), 40.0])
    closed = ClosedLaw(law, learner, (0,))
    theta = np.concatenate([problem.prior.mean - np.r_[np.full(4, 2.9), np.zeros(4)], 0.7 * np.ones(learner.n_weights)])
    c_in = np.array(problem.model.inlet(problem.x[3]), dtype=float)
    run = profile(closed, theta, c_in, 370.0, 60.0)
    counts = [molecule(snar.species_by_id(s).smiles).elements for s in law.network.species]
    for element in ("C", "N", "F", "H", "O"):
        atoms = run.c @ np.array([c.get(element, 0) for c in counts])
        assert atoms == pytest.approx(np.full(len(atoms), atoms[0]), rel=1e-10)
    assert run.c.min() > -1e-6
    model = ClosedFlowModel(problem.model, closed)
    x = problem.x[:10]
    y, _ = model.evaluate(theta, x)
    hybrid = Hybrid(model, problem.prior, learner, "closure", sigma=0.01).train(x, y)
    alone = Hybrid(problem.model, problem.prior, sigma=0.01).train(x, y)
    assert hybrid.fit is not None
    assert alone.fit is not None
    assert np.sqrt(np.mean(hybrid.fit.residual**2)) < 0.005
    assert hybrid.fit.objective < alone.fit.objective


def test_packed_hybrid_predicts_the_same(problem, snar_results) -> None:
    hybrid = unpack(snar_results["fit"]["hybrid"], problem)
    again = unpack(pack(hybrid), problem)
    assert np.array_equal(again.predict(problem.x).mean, hybrid.predict(problem.x).mean)


def test_prediction_knows_its_domain_and_widens_away_from_data(problem, snar_results) -> None:
    hybrid = unpack(snar_results["fit"]["hybrid"], problem)
    inside = hybrid.predict(problem.x[:5])
    far = hybrid.predict(np.array([[30.0, 1.0, 100.0, 325.0]]))
    assert inside.in_domain.all()
    assert not far.in_domain.any()
    assert far.std[0] > 2 * inside.std.max()


def test_without_data_nearby_the_mechanism_speaks(problem, mechanism) -> None:
    hybrid, hyper = train_hybrid(mechanism, problem.x, problem.y, Widths(), Scaling.of(problem.x))
    far = np.array([[75.0, 3.0, 300.0, 1200.0]])
    assert hybrid.learner is not None
    f, _ = hybrid.learner.design(far, hybrid.fit.posterior.mean[8:])
    assert abs(f[0]) < 1e-3 * hyper.amplitude


@pytest.mark.slow
def test_twenty_far_starts_reach_one_optimum(problem) -> None:
    starts = start_points(problem.prior, 20, 3.0, 0, 4)
    hybrid = Hybrid(problem.model, problem.prior, sigma=0.021).train(problem.x, problem.y, starts)
    reached = np.array(hybrid.fit.starts)
    assert np.sum(np.abs(reached - reached.min()) < 1e-3 * (1 + reached.min())) >= 18


@pytest.mark.slow
@pytest.mark.parametrize("split", ["first 18", "below 120 degC"])
def test_hybrid_beats_the_mechanism_and_halves_the_process_out_of_sample(problem, split: str) -> None:
    everything = np.arange(len(problem.y))
    train = everything[:18] if split == "first 18" else everything[problem.x[:, 3] < 393.15]
    test = np.setdiff1d(everything, train)
    x, y, scaling = problem.x[train], problem.y[train], Scaling.of(problem.x[train])
    alone = train_mechanism(problem.model, problem.prior, x, y, Widths())
    hybrid, _ = train_hybrid(alone, x, y, Widths(), scaling)
    peer, _ = learner_alone(x, y, scaling)

    def rmse(mean: np.ndarray) -> float:
        return float(np.sqrt(np.mean((np.expm1(mean) - problem.raw[test]) ** 2)))

    ours = rmse(hybrid.predict(problem.x[test]).mean)
    assert ours <= rmse(alone.predict(problem.x[test]).mean)
    assert ours <= 0.5 * rmse(peer(problem.x[test])[0])


def test_case_deletion_agrees_with_a_full_refit(problem, mechanism) -> None:
    mean, std = leave_one_out(mechanism, problem.x)
    for i in (2, 30):
        keep = np.delete(np.arange(len(problem.y)), i)
        refit = Hybrid(problem.model, problem.prior, sigma=mechanism.sigma).train(problem.x[keep], problem.y[keep], [mechanism.fit.posterior.mean])
        again = refit.predict(problem.x[[i]])
        assert mean[i] == pytest.approx(again.mean[0], abs=2e-4)
        assert std[i] == pytest.approx(again.std[0], rel=0.05)


def test_fit_reports_what_the_data_informed(snar_results) -> None:
    fit = snar_results["fit"]
    for row in fit["parameters"].values():
        assert row["informed"] == (row["std"] <= 0.7 * row["prior_std"])
    assert fit["parameters"]["k.r1"]["informed"]
    assert not fit["parameters"]["k.r4"]["informed"]
    assert fit["starts"]["same"] == fit["starts"]["n"]
    assert fit["loo"]["hybrid"] <= fit["loo"]["mechanism"] <= 0.06
    band = 2 * np.sqrt(0.09 / fit["n"])
    assert abs(fit["coverage"]["hybrid"] - 0.9) <= band
    assert fit["sampler"]["effective"] > 20
    assert fit["sampler"]["mean_shift"] < 0.5


def test_the_runs_at_one_equivalent_need_another_base_than_the_amine(problem, snar) -> None:
    """E = (m_SM + m_amine)/m_ortho - 1: half the amine bound as salt would leave a yield of 0.5 at most."""
    mass = {s.id: s.molar_mass for s in snar.species}
    one = problem.x[:, 1] == 1.0
    yields = (mass["SM"] + mass["amine"]) / mass["ortho"] / (1 + problem.raw[one])
    assert yields.max() == pytest.approx(0.88, abs=0.01)
    assert yields.min() > 0.5
    assert (mass["SM"] + mass["amine"]) / (0.5 * mass["ortho"]) - 1 == pytest.approx(1.18, abs=0.01)
