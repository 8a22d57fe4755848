"""Folders and files as people name them, on Windows too: Chinese, spaces, signs, backslashes, code pages, CRLF."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname

import pytest

import chemwright
from chemwright.case import Case, read_case
from chemwright.case.layout import inside
from chemwright.cli import case_commands, new_command  # noqa: F401  (the commands register themselves)
from chemwright.cli.complete import cases, checks, figures, script, shells
from chemwright.errors import InputError
from chemwright.knowledge import bundled_case, write_bundled

NAMES = ["乙酸丁酯 一期", "it's 50% #1", "a & b (2)", "naïve-ß-Ω", "x" * 200, "[brackets] {braces}", "$HOME ~ !"]
POSIX_ONLY = {"fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "posix", "crypt", "syslog"}
POSIX_CALLS = {"geteuid", "getuid", "fork", "forkpty", "setsid", "killpg", "getpgid", "mkfifo", "chown", "sync", "SIGKILL", "SIGHUP", "SIGALRM", "sched_getaffinity"}


def shell(*arguments, env=None, **kwargs):
    return subprocess.run([sys.executable, "-m", "chemwright", *map(str, arguments)], capture_output=True, check=False, env={**os.environ, **(env or {})}, **kwargs)


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_case_lives_in_any_folder(tmp_path, name):
    path = write_bundled("snar", tmp_path / name)
    case = Case.from_toml(path)
    case.decide("plant.site", "天津", "化学家", "溶剂回收")
    again = Case.open(tmp_path / name / "case.case")
    assert (again.decisions[-1].choice, again.record) == ("天津", case.record)
    report = (tmp_path / name / "report.html").resolve()
    assert Path(url2pathname(urlparse(report.as_uri()).path)) == report  # what the browser is given leads back
    assert cases(f"{tmp_path}/{name}/") == [f"{tmp_path}/{name}/case.case", f"{tmp_path}/{name}/case.toml"]


def test_a_name_longer_than_the_disk_takes_is_one_plain_error(tmp_path):
    ran = shell("new", "x", "--yes", "--folder", tmp_path / ("x" * 300))
    assert ran.returncode == 2
    assert len(ran.stderr.decode().strip().splitlines()) == 1


@pytest.mark.parametrize("file", ["'data\\runs.csv'", '"data\\\\runs.csv"', '"data/runs.csv"'], ids=["single quotes", "escaped", "slash"])
def test_runs_named_as_windows_users_do(tmp_path, file):
    path = write_bundled("snar", tmp_path / "c")
    (tmp_path / "c" / "data").mkdir()
    (tmp_path / "c" / "runs.csv").rename(tmp_path / "c" / "data" / "runs.csv")
    text = path.read_text(encoding="utf-8").replace('"runs.csv"', file)
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    runs = tmp_path / "c" / "data" / "runs.csv"
    runs.write_bytes(runs.read_bytes().replace(b"\n", b"\r\n"))
    record = read_case(path)
    assert len(record.experiments.values) == 66
    assert record.experiments.ids[0] == "runs.csv row 2"


@pytest.mark.parametrize("file", ['"data\\runs.csv"', '"data\\flow.csv"', '"data\\table.csv"', '"my\\xruns.csv"'], ids=["\\r", "\\f", "\\t", "no escape"])
def test_a_backslash_in_double_quotes_is_explained(tmp_path, file):
    path = write_bundled("snar", tmp_path / "c")
    path.write_text(path.read_text(encoding="utf-8").replace('"runs.csv"', file), encoding="utf-8")
    with pytest.raises(InputError, match="backslash begins an escape"):
        read_case(path)


@pytest.mark.parametrize("name", ["..\\runs.csv", "C:runs.csv", "C:\\runs.csv", "\\\\server\\share\\runs.csv", "a\\..\\..\\runs.csv"])
def test_backslashes_lead_nowhere_else(tmp_path, name):
    with pytest.raises(InputError, match=r"absolute|leads out"):
        inside(tmp_path, name, "here")


def test_a_link_behind_a_backslash_is_seen(tmp_path):
    (tmp_path / "in").mkdir()
    try:
        (tmp_path / "in" / "data").symlink_to(tmp_path)
    except OSError:
        pytest.skip("no right to make links")
    (tmp_path / "runs.csv").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="link"):
        inside(tmp_path / "in", "data\\runs.csv", "here")


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "gbk"])
def test_a_terminal_without_a_character_ends_no_command(tmp_path, encoding):
    env = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    made = shell("new", "乙酸 ß", "--yes", "--folder", tmp_path / "乙酸 ß", env=env)
    assert (made.returncode, b"Traceback" in made.stderr) == (0, False)
    assert made.stdout.decode(encoding)
    assert json.loads(shell("new", "乙酸", "--folder", tmp_path / "乙酸", "--json", env=env).stdout)["case"] == str(tmp_path / "乙酸" / "case.toml")
    wrong = shell("develop", tmp_path / "没有.toml", env=env)
    assert (wrong.returncode, b"Traceback" in wrong.stderr) == (2, False)


def test_no_call_that_windows_lacks_goes_unguarded():
    """Modules and calls that only POSIX has stand inside `suppress`, `try` or a test of `hasattr` or of the platform."""
    bare = []
    for path in Path(chemwright.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        guarded: set[int] = set()
        for node in ast.walk(tree):
            text = ast.unparse(node) if isinstance(node, ast.With | ast.IfExp | ast.If) else ""
            if isinstance(node, ast.Try) or "suppress(" in text or "hasattr(" in text or "platform" in text:
                guarded |= {id(inner) for inner in ast.walk(node)}
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module] if isinstance(node, ast.ImportFrom) else []
            call = isinstance(node, ast.Attribute) and node.attr in POSIX_CALLS and isinstance(node.value, ast.Name) and node.value.id in ("os", "signal")
            if (call or POSIX_ONLY & set(names)) and id(node) not in guarded:
                bare.append(f"{path.name}:{node.lineno}")
    assert bare == []


def test_every_text_file_is_opened_with_its_encoding():
    """A file opened without one is read in the machine's code page: GBK on a Chinese Windows."""
    bare = []
    for path in Path(chemwright.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (name := getattr(node.func, "attr", getattr(node.func, "id", ""))) in ("open", "read_text", "write_text"):
                value = getattr(node.func, "value", None)
                owner = getattr(value, "id", getattr(value, "attr", ""))
                binary = any(isinstance(a, ast.Constant) and isinstance(a.value, str) and "b" in a.value for a in node.args)
                if (
                    not binary
                    and owner not in ("webbrowser", "cls", "Case", "os", "archive", "opener", "into", "pdfplumber")
                    and not any(k.arg == "encoding" for k in node.keywords)
                    and not (name == "read_text" and isinstance(node.func, ast.Name))
                ):
                    bare.append(f"{path.name}:{node.lineno}")
    assert bare == []


def test_completion_offers_names():
    assert figures("") == ["cost", "e_factor", "co2e", "pmi", "purity"]
    assert figures("c") == ["cost", "co2e"]
    assert "n-butane" in checks("n-")
    assert all(c.startswith("n-butane.") or c == "n-butane" for c in checks("n-butane.") or ["n-butane"])
    assert shells("p") == ["powershell", "pwsh"]


@pytest.mark.parametrize("name", ["bash", "zsh", "fish", "powershell", "pwsh"])
def test_completion_scripts_are_made(name):
    made = script(name)
    assert "_CHEMWRIGHT_COMPLETE" in made
    assert "chemwright" in made


def test_the_shell_gets_figures_and_cases_without_anything_heavy(tmp_path):
    Case.from_toml(write_bundled("snar", tmp_path / "案例"), tmp_path / "案例.case")

    def offered(words, word, *flags):
        env = {**os.environ, "_CHEMWRIGHT_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(word), "PYTHONUTF8": "1"}
        ran = subprocess.run([sys.executable, *flags, "-m", "chemwright"], capture_output=True, text=True, encoding="utf-8", env=env, cwd=tmp_path, check=False)
        return ran.stdout.split(), ran.stderr

    assert offered("chemwright explain case --figure ", 4)[0] == ["cost", "e_factor", "co2e", "pmi", "purity"]
    names, said = offered("chemwright explain ", 2, "-X", "importtime")
    assert sorted(names) == sorted(["案例.case", "案例/"])
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in said.splitlines()}
    assert not {"numpy", "rdkit", "casadi", "chemicals", "pint"} & loaded
    assert "develop" in offered("chemwright dev", 1)[0]
    assert offered("chemwright check --only n-butan", 3)[0][:1] == ["n-butane"]


def test_doctor_says_what_the_machine_has(tmp_path, monkeypatch):
    from chemwright.case import machine

    monkeypatch.chdir(tmp_path)
    found = machine.machine()
    assert found["folder"] == {"path": str(Path.cwd()), "writable": True}
    assert found["processors"] >= 1
    assert found["data"]["cases"] == ["snar"]
    assert "Hone2017" in found["data"]["parameter_sets"]
    assert Path(found["executable"]).exists()
    assert not machine.can_write(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []  # trying leaves nothing
    monkeypatch.setattr(machine, "can_write", lambda folder: False)
    monkeypatch.setattr(machine, "chromium", lambda: "")
    said = " ".join(machine.machine()["problems"])
    assert "can't be written" in said
    assert "no Chromium" in said
    ran = shell("doctor", env={"PYTHONIOENCODING": "cp936", "PYTHONUTF8": "0"})
    assert b"set PYTHONUTF8=1" in ran.stdout


def test_the_bundled_files_are_utf8_with_unix_ends():
    for name in ("case.toml", "runs.csv"):
        data = (bundled_case("snar") / name).read_bytes()
        assert b"\r" not in data
        data.decode()
