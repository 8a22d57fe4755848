"""SubstanceRecord: what a name in a claim stands for, be it a molecule, a salt, a mixture, a polymer or a material."""

from __future__ import annotations

from attrs import field, frozen

from chemwright.record.fields import as_tuple, filled, finite, named_numbers, number, one_of, within

SUBSTANCE_KINDS = ("molecule", "salt", "mixture", "polymer", "material", "name")
BASES = ("mole", "mass", "atom", "volume")


@frozen
class SubstanceRecord:
    """A substance with its identity.

    Args:
        key: what it is known by, the same in every knowledge base: a standard InChIKey for molecules and salts, ``polymer:`` with the canonical
            repeat unit, ``mixture:`` with the sorted keys of its components, ``material:`` with name and composition, ``name:`` where only a name is known.
        kind: one of :data:`SUBSTANCE_KINDS`.
        name: preferred name.
        smiles: canonical SMILES; of a polymer's repeat unit with ``*`` at its ends; empty without a structure.
        formula: Hill formula, or empty.
        cas: CAS number, or empty.
        molar_mass: kg/mol; 0 when it has none.
        synonyms: further names, in any language.
        composition: key or element symbol to fraction; empty for a pure substance.
        basis: what the fractions are of.
        note: anything a reader must know.

    Raises:
        InputError: empty key, unknown kind or basis, a fraction that is not finite.
    """

    key: str = field(validator=filled)
    kind: str = field(default="molecule", validator=one_of(SUBSTANCE_KINDS))
    name: str = ""
    smiles: str = ""
    formula: str = ""
    cas: str = ""
    molar_mass: float = field(default=0.0, converter=number, validator=within(0.0))
    synonyms: tuple[str, ...] = field(default=(), converter=as_tuple)
    composition: dict[str, float] = field(factory=dict, converter=named_numbers, validator=finite)
    basis: str = field(default="mole", validator=one_of(BASES))
    note: str = ""
