"""``chemwright lab``: from a new file to pictures and claims, as a user types it."""

import csv
import json
import re
import xml.etree.ElementTree as ET

import pytest
from typer.testing import CliRunner

from chemwright.cli import kb_commands, lab_commands  # noqa: F401  (they register their commands)
from chemwright.cli.app import app
from chemwright.experiment.store import load_record

TOML = """
[campaign]
name = "ester"
initial = 4
cost = "40 EUR"
budget = "2000 EUR"

[[variable]]
name = "temperature"
low = "30 degC"
high = "120 degC"

[[variable]]
name = "residence time"
low = "1 min"
high = "10 min"
log = true

[[variable]]
name = "acid"
levels = ["H2SO4", "TsOH"]

[[objective]]
name = "yield"
unit = "%"
low = 0
high = 100
"""
SECOND = '\n[[objective]]\nname = "E-factor"\ngoal = "minimise"\nlow = 0\n'


def run(*arguments, ok=True):
    result = CliRunner().invoke(app, ["lab", *map(str, arguments)])
    assert (result.exit_code == 0) == ok, result.output + str(result.exception)
    return result


def data(*arguments):
    return json.loads(run(*arguments, "--json").stdout)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "ester").mkdir()
    (tmp_path / "ester" / "campaign.toml").write_text(TOML, encoding="utf-8")
    return tmp_path / "ester"


@pytest.fixture
def second(tmp_path):
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "campaign.toml").write_text(TOML + SECOND, encoding="utf-8")
    return tmp_path / "two"


def test_new_from_flags_template_and_nothing(tmp_path):
    flags = (
        "--vary",
        "temperature = 30 to 120 degC",
        "--vary",
        "acid = H2SO4, TsOH",
        "--maximise",
        "yield [%]",
        "--at-most",
        "impurity = 1 %",
        "--rule",
        "temperature <= 110",
        "--cost",
        "40 EUR",
    )
    out = data("new", "a", "--folder", tmp_path / "a", *flags)
    assert out["campaign"] == str(tmp_path / "a" / "campaign.toml")
    assert len(data("suggest", tmp_path / "a", "-n", 3)["proposed"]) == 3
    for kind in ("flow", "screen", "mixture", ""):
        data("new", "b", "--folder", tmp_path / f"b{kind}", *(("--template", kind) if kind else ()))
    assert "is there already" in run("new", "a", "--folder", tmp_path / "a", ok=False).stderr
    assert "did you mean 'screen'" in run("new", "c", "--folder", tmp_path / "c", "--template", "screan", ok=False).stderr
    assert "one choice" in run("new", "c", "--folder", tmp_path / "c", "--vary", "T = 5", "--maximise", "y", ok=False).stderr
    assert "'objective' is missing" in run("new", "c", "--folder", tmp_path / "c", "--vary", "T = 5 to 6", ok=False).stderr
    assert not (tmp_path / "c" / "campaign.toml").exists()
    assert "Look it over" in run("new", "d", "--folder", tmp_path / "d").stdout


def test_new_asks_on_a_terminal(tmp_path, monkeypatch):
    monkeypatch.setattr("chemwright.cli.ask.on_a_terminal", lambda: True)
    answers = "nonsense\ntemperature = 30 to 120 degC\nacid = H2SO4, TsOH\n\nyield [%]\n\n40 EUR\n\n"
    result = CliRunner().invoke(app, ["lab", "new", "q", "--folder", str(tmp_path / "q")], input=answers)
    assert result.exit_code == 0, result.output
    text = (tmp_path / "q" / "campaign.toml").read_text(encoding="utf-8")
    assert text.count("[[variable]]") == 2
    assert 'goal = "maximise"' in text
    assert "is no variable" in result.output


def test_suggest_tell_status_from_first_to_last(folder):
    first = data("suggest", folder, "-n", 4)
    assert [t["id"] for t in first["proposed"]] == first["open"] == ["t1", "t2", "t3", "t4"]
    assert {k: v["unit"] for k, v in first["proposed"][0]["settings"].items() if isinstance(v, dict)} == {"temperature": "degC", "residence time": "min"}
    assert all(30 <= t["settings"]["temperature"]["value"] <= 120 for t in first["proposed"])
    assert data("tell", folder, "t1", "yield=50 %")["best"]["values"] == {"yield": 50.0}
    assert data("tell", folder, "t2", "yield=60 +/- 2 %", "--note", "clear")["told"][0]["stds"] == {"yield": 2.0}
    assert data("tell", folder, "t3", "--failed", "--note", "clogged")["told"][0]["state"] == "failed"
    assert data("tell", folder, "t4", "--abandon")["told"][0]["state"] == "abandoned"
    own = data("tell", folder, "temperature=100 degC", "residence time=300 s", "acid=tsoh", "yield=80")
    assert own["told"][0]["settings"] == {"temperature": {"value": 100.0, "unit": "degC"}, "residence time": {"value": 5.0, "unit": "min"}, "acid": "TsOH"}
    status = data("status", folder)
    assert status["counts"] == {"open": 0, "done": 3, "failed": 1, "abandoned": 1}
    assert (status["spent"], status["budget"], status["currency"]) == (160.0, 2000.0, "EUR")
    table = run("status", folder, "--trials").stdout
    for text in ("3 done, 1 failed", "160 of 2000 EUR", "best so far: t5 with yield 80", "clogged"):
        assert text in table
    next_ = run("suggest", folder, "-n", 2).stdout
    assert "t6" in next_
    assert "expects yield" in next_
    assert "best so far: t5" in run("tell", folder, "t6", "yield=10").stdout
    assert load_record(folder).trials[5].results == {"yield": 0.1}


def test_repeats_and_own_choices_are_put_among_the_open_ones(folder):
    run("suggest", folder, "-n", 1)
    run("tell", folder, "t1", "yield=50 %")
    again = data("suggest", folder, "--repeat", "t1", "-n", 2)["proposed"]
    assert [(t["id"], t["origin"], t["note"]) for t in again] == [("t2", "replicate", "repeats t1"), ("t3", "replicate", "repeats t1")]
    own = data("suggest", folder, "--own", "temperature=100 degC", "--own", "residence time=2", "--own", "acid=TsOH")["proposed"]
    assert own[0]["settings"]["residence time"] == {"value": 2.0, "unit": "min"}
    assert "outside 30 to 120 degC" in run("suggest", folder, "--own", "temperature=130 degC", "--own", "residence time=2", "--own", "acid=TsOH", ok=False).stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["t1", "yeild=5"], "did you mean 'yield'"),
        (["t1", "yield=0.5"], "could be"),
        (["t1", "yield=5 bar"], "'bar'"),
        (["t9", "yield=5"], "no experiment 't9'"),
        (["t1", "t2", "yield=5"], "twice"),
        ([], "nothing is told"),
        (["temperature=350", "residence time=5", "acid=TsOH", "yield=5"], "350 degC or 350 K"),
        (["t1", "yield=5", "--abandon"], "nothing to tell"),
        (["t1", "yield=5", "--csv", "x.csv"], "beside a CSV"),
    ],
    ids=range(9),
)
def test_what_can_not_be_told_says_why_and_changes_nothing(folder, arguments, said):
    run("suggest", folder, "-n", 2)
    before = load_record(folder)
    result = run("tell", folder, *arguments, "--json", ok=False)
    assert result.exit_code == 2
    error = json.loads(result.stdout)["error"]
    assert said in error["message"] + error["fix"]
    assert error["where"]
    assert load_record(folder) == before


def test_a_sheet_goes_out_and_comes_back(folder, tmp_path):
    sheet = tmp_path / "next.csv"
    assert "fill in the figures" in run("suggest", folder, "-n", 3, "--csv", sheet).stdout
    with sheet.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["id", "temperature [degC]", "residence time [min]", "acid", "yield [%]", "failed", "reactor", "note"]
    rows[0]["yield [%]"], rows[1]["failed"], rows[1]["note"] = "0.5", "yes", "=cmd|' /C calc'!A0"
    with sheet.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    out = data("tell", folder, "--csv", sheet)
    assert [(t["id"], t["state"]) for t in out["told"]] == [("t1", "done"), ("t2", "failed")]
    assert out["told"][0]["results"] == {"yield": 0.5}  # the header says per cent: nothing is ambiguous
    assert "1 row without a figure is passed over" in out["words"]
    assert data("tell", folder, "--csv", sheet)["told"] == []
    everything = tmp_path / "all.csv"
    data("export", folder, "--csv", everything)
    text = everything.read_text(encoding="utf-8")
    assert "'=cmd" in text  # no formula for a spreadsheet
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "campaign.toml").write_text(TOML, encoding="utf-8")
    assert len(data("tell", copy, "--csv", everything)["told"]) == 2
    again, first = load_record(copy).trials, load_record(folder).trials
    assert [(t.id, t.state, t.results, t.levels) for t in again] == [(t.id, t.state, t.results, t.levels) for t in first[:2]]
    assert [list(t.numbers.values()) for t in again] == [pytest.approx(list(t.numbers.values()), rel=1e-8) for t in first[:2]]


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("id,yield [bar]\nt1,5\n", "column 'yield [bar]'", "does not fit"),
        ("id,yeild\nt1,5\n", "column 'yeild'", "did you mean 'yield'"),
        ("id,yield [%]\nt1,5\nt2,many\n", "row 3, yield", "number"),
        ("id,yield [%]\nt1,5\nt2\n", "row 3", "1 cells"),
        ("id,yield [%],yield\nt1,5,6\n", "header", "twice"),
        ("id,acid,yield [%]\nt1,HCl,6\n", "row 2, acid", "no level"),
        ("id,yield [%]\nt9,6\n", "row 2", "no experiment"),
        ("id,yield\nt1,0.7\n", "row 2, yield", "could be"),
        ("id,yield [1]\nt1,7\n", "row 2, yield", "above what"),
    ],
    ids=range(9),
)
def test_a_wrong_sheet_says_row_and_column(folder, tmp_path, text, place, said):
    run("suggest", folder, "-n", 2)
    (tmp_path / "r.csv").write_text(text, encoding="utf-8")
    error = json.loads(run("tell", folder, "--csv", tmp_path / "r.csv", "--json", ok=False).stdout)["error"]
    assert said in error["message"] + error["fix"]
    assert error["where"].startswith("r.csv")
    assert place in error["where"]
    assert all(t.state == "open" for t in load_record(folder).trials)


@pytest.mark.parametrize("head", ["yield", "yield [%]", "yield [1]"])
def test_a_cell_with_its_own_unit_wins(folder, tmp_path, head):
    run("suggest", folder, "-n", 1)
    (tmp_path / "r.csv").write_text(f"id;{head};temperature\nt1;0,5 %;343.15 K\n".replace(",", "."), encoding="utf-8")
    assert data("tell", folder, "--csv", tmp_path / "r.csv")["told"][0]["results"] == {"yield": 0.5}


def filled(folder, n=8):
    """A campaign with some experiments, one failed, one repeated."""
    names = [t["id"] for t in data("suggest", folder, "-n", n)["proposed"]]
    objectives = load_record(folder).objectives
    for k, name in enumerate(names[1:]):
        run("tell", folder, name, f"yield={20 + 7 * k} %", *([f"E-factor={30 - k * (k - 3)}"] if len(objectives) > 1 else []))
    run("tell", folder, names[0], "--failed", "--note", "clogged")


def test_pictures(folder, second, tmp_path):
    for place, charts in (
        (folder, {"trace", "parallel coordinates", "slices", "chance of success"}),
        (second, {"trace", "front", "parallel coordinates", "slices", "chance of success"}),
    ):
        filled(place)
        run("suggest", place, "-n", 1)
        out = data("plot", place, "--out", tmp_path / "c.html")
        assert set(out["charts"]) == charts
        page = (tmp_path / "c.html").read_text(encoding="utf-8")
        assert not re.search(r'(src|href)="?http', page)
        for drawing in re.findall(r"<svg.*?</svg>", page, re.S):
            ET.fromstring(drawing)
        assert "residence time [min]" in page
        assert "nan" not in page.lower().replace("nano", "")
        data("plot", place, "--out", tmp_path / "c.svg")
        root = ET.parse(tmp_path / "c.svg").getroot()
        assert root.tag.endswith("svg")
    assert "end the name with" in run("plot", folder, "--out", tmp_path / "c.png", ok=False).stderr
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "campaign.toml").write_text(TOML, encoding="utf-8")
    assert data("plot", empty, "--out", tmp_path / "e.html")["charts"] == ["trace"]


def test_experiments_and_the_best_go_into_a_knowledge_base(folder, tmp_path):
    from sqlalchemy import func, select

    from chemwright.knowledge.base import open_base
    from chemwright.knowledge.base.schema import entry

    filled(folder)
    base = tmp_path / "lab.kb"
    out = data("export", folder, "--to-kb", base, "--about", "ethyl acetate")
    assert out["entered"] == 8
    assert data("export", folder, "--to-kb", base, "--about", "ethyl acetate")["entered"] == 8  # nothing is there twice
    with open_base(base) as kb, kb.reading() as connection:
        assert connection.execute(select(func.count()).select_from(entry)).scalar() == 8
    shown = json.loads(CliRunner().invoke(app, ["kb", "show", "ethyl acetate", "--kb", str(base), "--json"]).stdout)
    text = json.dumps(shown)
    assert '"yield"' in text
    assert "0.62" in text
    assert "best by yield of 8 experiments" in text
    assert "nowhere to export" in run("export", folder, ok=False).stderr


def test_borrow(folder, second):
    (folder / "campaign.toml").write_text(TOML.replace("initial = 4\n", ""), encoding="utf-8")
    filled(second)
    assert data("borrow", folder, second)["borrowed"] == 8
    assert "no experiment of 'ester' fits" in run("borrow", folder, second, ok=False).stderr
    assert data("suggest", folder, "-n", 1)["proposed"][0]["origin"] == "planner"


def test_no_campaign_there_is_said(tmp_path):
    error = json.loads(run("status", tmp_path / "none", "--json", ok=False).stdout)["error"]
    assert "no campaign here" in error["message"]
    assert "chemwright lab new" in error["fix"]


def test_the_how_to_runs_as_it_is_written(tmp_path, monkeypatch):
    import shlex
    from pathlib import Path

    monkeypatch.chdir(tmp_path)
    text = (Path(__file__).parents[1] / "docs" / "how-to" / "campaign.md").read_text(encoding="utf-8")
    lines = [line for block in re.findall(r"```sh\n(.*?)```", text, re.S) for line in block.splitlines()]
    assert len(lines) > 12
    for line in lines:
        if "--csv next.csv --replace" in line:
            sheet = tmp_path / "next.csv"
            rows = sheet.read_text(encoding="utf-8").splitlines()
            sheet.write_text("\n".join([rows[0], *(re.sub(r",,,,$", ",70,,,", r) for r in rows[1:2])]) + "\n", encoding="utf-8")
        result = CliRunner().invoke(app, shlex.split(line)[1:])
        assert result.exit_code == 0, line + result.output
    (code,) = re.findall(r"```python\n(.*?)```", text, re.S)
    exec(compile(code, "campaign.md", "exec"), {})
    assert (tmp_path / "ester.lab" / "journal.jsonl").is_file()
    assert {"suzuki.html", "suzuki.svg", "all.csv", "knowledge.kb"} <= {p.name for p in tmp_path.iterdir()}
