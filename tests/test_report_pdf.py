"""The report as PDF, and its command."""

import http.server
import json
import os
import shutil
import stat
import threading
import time

import pytest
from typer.testing import CliRunner

from chemwright.case import Case, demo_case
from chemwright.cli import case_commands, report_commands  # noqa: F401  (register their commands)
from chemwright.cli.app import app
from chemwright.errors import ConvergenceError, InputError, MissingExtra, StorageError
from chemwright.report import write_pdf, write_report
from chemwright.report.pdf import NAMES, PLACES, VARIABLE, find_browser
from report_example import example

BROWSER = next((p for n in NAMES if (p := shutil.which(n))), None)
needs_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium, Chrome or Edge on PATH")
needs_posix = pytest.mark.skipif(os.name != "posix", reason="stand-in browsers are shell scripts")


@pytest.fixture
def no_browser(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("chemwright.report.pdf.PLACES", ())


def script(path, text):
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_without_a_browser_the_error_names_the_install(no_browser):
    with pytest.raises(MissingExtra, match=r"Debian or Ubuntu: apt install chromium; Windows: winget install Google.Chrome"):
        find_browser()


def test_a_wrong_variable_is_named(monkeypatch):
    monkeypatch.setenv(VARIABLE, "/no/such/program")
    with pytest.raises(MissingExtra, match="CHEMWRIGHT_CHROMIUM is '/no/such/program'"):
        find_browser()


@needs_posix
def test_the_variable_comes_first(monkeypatch, tmp_path):
    mine = script(tmp_path / "mine", "exit 0\n")
    monkeypatch.setenv(VARIABLE, str(mine))
    assert find_browser() == str(mine)
    assert PLACES


@needs_posix
def test_a_browser_that_hangs_is_ended_with_its_children(monkeypatch, tmp_path):
    mark = tmp_path / "child"
    monkeypatch.setenv(VARIABLE, str(script(tmp_path / "slow", f"(sleep 3; touch {mark}) &\nsleep 60\n")))
    start = time.monotonic()
    with pytest.raises(ConvergenceError, match=r"after 0\.5 s"):
        write_pdf(tmp_path / "a.html", tmp_path / "a.pdf", timeout=0.5)
    assert time.monotonic() - start < 5
    time.sleep(3.2)
    assert not mark.exists()
    assert not (tmp_path / "a.pdf").exists()


@needs_posix
def test_a_browser_that_prints_nothing_is_said_with_its_words(monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, str(script(tmp_path / "mute", "echo out of paper >&2\nexit 0\n")))
    (tmp_path / "a.pdf").write_bytes(b"old")
    with pytest.raises(StorageError, match="out of paper"):
        write_pdf(tmp_path / "a.html", tmp_path / "a.pdf")
    assert (tmp_path / "a.pdf").read_bytes() == b"old"


@needs_browser
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_report_prints(tmp_path, lang):
    html = write_report(example(), tmp_path / "in" / "report.html", lang)
    pdf = write_pdf(html, tmp_path / "out" / "report.pdf")
    data = pdf.read_bytes()
    assert data.startswith(b"%PDF-")
    assert len(data) > 50_000
    assert [p.name for p in pdf.parent.iterdir()] == ["report.pdf"]


@needs_browser
def test_printing_asks_nothing_of_the_network(tmp_path):
    """A page without the policy that wants pictures from a live server, by address and by name, gets none."""
    asked = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    page = tmp_path / "a.html"
    page.write_text(f'<p>text</p><img src="http://localhost:{port}/name"><img src="http://example.com:{port}/far">')
    try:
        write_pdf(page, tmp_path / "a.pdf")
    finally:
        server.shutdown()
        server.server_close()
    assert asked == []


@pytest.fixture
def ready(monkeypatch, tmp_path):
    """A case whose steps are there."""
    made = example("some text")["results"]
    for name in ("properties", "fit", "design", "explain"):
        monkeypatch.setattr(f"chemwright.loop.{name}", lambda *a, result=made[name], **k: result)
    monkeypatch.setattr("chemwright.loop.next_experiments", lambda *a, **k: made["next"])
    monkeypatch.setattr("chemwright.loop.summary", lambda record, r: {"design": r["design"]})
    case = Case.from_toml(demo_case(tmp_path / "in"), tmp_path / "c")
    return case.folder


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_the_help_has_an_example():
    result = run("report", "--help")
    assert result.exit_code == 0
    assert "Example: chemwright report" in result.stdout


def test_the_command_writes_the_report_in_a_language(ready, tmp_path):
    result = run("report", ready, "--lang", "zh", "--json")
    assert result.exit_code == 0, result.output
    path = ready / "report.html"
    assert json.loads(result.stdout) == {"report": str(path)}
    assert '<html lang="zh-Hans">' in path.read_text(encoding="utf-8")
    result = run("report", ready, "--out", tmp_path / "deep" / "mine.html")
    assert result.exit_code == 0
    assert '<html lang="en">' in (tmp_path / "deep" / "mine.html").read_text(encoding="utf-8")


def test_develop_takes_a_language_and_names_the_known_ones_first(ready, monkeypatch):
    result = run("develop", ready, "--lang", "zh", "--json")
    assert result.exit_code == 0, result.output
    assert 'lang="zh-Hans"' in (ready / "report.html").read_text(encoding="utf-8")
    monkeypatch.setattr("chemwright.loop.fit", lambda *a, **k: pytest.fail("work was done"))
    for command in ("develop", "report"):
        result = run(command, ready, "--lang", "xx", "--json")
        assert result.exit_code == 2
        assert json.loads(result.stdout)["error"]["fix"] == "known: en, zh"


def test_a_pdf_without_a_browser_fails_before_the_work(ready, no_browser, tmp_path):
    with pytest.raises(MissingExtra):
        Case.open(ready).report(tmp_path / "x" / "a.pdf")
    assert not (tmp_path / "x").exists()
    with pytest.raises(InputError, match="no report in"):
        Case.open(ready).report(lang="xx")


@needs_browser
def test_the_command_prints(ready, tmp_path):
    result = run("report", ready, "--pdf", "--out", tmp_path / "package.html", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {"report": str(tmp_path / "package.pdf")}
    assert (tmp_path / "package.pdf").read_bytes().startswith(b"%PDF-")
    assert (tmp_path / "package.html").is_file()
