"""Shared fixtures: the bundled case as a record, its fit and its plant, made once a session."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

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
def postgres_url() -> Iterator[str]:
    """Address of a PostgreSQL server to make databases on: the one of CHEMWRIGHT_POSTGRES, or one that the project's script starts."""
    given = os.environ.get("CHEMWRIGHT_POSTGRES", "")
    if given == "no":
        pytest.skip("no PostgreSQL: CHEMWRIGHT_POSTGRES is 'no' (scripts/test.sh says so when scripts/postgres.sh could not start one)")
    if given:
        yield given
        return
    script = Path(__file__).resolve().parents[1] / "scripts" / "postgres.sh"
    folder = str(Path(tempfile.gettempdir()) / f"chemwright-postgres-{os.getpid()}")
    try:
        run = subprocess.run(["bash", str(script), "start", folder], capture_output=True, text=True, timeout=600, check=False)
    except FileNotFoundError:
        pytest.skip("no PostgreSQL: bash is needed to start one, or set CHEMWRIGHT_POSTGRES=postgresql://...")
    if run.returncode:
        pytest.skip(f"no PostgreSQL: {run.stderr.strip()[-300:]}")
    try:
        yield run.stdout.strip()
    finally:
        subprocess.run(["bash", str(script), "stop", folder], check=True)


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[Any]:
    """A function that makes an empty database and gives its address; all of them are dropped after the test."""
    import psycopg

    made: list[str] = []

    def make() -> str:
        name = f"t{uuid4().hex[:12]}"
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        made.append(name)
        return f"{postgres_url.rpartition('/')[0]}/{name}"

    yield make
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for name in made:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


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
