"""Fits of an eight-parameter network from starts up to three decades off: this package beside SciPy and CasADi with IPOPT, in one code.

Data, starts and judge are those of ``kinetics_fit_data`` (committed before the fitter): 480 points, 20 starts. Three ways to the same least
squares, each from each start alone, nothing carried from one start to the next but compiled code:

- chemwright: :func:`chemwright.kinetics.fitting.fit_runs` with one start, the noise estimated along; the prior on ln k is three decades wide
  about the sampling's own time scale (one and the same for all starts), that on Ea 1000 kJ/mol wide, as good as none;
- scipy: ``least_squares`` (trust region reflective) with two-point finite differences over LSODA at 1e-8, in ln k and Ea/(10 kJ/mol);
- collocation: three-point Radau collocation, two elements between samples, all runs and parameters in one problem for IPOPT
  (CasADi, exact derivatives), states begun at the interpolated readings.

Usage: python benchmarks/kinetics_fit.py [--only chemwright scipy collocation] [--starts 20] [--json FILE]     (about ten minutes in all)
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import kinetics_fit_data as given
import numpy as np

from chemwright.errors import ConvergenceError
from chemwright.kinetics import MassAction, Network, parse_reaction
from chemwright.kinetics.fitting import fit_runs
from chemwright.kinetics.fitting_problem import default_prior
from chemwright.kinetics.runs import Run, RunSet
from chemwright.model.posterior import Gaussian

Fit = Callable[[given.Array], given.Array]
EA_STD, LIMIT = 1e6, 60.0
"""Prior of Ea [J/mol]; CPU-s that a peer may take for one start."""


def problem() -> tuple[MassAction, RunSet, Gaussian]:
    """Law, runs and prior in this package's terms."""
    law = MassAction(Network(given.SPECIES, tuple(parse_reaction(t, f"r{i}") for i, t in enumerate(given.REACTIONS, 1))), (given.T_REF,) * 4)
    d = given.data()
    read = tuple(given.SPECIES[j] for j in given.READ)
    runs = RunSet(given.SPECIES, read, [Run(str(i), "batch", f, float(t), d.times, y) for i, (t, f, y) in enumerate(zip(d.temperature, d.feed, d.read, strict=True))])
    prior = default_prior(law, runs)
    return law, runs, Gaussian(prior.mean, np.diag([*np.diag(prior.cov)[:4], *[EA_STD**2] * 4]))


def with_chemwright() -> Fit:
    """This package's fitter; the integrators are compiled in the first start's time."""
    law, runs, prior = problem()

    def fit(start: given.Array) -> given.Array:
        try:
            return fit_runs(law, runs, prior, starts=[start]).theta
        except ConvergenceError as error:
            print(f"    {error.message}", file=sys.stderr)
            return start

    return fit


def with_scipy() -> Fit:
    """SciPy alone."""
    from scipy.optimize import least_squares

    class Late(Exception):
        pass

    def fit(start: given.Array) -> given.Array:
        end, best = time.process_time() + LIMIT, [np.inf, start]

        def residual(z: given.Array) -> given.Array:
            if time.process_time() > end:
                raise Late
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    r = given.residual(z * given.SCALE, 1e-8)
            except (RuntimeError, ValueError):
                return np.full(480, 1e4)
            if not np.all(np.isfinite(r)):
                return np.full(480, 1e4)
            if float(r @ r) < best[0]:
                best[:] = [float(r @ r), z * given.SCALE]
            return r

        try:
            return np.asarray(least_squares(residual, start / given.SCALE, xtol=1e-10, ftol=1e-10, gtol=1e-10, diff_step=1e-5, max_nfev=300).x * given.SCALE)
        except Late:
            return np.asarray(best[1], dtype=float)

    return fit


def with_collocation() -> Fit:
    """CasADi and IPOPT; the problem is built once, each start's solution is timed."""
    import casadi as ca

    d = given.data()
    ends = np.concatenate([[0.0], np.sort(np.concatenate([d.times, (np.concatenate([[0.0], d.times[:-1]]) + d.times) / 2]))])
    points = [0.0, *ca.collocation_points(3, "radau")]
    slope = np.zeros((4, 3))
    for j in range(4):
        basis = np.poly1d([1.0])
        for k in range(4):
            if k != j:
                basis = basis * np.poly1d([1.0, -points[k]]) / (points[j] - points[k])
        slope[j] = [np.polyder(basis)(p) for p in points[1:]]
    z, cost, equations, states, guess = ca.SX.sym("z", 8), 0.0, [], [], []
    nu = np.zeros((4, 6))
    for i, (a, b) in enumerate(given.STEPS):
        nu[i, [a, 1]], nu[i, [b, 5]] = -1.0, 1.0
    n_e = len(ends) - 1
    nodes = np.array([ends[e] + p * (ends[e + 1] - ends[e]) for e in range(n_e) for p in points[1:]])
    for r, (t, feed) in enumerate(zip(d.temperature, d.feed, strict=True)):
        c = ca.SX.sym(f"c{r}", 6, 3 * n_e)
        k = ca.exp(z[:4] - z[4:] * 1e4 / given.R * (1 / t - 1 / given.T_REF))
        left, at = ca.DM(feed / given.FEED), 0
        for e in range(n_e):
            part, h = [left] + [c[:, 3 * e + m] for m in range(3)], ends[e + 1] - ends[e]
            for m in range(3):
                x = part[m + 1]
                rate = ca.vertcat(*(k[i] * x[a] * x[1] * given.FEED for i, (a, _) in enumerate(given.STEPS)))
                equations.append(sum(slope[j, m] * part[j] for j in range(4)) - h * ca.mtimes(nu.T, rate))
            left = part[3]
            if np.isclose(ends[e + 1], d.times[at] if at < len(d.times) else -1.0):
                y = ca.vertcat(*(left[j] * given.FEED for j in given.READ))
                cost += ca.sumsqr((y - d.read[r, at]) / given.NOISE)
                at += 1
        assert at == len(d.times)
        states.append(ca.vec(c))
        smooth = np.zeros((6, len(nodes)))
        for row, j in enumerate(given.READ):
            smooth[j] = np.interp(nodes, np.concatenate([[0.0], d.times]), np.concatenate([[feed[j]], d.read[r, :, row]]))
        smooth[5] = smooth[2] + smooth[3] + 2 * smooth[4]
        smooth[1] = feed[1] - smooth[5]
        guess.append((np.clip(smooth, 0.0, None) / given.FEED).T.ravel())
    x = ca.vertcat(z, *states)
    options = {"print_time": False, "ipopt": {"print_level": 0, "sb": "yes", "max_iter": 1000, "max_cpu_time": LIMIT, "tol": 1e-8}}
    solver = ca.nlpsol("fit", "ipopt", {"x": x, "f": cost, "g": ca.vertcat(*equations)}, options)

    def fit(start: given.Array) -> given.Array:
        out = solver(x0=np.concatenate([start / given.SCALE, *guess]), lbg=0.0, ubg=0.0)
        return np.array(out["x"]).ravel()[:8] * given.SCALE

    return fit


METHODS: dict[str, Callable[[], Fit]] = {"chemwright": with_chemwright, "scipy": with_scipy, "collocation": with_collocation}


def run(names: list[str], n: int) -> dict[str, Any]:
    """Every method from every start."""
    best, out = given.optimum(), []
    for name in names:
        begun = time.process_time()
        fit = METHODS[name]()
        setup, seconds, right = time.process_time() - begun, [], []
        for i, start in enumerate(given.starts()[:n]):
            begun = time.process_time()
            theta = fit(start)
            seconds.append(time.process_time() - begun)
            right.append(given.converged(theta))
            print(f"{name:12} start {i + 1:2}: {'converged' if right[-1] else 'elsewhere'} in {seconds[-1]:.2f} CPU-s", flush=True)
        out.append(
            {
                "method": name,
                "starts": n,
                "converged": sum(right),
                "cpu_median": round(float(np.median(seconds)), 3),
                "cpu_worst": round(max(seconds), 3),
                "cpu_setup": round(setup, 3),
                "elsewhere": [i + 1 for i, r in enumerate(right) if not r],
            }
        )
    return {
        "benchmark": "fit of the 8-parameter SnAr network, 480 points, starts +/- 3 decades in k, Ea 20 to 120 kJ/mol",
        "data": given.digest(),
        "least_sum_of_squares": round(best.ssq, 4),
        "target": {"converged": "at least 19 of 20", "cpu": "at most 1 CPU-s a start"},
        "results": out,
    }


def main() -> None:
    """Run, print, and keep."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=list(METHODS), default=list(METHODS))
    parser.add_argument("--starts", type=int, default=given.STARTS)
    parser.add_argument("--json", default="")
    args = parser.parse_args()
    result = run(args.only, args.starts)
    print(f"\n{'method':12} {'converged':>10} {'median CPU-s':>13} {'worst':>7} {'setup':>7}")
    for r in result["results"]:
        print(f"{r['method']:12} {r['converged']:>4} of {r['starts']:<3} {r['cpu_median']:>13.2f} {r['cpu_worst']:>7.2f} {r['cpu_setup']:>7.2f}")
    if args.json:
        with open(args.json, "w", encoding="utf-8") as stream:
            stream.write(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
