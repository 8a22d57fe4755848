"""What keeps a case from running, found before anything is fitted or optimised."""

from __future__ import annotations

from chemwright.errors import ChemwrightError
from chemwright.record import CaseRecord

ROOM = 298.15


def missing_of(record: CaseRecord) -> list[str]:
    """What a case lacks, each as one sentence with its mend; empty when its steps can begin. A case without runs is not blamed for that.

    Looked at: the properties of every species, whether the product can crystallise, the prior against the reactions' orders, the number of runs.
    """
    from chemwright.kinetics.setup import network_of, prior_of, problem_of

    out = _properties(record)
    try:
        if record.prior is not None:
            prior_of(record.prior, network_of(record))
    except ChemwrightError as error:
        return [*out, f"the prior {record.prior.name if record.prior else ''} does not suit the reactions: {error}"]
    if record.experiments is None:
        return out
    try:
        problem = problem_of(record)
    except ChemwrightError as error:
        return [*out, str(error)]
    constants = len(problem.model.law.network.reactions)
    if len(problem.y) <= constants:
        out.append(f"{len(problem.y)} runs for {constants} rate constants. Measure more runs than the case has reactions")
    return out


def _properties(record: CaseRecord) -> list[str]:
    """A property that no method gives, or a product known to be liquid, which the plant's crystallisation can't take."""
    from chemicals.phase_change import Tm

    from chemwright.loop.steps import properties

    try:
        properties(record)
    except ChemwrightError as error:
        return [str(error)]
    target = next(s for s in record.species if s.smiles == record.target)
    melting = Tm(target.cas) if target.cas else None  # a table only: an estimate is too rough to refuse a case by
    if melting is not None and melting < ROOM:
        return [
            f"{target.name or target.id} melts at {melting - 273.15:.0f} degC, and the plant purifies by crystallisation only so far: "
            "its figures would not hold. `chemwright fit` runs; read no cost from `chemwright design`"
        ]
    return []
