"""Networks proposed from data: what the data span, what balances, which network, and what can't be told."""

import json

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from typer.testing import CliRunner

from chemwright.errors import InputError
from chemwright.kinetics import Network, parse_reaction
from chemwright.kinetics.discover import candidates, models_text, proposal_answer, propose, rate_laws, subspace_of
from chemwright.kinetics.discover.screen import change_of
from chemwright.kinetics.discover.series import series_of
from chemwright.kinetics.discover.smooth import smooth
from chemwright.kinetics.formulas import elements_of
from chemwright.kinetics.laws import Hindered, scheme_of
from chemwright.kinetics.models_file import read_problem
from chemwright.kinetics.runs import Run, RunSet

ADDITION = {"A": "C6H10O", "B": "C2H4O", "C": "C8H14O2", "D": "C10H18O3"}
ISOMERS = dict.fromkeys("ABC", "C8H10O")


def batches(formulas, slope, observed, feeds, temperatures=(320.0, 340.0), noise=0.01, seed=0, n=10):
    """Runs of a truth dc/dt = slope(c, T) in mol/m^3, noise relative to the largest reading of each species."""
    rng = np.random.default_rng(seed)
    times = np.linspace(0, 3600.0, n + 1)[1:]
    columns = [list(formulas).index(s) for s in observed]
    clean = [(f, t, solve_ivp(lambda _, c, t=t: slope(c, t), (0, 3600.0), f, "LSODA", times, rtol=1e-9, atol=1e-9).y.T) for f in feeds for t in temperatures]
    scale = noise * np.max([c[:, columns].max(0) for _, _, c in clean], axis=0)
    runs = [Run(f"run {i}", "batch", f, t, times, c[:, columns] + scale * rng.standard_normal((n, len(columns)))) for i, (f, t, c) in enumerate(clean)]
    return RunSet(tuple(formulas), observed, runs)


def arrhenius(k, Ea, temperature):
    return k * np.exp(-Ea / 8.314462618 * (1 / temperature - 1 / 330.0))


def two_additions(c, temperature):
    r1, r2 = arrhenius(9e-7, 55e3, temperature) * c[0] * c[1], arrhenius(6e-7, 75e3, temperature) * c[2] * c[1]
    return np.array([-r1, -r1 - r2, r1 - r2, r2])


@pytest.fixture(scope="module")
def additions():
    return batches(ADDITION, two_additions, ("A", "B", "C"), [[600.0, 1200.0, 0.0, 0.0], [900.0, 800.0, 0.0, 0.0]])


@pytest.fixture(scope="module")
def proposal(additions):  # most=3 keeps it quick
    return propose(additions, ADDITION, keep=3, most=3)


@pytest.mark.parametrize(
    ("text", "counts"),
    [("C6H3F2NO2", {"C": 6, "H": 3, "F": 2, "N": 1, "O": 2}), ("Ca(OH)2", {"Ca": 1, "O": 2, "H": 2}), ("Al2(SO4)3", {"Al": 2, "S": 3, "O": 12})],
    ids=["organic", "brackets", "counted brackets"],
)
def test_a_formula_is_counted(text, counts):
    assert elements_of(text) == counts


@pytest.mark.parametrize("text", ["", "c6h6", "C6H", "C(OH", "C)2", "NH4+", "C 6"], ids=["empty", "small letters", "fine", "open", "closed", "charge", "space"])
def test_what_is_no_formula_is_refused(text):
    if text == "C6H":
        assert elements_of(text) == {"C": 6, "H": 1}
        return
    with pytest.raises(InputError):
        elements_of(text)


def test_every_candidate_balances_and_none_is_a_multiple():
    found = candidates(ADDITION)
    Network(tuple(ADDITION), found).check_balance({s: elements_of(f) for s, f in ADDITION.items()})
    texts = {str(r) for r in found}
    assert {"A + B -> C", "C -> A + B", "C + B -> D"} & texts or "B + C -> D" in texts
    assert not any("2 A + 2 B" in t for t in texts)


def test_smoothing_keeps_a_straight_line_and_the_feed():
    times = np.linspace(10.0, 100.0, 9)
    line = smooth(times, 5.0 - 0.03 * times, 5.0)
    assert line.at_samples[0] == pytest.approx(5.0, abs=1e-6)
    assert np.allclose(line.at_samples[1:], 5.0 - 0.03 * times, atol=5e-3)


def test_the_span_tells_the_number_of_reactions_and_refuses_a_wrong_target(additions):
    span = subspace_of(series_of(additions))
    assert span.rank == 2
    assert span.accepts(change_of(parse_reaction("A + B -> C"), additions.species)[:3])
    assert not span.accepts(np.array([-1.0, 0.0, 1.0])), "A -> C would make B out of nothing"


def test_the_network_is_found_with_its_constants(proposal):
    best = proposal.networks[0]
    assert {str(t.reaction) for t in best.terms} in ({"A + B -> C", "B + C -> D"}, {"A + B -> C", "C + B -> D"})
    found = dict(zip(best.fit.names, zip(best.fit.theta, best.fit.posterior.std, strict=True), strict=True))
    truth = {"A + B -> C": (9e-7, 55e3), "B + C -> D": (6e-7, 75e3)}
    at = best.scheme.numbers[0].reference
    for i, term in enumerate(best.terms, 1):
        k, Ea = truth[str(term.reaction) if str(term.reaction) in truth else "B + C -> D"]
        assert abs(found[f"k.r{i}"][0] - np.log(arrhenius(k, Ea, at))) < 4 * found[f"k.r{i}"][1]
        assert abs(found[f"Ea.r{i}"][0] - Ea) < 4 * found[f"Ea.r{i}"][1]
    assert sum(n.weight for n in proposal.networks) == pytest.approx(1.0)


def test_two_runs_give_the_same_answer(additions, proposal):
    assert json.dumps(proposal_answer(propose(additions, ADDITION, keep=3, most=3))) == json.dumps(proposal_answer(proposal))


def test_the_models_file_reads_back_as_the_same_networks(proposal, tmp_path):
    (tmp_path / "n.toml").write_text(models_text(proposal), encoding="utf-8")
    head = "run,time [s],temperature [K],feed_A [mol/L],feed_B [mol/L],A [mol/L]\n"
    (tmp_path / "runs.csv").write_text(head + "".join(f"1,{t},330,0.5,0.5,{0.5 - t / 1e4}\n" for t in range(100, 1000, 100)), encoding="utf-8")
    _, models = read_problem(tmp_path / "runs.csv", tmp_path / "n.toml")
    first = models.schemes["proposal 1"]
    at = dict(zip(ADDITION, (400.0, 300.0, 200.0, 100.0), strict=True))
    ours = proposal.networks[0]
    values = [at[s] for s in first.species]
    assert np.allclose(first.rates(values, 330.0, list(first.start.mean)), ours.scheme.rates([at[s] for s in ours.scheme.species], 330.0, list(ours.fit.theta)), rtol=1e-3)


def test_saturation_is_told_from_an_order():
    runs = batches(ISOMERS, lambda c, t: arrhenius(2e-3, 60e3, t) * c[0] / (1 + 5e-3 * c[0]) * np.array([-1.0, 1.0, 0.0]), ("A", "B"), [[1000.0, 0, 0], [200.0, 0, 0]])
    best = propose(runs, ISOMERS, keep=2).networks[0]
    assert len(best.terms) == 1
    assert isinstance(best.scheme.laws[0], Hindered)


def test_an_unmeasured_isomer_is_not_named_with_certainty():
    formulas = dict.fromkeys("ABCD", "C8H10O")
    runs = batches(
        formulas,
        lambda c, t: np.array([-arrhenius(7e-4, 62e3, t) * c[0], 0, arrhenius(6e-4, 70e3, t) * c[3], arrhenius(7e-4, 62e3, t) * c[0] - arrhenius(6e-4, 70e3, t) * c[3]]),
        ("A", "C"),
        [[800.0, 0, 0, 0], [400.0, 0, 0, 0]],
    )
    found = propose(runs, formulas, most=2)
    assert any("B and D have one formula" in note for note in found.notes)
    assert any("rule out no stoichiometry" in note for note in found.notes)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"formulas": {"A": "C6H10O", "B": "C2H4O", "C": "C8H14O2"}}, "no formula"),
        ({"formulas": ADDITION | {"D": "c1"}}, "formula"),
        ({"formulas": {"A": "C", "B": "H", "C": "O", "D": "N"}}, "no element-balanced reaction"),
    ],
    ids=["one left out", "not a formula", "nothing balances"],
)
def test_bad_species_are_refused_in_words(additions, change, word):
    with pytest.raises(InputError, match=word):
        propose(additions, change["formulas"])


def test_runs_that_show_nothing_are_refused():
    still = batches(ADDITION, lambda c, t: 0 * c, ("A", "B"), [[600.0, 500.0, 0, 0]], noise=0.01)
    with pytest.raises(InputError, match="do not change"):
        propose(still, ADDITION)


def test_too_few_samples_are_refused():
    times = np.array([10.0, 20.0, 30.0])
    runs = RunSet(("A", "B"), ("A",), [Run("one", "batch", [1.0, 0.0], 300.0, times, np.ones((3, 1)))])
    with pytest.raises(InputError, match="measured often enough"):
        propose(runs, {"A": "CH4", "B": "CH4"})


def test_a_law_is_found_by_symbols_and_the_limits_hold():
    pytest.importorskip("pyoperon")
    runs = batches(ADDITION, two_additions, ("A", "B", "C"), [[600.0, 1200.0, 0.0, 0.0], [900.0, 800.0, 0.0, 0.0]], noise=0.003)
    laws = rate_laws(propose(runs, ADDITION, keep=1, most=2), seed=1)
    first = [law for law in laws if law.passed and law.reaction == "A + B -> C"]
    assert first
    assert min(law.error for law in first) < 0.2
    assert [law.answer() for law in laws] == [law.answer() for law in rate_laws(propose(runs, ADDITION, keep=1, most=2), seed=1)]


def test_a_hindered_law_is_read_and_written():
    scheme = scheme_of({"temperature": "330 K", "reaction": [{"text": "A -> B", "law": "hindered", "k": "2e-3 1/s", "by": "A", "Kh": "5 L/mol"}]}, "file.toml")
    assert scheme.equation().endswith("r = k c_A/(1 + Kh c_A)")
    assert scheme.rates([200.0, 0.0], 330.0, list(scheme.start.mean))[0] == pytest.approx(2e-3 * 200 / (1 + 5e-3 * 200))


def test_the_command_proposes_and_writes(tmp_path):
    from chemwright.cli import commands  # noqa: F401  (registers the commands)
    from chemwright.cli.app import app

    runs = batches(ISOMERS, lambda c, t: arrhenius(5e-4, 60e3, t) * c[0] * np.array([-1.0, 1.0, 0.0]), ("A", "B"), [[1000.0, 0, 0], [500.0, 0, 0]])
    lines = ["run,time [s],temperature [K],feed_A [mol/m^3],A [mol/m^3],B [mol/m^3]"]
    lines += [f"{r.id},{t},{r.temperature},{r.feed[0]},{a},{b}" for r in runs.runs for t, (a, b) in zip(r.times, r.observed, strict=True)]
    path = tmp_path / "runs.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    species = [x for s in "ABC" for x in ("--species", f"{s}=C8H10O")]
    out = CliRunner().invoke(app, ["kinetics", "discover", str(path), *species, "--out", str(tmp_path / "n.toml"), "--json"])
    assert out.exit_code == 0, out.output
    answer = json.loads(out.stdout)
    assert answer["independent_reactions"] == 1
    assert answer["networks"][0]["reactions"] == ["A -> B"]
    assert 'text = "A -> B"' in (tmp_path / "n.toml").read_text(encoding="utf-8")
