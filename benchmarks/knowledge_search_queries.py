"""Queries of the search benchmark, chosen for what chemists ask and not for speed; fixed before anything was tuned."""

from __future__ import annotations

import random

SMARTS = {
    # functional groups
    "carboxylic acid": "[CX3](=O)[OX2H1]", "ester": "[CX3](=O)[OX2H0][#6]", "amide": "[NX3][CX3](=[OX1])[#6]", "primary amine": "[NX3;H2;!$(NC=O)]", "tertiary amine": "[NX3;H0;!$(NC=O);!$(N=*)]([#6])([#6])[#6]",
    "aldehyde": "[CX3H1](=O)[#6]", "ketone": "[#6][CX3](=O)[#6]", "alcohol": "[OX2H][CX4]", "phenol": "[OX2H]c", "ether": "[OD2]([#6;!$(C=O)])[#6;!$(C=O)]", "nitrile": "C#N", "nitro": "[N+](=O)[O-]",
    "isocyanate": "N=C=O", "azide": "[$(*-[NX2-]-[NX2+]#[NX1]),$(*-[NX2]=[NX2+]=[NX1-])]", "sulfonamide": "S(=O)(=O)N", "sulfonic acid": "S(=O)(=O)[OH]", "sulfone": "[#6]S(=O)(=O)[#6]", "thiol": "[SX2H]",
    "thioether": "[#6][SX2][#6]", "disulfide": "SS", "phosphate": "P(=O)(O)(O)O", "phosphine": "[PX3]([#6])([#6])[#6]", "boronic acid": "B(O)O", "silane": "[Si]", "alkyne": "C#C", "alkene": "[CX3]=[CX3]",
    "terminal alkyne": "[CX2H]#C", "conjugated diene": "C=CC=C", "michael acceptor": "C=CC=O", "acyl chloride": "C(=O)Cl", "anhydride": "C(=O)OC(=O)", "carbamate": "NC(=O)O", "urea": "NC(=O)N", "hydrazine": "NN",
    "imine": "[CX3]=[NX2]", "oxime": "C=NO", "epoxide": "C1OC1", "peroxide": "OO", "trifluoromethyl": "C(F)(F)F", "aryl bromide": "cBr", "aryl chloride": "cCl", "any halogen": "[F,Cl,Br,I]",
    "acetal": "[CX4]([OX2])([OX2])", "quaternary ammonium": "[NX4+]", "zwitterion amino acid": "[NX3,NX4+][CX4H]([*])[CX3](=[OX1])[O,N]",
    # ring systems
    "benzene": "c1ccccc1", "pyridine": "n1ccccc1", "pyrimidine": "c1cncnc1", "imidazole": "c1cnc[nH]1", "pyrazole": "c1cn[nH]c1", "thiophene": "c1ccsc1", "furan": "c1ccoc1", "thiazole": "c1cscn1", "tetrazole": "c1nnn[nH]1",
    "indole": "c1ccc2[nH]ccc2c1", "quinoline": "c1ccc2ncccc2c1", "naphthalene": "c1ccc2ccccc2c1", "anthracene": "c1ccc2cc3ccccc3cc2c1", "biphenyl": "c1ccc(-c2ccccc2)cc1", "purine": "c1ncc2nc[nH]c2n1",
    "cyclohexane": "C1CCCCC1", "cyclopropane": "C1CC1", "piperidine": "N1CCCCC1", "piperazine": "N1CCNCC1", "morpholine": "N1CCOCC1", "pyrrolidine": "N1CCCC1", "spiro atom": "[x4]", "macrocycle": "[r{12-20}]",
    "any aromatic nitrogen": "n", "carbazole": "c1ccc2c(c1)[nH]c1ccccc12", "coumarin": "O=c1ccc2ccccc2o1", "flavone": "O=c1cc(-c2ccccc2)oc2ccccc12", "adamantane": "C1C2CC3CC1CC(C2)C3",
    # scaffolds of drugs
    "steroid": "C1CCC2C(C1)CCC1C2CCC2CCCC12", "penicillin": "O=C1C(N)C2SCCN12", "cephalosporin": "O=C1C(N)C2SCC=CN12", "benzodiazepine": "O=C1CN=C(c2ccccc2)c2ccccc2N1", "barbiturate": "O=C1CC(=O)NC(=O)N1",
    "phenothiazine": "c1ccc2c(c1)Nc1ccccc1S2", "fluoroquinolone": "O=c1c(C(=O)O)cn(*)c2cc(*)c(F)cc12", "statin side chain": "OC(CC(O)C*)CC(=O)[O,OH]", "sulfonylurea": "S(=O)(=O)NC(=O)N", "tropane": "CN1C2CCC1CC(O)C2",
    "morphinan": "C1CC2CC3=CC=CC=C3C1C2", "ibuprofen core": "CC(C)Cc1ccc(C(C)C(=O)O)cc1", "aspirin": "CC(=O)Oc1ccccc1C(=O)O", "dihydropyridine": "COC(=O)C1=C(C)NC(C)=C(C(=O)O*)C1c1ccccc1", "tetracycline core": "C1CC2CC3CCCCC3CC2CC1",
    "beta blocker": "[OX2]CC(O)CN[CX4]", "phenethylamine": "NCCc1ccccc1", "glucose ring": "OCC1OC(O)C(O)C(O)C1O", "nucleoside": "OCC1OC(n2ccc(=O)[nH]c2=O)CC1",
    # process chemistry and catalysis
    "ligand bisphosphine": "P(c1ccccc1)(c1ccccc1)CCP(c1ccccc1)c1ccccc1", "bipyridine": "c1ccnc(-c2ccccn2)c1", "ferrocene-like metal": "[Fe]", "any metal": "[Li,Na,K,Mg,Ca,Al,Ti,Cr,Mn,Fe,Co,Ni,Cu,Zn,Pd,Pt,Sn,Hg,Pb]",
    "two rings joined": "[R]-!@[R]", "long chain": "[CH2][CH2][CH2][CH2][CH2][CH2][CH2][CH2]", "ortho-disubstituted arene": "[!#1;!R]c1ccccc1[!#1;!R]", "aryl with acid para to amine": "OC(=O)c1ccc(N)cc1",
    "glycol chain": "OCCOCCO", "trichloromethyl": "C(Cl)(Cl)Cl", "thiourea": "NC(=S)N", "isotope label": "[2H,13C,14C,15N,18O]", "stereo centre with four carbons": "[C@]([#6])([#6])([#6])[#6]",
}  # fmt: skip


def similarity_queries(table: list[str], n: int = 100, seed: int = 7) -> list[str]:
    """``n`` SMILES: half drawn from the tables' molecules, half of them with one more substituent that the enumeration does not use (an isopropoxy group)."""
    from rdkit import Chem, rdBase

    draw = random.Random(seed)
    out: list[str] = []
    pattern, group = Chem.MolFromSmarts("[cH]"), Chem.MolFromSmiles("OC(C)C")
    with rdBase.BlockLogs():
        while len(out) < n:
            smiles = table[draw.randrange(len(table))]
            mol = Chem.MolFromSmiles(smiles)
            if len(out) % 2 == 0:
                out.append(smiles)
                continue
            hits = mol.GetSubstructMatches(pattern)
            if hits:
                joined = Chem.RWMol(Chem.CombineMols(mol, group))
                joined.AddBond(hits[0][0], mol.GetNumAtoms(), Chem.BondType.SINGLE)
                joined.GetAtomWithIdx(hits[0][0]).SetNumExplicitHs(0)
                Chem.SanitizeMol(joined)
                out.append(Chem.MolToSmiles(joined))
    return out


def range_queries(n: int = 50, seed: int = 11) -> list[str]:
    """``n`` property ranges with conditions in the query language, broad and narrow."""
    draw = random.Random(seed)
    out = []
    for _ in range(n):
        t = draw.uniform(5.0, 60.0)
        low, width = draw.uniform(0.8, 1.2), draw.choice((0.02, 0.1, 0.5))
        kind = draw.randrange(4)
        if kind == 0:
            out.append(f"density {950 * low:.1f}..{950 * low * (1 + width):.1f} kg/m^3 at temperature {t:.1f}..{t + 10:.1f} degC")
        elif kind == 1:
            out.append(f"viscosity {1.5 * low:.3f}..{1.5 * low * (1 + width):.3f} mPa*s at temperature {t:.1f}..{t + 5:.1f} degC")
        elif kind == 2:
            out.append(f"boiling_point {430 * low:.1f}..{430 * low * (1 + width / 4):.1f} K at pressure 90..110 kPa")
        else:
            out.append(f"solubility > {0.005 * low:.5f} at temperature {t:.1f}..{t + 10:.1f} degC, ph 6..8")
    return out
