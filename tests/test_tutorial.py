"""The tutorials: every command runs in an empty folder and prints what they show; both languages do the same; the runner can fail."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = [ROOT / "docs" / "tutorial.md", ROOT / "docs" / "tutorial.zh.md"]


def _load():
    spec = importlib.util.spec_from_file_location("run_tutorial", ROOT / "scripts" / "run_tutorial.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["run_tutorial"] = module  # a dataclass looks its module up
    spec.loader.exec_module(module)
    return module


tutorial = _load()


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    return tutorial.run(tutorial.parse(DOCS[0].read_text(encoding="utf-8")), tmp_path_factory.mktemp("教程 tutorial"))


@pytest.mark.slow
@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.name)
def test_what_it_shows_is_what_is_printed(path, outputs):
    assert tutorial.differences(tutorial.parse(path.read_text(encoding="utf-8")), outputs) == []


def test_both_languages_do_the_same():
    english, chinese = (tutorial.parse(p.read_text(encoding="utf-8")) for p in DOCS)
    assert [s.deed for s in english] == [s.deed for s in chinese]
    assert len(english) > 15
    assert all(any(s.shown for s in steps) for steps in (english, chinese))


@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.name)
def test_no_block_escapes_the_runner(path):
    """As many console blocks and files are read as the text holds fences."""
    text = path.read_text(encoding="utf-8")
    steps = tutorial.parse(text)
    assert sum(s.action == "run" for s in steps) == text.count("\n$ ")
    assert sum(s.action != "run" for s in steps) == text.count("<!-- write ") + text.count("<!-- append ")
    assert text.count("\n```toml") == sum(s.action != "run" for s in steps)


@pytest.mark.parametrize(
    ("shown", "printed", "agree"),
    [
        ("cost 33.6 +/- 6.6", "cost 33.9 +/- 6.7", True), ("cost 33.6 +/- 6.6", "cost 39.0 +/- 6.6", False), ("66 runs", "67 runs", False), ("a ... c", "a b c", True),
        ("k 1.0", "k nan", False), ("k 1.0", "m 1.0", False), ("x -0.5", "x 0.5", False), ("CAS 64-17-5", "CAS 64-17-6", False), ("k 1.5e-3", "k 1.52e-3", True), ("v0.1.0", "v0.1.1", False),
    ],
)  # fmt: skip
def test_lines_agree_within_their_rounding(shown, printed, agree):
    assert tutorial.same(shown, printed) is agree


@pytest.mark.parametrize(
    ("shown", "printed", "holds"),
    [
        (("a", "b"), ["a", "b"], True), (("a", "b"), ["a", "x", "b"], False), (("a", "...", "b"), ["a", "x", "b"], True), (("a",), ["a", "b"], False), (("a", "..."), ["a", "b"], True),
        (("...", "b"), ["a"], False), ((), ["a"], True),
    ],
)  # fmt: skip
def test_lines_left_out_must_be_said(shown, printed, holds):
    assert (tutorial.differences([tutorial.Step("run", "x", shown=shown)], [printed]) == []) is holds


@pytest.mark.parametrize(("command", "said"), [("rm -rf x", "only chemwright"), ("chemwright nonsense", "status 2")])
def test_a_command_that_fails_is_seen(tmp_path, command, said):
    with pytest.raises(RuntimeError, match=said):
        tutorial.run(tutorial.parse(f"\n```console\n$ {command}\n```\n"), tmp_path)
