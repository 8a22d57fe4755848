"""What the network behind PC-SAFT parameters sees of a molecule: counts of atoms in their surroundings, plain descriptors, size and shape.

Surroundings are spelled as text (``C|4 1 0|-C3,-O1``), so that a stored vocabulary means the same in every version of the toolkit.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

Array = NDArray[np.float64]

PLAIN = ("heavy atoms", "ln molar mass", "hydrogens", "rotatable bonds", "rings", "aromatic rings", "polar surface", "molar refractivity", "logP", "donors", "acceptors",
         "charge spread", "largest charge", "least charge", "hetero share", "halogen share", "branching", "quaternary carbons", "kappa 1", "kappa 2", "kappa 3")  # fmt: skip
MESOSCOPIC = ("segment volume r", "segment surface q", "surface by volume", "shape entropy l", "staverman", "asphericity", "span", "ln volume")
"""Size and shape of the segments from groups and the graph alone, no three-dimensional structure."""
SITES = (
    "[CX3](=O)[OX2H1]",
    "[OX2H1][c]",
    "[OX2H1][CX4]",
    "[OX2;H1,H2;!$(O[c]);!$(O[CX4]);!$(OC=O)]",
    "[NX3;H2,H1][CX3]=[O,S]",
    "[NX3H2;!$(NC=[O,S])]",
    "[#7;H1;!$(NC=[O,S])]",
    "[SX2H1]",
)
"""Donors by class: acid, phenol, alcohol, other hydroxyl, amide, primary and secondary amine, thiol; the strongest present names the molecule's class."""
ACCEPTORS = "[$([OX1]),$([OX2]),$([NX3;H2,H1,H0;!$(NC=[O,S]);!$(N[a]);!$([N+])]),$([NX2]),$([nX2]),$([NX1])]"
MOST_SITES = 4
RADII = {"H": 1.20, "B": 1.92, "C": 1.70, "N": 1.55, "O": 1.52, "F": 1.47, "Si": 2.10, "P": 1.80, "S": 1.80, "Cl": 1.75, "Br": 1.83, "I": 1.98}
"""Van der Waals radii [A], Bondi, J. Phys. Chem. 68 (1964) 441; boron: Mantina et al., J. Phys. Chem. A 113 (2009) 5806."""

ELEMENTS = ("C", "N", "O", "F", "S", "Cl", "Br", "Si", "P", "I", "B")
"""Elements that the network knows, besides hydrogen."""
COVALENT = {"H": 0.31, "B": 0.84, "C": 0.76, "N": 0.71, "O": 0.66, "F": 0.57, "Si": 1.11, "P": 1.07, "S": 1.05, "Cl": 1.02, "Br": 1.20, "I": 1.39}
"""Covalent radii [A], Cordero et al., Dalton Trans. (2008) 2832; they give the lengths of bonds."""


@frozen(eq=False)
class Seen:
    """One molecule as the network sees it.

    Args:
        counts: surroundings and how often they occur.
        plain, mesoscopic: figures in the order of :data:`PLAIN` and :data:`MESOSCOPIC`.
        site_class: index into :data:`SITES` of the strongest donor, -1 when there is none.
        na, nb: acceptor and donor sites, at most :data:`MOST_SITES`.
        molar_mass: [kg/mol].
    """

    counts: dict[str, int]
    plain: Array
    mesoscopic: Array
    site_class: int
    na: int
    nb: int
    molar_mass: float


def see(mol: Any) -> Seen:
    """Features of an RDKit molecule without explicit hydrogens."""
    from rdkit.Chem import rdMolDescriptors

    mass = float(rdMolDescriptors._CalcMolWt(mol))
    site_class, na, nb = _sites(mol)
    return Seen(_counts(mol), np.array(_plain(mol, mass, na, nb)), np.array(mesoscopic(mol)), site_class, na, nb, mass * 1e-3)


def _patterns() -> tuple[list[Any], Any]:
    from rdkit import Chem

    if not _CACHE:
        _CACHE.append([Chem.MolFromSmarts(s) for s in SITES])
        _CACHE.append(Chem.MolFromSmarts(ACCEPTORS))
    return _CACHE[0], _CACHE[1]


_CACHE: list[Any] = []


def _sites(mol: Any) -> tuple[int, int, int]:
    donors, acceptor = _patterns()
    first, total = -1, 0
    for i, pattern in enumerate(donors):
        n = len(mol.GetSubstructMatches(pattern))
        first = i if n and first < 0 else first
        total += n
    found = len(mol.GetSubstructMatches(acceptor))
    if total:
        found = max(found, 1)
    return first, min(found, MOST_SITES), min(total, MOST_SITES)


def _counts(mol: Any) -> dict[str, int]:
    """Atoms, atoms with their neighbours (by name, and by element alone), rings by size, and pairs of hetero atoms by distance."""
    from rdkit import Chem

    out: Counter[str] = Counter()
    name: list[str] = []
    short: list[str] = []
    for a in mol.GetAtoms():
        symbol = a.GetSymbol().lower() if a.GetIsAromatic() else a.GetSymbol()
        charge = f"{a.GetFormalCharge():+d}" if a.GetFormalCharge() else ""
        name.append(f"{symbol}{charge}|{a.GetDegree()} {a.GetTotalNumHs()} {'r' if a.IsInRing() else ''}")
        short.append(f"{symbol}{charge}{a.GetTotalNumHs()}")
    mark = {Chem.BondType.SINGLE: "-", Chem.BondType.DOUBLE: "=", Chem.BondType.TRIPLE: "#", Chem.BondType.AROMATIC: ":"}
    for a in mol.GetAtoms():
        i = a.GetIdx()
        around = sorted(mark.get(b.GetBondType(), "~") + short[b.GetOtherAtomIdx(i)] for b in a.GetBonds())
        out[name[i]] += 1
        out[f"{name[i]}|{','.join(around)}"] += 1
        coarse = sorted(mark.get(b.GetBondType(), "~") + b.GetOtherAtom(a).GetSymbol() for b in a.GetBonds())
        out[f"{a.GetSymbol()}{'r' if a.IsInRing() else ''}:{','.join(coarse)}"] += 1
    for ring in mol.GetRingInfo().AtomRings():
        out[f"ring {len(ring)}{'a' if all(mol.GetAtomWithIdx(i).GetIsAromatic() for i in ring) else ''}"] += 1
    hetero = [a.GetIdx() for a in mol.GetAtoms() if a.GetSymbol() != "C"]
    if 1 < len(hetero) <= 24:
        distance = Chem.GetDistanceMatrix(mol)
        for n, i in enumerate(hetero):
            for j in hetero[n + 1 :]:
                d = int(distance[i, j])
                if 2 <= d <= 5:
                    out["{} {} {}".format(*sorted((short[i], short[j])), d)] += 1
    return dict(out)


def _plain(mol: Any, mass: float, na: int, nb: int) -> list[float]:
    from rdkit.Chem import rdMolDescriptors, rdPartialCharges

    atoms = list(mol.GetAtoms())
    n = len(atoms)
    rdPartialCharges.ComputeGasteigerCharges(mol)
    charges = [a.GetDoubleProp("_GasteigerCharge") for a in atoms]
    charges = [c if math.isfinite(c) else 0.0 for c in charges]
    logp, refraction = rdMolDescriptors.CalcCrippenDescriptors(mol)
    count = Counter(a.GetSymbol() for a in atoms)
    return [
        n, math.log(mass), sum(a.GetTotalNumHs() for a in atoms), rdMolDescriptors.CalcNumRotatableBonds(mol), rdMolDescriptors.CalcNumRings(mol),
        rdMolDescriptors.CalcNumAromaticRings(mol), rdMolDescriptors.CalcTPSA(mol), refraction, logp, nb, na,
        sum(abs(c) for c in charges) / n, max(charges), min(charges), 1.0 - count["C"] / n, sum(count[x] for x in ("F", "Cl", "Br", "I")) / n,
        sum(a.GetDegree() > 2 and not a.IsInRing() for a in atoms), sum(a.GetDegree() == 4 for a in atoms),
        rdMolDescriptors.CalcKappa1(mol), rdMolDescriptors.CalcKappa2(mol) if n > 2 else 0.0, rdMolDescriptors.CalcKappa3(mol) if n > 3 else 0.0,
    ]  # fmt: skip


def mesoscopic(mol: Any) -> list[float]:
    """Segment size and shape: r, q, q/r^(2/3), UNIQUAC's l, the Staverman-Guggenheim term at infinite dilution in hexane, asphericity, span, ln volume.

    r and q are the van der Waals volume and surface over those of UNIQUAC's standard segment (15.17 cm^3/mol, 2.5e9 cm^2/mol; Abrams and
    Prausnitz, AIChE J. 21 (1975) 116): the volume by atoms, bonds and rings (Zhao, Abraham, Zissimos, J. Org. Chem. 68 (2003) 7368), the surface
    by Bondi's spheres less the caps that bonded atoms cut off. Asphericity (Rudnick and Gaspari, J. Phys. A 19 (1986) L191) is taken of the
    graph: coordinates from the distances along bonds by classical scaling.
    """
    from rdkit import Chem
    from rdkit.Chem import rdMolDescriptors

    hydrogens = sum(a.GetTotalNumHs() for a in mol.GetAtoms())
    spheres = sum(4.0 / 3.0 * math.pi * RADII.get(a.GetSymbol(), 2.0) ** 3 for a in mol.GetAtoms()) + hydrogens * 4.0 / 3.0 * math.pi * RADII["H"] ** 3
    rings, aromatic = rdMolDescriptors.CalcNumRings(mol), rdMolDescriptors.CalcNumAromaticRings(mol)
    volume = max(spheres - 5.92 * (mol.GetNumBonds() + hydrogens) - 14.7 * aromatic - 3.8 * (rings - aromatic), 10.0)
    r = volume * 0.60221 / 15.17
    q = _surface(mol) * 6.0221e7 / 2.5e9  # A^2 a molecule to cm^2/mol, over the standard segment's
    phi, theta = r / 4.4998, q / 3.856
    staverman = 1.0 - phi + math.log(phi) - 5.0 * q * (1.0 - phi / theta + math.log(phi / theta))
    distance = Chem.GetDistanceMatrix(mol)
    moments = _moments(distance)
    total = sum(moments)
    aspherical = (sum((a - b) ** 2 for n, a in enumerate(moments) for b in moments[n + 1 :]) / (2.0 * total**2)) if total > 0 else 0.0
    return [r, q, q / r ** (2.0 / 3.0), 5.0 * (r - q) - (r - 1.0), staverman, aspherical, float(distance.max()), math.log(volume)]


def _surface(mol: Any) -> float:
    """Van der Waals surface [A^2]: each atom's sphere less the caps inside its bonded neighbours, hydrogens included."""
    hydrogen, out = RADII["H"], 0.0
    for a in mol.GetAtoms():
        radius, n = RADII.get(a.GetSymbol(), 2.0), a.GetTotalNumHs()
        to_hydrogen = COVALENT.get(a.GetSymbol(), 1.2) + COVALENT["H"]
        out += 4.0 * math.pi * (radius**2 + n * hydrogen**2) - n * (_cap(radius, hydrogen, to_hydrogen) + _cap(hydrogen, radius, to_hydrogen))
        for b in a.GetNeighbors():
            out -= _cap(radius, RADII.get(b.GetSymbol(), 2.0), COVALENT.get(a.GetSymbol(), 1.2) + COVALENT.get(b.GetSymbol(), 1.2))
    return max(out, 10.0)


def _cap(radius: float, other: float, distance: float) -> float:
    """Area of the cap of a sphere that lies inside another one at a distance."""
    height = radius - (radius**2 + distance**2 - other**2) / (2.0 * distance)
    return 2.0 * math.pi * radius * min(max(height, 0.0), 2.0 * radius)


def _moments(distance: Any) -> list[float]:
    """The three largest moments of a cloud of points whose distances are those along the bonds."""
    n = len(distance)
    if n < 2:
        return [0.0, 0.0, 0.0]
    squared = distance**2
    centred = -0.5 * (squared - squared.mean(0) - squared.mean(1)[:, None] + squared.mean())
    values = np.linalg.eigvalsh(centred)[::-1][:3] / n
    return [max(float(v), 0.0) for v in values] + [0.0] * (3 - len(values))
