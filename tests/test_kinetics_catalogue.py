"""Every rate law is found again from its own noisy runs."""

import importlib
from pathlib import Path

import pytest

from kinetics_schemes import SCHEMES

QUICK = [n for n in SCHEMES if n not in ("quasi-steady surface", "radical chain")]


@pytest.fixture
def catalogue(monkeypatch):
    """The benchmark's generator and judge."""
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[1] / "benchmarks"))
    return importlib.import_module("laws_catalogue")


@pytest.mark.parametrize("name", QUICK)
def test_a_law_is_fitted_back(catalogue, name):
    row = catalogue.judge(name)
    assert row["chi_square"] == pytest.approx(1.0, abs=0.35)
    assert row["largest_z"] < 4.0
    assert row["informed"] >= 1


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in SCHEMES if n not in QUICK])
def test_a_slow_law_is_fitted_back(catalogue, name):
    test_a_law_is_fitted_back(catalogue, name)
