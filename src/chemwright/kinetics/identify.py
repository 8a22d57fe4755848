"""What the data determine and what they do not: weak directions of the posterior in words, and profile likelihoods of the parameters in them.

Directions are those of the posterior covariance in natural units (a factor e in a constant, 10 kJ/mol in an energy, the prior's width in any other
number). How much of a direction the data told is the eigenvalue of the information whitened by the prior: one means as much as the prior said
(Raue et al. 2009, Bioinformatics 25, 1923, on structural and practical identifiability and profiles).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import evolve, frozen

from chemwright.errors import ConvergenceError
from chemwright.kinetics.fitting import FINE, RunFit
from chemwright.kinetics.fitting_problem import DECADE
from chemwright.kinetics.fitting_search import Whitened, descend
from chemwright.model.posterior import Gaussian
from chemwright.model.protocol import Array

ENERGY = 1e4  # J/mol: the natural unit of an energy
WEAK = np.log(2.0)  # natural units: a constant known to worse than a factor two
PART = 0.3  # share of the largest component from which a parameter belongs to a direction
TOGETHER = 0.98  # correlation from which two parameters are told to go together
RATIOS = ((1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (2, 3), (3, 2))
NOTHING = 1e-4  # information below which the data say nothing at all
CHI = 1.92  # log likelihood, 95 % of one parameter
FAR, PROFILE_STEPS = 4.0, 9


@frozen
class Weakness:
    """A direction in which the answer is loose.

    Args:
        names: parameters in it, largest part first.
        parts: their parts, scaled to the largest.
        std: posterior standard deviation along it, natural units.
        information: what the data told over what the prior said; below 1 the prior speaks.
        words: for the reader.
    """

    names: tuple[str, ...]
    parts: tuple[float, ...]
    std: float
    information: float
    words: str


@frozen
class Profile:
    """The likelihood's ends of one parameter at 95 %, on the scale of the fit; ``None`` where there is none within ``FAR`` natural units or decades."""

    name: str
    low: float | None
    high: float | None
    words: str


def natural_units(kinds: Sequence[str], prior: Gaussian) -> Array:
    """What one unit of each parameter is, (P,)."""
    return np.array([{"log": 1.0, "energy": ENERGY}.get(k, float(s)) for k, s in zip(kinds, prior.std, strict=True)])


def weaknesses(fit: RunFit) -> tuple[Weakness, ...]:
    """Directions known to worse than a factor two (or 7 kJ/mol), weakest first; then pairs that go together.

    The posterior is the optimum's neighbourhood: a pair with a strong correlation can be looser than it says, as its profile tells.
    """
    return (*_directions(fit), *_pairs(fit))


def _pairs(fit: RunFit) -> list[Weakness]:
    """Pairs of parameters with a strong correlation that are in no weak direction together."""
    units = natural_units(fit.problem.kinds, fit.problem.prior)
    std, rho, kinds = fit.posterior.std / units, fit.correlation, fit.problem.kinds
    seen = [set(w.names) for w in _directions(fit)]
    out = []
    for i in range(len(std)):
        for j in range(i):
            pair = (fit.names[j], fit.names[i])
            if abs(rho[i, j]) < TOGETHER or any(set(pair) <= s for s in seen):
                continue
            sign = float(np.sign(rho[i, j]))
            joint = float(np.sqrt(max(std[i] ** 2 + std[j] ** 2 - 2 * sign * rho[i, j] * std[i] * std[j], 0.0)))
            long = float(np.sqrt(std[i] ** 2 + std[j] ** 2))
            words = f"{pair[0]} and {pair[1]} go together (correlation {rho[i, j]:.3f})"
            if kinds[i] == kinds[j] == "log":
                what = "ratio" if sign > 0 else "product"
                words += f": their {what} is known to {100 * joint:.2g} %, each by itself to {100 * std[j]:.2g} and {100 * std[i]:.2g} % at best"
            elif {kinds[i], kinds[j]} == {"log", "energy"} and pair[0].partition(".")[2] == pair[1].partition(".")[2]:
                words += ": a reference temperature nearer to the runs' would part them"
            out.append(Weakness(pair, (1.0, sign), long, float("nan"), words))
    return out


def _directions(fit: RunFit) -> list[Weakness]:
    """Weak eigen-directions of the posterior."""
    units = natural_units(fit.problem.kinds, fit.problem.prior)
    free = fit.problem.prior.std > 1e-6 * units
    value, vector = np.linalg.eigh((fit.posterior.cov / np.outer(units, units))[np.ix_(free, free)])
    names = [n for n, f in zip(fit.names, free, strict=True) if f]
    kinds = [k for k, f in zip(fit.problem.kinds, free, strict=True) if f]
    slope = (fit.jacobian / fit.sigma[:, None] * units)[:, free]
    prior = np.linalg.inv((fit.problem.prior.cov / np.outer(units, units))[np.ix_(free, free)])
    out = []
    for i in np.argsort(value)[::-1]:
        if np.sqrt(value[i]) < WEAK:
            break
        v = vector[:, i]
        told = float(np.sum((slope @ v) ** 2) / (v @ prior @ v))
        order = np.argsort(-np.abs(v))
        kept = [int(j) for j in order if abs(v[j]) >= PART * abs(v[order[0]])]
        parts = tuple(float(v[j] / v[order[0]]) for j in kept)
        said = tuple(names[j] for j in kept)
        out.append(Weakness(said, parts, float(np.sqrt(value[i])), told, _words(said, [kinds[j] for j in kept], parts, float(np.sqrt(value[i])), told)))
    return out


def _words(names: tuple[str, ...], kinds: Sequence[str], parts: tuple[float, ...], std: float, told: float) -> str:
    """One sentence on a weak direction."""
    prior = "the data say nothing of it beyond the prior" if told < 0.1 else "the data say less of it than the prior" if told < 1 else ""
    if len(names) == 1:
        size = {"log": f"known to a factor {np.exp(std):.3g}" if std < 12 else "unknown by many orders of magnitude", "energy": f"known to {std * 10:.0f} kJ/mol"}.get(
            kinds[0], f"known to {std:.2g} of its prior's width"
        )
        return f"{names[0]} alone is loose: {size}" + (f"; {prior}" if prior else "")
    tail = f" ({prior})" if prior else ""
    if len(names) == 2 and list(kinds) == ["log", "log"]:
        pair = _ratio(parts[1])
        if pair is not None:
            a, b = pair
            left, right = _power(names[0], a), _power(names[1], b)
            return f"only the {'ratio ' + left + '/' + right if parts[1] > 0 else 'product ' + left + ' ' + right} is determined, not {names[0]} and {names[1]} by themselves{tail}"
    if set(kinds) == {"log"} and len(names) > 2 and max(abs(abs(p) - 1) for p in parts) < 0.15:
        same = [n for n, p in zip(names, parts, strict=True) if p > 0]
        other = [n for n, p in zip(names, parts, strict=True) if p < 0]
        if not other:
            return f"only ratios of {_list(same)} are determined: all can change by one common factor{tail}"
        return f"{_list(same)} can rise while {_list(other)} fall by the same factor{tail}"
    unit = {"log": "ln {}", "energy": "{}/(10 kJ/mol)"}
    moves = " ".join(f"{'+' if p > 0 else '-'} {abs(p):.2g} {unit.get(k, '{}').format(n)}" for n, k, p in zip(names, kinds, parts, strict=True))
    return f"{_list(names)} are loose together: {moves.removeprefix('+ ')} has a standard deviation of {std:.2g}{tail}"


def _ratio(part: float) -> tuple[int, int] | None:
    """Powers (a, b) so that the determined combination is first^a over second^b, when the parts are in small whole numbers."""
    for a, b in RATIOS:  # along the direction first moves by 1 and second by |part|: a - b |part| = 0
        if abs(abs(part) * b / a - 1) < 0.15:
            return a, b
    return None


def _power(name: str, n: int) -> str:
    return name if n == 1 else f"{name}^{n}"


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def profile(fit: RunFit, name: str, unit: tuple[str, float] = ("SI", 1.0)) -> Profile:
    """Ends of the 95 % profile likelihood of one parameter: the others are fitted again at each step, its own prior left out.

    Args:
        fit: a fit.
        name: of the parameter.
        unit: of a constant for the words, and what one SI unit is in it.

    Raises:
        ConvergenceError: never; a step that fails ends the profile there.
    """
    i = fit.names.index(name)
    size = natural_units(fit.problem.kinds, fit.problem.prior)[i]
    reach = (FAR * DECADE if fit.problem.kinds[i] == "log" else FAR) * size
    low, high = (_end(fit, i, sign, reach) for sign in (-1.0, 1.0))
    return Profile(name, low, high, _profile_words(name, fit.problem.kinds[i], low, high, unit))


def _end(fit: RunFit, i: int, sign: float, reach: float) -> float | None:
    """Where the likelihood has fallen by the threshold, walking one way; ``None`` when it has not within reach."""
    step = float(np.clip(2.0 * fit.posterior.std[i], 1e-3 * reach, 0.3 * reach))
    best = 0.5 * float(np.sum((fit.residual / fit.sigma) ** 2))
    walked, theta, path = 0.0, fit.theta, [(0.0, 0.0)]
    for _ in range(3 * PROFILE_STEPS):
        walked = min(walked + step, reach)
        held = np.array(theta, copy=True)
        held[i] = fit.theta[i] + sign * walked
        found = _refit(fit, i, held)
        if found is None:
            return None
        theta, misfit = found
        path.append((walked, misfit - best))
        if path[-1][1] > CHI:
            (a, fa), (b, fb) = path[-2:]
            return float(fit.theta[i] + sign * (a + (b - a) * (CHI - fa) / (fb - fa)))
        if walked >= reach:
            return None
        if path[-1][1] < 0.5 * CHI:
            step *= 1.6
    return None


def _refit(fit: RunFit, i: int, theta: Array) -> tuple[Array, float] | None:
    """The other parameters fitted with one held, and the misfit 1/2 |r/sigma|^2; ``None`` when it fails."""
    prior = fit.problem.prior
    cov = prior.cov.copy()
    mean = prior.mean.copy()
    gain = cov[:, i] / cov[i, i]
    mean = mean + gain * (theta[i] - mean[i])  # the prior of the others given the one that is held
    cov = cov - np.outer(gain, cov[i])
    cov[i, :] = cov[:, i] = 0.0
    cov[i, i] = (1e-9 * max(1.0, abs(theta[i]))) ** 2
    mean[i] = theta[i]
    p = fit.problem
    held = evolve(p, prior=Gaussian(mean, cov))
    try:
        end = descend(held, theta, fit.sigma, reltol=1e-6, tolerance=1e-3, limit=30)
    except (ConvergenceError, np.linalg.LinAlgError):
        return None
    if end.status != "converged":
        return None
    return end.theta, 0.5 * float(np.sum(((p.y - end.f) / fit.sigma) ** 2))


def _profile_words(name: str, kind: str, low: float | None, high: float | None, unit: tuple[str, float]) -> str:
    """One sentence on the ends."""

    def text(v: float) -> str:
        return f"{np.exp(v) * unit[1]:.3g} {unit[0]}" if kind == "log" else f"{v / 1000:.3g} kJ/mol" if kind == "energy" else f"{v:.3g}"

    if low is None and high is None:
        return f"the data set no limit to {name}"
    if low is None and high is not None:
        return f"the data set only an upper limit to {name}: {text(high)} (95 %)"
    if high is None and low is not None:
        return f"the data set only a lower limit to {name}: {text(low)} (95 %)"
    assert low is not None
    assert high is not None
    return f"{name} lies between {text(low)} and {text(high)} (95 % by profile likelihood)"


def loose_parameters(fit: RunFit, most: int = 4) -> tuple[str, ...]:
    """The parameters of the weak directions for which a profile says more than a standard deviation: constants first, none of which the data say nothing."""
    found = dict.fromkeys(n for w in weaknesses(fit) if not w.information < NOTHING for n in w.names)
    kind = dict(zip(fit.names, fit.problem.kinds, strict=True))
    return tuple(sorted(found, key=lambda n: kind[n] != "log"))[:most]


def information(fit: RunFit) -> Array:
    """Eigenvalues of the data's information whitened by the prior, largest first, (P,): above 1 the data beat the prior."""
    space = Whitened(fit.problem, fit.sigma, FINE)
    w = fit.jacobian @ space.chol / fit.sigma[:, None]
    return np.asarray(np.linalg.eigvalsh(w.T @ w)[::-1], dtype=float)
