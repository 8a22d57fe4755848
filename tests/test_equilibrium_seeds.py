"""Feeds of the stress set that once failed, by mixture and feed, and a seeded part of the set; held by the judge that was written before the solver."""

import sys
from pathlib import Path

import numpy as np
import pytest

from chemwright.errors import ConvergenceError
from chemwright.thermo.equilibrium import flash_batch

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
ONCE_FAILED = (
    (6, 1),  # a vapour vanished while a second liquid came: three phases became two
    (7, 1),  # the added phase held no amount, as its trial had not been brought to the bottom
    (21, 3),
    (40, 2),  # two species need three phases on the way from vapour and liquid to two liquids
    (88, 2),
    (105, 2),
    (105, 3),
    (108, 2),
    (114, 4),
    (121, 4),
    (122, 1),
    (148, 0),  # successive substitution swung between two points in the stability test
    (166, 1),
    (178, 3),
    (182, 2),
    (183, 0),  # a vanished phase was divided by
    (301, 0),  # Newton's method stuck where a liquid root ends
    (311, 0),
    (311, 1),
    (367, 0),
    (367, 1),
    (367, 2),
    (481, 0),  # a phase had to pass from one root to the other
    (549, 2),
    (733, 4),  # five phases
    (858, 0),
    (1163, 4),
    (1293, 2),
    (1387, 2),
    (1418, 3),
    (1495, 1),
    (1611, 0),  # two phases that differ by 1e-5, flat energy
    (1659, 1),
    (1668, 1),
    (1773, 3),
    (1986, 0),
)


@pytest.fixture(scope="module", autouse=True)
def _benchmarks():
    sys.path.insert(0, str(BENCHMARKS))
    yield
    sys.path.remove(str(BENCHMARKS))


def verdicts(number, feeds):
    """The judge's verdicts on feeds of a mixture of the stress set."""
    from flash import fluid
    from flash_judge import judge, ln_phi
    from flash_stress_set import mixture

    m = mixture(number)
    f = fluid(m)
    rows = list(feeds)
    batch = flash_batch(f, m.z[rows], m.T[rows], m.P[rows])
    for k, row in enumerate(rows):
        answer = batch[k]
        phi = ln_phi(m, float(m.T[row]), float(m.P[row]), getattr(f, "activity", None))
        yield m, row, answer, phi, judge(m.z[row], [(p.amount, p.x, p.kind) for p in answer.phases], phi)


@pytest.mark.parametrize(("number", "feed"), ONCE_FAILED, ids=lambda v: str(v))
def test_feeds_that_once_failed(number, feed):
    from flash_judge import lowest_tangent

    for _, _, answer, phi, verdict in verdicts(number, [feed]):
        assert verdict.faults == ()
        assert lowest_tangent(answer.phases[0].x, answer.phases[0].kind, phi, 1, starts=4) > -1e-7


def test_a_part_of_the_set():
    phases = set()
    for number in range(1000, 1040):
        for _, _, answer, _, verdict in verdicts(number, range(5)):
            assert verdict.faults == ()
            phases.add("".join(p.kind[0] for p in answer.phases))
    assert {"l", "v", "vl", "ll"} <= phases


@pytest.mark.parametrize(("number", "feed"), [(198, 2), (235, 4), (484, 2), (606, 4), (929, 3)], ids=lambda v: str(v))
def test_vapour_over_one_liquid_where_substitution_alone_failed(number, feed):
    from flash import fluid
    from flash_stress_set import mixture

    from chemwright.thermo import flash_tp

    m = mixture(number)
    f = fluid(m)
    full = flash_batch(f, m.z[[feed]], m.T[[feed]], m.P[[feed]])[0]
    old = flash_tp(m.z[feed], float(m.T[feed]), float(m.P[feed]), f.models, f.activity)
    assert 0.0 < old.beta < 1.0
    assert old.beta == pytest.approx(full.vapour_fraction, abs=1e-9)
    assert np.max(np.abs(m.z[feed] - (1.0 - old.beta) * np.array(old.x) - old.beta * np.array(old.y))) < 1e-12


def test_fractions_below_what_floats_hold_are_said_not_guessed():
    from flash import fluid
    from flash_stress_set import mixture

    m = mixture(70)
    with pytest.raises(ConvergenceError, match="did not converge") as told:
        flash_batch(fluid(m), m.z[:1], m.T[:1], m.P[:1])
    assert told.value.residuals
    batch = flash_batch(fluid(m), m.z, m.T, m.P, strict=False)
    assert batch.converged.tolist() == [False, True, True, True, True]
    assert np.all(np.isnan(batch.x[0]))
    assert np.isnan(batch.vapour_fraction[0])
