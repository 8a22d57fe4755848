"""The command line: JSON alone on stdout, one plain message for an error, tables for people, an example in every help."""

import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from chemwright.case import Case, demo_case
from chemwright.cli import (
    commands,  # noqa: F401  (its modules register their commands)
    main,
)
from chemwright.cli.app import app
from chemwright.cli.session import progress_bar, session
from chemwright.errors import InputError

COMMANDS = (
    "doctor", "demo", "new", "develop", "report", "fit", "design", "explain", "next", "diff", "decide", "citations", "kb", "props", "mix", "reactor", "kinetics", "lab", "check", "completion", "version",
)  # fmt: skip
GROUPS = {g.name or g.typer_instance.info.name: g.typer_instance for g in app.registered_groups}
CAUSES = [{"cause": f"price of [red]A{i}[/red]", "tier": "estimated", "source": "estimate", "share": 0.05, "root": f"p{i}", "details": []} for i in range(20)]
REACTOR = """
[reactor]
type = "pfr"
volume = "1.5 m^3"
temperature = "330 K"
[feed]
flow = "17.5 m^3/h"
concentration = { A = "9.3 mol/L", B = "0 mol/L" }
[[reaction]]
text = "A <-> B"
k = { value = "31.1 1/h", at = "360 K", Ea = "65.7 kJ/mol" }
K = { value = 3.03, at = "333.15 K", dH = "-6.9 kJ/mol" }
"""


def figure(value, unit="USD/kg"):
    return {"value": value, "std": 1.234, "unit": unit}


@pytest.fixture
def loop(monkeypatch):
    """Quick stand-ins for the steps; the fit prints where it should not."""
    fit = {
        "parameters": {"k.r1": {"value": 2.0512, "std": 0.123, "prior_std": 2.0, "unit": "L/(mol min)", "informed": True}},
        "rmse": 0.1,
        "loo": {"mechanism": 0.2, "learner": 0.3, "hybrid": 0.1},
        "n": 66,
        "converged": True,
    }
    design = {
        "cost": figure(31.2),
        "e_factor": figure(9.1, "1"),
        "co2e": figure(21.0, "kg/kg"),
        "front": [{"cost": figure(31.2), "e_factor": figure(9.1, "1"), "co2e": figure(21.0)}] * 2,
    }
    steps = [{"experiment": "supplier's quotation", "tier": "flowsheet", "cost": 100.0, "expected_reduction": 0.31, "per_cost": 0.0031}]

    def noisy(*args, **kwargs):
        print("from python")
        os.write(1, b"from a C library\n")
        return fit

    def write_report(details, path, lang="en"):
        path.write_text("<html></html>", encoding="utf-8")
        return path

    monkeypatch.setattr("chemwright.loop.properties", lambda record: {"claims": [], "sources": []})
    monkeypatch.setattr("chemwright.loop.fit", noisy)
    monkeypatch.setattr("chemwright.loop.design", lambda *a, **k: design)
    monkeypatch.setattr("chemwright.loop.explain", lambda *a, **k: {"cost": CAUSES})
    monkeypatch.setattr("chemwright.loop.next_experiments", lambda *a, **k: steps)
    monkeypatch.setattr(
        "chemwright.loop.summary",
        lambda record, r: {"case": {"name": record.name, "target": record.target}, "kinetics": r["fit"], "design": r["design"], "explain": r["explain"], "next": r["next"]},
    )
    monkeypatch.setattr("chemwright.report.write_report", write_report, raising=False)


@pytest.fixture
def toml(tmp_path):
    return demo_case(tmp_path / "in")


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def shell(*arguments, **kwargs):
    return subprocess.run([sys.executable, "-m", "chemwright", *map(str, arguments)], capture_output=True, text=True, check=False, **kwargs)


@pytest.mark.parametrize(
    "command",
    [
        *(c for c in COMMANDS if c not in GROUPS),
        *(f"{name} {c.name or c.callback.__name__}" for name, group in GROUPS.items() for c in group.registered_commands),
    ],
)
def test_every_help_has_an_example(command):
    result = run(*command.split(), "--help")
    assert result.exit_code == 0
    assert f"Example: chemwright {command}" in result.stdout
    assert "--json" in result.stdout


def test_the_help_names_every_command():
    result = run("--help")
    listed = [line.split()[0] for line in result.stdout.partition("Commands:")[2].splitlines() if line.strip()]
    assert tuple(name for name in listed if name in COMMANDS) == COMMANDS
    cut = [line for line in result.stdout.splitlines() if line.endswith("...") and line.split()[0] in COMMANDS]
    assert cut == []  # every first sentence fits its line


def test_develop_prints_json_alone(loop, toml, tmp_path, capfd):
    result = run("develop", toml, "--out", tmp_path / "c", "--json", "--seed", 3)
    assert result.exit_code == 0
    out = json.loads(result.stdout)
    assert list(out) == ["case", "kinetics", "design", "explain", "next", "report", "meta"]
    assert out["report"] == str(tmp_path / "c" / "report.html")
    assert out["meta"]["steps"]["fit"] == "run"
    assert "from python" in result.stderr
    assert "60 %  design" in result.stderr
    captured = capfd.readouterr()
    assert "C library" not in captured.out
    assert "C library" in captured.err


def test_develop_prints_tables_for_people(loop, toml, tmp_path):
    result = run("develop", toml, "--out", tmp_path / "c")
    for text in (
        "snar-ortho",
        "k.r1",
        "2.05 +/- 0.12",
        "yes",
        "31.2 +/- 1.2",
        "USD/kg",
        "[red]A0[/red]",
        "the other 12 causes: 60.0 %",
        "supplier's quotation",
        "31.0 %",
        "report.html",
    ):
        assert text in result.stdout


@pytest.mark.parametrize(("command", "key"), [("fit", "parameters"), ("design", "cost"), ("explain", "causes"), ("next", "next")])
def test_verbs_take_a_file_or_a_folder(loop, toml, tmp_path, command, key):
    first = run(command, toml, "--json")
    assert first.exit_code == 0
    assert key in json.loads(first.stdout)
    folder = toml.with_suffix(".case")
    assert folder.is_dir()
    assert run(command, folder, "--json").stdout == first.stdout
    human = run(command, folder)
    assert human.exit_code == 0
    assert not human.stdout.lstrip().startswith("{")


def test_explain_and_next_take_a_figure_and_a_budget(loop, toml):
    assert run("next", toml, "--figure", "co2e", "--budget", "1 kEUR", "--json").exit_code == 0
    wrong = run("explain", toml, "--figure", "costs", "--json")
    assert wrong.exit_code == 2
    assert "'cost'" in json.loads(wrong.stdout)["error"]["fix"]
    assert "fit" not in wrong.stderr  # refused before anything is computed
    assert json.loads(run("next", toml, "--budget", "5 kg", "--json").stdout)["error"]["kind"] == "unit"


def test_demo_writes_develops_and_names_the_report(loop, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    result = run("demo", "--out", tmp_path / "d")
    assert result.exit_code == 0
    assert str(tmp_path / "d" / "report.html") in result.stdout
    assert opened == []
    assert run("demo", "--out", tmp_path / "d", "--open", "--json").exit_code == 0
    assert opened == [(tmp_path / "d" / "report.html").resolve().as_uri()]


def test_new_writes_a_case_that_is_read(tmp_path):
    result = run("new", "butyl acetate", "--folder", tmp_path / "b", "--json")
    assert json.loads(result.stdout) == {"case": str(tmp_path / "b" / "case.toml"), "ready": True, "assumed": ["the example: 66 flow runs of a bundled case"], "missing": []}
    assert Case.from_toml(tmp_path / "b" / "case.toml").record.name == "butyl acetate"
    again = run("new", "butyl acetate", "--folder", tmp_path / "b")
    assert again.exit_code == 2
    assert "overwritten" in again.stderr
    assert "chemwright develop" in run("new", "x", "--folder", tmp_path / "x").stdout


def test_reactor_prints_outlet_and_json(tmp_path):
    (tmp_path / "reactor.toml").write_text(REACTOR, encoding="utf-8")
    out = json.loads(run("reactor", tmp_path / "reactor.toml", "--json").stdout)
    assert {"outlet", "conversion", "temperature", "profile", "steady_states", "converged"} <= set(out)
    assert out["outlet"]["A"] + out["outlet"]["B"] == pytest.approx(9.3)
    assert "conversion" in run("reactor", tmp_path / "reactor.toml").stdout
    assert run("reactor", tmp_path / "none.toml").exit_code == 2


def test_doctor_and_version():
    assert json.loads(run("doctor", "--json").stdout)["ready"] is True
    human = run("doctor").stdout
    assert "pip install 'chemwright[test]'" in " ".join(human.split())
    assert run("version").stdout.strip() == json.loads(run("version", "--json").stdout)["version"]


def test_an_error_is_one_plain_line_with_status_2(tmp_path):
    plain = run("develop", tmp_path / "cas.toml")
    assert (plain.exit_code, plain.stdout) == (2, "")
    assert len(plain.stderr.strip().splitlines()) == 1
    assert "Traceback" not in plain.stderr
    as_json = run("develop", tmp_path / "cas.toml", "--json")
    assert as_json.exit_code == 2
    assert set(json.loads(as_json.stdout)["error"]) == {"kind", "message", "where", "fix"}


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (InputError("no", where="here", fix="do"), 2, "here: no. do"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (ZeroDivisionError("x"), 1, "a bug in chemwright: ZeroDivisionError"),
    ],
)
def test_statuses(error, status, said, capsys):
    import typer

    with pytest.raises(typer.Exit) as caught, session(True):
        raise error
    assert caught.value.exit_code == status
    captured = capsys.readouterr()
    assert said in captured.err
    assert set(json.loads(captured.out)) == {"error"}


@pytest.mark.parametrize("arguments", [["fit"], ["develop", "x", "--nonsense"], ["nonsense"], ["fit", "x", "--seed", "-1"]])
def test_a_wrong_command_line_is_an_error_too(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main([*arguments, "--json"])
    assert caught.value.code == 2
    captured = capsys.readouterr()
    assert json.loads(captured.out)["error"]["kind"] == "usage"
    assert "Traceback" not in captured.err


def test_progress_says_each_line_once(capsys):
    with progress_bar() as tell:
        tell("fit", 0.1)
        tell("fit", 0.2)
        tell("design", None)
    assert capsys.readouterr().err.splitlines() == [" 10 %  fit", "design"]


def test_the_real_process_keeps_threads_fixed_and_streams_apart(tmp_path):
    result = shell("develop", tmp_path / "none.toml", "--json")
    assert result.returncode == 2
    assert json.loads(result.stdout)["error"]["kind"] == "input"
    assert len(result.stderr.strip().splitlines()) == 1
    code = "import os; from chemwright.cli import main\ntry:\n main(['version'])\nexcept SystemExit as e:\n print(e.code, os.environ['OMP_NUM_THREADS'], os.environ['OPENBLAS_NUM_THREADS'])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[1] == "0 1 1"


def test_help_loads_nothing_heavy():
    said = subprocess.run([sys.executable, "-X", "importtime", "-m", "chemwright", "--help"], capture_output=True, text=True, check=True).stderr
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in said.splitlines()}
    assert "typer" in loaded
    assert not {"numpy", "rdkit", "casadi", "chemicals", "pint", "attrs"} & loaded
