"""Shared fixtures: the bundled case as a record, its fit and its plant, made once a session."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from chemwright.record import CaseRecord

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def snar(tmp_path_factory: pytest.TempPathFactory) -> CaseRecord:
    """The bundled case as a record."""
    from chemwright.case.read import read_case
    from chemwright.knowledge import write_bundled

    return read_case(Path(write_bundled("snar", tmp_path_factory.mktemp("snar"))))


@pytest.fixture(scope="session")
def snar_results(snar: CaseRecord) -> dict[str, Any]:
    """Properties, fit, design, explain and next of the bundled case."""
    from chemwright import loop

    properties = loop.properties(snar)
    fit = loop.fit(snar)
    design = loop.design(snar, properties, fit)
    explain = loop.explain(snar, properties, fit, design)
    return {"properties": properties, "fit": fit, "design": design, "explain": explain, "next": loop.next_experiments(snar, properties, fit, design, explain)}


@pytest.fixture(scope="session")
def core_path(tmp_path_factory):
    """The shipped core with the 300 substances of which most is known, as a file."""
    from chemwright.knowledge.core import build_core

    path = tmp_path_factory.mktemp("core") / "core.kb"
    build_core(path, limit=300)
    return path


@pytest.fixture
def core(core_path):
    """That core, open for reading."""
    from chemwright.knowledge.base import open_base

    with open_base(core_path, read_only=True) as base:
        yield base
