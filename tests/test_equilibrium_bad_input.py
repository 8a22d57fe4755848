"""What a flash says of bad input: the place, what was given, the mend."""

import numpy as np
import pytest

from chemwright.errors import InputError, PropertyMissing, SubstanceError
from chemwright.thermo import Ideal
from chemwright.thermo.equilibrium import CubicEos, GammaPhi, cubic_from_names, flash, flash_batch
from test_equilibrium import gamma_phi


@pytest.fixture(scope="module")
def pair():
    return CubicEos(("methane", "propane"), (190.6, 369.8), (4.6e6, 4.25e6), (0.011, 0.152))


BAD = [
    ("empty", [], 300.0, 1e5, "no mole fractions"),
    ("one too few", [1.0], 300.0, 1e5, "2 a feed expected"),
    ("sum", [0.3, 0.5], 300.0, 1e5, "sum to 0.8, not to one"),
    ("amounts", [3.0, 5.0], 300.0, 1e5, "sum to 8"),
    ("negative", [-0.1, 1.1], 300.0, 1e5, "-0.1.* of 'methane' is negative"),
    ("not a number", [float("nan"), 1.0], 300.0, 1e5, "'methane' is not a finite number"),
    ("infinite", [0.0, float("inf")], 300.0, 1e5, "'propane' is not a finite number"),
    ("text", ["a", "b"], 300.0, 1e5, "are not numbers"),
    ("zeros", [0.0, 0.0], 300.0, 1e5, "sum to 0"),
    ("zero kelvin", [0.5, 0.5], 0.0, 1e5, "0 K is not positive"),
    ("degrees below zero", [0.5, 0.5], -5.0, 1e5, "-5 K is not positive"),
    ("temperature not a number", [0.5, 0.5], float("nan"), 1e5, "is not positive"),
    ("temperature as text", [0.5, 0.5], "warm", 1e5, "'warm' is not a number"),
    ("hot", [0.5, 0.5], 1e6, 1e5, "beyond 1 to 10000 K"),
    ("vacuum", [0.5, 0.5], 300.0, 0.0, "0 Pa is not positive"),
    ("gauge", [0.5, 0.5], 300.0, -1e4, "-10000 Pa is not positive"),
    ("pressure of a star", [0.5, 0.5], 300.0, 1e15, "beyond 0.001 to 1e\\+11 Pa"),
    ("infinite pressure", [0.5, 0.5], 300.0, float("inf"), "beyond"),
]


@pytest.mark.parametrize(("z", "T", "P", "says"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_bad_feeds(pair, z, T, P, says):
    with pytest.raises(InputError, match=says) as told:
        flash(pair, z, T, P)
    assert told.value.where
    assert told.value.fix


def test_the_bad_row_of_a_batch_is_named(pair):
    with pytest.raises(InputError, match="negative") as told:
        flash_batch(pair, [[0.5, 0.5], [1.2, -0.2]], 300.0, 1e5)
    assert "feed 1" in told.value.where
    with pytest.raises(InputError, match="3 values of temperature for 2 feeds"):
        flash_batch(pair, [[0.5, 0.5], [0.2, 0.8]], [300.0, 310.0, 320.0], 1e5)


def test_bad_models():
    with pytest.raises(InputError, match="empty mixture"):
        CubicEos((), (), (), ())
    with pytest.raises(InputError, match="empty mixture"):
        GammaPhi(Ideal(()), [])
    with pytest.raises(InputError, match="1 pure models for 2"):
        GammaPhi(Ideal(("a", "b")), gamma_phi("ethanol", "water").models[:1])
    with pytest.raises(InputError, match="no cubic equation 'PR77'") as told:
        CubicEos(("a",), (300.0,), (4e6,), (0.1,), "PR77")
    assert "PR78" in told.value.fix
    with pytest.raises(InputError, match="positive"):
        CubicEos(("a",), (-300.0,), (4e6,), (0.1,))
    with pytest.raises(InputError, match="2 expected"):
        CubicEos(("a", "b"), (300.0,), (4e6, 4e6), (0.1, 0.1))
    with pytest.raises(InputError, match="symmetric"):
        CubicEos(("a", "b"), (300.0, 400.0), (4e6, 4e6), (0.1, 0.1), kij=((0.0, 0.1), (0.2, 0.0)))
    with pytest.raises(SubstanceError):
        cubic_from_names(["methane", "no such thing"])
    with pytest.raises(PropertyMissing, match="no table gives"):
        cubic_from_names(["CCCCCCCCOCCCCCCCCN"])


def test_below_the_pole_of_antoine():
    fluid = gamma_phi("ethanol", "water")
    with pytest.raises(InputError, match="vapour pressure of 'ethanol' has no meaning at 50 K"):
        flash(fluid, [0.5, 0.5], 50.0, 1e5)
    assert np.isfinite(flash(fluid, [0.5, 0.5], 150.0, 1e5).gibbs)
