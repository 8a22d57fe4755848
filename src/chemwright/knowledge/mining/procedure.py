"""A paragraph read as a preparation: roles of its substances, temperature, time and yield, each with a confidence from the trained classifiers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from attrs import evolve

from chemwright.knowledge.mining.computed import Computed, ways
from chemwright.knowledge.mining.context import Context, Named, amounts_of, read, reading_features, substances
from chemwright.knowledge.mining.linear import models
from chemwright.knowledge.mining.proposal import ProcedureMention, Reading, SubstanceMention
from chemwright.knowledge.mining.solvents import solvents
from chemwright.knowledge.mining.structures import known_temperature
from chemwright.knowledge.mining.trees import solvent_trees

#: least probabilities of a role, of a percentage being the yield, and of a yield computed from amounts; set on the training patents
SOLVENT, REACTANT, PRODUCT, LEAST_YIELD, LEAST_COMPUTED = 0.45, 0.38, 0.25, 0.15, 0.33
_DONE = re.compile(r"\b(?:stir|heat|reflux|add|dissol|treat|react|hydrogenat|cool|mix)(?:s|ed|red|ing|ring|t|ting)?\w*\b", re.IGNORECASE)
_HELPERS = re.compile(r"^(?:\[?(?:Na|K|Li|Cs|Ca|Mg|H)\+?\d?\]?|[^C]*)$")


def is_procedure(text: str) -> bool:
    """Whether a paragraph tells of work done: at least two verbs of the bench and an amount, time or temperature."""
    return len(text) > 60 and len(_DONE.findall(text)) >= 2 and bool(re.search(r"\d\s*(?:°|mg\b|g\b|gm|ml\b|mL\b|mmol|mol\b|h\b|hours?|min)", text))


def read_procedure(text: str, offset: int = 0) -> tuple[ProcedureMention, float]:
    """What a paragraph says, with the confidence that its first temperature, time, yield and the roles of its substances are right together.

    Args:
        text: one paragraph.
        offset: where it begins in the document's text; all ``start`` fields count from the document's beginning.
    """
    c = read(text)
    found = substances(c)
    roles = [models()["role"].probabilities(n.features) for n in found]
    mentions = [_mention(c, n, p, s, offset) for n, p, s in zip(found, roles, solvents(solvent_trees(), c, found, roles), strict=True)]
    by_role = {role: tuple(m for m in mentions if m.role == role) for role in ("reactant", "reagent", "catalyst", "solvent", "workup", "product")}
    temperature = _boil(_best(c, "temperature", "T", c.temperatures), by_role["solvent"])
    time = _best(c, "time", "t", c.times)
    stated = tuple(r for r in _best(c, "yield", "y", c.percentages) if r.confidence >= LEAST_YIELD)
    yields = stated or _from_amounts(c, found, roles)
    out = ProcedureMention(
        reactants=by_role["reactant"], reagents=by_role["reagent"], catalysts=by_role["catalyst"], solvents=by_role["solvent"], workup=by_role["workup"], products=by_role["product"],
        temperatures=_shift(temperature, offset), times=_shift(time, offset), yields=_shift(yields, offset),
    )  # fmt: skip
    used = [m for m in mentions if m.role in ("reactant", "solvent", "catalyst", "reagent")]
    confidence = sum(m.confidence for m in used) / len(used) if used else 0.3
    for readings in (temperature, time, yields):
        if readings:
            confidence *= readings[0].confidence
    return out, confidence


def _shift(readings: tuple[Reading, ...], offset: int) -> tuple[Reading, ...]:
    return tuple(evolve(r, start=r.start + offset) for r in readings)


def _best(c: Context, model: str, kind: str, found: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """Readings with the classifier's probability, the likeliest first; those of one value together under the likeliest."""
    trained = models()[model]
    scored = [evolve(r, confidence=trained.probabilities(f)["right"]) for r, f in zip(found, reading_features(c, kind), strict=True)]
    scored.sort(key=lambda r: (-r.confidence, r.start))
    out: list[Reading] = []
    for r in scored:
        if all(abs(r.value - q.value) > 1e-6 for q in out) and r.confidence > 0.02:
            out.append(r)
    return tuple(out[:6])


def _boil(readings: tuple[Reading, ...], solvents: tuple[SubstanceMention, ...]) -> tuple[Reading, ...]:
    """Reflux as a temperature: the normal boiling point of the likeliest solvent, said so; without one the reading is dropped."""
    out = []
    for r in readings:
        if r.value > 0:
            out.append(r)
            continue
        for solvent in sorted(solvents, key=lambda s: -s.confidence):
            boiling = known_temperature(solvent.smiles, "boiling_point") if solvent.smiles else 0.0
            if boiling:
                out.append(evolve(r, value=boiling, assumed=f"reflux taken as the normal boiling point of {solvent.name}"))
                break
    return tuple(out)


def _mention(c: Context, n: Named, p: Mapping[str, float], solvent: float, offset: int) -> SubstanceMention:
    """A substance with its role and amounts."""
    likely = max((k for k in p if k != "solvent"), key=lambda k: p[k])
    role = {"none": "workup"}.get(likely, likely)
    if solvent >= SOLVENT and likely != "product":
        role = "solvent"
    elif p["product"] >= PRODUCT and p["product"] > p["reactant"]:
        role = "product"
    elif p["reactant"] >= REACTANT and likely != "product":
        role = "reactant"
    confidence = {"workup": p["none"], "solvent": solvent}.get(role, p.get(role, 0.0))
    if role == "reactant" and _helper(n.smiles):
        role = "reagent"
    carries = next((m for m in n.mentions if amounts_of(c, m)), n.mentions[0])
    values: dict[str, float] = {}
    found = amounts_of(c, carries)
    for kind, value, *_ in found:
        values.setdefault(kind, value)
    text = c.text[min(a[2] for a in found) : max(a[3] for a in found)] if found else ""
    return SubstanceMention(
        name=carries.name, smiles=n.smiles, role=role, amount=text[:120], moles=values.get("moles"), mass=values.get("mass"), volume=values.get("volume"), equivalents=values.get("equivalents"),
        found_by=carries.how, start=carries.start + offset, confidence=confidence,
    )  # fmt: skip


def _helper(smiles: str) -> bool:
    """Whether a reactant gives no carbon skeleton: inorganic, or a tertiary amine base."""
    return ("C" not in smiles.replace("Cl", "").replace("Cs", "").replace("Ca", "").replace("Cu", "").replace("Cr", "").replace("Co", "") and "c" not in smiles) or smiles in _BASES


_BASES = frozenset({"CCN(CC)CC", "CCN(C(C)C)C(C)C", "c1ccncc1", "CN(C)c1ccncc1", "C1CCC2=NCCCN2CC1", "C(=NC1CCCCC1)=NC1CCCCC1", "O=C([O-])[O-].[K+].[K+]", "O=C([O-])O.[Na+]", "O=C([O-])[O-].[Na+].[Na+]", "O=C([O-])[O-].[Cs+].[Cs+]", "CC(C)(C)[O-].[K+]", "C[O-].[Na+]", "CC[O-].[Na+]"})  # fmt: skip


def _from_amounts(c: Context, found: Sequence[Named], roles: Sequence[Mapping[str, float]]) -> tuple[Reading, ...]:
    """The likeliest yields that amounts give when the text states none, each said to be computed and how; three at most."""
    trained = models()["computed"]
    likely: dict[float, tuple[float, Computed]] = {}
    for way in ways(c, found, roles):
        p = trained.probabilities(way.features)["right"]
        if p >= LEAST_COMPUTED and p > likely.get(round(way.value, 1), (0.0, way))[0]:
            likely[round(way.value, 1)] = (p, way)
    best = sorted(likely.values(), key=lambda x: -x[0])[:3]
    return tuple(Reading(w.value, text=w.text, assumed=w.why, start=w.start, confidence=p) for p, w in best)
