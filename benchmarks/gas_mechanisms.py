"""Cantera's mechanisms read as rate laws: net rates of every species, ignition delays and plug flow, ours beside Cantera's own of the same file.

Rates: at random compositions, five temperatures and three pressures, the net production of every species, its difference over the sum of all one-way rates it stands in. Ignition: closed adiabatic vessels at constant volume and at constant pressure; the delay is the time of the steepest temperature. Plug flow: the
isothermal tube at constant pressure, mole fractions at its end. Radicals: seven steps of ethane's pyrolysis,
radicals at a steady state in ours, everything integrated in Cantera's. Integrators differ, tolerances are 1e-9 on both sides.

Usage: python benchmarks/gas_mechanisms.py [--json benchmarks/results/gas_mechanisms.json]     (needs ``pip install cantera``, which is no dependency of chemwright)
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from chemwright.errors import ChemwrightError
from chemwright.kinetics.gas_reactor import react_gas
from chemwright.kinetics.laws.gas_read import read_gas

TEMPERATURES = (300.0, 600.0, 1000.0, 1500.0, 2500.0)  # K
PRESSURES = (1e3, 101325.0, 1e7)  # Pa
AIR = {"O2": 1.0, "N2": 3.76}
CASES: tuple[dict[str, Any], ...] = (
    {"file": "h2o2.yaml", "mix": {"H2": 2.0, **AIR}, "T": 1000.0, "P": 101325.0, "time": 1e-3, "constant": "volume"},
    {"file": "h2o2.yaml", "mix": {"H2": 2.0, **AIR}, "T": 1200.0, "P": 1e6, "time": 2e-4, "constant": "pressure"},
    {"file": "gri30.yaml", "mix": {"CH4": 0.5, **AIR}, "T": 1400.0, "P": 101325.0, "time": 3e-2, "constant": "volume"},
    {"file": "gri30.yaml", "mix": {"CH4": 0.5, **AIR}, "T": 1500.0, "P": 2e6, "time": 2e-3, "constant": "pressure"},
    {"file": "gri30.yaml", "mix": {"C2H6": 2 / 7, **AIR}, "T": 1300.0, "P": 5e5, "time": 1e-3, "constant": "volume"},
)
TUBES: tuple[dict[str, Any], ...] = (
    {"file": "gri30.yaml", "mix": {"C2H6": 1.0, "H2O": 0.4}, "T": 1100.0, "P": 2e5, "time": 0.5, "watch": ("C2H6", "C2H4", "H2", "CH4", "C2H2")},
    {"file": "h2o2.yaml", "mix": {"H2O2": 1.0, "AR": 9.0}, "T": 900.0, "P": 101325.0, "time": 0.1, "watch": ("H2O2", "H2O", "O2")},
)
POINTS = 4001
STEPS = (
    "2 CH3 (+M) <=> C2H6 (+M)",
    "C2H6 + CH3 <=> C2H5 + CH4",
    "C2H4 + H (+M) <=> C2H5 (+M)",
    "C2H6 + H <=> C2H5 + H2",
    "C2H5 + H <=> C2H4 + H2",
    "C2H5 + H (+M) <=> C2H6 (+M)",
    "CH3 + H (+M) <=> CH4 (+M)",
)


def rates(path: Path, ct: Any) -> dict[str, Any]:
    """Worst relative difference of net production rates."""
    ours = read_gas(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gas = ct.Solution(str(path), ours.phase)
    order = [gas.species_index(s) for s in ours.species]
    nu, rng, worst, where = ours.stoichiometry, np.random.default_rng(0), 0.0, ""
    both = np.zeros(nu.shape)  # coefficients of both sides, so that what stands on both counts
    for i, step in enumerate(ours.steps):
        for s, n in step.reaction.reactants + step.reaction.products:
            both[i, ours.species.index(s)] += n
    for t in TEMPERATURES:
        for p in PRESSURES:
            x = rng.dirichlet(np.ones(len(order)))
            gas.TPX = t, p, dict(zip(ours.species, x, strict=True))
            c = 1e3 * gas.concentrations[order]
            ahead, behind = (np.array(v) for v in ours.parts(c, t))
            net = nu.T @ (ahead - behind)
            size = both.T @ (np.abs(ahead) + np.abs(behind))
            difference = np.abs(net - 1e3 * gas.net_production_rates[order]) / np.maximum(size, 1e-290)
            if np.max(difference) > worst:
                worst, where = float(np.max(difference)), f"{ours.species[int(np.argmax(difference))]} at {t:g} K, {p:g} Pa"
    return {"species": len(order), "reactions": len(nu), "worst": worst, "where": where}


def theirs(folder: Path, case: dict[str, Any], ct: Any, adiabatic: bool) -> tuple[Any, Any, Any]:
    """Time, temperature and the gas after Cantera's integration."""
    gas = ct.Solution(str(folder / case["file"]))
    gas.TPX = case["T"], case["P"], case["mix"]
    kind = ct.IdealGasReactor if case.get("constant", "pressure") == "volume" else ct.IdealGasConstPressureReactor
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reactor = kind(gas, energy="on" if adiabatic else "off")
        net = ct.ReactorNet([reactor])
    net.rtol, net.atol = 1e-9, 1e-18
    times = np.linspace(0.0, case["time"], POINTS)
    heat = [case["T"]]
    for t in times[1:]:
        net.advance(t)
        heat.append(reactor.T)
    return times, np.array(heat), gas


def ignition(folder: Path, case: dict[str, Any], ct: Any) -> dict[str, Any]:
    """Delay and final temperature of both."""
    mechanism = read_gas(folder / case["file"])
    began = time.process_time()
    run = react_gas(mechanism, case["mix"], case["T"], case["P"], case["time"], constant=case["constant"], points=POINTS)
    first = time.process_time() - began
    began = time.process_time()
    react_gas(mechanism, case["mix"], case["T"], case["P"], case["time"], constant=case["constant"], points=POINTS)
    again = time.process_time() - began
    began = time.process_time()
    times, heat, _ = theirs(folder, case, ct, True)
    other = time.process_time() - began
    slope = np.gradient(heat, times)
    k = int(np.argmax(slope))
    a, b, _ = np.polyfit(times[k - 1 : k + 2] - times[k], slope[k - 1 : k + 2], 2)
    delay = float(times[k] - b / (2 * a))
    return {
        **{k: v for k, v in case.items() if k != "mix"},
        "delay_s": run.ignition_delay,
        "cantera_delay_s": delay,
        "relative_difference": abs(run.ignition_delay / delay - 1),
        "final_K": float(run.temperature[-1]),
        "cantera_final_K": float(heat[-1]),
        "cpu_s_first": first,
        "cpu_s_again": again,
        "cantera_cpu_s": other,
    }


def tube(folder: Path, case: dict[str, Any], ct: Any) -> dict[str, Any]:
    """Mole fractions at the end of both."""
    mechanism = read_gas(folder / case["file"])
    run = react_gas(mechanism, case["mix"], case["T"], case["P"], case["time"], constant="pressure", adiabatic=False, points=11)
    _, _, gas = theirs(folder, case, ct, False)
    watched = {s: (float(run[s][-1]), float(gas[s].X[0])) for s in case["watch"]}
    return {"file": case["file"], "T": case["T"], "fractions": watched, "worst_difference": max(abs(a - b) for a, b in watched.values())}


def pyrolysis(folder: Path, ct: Any) -> dict[str, Any]:
    """Seven steps of GRI-Mech 3.0 for ethane in argon: radicals at a steady state in our scheme, all species integrated by Cantera."""
    from chemwright.kinetics.laws import Number, QuasiSteady, Scheme, mass_action
    from chemwright.model.reactors import profile

    mechanism = read_gas(folder / "gri30.yaml")
    gas = ct.Solution(str(folder / "gri30.yaml"))
    chosen = [i for i, r in enumerate(gas.reactions()) if r.equation in STEPS]
    radicals, stable = ("CH3", "C2H5", "H"), ("C2H6", "C2H4", "H2", "CH4")
    out = []
    for t in (900.0, 1000.0, 1100.0):
        feed = {"C2H6": 0.02, "AR": 0.98}
        c = np.array([feed.get(s, 0.0) for s in mechanism.species]) * 1e5 / (8.31446261815324 * t)
        k = mechanism.rate_constants(c, t)
        laws, numbers = [], []
        for i in chosen:
            step = mechanism.steps[i]
            laws.append(mass_action(step.reaction))
            numbers += [Number(laws[-1].k, float(k[i])), Number(laws[-1].K, float(np.exp(mechanism.ln_equilibrium(step, t))))]
        scheme = Scheme(stable, tuple(laws), tuple(numbers), quasi_steady=(QuasiSteady(radicals),))
        sub = ct.Solution(thermo="ideal-gas", kinetics="gas", species=gas.species(), reactions=[gas.reactions()[i] for i in chosen])
        sub.TPX = t, 1e5, feed
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reactor = ct.IdealGasReactor(sub, energy="off")
            net = ct.ReactorNet([reactor])
        net.rtol, net.atol = 1e-10, 1e-20
        end = {900.0: 100.0, 1000.0: 3.0, 1100.0: 0.2}[t]
        times = np.linspace(0.0, end, 11)
        full = [np.array([1e3 * sub.concentrations[sub.species_index(s)] for s in stable])]
        for at in times[1:]:
            net.advance(at)
            full.append(np.array([1e3 * sub.concentrations[sub.species_index(s)] for s in stable]))
        whole = Scheme(stable + radicals, tuple(laws), tuple(numbers))
        fed = np.append(c[[mechanism.species.index(s) for s in stable]], [0.0] * len(radicals))
        moving = profile(whole, np.zeros(0), fed, t, end, points=11).c
        ours = profile(scheme, np.zeros(0), c[[mechanism.species.index(s) for s in stable]], t, end, points=11).c
        worst = float(np.max(np.abs(ours - np.array(full))) / c[mechanism.species.index("C2H6")])
        same = float(np.max(np.abs(moving[:, : len(stable)] - np.array(full))) / fed[0])
        radical = float(np.max(moving[:, len(stable) :].sum(1)) / fed[0])
        out.append({"T": t, "conversion": float(1 - full[-1][0] / full[0][0]), "worst_difference_of_the_feed": worst, "all_integrated": same, "radicals_of_the_feed": radical})
    return {"steps": len(chosen), "temperatures": out}


def main() -> int:
    """Compare and print; status 1 when Cantera is missing."""
    try:
        import cantera as ct
    except ImportError:
        print("this comparison needs Cantera: pip install cantera (in an environment of its own beside chemwright; nothing else here needs it)", file=sys.stderr)
        return 1
    out = Path(sys.argv[sys.argv.index("--json") + 1]) if "--json" in sys.argv else None
    folder = Path(ct.__file__).parent / "data"
    result: dict[str, Any] = {"cantera": ct.__version__, "rates": {}, "ignition": [], "plug_flow": [], "left": {}}
    print(f"Cantera {ct.__version__}\n{'mechanism':<40}{'species':>8}{'reactions':>10}{'net rates, worst relative difference':>40}")
    for path in sorted(folder.rglob("*.yaml")):
        name = path.relative_to(folder).as_posix()
        if "phases" not in path.read_text():
            continue
        try:
            found = rates(path, ct)
        except (ChemwrightError, ct.CanteraError) as error:  # told, not dropped
            result["left"][name] = str(error)[:160]
            continue
        result["rates"][name] = found
        print(f"{name:<40}{found['species']:>8}{found['reactions']:>10}{found['worst']:>40.2g}")
    for name, why in result["left"].items():
        print(f"left out: {name}: {why.splitlines()[0][:140]}")
    print(f"\n{'ignition':<14}{'T/K':>6}{'P/Pa':>10}{'constant':>10}{'ours/s':>13}{'Cantera/s':>13}{'difference':>11}{'final K':>9}{'Cantera':>9}{'CPU s':>12}{'Cantera':>9}")
    for case in CASES:
        r = ignition(folder, case, ct)
        result["ignition"].append(r)
        print(
            f"{r['file']:<14}{r['T']:>6g}{r['P']:>10g}{r['constant']:>10}{r['delay_s']:>13.6g}{r['cantera_delay_s']:>13.6g}{r['relative_difference']:>11.1e}"
            f"{r['final_K']:>9.2f}{r['cantera_final_K']:>9.2f}{r['cpu_s_first']:>6.1f}/{r['cpu_s_again']:<5.2f}{r['cantera_cpu_s']:>9.2f}"
        )
    for case in TUBES:
        r = tube(folder, case, ct)
        result["plug_flow"].append(r)
        print(
            f"plug flow, {r['file']}, {r['T']:g} K: worst difference of a mole fraction {r['worst_difference']:.1e}; "
            + ", ".join(f"{s} {a:.5f}/{b:.5f}" for s, (a, b) in r["fractions"].items())
        )
    result["pyrolysis"] = pyrolysis(folder, ct)
    for r in result["pyrolysis"]["temperatures"]:
        print(
            f"quasi-steady radicals, {result['pyrolysis']['steps']} steps of ethane at {r['T']:g} K to {100 * r['conversion']:.0f} %: off by {r['worst_difference_of_the_feed']:.1e} of the feed at most, "
            f"all integrated {r['all_integrated']:.1e}; radicals hold up to {r['radicals_of_the_feed']:.1e}"
        )
    if out is not None:
        out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
