"""Flash on the stress set: what converges, what the judge says of it, how fast, beside `thermo`.

    python benchmarks/flash.py [--mixtures 2000] [--stable-every 20] [--peer-every 20] [--out benchmarks/results/flash.json]

`flash_stress_set.py` makes the feeds and `flash_judge.py` judges; both were committed before the solver. The peer, `thermo`'s FlashVLN (two liquids at most, its own convergence), flashes the same cubic feeds with the same constants on a
subsample, each feed in at most a minute; its answer is judged by the same judge, and Gibbs energies are compared.
"""

from __future__ import annotations

import argparse
import json
import signal
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from flash_judge import LIMITS, gibbs, judge, ln_phi, lowest_tangent
from flash_stress_set import FEEDS, MIXTURES, Mixture, _unifac, mixture, substances

from chemwright.thermo import PureModel, Unifac
from chemwright.thermo.equilibrium import CubicEos, Fluid, GammaPhi, flash_batch

SPEED = (
    ("PR, 4 hydrocarbons", ("methane", "ethane", "propane", "n-butane"), "PR76", (150.0, 350.0), (1e5, 1e7)),
    ("PR, 6 with water and carbon dioxide", ("methane", "carbon dioxide", "propane", "n-hexane", "n-decane", "water"), "PR76", (280.0, 420.0), (1e5, 1e7)),
    ("UNIFAC, ethanol, water, benzene", ("ethanol", "water", "benzene"), "UNIFAC", (330.0, 360.0), (5e4, 1.5e5)),
    ("UNIFAC, 5 organics", ("methanol", "acetone", "chloroform", "n-hexane", "toluene"), "UNIFAC", (300.0, 380.0), (2e4, 4e5)),
)


def fluid(m: Mixture) -> Fluid:
    """The model of a mixture."""
    s = m.substances
    if m.family == "UNIFAC":
        return GammaPhi(_unifac(s), [_pure(v) for v in s])
    return CubicEos([v.name for v in s], [v.tc for v in s], [v.pc for v in s], [v.omega for v in s], "PR76" if m.family == "PR" else "SRK", m.kij)


def _pure(s: Any) -> PureModel:
    return PureModel(s.name, 0.1, s.antoine, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def run(mixtures: int, stable_every: int, peer_every: int) -> dict[str, Any]:
    """Flash, judge, and count."""
    seconds, seen, failed, wrong = 0.0, Counter(), [], []
    worst = dict.fromkeys(("fugacity", "balance", "gibbs"), 0.0)
    stable, unstable, traces = 0, [], Counter()
    peer = Counter()
    peer_seconds = own_seconds = 0.0
    for number in range(mixtures):
        m = mixture(number)
        f = fluid(m)
        start = time.process_time()
        batch = flash_batch(f, m.z, m.T, m.P, strict=False)
        spent = time.process_time() - start
        seconds += spent
        for k in range(FEEDS):
            name = f"{number}.{k} {m.family} {m.regimes[k]}"
            traces["with a trace below 1e-6" if m.z[k].min() < 1e-6 else "without"] += 1
            if not batch.converged[k]:
                failed.append(name)
                continue
            answer = batch[k]
            phi = ln_phi(m, float(m.T[k]), float(m.P[k]), getattr(f, "activity", None))
            verdict = judge(m.z[k], [(p.amount, p.x, p.kind) for p in answer.phases], phi)
            seen[m.family, "".join("V" if p.kind == "vapour" else "L" for p in answer.phases)] += 1
            for key in worst:
                worst[key] = max(worst[key], float(getattr(verdict, key)))
            if verdict.faults:
                wrong.append(f"{name}: {', '.join(verdict.faults)}")
            index = number * FEEDS + k
            if stable_every and index % stable_every == 0:
                stable += 1
                low = min(lowest_tangent(p.x, p.kind, phi, index) for p in answer.phases[:1])
                if low < -LIMITS["stable"]:
                    unstable.append(f"{name}: {low:.3g}")
            if peer_every and index % peer_every == 0 and m.family != "UNIFAC":
                start = time.process_time()
                theirs = _thermo(m, k)
                peer_seconds += time.process_time() - start
                own_seconds += spent / FEEDS
                peer[_compare(m, k, theirs, answer, phi)] += 1
    return {
        "feeds": mixtures * FEEDS,
        "converged": mixtures * FEEDS - len(failed),
        "failed": failed,
        "wrong": wrong,
        "worst": worst,
        "phases": {f"{a} {b}": n for (a, b), n in sorted(seen.items())},
        "feeds_by_trace": dict(traces),
        "stability_checked": stable,
        "unstable": unstable,
        "cpu_seconds": round(seconds, 1),
        "peer": dict(peer),
        "peer_cpu_seconds": round(peer_seconds, 1),
        "own_cpu_seconds_on_the_same": round(own_seconds, 2),
    }


def _thermo(m: Mixture, k: int) -> Any:
    """`thermo`'s answer as (amount, x, kind), or the name of what it raised."""
    from thermo import CEOSGas, CEOSLiquid, ChemicalConstantsPackage, FlashVLN, HeatCapacityGas, PropertyCorrelationsPackage
    from thermo.eos_mix import PRMIX, SRKMIX

    def alarm(*_: Any) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, alarm)
    signal.alarm(60)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            s = m.substances
            constants = ChemicalConstantsPackage(Tcs=[v.tc for v in s], Pcs=[v.pc for v in s], omegas=[v.omega for v in s], MWs=[50.0] * len(s), CASs=[v.cas for v in s])
            heat = [HeatCapacityGas(CASRN="", poly_fit=(50.0, 2000.0, [0.0, 40.0])) for _ in s]
            package = PropertyCorrelationsPackage(constants, HeatCapacityGases=heat, skip_missing=True)
            kwargs = {"Tcs": constants.Tcs, "Pcs": constants.Pcs, "omegas": constants.omegas, "kijs": m.kij.tolist()}
            eos = PRMIX if m.family == "PR" else SRKMIX
            z = m.z[k].tolist()
            gas, liquid = (cls(eos, kwargs, HeatCapacityGases=heat, T=float(m.T[k]), P=float(m.P[k]), zs=z) for cls in (CEOSGas, CEOSLiquid))
            out = FlashVLN(constants, package, liquids=[liquid, liquid], gas=gas).flash(T=float(m.T[k]), P=float(m.P[k]), zs=z)
            return [(b, np.array(p.zs), "vapour" if p.is_gas else "liquid") for b, p in zip(out.betas, out.phases, strict=True)]
    except Exception as e:
        return type(e).__name__
    finally:
        signal.alarm(0)


def _compare(m: Mixture, k: int, theirs: Any, answer: Any, phi: Any) -> str:
    """How the peer fared on one feed."""
    if isinstance(theirs, str):
        return f"peer raised {theirs}"
    verdict = judge(m.z[k], theirs, phi)
    total = sum(b * gibbs(x, phi(x, kind)[0]) for b, x, kind in theirs)
    if total > answer.gibbs + 1e-8:
        return "peer's Gibbs energy higher"
    if total < answer.gibbs - 1e-8:
        return "ours higher"
    return f"same, peer's fugacities {'equal within 1e-8' if verdict.fugacity < 1e-8 else 'not equal within 1e-8'}"


def speed(n: int = 20000) -> list[dict[str, Any]]:
    """Flashes a second of CPU on random feeds of one mixture, in batches of 2,000."""
    table = {s.name: s for s in substances()}
    out = []
    for title, names, family, temperatures, pressures in SPEED:
        s = [table[name] for name in names]
        model: Fluid
        if family == "UNIFAC":
            model = GammaPhi(Unifac.from_smiles([(v.name, v.smiles) for v in s]), [_pure(v) for v in s])
        else:
            model = CubicEos(names, [v.tc for v in s], [v.pc for v in s], [v.omega for v in s], family)
        rng = np.random.default_rng(1)
        z = rng.dirichlet(np.ones(len(s)), n)
        T, P = rng.uniform(*temperatures, n), np.exp(rng.uniform(*np.log(pressures), n))
        flash_batch(model, z[:10], T[:10], P[:10])
        start, several, bad = time.process_time(), 0, 0
        for k in range(0, n, 2000):
            batch = flash_batch(model, z[k : k + 2000], T[k : k + 2000], P[k : k + 2000], strict=False)
            several += int(np.sum(batch.count > 1))
            bad += int(np.sum(batch.count == 0))
        spent = time.process_time() - start
        out.append({"mixture": title, "feeds": n, "per_cpu_second": round(n / spent), "of_several_phases": several, "not_converged": bad})
    return out


def main() -> None:
    """Run, print and store."""
    parser = argparse.ArgumentParser(description="flash on the stress set")
    parser.add_argument("--mixtures", type=int, default=MIXTURES)
    parser.add_argument("--stable-every", type=int, default=20)
    parser.add_argument("--peer-every", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "flash.json")
    arguments = parser.parse_args()
    result = {"speed": speed(), **run(arguments.mixtures, arguments.stable_every, arguments.peer_every)}
    arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
