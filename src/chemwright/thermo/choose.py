"""One door to the activity models that need nothing but structures."""

from __future__ import annotations

from collections.abc import Sequence

from chemwright.errors import InputError, did_you_mean
from chemwright.thermo.activity import ActivityModel, Ideal, Unifac
from chemwright.thermo.groups import FAMILIES
from chemwright.thermo.hybrid.model import hybrid

KINDS = ("hybrid", "ideal", *FAMILIES)


def activity_model(species: Sequence[tuple[str, str]], kind: str = "hybrid") -> ActivityModel:
    """An activity model of a mixture from the structures of its species.

    Args:
        species: (id, SMILES) of each species, in order.
        kind: ``hybrid`` (UNIFAC plus a learned part, with uncertainty), ``ideal``, or a member of the UNIFAC family: ``original``, ``dortmund``, ``psrk``, ``unifac2`` (UNIFAC 2.0),
            ``dortmund2`` (modified UNIFAC 2.0). Molecules that the Dortmund data bank's table lacks are fragmented by SMARTS patterns.

    Raises:
        InputError: no such kind, no species, or two with one id.
        SubstanceError: a SMILES can't be read.
    """
    if kind not in KINDS:
        raise InputError(f"no activity model {kind!r}", where="kind", fix=did_you_mean(kind, KINDS) or f"one of {', '.join(KINDS)}")
    ids = tuple(key for key, _ in species)
    if not ids or len(set(ids)) < len(ids):
        raise InputError("no species given" if not ids else "two species have the same id", where="species", fix="give each species once, as (id, SMILES)")
    if kind == "hybrid":
        return hybrid(species)
    return Ideal(ids) if kind == "ideal" else Unifac.from_smiles(species, kind, fragments=True)
