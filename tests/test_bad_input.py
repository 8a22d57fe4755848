"""Every bad input of the table gets one message that names the place, what was wrong and the mend; nothing is written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bad_input_table import CASES, Bad, answer, page

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "bad-input.md"


@pytest.mark.parametrize("bad", CASES, ids=lambda bad: bad.id)
def test_bad_input(bad: Bad, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("chemwright.structure.guard.TIME_LIMIT", 2.0)
    status, error, written = answer(bad, tmp_path)
    assert status == 2, error
    assert error["kind"] == bad.kind, error
    assert [part for part in bad.where if part not in error["where"]] == [], error
    assert [part for part in bad.says if part not in error["message"]] == [], error
    assert error["fix"], error
    assert bad.fix in error["fix"], error
    assert len(error["message"]) < 600
    assert written == []


def test_the_table_is_long_and_its_names_are_unique() -> None:
    assert len({bad.id for bad in CASES}) == len(CASES) >= 80


def test_the_page_shows_what_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chemwright.structure.guard.TIME_LIMIT", 2.0)
    if os.name != "posix":
        pytest.skip("the page has rows for links and pipes")
    assert PAGE.read_text(encoding="utf-8") == page(), "run scripts/bad_input_page.py"
