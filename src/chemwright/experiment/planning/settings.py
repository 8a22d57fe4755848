"""The planner's settings: one frozen record, whose hash names what a benchmark was run with."""

from __future__ import annotations

import hashlib
import json

from attrs import asdict, field, frozen

from chemwright.errors import InputError
from chemwright.record.fields import number, within


@frozen
class PlanSettings:
    """How the planner models and chooses. The defaults are those tuned on other data than the benchmarks'.

    Args:
        particles: Gaussian processes in the ensemble, each with its own lengths, noise and warp drawn from their posterior.
        moves: slice-sampling moves that each particle makes.
        samples: joint samples of the outcome in the acquisition.
        shortlist: candidates that are sampled jointly.
        length_mean: prior mean of the log of a length, to which half the log of the number of terms is added.
        length_std: prior standard deviation of the log of a length.
        noise_mean: prior mean of the log of the noise variance, in units of the outcomes' variance.
        noise_std: its standard deviation.
        additive_mean: prior mean of the log odds of the additive share of the variance.
        additive_std: its standard deviation.
        warp_std: prior standard deviation of the outcome's warp (Yeo-Johnson, 1 is none); 0 switches it off.
        power: the acquisition is the mean of (improvement + ...)**power; 1 is expected improvement.
        hyper_rows: rows from which lengths are learnt when there are more (all rows enter the prediction).
        backend: ``own``, ``torch`` or ``auto``.
    """

    particles: int = 24
    moves: int = 8
    samples: int = 384
    shortlist: int = 250
    length_mean: float = 0.0
    length_std: float = 1.0
    noise_mean: float = -5.0
    noise_std: float = 1.5
    additive_mean: float = 0.0
    additive_std: float = 1.5
    warp_std: float = 0.3
    power: float = 1.0
    hyper_rows: int = 200
    backend: str = field(default="auto")

    @backend.validator
    def _known(self, _: object, value: str) -> None:
        if value not in ("auto", "own", "torch"):
            raise InputError(f"backend {value!r}", where="PlanSettings, backend", fix="choose auto, own or torch")

    @property
    def sha256(self) -> str:
        """Hash of all settings, names sorted."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()
