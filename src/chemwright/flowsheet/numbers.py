"""The uncertain numbers of a plant: every claim and the kinetic posterior, in one vector with one ledger."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from attrs import frozen

from chemwright.errors import InputError, did_you_mean
from chemwright.model.hybrid import Hybrid
from chemwright.model.ledger import Ledger
from chemwright.model.protocol import Array
from chemwright.model.root import Evidence, Root
from chemwright.quantity import convert
from chemwright.record import Claim

KINETICS = "kinetics"
ACTIVITY = "activity."
"""Begins the names of the coefficients of a learned liquid: ``activity.<species>|<species>.<coefficient>``."""

SI = {"USD/kg": "USD/kg", "USD/GJ": "USD/J", "USD/kWh": "USD/J", "kg/GJ": "kg/J", "kg/kWh": "kg/J", "1/year": "1/s", "year": "s", "USD/year": "USD/s"}


def si_unit(unit: str) -> str:
    """The unit in which a claim enters the equations."""
    return SI.get(unit, unit)


@frozen(eq=False)
class Numbers:
    """Ordered numbers p of a plant.

    Args:
        names: one name a number: claim ids and ``kinetics.<parameter>``.
        mean: shape (K,), SI.
        ledger: roots of those that are uncertain, the kinetic posterior first.
        columns: for each number of the ledger, its place in p.
        claims: the claims by id.
    """

    names: tuple[str, ...]
    mean: Array
    ledger: Ledger
    columns: tuple[int, ...]
    claims: dict[str, Claim]

    def index(self, name: str) -> int:
        """Place of a number.

        Raises:
            InputError: unknown name, with near misses.
        """
        if name not in self.names:
            raise InputError(f"the plant has no number {name!r}", fix=did_you_mean(name, self.names))
        return self.names.index(name)


def gather(hybrid: Hybrid, claims: Iterable[Claim], run_ids: tuple[str, ...], run_source: str, prior_source: str, blocks: Iterable[Root] = ()) -> Numbers:
    """One vector of all numbers; those with a std become roots of the ledger.

    Args:
        hybrid: the trained model; its joint posterior is the first root, with the runs as evidence.
        claims: scalar claims; a std of zero or none makes the number exact.
        run_ids: a name for each run.
        run_source, prior_source: source ids of runs and prior.
        blocks: further roots of several numbers each, as those of a learned liquid.
    """
    fit = hybrid.fit
    assert fit is not None
    names = [f"{KINETICS}.{n}" for n in hybrid.names]
    evidence = Evidence(fit.jacobian / fit.sigma, tuple(run_ids), (run_source,) * len(run_ids), np.linalg.inv(fit.prior.cov), prior_source)
    roots = [Root.posterior(KINETICS, tuple(hybrid.names), fit.posterior.mean, evidence, tier="fitted", source=f"{prior_source} + {run_source}")]
    mean, columns = list(fit.posterior.mean), list(range(len(names)))
    table: dict[str, Claim] = {}
    for claim in claims:
        if claim.id in table:
            raise InputError(f"claim {claim.id!r} stands twice", where="claims", fix="keep one, or give the other another id")
        table[claim.id] = claim
        unit = si_unit(claim.unit)
        scale = convert(1.0, claim.unit, unit) if unit != claim.unit else 1.0
        if claim.std:
            roots.append(Root.scalar(claim.id, claim.value * scale, claim.std * scale, tier=claim.tier, source=claim.source, note=claim.note))
            columns.append(len(names))
        names.append(claim.id)
        mean.append(claim.value * scale)
    for block in blocks:
        roots.append(block)
        columns += range(len(names), len(names) + len(block.names))
        names += block.names
        mean += block.mean.tolist()
    return Numbers(tuple(names), np.array(mean), Ledger(tuple(roots)), tuple(columns), table)


class Lookup:
    """Named access to a vector of numbers or symbols."""

    def __init__(self, numbers: Numbers, values: Any) -> None:
        self._place = {n: i for i, n in enumerate(numbers.names)}
        self._values = values
        self.kinetics = [values[i] for i, n in enumerate(numbers.names) if n.startswith(f"{KINETICS}.")]

    def __call__(self, name: str, default: str | None = None) -> Any:
        """The number of that name, or of the default's name.

        Raises:
            InputError: neither is there.
        """
        for key in (name, default):
            if key is not None and key in self._place:
                return self._values[self._place[key]]
        raise InputError(f"the plant has no number {name!r}", fix=did_you_mean(name, self._place))
