"""The knowledge base on the command line: every verb once, JSON alone on stdout, plain errors with status 2, nothing half-done."""

import json

import pytest
from typer.testing import CliRunner

import chemwright as cw
from chemwright.cli import case_commands, kb_commands, kb_find, kb_import, kb_keep, kb_mining, new_command, report_commands  # noqa: F401  (they register their commands)
from chemwright.cli.app import app


def run(*arguments, status=0):
    result = CliRunner().invoke(app, ["kb", *map(str, arguments)])
    assert result.exit_code == status, result.output
    return result


def answer(*arguments, status=0):
    return json.loads(run(*arguments, "--json", status=status).stdout)


@pytest.fixture
def kb(tmp_path, monkeypatch):
    path = tmp_path / "lab.kb"
    monkeypatch.setenv("CHEMWRIGHT_KB", str(path))
    assert answer("init", path, "--no-core")["counts"] == {"substance": 0, "claim": 0, "source": 1}
    return path


def add(*more):
    return answer("add", "ethanol", "boiling_point", "78.4 degC +/- 0.2 K", "--at", "pressure=1atm", "--source", "notebook 12", *more)


def test_a_claim_in_and_out(kb):
    made = add("--visibility", "public", "--licence", "CC-BY-4.0")
    assert made["value"] == pytest.approx(351.55)
    assert made["std"] == pytest.approx(0.2)
    assert made["conditions"] == {"pressure": 101325.0}
    shown = answer("show", "64-17-5")
    assert shown["properties"][0]["claims"][0]["key"] == made["key"]
    assert answer("show", made["key"][:8])["record"]["source"].startswith("experiment:")
    assert answer("search", "name:ethanol")["rows"][0]["smiles"] == "CCO"
    assert answer("search", "boiling_point 350..352 K", "--find", "claims", "--count")["total"] == 1
    assert answer("stats")["counts"]["claim"] == 1
    assert "ethanol" in run("show", "ethanol").stdout


def test_the_same_claim_twice_is_one(kb):
    assert add()["key"] == add()["key"]
    assert answer("stats")["counts"]["claim"] == 1


def test_changes_are_kept_with_their_reasons(kb):
    key = add()["key"]
    answer("label", key, "--add", "checked")
    assert answer("search", "label:checked", "--find", "claims", "--count")["total"] == 1
    answer("retract", key[:8], "--why", "a slip")
    assert answer("search", "boiling_point > 0 K", "--find", "claims", "--count")["total"] == 0
    answer("restore", key, "--why", "it was right")
    new = answer("add", "ethanol", "Tb", "351.4 K", "--at", "pressure=1atm")["key"]
    answer("supersede", key, "--by", new, "--why", "measured anew")
    assert [h["what"] for h in answer("history", key)["history"]] == ["superseded", "trusted", "retracted", "label"]


def test_own_properties(kb, tmp_path):
    table = tmp_path / "own.csv"
    table.write_text("name,unit,description,category\nlab:foam_life,s,Time until half of a foam is gone.,quality\n", encoding="utf-8")
    assert answer("properties", "--add", table)["added"] == ["lab:foam_life"]
    assert answer("add", "water", "lab:foam_life", "12 min")["value"] == pytest.approx(720.0)
    assert answer("properties", "viscosity")["properties"][0]["zh"] == "粘度"


def test_export_and_import_and_verify(kb, tmp_path):
    add("--visibility", "public", "--licence", "CC-BY-4.0")
    answer("add", "benzene", "density", "0.8765 g/mL", "--at", "temperature=20degC")
    said = answer("export", tmp_path / "p.zip", status=2)["error"]
    assert "private" in said["message"]
    written = answer("export", tmp_path / "p.zip", "--leave-out")
    assert written["records"]["claim"] == 1
    assert len(written["left_out"]) >= 1
    other = tmp_path / "other.kb"
    answer("init", other, "--no-core")
    answer("import", tmp_path / "p.zip", "--kb", other)
    assert answer("search", "name:ethanol", "--find", "claims", "--count", "--kb", other)["total"] == 1
    for name in ("c.csv", "c.jsonl"):
        answer("export", tmp_path / name, "--query", "visibility:public")
        assert "351.55" in (tmp_path / name).read_text(encoding="utf-8-sig")
    assert answer("verify", other)["ok"]
    assert answer("migrate", other, tmp_path / "third.kb")["rows"]["claim"] == 1
    assert answer("backup")["backup"].endswith(".bak")
    data = bytearray(kb.read_bytes())
    for i in range(5000, 9000):
        data[i] ^= 0x55
    kb.write_bytes(bytes(data))
    assert not answer("verify", kb, status=1)["ok"]
    assert answer("verify", kb, "--restore")["restored"]
    assert answer("verify", kb)["ok"]


def test_a_table_is_proposed_mapped_remembered(kb, tmp_path):
    table = tmp_path / "数据.csv"
    table.write_bytes("物质,沸点 (℃),密度 / g cm-3\nethanol,78.3,0.789\nbenzene,80.1,0.877\n".encode("gb18030"))
    guess = answer("import", table, "--propose")
    assert [c["property"] for c in guess["columns"]] == ["", "normal_boiling_point", "density"]
    made = answer("import", table, "--yes", "--source", "实验记录 12")
    assert made["claims"] == 4
    assert made["read_as"].startswith("gb18030")
    assert answer("import", table, "--yes", "--source", "实验记录 12")["claims"] == 0
    bad = tmp_path / "bad.csv"
    bad.write_text("name,Tb [degC]\nethanol,78\nbenzene,80\nacetone,56\nwater,warm\n", encoding="utf-8")
    said = answer("import", bad, "--yes", status=2)["error"]
    assert "row 5" in said["where"]
    assert said["fix"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "unobtainium"), "not in the base"),
        (("add", "ethanol", "boilng_point", "350 K"), "boiling_point"),
        (("add", "ethanol", "boiling_point", "350 kg"), "boiling_point"),
        (("add", "ethanol", "boiling_point", "-5 K"), ""),
        (("add", "ethanol", "boiling_point", "350 K", "--at", "presure=1atm"), "pressure"),
        (("label", "abcdef"), "no record"),
        (("retract", "abcdef", "--why", "x"), "no record"),
        (("search", "boiling_point >"), ""),
        (("search", "nam:ethanol"), ""),
        (("export", "x.docx"), "form"),
        (("import", "nothing.csv"), "nothing.csv"),
        (("mine", "nothing.pdf"), "nothing.pdf"),
        (("conflicts", "boilng_point"), "boiling_point"),
    ],
    ids=lambda v: " ".join(v[:2]) if isinstance(v, tuple) else None,
)
def test_bad_input_is_named(kb, arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    error = answer(*arguments, status=2)["error"]
    assert error["kind"] != "bug"
    assert said in error["message"] + error["where"] + error["fix"]
    assert answer("stats")["counts"]["claim"] == 0


def test_no_base_and_not_a_base(tmp_path):
    error = answer("stats", "--kb", tmp_path / "none.kb", status=2)["error"]
    assert "kb init" in error["fix"]
    junk = tmp_path / "junk.kb"
    junk.write_bytes(b"not a database at all, and long enough to be looked at" * 10)
    assert "no knowledge base" in answer("stats", "--kb", junk, status=2)["error"]["message"]
    with cw.knowledge.open(tmp_path / "a.kb", create=True, who="me") as base:
        assert base.counts()["claim"] == 0


class Asked:
    """Stands in for a wizard: fails once in the way given, then takes the answer."""

    def __init__(self, error):
        self.errors = [error]

    def answer(self, key, reply):
        if self.errors:
            raise self.errors.pop()
        return (key, reply)


def test_a_senseless_answer_is_asked_again_and_a_bug_is_not_hidden(monkeypatch):
    from chemwright.cli.kb_wizard import _asked
    from chemwright.errors import InputError
    from chemwright.knowledge.intake.propose import Question

    monkeypatch.setattr("typer.prompt", lambda *a, **k: "density")
    assert _asked(Asked(InputError("means nothing")), Question("rho", "what is it?")) == ("rho", "density")
    with pytest.raises(ZeroDivisionError):
        _asked(Asked(ZeroDivisionError()), Question("rho", "what is it?"))
