"""The covariance of the planner's Gaussian processes, for many particles at once, and the prior on what it is made of.

Covariance between two points, with r^2 = sum over distance terms of d_t^2 / length_t^2 and r_j^2 the same sum over the terms of variable j alone:

    A [ rho/J sum_j 1/(1 + r_j^2) + (1 - rho) Matern_5/2(r) ] + sum_e B_e 1/(1 + d_e^2) + 1

The first part is additive (the main effect of each variable), the second holds interactions. The terms with B_e are offsets: of a campaign whose data are borrowed, of the time at which an experiment was made. The constant 1
integrates out the mean of the standardised outcome.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen

from chemwright.experiment.planning.domain import Array, Domain
from chemwright.experiment.planning.settings import PlanSettings

ROOT5 = 5.0**0.5
TAIL = 4
"""Entries of a particle after its lengths: log odds of the additive share, log amplitude, log noise variance, warp."""


@frozen(eq=False)
class Prior:
    """Gaussian prior on the vector u of a particle: log lengths (T), then log odds of the additive share, log amplitude, log noise variance, warp; then the log B of each offset that is learnt."""

    mean: Array
    std: Array

    @classmethod
    def of(cls, domain: Domain, s: PlanSettings) -> Prior:
        """The prior for a domain. Lengths grow with the square root of the number of variables, so that a typical pair is as correlated in many dimensions as in few (Hvarfner, Hellsten & Nardi 2024)."""
        lengths = np.full(domain.terms, s.length_mean + 0.5 * np.log(max(domain.terms, 1)))
        drifts = sum(a.offset == "drift" for a in domain.axes)
        mean = np.r_[lengths, s.additive_mean, 0.0, s.noise_mean, 1.0, np.full(drifts, s.drift_mean)]
        std = np.r_[np.full(domain.terms, s.length_std), s.additive_std, 0.5, s.noise_std, s.warp_std, np.full(drifts, 1.5)]
        return cls(mean, std)


def covariance(domain: Domain, x1: Array, x2: Array, u: Array) -> Array:
    """Covariances (P, n, m) between points x1 (n, J) and x2 (m, J) for particles (P, H)."""
    return from_distances(domain, domain.squared(x1, x2), domain.offset_distances(x1, x2), u)


def from_distances(domain: Domain, d2: Array, offsets: Array, u: Array) -> Array:
    """As :func:`covariance`, from squared distances (T, n, m) and those of the offsets (E, n, m)."""
    t, n, m = d2.shape
    weight = np.exp(-2.0 * np.clip(u[:, :t], -12.0, 12.0))
    rho, amplitude = 1.0 / (1.0 + np.exp(-u[:, t])), np.exp(u[:, t + 1])
    flat = d2.reshape(t, n * m)
    r2 = weight @ flat
    r = np.sqrt(r2)
    r *= -ROOT5
    k = np.exp(r)
    r2 *= 5.0 / 3.0
    r2 -= r
    r2 += 1.0
    k *= r2
    k *= ((1.0 - rho) * amplitude)[:, None]
    owners = domain.owner
    axes = np.unique(owners)
    share = (rho * amplitude / max(len(axes), 1))[:, None]
    for j in axes:
        own = owners == j
        part = weight[:, own] @ flat[own]
        part += 1.0
        np.divide(share, part, out=part)
        k += part
    k = k.reshape(-1, n, m)
    drift = t + TAIL
    for axis, d in zip(domain.offset_axes, offsets, strict=True):
        if axis.offset == "drift":
            k += np.exp(u[:, drift])[:, None, None] / (1.0 + d)
            drift += 1
        else:
            k += d[None]
    return k + 1.0


def own_variance(domain: Domain, x: Array, u: Array) -> Array:
    """The diagonal of the covariance at points x (m, J), shape (P, m)."""
    t = domain.terms
    value = np.exp(u[:, t + 1]) + np.exp(u[:, t + TAIL :]).sum(1) + 1.0
    return value[:, None] + domain.offset_variance(x)[None, :]
