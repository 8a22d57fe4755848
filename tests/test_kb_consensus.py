"""Consensus: limits, agreement with what the rule says, copies that count half, outliers that don't move it, and what is not settled."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chemwright.errors import PropertyMissing
from chemwright.knowledge import vocabulary
from chemwright.knowledge.base.claims import Filed
from chemwright.knowledge.consensus import JOINT, agreement, expected_std, scatter_factors
from chemwright.record import Claim, Filing

TB = vocabulary().find("normal_boiling_point")
PSAT = vocabulary().find("vapour_pressure")


def filed(value, source, std=None, tier="measured", item=TB):
    return Filed(f"{source}{value}", "claim", Claim("c", "s", item.name, value, item.unit, std, source=source, tier=tier), Filing())


def test_one_claim_is_itself_with_its_own_std():
    a = agreement([filed(350.0, "A", 0.5)], TB)
    assert (a.value, a.settled, a.sources, a.conflicting) == (350.0, True, 1, ())
    assert a.std == pytest.approx(max(0.5, TB.scatter * scatter_factors()["normal_boiling_point"] / 3.0))


def test_without_a_std_the_scatter_between_sources_stands_in():
    assert agreement([filed(350.0, "A")], TB).std == pytest.approx(TB.scatter * scatter_factors()["normal_boiling_point"])
    assert agreement([filed(350.0, "A", tier="estimated")], TB).std == pytest.approx(3.0 * agreement([filed(350.0, "A")], TB).std)


def test_the_weighted_mean_of_those_that_agree():
    said = [filed(350.0, "A", 2.0), filed(351.0, "B", 4.0)]
    u = [expected_std(c, TB) for c in said]
    a = agreement(said, TB)
    assert a.value == pytest.approx((350.0 / u[0] ** 2 + 351.0 / u[1] ** 2) / (1 / u[0] ** 2 + 1 / u[1] ** 2))
    assert a.std == pytest.approx((1 / u[0] ** 2 + 1 / u[1] ** 2) ** -0.5)


def test_an_outlier_is_named_and_does_not_move_it():
    said = [filed(350.0, "A"), filed(350.5, "B"), filed(351.0, "C")]
    alone, with_slip = agreement(said, TB), agreement([*said, filed(623.65, "D")], TB)
    assert with_slip.value == pytest.approx(alone.value)
    assert [c.record.source for c in with_slip.conflicting] == ["D"]
    assert with_slip.settled
    assert with_slip.worst > JOINT
    assert "in conflict: D 623.65" in with_slip.note


def test_one_against_one_is_not_settled_and_the_std_spans_both():
    a = agreement([filed(350.0, "A"), filed(450.0, "B")], TB)
    assert not a.settled
    assert a.std >= 50.0
    assert "not settled" in a.note


def test_a_copied_figure_against_a_single_one_is_not_settled_but_independent_ones_are():
    assert not agreement([filed(350.0, "A"), filed(350.0, "B"), filed(450.0, "C")], TB).settled
    assert agreement([filed(350.0, "A"), filed(350.7, "B"), filed(450.0, "C")], TB).settled


def test_copies_don_t_narrow_the_std():
    assert agreement([filed(350.0, "A"), filed(350.0, "B"), filed(350.0, "C")], TB).std == agreement([filed(350.0, "A")], TB).std


def test_one_source_counts_once():
    many = [filed(400.0 + 0.1 * i, "A") for i in range(9)]
    a = agreement([*many, filed(350.0, "B"), filed(350.4, "C")], TB)
    assert a.value == pytest.approx(350.2, abs=0.1)


def test_scatter_beyond_what_is_claimed_widens_the_std():
    tight = [filed(350.0 + d, s, 1.5) for d, s in ((0.0, "A"), (5.0, "B"), (-5.0, "C"))]
    u = expected_std(tight[0], TB)
    assert agreement(tight, TB).std > u / math.sqrt(3)


def test_a_property_of_many_decades_is_judged_on_the_logarithm():
    a = agreement([filed(1000.0, "A", item=PSAT), filed(1020.0, "B", item=PSAT), filed(1.0, "C", item=PSAT)], PSAT)
    assert a.value == pytest.approx(1010.0, rel=0.01)
    assert [c.record.source for c in a.conflicting] == ["C"]


def test_zero_where_zero_can_be():
    dipole = vocabulary().find("dipole_moment")
    a = agreement([filed(0.0, "A", item=dipole), filed(0.0, "B", item=dipole)], dipole)
    assert a.value == 0.0
    assert a.settled


def test_no_claims_is_an_error():
    with pytest.raises(PropertyMissing):
        agreement([], TB)


@given(st.lists(st.floats(100.0, 1000.0), min_size=1, max_size=8), st.floats(-50.0, 50.0), st.randoms())
def test_order_does_not_matter_and_a_shift_of_all_shifts_it(values, shift, random):
    said = [filed(v, f"S{i}") for i, v in enumerate(values)]
    mixed = list(said)
    random.shuffle(mixed)
    a, b = agreement(said, TB), agreement(mixed, TB)
    assert (a.value, a.std, a.settled) == (b.value, b.std, b.settled)
    assert min(values) - 1e-9 <= a.value <= max(values) + 1e-9
    assert a.std > 0
    assert len(a.agreeing) + len(a.conflicting) == len(values)
    c = agreement([filed(v + 2000.0, f"S{i}") for i, v in enumerate(values)], TB)
    if a.settled and c.settled and len(a.agreeing) == len(c.agreeing):
        assert c.value == pytest.approx(a.value + 2000.0, abs=1e-6)
