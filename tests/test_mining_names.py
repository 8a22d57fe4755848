"""Names to structures: the grammar against structures written by hand, what it must refuse, and bounded time."""

import time

import pytest

from chemwright.knowledge.mining.chemnames import chemical_names
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
#: skeletons of their own, bridges, three fused rings, oxides
SKELETONS = {
    "androst-4-ene-3,17-dione": "CC12CCC(=O)C=C1CCC1C2CCC2(C)C(=O)CCC12",
    "17-hydroxyestra-1,3,5(10)-trien-3-ol": "CC12CCC3c4ccc(O)cc4CCC3C1CCC2O",
    "17β-hydroxy-4-estren-3-one": "CC12CCC3C(CCC4=CC(=O)CCC34)C1CCC2O",
    "3β-hydroxypregn-5-en-20-one": "CC(=O)C1CCC2C1(C)CCC1C2CC=C2CC(O)CCC12C",
    "cholest-5-en-3-ol": "CC(C)CCCC(C)C1CCC2C1(C)CCC1C2CC=C2CC(O)CCC12C",
    "7-amino-3-methyl-3-cephem-4-carboxylic acid": "CC1=C(C(=O)O)N2C(=O)C(N)C2SC1",
    "ethyl 7-phenylacetamido-3-methyl-2-cephem-4-carboxylate": "CCOC(=O)C1C(C)=CSC2C(NC(=O)Cc3ccccc3)C(=O)N12",
    "3-methyl-3-cephem-4-carboxylic acid 1-oxide": "CC1=C(C(=O)O)N2C(=O)CC2S(=O)C1",
    "6-amino-2,2-dimethylpenam-3-carboxylic acid": "CC1(C)SC2C(N)C(=O)N2C1C(=O)O",
    "3,4-methylenedioxyaniline": "Nc1ccc2OCOc2c1",
    "5-(3,4-methylenedioxyphenyl)pentanoic acid": "OC(=O)CCCCc1ccc2OCOc2c1",
    "4,4-ethylenedioxycyclohexanone": "O=C1CCC2(CC1)OCCO2",
    "2,3-epoxybutane": "CC1OC1C",
    "5H-dibenzo[b,f]azepine": "C1=Cc2ccccc2Nc2ccccc12",
    "5-methyl-5H-pyrido[4,3-b]indole": "Cn1c2ccccc2c2cnccc12",
    "9H-pyrido[3,4-b]indole": "c1ccc2c(c1)[nH]c1cnccc12",
    "naphtho[2,1-b]furan-2-carboxylic acid": "OC(=O)c1cc2c(ccc3ccccc23)o1",
    "naphtho[1,2-b]furan-2-carboxylic acid": "OC(=O)c1cc2ccc3ccccc3c2o1",
    "ethyl 5,6-dihydro-6-oxo-4H-imidazo[1,5-a][1,4]benzodiazepine-3-carboxylate": "CCOC(=O)c1ncn2-c3ccccc3C(=O)NCc12",
    "pyridine N-oxide": "[O-][n+]1ccccc1",
    "4-nitropyridine 1-oxide": "[O-][n+]1ccc(cc1)[N+](=O)[O-]",
    "tetrahydrothiophene-1,1-dioxide": "O=S1(=O)CCCC1",
    "3,4,5,6-tetrahydrophthalimide": "O=C1NC(=O)C2=C1CCCC2",
    "acetophenone O-methyloxime": "CON=C(C)c1ccccc1",
    "4-(N-cyclohexyl-N-methylaminomethyl)aniline": "CN(Cc1ccc(N)cc1)C1CCCCC1",
    "4-(benzyloxy)benzonitrile": "N#Cc1ccc(OCc2ccccc2)cc1",
    "(4-chlorobenzyl)triphenylphosphonium bromide": "[Br-].Clc1ccc(C[P+](c2ccccc2)(c2ccccc2)c2ccccc2)cc1",
    "3-dimethylaminopropyl chloride": "CN(C)CCCCl",
    "N-benzenesulfonylglycine ethyl ester": "CCOC(=O)CNS(=O)(=O)c1ccccc1",
    "4-octanoyloxybenzoic acid": "CCCCCCCC(=O)Oc1ccc(cc1)C(=O)O",
    "3-(tert-butyldimethylsiloxy)propan-1-ol": "CC(C)(C)[Si](C)(C)OCCCO",
}
PEPTIDES = {
    "Boc-Ala-OH": "C[C@H](NC(=O)OC(C)(C)C)C(=O)O",
    "H-D-Phe-OMe.HCl": "Cl.COC(=O)[C@H](N)Cc1ccccc1",
    "Z-Gly-Phe-NH2": "O=C(OCc1ccccc1)NCC(=O)N[C@@H](Cc1ccccc1)C(N)=O",
    "Boc-Pro-OH": "CC(C)(C)OC(=O)N1CCC[C@H]1C(=O)O",
    "Z-Asp(OtBu)-OH": "CC(C)(C)OC(=O)C[C@H](NC(=O)OCc1ccccc1)C(=O)O",
    "Boc-Lys(Z)-OH": "CC(C)(C)OC(=O)N[C@@H](CCCCNC(=O)OCc1ccccc1)C(=O)O",
    "H-Leu-OBut": "CC(C)C[C@H](N)C(=O)OC(C)(C)C",
    "Boc-MeVal-OH": "CC(C)[C@H](N(C)C(=O)OC(C)(C)C)C(=O)O",
    "Boc-Xaa-OH": "",
    "Boc-Ala": "",
    "Pro-cess-OH": "",
}


@pytest.mark.parametrize(("name", "smiles"), NAMES.items(), ids=list(NAMES))
def test_systematic_names(name, smiles):
    assert structure_of(name) == molecule(smiles).smiles


@pytest.mark.parametrize(("name", "smiles"), (SKELETONS | PEPTIDES).items(), ids=list(SKELETONS | PEPTIDES))
def test_skeletons_and_peptides(name, smiles):
    assert structure_of(name) == (molecule(smiles).smiles if smiles else "")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("after flash chromatography (EtOAc), 188 mg", {"EtOAc": "CCOC(C)=O"}),
        ("was dissolved in acetic acid(50 mL) and heated", {"acetic acid": "CC(O)=O"}),
        ("a mixture of 3 ml CH2Cl2/3 ml trifluoroacetic acid", {"CH2Cl2": "ClCCl", "trifluoroacetic acid": "OC(=O)C(F)(F)F"}),
        ("10 ml of 2N-NaOH solution was added", {"NaOH": "[Na+].[OH-]"}),
        ("gave cyclohexanecarboxylic acid, methyl ester (2 g)", {"cyclohexanecarboxylic acid, methyl ester": "COC(=O)C1CCCCC1"}),
        ("treated with benzoic acid, methyl iodide and water", {"benzoic acid": "OC(=O)c1ccccc1", "methyl iodide": "CI", "water": "O"}),
    ],
    ids=["brackets", "glued amount", "slash", "normality", "ester behind a comma", "a list is no ester"],
)
def test_names_in_text_without_their_surroundings(text, names):
    assert {f.name: f.smiles for f in chemical_names(text)} == {n: molecule(s).smiles for n, s in names.items()}


@pytest.mark.parametrize(
    "name", ["", "the mixture", "7-methylbenzene", "2,2,2-trichloromethane", "5-hydroxypropane", "solid", "compound 4", "x" * 400], ids=lambda n: n[:20] or "empty"
)
def test_what_is_no_name_or_impossible_gives_nothing(name):
    assert structure_of(name) == ""


@pytest.mark.parametrize(
    "seed",
    [
        "di",
        "methyl",
        "(",
        "ethyl ",
        "1,2,3,4,5-",
        "2-chloro-",
        "benzo[a]",
        "hydrochloride ",
        "bicyclo[",
        " 1-oxide",
        "-oxide",
        " oxime",
        "dibenzo[a,b]",
        "imidazo[1,2-a]",
        "methylenedioxy",
        "androst-4-en",
    ],
)
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


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("Ala", "L-alanine"), ("Val", "L-valine"), ("Leu", "L-leucine"), ("Ile", "L-isoleucine"), ("Phe", "L-phenylalanine"), ("Tyr", "L-tyrosine"), ("Trp", "L-tryptophan"), ("Ser", "L-serine"), ("Thr", "L-threonine"),
        ("Cys", "L-cysteine"), ("Met", "L-methionine"), ("Asp", "L-aspartic acid"), ("Glu", "L-glutamic acid"), ("Asn", "L-asparagine"), ("Gln", "L-glutamine"), ("Lys", "L-lysine"), ("Orn", "L-ornithine"), ("Arg", "L-arginine"),
        ("His", "L-histidine"), ("Pro", "L-proline"), ("Gly", "glycine"), ("Sar", "sarcosine"), ("D-Ala", "D-alanine"), ("Hyp", "trans-4-hydroxy-L-proline"),
    ],
    ids=lambda x: x,
)  # fmt: skip
def test_amino_acids_in_code_are_those_of_the_tables(code, name):
    from chemwright.knowledge import names
    from chemwright.structure import inchikey

    entry = names.by_name(name)
    assert entry is not None
    assert inchikey(structure_of(f"H-{code}-OH")) == inchikey(str(entry.smiles))
