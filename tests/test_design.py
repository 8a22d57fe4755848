"""Model-based design: textbook designs, invariances, exact slopes, limits, batches, and rivals told apart."""

from __future__ import annotations

import numpy as np
import pytest

from chemwright.errors import InputError
from chemwright.experiment.design import Conditions, Discrimination, Information, Region, Rival, Sample, algebraic, criterion, figure, learn, reactor_response, search, weights
from chemwright.experiment.design.discrimination import DIVERGENCES, expected_information
from chemwright.kinetics.network import Network, parse_reaction
from chemwright.kinetics.rates import MassAction
from chemwright.model.posterior import Gaussian


def network(*texts: str, species: tuple[str, ...] = ("A", "B", "P", "S")) -> MassAction:
    """Mass action about 343 K over A, B, P, S."""
    return MassAction(Network(species, tuple(parse_reaction(t, f"r{i + 1}") for i, t in enumerate(texts))), (343.15,) * len(texts))


def setting(x: list) -> Conditions:
    """Residence time, temperature, feed of A, equivalents of B."""
    return Conditions([x[2], x[3] * x[2], 0.0, 0.0], x[1], [x[0]])


def read_p(sample: Sample) -> list:
    """Yield of P."""
    return [sample.c[2] / sample.feed[0]]


def flow(*texts: str, reactor: str = "plug_flow", relative: tuple[float, ...] = ()):
    """The yield of P in a reactor of these reactions."""
    return reactor_response(network(*texts), reactor, setting, ("time", "temperature", "a", "equivalents"), read_p, ("yield",), [0.02], relative=relative)


FLOW = Region(("time", "temperature", "a", "equivalents"), [60, 313, 100, 0.5], [1800, 373, 1000, 3])
SERIES = Gaussian(np.array([np.log(5e-6), np.log(5e-4), 6e4, 8e4]), np.diag([1.0, 1.0, 1e8, 1e8]))


def decay(k: float, noise: float = 0.02):
    """c/c0 = exp(-k t), k on its logarithm."""
    from chemwright.model.lower import exp

    return algebraic(("ln k",), ("t",), ("c",), [noise], lambda theta, x: [exp(-exp(theta[0]) * x[0])]), Gaussian(np.log([k]), np.eye(1) * 0.25)


@pytest.mark.parametrize("k", [0.01, 0.3])
def test_first_order_decay_is_sampled_at_one_over_k(k: float) -> None:
    """The locally D-optimal single time of exp(-k t) is 1/k (Box and Lucas 1959, Biometrika 46, 77)."""
    response, known = decay(k)
    best = search(Information.of(response, known, criterion("D", known.std)), Region(("t",), [0.01 / k], [10 / k]), 1)
    assert best.x[0, 0] == pytest.approx(1 / k, rel=1e-3)


def test_consecutive_reactions_match_box_and_lucas() -> None:
    """A -> B -> C with B read, k1 = 0.7 and k2 = 0.2: the D-optimal times are 1.23 and 6.86 (Box and Lucas 1959, the example of their paper)."""
    from chemwright.model.lower import exp

    response = algebraic(("k1", "k2"), ("t",), ("B",), [1e-3], lambda k, x: [k[0] / (k[0] - k[1]) * (exp(-k[1] * x[0]) - exp(-k[0] * x[0]))])
    best = search(Information.of(response, Gaussian(np.array([0.7, 0.2]), np.eye(2)), criterion("D", np.ones(2))), Region(("t",), [0.01], [20.0]), 2)
    assert np.sort(best.x[:, 0]) == pytest.approx([1.229, 6.858], abs=0.01)


def test_straight_line_is_measured_at_its_ends_and_twice_each() -> None:
    """y = a + b x: half the runs at each end, for D and for A; with equal prior widths the exchange keeps it."""
    response = algebraic(("a", "b"), ("x",), ("y",), [0.1], lambda t, x: [t[0] + t[1] * x[0]])
    for letter in ("D", "A", "E"):
        best = search(Information.of(response, Gaussian(np.zeros(2), np.eye(2) * 100), criterion(letter, np.ones(2))), Region(("x",), [-1.0], [1.0]), 4)
        assert np.sort(best.x[:, 0]) == pytest.approx([-1, -1, 1, 1], abs=1e-6), letter


def test_the_figure_decides_where_to_measure() -> None:
    """For the value at x = 1 alone, all runs of a straight line go to x = 1; for the slope, to both ends."""
    response = algebraic(("a", "b"), ("x",), ("y",), [0.1], lambda t, x: [t[0] + t[1] * x[0]])
    known, box = Gaussian(np.zeros(2), np.eye(2) * 100), Region(("x",), [-1.0], [1.0])
    at_end = search(Information.of(response, known, figure(np.array([1.0, 1.0]))), box, 2)
    slope = search(Information.of(response, known, figure(np.array([0.0, 1.0]))), box, 2)
    assert at_end.x[:, 0] == pytest.approx([1, 1], abs=1e-6)
    assert np.sort(slope.x[:, 0]) == pytest.approx([-1, 1], abs=1e-6)


def test_the_gain_for_a_figure_is_the_linear_forecast_of_the_ledger() -> None:
    """exp(-2 gain) = 1 - (J S g)^2/((s^2 + J S J^T) g S g^T), the formula that `next` ranks by."""
    from chemwright.model.forecast import expected_reduction

    response, g = flow("A + B -> P", "P -> S"), np.array([0.3, -0.2, 1e-5, 2e-5])
    x = np.array([600.0, 350.0, 500.0, 1.5])
    gain, _ = Information.of(response, SERIES, figure(g)).gain(np.zeros((0, 4)), x)
    _, jac = response.sensitivities(SERIES.mean, x)
    assert 1 - np.exp(-2 * gain) == pytest.approx(expected_reduction(g, SERIES.cov, jac[0], response.noise), rel=1e-8)


@pytest.mark.parametrize("letter", ["D", "A"])
def test_units_of_parameters_do_not_matter(letter: str) -> None:
    """Parameters in other units give the same runs: D for any units, A because it measures in prior spreads."""
    k, runs = 0.1, []
    for unit in (1.0, 60.0):
        from chemwright.model.lower import exp

        response = algebraic(("k1", "k2"), ("t",), ("y",), [0.01], lambda t, x, u=unit: [exp(-t[0] / u * x[0]) + exp(-t[1] / u * 0.1 * x[0])])
        known = Gaussian(np.array([k, k]) * unit, np.eye(2) * (0.05 * unit) ** 2)
        runs.append(np.sort(search(Information.of(response, known, criterion(letter, known.std)), Region(("t",), [0.1], [200.0]), 2, seed=1).x[:, 0]))
    assert runs[0] == pytest.approx(runs[1], rel=1e-3)


@pytest.mark.parametrize("reactor", ["plug_flow", "batch", "stirred_tank"])
@pytest.mark.parametrize("relative", [(), (0.05,)], ids=["constant noise", "relative noise"])
def test_slopes_of_sensitivities_are_exact(reactor: str, relative: tuple[float, ...]) -> None:
    """d(whitened sensitivity)/dx against central differences."""
    response, x = flow("A + B -> P", "P + B -> S", reactor=reactor, relative=relative), np.array([500.0, 340.0, 400.0, 1.4])
    theta = np.array([np.log(5e-6), np.log(1e-6), 6e4, 8e4])
    _, exact = response.whitened_slopes(theta, x)
    for d in range(4):
        h = np.zeros(4)
        h[d] = 1e-4 * x[d]
        rough = (response.whitened(theta, x + h)[0] - response.whitened(theta, x - h)[0]) / (2 * h[d])
        assert exact[..., d] == pytest.approx(rough, rel=1e-4, abs=1e-5 * np.abs(exact[..., d]).max())


@pytest.mark.parametrize("letter", ["D", "A", "E", "I", "G"])
def test_gradient_of_a_gain_is_exact(letter: str) -> None:
    """Every criterion's gradient against central differences, averaged over draws, after another run."""
    response = flow("A + B -> P", "P -> S")
    _, grid = response.sensitivities(SERIES.mean, FLOW.points(6, 3))
    worth = Information.of(response, SERIES, criterion(letter, SERIES.std, grid.reshape(-1, 4)), draws=2)
    chosen, x = np.array([[900.0, 330.0, 300.0, 2.0]]), np.array([500.0, 345.0, 400.0, 1.4])
    _, exact = worth.gain(chosen, x)
    for d in range(4):
        h = np.zeros(4)
        h[d] = 1e-4 * x[d]
        assert exact[d] == pytest.approx((worth.gain(chosen, x + h)[0] - worth.gain(chosen, x - h)[0]) / (2 * h[d]), rel=2e-3, abs=1e-3 * np.abs(exact * x).max() / x[d])


@pytest.mark.parametrize("draws", [0, 8], ids=["linear", "draws"])
@pytest.mark.parametrize("kind", list(DIVERGENCES))
def test_gradient_of_a_discrimination_is_exact(kind: str, draws: int) -> None:
    """T, Box-Hill, Buzzi-Ferraris and the information against central differences."""
    a, b = flow("A + B -> P", "P -> S"), flow("A + 2 B -> P + B", "P -> S")
    narrow = Gaussian(SERIES.mean, SERIES.cov * 0.04)
    other = Gaussian(np.array([np.log(1e-8), *SERIES.mean[1:]]), narrow.cov)
    worth = Discrimination((Rival("one", a, narrow), Rival("two", b, other)), np.array([0.6, 0.4]), kind, draws=draws)
    chosen, x = np.array([[900.0, 330.0, 300.0, 2.0]]), np.array([500.0, 345.0, 400.0, 1.4])
    _, exact = worth.gain(chosen, x)
    for d in range(4):
        h = np.zeros(4)
        h[d] = (1e-3 if draws else 2e-4) * x[d]
        assert exact[d] == pytest.approx(
            (worth.gain(chosen, x + h)[0] - worth.gain(chosen, x - h)[0]) / (2 * h[d]), rel=2e-2 if draws else 2e-3, abs=(2e-2 if draws else 1e-3) * np.abs(exact * x).max() / x[d]
        )


@pytest.mark.parametrize("kind", list(DIVERGENCES))
def test_rivals_are_told_apart_where_they_differ(kind: str) -> None:
    """y = a x against y = b sqrt(x), both known at x = 1: every criterion goes to x = 4, the far end, never to x = 1, where they agree."""
    from chemwright.model.lower import exp

    line = algebraic(("a",), ("x",), ("y",), [0.7], lambda t, x: [exp(t[0]) * x[0]])
    root = algebraic(("a",), ("x",), ("y",), [0.7], lambda t, x: [exp(t[0]) * x[0] ** 0.5])
    known = Gaussian(np.zeros(1), np.eye(1) * 1e-4)
    best = search(Discrimination((Rival("line", line, known), Rival("root", root, known)), np.array([0.5, 0.5]), kind), Region(("x",), [0.5], [4.0]), 1)
    assert best.x[0, 0] == pytest.approx(4.0, abs=1e-6)


def test_expected_information_is_bounded_by_the_entropy() -> None:
    """Rivals far apart: ln 2 nats; the same rivals: none."""
    still = np.zeros((2, 1, 0)), np.zeros((2, 1, 1, 0))
    far, _ = expected_information(np.array([[0.0], [100.0]]), np.ones((2, 1, 1)), np.eye(1), np.array([0.5, 0.5]), *still)
    same, _ = expected_information(np.array([[1.0], [1.0]]), np.ones((2, 1, 1)), np.eye(1), np.array([0.5, 0.5]), *still)
    assert far == pytest.approx(np.log(2), abs=1e-9)
    assert same == pytest.approx(0.0, abs=1e-12)


def test_limits_hold_and_cost_counts() -> None:
    """A linear and a nonlinear limit bind; a dear corner is left for a cheaper run."""
    response = algebraic(("a", "b"), ("x", "z"), ("y",), [0.1], lambda t, x: [t[0] * x[0] + t[1] * x[1]])
    known = Gaussian(np.zeros(2), np.eye(2))
    box = ("x", "z"), [0.0, 0.0], [1.0, 1.0]
    tied = Region(*box, linear=((np.array([1.0, 1.0]), 1.2),), nonlinear=(lambda x: (0.5 - x[1] ** 2, np.array([0.0, -2 * x[1]])),))
    best = search(Information.of(response, known, criterion("D", known.std)), tied, 3)
    assert np.all(best.x.sum(1) <= 1.2 + 1e-6)
    assert np.all(best.x[:, 1] ** 2 <= 0.5 + 1e-6)
    dear = Region(*box, cost=lambda x: (1.0 + 50 * x[0] ** 4, np.array([200 * x[0] ** 3, 0.0])))
    cheap = search(Information.of(response, known, criterion("D", known.std)), dear, 1)
    assert cheap.x[0, 0] < 0.5
    assert cheap.costs[0] < 5


def test_only_candidates_are_used_when_given_and_the_answer_repeats() -> None:
    """Discrete candidates; the same seed gives the same runs."""
    response = flow("A + B -> P", "P -> S")
    rows = np.array([[60.0, 313, 100, 0.5], [600, 350, 500, 1.5], [1800, 373, 1000, 3], [900, 330, 300, 2]])
    region = Region(FLOW.names, FLOW.low, FLOW.high, candidates=rows)
    picked = [search(Information.of(response, SERIES, criterion("D", SERIES.std)), region, 3).x for _ in range(2)]
    assert np.array_equal(*picked)
    assert all(any(np.array_equal(x, row) for row in rows) for x in picked[0])
    free = [search(Information.of(response, SERIES, criterion("D", SERIES.std)), FLOW, 2, pool=16, starts=1).x for _ in range(2)]
    assert np.array_equal(*free)


def test_a_batch_beats_the_best_of_random_batches() -> None:
    """Four D-optimal runs hold more information than any of five random batches of four."""
    response = flow("A + B -> P", "P -> S")
    worth = Information.of(response, SERIES, criterion("D", SERIES.std))
    best = search(worth, FLOW, 4, pool=48, starts=2, exchanges=1)
    rng = np.random.default_rng(0)

    def total(x: np.ndarray) -> float:
        return sum(worth.gain(x[:i], x[i])[0] for i in range(len(x)))

    assert best.total == pytest.approx(total(best.x), rel=1e-9)
    assert best.total > max(total(FLOW.real(rng.random((4, 4)))) for _ in range(5))


def test_evidence_finds_the_true_rival() -> None:
    """Noise-free readings of one rival at four designed runs: its probability passes 0.95."""
    a, b = flow("A + B -> P", "P -> S"), flow("A + 2 B -> P + B", "P -> S")
    prior_b = Gaussian(np.array([np.log(1e-8), *SERIES.mean[1:]]), SERIES.cov)
    x = np.array([[300.0, 345, 200, 0.6], [300, 345, 1000, 3.0], [900, 330, 200, 3.0], [900, 360, 1000, 0.6]])
    y = a.values(SERIES.mean + 0.2, x)
    rivals = [Rival("one", a, SERIES).learn(x, y), Rival("two", b, prior_b).learn(x, y)]
    assert weights(rivals)[0] > 0.95
    assert rivals[0].known.std[0] < 0.2 * SERIES.std[0]


def test_missing_readings_are_left_out() -> None:
    """A run whose only reading is nan changes nothing."""
    response, known = decay(0.1)
    x, y = np.array([[5.0], [10.0]]), np.array([[0.6], [np.nan]])
    assert learn(response, known, x, y).log_evidence == pytest.approx(learn(response, known, x[:1], y[:1]).log_evidence)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Region(("t",), [1.0], [0.0]), "lower one first"),
        (lambda: Region(("t",), [0.0], [1.0], linear=((np.array([1.0]), -1.0),)).points(8, 0), "no condition keeps all limits"),
        (lambda: criterion("X", np.ones(1)), "unknown criterion"),
        (lambda: criterion("G", np.ones(1)), "without predictions"),
        (lambda: algebraic(("a",), ("x",), ("y", "z"), [1.0, 1.0], lambda t, x: [t[0]]), "name each reading"),
        (lambda: algebraic(("a",), ("x",), ("y",), [0.0], lambda t, x: [t[0]]), "above zero"),
        (lambda: Discrimination((Rival("a", *decay(0.1)),), np.ones(1)), "two or more"),
        (lambda: Discrimination((Rival("a", *decay(0.1)), Rival("b", *decay(0.2))), np.ones(2) / 2, "ZZ"), "unknown criterion"),
        (lambda: flow("A + B -> P", reactor="kettle"), "not a reactor"),
    ],
    ids=["bounds", "empty", "letter", "no predictions", "names", "noise", "one rival", "kind", "reactor"],
)
def test_bad_input_says_what_to_do(make, words: str) -> None:
    """Plain messages."""
    with pytest.raises(InputError, match=words):
        make()
