import json

import casadi as ca
import numpy as np
import pytest
from attrs import frozen

from chemwright.errors import BalanceError, InputError
from chemwright.kinetics.formulas import elements_of
from chemwright.kinetics.hybrid import Settings, train_hybrid
from chemwright.kinetics.hybrid.directions import candidates, check_direction, direction_of, element_matrix, in_words, null_space
from chemwright.kinetics.hybrid.explain import explain, learned_values, shares
from chemwright.kinetics.hybrid.file import load, pack, save, unpack
from chemwright.kinetics.hybrid.fit import Data, fit_laplace
from chemwright.kinetics.hybrid.law import HybridLaw, MissingRate, RateFactor, Widened
from chemwright.kinetics.hybrid.problem import model_of, visited
from chemwright.kinetics.network import Network, parse_reaction
from chemwright.kinetics.rates import MassAction
from chemwright.kinetics.runs import Run, RunSet
from chemwright.kinetics.simulate import simulate
from chemwright.model.gaussian import GaussianProcess
from chemwright.model.hybrid import Hybrid
from chemwright.model.learners import MonotonePerceptron, OnState, PowerLaw, Sum, box_points
from chemwright.model.lower import exp
from chemwright.model.mlp import Perceptron
from chemwright.model.posterior import Gaussian
from chemwright.model.reactors import profile, stirred_tank

SPECIES = ("A", "B", "C", "D")
FORMULAS = {"A": "C6H10O", "B": "C2H4O", "C": "C8H14O2", "D": "C10H18O3"}
REFS = (500.0,) * 4


def mechanism(*texts: str, species: tuple[str, ...] = SPECIES) -> MassAction:
    reactions = tuple(parse_reaction(t, f"r{i + 1}") for i, t in enumerate(texts))
    return MassAction(Network(species, reactions), (330.0,) * len(reactions))


BASE = mechanism("A + B -> C")
TRUE = mechanism("A + B -> C", "C + B -> D")
TRUE_THETA = np.array([np.log(1e-6), np.log(6e-7), 55e3, 80e3])
PRIOR = Gaussian(np.array([np.log(1e-6), 60e3]), np.diag([4.0, 9e8]))


def power(species=(0, 1), **more) -> PowerLaw:
    return PowerLaw(species, [500.0] * len(species), 330.0, 70e3, 20e3, **more)


def process(amplitude=0.5) -> OnState:
    centre, scale = np.array([-0.7, -0.7, 3.03]), np.array([1.2, 1.2, 0.1])
    inner = GaussianProcess.on(box_points(centre - scale, centre + scale, 8), amplitude, np.full(3, 1.5), centre, scale)
    return OnState(inner, (0, 1), (500.0, 500.0))


def perceptron() -> OnState:
    return OnState(Perceptron(3, 3, 0.7, np.array([-0.7, -0.7, 3.03]), np.array([1.2, 1.2, 0.1])), (0, 1), (500.0, 500.0))


def monotone() -> OnState:
    return OnState(MonotonePerceptron((1, 0, -1), 3, 0.7, (-0.7, -0.7, 3.03), (1.2, 1.2, 0.1)), (0, 1), (500.0, 500.0))


LEARNERS = {
    "power": power(),
    "power, fixed": power(fixed=(1.0, float("nan"))),
    "process": process(),
    "perceptron": perceptron(),
    "monotone": monotone(),
    "sum": Sum((power((2,)), process())),
}


def parts(learner):
    return (MissingRate(direction_of("C + B -> D", SPECIES), 0.1, 500.0, learner, "C + B -> D"), RateFactor((0,), learner), RateFactor((0,), learner, "efficiency"))


def states(n=12, seed=0):
    rng = np.random.default_rng(seed)
    return np.hstack([rng.uniform(1.0, 900.0, (n, 4)), rng.uniform(310, 350, (n, 1))])


def some_runs(n=6, noise=0.5, seed=0, law=TRUE, theta=TRUE_THETA, seen=("A", "B", "C")):
    rng = np.random.default_rng(seed)
    times = np.linspace(0, 3600, 7)[1:]
    place = [SPECIES.index(s) for s in seen]
    runs = []
    for i in range(n):
        run = Run(f"run {i}", "batch", np.array([rng.uniform(300, 700), rng.uniform(400, 1200), 0.0, 0.0]), float(rng.uniform(320, 340)), times, np.full((6, len(seen)), np.nan))
        c = simulate(law, run, theta)[:, place]
        runs.append(Run(run.id, "batch", run.feed, run.temperature, times, c + noise * rng.standard_normal(c.shape)))
    return RunSet(SPECIES, seen, runs)


@pytest.fixture(scope="module")
def runs():
    return some_runs()


@pytest.fixture(scope="module")
def trained(runs):
    return train_hybrid(BASE, runs, ("rate", "residual"), formulas=FORMULAS, starts=2, sources=("made up",))


@pytest.mark.parametrize("learner", LEARNERS.values(), ids=LEARNERS)
def test_numpy_and_casadi_agree(learner):
    rng, x = np.random.default_rng(1), states()
    w = np.abs(rng.standard_normal(learner.n_weights))
    sx, sw = ca.SX.sym("x", 5), ca.SX.sym("w", learner.n_weights)
    f = ca.Function("f", [sx, sw], [learner.evaluate(ca.vertsplit(sx), ca.vertsplit(sw))])
    value, _ = learner.design(x, w)
    assert np.allclose(np.array(f.map(len(x))(x.T, np.tile(w, (len(x), 1)).T)).ravel(), value, rtol=0, atol=1e-10)
    assert np.allclose([learner.evaluate(row, w) for row in x], value, rtol=0, atol=1e-10)


@pytest.mark.parametrize("learner", LEARNERS.values(), ids=LEARNERS)
def test_slopes_by_the_weights(learner):
    rng, x = np.random.default_rng(2), states()
    w = 0.3 + np.abs(rng.standard_normal(learner.n_weights))
    _, jac = learner.design(x, w)
    for i in range(learner.n_weights):
        step = np.zeros(len(w))
        step[i] = 1e-6
        numeric = (learner.design(x, w + step)[0] - learner.design(x, w - step)[0]) / 2e-6
        assert np.allclose(jac[:, i], numeric, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("learner", LEARNERS.values(), ids=LEARNERS)
def test_slopes_of_learned_parts(learner):
    law, rng, x = HybridLaw(BASE, parts(learner)), np.random.default_rng(3), states()
    theta = np.concatenate([PRIOR.mean, 0.2 + 0.3 * np.abs(rng.standard_normal(law.n_parameters - 2))])
    for (_, jac), begin, part in zip(law.learned(x, theta), law.offsets, law.parts, strict=True):
        which = law.parts.index(part)
        for i in range(part.n_weights):
            step = np.zeros(len(theta))
            step[begin + i] = 1e-6
            numeric = (law.learned(x, theta + step)[which][0] - law.learned(x, theta - step)[which][0]) / 2e-6
            assert np.allclose(jac[:, i], numeric, rtol=2e-5, atol=1e-8)


@pytest.mark.parametrize("learner", LEARNERS.values(), ids=LEARNERS)
def test_elements_and_signs_hold_whatever_the_weights(learner):
    law, elements, rng = HybridLaw(BASE, parts(learner)), element_matrix(SPECIES, FORMULAS), np.random.default_rng(4)
    for _ in range(3):
        w = np.abs(2.0 * rng.standard_normal(law.n_parameters - 2))
        theta = np.concatenate([PRIOR.mean, w])
        run = Run("r", "batch", np.array([300.0, 500.0, 20.0, 0.0]), 340.0, np.array([60.0, 3600.0, 36000.0]), np.full((3, 1), np.nan))
        c = simulate(law, run, theta)
        assert np.max(np.abs((c - run.feed) @ elements)) <= 1e-12 * np.max(run.feed @ elements)
        assert c.min() >= -1e-6
        # what is not there is not consumed
        for j in range(4):
            empty = np.array([300.0, 500.0, 20.0, 10.0])
            empty[j] = 0.0
            rate = np.array(law.rates(list(empty), 330.0, list(theta)), dtype=float)
            assert (rate @ law.stoichiometry)[j] >= 0.0


@pytest.mark.parametrize("learner", [LEARNERS["power"], LEARNERS["process"], LEARNERS["monotone"]], ids=["power", "process", "monotone"])
def test_exact_gradients_through_the_integrator(learner):
    law, data = HybridLaw(BASE, parts(learner)[:2]), some_runs(2)
    phi = np.concatenate([PRIOR.mean, np.full(law.n_parameters - 2, 0.4)])
    model = model_of(law, data, 1e-10)
    _, jac = model(phi)
    for i in range(law.n_parameters):
        h = 1e-4 * max(abs(phi[i]), 1.0)
        step = np.zeros(len(phi))
        step[i] = h
        numeric = (model(phi + step)[0] - model(phi - step)[0]) / (2 * h)
        assert np.allclose(jac[:, i], numeric, rtol=2e-4, atol=2e-4 * max(np.abs(jac[:, i]).max(), 1e-6))


@pytest.mark.parametrize("learner", LEARNERS.values(), ids=LEARNERS)
def test_without_data_the_mechanism_speaks(learner):
    run = some_runs(1).runs[0]
    neutral = np.allclose(learner.design(states(), np.zeros(learner.n_weights))[0], 0.0)  # a given energy or order is for missing rates, which begin at amplitude 0
    law = HybridLaw(BASE, parts(learner)[: None if neutral else 1])
    assert np.allclose(simulate(law, run, law.prior(PRIOR).mean), simulate(BASE, run, PRIOR.mean), rtol=1e-7, atol=1e-5)
    # one reading with a huge error: the posterior is the prior, and the std is not zero
    blind = RunSet(SPECIES, ("A",), [Run("r", "batch", run.feed, run.temperature, run.times[:1], [[300.0]], [[1e9]])])
    model = model_of(HybridLaw(BASE, parts(learner)[:1]), blind)
    one = HybridLaw(BASE, parts(learner)[:1])
    fit = fit_laplace(
        model, Data(np.array([300.0]), np.array([1e9]), np.zeros(1), np.zeros(1)), one.prior(PRIOR), one.nonnegative, [one.prior(PRIOR).mean], scales=np.ones(1), rounds=0
    )
    assert np.allclose(fit.posterior.mean, one.prior(PRIOR).mean, atol=2e-3 + 1e-6 * np.abs(PRIOR.mean).max())
    assert np.all(fit.posterior.std > 0.9 * one.prior(PRIOR).std)


def test_the_missing_reaction_is_found(trained):
    best = trained.best
    assert best is trained["rate"]
    assert best.best.words.startswith("+ B + C -> D")
    rate = best.law.missing[0]
    assert in_words(rate.direction, SPECIES) == "B + C -> D"
    assert best.law.prior(PRIOR).mean.shape == best.theta.shape
    gain = {r["kind"]: r["left_out_gain"] for r in trained.table()}
    assert gain["rate"] > gain["residual"] > gain["mechanism"] == 0.0
    assert 0.8 < best.coverage < 1.0


def test_predictions_outside_of_the_data(trained):
    run = Run("far", "batch", np.array([1200.0, 2000.0, 0.0, 0.0]), 355.0, np.array([600.0, 1800.0, 3600.0]), np.full((3, 3), np.nan))
    near = Run("near", "batch", np.array([500.0, 800.0, 0.0, 0.0]), 330.0, np.array([600.0, 1800.0, 3600.0]), np.full((3, 3), np.nan))
    truth = simulate(TRUE, run, TRUE_THETA)[:, :3]
    far_, near_ = trained.best.predict(run)[0], trained.best.predict(near)[0]
    assert np.sqrt(np.mean((far_.mean - truth) ** 2)) < 0.1 * np.sqrt(np.mean((trained.mechanism.predict(run)[0].mean - truth) ** 2))
    assert far_.std.mean() > near_.std.mean()
    assert near_.in_domain.all()
    assert not far_.in_domain.any()
    assert far_.sources == ("made up",)
    low, high = far_.interval(0.9, measurement=True)
    assert np.all(low < high)


def test_a_residual_forgets_away_from_the_data(trained, runs):
    run = runs.runs[0]
    far = Run("far", "batch", run.feed * 6, run.temperature, run.times, np.full((6, 3), np.nan))
    model, base = trained["residual"], trained.mechanism
    member = model.best
    from chemwright.kinetics.hybrid.residual import rows_of

    x = rows_of(RunSet(SPECIES, model.observables, [far]), taken=False)
    assert np.abs(member.residual.design(x, member.fit.posterior.mean[2:])[0]).max() < 0.05 * np.abs(base.predict(far)[0].mean).max()
    assert model.predict(far)[0].std.mean() > 3 * model.predict(run)[0].std.mean()


def test_a_residual_keeps_the_elements(trained):
    residual = trained["residual"].best.residual
    # what the residual can do to A, B, C is what some change that conserves the elements does to them
    seen = null_space(element_matrix(SPECIES, FORMULAS))[:, :3]
    for row in residual.outputs:
        fit, *_ = np.linalg.lstsq(seen.T, row, rcond=None)
        assert np.allclose(seen.T @ fit, row, atol=1e-12)


def test_the_right_mechanism_needs_nothing_learned():
    data = some_runs(5, law=BASE, theta=np.array([np.log(1e-6), 55e3]))
    out = train_hybrid(BASE, data, "rate", formulas=FORMULAS, starts=1)
    assert out.best is out.mechanism
    assert out["rate"].log_evidence < out.mechanism.log_evidence + 2.0 or not out["rate"].law.parts


def test_same_seed_same_numbers(runs):
    first, again = (train_hybrid(BASE, runs, "missing_rate", directions=["C + B -> D"], starts=2, seed=7).best for _ in range(2))
    assert np.array_equal(first.theta, again.theta)


@pytest.mark.parametrize("learner", ["gaussian", "perceptron", "monotone"])
def test_smooth_learners(learner):
    data = some_runs(4, seen=("A", "C"))
    out = train_hybrid(
        BASE,
        data,
        "missing_rate",
        directions=["C + B -> D"],
        learner=learner,
        signs=(0, 1, 1, 0, 1) if learner == "monotone" else (),
        starts=1,
        settings=Settings(depth=1, simplify=0),
    )
    model = out["missing_rate"]
    assert model.left_out > out.mechanism.left_out + 20
    x = visited(model.law, data, model.theta)
    value, std = learned_values(model, x)
    far = x.copy()
    far[:, :4] *= 4
    far[:, 4] += 40
    relative = learned_values(model, far)[1] / learned_values(model, far)[0]
    if learner != "monotone":
        assert relative.mean() > (std / np.maximum(value, 1e-9))[value > 0.1 * value.max()].mean()


def test_monotone_holds_its_signs():
    learner = MonotonePerceptron((1, -1, 0), 5, 1.0, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    rng = np.random.default_rng(0)
    for _ in range(20):
        w = rng.standard_normal(learner.n_weights) * 2
        w[list(learner.nonnegative)] = np.abs(w[list(learner.nonnegative)])
        x = rng.uniform(-2, 2, (30, 3))
        up, down = x + np.array([0.1, 0, 0]), x + np.array([0, 0.1, 0])
        assert np.all(learner.design(up, w)[0] >= learner.design(x, w)[0] - 1e-12)
        assert np.all(learner.design(down, w)[0] <= learner.design(x, w)[0] + 1e-12)


def closure_runs():
    """Stirring helps: efficiency 1/(1 + 1.5 (300/n)), and an activity that fades."""
    species = (*SPECIES, "stirrer", "activity")
    rng, runs, times = np.random.default_rng(5), [], np.linspace(0, 3600, 7)[1:]
    for i in range(8):
        n = (150.0, 300.0, 600.0, 1200.0)[i % 4]
        feed = np.array([rng.uniform(300, 700), rng.uniform(400, 1200), 0.0, 0.0])
        slow = np.array([np.log(1e-6 / (1 + 1.5 * 300.0 / n)), 55e3])
        run = Run(f"{i}", "batch", feed, float(rng.uniform(320, 340)), times, np.full((6, 2), np.nan))
        c = simulate(BASE, run, slow)[:, [0, 2]]
        runs.append(Run(run.id, "batch", [*feed, n, 1.0], run.temperature, times, c + 0.5 * rng.standard_normal(c.shape)))
    return RunSet(species, ("A", "C"), runs)


def test_a_closure_of_mixing():
    out = train_hybrid(BASE, closure_runs(), "closure", conditions=("stirrer",), link="efficiency", starts=1, prior=Gaussian(PRIOR.mean, np.diag([0.04, 9e8])))
    model = out["closure"]
    assert model.left_out > out.mechanism.left_out + 20
    x = np.array([[500.0, 500.0, 0.0, 0.0, n, 1.0, 330.0] for n in (150.0, 300.0, 600.0, 1200.0)])
    value, std = learned_values(model, x)
    # only the product of rate constant and efficiency shows in the data: the ratio is what is learned
    true = 1 / (1 + 1.5 * 300.0 / x[:, 4])
    assert np.allclose(value / value[2], true / true[2], rtol=0.1)
    assert np.all(std > 0)
    assert np.all((value > 0) & (value < 1))


def test_a_fading_catalyst():
    species, times, runs = (*SPECIES, "activity"), np.linspace(0, 3600, 9)[1:], []
    fading = HybridLaw(
        Widened(BASE, 1),
        [MissingRate((0, 0, 0, 0, -1.0), 5e-4, 1.0, PowerLaw((), (), 330.0, 90e3, 1.0), "fading", (0,))],
    )
    rng = np.random.default_rng(6)
    for i in range(6):
        feed = [rng.uniform(300, 700), rng.uniform(400, 1200), 0.0, 0.0, 1.0]
        run = Run(f"{i}", "batch", feed, float(rng.uniform(320, 340)), times, np.full((8, 2), np.nan))
        c = simulate(fading, run, np.array([np.log(1e-6), 55e3, 1.0, 0.0]))[:, [0, 2]]
        runs.append(Run(run.id, "batch", feed, run.temperature, times, c + 0.5 * rng.standard_normal(c.shape)))
    out = train_hybrid(BASE, RunSet(species, ("A", "C"), runs), "closure", activity="activity", starts=1)
    model = out["closure"]
    assert model.left_out > out.mechanism.left_out + 20
    rate, std = learned_values(model, np.array([[500.0, 500.0, 0, 0, 1.0, 330.0]]))
    assert rate[0] == pytest.approx(5e-4, abs=4 * std[0])
    assert std[0] < 1e-4


def test_reactors_take_it_unchanged(trained):
    model = trained.best
    feed = np.array([500.0, 800.0, 0.0, 0.0])
    tube = profile(model.law, model.theta, feed, 330.0, 3600.0, 7).c
    run = Run("r", "plug_flow", feed, 330.0, np.linspace(0, 3600, 7), np.full((7, 3), np.nan))
    assert np.allclose(tube[:, :3], model.predict(run)[0].mean, atol=0.5)
    tank = stirred_tank(model.law, model.theta, feed, 330.0, 3600.0)
    assert np.allclose((tank - feed) @ element_matrix(SPECIES, FORMULAS), 0.0, atol=1e-9)


@pytest.mark.parametrize("kind", ["mechanism", "rate", "residual"])
def test_it_is_the_one_hybrid(trained, runs, kind):
    hybrid, run = trained[kind].hybrid(), runs.runs[0]
    assert isinstance(hybrid, Hybrid)
    x = np.array([[*run.feed, run.temperature, t, m] for t in run.times for m in range(3)])
    phi = hybrid.fit.posterior.mean
    _, jac = hybrid.evaluate(phi, x)
    step = np.zeros(len(phi))
    step[0] = 1e-4
    assert np.allclose(jac[:, 0], (hybrid.evaluate(phi + step, x)[0] - hybrid.evaluate(phi - step, x)[0]) / 2e-4, rtol=1e-3, atol=1e-3)
    predicted = hybrid.predict(x)
    best = trained[kind].best
    one = trained[kind]._member(best, run)
    assert np.allclose(predicted.mean, one[0].ravel(), rtol=1e-6)
    assert np.allclose(predicted.std**2, one[1].ravel(), rtol=1e-4)
    assert predicted.in_domain.all()


@pytest.mark.parametrize("kind", ["mechanism", "rate", "residual"])
def test_a_round_through_json(trained, runs, tmp_path, kind):
    model = trained[kind]
    plain = json.loads(json.dumps(pack(model)))
    assert json.loads(json.dumps(pack(unpack(plain)))) == plain
    save(model, tmp_path / "model.json")
    back = load(tmp_path / "model.json")
    for a, b in zip(model.predict(runs), back.predict(runs), strict=True):
        assert np.array_equal(a.mean, b.mean)
        assert np.array_equal(a.std, b.std)


@pytest.mark.parametrize("learner", LEARNERS.values(), ids=LEARNERS)
def test_every_learner_is_stored(learner):
    from chemwright.kinetics.hybrid.file import _learner, _learner_from

    back, x = _learner_from(json.loads(json.dumps(_learner(learner)))), states()
    w = np.full(learner.n_weights, 0.3)
    assert np.array_equal(back.design(x, w)[0], learner.design(x, w)[0])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "no trained hybrid"),
        ('{"format": "chemwright hybrid model", "version": 9}', "version 9"),
        ('{"format": "chemwright hybrid model", "version": 1}', "broken field"),
        ("{", "can't read"),
    ],
    ids=["list", "version", "empty", "no json"],
)
def test_a_bad_file_is_refused(tmp_path, text, said):
    (tmp_path / "model.json").write_text(text)
    with pytest.raises(InputError, match=said):
        load(tmp_path / "model.json")


def test_explain(trained, runs):
    model = trained.best
    (one,) = explain(model, runs)
    assert one.name == "B + C -> D"
    assert "Ea" in one.words
    assert sum(v for _, v in one.drivers) == pytest.approx(1.0)
    assert {n for n, _ in one.drivers} >= {"B", "C", "T"}
    assert one.laws[-1].error < 0.05
    assert [law.size for law in one.laws] == sorted(law.size for law in one.laws)
    for s in shares(model, runs.runs[0]):
        assert np.allclose(s.mechanism + s.learned, s.total)
        assert np.all((s.share >= 0) & (s.share <= 1))
        assert s.share[-1, 2] > s.share[0, 2]  # the product is lost as it is made


def test_a_symbolic_law(trained, runs):
    pytest.importorskip("pyoperon")
    (one,) = explain(trained.best, runs, symbolic=True)
    assert one.laws


def test_directions():
    elements = element_matrix(SPECIES, FORMULAS)
    found = [in_words(d, SPECIES) for d in candidates(elements)]
    assert "B + C -> D" in found
    assert "A + B -> C" in found
    assert "A + D -> 2 C" in found
    assert len(set(found)) == len(found)
    basis = null_space(elements)
    assert basis.shape == (2, 4)
    assert np.allclose(basis @ elements, 0.0, atol=1e-12)
    with pytest.raises(BalanceError, match="makes or loses"):
        check_direction(np.array([-1.0, 0.0, 1.0, 0.0]), elements)


@pytest.mark.parametrize("formula", ["", "c6", "C6H12(OH", "C6 H6", "H2O+"])
def test_bad_formulas(formula):
    with pytest.raises(InputError, match="can't read the formula"):
        elements_of(formula)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"kinds": "missing"}, "unknown kind"),
        ({"kinds": "missing_rate"}, "without formulas"),
        ({"kinds": "missing_rate", "directions": ["A -> X"]}, "'X'"),
        ({"kinds": "closure"}, "a closure of nothing"),
        ({"kinds": "closure", "conditions": ["stir"]}, "condition 'stir'"),
        ({"kinds": "rate", "formulas": {"A": "C"}}, "no formula for the species"),
        ({"learner": "forest"}, "unknown learner"),
        ({"kinds": "missing_rate", "directions": ["A -> C"], "formulas": FORMULAS}, "makes or loses"),
    ],
    ids=["kind", "formulas", "species", "closure", "condition", "formula", "learner", "unbalanced"],
)
def test_bad_input(runs, more, said):
    with pytest.raises((InputError, BalanceError), match=said):
        train_hybrid(BASE, runs, **{"starts": 1, **more})


def test_left_out_runs_by_one_step(runs):
    """One Gauss-Newton step agrees with a refit."""
    from chemwright.kinetics.hybrid.problem import observations

    law = HybridLaw(BASE, parts(PowerLaw((), (), 330.0, 70e3, 20e3))[:1])
    data, prior = observations(runs), law.prior(PRIOR)
    fit = fit_laplace(model_of(law, runs), data, prior, law.nonnegative, [np.concatenate([PRIOR.mean, [0.3, 0.0]])])
    error, std, _ = fit.left_out(data.run)
    less = runs.without(["run 0"])
    again = fit_laplace(model_of(law, less), observations(less), prior, law.nonnegative, [fit.posterior.mean], scales=fit.scales, rounds=0)
    y, jac = model_of(law, runs)(again.posterior.mean)
    rows = data.run == 0
    assert np.allclose(error[rows], (data.y - y)[rows], atol=0.1)
    full = np.sqrt(np.einsum("ni,ij,nj->n", jac, again.posterior.cov, jac) + fit.sigma**2)
    assert np.allclose(std[rows], full[rows], rtol=0.05)


@frozen
class Bump:
    """A factor that no power law has."""

    smooth: bool = True
    n_weights: int = 0

    def evaluate(self, x, w):
        return 1.2 * exp(-(((x[2] - 150.0) / 50.0) ** 2))

    def design(self, x, w):
        return self.evaluate(list(x.T), w), np.zeros((len(x), 0))


def test_a_process_where_powers_fail():
    data = some_runs(6, law=HybridLaw(BASE, (RateFactor((0,), Bump()),)), theta=np.array([np.log(1e-6), 55e3]))
    out = train_hybrid(BASE, data, "rate_factor", starts=1, settings=Settings(depth=2, simplify=0))
    assert "a process of the state" in out.best.best.words
    assert out.best.left_out > out.mechanism.left_out + 20
    value, std = learned_values(out.best, np.array([[300.0, 300.0, c, 0.0, 330.0] for c in (10.0, 100.0, 150.0)]))
    assert value[2] > value[0]
    assert np.all(std > 0)


@pytest.mark.parametrize(
    "odd",
    ["never read", "all zero", "one temperature", "duplicates", "given std", "one run", "no reaction"],
)
def test_odd_data_survive(odd):
    data = some_runs(3, seen=("A", "C"))
    rows = list(data.runs)
    if odd == "never read":
        rows = [Run(r.id, "batch", r.feed, r.temperature, r.times, np.column_stack([r.observed[:, 0], np.full(6, np.nan)])) for r in rows]
    if odd == "all zero":
        rows = [Run(r.id, "batch", r.feed, r.temperature, r.times, np.zeros((6, 2))) for r in rows]
    if odd == "one temperature":
        rows = [Run(r.id, "batch", r.feed, 330.0, r.times, simulate(TRUE, Run("x", "batch", r.feed, 330.0, r.times, r.observed), TRUE_THETA)[:, [0, 2]]) for r in rows]
    if odd == "duplicates":
        rows = [*rows, Run("again", "batch", rows[0].feed, rows[0].temperature, rows[0].times, rows[0].observed)]
    if odd == "given std":
        rows = [Run(r.id, "batch", r.feed, r.temperature, r.times, r.observed, np.full((6, 2), 0.5)) for r in rows]
    if odd == "one run":
        rows = rows[:1]
    if odd == "no reaction":
        rows = [Run(r.id, "batch", r.feed, r.temperature, r.times, np.tile([r.feed[0], 0.0], (6, 1))) for r in rows]
    out = train_hybrid(BASE, RunSet(SPECIES, ("A", "C"), rows), "rate", formulas=FORMULAS, starts=1, settings=Settings(depth=2, simplify=1))
    p = out.best.predict(rows[0])[0]
    assert np.all(np.isfinite(p.mean))
    assert np.all(np.isfinite(p.std))
    if odd == "given std":
        assert 0.2 < p.noise[0] < 1.0
    assert pack(out.best)
