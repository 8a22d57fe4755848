"""Cantera's mechanisms as rate laws: forms of rates, detailed balance, and what a closed vessel conserves."""

import contextlib
import copy
import json
import math

import casadi as ca
import numpy as np
import pytest
import yaml

from chemwright.cli import main
from chemwright.errors import ChemwrightError, InputError
from chemwright.kinetics.gas_reactor import ignite, react_gas
from chemwright.kinetics.laws.gas_rates import arrhenius, chebyshev, falloff, plog
from chemwright.kinetics.laws.gas_read import read_gas
from chemwright.kinetics.laws.gas_thermo import Nasa, combined, cp_over_r, g_over_rt, h_over_rt, s_over_r
from chemwright.kinetics.laws.reduced import Reduced
from chemwright.model.reactors import profile

R = 8.31446261815324


def nasa(cp, enthalpy, entropy):
    """One range on both sides of 1000 K: constant cp (in R), enthalpy of formation (J/mol) and entropy (J/(mol K)) at 298.15 K."""
    a5, a6 = enthalpy / R - cp * 298.15, entropy / R - cp * math.log(298.15)
    low = [cp, 0.0, 0.0, 0.0, 0.0, a5, a6]
    high = [cp + 0.3, 0.0, 0.0, 0.0, 0.0, a5 - 300.0, a6 - 0.3 * math.log(1000.0)]
    return f"{{model: NASA7, temperature-ranges: [200.0, 1000.0, 6000.0], data: [{low}, {high}]}}"


# round figures of hydrogen and oxygen (J/mol, J/(mol K)), a mechanism of our own with every kind of rate
SPECIES = {
    "H2": (3.5, 0, 131),
    "O2": (3.8, 0, 205),
    "H2O": (4.3, -242e3, 189),
    "OH": (3.5, 38e3, 184),
    "H": (2.5, 218e3, 115),
    "O": (2.5, 249e3, 161),
    "HO2": (4.8, 12e3, 229),
    "N2": (3.5, 0, 192),
}
ATOMS = {"H2": "{H: 2}", "O2": "{O: 2}", "H2O": "{H: 2, O: 1}", "OH": "{O: 1, H: 1}", "H": "{H: 1}", "O": "{O: 1}", "HO2": "{H: 1, O: 2}", "N2": "{N: 2}"}
MECHANISM = (
    "description: A mechanism of our own, for a test.\nunits: {length: cm, time: s, quantity: mol, activation-energy: cal/mol}\n"
    f"phases:\n- {{name: gas, thermo: ideal-gas, species: [{', '.join(SPECIES)}], kinetics: gas}}\nspecies:\n"
    + "".join(f"- {{name: {s}, composition: {ATOMS[s]}, thermo: {nasa(*v)}}}\n" for s, v in SPECIES.items())
    + """
reactions:
- {equation: H + O2 <=> O + OH, rate-constant: {A: 2.0e+14, b: 0.0, Ea: 16800.0}}
- {equation: O + H2 <=> H + OH, rate-constant: {A: 5.0e+04, b: 2.67, Ea: 6290.0}}
- {equation: H2 + OH <=> H2O + H, rate-constant: {A: 2.16e+08, b: 1.51, Ea: 3430.0}}
- {equation: H + OH + M <=> H2O + M, type: three-body, rate-constant: {A: 2.2e+22, b: -2.0, Ea: 0.0}, efficiencies: {H2: 2.5, H2O: 12.0}}
- equation: H + O2 (+M) <=> HO2 (+M)
  type: falloff
  low-P-rate-constant: {A: 6.4e+20, b: -1.72, Ea: 525.0}
  high-P-rate-constant: {A: 1.5e+12, b: 0.6, Ea: 0.0}
  Troe: {A: 0.8, T3: 1.0e-30, T1: 1.0e+30}
  efficiencies: {H2O: 11.0}
- equation: H2 + O2 (+M) <=> OH + OH (+M)
  type: falloff
  low-P-rate-constant: {A: 1.0e+15, b: 0.0, Ea: 48000.0}
  high-P-rate-constant: {A: 1.7e+13, b: 0.0, Ea: 47780.0}
  SRI: {A: 0.5, B: 1000.0, C: 1500.0, D: 0.9, E: 0.01}
- equation: HO2 + H <=> OH + OH
  type: pressure-dependent-Arrhenius
  rate-constants: [{P: 0.1 atm, A: 5.0e+13, b: 0.0, Ea: 295.0}, {P: 1.0 atm, A: 7.0e+13, b: 0.0, Ea: 295.0}, {P: 10 atm, A: 9.0e+13, b: 0.0, Ea: 300.0}]
- {equation: HO2 + H <=> H2 + O2, type: Chebyshev, temperature-range: [300.0, 2500.0], pressure-range: [1.0e+03, 1.0e+07], data: [[13.0, 0.1, 0.01], [0.3, 0.02, 0.0]]}
- equation: O + OH (+M) <=> HO2 (+M)
  type: chemically-activated
  low-P-rate-constant: {A: 1.0e+12, b: 0.0, Ea: 0.0}
  high-P-rate-constant: {A: 1.0e+16, b: 0.0, Ea: 0.0}
- {equation: H2 + N2 => H + H + N2, rate-constant: {A: 4.0e+14, b: 0.0, Ea: 104000.0}}
"""
)


@pytest.fixture(scope="module")
def mechanism(tmp_path_factory):
    path = tmp_path_factory.mktemp("gas") / "own.yaml"
    path.write_text(MECHANISM, "utf-8")
    return read_gas(path)


def states(n, size, seed=0):
    rng = np.random.default_rng(seed)
    return 10 ** rng.uniform(-4, 2, (n, size)), rng.uniform(400, 2500, n)


def test_numpy_and_casadi_agree_to_1e_10(mechanism):
    law = mechanism.freed(["1", "5"])
    cs, ts = states(20, 8)
    for kind in (ca.SX, ca.MX):
        c, t, p = kind.sym("c", 8), kind.sym("t"), kind.sym("p", 2)
        function = ca.Function("r", [c, t, p], [ca.vertcat(*law.rates(ca.vertsplit(c), t, ca.vertsplit(p)))])
        for i in range(20):
            ahead, behind = law.parts(cs[i], ts[i], [0.3, -0.2])
            size = np.abs(np.array(ahead)) + np.abs(np.array(behind))
            assert np.all(np.abs(np.array(function(cs[i], ts[i], [0.3, -0.2])).ravel() - (np.array(ahead) - np.array(behind))) <= 1e-10 * size)
    together = np.array(law.rates(cs.T, ts, [0.3, -0.2]))
    assert np.allclose(together[:, 3], np.array(law.rates(cs[3], ts[3], [0.3, -0.2])), rtol=1e-10)


def test_parameters_are_factors(mechanism):
    law = mechanism.freed(["3", "5"], std=0.5)
    assert law.names == ("factor.3", "factor.5")
    assert np.allclose(law.start.std, 0.5)
    c = np.full(8, 2.0)
    plain, raised = np.array(law.rates(c, 1100.0, [0.0, 0.0])), np.array(law.rates(c, 1100.0, [np.log(2.0), 0.0]))
    assert raised[2] == pytest.approx(2 * plain[2])
    assert np.array_equal(np.delete(raised, 2), np.delete(plain, 2))
    assert np.allclose(plain, mechanism.rates(c, 1100.0))
    with pytest.raises(InputError, match="no reaction '99'"):
        mechanism.freed(["99"])


def test_slopes_of_the_polynomials_are_each_other(mechanism):
    """d(h/RT)/d(1/T) and d s/dT from cp; g = h - T s; ranges join."""
    water = mechanism.thermo[mechanism.species.index("H2O")]
    h = lambda t: combined(h_over_rt, [(1.0, water)], t) * t  # noqa: E731
    s = lambda t: combined(s_over_r, [(1.0, water)], t)  # noqa: E731
    for t in (400.0, 999.0, 1001.0, 2000.0):
        cp = float(combined(cp_over_r, [(1.0, water)], t))
        assert (h(t + 0.01) - h(t - 0.01)) / 0.02 == pytest.approx(cp, rel=1e-7)
        assert (s(t + 0.01) - s(t - 0.01)) / 0.02 == pytest.approx(cp / t, rel=1e-6)
        assert combined(g_over_rt, [(1.0, water)], t) == pytest.approx(h(t) / t - s(t), rel=1e-12)
    assert h(1000.0) == pytest.approx(h(1000.0 + 1e-9), rel=1e-9)
    nine = Nasa((200.0, 1000.0), ((2e4, -300.0, 4.0, 1e-3, 1e-7, 0.0, 0.0, -1e3, 3.0),))
    assert (combined(h_over_rt, [(1.0, nine)], 500.01) * 500.01 - combined(h_over_rt, [(1.0, nine)], 499.99) * 499.99) / 0.02 == pytest.approx(
        float(cp_over_r(nine.rows[0], 500.0)), rel=1e-6
    )


def test_limits_of_the_forms():
    fall = {"low.A": 1e6, "high.A": 1e3}
    assert falloff(fall, 1000.0, 1e-9, False) == pytest.approx(1e-3, rel=1e-5)
    assert falloff(fall, 1000.0, 1e9, False) == pytest.approx(1e3, rel=1e-5)
    assert falloff(fall, 1000.0, 1e-3, False) == pytest.approx(500.0)  # Lindemann at a reduced pressure of one
    table = {"plog.0.P": 1e4, "plog.0.A": 1.0, "plog.1.P": 1e6, "plog.1.A": 100.0, "plog.2.P": 1e6, "plog.2.A": 300.0}
    assert [float(plog(table, 900.0, p)) for p in (1e3, 1e4, 1e5, 1e6, 1e8)] == pytest.approx([1.0, 1.0, 20.0, 400.0, 400.0])
    series = {"T.low": 300.0, "T.high": 3000.0, "P.low": 1e3, "P.high": 1e7, "chebyshev.0.0": 2.0, "chebyshev.0.1": 0.5}
    assert chebyshev(series, 800.0, 1e5) == pytest.approx(100.0)  # in the middle of log P
    assert chebyshev(series, 800.0, 1e7) == pytest.approx(10**2.5)
    assert arrhenius({"A": -3.0, "b": 1.0, "Ea": 0.0}, 100.0) == pytest.approx(-300.0)


def test_at_equilibrium_nothing_runs(mechanism):
    """Concentrations from any potentials of the elements: every reversible rate is zero."""
    t = 1800.0
    potential = {"H": -14.0, "O": -16.0, "N": -10.0}  # over R T
    ln_c = [
        sum(n * potential[e] for e, n in made) - float(combined(g_over_rt, [(1.0, th)], t)) + np.log(th.pressure / (R * t))
        for made, th in zip(mechanism.elements, mechanism.thermo, strict=True)
    ]
    ahead, behind = (np.array(v, dtype=float) for v in mechanism.parts(np.exp(ln_c), t))
    assert np.allclose(ahead[:-1], behind[:-1], rtol=1e-11)


@pytest.mark.parametrize("constant", ["volume", "pressure"])
def test_a_vessel_keeps_its_atoms_and_its_energy(mechanism, constant):
    run = react_gas(mechanism, {"H2": 2.0, "O2": 1.0, "N2": 3.76}, 1100.0, 101325.0, 2e-3, constant=constant, points=801)
    assert run.temperature[-1] > 2500.0
    assert 1e-5 < run.ignition_delay < 1e-3
    moles = run.pressure / (R * run.temperature)  # per volume
    volume = np.ones(len(moles)) if constant == "volume" else None
    made = np.array([[dict(e).get(a, 0.0) for a in "HON"] for e in mechanism.elements])
    atoms = run.fractions @ made
    assert np.allclose(atoms / atoms[:, 2:], atoms[0] / atoms[0, 2], rtol=1e-7)
    per_nitrogen = run.fractions / atoms[:, 2:]
    h = np.array([combined(h_over_rt, [(1.0, th)], run.temperature) for th in mechanism.thermo]).T * R * run.temperature[:, None]
    energy = (per_nitrogen * (h - (R * run.temperature[:, None] if volume is not None else 0.0))).sum(1)
    assert np.max(np.abs(energy - energy[0])) < 1e-4 * 242e3
    assert np.all(run.fractions > -1e-12)
    assert run["H2O"][-1] > 0.2


def test_ignition_is_resolved_by_a_second_run(mechanism):
    mix = {"H2": 2.0, "O2": 1.0, "N2": 3.76}
    coarse, delay = ignite(mechanism, mix, 1100.0, 101325.0, 5e-3, points=201)
    exact = react_gas(mechanism, mix, 1100.0, 101325.0, 5e-4, points=4001).ignition_delay
    assert delay == pytest.approx(exact, rel=2e-3)
    assert abs(delay - exact) < abs(coarse.ignition_delay - exact)
    assert np.isnan(ignite(mechanism, {"N2": 1.0}, 1100.0, 1e5, 1e-3, points=11)[1])


def test_an_isothermal_vessel_is_the_batch_of_the_rate_law(mechanism):
    mix, t, p, end = np.array([2.0, 1.0, 0, 0, 1e-3, 0, 0, 4.0]), 1000.0, 101325.0, 2e-4
    c = mix / mix.sum() * p / (R * t)
    run = react_gas(mechanism, dict(zip(mechanism.species, mix, strict=True)), t, p, end, adiabatic=False, points=6)
    reduced = Reduced(mechanism)
    assert reduced.stoichiometry.shape == (5, 8)
    for law in (mechanism, reduced):
        batch = profile(law, np.zeros(0), c, t, end, points=6)
        assert np.allclose(batch.c / batch.c.sum(1)[:, None], run.fractions, atol=1e-7)


def test_text_and_identity(mechanism, tmp_path):
    (tmp_path / "own.yaml").write_text(MECHANISM, "utf-8")
    again = read_gas(tmp_path / "own.yaml", "gas")
    assert again == mechanism
    assert hash(again) == hash(mechanism)
    text = mechanism.equation()
    assert "5: H + O2 <=> HO2 (+M)  r = k(T, c_M) (c_H c_O2 - c_HO2/K(T))  [falloff]" in text.splitlines()
    assert text.count("\n") == 9


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("thermo: ideal-gas", "thermo: ideal-surface", "no ideal-gas phase"),
        ("type: Chebyshev", "type: of-tomorrow", "kind 'of-tomorrow'"),
        ("H + O2 <=> O + OH", "H + O2 <=> O + OH2", "species 'OH2' is not of the phase. did you mean 'OH'"),
        ("model: NASA7", "model: constant-cp", "kind 'constant-cp'"),
        ("species: [H2, O2", "species: [H2, O2, XX", "species 'XX' of the phase is not in the file"),
    ],
)
def test_what_is_not_a_gas_mechanism_is_refused(tmp_path, old, new, match):
    (tmp_path / "bad.yaml").write_text(MECHANISM.replace(old, new, 1), "utf-8")
    with pytest.raises(InputError, match=match):
        read_gas(tmp_path / "bad.yaml")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"composition": {"H3": 1.0}}, "no species 'H3'"),
        ({"composition": {"H2": -1.0}}, "non-negative"),
        ({"constant": "presure"}, "did you mean 'pressure'"),
        ({"temperature": 50.0}, "100 to 6000 K"),
    ],
    ids=["species", "amount", "mode", "temperature"],
)
def test_what_a_vessel_refuses(mechanism, change, match):
    told = {"composition": {"H2": 1.0}, "temperature": 1000.0, "pressure": 1e5, "time": 1e-3, **change}
    with pytest.raises(InputError, match=match):
        react_gas(mechanism, **told)


def test_a_rate_constant_of_a_mechanism_is_fitted_to_runs(mechanism):
    """The chain-branching step is off by a factor of two; water over time at one temperature finds it again."""
    from chemwright.kinetics.fitting import fit_runs
    from chemwright.kinetics.runs import Run, RunSet
    from chemwright.kinetics.simulate import simulate

    law = Reduced(mechanism.freed(["1"]))
    feed = np.array([{"H2": 2.0, "O2": 1.0, "H": 1e-3, "N2": 20.0}.get(s, 0.0) for s in mechanism.species])
    times = np.linspace(2e-5, 4e-4, 12)
    empty = Run("x", "batch", feed, 1000.0, times, np.full((12, 1), np.nan))
    water = mechanism.species.index("H2O")
    clean = simulate(law, empty, np.log([2.0]))[:, [water]]
    noisy = clean + np.random.default_rng(0).normal(size=clean.shape) * 0.01
    fit = fit_runs(law, RunSet(law.species, ("H2O",), (Run("x", "batch", feed, 1000.0, times, noisy, np.full(clean.shape, 0.01)),)), starts=1)
    assert fit.names == ("factor.1",)
    assert abs(fit.theta[0] - np.log(2.0)) < 3 * fit.posterior.std[0] < 0.3


def test_the_command_lets_a_gas_react(tmp_path, capsys):
    (tmp_path / "own.yaml").write_text(MECHANISM, "utf-8")
    told = ["kinetics", "gas", str(tmp_path / "own.yaml"), "--mix", "H2=2, O2=1, N2=3.76", "--temperature", "1100 K", "--time", "2 ms"]
    with pytest.raises(SystemExit) as ended:
        main([*told, "--plot", str(tmp_path / "out.svg"), "--json"])
    assert ended.value.code == 0
    out = json.loads(capsys.readouterr().out)
    assert 1e-5 < out["ignition_delay"] < 1e-3
    assert out["temperature"][-1] > 2500.0
    assert len(out["time"]) == len(out["fractions"]["H2O"])
    assert (tmp_path / "out.svg").read_text("utf-8").startswith("<svg")
    with pytest.raises(SystemExit) as ended:
        main([*told, "--isothermal"])
    assert ended.value.code == 0
    assert "no ignition" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main([*told[:4], "H2:2", *told[5:]])
    assert ended.value.code == 2
    assert "can't read the amount 'H2:2'" in capsys.readouterr().err


def places(value, path=()):
    """Every place of nested tables and lists."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield from places(part, (*path, key))


def test_junk_anywhere_in_a_mechanism_is_refused_in_words(tmp_path):
    good, file, done = yaml.safe_load(MECHANISM), tmp_path / "junk.yaml", 0
    for n, path in enumerate(p for p in places(good) if p and (p[0] != "species" or len(p) == 1 or p[1] == 0)):
        bad = copy.deepcopy(good)
        holder = bad
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = (None, -1, "x", [], {}, [1], {"a": 1}, True)[n % 8]
        file.write_text(json.dumps(bad), "utf-8")  # JSON is YAML, and quicker to write
        done += 1
        with contextlib.suppress(ChemwrightError):
            read_gas(file)
    assert done > 100
