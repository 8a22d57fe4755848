"""Molecules: known formulas and masses (IUPAC standard atomic weights), bad SMILES, drawings, mapped reactions."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from chemwright.errors import BalanceError, ChemwrightError, InputError, SubstanceError
from chemwright.structure import drawing, inchikey, is_smiles, molecule, parse_mapped, svg

ORTHO = "O=[N+]([O-])c1ccc(F)cc1N1CCOCC1"


@pytest.mark.parametrize(
    ("smiles", "formula", "mass", "charge"),
    [
        ("CCO", "C2H6O", 46.069, 0),
        ("F", "HF", 20.006, 0),
        ("C1COCCN1", "C4H9NO", 87.122, 0),
        ("CCN(CC)CC", "C6H15N", 101.193, 0),
        ("O=[N+]([O-])c1ccc(F)cc1F", "C6H3F2NO2", 159.09, 0),
        (ORTHO, "C10H11FN2O3", 226.207, 0),
        ("[Na+].[Cl-]", "ClNa", 58.44, 0),
        ("[NH4+]", "H4N+", 18.039, 1),
        ("[H+]", "H+", 1.008, 1),
    ],
    ids=["ethanol", "HF", "morpholine", "triethylamine", "DFNB", "ortho", "NaCl", "ammonium", "proton"],
)
def test_formula_mass_charge(smiles, formula, mass, charge):
    found = molecule(smiles)
    assert (found.formula, found.charge) == (formula, charge)
    assert found.molar_mass * 1e3 == pytest.approx(mass, abs=6e-3)


def test_elements_count_hydrogens():
    assert molecule("CCO").elements == {"C": 2, "H": 6, "O": 1}


def test_canonical_smiles_is_one_for_all_spellings_and_stable():
    spellings = ["OCC", "C(O)C", "[CH3:1][CH2:2][OH:3]", " CCO "]
    assert {molecule(s).smiles for s in spellings} == {"CCO"}
    assert molecule(molecule(ORTHO).smiles) == molecule(ORTHO)


def test_masses_balance_when_atoms_do():
    left = molecule("O=[N+]([O-])c1ccc(F)cc1F").molar_mass + molecule("C1COCCN1").molar_mass
    right = molecule(ORTHO).molar_mass + molecule("F").molar_mass
    assert left == pytest.approx(right, rel=1e-12)


def test_molecule_is_hashable():
    assert len({molecule("CCO"), molecule("OCC")}) == 1


BAD = {
    "empty": "",
    "blank": "  ",
    "open bracket": "C(C",
    "valence": "CC(C)(C)(C)C",
    "aromatic": "c1cccc1",
    "dummy": "C*",
    "space": "CC O",
    "long": "C" * 501,
    "word": "ethanol",
    "reaction": "C>>C",
    "none": None,
    "number": 3,
}


@pytest.mark.parametrize("smiles", BAD.values(), ids=BAD.keys())
def test_bad_smiles_is_one_plain_error(smiles, capfd):
    with pytest.raises(SubstanceError) as caught:
        molecule(smiles, where="case.toml, species X")
    assert caught.value.where == "case.toml, species X"
    assert caught.value.fix
    assert capfd.readouterr().err == ""


def test_valence_error_names_the_atom():
    with pytest.raises(SubstanceError, match="valence for atom # 1"):
        molecule("CC(C)(C)(C)C")


def test_is_smiles():
    assert is_smiles("CCO")
    assert not is_smiles("ethanol")


def test_inchikey_of_ethanol():
    assert inchikey("OCC") == "LFQSCWFLJHTTHZ-UHFFFAOYSA-N"


@pytest.fixture(params=["rdkit", "plain"])
def renderer(request, monkeypatch):
    """Both drawings: RDKit's, and the one for machines that lack its system libraries."""
    if request.param == "plain":

        def missing(*args):
            raise ImportError("libXrender.so.1")

        monkeypatch.setattr(drawing, "_rdkit_svg", missing)
    else:
        pytest.importorskip("rdkit.Chem.Draw.rdMolDraw2D", exc_type=ImportError)
    return request.param


@pytest.mark.parametrize("smiles", [ORTHO, "F", "[Na+].[Cl-]", "C", "N#CC=C", "C[C@H](N)C(=O)O"], ids=["ortho", "HF", "salt", "methane", "bonds", "chiral"])
def test_svg_can_stand_in_a_page(smiles, renderer):
    text = svg(smiles, 200, 120)
    root = ET.fromstring(text)
    assert root.tag.endswith("svg")
    assert root.get("width") == "200px"
    assert root.get("aria-label") == smiles
    assert "<?xml" not in text
    assert "<rect" not in text
    assert set(re.findall(r"https?://[^'\"]+", text)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_plain_drawing_stays_inside_and_names_hetero_atoms(monkeypatch):
    def missing(*args):
        raise ImportError("libXrender.so.1")

    monkeypatch.setattr(drawing, "_rdkit_svg", missing)
    root = ET.fromstring(svg(ORTHO, 220, 140))
    numbers = [(float(e.get("x1")), float(e.get("y1"))) for e in root if e.tag.endswith("line")]
    assert all(0 <= x <= 220 and 0 <= y <= 140 for x, y in numbers)
    labels = sorted(e.text for e in root if e.tag.endswith("text"))
    assert labels == ["F", "N", "N+", "O", "O", "O-"]


def test_svg_size_is_bounded():
    with pytest.raises(InputError, match="px"):
        svg("C", 10**6, 100)


def test_svg_label_is_escaped():
    assert ET.fromstring(svg("C\\C=C/C")).get("aria-label") == "C\\C=C/C"


SNAR = "[F:1][c:2]1[cH:3][cH:4][cH:5][cH:6][cH:7]1.[NH3:8]>>[NH2:8][c:2]1[cH:3][cH:4][cH:5][cH:6][cH:7]1.[FH:1]"


def test_mapped_reaction():
    assert parse_mapped(SNAR) == (["Fc1ccccc1", "N"], ["Nc1ccccc1", "F"])


def test_mapped_reaction_reads_past_agents_and_left_out_leaving_groups():
    assert parse_mapped("[CH3:1][OH:2].Cl>CCO>[CH3:1][OH:2]") == (["CO", "Cl"], ["CO"])


WRONG_MAPS = {
    "not in reactants": "[CH4:1]>>[CH3:1][OH:2]",
    "element changes": "[CH3:1][OH:2]>>[CH3:1][SH:2]",
    "twice in reactants": "[CH4:1].[CH4:1]>>[CH4:1]",
    "twice in products": "[CH4:1]>>[CH4:1].[CH4:1]",
    "product unmapped": "[CH3:1][OH:2]>>[CH3:1]O",
}


@pytest.mark.parametrize("text", WRONG_MAPS.values(), ids=WRONG_MAPS.keys())
def test_wrong_maps(text):
    with pytest.raises(BalanceError) as caught:
        parse_mapped(text)
    assert caught.value.fix


WRONG_REACTIONS = {
    "no arrow": "CCO",
    "no product": "CCO>>",
    "no reactant": ">>CCO",
    "two arrows": "C>>C>>C",
    "bad SMILES": "[CH4:1]>>C(C",
    "empty": "",
    "none": None,
    "gap": "C..C>>C",
    "long": "C" * 3000 + ">>C",
}


@pytest.mark.parametrize("text", WRONG_REACTIONS.values(), ids=WRONG_REACTIONS.keys())
def test_not_a_reaction(text):
    with pytest.raises(ChemwrightError) as caught:
        parse_mapped(text)
    assert isinstance(caught.value, SubstanceError)


def test_import_is_light():
    code = "import sys, chemwright.structure, chemwright.knowledge; print([m for m in ('rdkit', 'chemicals', 'pint', 'numpy', 'pandas') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
