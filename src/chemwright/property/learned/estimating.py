"""Estimates of any learned property for a batch of molecules, from one pass through the networks."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from chemwright.property.answer import Estimates
from chemwright.property.learned.domain import classes, environments, other_rings, surroundings
from chemwright.property.learned.graphs import Graphs
from chemwright.property.learned.network import Batch
from chemwright.property.learned.store import Member, store
from chemwright.structure.features import Features

Array = NDArray[np.float64]
NORMAL_90 = 1.6448536269514722
PIECE = 128
"""Molecules that go through the networks at once: small enough for the cache of a core."""


@frozen(eq=False)
class Pass:
    """What the networks say of n molecules: centre and width of every property on the learning scale, shape (n, tasks); in-domain flags and novelty of the same shape; whether they have rings other than one of benzene (n,).

    The width is that which the networks give; out of domain their disagreement joins it.
    """

    centre: Array
    width: Array
    in_domain: NDArray[np.bool_]
    novelty: Array
    rings: NDArray[np.bool_]


_PASSES: WeakKeyDictionary[Features, Pass] = WeakKeyDictionary()


def estimates(features: Features, names: Sequence[str]) -> dict[str, Estimates]:
    """Estimates of the properties ``names`` (of :func:`chemwright.property.learned.models`), in SI.

    Molecules that could not be read have mean, std, low and high of NaN and are out of domain; all others have finite intervals.
    """
    run = _pass(features)
    return {name: _scaled(run, store().index(name)) for name in names}


def _scaled(run: Pass, j: int) -> Estimates:
    card = store().card["properties"][j]
    c, in_domain = run.centre[:, j], run.in_domain[:, j]
    half = run.width[:, j] * np.array(card["quantiles"])[classes(run.novelty[:, j], in_domain, run.rings)]
    if card["scale"] == "log":
        c, half = np.clip(c, -60.0, 60.0), np.minimum(half, 6.0)
        mean = np.exp(c)
        return Estimates(mean, mean * half / NORMAL_90, np.exp(c - half), np.exp(c + half), in_domain)
    low, high = c - half, c + half
    if card["positive"]:
        floor = card["floor"]
        c, low, high = np.maximum(c, floor), np.maximum(low, floor), np.maximum(high, floor)
    return Estimates(c, half / NORMAL_90, low, high, in_domain)


def _pass(features: Features) -> Pass:
    """The networks' output for a batch, kept as long as the batch lives."""
    found = _PASSES.get(features)
    if found is None:
        found = _PASSES[features] = _run(features)
    return found


def _run(features: Features) -> Pass:
    s, n = store(), len(features)
    centre, width = np.full((n, len(s.names)), np.nan), np.full((n, len(s.names)), np.nan)
    in_domain, novelty = np.zeros((n, len(s.names)), np.bool_), np.zeros((n, len(s.names)))
    graphs = Graphs.of_features(features)
    rows = np.flatnonzero(features.ok)
    if len(rows):
        near, far = environments(graphs), surroundings(graphs)
        in_domain = np.stack([d.holds(features, graphs, near) for d in s.domains], 1)
        novelty = np.stack([d.novelty(graphs, far) for d in s.domains], 1)
    for k in range(0, len(rows), PIECE):
        part = rows[k : k + PIECE]
        piece = Batch.of(graphs.take(part))
        each = [_member(m, piece, features.descriptors[part]) for m in s.members]
        centres = np.stack([e[0] for e in each])
        centre[part] = centres.mean(0)
        width[part] = np.sqrt((np.stack([e[1] for e in each]) ** 2).mean(0) + np.where(in_domain[part], 0.0, centres.var(0)))
    return Pass(centre, width, in_domain, novelty, other_rings(features.descriptors))


def _member(member: Member, batch: Batch, descriptors: NDArray[np.float32]) -> tuple[Array, Array]:
    """Centre and width on the learning scale by one network, shape (n, tasks)."""
    inputs = np.clip((descriptors - member.middle) / member.scale, -8.0, 8.0).astype(np.float32)
    base = inputs @ member.coefficients[:-1] + member.coefficients[-1]
    centre, spread = member.network(batch, inputs)
    return base + centre * member.scatter, np.exp(spread) * member.scatter
