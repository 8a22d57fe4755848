"""The key that a substance is known by in every knowledge base, from its structure, composition or name."""

from __future__ import annotations

from collections.abc import Mapping

from chemwright.errors import InputError, SubstanceError
from chemwright.knowledge.substances import resolve
from chemwright.record import SubstanceRecord, content_hash
from chemwright.structure import inchikey, molecule

MAX_NAME = 500


def identify(text: str, where: str = "", *, names: bool = True) -> SubstanceRecord:
    """The substance that a SMILES, CAS number or name means; a repeat unit with ``*`` is a polymer; an unknown name stands for itself.

    Args:
        text: what the user or a file wrote.
        where: place to name in an error.
        names: also look names up; with False a text that is no structure becomes a ``name:`` substance at once.

    Raises:
        SubstanceError: empty, too long, or a structure that can't be.
    """
    clean = " ".join(str(text).split())
    if not clean or len(clean) > MAX_NAME:
        raise SubstanceError(f"substance text of {len(clean)} characters, 1 to {MAX_NAME} expected", where=where, fix="give one name, CAS number or SMILES")
    if "*" in clean:
        return polymer(clean, where=where)
    try:
        found = resolve(clean, where, names=names)
    except SubstanceError:
        if names and looks_like_name(clean):
            return named(clean)
        raise
    return molecular(found.smiles, name=found.name, cas=found.cas)


def looks_like_name(text: str) -> bool:
    """Whether a text that no table knows may stand as a name: it has two letters or a character outside ASCII, and no SMILES brackets or bonds."""
    letters = sum(c.isalpha() for c in text)
    return (letters >= 2 or any(ord(c) > 127 for c in text)) and not any(c in "@=#\\<>|" for c in text)


def molecular(smiles: str, *, name: str = "", cas: str = "", synonyms: tuple[str, ...] = (), note: str = "") -> SubstanceRecord:
    """A molecule or salt by its structure; its key is the standard InChIKey, or the canonical SMILES where InChI can't describe it.

    Raises:
        SubstanceError: not a valid SMILES.
    """
    found = molecule(smiles)
    try:
        key = inchikey(found.smiles)
    except SubstanceError:
        key = f"smiles:{found.smiles}"
    kind = "salt" if "." in found.smiles else "molecule"
    return SubstanceRecord(key, kind, name, found.smiles, found.formula, cas, found.molar_mass, synonyms, note=note)


def polymer(repeat_unit: str, *, name: str = "", note: str = "", where: str = "") -> SubstanceRecord:
    """A polymer by its repeat unit: SMILES with two or more open ends ``*``.

    Raises:
        SubstanceError: not valid, or fewer than two ends.
    """
    from rdkit import Chem, rdBase
    from rdkit.Chem import rdMolDescriptors

    with rdBase.BlockLogs():
        graph = Chem.MolFromSmiles(repeat_unit) if len(repeat_unit) <= MAX_NAME else None
    if graph is None or graph.GetNumAtoms() > MAX_NAME:
        raise SubstanceError(f"{repeat_unit[:80]!r} is not the SMILES of a repeat unit", where=where, fix="write the unit with its open ends, as '*CC(*)c1ccccc1' for polystyrene")
    ends = [a for a in graph.GetAtoms() if a.GetAtomicNum() == 0]
    if len(ends) < 2:
        raise SubstanceError(f"a repeat unit has two open ends '*', found {len(ends)}", where=where, fix="write both ends, as '*CC(*)c1ccccc1' for polystyrene")
    for atom in graph.GetAtoms():
        atom.SetAtomMapNum(0)
    smiles = str(Chem.MolToSmiles(graph))
    formula = str(rdMolDescriptors.CalcMolFormula(graph)).replace("*", "")
    mass = float(rdMolDescriptors._CalcMolWt(graph)) * 1e-3
    return SubstanceRecord(f"polymer:{smiles}", "polymer", name, smiles, formula, "", mass, note=note)


def mixture(components: Mapping[str, float | None] | tuple[str, ...], *, name: str = "", basis: str = "mole", note: str = "") -> SubstanceRecord:
    """A mixture of substances given by their keys.

    Args:
        components: key to fraction; fractions of ``None`` (or keys alone) leave the composition open: the claim's conditions give it.
        name: as it is called.
        basis: ``mole``, ``mass`` or ``volume``.
        note: anything a reader must know.

    Raises:
        InputError: fewer than two components, some fractions but not all, or fractions that do not sum to one.
    """
    fractions = dict(components) if isinstance(components, Mapping) else dict.fromkeys(components)
    if len(fractions) < 2:
        raise InputError(f"a mixture of {len(fractions)} component(s)", where="mixture", fix="name at least two")
    known = {k: float(v) for k, v in fractions.items() if v is not None}
    if known and len(known) < len(fractions):
        raise InputError("some components have a fraction and some have none", where="mixture", fix="give all fractions, or none")
    if known and (min(known.values()) < 0 or abs(sum(known.values()) - 1.0) > 1e-6):
        raise InputError(f"fractions sum to {sum(known.values()):.6g}, 1 expected", where="mixture", fix="give fractions of 0 to 1 that sum to 1")
    key = "mixture:" + "+".join(sorted(fractions))
    if known:
        key += "@" + content_hash([basis, {k: f"{v:.6g}" for k, v in sorted(known.items())}])[:16]
    return SubstanceRecord(key, "mixture", name, composition=known, basis=basis, note=note)


def material(name: str, composition: Mapping[str, float] | None = None, *, basis: str = "atom", note: str = "") -> SubstanceRecord:
    """A material (catalyst, adsorbent, alloy) by its name and, where known, composition by element or phase.

    Raises:
        InputError: no name, or a negative fraction.
    """
    clean = " ".join(name.split())
    parts = {str(k): float(v) for k, v in (composition or {}).items()}
    if not clean or any(not v >= 0 for v in parts.values()):
        raise InputError("a material needs a name, and fractions of 0 or more", where=f"material {clean!r}", fix="give both")
    key = f"material:{clean.casefold()}"
    if parts:
        key += "@" + content_hash([basis, {k: f"{v:.6g}" for k, v in sorted(parts.items())}])[:16]
    return SubstanceRecord(key, "material", clean, composition=parts, basis=basis, note=note)


def named(name: str, *, note: str = "") -> SubstanceRecord:
    """A substance of which only a name is known."""
    clean = " ".join(name.split())
    return SubstanceRecord(f"name:{clean.casefold()}", "name", clean, note=note)
