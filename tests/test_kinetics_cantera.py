"""The comparison with Cantera: its rate laws against limits and hand values, and what it says where Cantera is missing."""

from __future__ import annotations

import importlib.util
import math
import sys
from pathlib import Path

import pytest

PLACE = Path(__file__).parent.parent / "benchmarks" / "kinetics_cantera.py"


@pytest.fixture(scope="module")
def script():
    made = importlib.util.spec_from_file_location("kinetics_cantera", PLACE)
    module = importlib.util.module_from_spec(made)
    made.loader.exec_module(module)
    return module


def test_without_cantera_it_says_what_is_missing(script, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "cantera", None)
    assert script.main() == 1
    assert "pip install cantera" in capsys.readouterr().err


def test_falloff_has_its_two_limits(script):
    p = {"low.A": 1e6, "low.b": 0.0, "low.Ea": 0.0, "high.A": 1e8, "high.b": 0.0, "high.Ea": 0.0}
    assert script.falloff(p, 1000.0, 1e-9, False) == pytest.approx(1e6 * 1e-9, rel=1e-9)
    assert script.falloff(p, 1000.0, 1e12, False) == pytest.approx(1e8, rel=1e-9)
    troe = p | {"troe.A": 0.5, "troe.T3": 100.0, "troe.T1": 1000.0}
    centre = 0.5 * math.exp(-10.0) + 0.5 * math.exp(-1.0)
    c, n, log = -0.4 - 0.67 * math.log10(centre), 0.75 - 1.27 * math.log10(centre), math.log10(centre)
    assert script.falloff(troe, 1000.0, 100.0, False) == pytest.approx(5e7 * 10 ** (log / (1 + (c / (n - 0.14 * c)) ** 2)), rel=1e-12)


def test_plog_meets_its_table_and_its_geometric_mean(script):
    p = {f"plog.{i}.{k}": v for i, (pressure, a) in enumerate([(1e4, 1.0), (1e6, 100.0)]) for k, v in (("P", pressure), ("A", a), ("b", 0.0), ("Ea", 0.0))}
    assert script.plog(p, 500.0, 1e4) == 1.0
    assert script.plog(p, 500.0, 1e5) == pytest.approx(10.0)
    assert script.plog(p, 500.0, 1e9) == 100.0


def test_arrhenius_in_si(script):
    assert script.arrhenius({"A": 2.0, "b": 1.0, "Ea": 8.31446261815324 * 300.0}, 300.0) == pytest.approx(600.0 * math.exp(-1.0))


def test_a_whole_mechanism_where_cantera_is_at_hand(script):
    ct = pytest.importorskip("cantera")
    found = script.compare(Path(ct.__file__).parent / "data" / "h2o2.yaml", ct)
    assert found["reactions"] == 58
    assert found["worst relative difference"] < 1e-12
