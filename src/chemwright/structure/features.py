"""Features of many molecules at once: graph arrays for message passing, cheap descriptors, hashed atom environments.

Each SMILES is parsed once; what RDKit must tell is asked atom by atom, all else is done on arrays over the whole batch. A text that is no molecule is flagged, with the reason, and
has no atoms and zero descriptors, so that a batch of a million goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from chemwright.errors import SubstanceError

Float = NDArray[np.float32]
Int = NDArray[np.int64]

ELEMENTS = (6, 7, 8, 16, 9, 17, 35, 53, 15, 14, 5, 34, 1)
"""Atomic numbers that have a category of their own; 13 stands for any other."""
ATOM_SIZES = (14, 6, 5, 5, 3, 2, 6, 2, 4)
"""Categories of an atom: element; neighbours 0-5; hydrogens 0-4; sp, sp2, sp3, other, bare; charge -, 0, +; aromatic; smallest ring none, 3, 4, 5, 6, more; whether a stereocentre is told; rings 0-3."""
BOND_SIZES = (4, 2, 2, 3)
"""Categories of a bond: single, double, triple, aromatic; conjugated; in a ring; stereo none, E, Z."""
RDKIT = (
    "crippen_logp", "crippen_mr", "tpsa", "labute_asa", "rotatable_bonds", "hbond_donors", "fraction_csp3", "rings", "aromatic_rings", "heterocycles", "spiro_atoms",
    "bridgehead_atoms", "hall_kier_alpha", "kappa1", "kappa2", "chi0v", "chi1v", "molar_mass", "symmetry_classes", "symmetry_entropy", "largest_class",
)  # fmt: skip
COUNTS = (
    *(f"element_{z}" for z in ELEMENTS), "element_other", *(f"degree_{k}" for k in range(6)), "hydrogens", "sp", "sp2", "sp3", "charged", "aromatic_atoms", "ring_atoms", "atoms_with_h",
    "double_bonds", "triple_bonds", "ring_bonds", "conjugated_bonds", "heavy_atoms", "hetero_atoms", "donor_hydrogens", "halogens",
)  # fmt: skip
ROOTS = (
    "sqrt_heavy",
    "log_heavy",
    "log_molar_mass",
    "cube_root_mass",
    "tpsa_per_atom",
    "donors_per_atom",
    "logp_per_atom",
    "rotatable_per_atom",
    "halogens_per_atom",
    "symmetry_per_atom",
)
DESCRIPTORS = RDKIT + COUNTS + ROOTS


@frozen(eq=False)
class Features:
    """Arrays of n molecules with A atoms and B bonds in all.

    Args:
        smiles: as given, n.
        ok: shape (n,), whether it is a molecule.
        problems: why not, by position.
        atoms: categories, shape (A, 9), see :data:`ATOM_SIZES`.
        molecule_of: shape (A,), position of each atom's molecule, rising.
        bonds: atoms at both ends, shape (B, 2).
        bond_kinds: categories, shape (B, 4), see :data:`BOND_SIZES`.
        descriptors: shape (n, d), in the order of :data:`DESCRIPTORS`.
        unusual: shape (n,), whether a molecule is a salt, an ion, a radical, holds an isotope, a metal or no carbon: nothing that was learned from.
    """

    smiles: tuple[str, ...]
    ok: NDArray[np.bool_]
    problems: dict[int, str] = field(factory=dict)
    atoms: NDArray[np.uint8] = field(factory=lambda: np.zeros((0, len(ATOM_SIZES)), np.uint8))
    molecule_of: Int = field(factory=lambda: np.zeros(0, np.int64))
    bonds: Int = field(factory=lambda: np.zeros((0, 2), np.int64))
    bond_kinds: NDArray[np.uint8] = field(factory=lambda: np.zeros((0, len(BOND_SIZES)), np.uint8))
    descriptors: Float = field(factory=lambda: np.zeros((0, len(DESCRIPTORS)), np.float32))
    unusual: NDArray[np.bool_] = field(factory=lambda: np.zeros(0, np.bool_))

    def __len__(self) -> int:
        return len(self.smiles)


def featurise(smiles: Sequence[str]) -> Features:
    """Features of molecules given as SMILES (at most 500 characters each); wrong ones are flagged, never raised."""
    n = len(smiles)
    ok, unusual, problems = np.zeros(n, np.bool_), np.zeros(n, np.bool_), {}
    atoms: list[tuple[int, ...]] = []
    bonds: list[tuple[int, ...]] = []
    sizes, bond_sizes = np.zeros(n, np.int64), np.zeros(n, np.int64)
    asked = np.zeros((n, len(RDKIT)), np.float32)
    for i, text in enumerate(smiles):
        try:
            graph = _parsed(text)
        except SubstanceError as error:
            problems[i] = error.message
            continue
        before, bonds_before, start = len(atoms), len(bonds), len(atoms)
        odd = _graph(graph, atoms, bonds, start)
        asked[i] = _asked(graph)
        ok[i], unusual[i], sizes[i], bond_sizes[i] = True, odd, len(atoms) - before, len(bonds) - bonds_before
    kinds = np.array(atoms, np.uint8).reshape(-1, len(ATOM_SIZES))
    rows = np.array(bonds, np.int64).reshape(-1, 2 + len(BOND_SIZES))
    molecule_of = np.repeat(np.arange(n), sizes)
    pairs, bond_kinds = rows[:, :2], rows[:, 2:].astype(np.uint8)
    counts = _counts(kinds, molecule_of, bond_kinds, np.repeat(np.arange(n), bond_sizes), n)
    descriptors = np.concatenate([asked, counts, _roots(asked, counts)], 1)
    return Features(tuple(map(str, smiles)), ok, problems, kinds, molecule_of, pairs, bond_kinds, np.nan_to_num(descriptors), unusual)


def _parsed(text: str) -> Any:
    """The RDKit molecule without explicit hydrogens."""
    from rdkit import Chem

    from chemwright.structure.molecule import parse

    graph = parse(text)
    if graph.GetNumAtoms() > graph.GetNumHeavyAtoms() > 0:
        graph = Chem.RemoveHs(graph)
    return graph


_ELEMENT = {z: k for k, z in enumerate(ELEMENTS)}
_RING = (0, 5, 5, 1, 2, 3, 4)
_METALLOIDS = frozenset(ELEMENTS)


def _graph(graph: Any, atoms: list[tuple[int, ...]], bonds: list[tuple[int, ...]], start: int) -> bool:
    """Append the categories of a molecule's atoms and bonds; whether the molecule is of an unusual kind."""
    info = graph.GetRingInfo()
    smallest: dict[int, int] = {}
    number: dict[int, int] = {}
    for ring in info.AtomRings():
        size = len(ring)
        for a in ring:
            number[a] = number.get(a, 0) + 1
            if size < smallest.get(a, 99):
                smallest[a] = size
    total, odd, carbon = 0, False, False
    for k in range(graph.GetNumAtoms()):  # twice as fast as RDKit's own iteration
        atom = graph.GetAtomWithIdx(k)
        z, charge, hybrid, size = atom.GetAtomicNum(), atom.GetFormalCharge(), int(atom.GetHybridization()), smallest.get(k, 0)
        total += charge
        carbon |= z == 6
        odd = odd or z not in _METALLOIDS or atom.GetNumRadicalElectrons() > 0 or atom.GetIsotope() > 0
        atoms.append(
            (
                _ELEMENT.get(z, 13), min(atom.GetDegree(), 5), min(atom.GetTotalNumHs(), 4), hybrid - 2 if 2 <= hybrid <= 4 else 3 if hybrid > 4 else 4, 0 if charge < 0 else 1 if charge == 0 else 2,
                int(atom.GetIsAromatic()), _RING[size] if size <= 6 else 5, min(int(atom.GetChiralTag()), 1), min(number.get(k, 0), 3),
            )
        )  # fmt: skip
    for k in range(graph.GetNumBonds()):
        bond = graph.GetBondWithIdx(k)
        kind, stereo = int(bond.GetBondType()), int(bond.GetStereo())
        order = kind - 1 if 1 <= kind <= 3 else 3 if kind == 12 else 0
        bonds.append(
            (
                start + bond.GetBeginAtomIdx(),
                start + bond.GetEndAtomIdx(),
                order,
                int(bond.GetIsConjugated()),
                int(bond.IsInRing()),
                2 if stereo in (2, 4) else 1 if stereo in (3, 5) else 0,
            )
        )
    return odd or total != 0 or not carbon or graph.GetNumAtoms() - graph.GetNumBonds() + info.NumRings() > 1


def _asked(graph: Any) -> list[float]:
    """What only RDKit tells cheaply, in the order of :data:`RDKIT`."""
    from rdkit import Chem
    from rdkit.Chem import rdMolDescriptors as d

    logp, mr = d.CalcCrippenDescriptors(graph)
    counts = np.bincount(np.array(list(Chem.CanonicalRankAtoms(graph, breakTies=False)), np.int64))
    classes = counts[counts > 0]
    entropy = float((classes * np.log(classes)).sum()) / max(1, graph.GetNumAtoms())
    return [
        logp, mr, d.CalcTPSA(graph), d.CalcLabuteASA(graph), d.CalcNumRotatableBonds(graph, d.NumRotatableBondsOptions.NonStrict), d.CalcNumHBD(graph), d.CalcFractionCSP3(graph), d.CalcNumRings(graph),
        d.CalcNumAromaticRings(graph), d.CalcNumHeterocycles(graph), d.CalcNumSpiroAtoms(graph), d.CalcNumBridgeheadAtoms(graph), d.CalcHallKierAlpha(graph), d.CalcKappa1(graph),
        d.CalcKappa2(graph), d.CalcChi0v(graph), d.CalcChi1v(graph), d._CalcMolWt(graph), float(len(classes)), entropy, float(classes.max()),
    ]  # fmt: skip


def _sum(values: NDArray[Any], of: Int, n: int) -> Float:
    """Sums of columns over the atoms or bonds of each molecule; ``values`` of shape (A, k), result (n, k)."""
    return np.stack([np.bincount(of, weights=values[:, k], minlength=n) for k in range(values.shape[1])], 1).astype(np.float32)


def _counts(atoms: NDArray[np.uint8], of: Int, bonds: NDArray[np.uint8], bond_of: Int, n: int) -> Float:
    """Counts over atoms and bonds, in the order of :data:`COUNTS`."""
    z, degree, h, hybrid = atoms[:, 0], atoms[:, 1], atoms[:, 2], atoms[:, 3]
    hetero = (z == 1) | (z == 2) | (z == 3)
    per_atom = np.stack(
        [
            *(z == k for k in range(14)), *(degree == k for k in range(6)), h, hybrid == 0, hybrid == 1, hybrid == 2, atoms[:, 4] != 1, atoms[:, 5], atoms[:, 6] > 0, h > 0,
        ], 1,
    ).astype(np.float64)  # fmt: skip
    per_bond = np.stack([bonds[:, 0] == 1, bonds[:, 0] == 2, bonds[:, 2], bonds[:, 1]], 1).astype(np.float64)
    more = np.stack([np.ones(len(z)), z != 0, np.where(hetero, h, 0), (z >= 4) & (z <= 7)], 1).astype(np.float64)
    return np.concatenate([_sum(per_atom, of, n), _sum(per_bond, bond_of, n), _sum(more, of, n)], 1)


def _roots(asked: Float, counts: Float) -> Float:
    """Roots, logarithms and shares, in the order of :data:`ROOTS`."""
    heavy = np.maximum(counts[:, COUNTS.index("heavy_atoms")], 1.0)
    mass = np.maximum(asked[:, RDKIT.index("molar_mass")], 1.0)

    def a(name: str) -> Float:
        return asked[:, RDKIT.index(name)] if name in RDKIT else counts[:, COUNTS.index(name)]

    return np.stack(
        [
            np.sqrt(heavy), np.log(heavy), np.log(mass), np.cbrt(mass), a("tpsa") / heavy, a("donor_hydrogens") / heavy, a("crippen_logp") / heavy, a("rotatable_bonds") / heavy,
            a("halogens") / heavy, a("symmetry_entropy") / np.maximum(np.log(heavy), 1.0),
        ], 1,
    ).astype(np.float32)  # fmt: skip
