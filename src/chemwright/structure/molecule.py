"""One molecule from its SMILES: canonical form, elements, molar mass, charge.

RDKit (BSD) parses; it is loaded on first use. Text is bounded in length and its log is silenced, so that a wrong SMILES
ends in one plain error.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from attrs import field, frozen

from chemwright.errors import SubstanceError
from chemwright.structure.guard import NotFinished, check_time

MAX_SMILES = 500


@frozen
class Molecule:
    """A molecule, or a salt as one unit.

    Args:
        smiles: canonical SMILES, without atom maps.
        formula: Hill formula, with the charge at its end when there is one.
        molar_mass: kg/mol, from RDKit's standard atomic weights, so that masses balance when atoms do.
        elements: atoms of each element in one molecule, hydrogen included.
        charge: net charge in elementary charges.
    """

    smiles: str
    formula: str
    molar_mass: float
    elements: dict[str, int] = field(hash=False)
    charge: int = 0


def parse(smiles: str, where: str = "") -> Any:
    """The sanitised RDKit molecule of a SMILES text (for rooms that need the graph).

    Raises:
        SubstanceError: empty, too long, not SMILES, impossible valence, with an undefined atom ``*``, or of so many fused rings that
            the toolkit does not come to an end (:mod:`chemwright.structure.guard`).
    """
    from rdkit import Chem, rdBase

    if not isinstance(smiles, str) or not smiles.strip():
        raise SubstanceError("no SMILES given", where=where, fix="write the structure as SMILES, for example 'CCO' for ethanol")
    text = "[H][H]" if smiles.strip() == "[HH]" else smiles.strip()  # RDKit keeps two canonical forms of hydrogen
    if len(text) > MAX_SMILES:
        raise SubstanceError(f"SMILES of {len(text)} characters, at most {MAX_SMILES} expected", where=where, fix="give one molecule, not a mixture or a file")
    if any(c.isspace() for c in text):
        raise SubstanceError(f"SMILES {text!r} has a space in it", where=where, fix="remove the space; a name or CAS number belongs in its own field")
    check_time(text, where)
    with rdBase.BlockLogs():
        graph = Chem.MolFromSmiles(text)
        if graph is None:
            raise SubstanceError(
                f"{text!r} is not a valid SMILES{_reason(text)}", where=where, fix="check brackets, ring numbers and valences, or copy it anew from a drawing program"
            )
    if graph.GetNumAtoms() == 0:
        raise SubstanceError(f"SMILES {text!r} has no atoms", where=where, fix="write the structure as SMILES, for example 'CCO' for ethanol")
    if any(atom.GetAtomicNum() == 0 for atom in graph.GetAtoms()):
        raise SubstanceError(f"SMILES {text!r} has an undefined atom '*'", where=where, fix="name every atom; a substance has one formula")
    return graph


def _reason(text: str) -> str:
    """What RDKit objects to, when the text is SMILES by its grammar; empty otherwise."""
    from rdkit import Chem

    raw = Chem.MolFromSmiles(text, sanitize=False)
    problems = Chem.DetectChemistryProblems(raw) if raw is not None else []
    return f" ({problems[0].Message().strip()})" if problems else ""


def is_smiles(text: str) -> bool:
    """Whether the text reads as the SMILES of a molecule."""
    try:
        parse(text)
    except NotFinished:
        return True  # who parses it is told why it can't be
    except SubstanceError:
        return False
    return True


def molecule(smiles: str, where: str = "") -> Molecule:
    """The molecule that a SMILES text names; atom maps are dropped.

    Args:
        smiles: SMILES, at most 500 characters.
        where: place to name in an error.

    Raises:
        SubstanceError: the text is not a valid SMILES; the fix says what to check.
    """
    return describe(parse(smiles, where))


def describe(graph: Any) -> Molecule:
    """The :class:`Molecule` of an RDKit graph, which is left as it was."""
    from rdkit import Chem, rdBase
    from rdkit.Chem import rdMolDescriptors

    elements: Counter[str] = Counter()
    for atom in graph.GetAtoms():
        elements[atom.GetSymbol()] += 1
        if hydrogens := atom.GetTotalNumHs():
            elements["H"] += hydrogens
    with rdBase.BlockLogs():
        again = unmapped(graph)
        if again is None:
            raise SubstanceError("the toolkit can't read what it wrote of this structure", fix="check its aromatic rings, or write them with alternating single and double bonds")
        smiles = str(Chem.MolToSmiles(again))
    return Molecule(
        smiles=smiles,
        formula=str(rdMolDescriptors.CalcMolFormula(graph)),
        molar_mass=float(rdMolDescriptors._CalcMolWt(graph)) * 1e-3,
        elements=dict(sorted(elements.items())),
        charge=int(Chem.GetFormalCharge(graph)),
    )


def unmapped(graph: Any) -> Any:
    """A copy of an RDKit graph without atom maps, read anew so that its SMILES is the canonical one."""
    from rdkit import Chem

    copy = Chem.Mol(graph)
    for atom in copy.GetAtoms():
        atom.SetAtomMapNum(0)
    return Chem.MolFromSmiles(Chem.MolToSmiles(copy))


def inchikey(smiles: str) -> str:
    """The standard InChIKey (27 characters) of a SMILES.

    Raises:
        SubstanceError: not a valid SMILES, or a structure that InChI can't describe.
    """
    from rdkit import Chem, rdBase

    graph = parse(smiles)
    with rdBase.BlockLogs():
        try:
            key = str(Chem.MolToInchiKey(graph))  # type: ignore[no-untyped-call]
        except Chem.MolSanitizeException:  # rings that RDKit reads as aromatic and can't write with alternating bonds
            key = ""
    if not key:
        raise SubstanceError(f"no InChIKey for {smiles!r}", fix="check the structure; InChI covers ordinary molecules and salts")
    return key
