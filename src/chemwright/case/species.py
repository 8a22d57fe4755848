"""Who takes part: the case's species, its solvent, and the base that binds an acid set free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import evolve

from chemwright.errors import InputError, SubstanceError
from chemwright.record import Claim, Source, Species

ACIDS = {"F": "hydrofluoride", "Cl": "hydrochloride", "Br": "hydrobromide", "I": "hydroiodide"}
"""Canonical SMILES of the acids a plant can neutralise, with the ending of their salts' names."""

DEFAULT_BASE = "triethylamine"
BASE_CLAIM = "case.base"
BASE_SOURCE = Source("case:assumption", "assumption", "chemwright's default where the case file is silent; replace it by a choice of your own")
# most basic first: amidine, aliphatic amine, pyridine type, aniline type
_BASIC = ("[NX2;+0]=[CX3][NX3]", "[NX3;+0;!$(N*=[O,S,N]);!$(N#*);!$(N-a)]", "[nX2;+0]", "[NX3;+0;!$(N*=[O,S]);$(N-a)]")


def species_of(id: str, text: str, where: str) -> Species:
    """The species that a SMILES, name or CAS number means, with CAS number and name where the tables know it.

    Raises:
        SubstanceError: no such substance, with near misses.
    """
    from chemwright.knowledge import resolve

    found = resolve(text, where)
    return Species(id, found.smiles, found.name, found.cas, found.formula, found.molar_mass)


def read_species(table: Mapping[str, str], where: str) -> tuple[Species, ...]:
    """The species of [species], no two of one structure.

    Raises:
        SubstanceError: a text that is no substance. InputError: two keys for one structure.
    """
    out: dict[str, Species] = {}
    for key, text in table.items():
        species = species_of(key, text, f"{where} {key}")
        if species.smiles in out:
            raise InputError(f"{out[species.smiles].id!r} and {key!r} are one substance ({species.smiles})", where=where, fix="remove one, or correct its structure")
        out[species.smiles] = species
    return tuple(out.values())


def with_solvent(species: tuple[Species, ...], text: str, where: str) -> tuple[tuple[Species, ...], str]:
    """The species with the solvent among them, and the solvent's id (``solvent`` unless it was declared already)."""
    solvent = species_of("solvent", text, where)
    for known in species:
        if known.smiles == solvent.smiles:
            return species, known.id
    return (*species, solvent), "solvent"


def acid_made(species: Iterable[Species], made: set[str], where: str) -> Species | None:
    """The acid that the reactions set free, or None.

    Raises:
        InputError: more than one.
    """
    acids = [s for s in species if s.id in made and s.smiles in ACIDS]
    if len(acids) > 1:
        raise InputError(
            f"the reactions make {len(acids)} acids ({', '.join(a.id for a in acids)}), one is supported so far",
            where=where,
            fix="leave the lesser one out, or treat it in a case of its own",
        )
    return acids[0] if acids else None


def with_base(species: tuple[Species, ...], acid: Species | None, text: str, used: set[str], where: str) -> tuple[tuple[Species, ...], str, tuple[Claim, ...]]:
    """The species with the external base and its salt (``base_salt``) among them.

    Args:
        species: those of the case.
        acid: what it binds; None needs no base.
        text: name, CAS number or SMILES of the base; empty takes :data:`DEFAULT_BASE` and says so in a claim.
        used: ids that reactions or the solvent use: a base is a substance of its own.
        where: place to name in an error.

    Returns:
        species, the base's id (empty without acid), claims made.

    Raises:
        InputError: a base without an acid, a reactant or the solvent as base, or a base without an amine nitrogen.
    """
    if acid is None:
        if text:
            raise InputError(
                f"base {text!r} is given, but no reaction makes an acid ({', '.join(ACIDS)} as SMILES)", where=where, fix="remove base, or add the acid to the reactions"
            )
        return species, "", ()
    base = species_of("base", text or DEFAULT_BASE, where)
    known = next((s for s in species if s.smiles == base.smiles), None)
    if known is not None and known.id in used:
        raise InputError(
            f"the base {text or DEFAULT_BASE!r} is {known.id!r}, which reacts or is the solvent",
            where=where,
            fix='choose a base that takes no other part, as base = "triethylamine"',
        )
    claims: tuple[Claim, ...] = ()
    if not text:
        note = f"{acid.id} is set free and the case file names no base: {DEFAULT_BASE} is assumed to bind it (stoichiometry; the excess fed is plant.base_ratio); counted in cost and waste"
        claims = (Claim(BASE_CLAIM, "base", "moles_per_mole_acid", 1.0, "1", None, source=BASE_SOURCE.id, tier="assumed", note=note),)
    base = known or base
    salt = salt_of(base, acid, where)
    return (*species, *(() if known else (base,)), salt), base.id, claims


def salt_of(base: Species, acid: Species, where: str) -> Species:
    """The salt of an amine base and a hydrogen halide, as species ``base_salt``: the base's amine nitrogen takes the proton.

    Raises:
        InputError: the base has no amine nitrogen.
    """
    from rdkit import Chem

    from chemwright.structure.molecule import molecule, parse

    graph = Chem.RWMol(parse(base.smiles, where))
    match = next((m for s in _BASIC if (m := graph.GetSubstructMatch(Chem.MolFromSmarts(s)))), None)
    if match is None:
        raise InputError(f"the base {base.name or base.smiles!r} has no amine nitrogen", where=where, fix="only amine bases are supported so far, as triethylamine or pyridine")
    atom = graph.GetAtomWithIdx(match[0])
    hydrogens = atom.GetTotalNumHs()
    atom.SetFormalCharge(1)
    atom.SetNoImplicit(True)
    atom.SetNumExplicitHs(hydrogens + 1)
    try:
        found = molecule(f"{Chem.MolToSmiles(graph)}.[{acid.smiles}-]", where)
    except SubstanceError as error:
        raise InputError(f"no salt of {base.name or base.smiles!r} and {acid.id} can be drawn: {error.message}", where=where, fix="choose another amine") from None
    name = f"{base.name} {ACIDS[acid.smiles]}" if base.name else ""
    return evolve(Species("base_salt", found.smiles, name), formula=found.formula, molar_mass=found.molar_mass)
