"""The plant's liquid: an activity model, and what it does not know as roots of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import evolve, frozen

from chemwright.flowsheet.numbers import ACTIVITY, Lookup
from chemwright.model.root import Root
from chemwright.record import CaseRecord, Claim
from chemwright.thermo import ActivityModel, HybridActivity, Unifac, activity_model
from chemwright.thermo.hybrid.excess import COEFFICIENTS, derivatives, fractions

FACTOR = "plant.vapour_activity"
SOURCE = "chemwright:activity"


class Reordered:
    """An activity model whose species come in another order."""

    def __init__(self, model: ActivityModel, given: tuple[str, ...], wanted: tuple[str, ...]) -> None:
        self._model, self.ids = model, wanted
        self._to = [wanted.index(i) for i in given]
        self._back = [given.index(i) for i in wanted]

    @property
    def missing(self) -> tuple[str, ...]:
        """Species treated as ideal."""
        return self._model.missing

    def ln_gamma(self, x: Any, T: Any) -> list[Any]:
        """ln(gamma) in the wanted order; arguments as in :class:`chemwright.thermo.ActivityModel`."""
        values = self._model.ln_gamma([x[i] for i in self._to], T)
        return [values[i] for i in self._back]


@frozen(eq=False)
class LearnedLiquid:
    """The hybrid activity model with the coefficients of its pairs among the plant's uncertain numbers, so that cost and streams feel what it does not know.

    Args:
        model: the hybrid, its species in the plant's order.
        look: the plant's numbers; nothing for the model at its mean.
    """

    model: HybridActivity
    look: Lookup | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """Species, in order."""
        return self.model.ids

    @property
    def missing(self) -> tuple[str, ...]:
        """Species treated as ideal."""
        return self.model.missing

    def on(self, look: Lookup) -> LearnedLiquid:
        """The same on the numbers of a plant, symbols or floats."""
        return evolve(self, look=look)

    def ln_gamma(self, x: Sequence[Any], T: Any) -> list[Any]:
        """ln(gamma) [1] of each species; see :class:`chemwright.thermo.ActivityModel`."""
        out = self.model.ln_gamma(x, T)
        if self.look is None:
            return out
        z, _ = fractions(self.model.excess.size, x)
        for n, (i, j) in enumerate(self.model.excess.pairs):
            moved = [self.look(f"{pair_id(self.ids[i], self.ids[j])}.{c}") - v for c, v in zip(COEFFICIENTS, self.model.excess.theta[n], strict=True)]
            for k, terms in enumerate(derivatives(self.model.excess.size, z, T, i, j)):
                out[k] = out[k] + sum(t * m for t, m in zip(terms, moved, strict=True))
        return out

    def roots(self) -> tuple[Root, ...]:
        """One root a pair: the coefficients of its learned excess Gibbs energy."""
        out = []
        for n, (i, j) in enumerate(self.model.excess.pairs):
            key, block = pair_id(self.ids[i], self.ids[j]), slice(5 * n, 5 * n + 5)
            names = tuple(f"{key}.{c}" for c in COEFFICIENTS)
            outside = [reason for who, reason in self.model.outside if who in (self.ids[i], self.ids[j])]
            note = f"no model for it ({'; '.join(outside)}): nothing is known" if outside else "coefficients of the excess Gibbs energy of this pair"
            out.append(Root(key, "estimated" if not outside else "assumed", SOURCE, names, self.model.excess.theta[n], _symmetric(self.model.covariance[block, block]), note))
        return tuple(out)


def pair_id(a: str, b: str) -> str:
    """The root of a pair."""
    return f"{ACTIVITY}{a}|{b}"


def liquid_of(record: CaseRecord, ids: tuple[str, ...]) -> ActivityModel:
    """The activity model that ``[plant] activity`` asks for, its species in the plant's order.

    Args:
        record: the case.
        ids: species of the plant, in order.
    """
    smiles = {s.id: s.smiles for s in record.species}
    if record.plant.activity == "hybrid":
        model = activity_model([(i, smiles[i]) for i in ids], "hybrid")
        assert isinstance(model, HybridActivity)
        return LearnedLiquid(model)
    ordered = (record.solvent, *(i for i in ids if i != record.solvent))  # the solvent first: of species without groups for each other the later ones are left out
    pairs = [(i, smiles[i]) for i in ordered]
    return Reordered(Unifac.from_smiles(pairs) if record.plant.activity == "unifac" else activity_model(pairs, record.plant.activity), ordered, ids)


def factor_claim(claim: Claim, liquid: ActivityModel) -> Claim:
    """The factor on the solvent's activity: where the model states its own uncertainty, only what it leaves open."""
    if not isinstance(liquid, LearnedLiquid):
        return claim
    note = "factor on the solvent's activity in the residue: what the hybrid activity model leaves open when its coefficients are known"
    return evolve(claim, std=float(liquid.model.floor), tier="estimated", source=SOURCE, note=note)


def _symmetric(block: Any) -> Any:
    return (np.asarray(block) + np.asarray(block).T) / 2
