"""Shapley shares against closed forms: Owen and Prieur (2017) for correlated Gaussians, Ishigami for interactions."""

import time
from itertools import combinations, permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chemwright.errors import ConvergenceError, InputError
from chemwright.model.ledger import Ledger, Root
from chemwright.model.shapley import shapley_from_values, shapley_linear, shapley_sampled, sobol_first_total


def by_definition(J, cov, groups):
    """Average marginal contribution over all orders, with the value function written out."""

    def value(names):
        s = [c for name in names for c in groups[name]]
        if not s:
            return 0.0
        c = cov[s] @ J
        return float(c @ np.linalg.pinv(cov[np.ix_(s, s)], rcond=1e-12, hermitian=True) @ c)

    out = dict.fromkeys(groups, 0.0)
    for order in permutations(groups):
        for i, name in enumerate(order):
            out[name] += value(order[: i + 1]) - value(order[:i])
    return {k: v / factorial(len(groups)) / float(J @ cov @ J) for k, v in out.items()}


def random_case(seed, k, rank=None):
    rng = np.random.default_rng(seed)
    a = rng.standard_normal((k, rank or k))
    return rng.standard_normal(k), a @ a.T


def own(names):
    return {name: [i] for i, name in enumerate(names)}


@pytest.mark.parametrize("rho", [-0.99, -0.5, 0.0, 0.3, 0.9])
def test_two_correlated_gaussians(rho):
    (b1, b2), (s1, s2) = (2.0, -0.7), (1.5, 4.0)
    cov = np.array([[s1**2, rho * s1 * s2], [rho * s1 * s2, s2**2]])
    both = rho * b1 * b2 * s1 * s2
    variance = b1**2 * s1**2 + 2 * both + b2**2 * s2**2
    first = b1**2 * s1**2 * (1 - rho**2 / 2) + both + b2**2 * s2**2 * rho**2 / 2
    shares = shapley_linear([b1, b2], cov, own("ab"))
    assert shares["a"] == pytest.approx(first / variance, abs=1e-13)
    assert shares["b"] == pytest.approx(1 - first / variance, abs=1e-13)
    assert shares.sampled == ()


def test_a_third_independent_input_keeps_its_own_variance():
    rho, b, s = 0.8, np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.5, 0.4])
    cov = np.diag(s**2)
    cov[0, 1] = cov[1, 0] = rho * s[0] * s[1]
    variance = b @ cov @ b
    first = b[0] ** 2 * s[0] ** 2 * (1 - rho**2 / 2) + rho * b[0] * b[1] * s[0] * s[1] + b[1] ** 2 * s[1] ** 2 * rho**2 / 2
    shares = shapley_linear(b, cov, own("abc"))
    assert shares["c"] == pytest.approx(b[2] ** 2 * s[2] ** 2 / variance, abs=1e-14)
    assert shares["a"] == pytest.approx(first / variance, abs=1e-13)
    assert shares == pytest.approx(by_definition(b, cov, own("abc")), abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), rank=st.integers(2, 6))
def test_shares_match_the_definition_sum_to_one_and_ignore_units(seed, rank):
    J, cov = random_case(seed, 6, rank)
    groups = {"a": [0, 4], "b": [1], "c": [2, 3], "d": [5]}
    shares = shapley_linear(J, cov, groups)
    assert sum(shares.values()) == pytest.approx(1.0, abs=1e-12)
    assert min(shares.values()) >= 0
    assert shares == pytest.approx(by_definition(J, cov, groups), abs=1e-8)
    d = 10.0 ** np.random.default_rng(seed).uniform(-6, 6, 6)
    assert shapley_linear(J / d, cov * np.outer(d, d), groups) == pytest.approx(shares, abs=1e-8)


def test_a_duplicate_shares_equally_and_a_witness_gets_its_part():
    """X2 = X1 with Y = X1: knowing either tells all, so each has half, though J of the second is zero."""
    assert shapley_linear([1.0, 0.0], np.ones((2, 2)), own("ab")) == pytest.approx({"a": 0.5, "b": 0.5}, abs=1e-14)


def test_nothing_uncertain_gives_zeros():
    assert shapley_linear([0.0, 0.0], np.eye(2), own("ab")) == {"a": 0.0, "b": 0.0}
    assert shapley_linear([1.0, 1.0], np.zeros((2, 2)), own("ab")) == {"a": 0.0, "b": 0.0}


def test_sixty_independent_roots_are_exact_and_cheap():
    std = np.linspace(0.1, 6.0, 60)
    book = Ledger(tuple(Root.scalar(f"r{i}", 0.0, s, tier="t", source="s") for i, s in enumerate(std)))
    start = time.process_time()
    shares = shapley_linear(np.ones(60), book.cov(), book.groups())
    assert time.process_time() - start < 1.0
    np.testing.assert_allclose(list(shares.values()), std**2 / (std**2).sum(), rtol=1e-13)


def test_components_split_but_chains_hold_together():
    """a - b - c tied in a chain, d alone: the chain's shares are those of the chain by itself, scaled."""
    cov = np.eye(4)
    cov[0, 2] = cov[2, 0] = cov[2, 3] = cov[3, 2] = 0.6
    J, groups = np.array([1.0, 2.0, -1.0, 0.5]), own("adbc")
    shares = shapley_linear(J, cov, groups)
    assert shares == pytest.approx(by_definition(J, cov, groups), abs=1e-13)
    assert shares["d"] == pytest.approx(4 / (J @ cov @ J), abs=1e-14)


def test_thirteen_tied_groups_are_sampled_and_said_so():
    J, cov = random_case(4, 13)
    groups = own([f"g{i}" for i in range(13)])
    exact = shapley_linear(J, cov, groups, max_exact=13)
    shares = shapley_linear(J, cov, groups, pairs=300, seed=1)
    assert exact.sampled == ()
    assert set(shares.sampled) == set(groups)
    assert sum(shares.values()) == pytest.approx(1.0, abs=1e-12)
    assert shares == shapley_linear(J, cov, groups, pairs=300, seed=1)
    for name in groups:
        assert 0 < shares.std_error[name] < 0.02
        assert abs(shares[name] - exact[name]) < 5 * shares.std_error[name]


@pytest.mark.parametrize(
    ("groups", "text"),
    [({"a": [0], "b": [0, 1]}, "stands in groups"), ({"a": [0], "b": [2]}, "names column"), ({"a": [0]}, "no group"), ({"a": [0, 1], "b": []}, "empty")],
)
def test_wrong_groups_are_refused(groups, text):
    with pytest.raises(InputError, match=text):
        shapley_linear([1.0, 1.0], np.eye(2), groups)


def test_wrong_shapes_are_refused():
    with pytest.raises(InputError):
        shapley_linear([1.0, 1.0, 1.0], np.eye(2), own("ab"))
    with pytest.raises(InputError):
        shapley_linear([1.0, np.nan], np.eye(2), own("ab"))


def test_shapley_values_of_a_known_game():
    """Glove game: one left glove (player 0), two right ones; a pair is worth 1: values 2/3, 1/6, 1/6."""
    worth = [float(mask & 1 and mask & 6 > 0) for mask in range(8)]
    np.testing.assert_allclose(shapley_from_values(worth), [2 / 3, 1 / 6, 1 / 6], rtol=1e-14)


A, B = 7.0, 0.1
V1, V2, V13 = 0.5 * (1 + B * np.pi**4 / 5) ** 2, A**2 / 8, B**2 * np.pi**8 * (1 / 18 - 1 / 50)
V = V1 + V2 + V13


def ishigami(x):
    return np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0])


def uniform(n, seed):
    return np.random.default_rng(seed).uniform(-np.pi, np.pi, (n, 3))


def test_ishigami_shapley_effects():
    shares = shapley_sampled(ishigami, uniform, own(["x1", "x2", "x3"]), 20000, 0)
    assert sum(shares.values()) == pytest.approx(1.0, abs=1e-12)
    for name, exact in {"x1": (V1 + V13 / 2) / V, "x2": V2 / V, "x3": V13 / 2 / V}.items():
        assert 0 < shares.std_error[name] < 0.01
        assert abs(shares[name] - exact) < 4 * shares.std_error[name]


def test_standard_errors_of_sampled_shares_are_honest():
    exact = np.array([(V1 + V13 / 2) / V, V2 / V, V13 / 2 / V])
    runs = [shapley_sampled(ishigami, uniform, own(["x1", "x2", "x3"]), 1000, seed) for seed in range(60)]
    scores = (np.array([list(r.values()) for r in runs]) - exact) / np.array([list(r.std_error.values()) for r in runs])
    assert np.abs(scores.std(axis=0) - 1).max() < 0.35
    assert np.abs(scores.mean(axis=0)).max() < 0.5


def test_ishigami_sobol_indices():
    found = sobol_first_total(ishigami, uniform, own(["x1", "x2", "x3"]), 40000, 0)
    for name, exact in {"x1": (V1 / V, (V1 + V13) / V), "x2": (V2 / V, V2 / V), "x3": (0.0, V13 / V)}.items():
        assert found[name] == pytest.approx(exact, abs=0.025)


def test_sampled_agrees_with_linear_on_groups_correlated_inside():
    cov = np.array([[1.0, 0.8, 0.0], [0.8, 2.0, 0.0], [0.0, 0.0, 1.5]])
    pair = Root("pair", "t", "s", ("a", "b"), [1.0, 2.0], cov[:2, :2])
    book = Ledger((pair, Root.scalar("c", 1e3, np.sqrt(1.5), tier="t", source="s")))
    J = np.array([1.0, -0.5, 0.7])
    exact = shapley_linear(J, cov, book.groups())
    shares = shapley_sampled(lambda x: x @ J, book.sample, book.groups(), 5000, 3)
    for name in exact:
        assert abs(shares[name] - exact[name]) < 4 * shares.std_error[name]


def test_pure_interactions_of_ten_groups_are_even():
    groups = own([f"g{i}" for i in range(10)])
    shares = shapley_sampled(lambda x: np.prod(1 + x, axis=1), lambda n, seed: np.random.default_rng(seed).uniform(-0.5, 0.5, (n, 10)), groups, 400, 1)
    assert sum(shares.values()) == pytest.approx(1.0, abs=1e-12)
    assert max(abs(shares[g] - 0.1) / shares.std_error[g] for g in groups) < 4.5


def test_failing_samples_are_counted_and_constants_give_zeros():
    groups = own(["x1", "x2", "x3"])
    shares = shapley_sampled(lambda x: np.where(x[:, 0] > 3.0, np.nan, ishigami(x)), uniform, groups, 2000, 0)
    assert 50 < shares.n_failed < 150
    assert sum(shares.values()) == pytest.approx(1.0, abs=1e-12)
    assert shapley_sampled(lambda x: np.full(len(x), 3.0), uniform, groups, 10, 0) == {"x1": 0.0, "x2": 0.0, "x3": 0.0}
    assert sobol_first_total(lambda x: np.full(len(x), 3.0), uniform, groups, 10, 0)["x1"] == (0.0, 0.0)
    with pytest.raises(ConvergenceError, match="failed"):
        shapley_sampled(lambda x: np.full(len(x), np.nan), uniform, groups, 10, 0)


@pytest.mark.parametrize("groups", [{}, own(range(11)), {"a": [0]}, {"a": [0, 1], "b": [1, 2]}], ids=["none", "eleven", "uncovered", "overlap"])
def test_sampled_refuses_wrong_groups(groups):
    with pytest.raises(InputError):
        shapley_sampled(ishigami, uniform, groups, 10, 0)


def test_result_of_wrong_shape_is_refused():
    with pytest.raises(InputError, match="shape"):
        shapley_sampled(lambda x: x, uniform, own("abc"), 10, 0)


def test_value_function_never_falls_when_a_group_joins():
    """Sub-coalitions of a singular case: dropping groups from the game never raises what is known (checked by merged games)."""
    J, cov = random_case(9, 5, 3)
    for left in combinations(range(5), 2):
        merged = {"in": list(left), "rest": [i for i in range(5) if i not in left]}
        assert all(0 <= v <= 1 for v in shapley_linear(J, cov, merged).values())
