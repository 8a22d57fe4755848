"""Substances by name, CAS and SMILES; parameter sets; the bundled case."""

import subprocess
import sys
import time
import tomllib
from importlib.metadata import EntryPoint

import pytest

from chemwright.errors import InputError, StorageError, SubstanceError
from chemwright.knowledge import bundled_case, bundled_cases, load_parameter_set, parameter_sets, resolve, sets, write_bundled
from chemwright.knowledge.names import check_digit, near_names
from chemwright.record import ParameterSet, from_json, to_json
from chemwright.structure import molecule


@pytest.mark.parametrize(
    ("name", "cas", "smiles", "mass"),
    [("ethanol", "64-17-5", "CCO", 46.069), ("morpholine", "110-91-8", "C1COCCN1", 87.122), ("triethylamine", "121-44-8", "CCN(CC)CC", 101.193)],
    ids=["ethanol", "morpholine", "triethylamine"],
)
def test_name_cas_and_smiles_agree(name, cas, smiles, mass):
    found = [resolve(text) for text in (name, cas, smiles, name.upper(), f"  {name} ")]
    assert len(set(found)) == 1
    assert (found[0].name, found[0].cas, found[0].smiles) == (name, cas, smiles)
    assert found[0].molar_mass * 1e3 == pytest.approx(mass, abs=2e-3)


@pytest.mark.parametrize(("text", "formula"), [("F", "HF"), ("CCO", "C2H6O"), ("O", "H2O"), ("N", "H3N"), ("CO", "CH4O"), ("C", "CH4"), ("[F]", "F")])
def test_smiles_stays_smiles(text, formula):
    assert resolve(text).formula == formula
    assert resolve(text).smiles == molecule(text).smiles


@pytest.mark.parametrize(("text", "smiles"), [("HF", "F"), ("NaCl", "[Cl-].[Na+]"), ("CO2", "O=C=O"), ("N2", "N#N"), ("H2", "[H][H]"), ("H2O", "O")])
def test_formula_of_one_substance(text, smiles):
    assert resolve(text).smiles == molecule(smiles).smiles


def test_formula_of_several_substances_is_refused():
    with pytest.raises(SubstanceError, match="C2H6O") as caught:
        resolve("C2H6O")
    assert "dimethyl ether" in caught.value.fix


def test_unknown_to_the_tables_still_resolves():
    found = resolve("O=[N+]([O-])c1ccc(N2CCOCC2)cc1N1CCOCC1")
    assert (found.name, found.cas, found.formula) == ("", "", "C14H19N3O4")


def test_foreign_names_that_are_synonyms_resolve():
    assert resolve("morpholin") == resolve("morpholine")
    assert resolve("etanol") == resolve("ethanol")


NEAR = {
    "ethanoll": "ethanol",
    "morpholene": "morpholine",
    "morfoline": "morpholine",
    "trietylamine": "triethylamine",
    "2,4-difluoronitrobenzen": "2,4-difluoronitrobenzene",
    "potasium carbonate": "potassium carbonate",
}


@pytest.mark.parametrize(("wrong", "right"), NEAR.items(), ids=NEAR.keys())
def test_near_misses(wrong, right):
    with pytest.raises(SubstanceError) as caught:
        resolve(wrong, where="case.toml, species X")
    assert f"did you mean {right!r}" in caught.value.fix
    assert caught.value.where == "case.toml, species X"


def test_near_misses_take_less_than_a_second():
    near_names("warm up")
    start = time.process_time()
    near_names("a rather long name that nobody ever gave to any substance " * 5)
    near_names("dimethylaminopyridinee")
    assert time.process_time() - start < 2.0


def test_wrong_check_digit_says_the_right_one():
    assert check_digit("7732-18-5") == 5
    assert check_digit("water") is None
    with pytest.raises(SubstanceError, match="check digit") as caught:
        resolve("64-17-6")
    assert "ends in 5" in caught.value.fix


BAD = {"empty": "", "blank": "   ", "nonsense": "xyzzyq", "long": "a" * 501, "unknown CAS": "1234567-89-5", "none": None, "number": 64, "valence": "CC(C)(C)(C)C"}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_unknown_substance(text):
    with pytest.raises(SubstanceError) as caught:
        resolve(text)
    assert caught.value.fix


def test_smiles_without_names_loads_no_tables():
    code = "import sys; from chemwright.knowledge import resolve; print(resolve('C1COCCN1', names=False), 'chemicals' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "C4H9NO" in out
    assert out.strip().endswith("False")


def test_hone2017_round_trip_and_figures():
    found = load_parameter_set("Hone2017")
    assert from_json(to_json(found), ParameterSet) == found
    per_minute = [found[f"k.r{i}"].value * 60 for i in (1, 2, 3, 4)]
    assert per_minute == pytest.approx([34.7, 1.62, 0.519, 0.978], rel=2e-3)
    assert [found[f"Ea.r{i}"].value for i in (1, 2, 3, 4)] == [33.3, 35.3, 38.9, 44.8]
    assert all(p.log == p.name.startswith("k.") and p.std == (1.0 if p.log else 10.0) for p in found.parameters)
    assert {p.unit for p in found.parameters} == {"L/(mol s)", "kJ/mol"}
    assert found.conditions == {"temperature": 363.15}
    assert found.common_shift_sd == 4.0
    assert found.source.as_bibtex().startswith("@article{Hone2017,")
    assert found.source.doi in found.source.as_bibtex()


def test_every_bundled_set_loads_under_its_name():
    assert "Hone2017" in parameter_sets()
    assert all(load_parameter_set(name).name == name for name in parameter_sets())


@pytest.mark.parametrize("name", ["Hone2018", "hone2017", "", "../Hone2017", "nothing like it"])
def test_unknown_set_lists_what_there_is(name):
    with pytest.raises(InputError) as caught:
        load_parameter_set(name)
    assert "Hone2017" in caught.value.fix


def _plug(monkeypatch, name, value):
    class Point(EntryPoint):
        def load(self):
            if isinstance(value, Exception):
                raise value
            return value

    monkeypatch.setattr(sets, "entry_points", lambda group: [Point(name, "other:thing", group)])


def test_sets_plug_in_by_entry_point(monkeypatch):
    hone = load_parameter_set("Hone2017")
    _plug(monkeypatch, "Other2020", lambda: hone)
    assert "Other2020" in parameter_sets()
    assert load_parameter_set("Other2020") == hone
    _plug(monkeypatch, "Other2020", hone)
    assert load_parameter_set("Other2020") == hone


@pytest.mark.parametrize("value", [ImportError("no module"), lambda: 3, "text"], ids=["fails", "wrong return", "wrong type"])
def test_broken_plug_in_is_named(monkeypatch, value):
    _plug(monkeypatch, "Other2020", value)
    with pytest.raises(InputError, match="Other2020 of other"):
        load_parameter_set("Other2020")


def test_bundled_case_reads_and_resolves():
    assert "snar" in bundled_cases()
    case = tomllib.loads((bundled_case("snar") / "case.toml").read_text(encoding="utf-8"))
    formulas = {key: resolve(text, names=False).formula for key, text in case["species"].items()}
    assert formulas == {"SM": "C6H3F2NO2", "amine": "C4H9NO", "ortho": "C10H11FN2O3", "para": "C10H11FN2O3", "bis": "C14H19N3O4", "HF": "HF"}
    assert case["kinetics"]["prior"] in parameter_sets()
    assert case["case"]["target"] == case["species"]["ortho"]
    assert [r["id"] for r in case["reaction"]] == ["r1", "r2", "r3", "r4"]
    assert "10.1016/j.cej.2018.07.031" in (bundled_case() / "SOURCE.md").read_text(encoding="utf-8")


def test_unknown_case():
    with pytest.raises(InputError, match="no bundled case") as caught:
        bundled_case("snarr")
    assert "'snar'" in caught.value.fix


def test_write_bundled_copies_and_does_not_overwrite(tmp_path):
    written = write_bundled("snar", tmp_path / "new" / "snar")
    assert written.name == "case.toml"
    assert sorted(p.name for p in written.parent.iterdir()) == ["case.toml", "runs.csv"]
    assert written.read_bytes() == (bundled_case() / "case.toml").read_bytes()
    written.write_text("mine")
    with pytest.raises(StorageError, match="overwritten"):
        write_bundled("snar", written.parent)
    assert written.read_text() == "mine"
    write_bundled("snar", written.parent, overwrite=True)
    assert written.read_bytes() == (bundled_case() / "case.toml").read_bytes()


def test_write_bundled_into_a_file_is_a_plain_error(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError):
        write_bundled("snar", tmp_path / "file" / "snar")
