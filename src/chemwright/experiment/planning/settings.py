"""The planner's settings: one frozen record, whose hash names what a benchmark was run with."""

from __future__ import annotations

import hashlib
import json

from attrs import asdict, field, frozen

from chemwright.record.fields import one_of, within


@frozen
class PlanSettings:
    """How the planner models and chooses. The defaults were tuned on other data than the benchmarks' (benchmarks/campaign_tuning.py).

    Args:
        particles: Gaussian processes in the ensemble of an objective, each with its own lengths, noise and warp drawn from their posterior.
        moves: slice-sampling moves that each particle makes.
        sampled: particles that joint samples are drawn from.
        samples: joint samples of the outcomes in the acquisition.
        shortlist: candidates that are sampled jointly.
        power: improvement is raised to it before the mean is taken: below 1 the chance of any gain counts more, above 1 its size.
        incumbent: whether the best so far is what the ``model`` holds of the points tried, noise taken out, or the best ``seen`` (one objective).
        length_mean: prior mean of the log of a length, to which half the log of the number of terms is added.
        length_std: prior standard deviation of the log of a length.
        noise_mean: prior mean of the log of the noise variance, in units of the outcomes' variance.
        noise_std: its standard deviation.
        additive_mean: prior mean of the log odds of the additive share of the variance.
        additive_std: its standard deviation.
        warp_std: prior standard deviation of the outcome's warp (Yeo-Johnson's power, 1 is none); 0 switches it off.
        drift: whether time enters: ``auto`` where repeated experiments can tell, ``on``, ``off``.
        drift_mean: prior mean of the log variance of a drift in time.
        hyper_rows: rows from which lengths are learnt when there are more (all rows enter the prediction).
        backend: ``own`` (numpy), ``torch`` (BoTorch, extra ``learn``), or ``auto``, which is ``own``: it needs no extra and a fraction of the time.
    """

    particles: int = field(default=24, validator=within(1))
    moves: int = field(default=8, validator=within(0))
    sampled: int = field(default=12, validator=within(1))
    samples: int = field(default=384, validator=within(1))
    shortlist: int = field(default=150, validator=within(1))
    power: float = field(default=1.0, validator=within(0.0))
    incumbent: str = field(default="seen", validator=one_of(("model", "seen")))
    length_mean: float = 0.0
    length_std: float = field(default=1.0, validator=within(0.0))
    noise_mean: float = -4.0
    noise_std: float = field(default=1.5, validator=within(0.0))
    additive_mean: float = 0.5
    additive_std: float = field(default=1.5, validator=within(0.0))
    warp_std: float = field(default=0.3, validator=within(0.0))
    drift: str = field(default="auto", validator=one_of(("auto", "on", "off")))
    drift_mean: float = -4.0
    hyper_rows: int = field(default=200, validator=within(3))
    backend: str = field(default="auto", validator=one_of(("auto", "own", "torch")))

    @property
    def sha256(self) -> str:
        """Hash of all settings, names sorted."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()
