"""The walk through the knowledge base, as the document tells it, with the real plate; skipped where that file is not at hand."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "knowledge-base.md"


def _tutorial():
    spec = importlib.util.spec_from_file_location("run_tutorial", ROOT / "scripts" / "run_tutorial.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["run_tutorial"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_the_walk_goes_as_it_is_told(tmp_path, monkeypatch):
    plate = Path(os.environ.get("CHEMWRIGHT_DATA") or ROOT.parent / "shared" / "data") / "hte" / "buchwald_hartwig.xlsx"
    if not plate.is_file():
        pytest.skip(f"no {plate.name}: set CHEMWRIGHT_DATA to the folder of data sets (the file is in the public repository rxn_yields)")
    tutorial = _tutorial()
    folder = tmp_path / "walk"
    folder.mkdir()
    shutil.copy(plate, folder)
    monkeypatch.setenv("CHEMWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("CHEMWRIGHT_KB", raising=False)
    steps = tutorial.parse(DOCUMENT.read_text(encoding="utf-8"))
    assert sum(s.action == "run" for s in steps) > 15
    assert tutorial.differences(steps, tutorial.run(steps, folder)) == []
