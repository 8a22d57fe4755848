"""Solubility of solids: closed forms, published figures, spread, micelles and what is refused."""

import math

import pytest

from chemwright.errors import InputError, PropertyMissing
from chemwright.thermo.activity import Ideal
from chemwright.thermo.melting import Melting, entropy_of_fusion, melting
from chemwright.thermo.solubility import Medium, micellar_solubility, solid_solubility

NAPHTHALENE, PARACETAMOL = "c1ccc2ccccc2c1", "CC(=O)Nc1ccc(O)cc1"
SOLID = Melting(353.4, 0.3, 19000.0, 300.0)


class Margules:
    """One-parameter Margules, whose saturation has a closed check."""

    ids, missing = ("solute", "solvent"), ()

    def __init__(self, a):
        self.a = a

    def ln_gamma(self, x, T):
        return [self.a * x[1] ** 2, self.a * x[0] ** 2]


def test_ideal_solubility_is_schroeders_law():
    found = solid_solubility(NAPHTHALENE, [("c1ccccc1", 1.0)], 298.15, model=Ideal(("a", "b")), known=SOLID, model_std=0.0)
    assert found.x == pytest.approx(math.exp(-19000.0 / 8.31446261815324 * (1 / 298.15 - 1 / 353.4)), rel=1e-8)
    assert found.x == pytest.approx(found.ideal)
    assert found.ln_gamma == 0.0
    h = 1e-3 * 19000.0
    more = solid_solubility(NAPHTHALENE, [("c1ccccc1", 1.0)], 298.15, model=Ideal(("a", "b")), known=Melting(353.4, 0.0, 19000.0 + h, 0.0), model_std=0.0)
    by_heat = abs(math.log(more.x / found.x)) / h * 300.0
    by_point = 19000.0 / (8.314462618 * 353.4**2) * 0.3
    assert found.std_ln == pytest.approx(math.hypot(by_heat, by_point), rel=1e-2)


@pytest.mark.parametrize("a", [-2.0, 1.0, 2.5], ids=["mixing likes", "mild", "strong"])
def test_solid_and_liquid_have_equal_fugacities(a):
    found = solid_solubility(NAPHTHALENE, [("CCO", 1.0)], 300.0, model=Margules(a), known=SOLID)
    assert math.log(found.x) + a * (1 - found.x) ** 2 == pytest.approx(math.log(found.ideal), abs=1e-8)
    assert found.low < found.x < found.high


def test_a_liquid_that_splits_is_told():
    found = solid_solubility(NAPHTHALENE, [("CCO", 1.0)], 340.0, model=Margules(4.0), known=SOLID)
    assert "splits the liquid in two" in found.note


def test_melting_data_from_tables_and_by_rule():
    solid = melting(PARACETAMOL)
    assert pytest.approx(443.0, abs=3.0) == solid.T
    assert solid.T_std > 0
    assert 15e3 < solid.heat < 35e3
    assert solid.heat_std > 0
    rigid = melting("O=C1c2ccccc2C(=O)c2ccccc21")
    assert rigid.heat > 0
    assert entropy_of_fusion("c1ccc2cc3ccccc3cc2c1") == pytest.approx(44.0)
    assert entropy_of_fusion("CCCCCCCC") > entropy_of_fusion("CCCC")
    guessed = melting("CC(=O)Nc1ccc(OCCCCBr)cc1Cl", T=400.0)
    assert guessed.tier == "mechanism"
    assert guessed.heat_std == pytest.approx(14.0 * 400.0, rel=0.02)


def test_micelles_dissolve_more_the_less_water_likes_the_drug():
    plain, _ = micellar_solubility(0.1, 2.0, Medium(0.0))
    wet, std = micellar_solubility(0.1, 2.0, Medium(15.0))
    greasy, _ = micellar_solubility(0.1, 4.0, Medium(15.0))
    assert plain == 0.1
    assert plain < wet < greasy
    assert std > 0
    # Mithani et al. 1996: log SR = 2.234 + 0.606 log P against the moles of water
    assert wet == pytest.approx(0.1 * (1 + 10 ** (2.234 + 0.606 * 2.0) * 15.0 / 55.3e3))
    assert micellar_solubility(0.1, 2.0, Medium(5.0, cmc=8.0))[0] == 0.1


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: solid_solubility(NAPHTHALENE, [], 300.0, known=SOLID), InputError, "mole fractions"),
        (lambda: solid_solubility(NAPHTHALENE, [("O", -1.0)], 300.0, known=SOLID), InputError, "mole fractions"),
        (lambda: solid_solubility(NAPHTHALENE, [("O", 1.0)], 0.0, known=SOLID), InputError, "positive number"),
        (lambda: melting("CC(=O)Nc1ccc(OCCCCBr)cc1Cl"), PropertyMissing, "melting point"),
        (lambda: micellar_solubility(-1.0, 2.0, Medium(15.0)), InputError, "negative"),
    ],
    ids=["no solvent", "negative", "zero kelvin", "no melting point", "negative solubility"],
)
def test_plain_errors(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_paracetamol_by_pc_saft():
    pytest.importorskip("feos", reason="the extra saft is not installed")
    # mole fractions at 298.15 K: AAPS PharmSciTech 9 (2008) 205, table V, doi 10.1208/s12249-008-9033-0
    water = solid_solubility(PARACETAMOL, [("O", 1.0)], 298.15)
    octanol = solid_solubility(PARACETAMOL, [("CCCCCCCCO", 1.0)], 298.15)
    hexane = solid_solubility(PARACETAMOL, [("CCCCCC", 1.0)], 298.15)
    assert hexane.x < water.x < octanol.x
    for found, measured in ((water, 1.72e-3), (octanol, 2.47e-2), (hexane, 4.12e-6)):
        assert found.low < measured < found.high
    mixed = solid_solubility(PARACETAMOL, [("O", 0.5), ("CCO", 0.5)], 298.15)
    assert water.x < mixed.x
    assert mixed.mass_per_mass == pytest.approx(mixed.x / (1 - mixed.x) * 0.151165 / (0.5 * 0.018015 + 0.5 * 0.046069), rel=1e-3)
