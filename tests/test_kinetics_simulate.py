"""Runs and their simulation: closed forms, exact sensitivities in every reactor, readings, and what a run set refuses."""

import math

import numpy as np
import pytest
from attrs import evolve, frozen

from chemwright.errors import ConvergenceError, InputError
from chemwright.kinetics import MassAction, Network, parse_reaction
from chemwright.kinetics.observables import Conversion, EFactor, HeatRate, Linear, Yield, observable_of
from chemwright.kinetics.rates import GAS_CONSTANT, Equilibrium
from chemwright.kinetics.runs import Run, RunSet, TemperatureProfile
from chemwright.kinetics.simulate import readings, sensitivities, simulate, species_of
from chemwright.model.reactors import profile, stirred_tank


def series(texts=("A -> B", "B -> C"), species=("A", "B", "C"), t_ref=320.0, equilibria=()):
    network = Network(species, tuple(parse_reaction(t, f"r{i}") for i, t in enumerate(texts, 1)))
    return MassAction(network, (t_ref,) * len(texts), equilibria)


@frozen
class Plain:
    """The same law without telling its rate constants: sensitivities go by theta itself."""

    law: MassAction

    @property
    def stoichiometry(self):
        return self.law.stoichiometry

    @property
    def n_parameters(self):
        return self.law.n_parameters

    def rates(self, c, temperature, theta):
        return self.law.rates(c, temperature, theta)


LAW = series()
THETA = np.array([math.log(2e-3), math.log(1e-3), 60e3, 80e3])
TIMES = np.array([0.0, 100.0, 300.0, 300.0, 900.0])


def run(reactor="batch", temperature=320.0, feed=(800.0, 0.0, 0.0), times=TIMES, m=3):
    return Run("one", reactor, feed, temperature, times, np.full((len(times), m), np.nan))


def central(law, r, theta, step=1e-4):
    """Central differences of the concentrations, relative steps."""
    h = step * np.maximum(1.0, np.abs(theta))
    return np.stack([(simulate(law, r, theta + e, reltol=1e-10) - simulate(law, r, theta - e, reltol=1e-10)) / (2 * d) for d, e in zip(h, np.diag(h), strict=True)], axis=-1)


def test_batch_of_two_steps_has_the_closed_form():
    c = simulate(LAW, run(), THETA)
    k1, k2 = 2e-3, 1e-3
    a = 800 * np.exp(-k1 * TIMES)
    b = 800 * k1 / (k2 - k1) * (np.exp(-k1 * TIMES) - np.exp(-k2 * TIMES))
    assert c == pytest.approx(np.stack([a, b, 800 - a - b], 1), abs=1e-3)


def test_sensitivities_have_the_closed_form():
    _, s = sensitivities(LAW, run(), THETA)
    k1 = 2e-3
    assert s[:, 0, 0] == pytest.approx(-800 * k1 * TIMES * np.exp(-k1 * TIMES), abs=1e-3)
    assert s[:, 0, 2] == pytest.approx(0.0, abs=1e-9)  # at the reference temperature Ea has no say
    assert s.sum(1) == pytest.approx(0.0, abs=1e-9)  # atoms balance, whatever the parameters


@pytest.mark.parametrize("law", [LAW, Plain(LAW)], ids=["rate constants", "theta"])
@pytest.mark.parametrize("reactor", ["batch", "plug_flow", "stirred_tank"])
def test_sensitivities_are_exact(law, reactor):
    r = run(reactor, 345.0)
    _, s = sensitivities(law, r, THETA)
    assert s == pytest.approx(central(law, r, THETA), rel=1e-5, abs=2e-6 * np.abs(s).max((0, 1)).max())


def test_both_ways_to_the_sensitivities_agree():
    for reactor in ("batch", "stirred_tank"):
        a, b = sensitivities(LAW, run(reactor, 350.0), THETA), sensitivities(Plain(LAW), run(reactor, 350.0), THETA)
        assert a[0] == pytest.approx(b[0], rel=1e-6, abs=1e-4)
        assert a[1] * np.maximum(1, np.abs(THETA)) == pytest.approx(b[1] * np.maximum(1, np.abs(THETA)), rel=1e-5, abs=1e-2)


def test_reactors_agree_with_those_of_the_plant():
    law = series(("A <-> B", "2 B -> C"), equilibria=(Equilibrium(3.0, 330.0, -7e3), None))
    theta = np.array([-6.0, -13.0, 5e4, 6e4])
    feed = np.array([900.0, 20.0, 0.0])
    along = profile(law, theta, feed, 340.0, 600.0, 4)
    assert simulate(law, run("plug_flow", 340.0, feed, along.time), theta) == pytest.approx(along.c, rel=1e-6)
    assert simulate(law, run("stirred_tank", 340.0, feed, [600.0]), theta)[0] == pytest.approx(stirred_tank(law, theta, feed, 340.0, 600.0), rel=1e-8)


def test_a_measured_temperature_is_followed():
    law, theta = series(("A -> B",), ("A", "B")), np.array([math.log(2e-3), 60e3])
    warm = TemperatureProfile([0.0, 200.0, 900.0], [300.0, 340.0, 310.0])
    t = np.linspace(0, 900, 9)
    fine = np.linspace(0, 900, 90001)
    k = 2e-3 * np.exp(-60e3 / GAS_CONSTANT * (1 / warm.at(fine) - 1 / 320.0))
    integral = np.concatenate([[0], np.cumsum((k[1:] + k[:-1]) / 2 * np.diff(fine))])
    r = run(temperature=warm, times=t, feed=(800.0, 0.0), m=2)
    c, s = sensitivities(law, r, theta)
    assert c[:, 0] == pytest.approx(800 * np.exp(-np.interp(t, fine, integral)), rel=1e-6)
    assert s == pytest.approx(central(law, r, theta), rel=1e-4, abs=1e-5 * np.abs(s).max())


def test_a_flat_profile_is_a_fixed_temperature():
    assert simulate(LAW, run(temperature=TemperatureProfile([0.0, 900.0], [333.0, 333.0])), THETA) == pytest.approx(
        simulate(LAW, run(temperature=333.0), THETA), rel=1e-6, abs=1e-4
    )


def test_readings_and_their_slopes():
    observables = ("A", Linear("B+C", (("B", 1.0), ("C", 1.0))), Conversion("A"), Yield("C", "A", 1.0), HeatRate((-50e3, -20e3)), EFactor("C", ("A",), (0.1, 0.1)))
    r = run(temperature=340.0, times=[100.0, 500.0], m=len(observables))
    rs = RunSet(("A", "B", "C"), observables, (r,))
    y, s = readings(LAW, rs, r, THETA)
    c = simulate(LAW, r, THETA)
    rates = np.array([LAW.rates(row, 340.0, THETA) for row in c])
    assert y == pytest.approx(np.stack([c[:, 0], c[:, 1] + c[:, 2], 1 - c[:, 0] / 800, c[:, 2] / 800, rates @ [50e3, 20e3], np.log(800 / c[:, 2])], 1), rel=1e-6)
    steps = (1e-4, 1e-4, 10.0, 10.0)
    size = np.abs(s * steps).max((0, 2))
    for i, h in enumerate(steps):
        e = h * np.eye(4)[i]
        up, down = (readings(LAW, rs, r, THETA + d, slopes=False, reltol=1e-10)[0] for d in (e, -e))
        assert (s[..., i] * h - (up - down) / 2) / size == pytest.approx(0.0, abs=1e-4)


def test_samples_at_time_zero_only_and_nothing_fed():
    assert simulate(LAW, run(times=[0.0]), THETA) == pytest.approx(np.array([[800.0, 0, 0]]))
    c, s = sensitivities(LAW, run(feed=(0.0, 0.0, 0.0)), THETA)
    assert not c.any()
    assert not s.any()


@pytest.mark.parametrize("reactor", ["batch", "stirred_tank"])
def test_far_off_parameters_fail_plainly_or_give_numbers(reactor):
    law = series(("A + B -> C", "2 C -> A"))
    r = run(reactor, feed=(800.0, 900.0, 0.0))
    said = []
    for shift in (-300.0, -30.0, 30.0, 300.0, 5000.0):
        try:
            c, s = sensitivities(law, r, np.array([shift, -shift, 5e4, 5e4]))
        except ConvergenceError as error:
            said.append(str(error))
        else:
            assert np.all(np.isfinite(np.concatenate([c.ravel(), s.ravel()])))
    assert all("run 'one'" in s and "check rate constants" in s for s in said)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: run("kettle"), "not a reactor"),
        (lambda: run(temperature=-3.0), "absolute temperature"),
        (lambda: run("plug_flow", TemperatureProfile([0, 1], [300, 310])), "one temperature"),
        (lambda: run(times=[0.0, 20.0, 10.0]), "go back"),
        (lambda: run(times=[-1.0, 20.0]), "negative"),
        (lambda: run(feed=(-1.0, 0.0, 0.0)), "feed"),
        (lambda: evolve(run(), std=np.zeros((5, 3)), observed=np.ones((5, 3))), "above zero"),
        (lambda: evolve(run(), std=np.ones((5, 2))), "shape"),
        (lambda: TemperatureProfile([0, 0], [300, 310]), "do not increase"),
        (lambda: RunSet(("A", "B", "C"), ("A", "B", "C"), (run(), run())), "two runs are called"),
        (lambda: RunSet(("A", "B"), ("A", "B", "C"), (run(),)), "the network has not"),
        (lambda: RunSet(("A", "B", "C"), ("A",), (run(),)), "observables"),
        (lambda: RunSet(("A", "B", "C"), ("A", "B", "C"), ()), "no runs"),
        (lambda: RunSet(("A", "B", "C"), ("A", "B", "C"), (run(),))["two"], "no run"),
        (lambda: RunSet(("A", "B", "C"), ("B", "B", "B"), (run(),)).over(("B", "C")), "is fed"),
        (lambda: simulate(LAW, run(feed=(1.0, 1.0), m=2), THETA), "expected"),
        (lambda: observable_of("yield"), "of what"),
        (lambda: observable_of("yield(A)"), "write conversion"),
        (lambda: observable_of("A+"), "can't read"),
        (lambda: species_of(Plain(LAW)), "species"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_bad_runs_are_refused_with_a_fix(make, said):
    with pytest.raises(InputError, match=said) as caught:
        make()
    assert caught.value.fix


def test_runs_move_to_another_order_of_species():
    rs = RunSet(("A", "B", "C"), ("A", "C"), (run(m=2),)).over(("C", "A", "D", "B"))
    assert rs.runs[0].feed.tolist() == [0.0, 800.0, 0.0, 0.0]
    assert (rs.n_readings, rs.ids, rs["one"].mean_temperature) == (0, ("one",), 320.0)


@pytest.mark.parametrize(("text", "name"), [("A", "A"), ("c_A", "A"), ("A + c_B", "A+B"), ("conversion(A)", "conversion(A)"), ("yield( B / A )", "yield(B/A)")])
def test_observables_are_read_from_column_names(text, name):
    assert observable_of(text).name == name
