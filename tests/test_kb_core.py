"""The shipped core: known figures with their sources, a consensus near the accepted value, conflicts that are real, and nothing impossible in it."""

import sqlite3

import pytest

from chemwright.errors import InputError, PropertyMissing, SubstanceError
from chemwright.knowledge.base import open_base
from chemwright.knowledge.conflicts import consensus_of, find_conflicts
from chemwright.knowledge.core import curves, readings
from chemwright.knowledge.profile import profile, statistics

# accepted values: NIST Chemistry WebBook, SRD 69 (normal boiling and critical temperatures), rounded
ACCEPTED = {
    "water": (373.12, 647.1), "ethanol": (351.5, 514.0), "benzene": (353.3, 562.0), "acetone": (329.3, 508.0), "toluene": (383.8, 591.8), "methanol": (337.8, 513.0), "hexane": (341.9, 507.6),
    "chloroform": (334.3, 537.0),
}  # fmt: skip


@pytest.mark.parametrize("name", ACCEPTED)
def test_consensus_is_near_the_accepted_value(core, name):
    for known, prop in zip(ACCEPTED[name], ("normal_boiling_point", "critical_temperature"), strict=True):
        a = consensus_of(core, name, prop)
        assert a.settled
        assert a.sources >= 2
        assert abs(a.value - known) < max(2 * a.std, 0.003 * known)


def test_vapour_pressure_at_a_temperature_and_without_one(core):
    a = consensus_of(core, "ethanol", "vapour pressure", {"temperature": 298.15})
    assert a.value == pytest.approx(7900, rel=0.02)
    with pytest.raises(InputError, match=r"known at \d+ temperatures"):
        consensus_of(core, "ethanol", "vapour_pressure")
    with pytest.raises(PropertyMissing):
        consensus_of(core, "ethanol", "vapour_pressure", {"temperature": 2000.0})
    with pytest.raises(SubstanceError):
        consensus_of(core, "unobtainium", "vapour_pressure")


def test_conflicts_are_found_with_their_sources_and_a_new_slip_comes_first(core, tmp_path):
    found = find_conflicts(core, "boiling_point")
    assert all(c.agreement.conflicting and c.property == "normal_boiling_point" for c in found)
    assert [c.agreement.worst for c in found] == sorted((c.agreement.worst for c in found), reverse=True)
    target = tmp_path / "own.kb"
    target.write_bytes(core.path.read_bytes())
    from chemwright.knowledge.base.single import add_claim

    with open_base(target) as own:
        answer = add_claim(own, "ethanol", "沸点", "784 degC", ["pressure=1atm"], source="notebook 12")
        assert "joint standard deviations" in answer["suspicion"]
        assert answer["known"]["value"] == pytest.approx(351.5, abs=1)
        after = find_conflicts(own, "Tb", limit=3)
        assert after[0].name == "ethanol"
        own.retract(answer["key"], why="a slip")
        assert len(find_conflicts(own, "Tb")) == len(found)


def test_profile_shows_every_source_beside_the_consensus(core):
    shown = profile(core, "64-17-5", "normal_boiling_point")
    row = shown["properties"][0]
    assert shown["substance"]["name"] == "ethanol"
    assert row["settled"]
    assert len(row["claims"]) >= 3
    assert len({c["source"] for c in row["claims"]}) == len(row["claims"])
    one = profile(core, row["claims"][0]["key"][:10])
    assert one["kind"] == "claim"
    assert one["record"]["value"] == row["claims"][0]["value"]
    with pytest.raises(SubstanceError):
        profile(core, "nothing of the kind")


def test_statistics_add_up(core):
    s = statistics(core)
    assert sum(p["claims"] for p in s["properties"]) == s["counts"]["claim"] == sum(x["claims"] for x in s["sources"]) == sum(s["standing"].values())


def test_what_is_impossible_is_refused_and_said(core):
    with core.reading() as connection:
        for item in core.vocabulary:
            row = connection.exec_driver_sql("SELECT min(c.value), max(c.value) FROM claim c JOIN property p ON p.pk = c.property WHERE p.name = ?", (item.name,)).one()
            if row[0] is not None:
                assert item.check(row[0]) == item.check(row[1]) == ""
    made = core.history(limit=10)
    assert any(line["what"] == "core" and '"refused"' in line["detail"] for line in made)


def test_every_figure_has_a_known_source_and_property(core):
    sources = {s.id for s in readings.sources()}
    figures = [*readings.direct(), *readings.exposure_limits()]
    assert {r.source for r in figures} | {c.source for c in curves.curves()} <= sources
    for name in {r.property for r in figures} | {c.property for c in curves.curves()}:
        assert core.vocabulary.find(name).name == name
    assert len(figures) > 200_000


def test_curves_stay_within_their_range(core):
    for curve in curves.curves():
        table = readings.frame(curve.module, curve.table)
        assert set(curve.columns) <= set(table.columns)
    assert curves._temperatures(280.0, 320.0) == [298.15, 300.0]
    ends = {c.high for c in curves.curves()}
    assert "Tc" in ends
    wagner = next(c for c in curves.curves() if c.table == "Psat_data_WagnerMcGarry")
    critical = readings.frame(wagner.module, wagner.table)["Tc"]
    tops = {r.cas: r.temperature for r in curves.points(lambda low, high: [high]) if r.method == wagner.table}
    assert all(tops[readings.cas_number(k)] == pytest.approx(0.99 * tc) for k, tc in critical.items() if readings.cas_number(k) in tops)


def test_the_file_is_plain_sqlite_without_journal_left(core):
    with sqlite3.connect(core.path) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
