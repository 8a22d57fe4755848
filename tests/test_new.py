"""`chemwright new`: flags, questions, what is assumed, what is missing; the file it writes is read, and runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chemwright.case import Case, read_case
from chemwright.case.draft import Draft, by_product, completed, response_of
from chemwright.case.draft_file import write_draft
from chemwright.case.names import folder_name
from chemwright.cli import ask, new_command  # noqa: F401  (registers the command)
from chemwright.cli.app import app
from chemwright.errors import BalanceError, ChemwrightError, InputError, StorageError
from chemwright.knowledge import bundled_case

ORTHO, SM = "O=[N+]([O-])c1ccc(F)cc1N1CCOCC1", "O=[N+]([O-])c1ccc(F)cc1F"
FLAGS = ("--target", ORTHO, "--species", "sm=2,4-difluoronitrobenzene", "--species", "amine=morpholine")


@pytest.fixture
def runs(tmp_path) -> Path:
    path = tmp_path / "measured.csv"
    path.write_bytes((bundled_case("snar") / "runs.csv").read_bytes())
    return path


def run(*arguments, said=None):
    return CliRunner().invoke(app, ["new", *map(str, arguments)], input=said)


def test_flags_write_a_case_that_is_ready(tmp_path, runs):
    result = run("ortho", "--folder", tmp_path / "o", *FLAGS, "--runs", runs, "--capacity", "5 t/year", "--json")
    out = json.loads(result.stdout)
    assert (result.exit_code, out["ready"], out["missing"]) == (0, True, [])
    assert any("sm + amine -> product + HF" in a for a in out["assumed"])
    assert any(a.startswith("base: triethylamine") for a in out["assumed"])
    assert not any("capacity" in a for a in out["assumed"])
    record = read_case(tmp_path / "o" / "case.toml")
    assert [r.text for r in record.reactions] == ["sm + amine -> product + HF"]
    assert len(record.experiments.values) == 66
    assert record.experiments.response == "e_factor"
    assert record.prior.common_shift_sd == 4.0
    assert "# 2,4-difluoronitrobenzene" not in (tmp_path / "o" / "case.toml").read_text(encoding="utf-8")  # the comment says what the value does not
    assert "CAS 446-35-5" in (tmp_path / "o" / "case.toml").read_text(encoding="utf-8")


def test_reactions_and_a_named_prior_are_taken_as_given(tmp_path, runs):
    species = [f"--species={k}" for k in (f"SM={SM}", "amine=morpholine", f"ortho={ORTHO}", "para=O=[N+]([O-])c1ccc(N2CCOCC2)cc1F", "HF=F")]
    result = run("o", "--folder", tmp_path / "o", "--target", "ortho", *species, "--reaction", "SM + amine -> ortho + HF", "--reaction", "SM + amine -> para + HF",
                 "--prior", "Hone2017", "--solvent", "water", "--base", "pyridine", "--runs", runs, "--json")  # fmt: skip
    assert json.loads(result.stdout)["assumed"] == ["capacity: 100 t/year", "purity: 98 wt%", "measured column: e_factor"]
    record = read_case(tmp_path / "o" / "case.toml")
    assert [(r.id, r.text) for r in record.reactions] == [("r1", "SM + amine -> ortho + HF"), ("r2", "SM + amine -> para + HF")]
    assert record.species_by_id(record.plant.base).name == "pyridine"
    assert record.prior["k.r1"].std == 1.0  # the set's own width


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--target", "morpholne"), "'morpholine'"),
        (("--species", "sm=CCO"), "no product given"),
        (("--target", "CCO", "--species", "sm"), "not KEY=SUBSTANCE"),
        (("--target", "CCO", "--species", "sm=C", "--species", "sm=CC"), "given twice"),
        (("--target", "CCO", "--species", "solvent=C"), "no key for a species"),
        (("--target", "CCO", "--species", "a=c1ccccc1"), "does not balance"),
        (("--target", "CCO"), "no reactant"),
        ((*FLAGS, "--capacity", "5 kg"), "[case] capacity"),
        ((*FLAGS, "--purity", "120 %"), "purity"),
        ((*FLAGS, "--reaction", "sm + amin -> product"), "'amine'"),
        ((*FLAGS, "--prior", "Hone2018"), "Hone2017"),
        ((*FLAGS, "--runs", "none.csv"), "file not found"),
        ((*FLAGS, "--solvent", "ethanl"), "'ethanol'"),
    ],
)
def test_a_wrong_flag_writes_nothing(tmp_path, flags, said):
    result = run("x", "--folder", tmp_path / "x", *flags)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (tmp_path / "x").exists()


def test_without_runs_it_says_so_and_writes_the_header(tmp_path):
    out = json.loads(run("x", "--folder", tmp_path / "x", *FLAGS, "--response", "conversion", "--json").stdout)
    assert not out["ready"]
    assert "no runs yet" in out["missing"][-1]
    assert (tmp_path / "x" / "runs.csv").read_text(encoding="utf-8") == "residence_time [min],equivalents [-],concentration [mol/L],temperature [degC],conversion [%]\n"
    with pytest.raises(ChemwrightError, match="header and no runs"):
        read_case(tmp_path / "x" / "case.toml")


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (Draft("x", "butyl acetate", {"a": "1-butanol", "b": "acetic acid"}), "crystallisation"),
        (Draft("x", ORTHO, {"a": ORTHO.replace("N1CCOCC1", "F"), "b": "morpholine", "p": ORTHO, "q": "F"}, ("a + 2 b -> p + q + b",)), "does not suit the reactions"),
    ],
    ids=["a liquid product", "another order than the prior's"],
)
def test_chemistry_that_cannot_run_is_said_up_front(tmp_path, draft, said):
    assert said in " ".join(write_draft(draft, tmp_path / "x").missing)


def test_too_few_runs_are_said_up_front(tmp_path, runs):
    runs.write_text("\n".join(runs.read_text(encoding="utf-8").splitlines()[:2]) + "\n", encoding="utf-8")
    (text,) = write_draft(Draft("x", ORTHO, {"sm": SM, "amine": "morpholine"}, runs=runs), tmp_path / "x").missing
    assert "1 runs for 1 rate constants" in text


def test_it_never_overwrites(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "runs.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(StorageError, match="overwritten"):
        write_draft(Draft("x", "CCO", {"a": "C"}), tmp_path / "x")
    assert run("x", "--folder", tmp_path / "x", "--yes").exit_code == 2
    assert (tmp_path / "x" / "runs.csv").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("reactants", "product", "found"),
    [({"a": "CCCCO", "b": "CC(=O)O"}, "CCCCOC(C)=O", ("water", "O")), ({"a": SM, "b": "C1COCCN1"}, ORTHO, ("HF", "F")), ({"a": "C=C", "b": "O"}, "CCO", None)],
    ids=["esterification", "substitution", "addition"],
)
def test_by_products_come_from_the_elements(reactants, product, found):
    assert by_product(reactants, product) == found
    with pytest.raises(BalanceError, match="H left over"):
        by_product({**reactants, "c": "CCCCCC"}, product)


def test_small_molecules_differ_in_their_formula():
    from chemwright.case.draft import SMALL
    from chemwright.structure import molecule

    assert len({tuple(sorted(molecule(s).elements.items())) for s in SMALL.values()}) == len(SMALL)


@pytest.mark.parametrize(("header", "said"), [("temperature [K],yeild [-]", "'yield'"), ("temperature [K],yield [-],conversion [-]", "--response")])
def test_the_measured_column_is_found_or_asked_for(tmp_path, header, said):
    (tmp_path / "r.csv").write_text(header + "\n1,1\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        response_of(tmp_path / "r.csv", [])
    assert said in str(caught.value)
    (tmp_path / "r.csv").write_text("\ufeffyield [-],temperature [K]\r\n", encoding="utf-8")
    assert response_of(tmp_path / "r.csv", []) == "yield"


def test_the_target_may_be_a_key_that_reads_as_smiles():
    full, _ = completed(Draft("x", "P", {"P": "CCO", "N": "C=C", "W": "O"}))
    assert (full.target, full.reactions) == ("P", ("N + W -> P",))


def test_questions_are_asked_again_until_the_answer_holds(tmp_path, runs, monkeypatch):
    monkeypatch.setattr(ask, "on_a_terminal", lambda: True)
    lines = [
        "2-fluoro", ORTHO, "2,4-difluoronitrobenzne", "2,4-difluoronitrobenzene", "2,4-difluoronitrobenzene", "morpholine",
        "", "5", "5 kg", "5 t/year", "", "", "nothing.csv", str(runs),
    ]  # fmt: skip
    result = run("ortho", "--folder", tmp_path / "o", said="\n".join(lines) + "\n")
    assert result.exit_code == 0, result.stderr
    for text in (
        "did you mean '2,4-difluoronitrobenzene'",
        "given already",
        "has no unit",
        "expected",
        "file not found",
        "66 runs, measured: e_factor",
        "CAS 110-91-8",
        "sm + reagent -> product + HF",
    ):
        assert text in result.stderr, text
    record = read_case(tmp_path / "o" / "case.toml")
    assert record.plant.capacity == pytest.approx(5000 / (365.25 * 86400), rel=1e-3)
    assert record.species_by_id(record.plant.base).name == "triethylamine"


def test_a_by_product_that_is_not_small_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(ask, "on_a_terminal", lambda: True)
    lines = ["CCOC(C)=O", "CC(=O)OC(C)=O", "ethanol", "benzene", "acetic acid", "water", "", "", ""]
    result = run("ester", "--folder", tmp_path / "e", said="\n".join(lines) + "\n")
    assert "sm + reagent -> product + acetic_acid" in result.stderr  # in the list of small molecules
    lines = ["CCCCOC(=O)CC", "CCC(=O)OC(=O)CC", "1-butanol", "benzene", "propanoic acid", "water", "", "", ""]
    result = run("ester", "--folder", tmp_path / "f", said="\n".join(lines) + "\n")
    assert "does not balance" in result.stderr
    assert [r.text for r in read_case_without_runs(tmp_path / "f")] == ["sm + reagent -> product + by_product"]


def read_case_without_runs(folder):
    path = folder / "case.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("[experiments]")] + text[text.index("[plant]") :], encoding="utf-8")
    return read_case(path).reactions


def test_broken_off_questions_write_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(ask, "on_a_terminal", lambda: True)
    assert run("x", "--folder", tmp_path / "x", said="CCO\n").exit_code != 0
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("butyl acetate", "butyl-acetate"), ("con", "con-case"), ("AUX.toml", "AUX-case.toml"), ("com1", "com1-case"), ("console", "console"), ("a: b?", "a-b"), ("x.", "x"),
        ("乙酸丁酯 二期", "乙酸丁酯-二期"), ("a/../b", "a-..-b"), ("..", None), ("  ", None), ("a" * 90, "a" * 60), ("丁" * 90, "丁" * 60), ("𠀀" * 90, "𠀀" * 45),
    ],
)  # fmt: skip
def test_folders_that_windows_takes_too(name, folder):
    if folder is None:
        with pytest.raises(InputError):
            folder_name(name)
        return
    made = folder_name(name)
    assert made == folder
    assert len(made.encode()) <= 180
    assert not set(made) & set('<>:"/\\|?*')


@pytest.mark.slow
def test_the_case_from_flags_develops(tmp_path, runs):
    shutil.copy(runs, tmp_path / "流动 数据.csv")
    written = write_draft(Draft("正交 产物", ORTHO, {"sm": SM, "amine": "morpholine"}, runs=tmp_path / "流动 数据.csv"), tmp_path / "o")
    out = Case.from_toml(written.path).develop()
    assert out["kinetics"]["parameters"]["k.r1"]["informed"]
    assert 5 < out["design"]["cost"]["value"] < 500
    assert Path(out["report"]).is_file()
