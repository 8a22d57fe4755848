"""What a question about a property gets back: the value with its spread, where it comes from, and whether the molecule is one the model knows."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import asdict, field, frozen
from numpy.typing import NDArray

Array = NDArray[np.float64]

TIERS = ("measured", "mechanism", "hybrid", "learned")
"""In the order they are asked: consensus of measured claims; equations with parameters from claims; equations with a learned part; learned alone."""


@frozen
class Neighbour:
    """A measured molecule near the one asked for: name, canonical SMILES, Tanimoto similarity [1] and its value in the answer's unit."""

    name: str
    smiles: str
    similarity: float
    value: float


@frozen
class Driver:
    """A group, feature or input that drove the answer, and by how much it moved it from the model's mean, in the answer's unit."""

    name: str
    effect: float


@frozen
class Answer:
    """One property of one substance or mixture.

    Args:
        substance: name or SMILES as asked.
        property: name in the vocabulary.
        value: in ``unit``; nothing when no tier can answer (``note`` says why).
        unit: SI unit.
        std: standard uncertainty, same unit.
        low, high: 90 % interval, same unit; never infinite.
        tier: one of :data:`TIERS`.
        in_domain: false when the model was not made for such a molecule or condition; the interval is then wider.
        conditions: SI values of temperature [K], pressure [Pa], as far as they matter.
        sources: ids of the sources.
        neighbours, drivers: on request.
        note: what a reader should know.
    """

    substance: str
    property: str
    value: float | None
    unit: str
    std: float | None = None
    low: float | None = None
    high: float | None = None
    tier: str = ""
    in_domain: bool = True
    conditions: dict[str, float] = field(factory=dict)
    sources: tuple[str, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    drivers: tuple[Driver, ...] = ()
    note: str = ""

    def row(self) -> dict[str, Any]:
        """As plain values, for a table or JSON."""
        return asdict(self)


@frozen(eq=False)
class Estimates:
    """What a model says of n molecules at once, all in the property's SI unit.

    Args:
        mean, std, low, high: shape (n,); low and high bound the 90 % interval.
        in_domain: shape (n,), bool.
    """

    mean: Array
    std: Array
    low: Array
    high: Array
    in_domain: NDArray[np.bool_]
