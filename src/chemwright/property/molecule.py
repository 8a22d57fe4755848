"""What the estimates need of a structure: charge state, atoms, rings, groups and the substance's CAS number."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from attrs import frozen

from chemwright.errors import SubstanceError
from chemwright.record import Species
from chemwright.structure.molecule import describe, inchikey, parse

# relative atomic volumes of Girolami 1994: hydrogen 1, then one figure a row of the periodic table
_ROWS = ((1, 1.0), (10, 2.0), (18, 4.0), (36, 5.0), (54, 7.5), (83, 9.0))
_POLAR = ("[OX2H]", "[NX3;H1,H2;!$(NC=O)]", "[NX3;H1,H2]C=O", "[#16X3](=O)", "[#16X4](=O)(=O)")


@frozen
class Structure:
    """Plain figures of a molecule: atoms with hydrogens, molar mass in g/mol, Girolami volume in cm^3/mol, net ionic or not."""

    smiles: str
    atoms: int
    molar_mass: float
    volume: float
    ionic: bool
    partners: tuple[str, ...]


@lru_cache(maxsize=1024)
def structure(smiles: str) -> Structure:
    """Read a SMILES.

    A molecule is ionic when an atom carries a formal charge that no bonded atom compensates (so a nitro group is not).
    ``partners`` holds the SMILES of the neutral partners (acid and base) of a salt made by proton transfer, else nothing.

    Raises:
        SubstanceError: the text is no SMILES.
    """
    from rdkit import Chem

    mol = parse(smiles)
    charged = [a for a in mol.GetAtoms() if a.GetFormalCharge() and not any(n.GetFormalCharge() * a.GetFormalCharge() < 0 for n in a.GetNeighbors())]
    full = Chem.AddHs(mol)
    return Structure(smiles, full.GetNumAtoms(), 1e3 * describe(mol).molar_mass, girolami_volume(full), bool(charged), _partners(mol) if charged else ())


def girolami_volume(full: Any) -> float:
    """Molar volume in cm^3/mol of an RDKit graph with its hydrogens by Girolami 1994: five times the sum of relative volumes, less 10 % a polar group or ring (30 % at most)."""
    total = sum(next((v for z, v in _ROWS if a.GetAtomicNum() <= z), 9.0) for a in full.GetAtoms())
    polar = sum(len(full.GetSubstructMatches(_pattern(s))) for s in _POLAR)
    rings = full.GetRingInfo()
    fused = sum(1 for i in range(rings.NumRings()) if rings.IsRingFused(i))
    denser = min(0.30, 0.10 * polar + 0.10 * (rings.NumRings() - fused) + 0.075 * fused)
    return 5.0 * total / (1.0 + denser)


@lru_cache(maxsize=16)
def _pattern(smarts: str) -> Any:
    from rdkit import Chem

    return Chem.MolFromSmarts(smarts)


def _partners(mol: Any) -> tuple[str, ...]:
    """Neutral fragments after moving protons from cations to anions; empty when the protons do not add up."""
    from rdkit import Chem, rdBase

    out, moved = [], 0
    for fragment in Chem.GetMolFrags(mol, asMols=True):
        edit = Chem.RWMol(fragment)
        for atom in edit.GetAtoms():
            q = atom.GetFormalCharge()
            if q == 0 or any(n.GetFormalCharge() * q < 0 for n in atom.GetNeighbors()):
                continue
            hydrogens = atom.GetTotalNumHs()
            if hydrogens < q:
                return ()
            atom.SetFormalCharge(0)
            atom.SetNumExplicitHs(hydrogens - q)
            atom.SetNoImplicit(True)
            moved += q
        try:
            with rdBase.BlockLogs():
                edit.UpdatePropertyCache()
        except Chem.AtomValenceException:  # as of tetrafluoroborate, whose charge is no proton's
            return ()
        out.append(Chem.MolToSmiles(edit.GetMol()))
    return tuple(sorted(Chem.CanonSmiles(s) for s in out)) if moved == 0 and len(out) > 1 else ()


@lru_cache(maxsize=1024)
def joback(smiles: str) -> dict[str, float]:
    """Joback estimates Tb, Tc, Pc, Hf, Hvap in SI (K, Pa, J/mol) and ``atoms``; empty when the groups do not cover the molecule.

    Source: Joback and Reid 1987, as implemented in `thermo` (MIT).
    """
    from thermo.group_contribution.joback import Joback

    job = Joback(smiles)
    if not job.success or not job.counts:
        return {}
    out = {"Tb": job.Tb(job.counts), "Tc_ratio": job.Tc(job.counts, 1.0), "Pc": job.Pc(job.counts, job.atom_count), "Hf": job.Hf(job.counts), "Hvap": job.Hvap(job.counts)}
    return {k: float(v) for k, v in out.items()} if all(v is not None for v in out.values()) else {}


def cas_of(species: Species) -> str:
    """The CAS number that the tables are keyed by: the species' own, else by InChIKey among the common substances of `chemicals`; empty when unknown.

    The large identifier tables are not searched here (they take a second to load): resolve names with `chemwright.knowledge` first.
    """
    return species.cas or _common_cas(species.smiles)


@lru_cache(maxsize=1024)
def _common_cas(smiles: str) -> str:
    from chemicals.identifiers import pubchem_db

    try:
        found = pubchem_db.search_InChI_key(inchikey(smiles), autoload=False)
    except SubstanceError:  # a structure that InChI can't describe is in no table either
        return ""
    return str(found.CASs) if found else ""
