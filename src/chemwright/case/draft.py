"""A new case from a few answers: what is not said is filled in and named, what can't run is said before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from chemwright.case.layout import RESERVED, SPECIES_ID
from chemwright.case.runs import CONDITIONS, RESPONSES
from chemwright.errors import BalanceError, InputError, did_you_mean
from chemwright.knowledge import resolve

SOLVENT, CAPACITY, PURITY = "ethanol", "100 t/year", "98 wt%"
PRIOR = "Hone2017"
WIDTHS = {"common_shift_sd": 4.0, "sd_ln_k": 3.0, "sd_Ea": "20 kJ/mol"}
"""Prior widths where no prior was named: e^3 either way on each rate constant beside a common shift of e^4, so that the runs decide."""
SMALL = {
    "HF": "F", "HCl": "Cl", "HBr": "Br", "HI": "I", "water": "O", "ammonia": "N", "methanol": "CO", "ethanol": "CCO", "CO2": "O=C=O", "N2": "N#N", "H2S": "S", "SO2": "O=S=O", "acetic_acid": "CC(=O)O",
}  # fmt: skip
"""By-products looked for when a reaction lacks one; no two have the same formula."""


@frozen
class Draft:
    """What was said about a new case; empty where nothing was.

    Args:
        name: of the case.
        target: a species key, or the product as SMILES, name or CAS number.
        species: key to SMILES, name or CAS number.
        reactions: texts in species keys.
        solvent, capacity, purity, base: as in a case file.
        runs: CSV file of measured runs.
        response: its measured column.
        prior: name of a parameter set.
        widened: whether the prior stands in for one that was not named, with the widths of :data:`WIDTHS`.
    """

    name: str
    target: str = ""
    species: dict[str, str] = field(factory=dict)
    reactions: tuple[str, ...] = ()
    solvent: str = ""
    capacity: str = ""
    purity: str = ""
    base: str = ""
    runs: Path | None = None
    response: str = ""
    prior: str = ""
    widened: bool = False

    @property
    def says_something(self) -> bool:
        """Whether anything but the name was given."""
        return self != Draft(self.name)


def completed(draft: Draft) -> tuple[Draft, list[str]]:
    """The draft with nothing empty but base and runs, and what was assumed to get there, in words.

    Raises:
        InputError: no target, no reactants, a key that is none, a runs file without a known response.
        SubstanceError: a substance that is not known. BalanceError: no by-product closes the reaction.
    """
    if not draft.target.strip():
        raise InputError("no product given", where="--target", fix='give it as SMILES, name or CAS number, as --target "butyl acetate"')
    assumed: list[str] = []
    smiles = {key: _substance(key, text) for key, text in draft.species.items()}
    draft, smiles = _with_target(draft, smiles)
    if not draft.reactions:
        draft, said = _with_reaction(draft, smiles)
        assumed.append(said)
    assumed += [f"{name}: {default}" for name, default in (("solvent", SOLVENT), ("capacity", CAPACITY), ("purity", PURITY)) if not getattr(draft, name)]
    draft = evolve(draft, solvent=draft.solvent or SOLVENT, capacity=draft.capacity or CAPACITY, purity=draft.purity or PURITY)
    if not draft.prior:
        draft = evolve(draft, prior=PRIOR, widened=True)
        assumed.append(f"kinetic prior: {PRIOR} (aromatic substitution by an amine), widened so that the runs decide; name a set for your chemistry with --prior")
    if not draft.response:
        response = "yield" if draft.runs is None else response_of(draft.runs, list(draft.species))
        draft = evolve(draft, response=response)
        assumed.append(f"measured column: {response}")
    return draft, assumed


def response_of(path: Path, species: list[str]) -> str:
    """The measured column of a runs file, from its header: the one that is no condition.

    Raises:
        InputError: the file can't be read, or has no known response or several.
    """
    from chemwright.knowledge.files import read_text

    header = read_text(path).splitlines()[0]
    names = [cell.partition("[")[0].strip().strip('"').lstrip() for cell in header.split(",")]
    known = (*RESPONSES, *(f"c_{s}" for s in species))
    found = [n for n in names if n in known]
    if len(found) != 1:
        fix = f"say which with --response: {', '.join(found)}" if found else did_you_mean(next((n for n in names if n not in CONDITIONS), ""), known)
        what = f"{len(found)} measured columns ({', '.join(found)})" if found else f"no measured column among {', '.join(names)}"
        raise InputError(what, where=f"{path.name}, header", fix=fix)
    return found[0]


def by_product(reactants: Mapping[str, str], product: str) -> tuple[str, str] | None:
    """The one small molecule that closes ``reactants -> product``: its key and SMILES, or None when nothing is missing.

    Args:
        reactants: key to SMILES, each taking part once.
        product: SMILES.

    Raises:
        BalanceError: something is missing that no small molecule is, or the product holds atoms that the reactants lack.
    """
    from chemwright.structure import molecule

    missing: dict[str, int] = {}
    for sign, smiles in [*((1, s) for s in reactants.values()), (-1, product)]:
        for element, n in molecule(smiles).elements.items():
            missing[element] = missing.get(element, 0) + sign * n
    missing = {e: n for e, n in missing.items() if n}
    if not missing:
        return None
    for key, smiles in SMALL.items():
        if missing == dict(molecule(smiles).elements):
            return key, smiles
    words = ", ".join(f"{abs(n)} {e} {'left over' if n > 0 else 'too few'}" for e, n in sorted(missing.items()))
    raise BalanceError(
        f"{' + '.join(reactants)} -> product does not balance: {words}",
        where="reaction",
        fix="check the structures, or write the whole reaction with every species that takes part",
    )


def _substance(key: str, text: str) -> str:
    """Canonical SMILES of a species, its key checked."""
    if not SPECIES_ID.fullmatch(key) or key in RESERVED:
        raise InputError(f"{key!r} is no key for a species", where="--species", fix="write --species sm=CCO; begin with a letter; 'solvent' and 'base' have options of their own")
    return resolve(text, f"species {key}", names=False).smiles


def _with_target(draft: Draft, smiles: dict[str, str]) -> tuple[Draft, dict[str, str]]:
    """The target as the key of a species, which is added where it is not there."""
    if draft.target in draft.species:
        return draft, smiles
    found = resolve(draft.target, "--target", names=False).smiles
    key = next((k for k, s in smiles.items() if s == found), "")
    if not key:
        key = "product" if "product" not in smiles else "target"
        draft = evolve(draft, species={**draft.species, key: draft.target})
        smiles = {**smiles, key: found}
    return evolve(draft, target=key), smiles


def _with_reaction(draft: Draft, smiles: dict[str, str]) -> tuple[Draft, str]:
    """One reaction of all other species to the target, closed by a small by-product; and what was assumed."""
    reactants = {k: s for k, s in smiles.items() if k != draft.target}
    if not 1 <= len(reactants) <= 2:
        what = "no reactant" if not reactants else f"{len(reactants)} species beside the product, and no reaction"
        raise InputError(what, where="--reaction", fix="write --reaction 'sm + nuc -> prod + acid' in species keys, or give one or two reactants only")
    left, extra = " + ".join(reactants), by_product(reactants, smiles[draft.target])
    species, right = draft.species, draft.target
    if extra is not None:
        key = extra[0] if extra[0] not in species else f"{extra[0]}_formed"
        species, right = {**species, key: extra[1]}, f"{draft.target} + {key}"
    text = f"{left} -> {right}"
    because = f", {extra[0]} from the balance of elements" if extra else ""
    return evolve(draft, species=species, reactions=(text,)), f"reaction: {text}{because}; no side reactions"


def tables(draft: Draft) -> dict[str, Any]:
    """A completed draft as the tables of its case file (see :func:`chemwright.case.read.record_of`)."""
    widths = WIDTHS if draft.widened else {}
    data: dict[str, Any] = {
        "case": {"name": draft.name, "target": resolve(draft.species[draft.target], names=False).smiles, "capacity": draft.capacity, "purity": draft.purity},
        "species": dict(draft.species),
        "solvent": {"name": draft.solvent},
        "reaction": [{"id": f"r{i}", "text": text} for i, text in enumerate(draft.reactions, start=1)],
        "kinetics": {"prior": draft.prior, **widths},
        "plant": {"objectives": ["cost", "e_factor"], **({"base": draft.base} if draft.base else {})},
    }
    if draft.runs is not None:
        data["experiments"] = {"file": draft.runs.name, "response": draft.response}
    return data
