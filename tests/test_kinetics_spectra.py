"""Spectra and kinetics in one fit: exact slopes, parameters found again, what can't be told, files and the command."""

import importlib
import json
import tomllib
from pathlib import Path

import numpy as np
import pytest

from chemwright.cli import main
from chemwright.errors import InputError
from chemwright.kinetics.laws import scheme_of
from chemwright.kinetics.runs import Run
from chemwright.kinetics.spectra import SpectraSet, ambiguities, components, nonnegative, project, residual_slopes
from chemwright.kinetics.spectra_fit import concentrations_of, fit_spectra

BENCHMARKS = str(Path(__file__).resolve().parents[1] / "benchmarks")
CONSECUTIVE = '[[reaction]]\ntext = "A -> B"\nk = "1e-2 1/s"\n[[reaction]]\ntext = "B -> C"\nk = "1e-2 1/s"\n'


@pytest.fixture
def made(monkeypatch):
    """The generator of the benchmarks."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("spectra_data")


@pytest.fixture
def law():
    return scheme_of(tomllib.loads(CONSECUTIVE))


def run(id, feed, times):
    return Run(id, "batch", feed, 298.15, times, np.full((len(times), 1), np.nan))


def standard(made, level=1e-3, seed=3, known=None):
    d = made.case(level, seed)
    runs = tuple(run(str(i), [f, 0.0, 0.0], d["times"]) for i, f in enumerate(d["feeds"]))
    return SpectraSet(("A", "B", "C"), made.WAVELENGTHS, runs, d["absorbance"], known=known or {})


def test_the_generators_closed_forms_are_what_the_reactor_gives(made, law):
    data = standard(made)
    c, _ = concentrations_of(law, data, np.log([0.02, 0.006]), slopes=False)
    assert np.allclose(c[:61], made.consecutive(data.runs[0].times, 0.10, 0.02, 0.006), atol=1e-7)
    second = scheme_of(tomllib.loads('[[reaction]]\ntext = "A + B -> C"\nk = "1 L/(mol s)"'))
    times = np.linspace(0, 100, 11)
    one = SpectraSet(("A", "B", "C"), [1.0, 2.0], (run("x", [2.0, 3.0, 0.0], times),), (np.zeros((11, 2)),))
    assert np.allclose(concentrations_of(second, one, np.log([0.01]), slopes=False)[0], made.second_order(times, 2.0, 3.0, 0.01), atol=1e-6)


def test_slopes_of_the_projected_residual_are_exact(made, law):
    """Against differences, with some coefficients held at zero and with one spectrum given."""
    theta = np.log([0.015, 0.009])
    for known in ({}, {"C": made.pure("C")}):
        data = standard(made, level=5e-3, known=known)
        c, dc = concentrations_of(law, data, theta)
        at = project(data, c)
        assert 0 < np.sum(~at.free) < at.free.size
        slopes = residual_slopes(data, c, dc, at)
        for p in range(2):
            step = np.zeros(2)
            step[p] = 1e-5
            ahead, behind = (project(data, concentrations_of(law, data, theta + s, slopes=False)[0]) for s in (step, -step))
            same = np.all(ahead.free == behind.free, axis=0)  # at a wavelength where a coefficient reaches zero there is no slope
            found = (ahead.residual - behind.residual) / 2e-5
            assert same.mean() > 0.9
            assert np.allclose(slopes[:, same, p], found[:, same], rtol=1e-4, atol=1e-5 * np.max(np.abs(found)))


def test_nonnegative_least_squares_fulfils_its_conditions():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(30, 4)), rng.normal(size=(30, 50))
    x = nonnegative(a, b)
    slope = a.T @ (b - a @ x)
    assert np.all(x >= 0)
    assert np.all(slope <= 1e-9)  # no coefficient wants to grow
    assert np.max(np.abs(slope * x)) < 1e-9  # those above zero are at rest


@pytest.mark.parametrize("level", [1e-4, 1e-3, 5e-3])
def test_parameters_and_spectra_are_found_again(made, law, level):
    fit = fit_spectra(law, standard(made, level), starts=3)
    assert np.all(np.abs(fit.posterior.mean - np.log([0.02, 0.006])) < 3.5 * fit.posterior.std)
    assert np.all(fit.posterior.std < 20 * level)
    assert fit.misfit == pytest.approx(1.0, abs=0.03)
    assert fit.seen == fit.expected == 3
    assert fit.notes == ()
    assert np.median(fit.noise / made.noise(level)) == pytest.approx(1.0, abs=0.05)
    assert fit.noise[0] > 3 * fit.noise[-1]  # the lamp is weak at the short end
    truth = np.array([made.pure(s) for s in "ABC"])
    off = (fit.coefficients - truth)[fit.coefficients_std > 0] / fit.coefficients_std[fit.coefficients_std > 0]
    assert 0.8 < np.sqrt(np.mean(off**2)) < 1.3
    assert np.all(fit.coefficients >= 0)


def test_intervals_cover_over_noise(made, law):
    """90 % intervals of both rate constants over ten draws of noise: at least 14 of 20."""
    inside = 0
    for seed in range(100, 120, 2):
        fit = fit_spectra(law, standard(made, 1e-3, seed), starts=1)
        inside += int(np.sum(np.abs(fit.posterior.mean - np.log([0.02, 0.006])) < 1.645 * fit.posterior.std))
    assert 14 <= inside <= 20


def test_a_given_spectrum_narrows_the_parameters(made, law):
    free, given = (fit_spectra(law, standard(made, 1e-3, known=k), starts=1) for k in ({}, {"B": made.pure("B")}))
    assert np.all(given.posterior.std < 0.7 * free.posterior.std)
    assert np.all(given.coefficients_std[1] == 0)


def test_exchanged_rate_constants_are_told_where_they_fit_as_well(made, law, monkeypatch):
    """Vajda and Rabitz 1988: with an intermediate of unknown spectrum k1 and k2 change places, unless a spectrum would be negative."""
    monkeypatch.setitem(made.BANDS, "A", ((360, 30, 100),))
    monkeypatch.setitem(made.BANDS, "B", ((420, 35, 900), (360, 30, 400)))
    monkeypatch.setitem(made.BANDS, "C", ((420, 35, 800),))
    fit = fit_spectra(law, standard(made, 1e-3, 5), starts=2)
    assert len(fit.alternatives) == 1
    assert np.exp(fit.alternatives[0][1]) == pytest.approx(np.exp(fit.posterior.mean)[::-1], rel=0.05)
    assert any("give a pure spectrum" in n for n in fit.notes)
    assert any("fewer than the 3 fitted" in n for n in fit.notes)  # the three spectra have two shapes
    assert fit_spectra(law, standard(made, 1e-3, 5, known={"B": made.pure("B")}), starts=2).alternatives == ()


def test_spectra_that_only_a_combination_tells_are_named(made):
    """A + B -> C with equal feeds: c_A = c_B throughout, so one spectrum of the two can't be told from the other."""
    law = scheme_of(tomllib.loads('[[reaction]]\ntext = "A + B -> C"\nk = "50 L/(mol s)"'))
    times = np.linspace(0, 400, 41)
    c = made.second_order(times, 0.1, 0.1, 0.1)
    data = SpectraSet(("A", "B", "C"), made.WAVELENGTHS, (run("x", [0.1, 0.1, 0.0], times),), (made.measured(c, ("A", "D", "C"), 1e-3, 1),))
    fit = fit_spectra(law, data, starts=2)
    assert np.exp(fit.posterior.mean[0]) == pytest.approx(0.1, rel=0.02)
    assert len(fit.ambiguities) == 1
    assert dict(fit.ambiguities[0].weights) == pytest.approx({"A": 1.0, "B": -1.0}, abs=1e-3) or dict(fit.ambiguities[0].weights) == pytest.approx({"A": -1.0, "B": 1.0}, abs=1e-3)
    assert "A, B" in fit.notes[0]
    assert np.all(np.isinf(fit.coefficients_std[:2]))
    both = fit.coefficients[0] + fit.coefficients[1]
    assert np.max(np.abs(both - made.pure("A") - made.pure("D"))) < 40
    other = SpectraSet(
        data.species,
        data.wavelengths,
        (*data.runs, run("y", [0.1, 0.05, 0.0], times)),
        (*data.absorbance, made.measured(made.second_order(times, 0.1, 0.05, 0.1), ("A", "D", "C"), 1e-3, 2)),
    )
    assert fit_spectra(law, other, starts=1).ambiguities == ()


def test_a_species_never_there_and_a_missing_one_are_named(made, law):
    data = standard(made)
    c, _ = concentrations_of(law, data, np.log([0.02, 0.006]), slopes=False)
    c[:, 2] = 0.0
    assert [str(a) for a in ambiguities(data, c)] == ["C is formed and fed in no run: its spectrum stays unknown"]
    short = scheme_of(tomllib.loads('[[reaction]]\ntext = "A -> B"\nk = "1e-2 1/s"'))
    wrong = fit_spectra(short, SpectraSet(("A", "B"), data.wavelengths, tuple(run(r.id, r.feed[:2], r.times) for r in data.runs), data.absorbance), starts=1)
    assert wrong.seen == 3 > wrong.expected == 2
    assert "a species or a drift is missing" in wrong.notes[0]
    assert components(data)[0] == 3


def write(folder, made, feed="0.10 mmol/L"):
    d = made.case(1e-3, 3)
    for i in range(2):
        head = "time [min]," + ",".join(f"{w:g} nm" for w in made.WAVELENGTHS)
        lines = [f"{t / 60:.9g}," + ",".join(f"{a:.6g}" for a in row) for t, row in zip(d["times"], d["absorbance"][i], strict=True)]
        (folder / f"run{i + 1}.csv").write_text("\n".join([head, *lines]) + "\n", "utf-8")
    (folder / "pure.csv").write_text("wavelength [nm],A [L/(mol cm)]\n" + "".join(f"{w:g},{10 * e:.6g}\n" for w, e in zip(made.WAVELENGTHS, made.pure("A"), strict=True)), "utf-8")
    text = f'{CONSECUTIVE}[spectra]\npath_length = "1 cm"\nknown = "pure.csv"\nfrom = 310\n[[run]]\nfile = "run1.csv"\nfeed = {{ A = "{feed}" }}\ntemperature = "25 degC"\n[[run]]\nfile = "run2.csv"\nfeed = {{ A = "0.05 mmol/L" }}\ntemperature = "25 degC"\n'
    (folder / "spectra.toml").write_text(text, "utf-8")
    return folder / "spectra.toml"


def test_the_command_fits_a_file_and_draws_it(made, tmp_path, capsys):
    file = write(tmp_path, made)
    with pytest.raises(SystemExit) as ended:
        main(["kinetics", "spectra", str(file), "--starts", "2", "--plot", str(tmp_path / "out.svg"), "--json"])
    assert ended.value.code == 0
    out = json.loads(capsys.readouterr().out)
    assert [p["name"] for p in out["parameters"]] == ["k.r1", "k.r2"]
    assert [p["value"] for p in out["parameters"]] == pytest.approx([0.02, 0.006], rel=0.02)
    assert out["spectra"]["A"]["known"] is True
    assert out["wavelengths"][0] == 310.0
    assert (tmp_path / "out.svg").read_text("utf-8").startswith("<svg")
    with pytest.raises(SystemExit) as ended:
        main(["kinetics", "spectra", str(file), "--starts", "1"])
    assert ended.value.code == 0
    assert "3 independent species seen" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (("spectra.toml", 'file = "run1.csv"', 'file = "run.csv"'), "did you mean 'run"),
        (("spectra.toml", "feed = { A =", "feed = { AA ="), "'AA' is fed and is not in the network"),
        (("spectra.toml", "from = 310", "from = 900"), "0 wavelengths between"),
        (("spectra.toml", "from = 310", "form = 310"), "did you mean 'from'"),
        (("spectra.toml", '"25 degC"', '"25 mol"'), "temperature"),
        (("run1.csv", "time [min]", "wavelength"), "expected a time"),
        (("run1.csv", "305 nm", "blue"), "'blue' is no wavelength"),
        (("run2.csv", "305 nm", "306 nm"), "wavelengths differ from those of run 'run1'"),
        (("pure.csv", "A [", "X ["), "a pure spectrum of 'X'"),
    ],
    ids=lambda v: v[1] if isinstance(v, tuple) else "",
)
def test_a_wrong_file_is_refused_in_words(made, tmp_path, change, match):
    from chemwright.errors import ChemwrightError
    from chemwright.kinetics.spectra_file import read_spectra

    file = write(tmp_path, made)
    target = tmp_path / change[0]
    text = target.read_text("utf-8")
    assert change[1] in text
    target.write_text(text.replace(change[1], change[2], 1), "utf-8")
    with pytest.raises(ChemwrightError, match=match):
        read_spectra(file)


def test_a_cell_that_is_no_number_is_named(made, tmp_path):
    from chemwright.kinetics.spectra_file import read_spectra

    file = write(tmp_path, made)
    rows = (tmp_path / "run1.csv").read_text("utf-8").splitlines()
    cells = rows[4].split(",")
    cells[3] = "saturated"
    rows[4] = ",".join(cells)
    (tmp_path / "run1.csv").write_text("\n".join(rows), "utf-8")
    with pytest.raises(InputError, match=r"run1.csv, row 5, column 4 \(310 nm\): 'saturated' is no number"):
        read_spectra(file)


def test_sets_that_do_not_fit_together_are_refused(made):
    times = np.linspace(0, 1, 3)
    with pytest.raises(InputError, match="a row for each time"):
        SpectraSet(("A",), [1.0, 2.0], (run("x", [1.0], times),), (np.zeros((4, 2)),))
    with pytest.raises(InputError, match="no number at row 1, wavelength 2"):
        SpectraSet(("A",), [1.0, 2.0], (run("x", [1.0], times),), (np.array([[0, np.nan], [0, 0], [0, 0]]),))
    with pytest.raises(InputError, match="which the network has not"):
        SpectraSet(("A",), [1.0, 2.0], (run("x", [1.0], times),), (np.zeros((3, 2)),), known={"Z": [0.0, 0.0]})


def test_the_example_comes_out_as_it_says():
    from chemwright.kinetics.spectra_file import read_spectra

    problem = read_spectra(Path(BENCHMARKS).parent / "examples" / "spectra.toml")
    fit = fit_spectra(problem.law, problem.data, starts=2)
    assert np.all(np.abs(fit.posterior.mean - np.log([0.02, 0.006])) < 3 * fit.posterior.std)
    assert fit.notes == ()
