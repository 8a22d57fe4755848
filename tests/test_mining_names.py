"""Names to structures: the grammar against structures written by hand, what it must refuse, and bounded time."""

import time

import pytest

from chemwright.knowledge.mining.nomenclature import structure_of
from chemwright.knowledge.mining.structures import structure
from chemwright.structure import molecule

NAMES = {
    "2-chloroethylamine": "NCCCl",
    "4-chloromethylphenol": "Oc1ccc(CCl)cc1",
    "4-(2-chloroethyl)-2-nitroaniline": "Nc1ccc(CCCl)cc1[N+](=O)[O-]",
    "ethyl 3-oxobutanoate": "CCOC(=O)CC(C)=O",
    "diethyl 2-methylmalonate": "CCOC(=O)C(C)C(=O)OCC",
    "3-methoxybenzoic acid hydrazide": "COc1cccc(c1)C(=O)NN",
    "N,N-dimethyl-4-bromobenzamide": "CN(C)C(=O)c1ccc(Br)cc1",
    "p-toluenesulfonyl chloride": "Cc1ccc(cc1)S(=O)(=O)Cl",
    "4-trifluoromethylbenzenesulfonamide": "NS(=O)(=O)c1ccc(cc1)C(F)(F)F",
    "1H-indole-3-carboxylic acid": "OC(=O)c1c[nH]c2ccccc12",
    "1,2,3,4-tetrahydroquinoline": "C1CCNc2ccccc12",
    "pyridin-2(1H)-one": "O=c1cccc[nH]1",
    "2-(4-methylpiperazin-1-yl)pyrimidine": "CN1CCN(CC1)c1ncccn1",
    "imidazo[1,2-a]pyridine": "c1ccn2ccnc2c1",
    "thieno[2,3-d]pyrimidin-4-amine": "Nc1ncnc2sccc12",
    "7-chloro-[1,2,4]triazolo[4,3-a]pyridine": "Clc1ccn2cnnc2c1",
    "bicyclo[2.2.1]hept-5-en-2-ol": "OC1CC2CC1C=C2",
    "1,4-dioxa-8-azaspiro[4.5]decane": "C1COC2(O1)CCNCC2",
    "tert-butyl 4-hydroxypiperidine-1-carboxylate": "CC(C)(C)OC(=O)N1CCC(O)CC1",
    "phenylboronic acid": "OB(O)c1ccccc1",
    "hex-5-yn-1-ol": "C#CCCCCO",
    "(E)-3-phenylacrylic acid": "OC(=O)/C=C/c1ccccc1",
    "(S)-2-aminopropan-1-ol": "C[C@H](N)CO",
    "L-proline methyl ester hydrochloride": "Cl.COC(=O)[C@@H]1CCCN1",
    "sodium 4-nitrobenzoate": "[Na+].[O-]C(=O)c1ccc(cc1)[N+](=O)[O-]",
    "4-methoxyphenyl isocyanate": "COc1ccc(cc1)N=C=O",
    "benzyl ethyl ether": "CCOCc1ccccc1",
    "cyclohexanone oxime": "ON=C1CCCCC1",
    "acetic anhydride": "CC(=O)OC(C)=O",
    "5-chloro-2-methylsulphonylaniline": "CS(=O)(=O)c1ccc(Cl)cc1N",
    "benzyltriethylammonium chloride": "[Cl-].CC[N+](CC)(CC)Cc1ccccc1",
}


@pytest.mark.parametrize(("name", "smiles"), NAMES.items(), ids=list(NAMES))
def test_systematic_names(name, smiles):
    assert structure_of(name) == molecule(smiles).smiles


@pytest.mark.parametrize(
    "name", ["", "the mixture", "7-methylbenzene", "2,2,2-trichloromethane", "5-hydroxypropane", "solid", "compound 4", "x" * 400], ids=lambda n: n[:20] or "empty"
)
def test_what_is_no_name_or_impossible_gives_nothing(name):
    assert structure_of(name) == ""


@pytest.mark.parametrize("seed", ["di", "methyl", "(", "ethyl ", "1,2,3,4,5-", "2-chloro-", "benzo[a]", "hydrochloride ", "bicyclo["])
def test_hostile_names_end_soon(seed):
    start = time.perf_counter()
    structure_of((seed * 250)[:250])
    assert time.perf_counter() - start < 2.0


@pytest.mark.parametrize(
    ("name", "smiles", "how"),
    [
        ("THF", "C1CCOC1", "common usage"),
        ("anhydrous methanol", "CO", "table"),
        ("concentrated HCl", "Cl", "common usage"),
        ("4-(2-chloroethyl)-2-nitroaniline", "Nc1ccc(CCCl)cc1[N+](=O)[O-]", "nomenclature"),
        ("residue", "", ""),
    ],
    ids=["abbreviation", "adjective", "concentrated", "grammar", "no name"],
)
def test_resolver_says_how_it_found_the_structure(name, smiles, how):
    assert structure(name) == (molecule(smiles).smiles if smiles else "", how)
