"""Make ``data/mining/common.csv``: names and abbreviations in common usage that neither the tables nor the grammar read as the field means them.

Taken from the training patents of the ``orderly`` wheel only (see ``benchmarks/mining_data.py``): a name that at least two patents use, with the structure that at least 80 % of its uses have. Long names (over 32 characters) are
left out: they belong to one family of patents, not to common usage. Names that mean a mixture, a polymer or nothing (``solid``, ``charcoal``, ``residue``) are left out by the first list below; the second holds abbreviations any chemist writes.

Usage: CHEMWRIGHT_ORDERLY=folder python training/mining_names.py
"""

from __future__ import annotations

import csv
import sys
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))
OUT = ROOT / "src" / "chemwright" / "data" / "mining" / "common.csv"
SKIP = frozenset({
    "charcoal", "activated charcoal", "active charcoal", "norit", "activated carbon", "carbon", "polypropylene", "polyethylene", "alcohol", "amine", "ketone", "ester", "acid", "salt", "base", "borate", "phosphate",
    "permanganate", "imino-ketone", "compound", "solid", "product", "residue", "oil", "celite", "silica", "silica gel", "alumina", "molecular sieves", "sieves", "resin", "polymer", "hydrocarbon", "olefin", "aldehyde",
    "ligroin", "petroleum ether", "petrol", "hexanes water", "brine", "air", "gas", "i", "ii", "iii", "iv", "v", "a", "b", "c", "amide", "nitrile", "ether water", "ice", "acetate", "chloride", "bromide", "hydride",
    "acetic", "carbamate", "tetrahydrofuran-methanol", "6-fluoro-nitrobenzoic acid", "dibutyl 4-fluorobenzyl bromide", "1,1-bis(hydroxymethyl)propanone", "imine", "alkyl halide", "mercaptan", "phenyl", "methyl", "ethyl", "nickel", "oxide", "carboxylic acid", "acid chloride", "hydroxide", "carbonate", "sulfate", "sodium", "potassium",
})  # fmt: skip
#: written by us: abbreviations, and names that the records' makers read wrongly
ADDED = {
    "dichloroethane": "ClCCCl", "diborane": "BB", "chloroperbenzoic acid": "OOC(=O)c1cccc(Cl)c1", "toluenesulfonic acid": "Cc1ccc(cc1)S(O)(=O)=O", "diethylmalonate": "CCOC(=O)CC(=O)OCC",
    "aliquat-336": "CCCCCCCC[N+](C)(CCCCCCCC)CCCCCCCC.[Cl-]", "Pd/C": "[Pd]", "EtOAc": "CCOC(C)=O", "AcOEt": "CCOC(C)=O", "MeOH": "CO", "EtOH": "CCO", "iPrOH": "CC(C)O", "i-PrOH": "CC(C)O", "IPA": "CC(C)O", "DCM": "ClCCl", "DMF": "CN(C)C=O", "DMSO": "CS(C)=O", "DMA": "CC(=O)N(C)C",
    "DMAc": "CC(=O)N(C)C", "NMP": "CN1CCCC1=O", "DME": "COCCOC", "MTBE": "COC(C)(C)C", "TBME": "COC(C)(C)C", "MeCN": "CC#N", "ACN": "CC#N", "TFA": "OC(=O)C(F)(F)F", "TEA": "CCN(CC)CC", "Et3N": "CCN(CC)CC",
    "NEt3": "CCN(CC)CC", "DIPEA": "CCN(C(C)C)C(C)C", "DIEA": "CCN(C(C)C)C(C)C", "DMAP": "CN(C)c1ccncc1", "DBU": "C1CCC2=NCCCN2CC1", "DCC": "C(=NC1CCCCC1)=NC1CCCCC1", "EDC": "CCN=C=NCCCN(C)C",
    "EDCI": "CCN=C=NCCCN(C)C", "CDI": "O=C(n1ccnc1)n1ccnc1", "HOBt": "On1nnc2ccccc21", "PPh3": "c1ccc(P(c2ccccc2)c2ccccc2)cc1", "AcOH": "CC(O)=O", "HOAc": "CC(O)=O", "Ac2O": "CC(=O)OC(C)=O",
    "NBS": "O=C1CCC(=O)N1Br", "NCS": "O=C1CCC(=O)N1Cl", "NIS": "O=C1CCC(=O)N1I", "DIBAL": "CC(C)C[AlH]CC(C)C", "DEAD": "CCOC(=O)N=NC(=O)OCC", "DIAD": "CC(C)OC(=O)N=NC(=O)OC(C)C", "HMPA": "CN(C)P(=O)(N(C)C)N(C)C",
    "mCPBA": "OOC(=O)c1cccc(Cl)c1", "HATU": "CN(C)C(=[N+](C)C)On1nnc2cccnc21.F[P-](F)(F)(F)(F)F", "TsOH": "Cc1ccc(cc1)S(O)(=O)=O", "p-TsOH": "Cc1ccc(cc1)S(O)(=O)=O", "Et2O": "CCOCC", "CHCl3": "ClC(Cl)Cl",
    "CH2Cl2": "ClCCl", "CCl4": "ClC(Cl)(Cl)Cl", "PhMe": "Cc1ccccc1", "H2O": "O", "HCl": "Cl", "NaOH": "[Na+].[OH-]", "KOH": "[K+].[OH-]", "HBr": "Br", "NaH": "[H-].[Na+]", "NH3": "N", "H2": "[H][H]", "N2": "N#N",
    "CO2": "O=C=O", "POCl3": "O=P(Cl)(Cl)Cl", "SOCl2": "O=S(Cl)Cl", "PCl5": "ClP(Cl)(Cl)(Cl)Cl", "PCl3": "ClP(Cl)Cl", "H2SO4": "OS(O)(=O)=O", "HNO3": "O[N+](=O)[O-]", "K2CO3": "[K+].[K+].[O-]C([O-])=O",
    "Na2CO3": "[Na+].[Na+].[O-]C([O-])=O", "Cs2CO3": "[Cs+].[Cs+].[O-]C([O-])=O", "NaHCO3": "[Na+].OC([O-])=O", "NH4Cl": "[Cl-].[NH4+]", "Na2SO4": "[Na+].[Na+].[O-]S([O-])(=O)=O",
    "MgSO4": "[Mg+2].[O-]S([O-])(=O)=O", "LiOH": "[Li+].[OH-]", "ether": "CCOCC", "water": "O", "brine": "[Cl-].[Na+].O", "ice water": "O", "ice-water": "O", "ice": "O",
    "CH3CN": "CC#N", "CH3OH": "CO", "C2H5OH": "CCO", "C6H6": "c1ccccc1", "C6H5CH3": "Cc1ccccc1", "CH3COOH": "CC(O)=O", "CH3CO2H": "CC(O)=O", "CH3NO2": "C[N+](=O)[O-]", "CH3I": "CI", "MeI": "CI", "EtI": "CCI", "MEK": "CCC(C)=O",
    "MIBK": "CC(C)CC(C)=O", "DMAC": "CC(=O)N(C)C", "DMI": "CN1CCN(C)C1=O", "HMPT": "CN(C)P(=O)(N(C)C)N(C)C", "HMDS": "C[Si](C)(C)N[Si](C)(C)C", "TMSCl": "C[Si](C)(C)Cl", "TBDMSCl": "CC(C)(C)[Si](C)(C)Cl", "LDA": "[Li+].CC(C)[N-]C(C)C",
    "DIC": "CC(C)N=C=NC(C)C", "DMC": "COC(=O)OC", "AIBN": "CC(C)(C#N)N=NC(C)(C)C#N", "EEDQ": "CCOC1C=Cc2ccccc2N1C(=O)OCC", "MCPBA": "OOC(=O)c1cccc(Cl)c1", "m-CPBA": "OOC(=O)c1cccc(Cl)c1", "metachloroperbenzoic acid": "OOC(=O)c1cccc(Cl)c1",
    "DDQ": "N#CC1=C(C#N)C(=O)C(Cl)=C(Cl)C1=O", "PCC": "c1cc[nH+]cc1.[O-][Cr](=O)(=O)Cl", "HBTU": "CN(C)C(=[N+](C)C)On1nnc2ccccc12.F[P-](F)(F)(F)(F)F", "BOP": "CN(C)[P+](On1nnc2ccccc21)(N(C)C)N(C)C.F[P-](F)(F)(F)(F)F",
    "NaI": "[Na+].[I-]", "NaBr": "[Na+].[Br-]", "NaCl": "[Na+].[Cl-]", "KBr": "[K+].[Br-]", "KI": "[K+].[I-]", "KCl": "[K+].[Cl-]", "KF": "[K+].[F-]", "CsF": "[Cs+].[F-]", "LiCl": "[Li+].[Cl-]", "LiBr": "[Li+].[Br-]",
    "KCN": "[K+].[C-]#N", "NaCN": "[Na+].[C-]#N", "NaSCN": "[Na+].[S-]C#N", "NaN3": "[Na+].[N-]=[N+]=[N-]", "NaNO2": "[Na+].[O-]N=O", "NaOAc": "[Na+].CC([O-])=O", "KOAc": "[K+].CC([O-])=O", "NH4OAc": "[NH4+].CC([O-])=O",
    "NH4OH": "[NH4+].[OH-]", "NaOMe": "[Na+].C[O-]", "NaOEt": "[Na+].CC[O-]", "KHCO3": "[K+].OC([O-])=O", "PBr3": "BrP(Br)Br", "ZnCl2": "[Zn+2].[Cl-].[Cl-]", "Pd(OAc)2": "[Pd+2].CC([O-])=O.CC([O-])=O",
    "AcCl": "CC(=O)Cl", "AcCN": "CC(=O)C#N", "MsCl": "CS(=O)(=O)Cl", "TsCl": "Cc1ccc(cc1)S(=O)(=O)Cl", "Boc2O": "CC(C)(C)OC(=O)OC(=O)OC(C)(C)C", "(Boc)2O": "CC(C)(C)OC(=O)OC(=O)OC(C)(C)C",
    "(COCl)2": "ClC(=O)C(=O)Cl", "trichloromethane": "ClC(Cl)Cl", "iPr2O": "CC(C)OC(C)C", "t-BuOH": "CC(C)(C)O", "tBuOH": "CC(C)(C)O", "n-BuLi": "[Li]CCCC", "EtOAC": "CCOC(C)=O", "MeNO2": "C[N+](=O)[O-]", "diglyme": "COCCOCCOC",
    "tert.butanol": "CC(C)(C)O", "isopropylalcohol": "CC(C)O", "Tf2O": "O=S(=O)(OS(=O)(=O)C(F)(F)F)C(F)(F)F", "NMM": "CN1CCOCC1", "N-methyl morpholine": "CN1CCOCC1", "phosphorus pentasulphide": "S=P12SP3(=S)SP(=S)(S1)SP(=S)(S2)S3",
}  # fmt: skip


def main() -> None:
    """Write the table, ours first where the training patents say nothing."""
    from mining_data import procedures
    from mining_score import canonical

    from chemwright.knowledge.mining import structures

    structures.common.cache_clear()
    uses: dict[str, Counter[str]] = defaultdict(Counter)
    patents: dict[str, set[str]] = defaultdict(set)
    for truth in procedures("train"):
        for component in truth.components:
            if component.smiles and component.name and (smiles := canonical(component.smiles)):
                key = component.name.lower()
                uses[key][smiles] += 1
                patents[key].add(truth.patent)
    OUT.write_text("name,smiles,patents\n", encoding="utf-8")
    rows: dict[str, tuple[str, int]] = {}
    for key, counts in uses.items():
        smiles, n = counts.most_common(1)[0]
        if (
            len(patents[key]) >= 2
            and n >= 0.8 * sum(counts.values())
            and key not in SKIP
            and len(key) <= 32
            and structures._exact(key)[0] != smiles
            and len(key) > 1
            and key[0] != "'"
        ):
            rows[key] = (smiles, len(patents[key]))
    for name, smiles in ADDED.items():
        rows[name.lower()] = (canonical(smiles), rows.get(name.lower(), ("", 0))[1])
    with OUT.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["name", "smiles", "patents"])
        writer.writerows([name, *rows[name]] for name in sorted(rows))
    print(len(rows), "names")


if __name__ == "__main__":
    main()
