"""Heat-flow calorimetry: the lag, the integral, and kinetics with enthalpies from traces."""

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest

from chemwright.cli import main
from chemwright.errors import ChemwrightError, InputError
from chemwright.kinetics.calorimetry import HeatTrace, Lagged, integral_heat, lagged_heat
from chemwright.kinetics.calorimetry_file import read_heat_file
from chemwright.kinetics.calorimetry_fit import fit_heat
from chemwright.kinetics.laws import scheme_of
from chemwright.kinetics.runs import Run, RunSet
from chemwright.kinetics.simulate import readings, simulate

FIRST = scheme_of(tomllib.loads('[[reaction]]\ntext = "A -> B"\nk = "1e-3 1/s"'))
SERIES = scheme_of(tomllib.loads('[[reaction]]\ntext = "A -> B"\nk = "1e-3 1/s"\n[[reaction]]\ntext = "B -> C"\nk = "1e-3 1/s"'))
VOLUME = 5e-5  # m^3


def run(id, feed, times):
    return Run(id, "batch", feed, 298.15, times, np.full((len(times), 1), np.nan))


def decay(times, k, lag, heat):
    """Heat flow (W) of a first-order decay through a lag, from zero at the start; ``heat`` in J."""
    return heat * k / (1 - k * lag) * (np.exp(-k * times) - np.exp(-times / lag))


def series(times, k1, k2, lag, heats):
    """The same of A -> B -> C, by superposition: B's consumption is a sum of the decays of k1 and k2."""
    first = decay(times, k1, lag, heats[0])
    second = heats[1] / (k2 - k1) * (k2 * decay(times, k1, lag, 1.0) - k1 * decay(times, k2, lag, 1.0))
    return first + second


def test_the_lag_of_a_decay_is_its_closed_form():
    times = np.linspace(0, 4000, 81)
    lagged, heat = lagged_heat(FIRST, {"r1": -80e3}, 4000.0, lag=120.0)
    c = simulate(lagged, run("x", [500.0, 0.0, 0.0], times), np.log([2e-3]))
    assert np.allclose(c[:, 0], 500 * np.exp(-2e-3 * times), atol=1e-4)
    q = heat.terms[0][1] * c[:, 2] * VOLUME
    assert np.allclose(q, decay(times, 2e-3, 120.0, 80e3 * 500 * VOLUME), atol=1e-6 * np.max(q))
    assert lagged.names == ("k.r1",)
    assert Lagged(FIRST, ("r1",), 100.0).names == ("k.r1", "lag")
    with pytest.raises(InputError, match="no enthalpy of 'r2'"):
        lagged_heat(SERIES, {"r1": 1.0}, 1.0)


def test_lagged_heat_is_an_observable_of_any_fit():
    times = np.linspace(0, 3000, 31)
    lagged, heat = lagged_heat(FIRST, {"r1": -80e3}, 3000.0)
    one = Run("x", "batch", [500.0, 0.0, 0.0], 298.15, times, np.full((31, 2), np.nan))
    runs = RunSet(lagged.species, (heat, "A"), (one,))
    theta = np.array([np.log(1e-3), np.log(100.0)])
    y, slopes = readings(lagged, runs, one, theta)
    assert y[:, 0] * VOLUME == pytest.approx(decay(times, 1e-3, 100.0, 80e3 * 500 * VOLUME), abs=1e-6)
    for p in range(2):
        step = np.eye(2)[p] * 1e-5
        found = (readings(lagged, runs, one, theta + step)[0] - readings(lagged, runs, one, theta - step)[0]) / 2e-5
        assert np.allclose(slopes[:, :, p], found, rtol=1e-4, atol=1e-4 * np.max(np.abs(found)))


def test_the_integral_of_a_trace_is_the_heat_of_reaction():
    times = np.linspace(0, 6000, 601)
    heat = 80e3 * 500 * VOLUME
    trace = HeatTrace(run("x", [500.0, 0.0], times), decay(times, 2e-3, 120.0, heat) + 0.05, VOLUME)
    found = integral_heat(trace, lag=120.0, baseline=0.05, noise=1e-3)
    assert found.total == pytest.approx(heat * (1 - np.exp(-12.0)), rel=1e-3)
    assert found.thermal_conversion[200] == pytest.approx(1 - np.exp(-4.0), abs=2e-3)  # the lag is taken off
    assert integral_heat(trace, lag=0.0, baseline=0.05).thermal_conversion[20] < found.thermal_conversion[20] - 0.1
    assert found.std == pytest.approx(1e-3 * np.sqrt(599 * 10**2 + (5 - 120) ** 2 + (5 + 120) ** 2), rel=1e-3)
    assert found.left < 1e-4


def noisy(times, clean, level, seed):
    return clean + np.random.default_rng(seed).normal(size=len(times)) * level


def test_kinetics_enthalpies_lag_and_baseline_from_traces():
    times = np.linspace(0, 8000, 401)
    truth, dh, lag = (3e-3, 6e-4), (-60e3, -95e3), 90.0
    traces = []
    for i, feed in enumerate(([400.0, 0.0, 0.0], [0.0, 200.0, 0.0])):
        heats = [-h * 400.0 * VOLUME for h in dh]
        clean = (series(times, *truth, lag, heats) if i == 0 else decay(times, truth[1], lag, 95e3 * 200.0 * VOLUME)) + 0.02 * (i + 1)
        traces.append(HeatTrace(run(str(i), feed, times), noisy(times, clean, 2e-3, i), VOLUME))
    fit = fit_heat(SERIES, traces, starts=4)
    assert fit.names == ("k.r1", "k.r2", "lag")
    assert np.all(np.abs(fit.posterior.mean - np.log([*truth, lag])) < 3.5 * fit.posterior.std)
    assert np.all(fit.posterior.std < 0.05)
    for i, h in zip(("r1", "r2"), dh, strict=True):
        assert abs(fit.enthalpies[i] - h) < 3.5 * fit.enthalpies_std[i] < 0.05 * abs(h)
    assert fit.noise == pytest.approx(2e-3, rel=0.1)
    assert [float(b[0]) for b in fit.baselines] == pytest.approx([0.02, 0.04], abs=2e-3)
    assert fit.notes == ()
    for found, predicted in zip(fit.integrals, fit.predicted, strict=True):
        assert found.total == pytest.approx(predicted, rel=0.02)
    given = fit_heat(SERIES, traces, {"r1": -60e3, "r2": -95e3}, lag=lag, starts=2)
    assert given.enthalpies_std == {"r1": 0.0, "r2": 0.0}
    assert np.all(given.posterior.std < fit.posterior.std[:2])
    assert np.all(np.abs(given.posterior.mean - np.log(truth)) < 3.5 * given.posterior.std)
    alone = fit_heat(SERIES, traces[:1], lag=lag, starts=2)  # with A alone the constants change places
    assert len(alone.alternatives) == 1
    assert alone.alternatives[0][1] == pytest.approx(alone.posterior.mean[::-1], abs=0.02)
    assert "feed an intermediate" in alone.notes[-1]


def test_slopes_of_the_projected_heat_are_exact():
    from chemwright.kinetics.calorimetry_fit import _Problem

    times = np.linspace(0, 3000, 61)
    trace = HeatTrace(run("x", [400.0, 0.0, 0.0], times), noisy(times, series(times, 3e-3, 6e-4, 90.0, [1.2, 1.9]), 5e-3, 0), VOLUME)
    for known in ({}, {"r1": -60e3}):
        problem = _Problem(SERIES, [trace], known, None, 2, None)
        z = np.array([0.3, -0.2, 0.4])
        _, jac = problem.both(z)
        for p in range(3):
            step = np.eye(3)[p] * 1e-4
            found = (problem.both(z + step)[0] - problem.both(z - step)[0]) / 2e-4
            assert np.allclose(jac[:, p], found, rtol=1e-3, atol=1e-4 * np.max(np.abs(found)))


def test_what_a_trace_cannot_tell_is_said():
    twins = scheme_of(tomllib.loads('[[reaction]]\ntext = "A -> B"\nk = { value = "1e-3 1/s", name = "k" }\n[[reaction]]\ntext = "A -> C"\nk = { same_as = "k" }'))
    times = np.linspace(0, 1200, 61)
    trace = HeatTrace(run("x", [400.0, 0.0, 0.0], times), noisy(times, decay(times, 2e-3, 30.0, 1.2e3), 1e-3, 0), VOLUME)
    fit = fit_heat(twins, [trace], lag=30.0, baseline="none", starts=1)
    assert any("the enthalpies of r1, r2 are told only in combination" in n for n in fit.notes)
    assert fit.enthalpies_std == {"r1": float("inf"), "r2": float("inf")}
    assert any("cut before the heat ended" in n for n in fit.notes)
    assert np.exp(fit.posterior.mean[0]) == pytest.approx(1e-3, rel=0.02)


def test_a_wrong_volume_shows_in_the_integral():
    """Enthalpies are given, and the volume is wrong by a third: kinetics bend, and the integral of the trace says so."""
    times = np.linspace(0, 5000, 251)
    trace = HeatTrace(run("x", [400.0, 0.0], times), noisy(times, decay(times, 2e-3, 60.0, 80e3 * 400 * VOLUME), 1e-3, 0), VOLUME * 1.33)
    fit = fit_heat(FIRST, [trace], {"r1": -80e3}, lag=60.0, baseline="none", starts=2)
    assert any("check volume, baseline and lag" in n for n in fit.notes)


@pytest.mark.parametrize(
    ("change", "match"),
    [({"enthalpies": {"r9": 1.0}}, "no reaction. known: r1|which is no reaction"), ({"baseline": "konstant"}, "did you mean 'constant'"), ({"traces": []}, "no traces")],
    ids=["reaction", "baseline", "traces"],
)
def test_what_a_fit_refuses(change, match):
    times = np.linspace(0, 100, 5)
    told = {"traces": [HeatTrace(run("x", [1.0, 0.0], times), np.zeros(5), VOLUME)], **change}
    with pytest.raises(InputError, match=match):
        fit_heat(FIRST, **told)


def test_traces_must_be_of_isothermal_batches():
    with pytest.raises(InputError, match="isothermal batch"):
        HeatTrace(Run("x", "plug_flow", [1.0], 300.0, [1.0], [[np.nan]]), [0.0], VOLUME)
    with pytest.raises(InputError, match="2 readings of heat for 3 times"):
        HeatTrace(run("x", [1.0], [0.0, 1.0, 2.0]), [0.0, 0.0], VOLUME)


def write(folder, first='feed = { A = "400 mmol/L" }'):
    times = np.linspace(0, 8000, 201)
    for i, (name, clean) in enumerate((("a", series(times, 3e-3, 6e-4, 90.0, [60e3 * 400 * VOLUME, 95e3 * 400 * VOLUME])), ("b", decay(times, 6e-4, 90.0, 95e3 * 200.0 * VOLUME)))):
        q = noisy(times, clean + 0.02, 2e-3, i)
        rows = "".join(f"{t / 60:.8g},{1e3 * v:.6g}\n" for t, v in zip(times, q, strict=True))
        (folder / f"{name}.csv").write_text("time [min],heat_flow [mW]\n" + rows, "utf-8")
    text = f"""
[[reaction]]
text = "A -> B"
k = "1e-3 1/s"
[[reaction]]
text = "B -> C"
k = "1e-3 1/s"
[heat]
volume = "50 mL"
enthalpies = {{ r2 = "-95 kJ/mol" }}
[[run]]
file = "a.csv"
{first}
temperature = "25 degC"
[[run]]
file = "b.csv"
feed = {{ B = "200 mmol/L" }}
temperature = "25 degC"
"""
    (folder / "heat.toml").write_text(text, "utf-8")
    return folder / "heat.toml"


def test_the_command_fits_traces_and_draws_them(tmp_path, capsys):
    file = write(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["kinetics", "heat", str(file), "--starts", "2", "--plot", str(tmp_path / "out.svg"), "--json"])
    assert ended.value.code == 0
    out = json.loads(capsys.readouterr().out)
    assert [p["value"] for p in out["parameters"]] == pytest.approx([3e-3, 6e-4, 90.0], rel=0.03)
    assert out["enthalpies"]["r1"]["value"] == pytest.approx(-60e3, rel=0.02)
    assert out["enthalpies"]["r2"] == {"value": -95e3, "std": 0.0, "given": True}
    assert out["notes"] == []
    assert (tmp_path / "out.svg").read_text("utf-8").startswith("<svg")
    with pytest.raises(SystemExit) as ended:
        main(["kinetics", "heat", str(file), "--starts", "1"])
    assert ended.value.code == 0
    assert "dH of r1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (("heat.toml", "{ r2 =", "{ r3 ="), "'r3', which is no reaction"),
        (("heat.toml", 'volume = "50 mL"', ""), "no volume of the reacting liquid"),
        (("heat.toml", "[heat]", "[heat]\nlags = 3"), "did you mean 'lag'"),
        (("a.csv", "heat_flow", "q"), "no column 'heat_flow'"),
        (("a.csv", "[mW]", "[mV]"), "column 2"),
    ],
    ids=["reaction", "volume", "key", "column", "unit"],
)
def test_a_wrong_heat_file_is_refused_in_words(tmp_path, change, match):
    file = write(tmp_path)
    target = tmp_path / change[0]
    target.write_text(target.read_text("utf-8").replace(change[1], change[2], 1), "utf-8")
    with pytest.raises(ChemwrightError, match=match):
        read_heat_file(file)


def test_the_example_comes_out_as_it_says():
    problem = read_heat_file(Path(__file__).resolve().parents[1] / "examples" / "heat.toml")
    fit = fit_heat(problem.law, problem.traces, problem.enthalpies, lag=problem.lag, baseline=problem.baseline, starts=2)
    assert np.all(np.abs(fit.posterior.mean - np.log([3e-3, 6e-4, 90.0])) < 3 * fit.posterior.std)
    assert abs(fit.enthalpies["r1"] + 60e3) < 3 * fit.enthalpies_std["r1"] < 1e3
    assert fit.notes == ()
