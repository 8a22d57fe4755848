"""Time series: points in, points out, order, doubles, gaps, zones, chunks."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from chemwright.errors import ChemwrightError, InputError
from chemwright.knowledge.base import blobs, open_base
from chemwright.knowledge.base.database import KnowledgeBase
from chemwright.knowledge.intake import series
from chemwright.knowledge.intake.series import add_series, add_table, read_series, series_record, utc

T0 = np.datetime64("2024-03-01T00:00:00", "ns")


@pytest.fixture
def kb(tmp_path: Path) -> Any:
    with open_base(tmp_path / "a.kb", create=True) as base:
        yield base


def _times(n: int, start: int = 0) -> np.ndarray:
    return T0 + np.arange(start, start + n) * np.timedelta64(1, "s")


def test_points_come_back_in_si_by_range_and_only_the_needed_chunks_are_read(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series, "CHUNK", 1000)
    values = 20.0 + np.arange(5000) * 0.01
    values[10] = np.nan
    report = add_series(kb, "TI-1", _times(5000), values, "temperature", "degC", zone="UTC")
    assert (report.points, len(report.record.assets), report.record.unit) == (5000, 5, "K")
    assert report.noticed == ("1 points without a value are kept as such",)
    whole = read_series(kb, "TI-1")
    assert whole.num_rows == 5000
    assert whole["value"].null_count == 1
    got = whole["value"].to_numpy()
    assert np.nanmax(np.abs(got - (values + 273.15))) < 1e-9
    reads: list[str] = []
    get = blobs.get
    monkeypatch.setattr(blobs, "get", lambda c, sha: (reads.append(sha), get(c, sha))[1])
    part = read_series(kb, "TI-1", "2024-03-01T00:20:00Z", "2024-03-01T01:25:00+01:00")
    assert part.num_rows == 301
    assert part["time"][0].as_py() == datetime(2024, 3, 1, 0, 20, tzinfo=UTC)
    assert reads == [report.record.assets[1]]


def test_order_and_doubles_are_mended_and_said(kb: KnowledgeBase) -> None:
    times = _times(5)[[0, 2, 1, 2, 4]]
    report = add_series(kb, "A", times, [0.0, 2.0, 1.0, 2.5, 4.0], "temperature", "K", zone="UTC")
    assert [w.split(" points")[0] for w in report.noticed] == ["1", "1"]
    assert read_series(kb, "A")["value"].to_pylist() == [0.0, 1.0, 2.5, 4.0]


def test_later_points_are_appended_and_the_same_are_not_taken_twice(kb: KnowledgeBase) -> None:
    first = add_series(kb, "A", _times(10), np.arange(10.0), "temperature", "K", zone="UTC", source="historian")
    second = add_series(kb, "A", _times(10, 10), np.arange(10.0), "temperature", "K", zone="UTC", source="historian")
    assert (second.record.points, second.noticed) == (20, ("appended to 10 points",))
    assert kb.get(first.key).replaced_by == second.key
    assert add_series(kb, "A", _times(10, 10), np.arange(10.0), "temperature", "K", zone="UTC", source="historian").noticed == ("these points are filed already",)
    assert read_series(kb, "A", source="historian").num_rows == 20
    with pytest.raises(InputError, match="the series goes to"):
        add_series(kb, "A", _times(10, 5), np.arange(10.0), "temperature", "K", zone="UTC", source="historian")
    with pytest.raises(InputError, match="filed as temperature"):
        add_series(kb, "A", _times(10, 50), np.arange(10.0), "pressure", "bar", zone="UTC", source="historian")
    assert series_record(kb, "A", "historian").points == 20


@pytest.mark.parametrize(
    ("times", "zone", "hours"),
    [
        (["2024-07-01T12:00:00Z"], "", 12),
        (["2024-07-01T12:00:00+02:00"], "", 10),
        (["2024-07-01T12:00:00"], "Europe/Berlin", 10),
        (["2024-07-01 12:00:00"], "Asia/Shanghai", 4),
        ([datetime(2024, 7, 1, 12, tzinfo=UTC)], "", 12),
        (np.array(["2024-07-01T12:00"], dtype="datetime64[m]"), "UTC", 12),
        (pa.array([datetime(2024, 7, 1, 12)], pa.timestamp("ms", "Asia/Tokyo")), "", 12),
    ],
    ids=["z", "offset", "berlin", "shanghai", "datetime", "numpy", "arrow"],
)
def test_zones(times: Any, zone: str, hours: int) -> None:
    assert utc(times, zone)[0] == np.datetime64(f"2024-07-01T{hours:02}:00:00", "ns").astype(np.int64)


@pytest.mark.parametrize(
    ("times", "zone", "words"),
    [
        (["2024-07-01T12:00:00"], "", "without a zone"),
        (["2024-07-01T12:00:00"], "Europe/Berlinn", "no time zone"),
        (["2024-03-31T02:30:00"], "Europe/Berlin", "change of clocks"),
        (["yesterday"], "UTC", "not ISO 8601"),
        ([1.0, 2.0], "UTC", "times of type double"),
        (pa.array([None], pa.timestamp("ns", "UTC")), "", "without a time"),
    ],
    ids=["naive", "unknown-zone", "skipped-hour", "words", "numbers", "null"],
)
def test_times_that_say_too_little_are_refused(times: Any, zone: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        utc(times, zone)


@pytest.mark.parametrize(
    ("values", "unit", "words"),
    [([1.0], "K", "3 times and 1 values"), ([1.0, np.inf, 2.0], "K", "infinite"), ([1, 2, 3], "Pa", "expected"), (["a", "b", "c"], "K", "no numbers")],
    ids=["length", "infinite", "unit", "words"],
)
def test_values_that_can_not_be_filed_are_refused(kb: KnowledgeBase, values: Any, unit: str, words: str) -> None:
    with pytest.raises(ChemwrightError, match=words):
        add_series(kb, "A", _times(3), values, "temperature", unit, zone="UTC")
    assert kb.counts().get("series", 0) == 0


def test_a_wide_historian_table_and_impossible_readings(kb: KnowledgeBase, tmp_path: Path) -> None:
    path = tmp_path / "h.csv"
    path.write_text("time,TI-1,PI-1\n2024-01-01T00:00:00Z,20,1.0\n2024-01-01T00:01:00Z,-300,1.1\n")
    reports = add_table(kb, path, [("TI-1", "temperature", "degC"), ("PI-1", "pressure", "bar")])
    assert [r.points for r in reports] == [2, 2]
    assert "1 values can't be" in reports[0].noticed[0]
    assert kb.get(reports[0].key).filing.suspicion
    assert read_series(kb, "PI-1")["value"].to_pylist() == pytest.approx([1e5, 1.1e5])
    with pytest.raises(InputError, match="no column 'TI-2'"):
        add_table(kb, path, [("TI-2", "temperature", "degC")])
    with pytest.raises(InputError, match="no series 'TI-9'"):
        read_series(kb, "TI-9")
