"""Assemble a plant from a case record, its property claims and its fit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import evolve

from chemwright.equipment import load_claims
from chemwright.flowsheet.balances import layout_of
from chemwright.flowsheet.claims import DEFAULTS
from chemwright.flowsheet.liquid import FACTOR, LearnedLiquid, factor_claim, liquid_of
from chemwright.flowsheet.numbers import gather
from chemwright.flowsheet.plant import Plant
from chemwright.kinetics import problem_of, unpack
from chemwright.record import CaseRecord, Claim


def economic_claims(record: CaseRecord) -> tuple[Claim, ...]:
    """Prices, factors, crystallisation and flowsheet defaults, the case's own claims in their place where ids agree.

    A chemical without a price of its own gets a copy of the default, so that its uncertainty is its own.
    """
    claims = {c.id: c for name in ("prices", "crystallisation", "heat_transfer_coefficients") for c in load_claims(name)[0]}
    claims.update({c.id: c for c in DEFAULTS})
    for species in record.species:
        for kind in ("price", "co2e"):
            key = f"{kind}.{species.cas or species.id}"
            if key not in claims:
                claims[key] = evolve(claims[f"{kind}.default"], id=key, subject=species.cas or species.id)
    claims.update({c.id: c for c in record.claims})
    return tuple(claims.values())


def build_plant(record: CaseRecord, property_claims: Iterable[Claim], fit: dict[str, Any]) -> Plant:
    """The plant of a case.

    Args:
        record: the case.
        property_claims: scalar claims ``<species>.<property>`` of every species.
        fit: the fit step's result.
    """
    problem = problem_of(record)
    hybrid = unpack(fit["hybrid"], problem)
    assert record.experiments is not None
    assert record.prior is not None
    n = len(problem.y)
    runs = record.experiments.ids or tuple(f"run {i + 1}" for i in range(n))
    own = {c.id: c for c in record.claims}
    properties = [own.pop(c.id, c) for c in property_claims]
    known = {c.id for c in properties}
    liquid = liquid_of(record, layout_of(record, problem).ids)
    economic = [factor_claim(c, liquid) if c.id == FACTOR and FACTOR not in own else c for c in economic_claims(record)]
    claims = [*properties, *(c for c in economic if c.id not in known)]
    roots = liquid.roots() if isinstance(liquid, LearnedLiquid) else ()
    numbers = gather(hybrid, claims, runs, record.experiments.source or "experiments", record.prior.source.id, roots)
    return Plant(record, problem, hybrid, numbers, liquid)
