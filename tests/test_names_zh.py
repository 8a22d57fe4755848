"""Chinese names of substances: each row of the list holds against the identifier tables, and each way in finds the substance."""

import csv
import json
import subprocess
import sys
from importlib.resources import files

import pytest

from chemwright.case.read import read_case
from chemwright.errors import SubstanceError
from chemwright.knowledge import bundled_case, names, names_zh
from chemwright.knowledge.base import open_base
from chemwright.knowledge.identity import identify
from chemwright.knowledge.intake import import_claims, open_table, start
from chemwright.knowledge.profile import profile
from chemwright.knowledge.search import search
from chemwright.knowledge.substances import resolve

LIST = files("chemwright") / "data" / "core" / "names_zh.csv"
ROWS = list(csv.DictReader(LIST.read_text(encoding="utf-8").splitlines()))
# independent of the list: SMILES as a chemist writes them
KNOWN = {
    "乙醇": "CCO", "酒精": "CCO", "醋酸乙酯": "CCOC(C)=O", "四氢呋喃": "C1CCOC1", "二氯甲烷": "ClCCl", "三乙胺": "CCN(CC)CC", "烧碱": "[Na+].[OH-]", "硫酸": "OS(=O)(=O)O", "异丙醇": "CC(C)O",
    "对甲苯磺酸": "Cc1ccc(cc1)S(=O)(=O)O", "环己酮": "O=C1CCCCC1", "己内酰胺": "O=C1CCCCCN1", "双酚A": "CC(C)(c1ccc(O)cc1)c1ccc(O)cc1", "碳酸钾": "[K+].[K+].[O-]C([O-])=O", "丙烯腈": "C=CC#N",
    "环氧乙烷": "C1CO1", "光气": "ClC(Cl)=O", "乙酰水杨酸": "CC(=O)Oc1ccccc1C(=O)O", "布洛芬": "CC(C)Cc1ccc(cc1)C(C)C(=O)O", "对乙酰氨基酚": "CC(=O)Nc1ccc(O)cc1", "丙氨酸": "C[C@H](N)C(=O)O",
    "2,4-二氟硝基苯": "O=[N+]([O-])c1ccc(F)cc1F", "顺-2-丁烯": "C/C=C\\C", "马来酸": "OC(=O)/C=C\\C(=O)O", "富马酸": "OC(=O)/C=C/C(=O)O", "苯": "c1ccccc1", "邻二甲苯": "Cc1ccccc1C", "双氧水": "OO",
}  # fmt: skip


def test_the_list_is_long_and_its_names_are_unique_chinese_and_clean():
    assert len(ROWS) >= 700
    assert len({r["cas"] for r in ROWS}) >= 500
    assert len({names_zh.folded(r["zh"]) for r in ROWS}) == len(ROWS)
    for r in ROWS:
        assert names_zh.is_chinese(r["zh"]), r
        assert all(v == v.strip() and v for v in r.values()), r
        assert len(r["zh"]) <= names_zh.MAX_NAME, r


def test_every_number_is_in_the_tables_and_is_what_the_english_name_means():
    wrong = []
    for r in ROWS:
        entry = names.by_cas(r["cas"])
        if names.check_digit(r["cas"]) != int(r["cas"][-1]) or entry is None or entry.CASs != r["cas"]:
            wrong.append((r, "number"))
            continue
        meant = resolve(r["en"])
        if meant.cas != r["cas"] and meant.smiles != resolve(r["cas"]).smiles:
            wrong.append((r, meant.cas))
    assert wrong == []


@pytest.mark.parametrize(("name", "smiles"), KNOWN.items(), ids=KNOWN.keys())
def test_a_name_means_the_structure(name, smiles):
    assert resolve(name).smiles == resolve(smiles).smiles
    assert identify(name).key == identify(smiles).key


WRITTEN = {
    "N，N－二甲基甲酰胺": "68-12-2", "N、N-二甲基甲酰胺": "68-12-2", "ｎ,ｎ-二甲基甲酰胺": "68-12-2", "N,N—二甲基甲酰胺": "68-12-2", " N,N- 二甲基 甲酰胺": "68-12-2", "１，２－二氯乙烷": "107-06-2", "1、2-二氯乙烷": "107-06-2",
    "1.2-二氯乙烷": "107-06-2", "双酚ａ": "80-05-7", "邻苯二甲酸二（2-乙基己）酯": "117-81-7", "N,N′-二环己基碳二亚胺": "538-75-0", "1,8-二氮杂二环【5.4.0】十一碳-7-烯": "6674-22-2",
}  # fmt: skip


@pytest.mark.parametrize(("written", "cas"), WRITTEN.items(), ids=WRITTEN.keys())
def test_full_width_signs_and_chinese_punctuation_make_no_difference(written, cas):
    assert resolve(written).cas == cas


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("已内酰胺", "己内酰胺"),
        ("乙酸已酯", "乙酸己酯"),
        ("乙淳", "乙醇"),
        ("乙酸乙脂", "乙酸乙酯"),
        ("氯化氨", "氯化铵"),
        ("甲笨", "甲苯"),
        ("四氢夫喃", "四氢呋喃"),
        ("三乙按", "三乙胺"),
        ("对甲苯黄酸", "对甲苯磺酸"),
        ("N,N-二甲基甲醯胺", "N,N-二甲基甲酰胺"),
    ],
)
def test_near_misses_are_chinese(wrong, right):
    with pytest.raises(SubstanceError) as caught:
        resolve(wrong, where="case.toml, species X")
    assert repr(right) in caught.value.fix
    assert caught.value.where == "case.toml, species X"


def test_an_unknown_chinese_name_stands_for_itself_and_is_found_wanting_fast():
    assert names.near_names("神秘的未知混合溶剂") == []
    assert names.near_names("乙" * 500) == []
    assert names.by_name("神秘溶剂") is None
    assert identify("神秘溶剂").kind == "name"


@pytest.fixture(scope="module")
def core_small(core_path):
    with open_base(core_path, read_only=True) as base:
        yield base


@pytest.mark.parametrize("name", ["乙醇", "酒精", "无水乙醇", "64-17-5"])
def test_the_core_knows_its_substances_by_their_chinese_names(core_small, name):
    shown = profile(core_small, name, "normal_boiling_point")
    assert shown["substance"]["cas"] == "64-17-5"
    assert "乙醇" in shown["substance"]["synonyms"]
    assert [f.record.cas for f in search(core_small, f"name:{name}")] == ["64-17-5"]


def test_the_core_finds_them_in_full_text_and_as_variants(core_small):
    assert "64-17-5" in [f.record.cas for f in search(core_small, "text:酒精")]
    assert core_small.substance("1、2-二氯乙烷").cas == "107-06-2"


def test_a_table_with_chinese_names_is_filed_under_the_substances(tmp_path):
    path = tmp_path / "密度.csv"
    path.write_bytes("名称,密度 [kg/m3]\n乙醇,789.3\n甲苯,866.9\nN，N－二甲基甲酰胺,944\n神秘溶剂,900\n".encode("gbk"))
    with open_base(tmp_path / "own.kb", create=True) as kb:
        mapping = start(kb, open_table(path)).answer("(source)", "notebook 3").mapping()
        report = import_claims(kb, open_table(path), mapping)
        assert report.claims == 4
        assert kb.claims("ethanol", "density")[0].record.value == 789.3
        assert {kb.substance(n).cas for n in ("甲苯", "dimethylformamide", "二甲基甲酰胺")} == {"108-88-3", "68-12-2"}
        assert kb.substance("神秘溶剂").kind == "name"
        assert [f.record.cas for f in search(kb, "name:酒精")] == ["64-17-5"]  # never told to this base


def test_a_case_file_in_chinese_is_the_same_case(tmp_path):
    text = (bundled_case("snar") / "case.toml").read_text(encoding="utf-8")
    (tmp_path / "runs.csv").write_bytes((bundled_case("snar") / "runs.csv").read_bytes())
    (tmp_path / "case.toml").write_text(text, encoding="utf-8")
    english = read_case(tmp_path / "case.toml")
    for old, new in (('"O=[N+]([O-])c1ccc(F)cc1F"', '"2、4-二氟硝基苯"'), ('"C1COCCN1"', '"吗啉"'), ('= "F" ', '= "氢氟酸" '), ('"ethanol"', '"无水乙醇"')):
        assert old in text
        text = text.replace(old, new)
    (tmp_path / "case.toml").write_text(text, encoding="utf-8")
    assert [s.smiles for s in read_case(tmp_path / "case.toml").species] == [s.smiles for s in english.species]


def test_props_takes_a_chinese_name():
    run = subprocess.run([sys.executable, "-m", "chemwright", "props", "乙醇", "--json"], capture_output=True, text=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stderr
    assert "64-17-5" in json.dumps(json.loads(run.stdout))
