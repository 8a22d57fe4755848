"""What the mining benchmark of property values counts, and what the second look at solvents sees."""

import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from chemwright.knowledge.mining.context import read, substances
from chemwright.knowledge.mining.linear import models
from chemwright.knowledge.mining.solvents import solvent_rows

BENCHMARKS = str(Path(__file__).parent.parent / "benchmarks")


@pytest.fixture
def properties(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    yield importlib.import_module("mining_properties")
    for name in ("mining_properties", "mining_data"):
        sys.modules.pop(name, None)


def test_a_value_of_a_known_substance_is_judged_and_one_under_vacuum_is_not(properties, monkeypatch):
    texts = [
        "Recrystallization gave 2 g of benzoic acid, m.p. 121-123 °C.",  # the table says 122 °C
        "Distillation gave 3 g of benzonitrile, b.p. 190 °C.",
        "Distillation gave 3 g of benzonitrile, b.p. 70 °C. at 10 mm Hg.",
        "The mixture was stirred for 2 h at 60 °C.",
    ]
    monkeypatch.setattr(properties, "procedures", lambda part: [SimpleNamespace(text=t) for t in texts])
    total, judged = properties.values("train")
    assert total == 2
    assert [(j.name, j.substance) for j in judged] == [("melting_point", "benzoic acid"), ("boiling_point", "benzonitrile")]
    assert all(abs(j.value - j.known) <= properties.NEAR for j in judged)


def test_the_second_look_at_solvents_sees_points_after_ml_and_neighbours():
    with_points = read("A solution of 2 g. of benzoic acid in 20 ml. of toluene was treated with 3 ml. of thionyl chloride and stirred at 80 °C for 2 hours.")
    without = read(with_points.text.replace("ml.", "ml"))
    tables = []
    for c in (with_points, without):
        found = substances(c)
        assert [n.mentions[0].name for n in found] == ["benzoic acid", "toluene", "thionyl chloride"]
        tables.append(solvent_rows(c, found, [models()["role"].probabilities(n.features) for n in found]))
    assert tables[0].shape == tables[1].shape
    assert (tables[0] != tables[1]).any()
    assert len(solvent_rows(read("Nothing here."), (), [])) == 0
