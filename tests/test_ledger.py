"""The uncertainty ledger and the value of a measurement: exact linear-Gaussian results, limits, bad input."""

import json

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from chemwright.errors import ConvergenceError, InputError
from chemwright.model.forecast import Candidate, condition, expected_reduction, rank, sampled_check
from chemwright.model.ledger import Evidence, Ledger, Root, data_shares
from chemwright.model.root import psd_root


def random_cov(rng, k, rank=None):
    a = rng.standard_normal((k, rank or k))
    scale = 10.0 ** rng.uniform(-3, 3, k)
    cov = scale[:, None] * (a @ a.T) * scale
    return (cov + cov.T) / 2


def evidence(seed=0, n=7, k=3):
    rng = np.random.default_rng(seed)
    prior = np.linalg.inv(np.diag([16.0, 1.0, 100.0])[:k, :k] + 0.5)
    return Evidence(rng.standard_normal((n, k)) * 5, [f"run{i}" for i in range(n)], ["runs.csv"] * n, (prior + prior.T) / 2, "Hone2017")


def posterior(seed=0, n=7):
    return Root.posterior("kinetics", ("k1", "k2", "Ea"), [1.0, 2.0, 3.0], evidence(seed, n), tier="kinetics", source="fit")


def ledger():
    steam = Root.scalar("price.steam", 20.0, 3.0, tier="price", source="quote")
    power = Root.scalar("price.power", 80.0, 10.0, tier="price", source="quote")
    return Ledger((posterior(), steam, power), {("price.power", "price.steam"): [[0.6 * 3 * 10]]})


ROOT = {"id": "r", "tier": "t", "source": "s", "names": ("a", "b"), "mean": [1.0, 2.0], "cov": np.eye(2)}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"mean": [1.0]}, "mean of shape"),
        ({"mean": [1.0, np.nan]}, "not finite"),
        ({"names": ("a", "a")}, "names"),
        ({"cov": np.eye(3)}, "covariance of shape"),
        ({"cov": [[1.0, np.inf], [np.inf, 1.0]]}, "not finite"),
        ({"cov": [[1.0, 0.1], [0.2, 1.0]]}, "not symmetric"),
        ({"cov": [[1.0, 1.1], [1.1, 1.0]]}, "not positive semidefinite"),
        ({"cov": [[1e12, 1.1], [1.1, 1e-12]]}, "not positive semidefinite"),
        ({"cov": [[-1.0, 0.0], [0.0, 1.0]]}, "negative variance"),
        ({"cov": [[0.0, 0.1], [0.1, 1.0]]}, "variance 0"),
        ({"evidence": evidence()}, "evidence on 3"),
    ],
)
def test_a_bad_root_is_refused(change, text):
    with pytest.raises(InputError, match=text):
        Root(**{**ROOT, **change})


def test_scalar_root_refuses_a_negative_std():
    with pytest.raises(InputError, match="standard uncertainty"):
        Root.scalar("p", 1.0, -1.0, tier="price", source="quote")


def test_root_compares_by_value_and_its_arrays_are_read_only():
    a, b = Root(**ROOT), Root(**ROOT)
    assert a == b
    assert hash(a) == hash(b)
    assert a != evolve(a, mean=[1.0, 2.5])
    with pytest.raises(ValueError, match="read-only"):
        a.mean[0] = 3.0


def test_evidence_must_give_the_covariance():
    root = posterior()
    assert evolve(root, cov=root.cov * (1 + 5e-7)).evidence is not None
    with pytest.raises(InputError, match="differs from the inverse covariance"):
        evolve(root, cov=root.cov * (1 + 2e-6))
    with pytest.raises(InputError, match="singular"):
        evolve(root, cov=np.ones((3, 3)))


def test_evidence_shapes_and_an_undetermined_posterior_are_refused():
    with pytest.raises(InputError, match="row ids"):
        Evidence(np.ones((2, 1)), ["a"], ["s"], [[1.0]])
    with pytest.raises(InputError, match="undetermined"):
        Root.posterior("r", ("a", "b"), [0, 0], Evidence([[1.0, 1.0]], ["a"], ["s"], np.zeros((2, 2))), tier="t", source="s")


@pytest.mark.parametrize("n", [0, 7], ids=["prior only", "data"])
def test_json_round_trip(n):
    book = Ledger((posterior(n=n), *ledger().roots[1:]), ledger().cross)
    assert Ledger.from_dict(json.loads(json.dumps(book.as_dict(), allow_nan=False))) == book
    assert book != Ledger(book.roots)


def test_from_dict_names_the_fields():
    with pytest.raises(InputError, match="not a root"):
        Root.from_dict({"id": "a", "colour": "red"})


def test_joint_covariance_is_built_from_blocks():
    book = ledger()
    assert book.names == ("kinetics.k1", "kinetics.k2", "kinetics.Ea", "price.steam", "price.power")
    assert book.groups() == {"kinetics": [0, 1, 2], "price.steam": [3], "price.power": [4]}
    np.testing.assert_array_equal(book.mean(), [1, 2, 3, 20, 80])
    np.testing.assert_allclose(book.cov()[:3, :3], posterior().cov, rtol=1e-15)
    np.testing.assert_array_equal(book.cov()[3:, 3:], [[9, 18], [18, 100]])
    assert not book.cov()[:3, 3:].any()


def test_variance_by_hand_and_by_root_id():
    book = ledger()
    assert book.variance({"price.steam": 2.0, "price.power": [1.0]}) == pytest.approx(4 * 9 + 2 * 2 * 18 + 100, rel=1e-15)
    J = {"kinetics": [1.0, -1.0, 0.5], "price.power": 0.1}
    full = np.array([1.0, -1.0, 0.5, 0.0, 0.1])
    assert book.std(J) == book.std(full) == pytest.approx(np.sqrt(full @ book.cov() @ full), rel=1e-15)
    assert book.variance({}) == 0.0
    both = book.propagate({"kinetics": [[1.0, -1.0, 0.5], [0, 0, 1]], "price.power": [[0.1], [0.0]]})
    assert both.shape == (2, 2)
    assert both[0, 0] == pytest.approx(book.variance(full), rel=1e-14)
    assert both[1, 1] == pytest.approx(book.cov()[2, 2], rel=1e-14)
    np.testing.assert_array_equal(both, both.T)


def test_unknown_root_names_the_near_miss():
    with pytest.raises(InputError, match=r"did you mean 'price\.steam'") as caught:
        ledger().variance({"price.stem": 1.0})
    assert caught.value.kind == "input"
    with pytest.raises(InputError, match="no root"):
        ledger().index("colour")
    with pytest.raises(InputError, match="no root"):
        Ledger(ledger().roots, {("price.steam", "prise.power"): [[1.0]]})


@pytest.mark.parametrize("J", [np.ones(4), np.ones((2, 5, 5)), {"kinetics": [1.0]}, [1.0, 2.0, 3.0, 4.0, np.nan]], ids=["short", "3-d", "block", "nan"])
def test_wrong_sensitivities_are_refused(J):
    with pytest.raises(InputError):
        ledger().variance(J)


@pytest.mark.parametrize(
    "cross",
    [
        {("price.steam", "price.power"): [[31.0]]},
        {("price.steam", "price.power"): [[1.0, 2.0]]},
        {("price.steam", "price.steam"): [[9.0]]},
        {("price.steam", "price.power"): [[1.0]], ("price.power", "price.steam"): [[1.0]]},
    ],
    ids=["not psd", "shape", "own block", "twice"],
)
def test_wrong_cross_covariances_are_refused(cross):
    with pytest.raises(InputError):
        Ledger(ledger().roots, cross)


def test_the_same_root_twice_is_refused():
    with pytest.raises(InputError, match="twice"):
        Ledger((posterior(), posterior()))


@pytest.mark.parametrize("rank_", [1, 3, 6])
def test_root_of_a_singular_covariance(rank_):
    rng = np.random.default_rng(rank_)
    cov = random_cov(rng, 6, rank_)
    size = np.sqrt(np.outer(np.diag(cov), np.diag(cov)))
    root = psd_root(cov)
    assert np.abs((root @ root.T - cov) / size).max() < 1e-13


def test_samples_have_the_moments_and_repeat():
    book = Ledger((*ledger().roots, Root.scalar("sure", 7.0, 0.0, tier="t", source="s")), ledger().cross)
    draws = book.sample(40000, seed=3)
    np.testing.assert_array_equal(draws, book.sample(40000, seed=3))
    assert (draws[:, -1] == 7.0).all()
    std = np.sqrt(np.diag(book.cov()))[:-1]
    assert np.abs((draws.mean(axis=0) - book.mean())[:-1] / std).max() < 4 / np.sqrt(40000)
    assert np.abs((np.cov(draws.T) - book.cov())[:-1, :-1] / np.outer(std, std)).max() < 6 / np.sqrt(40000)


def test_linear_check_agrees_for_a_linear_result_either_way():
    book, J = ledger(), np.array([1.0, -1.0, 0.5, 2.0, 0.1])
    one = book.linear_check(lambda x: float(J @ x), J, 4000, 1)
    many = book.linear_check(lambda x: x @ J, J, 4000, 1, vectorised=True)
    assert one.ratio == pytest.approx(many.ratio, rel=1e-12)
    assert one.std_linear == book.std(J)
    assert abs(one.ratio - 1) < 4 / np.sqrt(2 * 4000)
    assert one.n_failed == 0


def test_linear_check_sees_curvature_and_counts_failures():
    book = Ledger((Root.scalar("x", 0.0, 1.0, tier="t", source="s"),))
    check = book.linear_check(lambda x: x[:, 0] ** 2, [0.0], 1000, 0, vectorised=True)
    assert check.std_linear == 0
    assert check.ratio == float("inf")
    failing = book.linear_check(lambda x: np.sqrt(x[:, 0]), [1.0], 1000, 0, vectorised=True)
    assert 400 < failing.n_failed < 600

    def refuse(x):
        raise ConvergenceError("no")

    with pytest.raises(ConvergenceError, match="1000 of 1000"):
        book.linear_check(refuse, [1.0], 1000, 0)
    with pytest.raises(InputError, match="shape"):
        book.linear_check(lambda x: x, [1.0], 10, 0, vectorised=True)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(0, 12), scale=st.floats(1e-9, 1e9))
def test_data_shares_sum_to_one_and_ignore_the_unit_of_the_result(seed, n, scale):
    root = posterior(seed, n)
    g = np.random.default_rng(seed).standard_normal(3)
    shares = data_shares(root, g)
    assert [s.row_id for s in shares] == [*(f"run{i}" for i in range(n)), "prior"]
    assert sum(s.share for s in shares) == pytest.approx(1.0, abs=1e-12)
    assert min(s.share for s in shares) >= 0
    np.testing.assert_allclose([s.share for s in data_shares(root, g * scale)], [s.share for s in shares], atol=1e-12)


def test_data_shares_are_the_formula():
    root, g = posterior(), np.array([1.0, -2.0, 0.3])
    moved = root.cov @ g
    by_hand = [*(root.evidence.jacobian @ moved) ** 2 / (g @ moved), moved @ root.evidence.prior_precision @ moved / (g @ moved)]
    np.testing.assert_allclose([s.share for s in data_shares(root, g)], by_hand, rtol=1e-9)
    assert data_shares(root, g)[-1].source == "Hone2017"


def test_repeats_of_one_number_share_as_their_weights():
    """The mean of readings with sigma 1, 2 and a prior of sd 2: shares are the weights 1, 1/4, 1/4."""
    seen = Evidence([[1.0], [0.5]], ["a", "b"], ["s", "s"], [[0.25]], "p")
    root = Root.posterior("x", ("x",), [0.0], seen, tier="t", source="s")
    assert root.cov[0, 0] == pytest.approx(1 / 1.5, rel=1e-15)
    assert [s.share for s in data_shares(root, [3.0])] == pytest.approx([1 / 1.5, 0.25 / 1.5, 0.25 / 1.5], rel=1e-14)


def test_data_shares_of_nothing_and_without_evidence():
    assert all(s.share == 0.0 for s in data_shares(posterior(), np.zeros(3)))
    price = Root.scalar("p", 1.0, 0.5, tier="price", source="quote")
    assert data_shares(price, [2.0]) == [("p", "quote", 1.0)]
    assert data_shares(evolve(price, cov=[[0.0]]), [2.0]) == [("p", "quote", 0.0)]
    with pytest.raises(InputError, match="gradient of shape"):
        data_shares(price, [1.0, 2.0])


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 10**6), k=st.integers(1, 6), m=st.integers(1, 3), noise=st.floats(1e-3, 1e3), factor=st.floats(1, 1e3), unit=st.floats(-6, 6))
def test_reduction_is_a_share_falls_with_noise_and_ignores_units(seed, k, m, noise, factor, unit):
    rng = np.random.default_rng(seed)
    cov, g, j = random_cov(rng, k, rng.integers(1, k + 1)), rng.standard_normal(k), rng.standard_normal((m, k))
    sigma = noise * np.sqrt(np.diag(j @ cov @ j.T))
    first = expected_reduction(g, cov, j, sigma)
    assert 0 <= first <= 1
    assert expected_reduction(g, cov, j, sigma * factor) <= first + 1e-9
    c = 10.0**unit
    assert expected_reduction(g * c, cov, j, sigma) == pytest.approx(first, abs=1e-9)
    assert expected_reduction(g, cov, j * c, sigma * c) == pytest.approx(first, abs=1e-9)
    d = 10.0 ** rng.uniform(-6, 6, k)
    assert expected_reduction(g / d, cov * np.outer(d, d), j / d, sigma) == pytest.approx(first, abs=1e-9)


def test_reduction_formula_limits_and_noise_forms():
    cov, g, j = np.array([[4.0, 1.0], [1.0, 2.0]]), np.array([1.0, -1.0]), np.array([0.5, 2.0])
    by_hand = (j @ cov @ g) ** 2 / (0.49 + j @ cov @ j) / (g @ cov @ g)
    assert expected_reduction(g, cov, j, 0.7) == pytest.approx(by_hand, rel=1e-14)
    assert expected_reduction(g, cov, [j], [0.7]) == pytest.approx(by_hand, rel=1e-14)
    two = expected_reduction(g, cov, [j, j], 0.7)
    assert two == pytest.approx(expected_reduction(g, cov, j, 0.7 / np.sqrt(2)), rel=1e-12)
    assert expected_reduction(g, cov, [j, j], 0.49 * np.eye(2)) == pytest.approx(two, rel=1e-14)
    assert expected_reduction(g, cov, g, 0.0) == pytest.approx(1.0, abs=1e-14)
    assert expected_reduction(g, cov, [g, g, 2 * g], 0.0) == pytest.approx(1.0, abs=1e-12)
    assert expected_reduction(g, 0 * cov, j, 0.0) == 0.0
    assert expected_reduction(g, cov, 0 * j, 0.0) == 0.0


def test_conditioning_realises_the_reduction():
    rng = np.random.default_rng(5)
    cov, g, j = random_cov(rng, 5), rng.standard_normal(5), rng.standard_normal((2, 5))
    after = condition(cov, j, [1.0, 2.0])
    assert 1 - (g @ after @ g) / (g @ cov @ g) == pytest.approx(expected_reduction(g, cov, j, [1.0, 2.0]), abs=1e-10)
    assert np.linalg.eigvalsh(after / np.sqrt(np.outer(np.diag(cov), np.diag(cov)))).min() > -1e-12


@pytest.mark.parametrize("noise", [0.5, [0.5, 1.0], [[1.0, 0.3], [0.3, 0.5]]], ids=["std", "stds", "covariance"])
def test_simulated_measurements_bear_out_the_forecast(noise):
    rng = np.random.default_rng(2)
    a = rng.standard_normal((4, 4))
    check = sampled_check(rng.standard_normal(4), [1.0, 2.0, 3.0, 4.0], a @ a.T, rng.standard_normal((2, 4)), noise, 20000, 11)
    assert 0.05 < check.forecast < 0.99
    assert 0 < check.std_error < 0.02
    assert abs(check.realised - check.forecast) < 4 * check.std_error


def test_rank_orders_by_reduction_per_cost_within_budget():
    cov, g = np.diag([9.0, 1.0]), np.array([1.0, 1.0])

    def candidate(name, cost, j):
        return Candidate(name, name, "price", cost, j, 0.0, by="supplier")

    big, small, dear = candidate("big", 10.0, [1.0, 0.0]), candidate("small", 1.0, [0.0, 1.0]), candidate("dear", 50.0, [1.0, 1.0])
    ranked = rank([dear, small, big], g, cov)
    assert [r.candidate.id for r in ranked] == ["small", "big", "dear"]
    assert [r.reduction for r in ranked] == pytest.approx([0.1, 0.9, 1.0], rel=1e-12)
    assert [r.per_cost for r in ranked] == pytest.approx([0.1, 0.09, 0.02], rel=1e-12)
    assert [r.candidate for r in rank([dear, small, big], g, cov, budget=10.0)] == [small, big]
    assert [r.candidate.id for r in rank([evolve(small, id="z"), evolve(small, id="a")], g, cov)] == ["a", "z"]
    with pytest.raises(InputError, match="candidate 'wide'"):
        rank([candidate("wide", 1.0, [1.0, 2.0, 3.0])], g, cov)
    with pytest.raises(InputError, match="cost"):
        candidate("free", 0.0, [1.0, 0.0])


@pytest.mark.parametrize(
    "arguments",
    [([1.0], np.eye(2), [1.0, 0.0], 1.0), ([1.0, 0.0], np.eye(2), [1.0], 1.0), ([1.0, 0.0], np.eye(2), [1.0, 0.0], -1.0), ([1.0, 0.0], np.eye(2), [1.0, 0.0], [1.0, 1.0])],
    ids=["gradient", "observable", "negative noise", "noise shape"],
)
def test_forecast_refuses_wrong_shapes(arguments):
    with pytest.raises(InputError):
        expected_reduction(*arguments)


def test_near_duplicate_readings_of_tiny_noise_stay_apart():
    """Two readings of one number, noise 1e-6 of its spread: what remains of the variance is R / (2 S)."""
    assert 1 - expected_reduction([1.0], [[4.0]], [[1.0], [3.0]], [2e-6, 6e-6]) == pytest.approx(0.5e-12, abs=2e-9)
