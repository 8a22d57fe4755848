"""What a prediction of a scalar property is scored by, and the baseline: Joback's groups on the same molecules.

CHEMWRIGHT_WHEELS=folder python benchmarks/property_score.py      prints the baseline of the splits' test molecules
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import property_data as data
from attrs import frozen
from numpy.typing import NDArray

Array = NDArray[np.float64]
RESULTS = Path(__file__).parent / "results"
JOBACK = {"normal_boiling_point": "Tb", "melting_point": "Tm", "critical_temperature": "Tc"}


@frozen
class Score:
    """Figures of one set: molecules, mean absolute and root mean square error and bias in SI; coverage of the 90 % interval [1], its mean width, the same in and out of domain, and the share in domain."""

    n: int
    mae: float
    rmse: float
    bias: float
    coverage: float = math.nan
    width: float = math.nan
    width_in: float = math.nan
    width_out: float = math.nan
    coverage_in: float = math.nan
    coverage_out: float = math.nan
    in_domain: float = math.nan
    mae_in: float = math.nan


def score(truth: Array, mean: Array, low: Array | None = None, high: Array | None = None, in_domain: NDArray[np.bool_] | None = None) -> Score:
    """The figures of predictions against the truth, all of shape (n,), finite."""
    if not np.isfinite(mean).all():
        raise ValueError(f"{(~np.isfinite(mean)).sum()} predictions are not finite")
    error = mean - truth
    base = Score(len(truth), float(np.abs(error).mean()), float(np.sqrt((error**2).mean())), float(error.mean()))
    if low is None or high is None or in_domain is None:
        return base
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        raise ValueError("an interval is not finite")
    inside, width = (low <= truth) & (truth <= high), high - low

    def part(values: Array, where: NDArray[np.bool_]) -> float:
        return float(values[where].mean()) if where.any() else math.nan

    return Score(
        base.n, base.mae, base.rmse, base.bias, float(inside.mean()), float(width.mean()), part(width, in_domain), part(width, ~in_domain),
        part(inside.astype(float), in_domain), part(inside.astype(float), ~in_domain), float(in_domain.mean()), part(np.abs(error), in_domain),
    )  # fmt: skip


def coverage_band(n: int) -> tuple[float, float]:
    """What the coverage of a 90 % interval must lie in: 88 to 92 % for 1,000 molecules and more, else two binomial standard deviations."""
    half = 0.02 if n >= 1000 else 2 * math.sqrt(0.9 * 0.1 / n)
    return 0.9 - half, 0.9 + half


def joback(smiles: str) -> dict[str, float]:
    """Joback's estimates of Tb, Tm and Tc [K] for a molecule; empty where its groups don't cover it."""
    from thermo import Joback

    try:
        found = Joback(smiles)
        if found.status != "OK":
            return {}
        tb, tm = float(Joback.Tb(found.counts)), float(Joback.Tm(found.counts))
        return {"Tb": tb, "Tm": tm, "Tc": float(Joback.Tc(found.counts, Tb=tb))}
    except (KeyError, ValueError, ZeroDivisionError, TypeError, AttributeError):
        return {}


def joback_all(everything: Mapping[str, data.Compound], kept: Path | None = None) -> dict[str, dict[str, float]]:
    """Joback's estimates of every molecule that Tb, Tm or Tc is scored on, by InChIKey; read from ``kept`` where it is there, else kept in it."""
    if kept is not None and kept.exists():
        found: dict[str, dict[str, float]] = json.loads(kept.read_text(encoding="utf-8"))
        return found
    keys = sorted(set().union(*(data.scored(dict(everything), name) for name in JOBACK)))
    out = {k: {n: v for n, v in joback(everything[k].smiles).items() if math.isfinite(v)} for k in keys}
    if kept is not None:
        kept.write_text(json.dumps(out), encoding="utf-8")
    return out


def baseline(everything: Mapping[str, data.Compound], estimates: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Joback's errors on the scored molecules that it answers, and the share of these."""
    out = {}
    for name, short in JOBACK.items():
        wanted = data.scored(dict(everything), name)
        pairs = [(v, estimates[k][short]) for k, v in wanted.items() if short in estimates[k]]
        found = score(np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs]))
        out[name] = {"n": found.n, "answered": found.n / len(wanted), "mae": found.mae, "rmse": found.rmse}
    return out


def main() -> None:
    everything = data.compounds()
    found = baseline(everything, joback_all(everything))
    for name, row in found.items():
        print(f"{name:28s} Joback MAE {row['mae']:7.2f} K  RMSE {row['rmse']:7.2f} K  on {row['n']} molecules ({100 * row['answered']:.1f} % answered)")


if __name__ == "__main__":
    main()
