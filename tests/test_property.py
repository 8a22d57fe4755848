"""Pure properties against measured figures, limits of the estimates, conflicts, salts, bad input, speed and light import."""

import math
import subprocess
import sys
import time

import numpy as np
import pytest

from chemwright.errors import PropertyMissing, SubstanceError
from chemwright.property import PROPERTIES, pure_claims
from chemwright.property.consensus import Reading, consensus
from chemwright.property.molecule import structure
from chemwright.property.vapour import fit_antoine, lee_kesler
from chemwright.record import Species

ETHANOL = Species("ethanol", "CCO", cas="64-17-5")
AMINE = Species("amine", "C1COCCN1", cas="110-91-8")
TEA = Species("tea", "CCN(CC)CC", cas="121-44-8")
SM = Species("SM", "O=[N+]([O-])c1ccc(F)cc1F", cas="446-35-5")
HF = Species("HF", "F", cas="7664-39-3")
ORTHO = Species("ortho", "O=[N+]([O-])c1ccc(F)cc1N1CCOCC1")
BIS = Species("bis", "O=[N+]([O-])c1ccc(N2CCOCC2)cc1N1CCOCC1")
SALT = Species("salt", "[F-].CC[NH+](CC)CC")
ODD = Species("odd", "B1OCCO1")
EVERY = (
    ETHANOL,
    AMINE,
    TEA,
    SM,
    HF,
    ORTHO,
    BIS,
    SALT,
    ODD,
    Species("nacl", "[Na+].[Cl-]"),
    Species("water", "O"),
    Species("glycine", "[NH3+]CC(=O)[O-]"),
    Species("argon", "[Ar]"),
)


def claims(species):
    return {c.property: c for c in pure_claims(species).claims}


@pytest.mark.parametrize("species", EVERY, ids=lambda s: s.id)
def test_every_species_gets_every_property_with_a_source_it_names(species):
    result = pure_claims(species)
    assert tuple(c.property for c in result.claims) == tuple(PROPERTIES)
    known = {s.id for s in result.sources}
    for claim in result.claims:
        assert claim.id == f"{species.id}.{claim.property}"
        assert claim.subject == species.id
        assert claim.unit == PROPERTIES[claim.property]
        assert claim.source in known
        assert claim.note
        assert (claim.std is None) == (claim.property[-2:] in ("_A", "_B", "_C"))
    positive = ("boiling_point", "heat_of_vaporisation", "liquid_heat_capacity", "liquid_molar_volume", "vapour_pressure_factor")
    assert all(claims(species)[p].value > 0 for p in positive)


# handbook figures: normal boiling point K, heat of vaporisation there kJ/mol, liquid density at 25 degC kg/L, liquid heat of formation kJ/mol
MEASURED = [
    (ETHANOL, 351.4, 38.6, 0.785, 46.07, -277.6),
    (AMINE, 401.4, 37.1, 0.998, 87.12, None),
    (TEA, 362.0, 31.0, 0.724, 101.19, -127.7),
    (Species("bz", "c1ccccc1"), 353.24, 30.7, 0.874, 78.11, 49.1),
]


@pytest.mark.parametrize(("species", "tb", "hvap", "density", "mass", "hf"), MEASURED, ids=[m[0].id for m in MEASURED])
def test_handbook_values(species, tb, hvap, density, mass, hf):
    c = claims(species)
    assert c["boiling_point"].value == pytest.approx(tb, abs=1.0)
    assert c["boiling_point"].tier == "measured"
    assert c["heat_of_vaporisation"].value == pytest.approx(hvap * 1e3, rel=0.02)
    assert c["liquid_molar_volume"].value == pytest.approx(mass / density * 1e-6, rel=0.025)
    if hf is not None:
        assert c["heat_of_formation_liquid"].value == pytest.approx(hf * 1e3, abs=1e3)


@pytest.mark.parametrize("species", [ETHANOL, AMINE, TEA, HF, Species("water", "O")], ids=lambda s: s.id)
def test_vapour_pressure_is_one_atmosphere_at_the_boiling_point(species):
    c = claims(species)
    a, b, k = (c[f"vapour_pressure_{x}"].value for x in "ABC")
    tb = c["boiling_point"]
    boils = b / (a - math.log(101325.0)) - k
    per_kelvin = b / (boils + k) ** 2
    assert abs(boils - tb.value) < math.hypot(tb.std, c["vapour_pressure_factor"].std / per_kelvin)
    assert c["vapour_pressure_factor"].tier == "correlated"
    assert c["vapour_pressure_factor"].std >= 0.02


def test_ethanol_vapour_pressure_at_298_k():
    c = claims(ETHANOL)
    a, b, k = (c[f"vapour_pressure_{x}"].value for x in "ABC")
    assert math.exp(a - b / (298.15 + k)) == pytest.approx(7.87e3, rel=0.02)  # 59.0 mmHg in the usual tables


def test_boiling_point_std_covers_the_conflict_and_names_it():
    out = consensus([Reading("a", 400.0), Reading("b", 401.0), Reading("c", 300.0)], within=0.01, floor=0.5, single=2.0)
    assert out.value == 400.5
    assert [r.source for r in out.outliers] == ["c"]
    assert "c 300" in out.note
    split = consensus([Reading("a", 400.0), Reading("b", 300.0)], within=0.01, floor=0.5, single=2.0)
    assert split.value == 400.0
    assert split.std > 50.0
    assert consensus([Reading("a", 400.0)], within=0.01, floor=0.5, single=2.0).std == 2.0
    with pytest.raises(PropertyMissing):
        consensus([], within=0.01, floor=0.5, single=2.0)


def test_conflicting_heats_of_formation_widen_the_uncertainty():
    hf = claims(TEA)["heat_of_formation_liquid"]
    assert "conflict" in hf.note
    assert hf.std > 1e4


def test_estimates_say_so_and_are_wide():
    c = claims(ORTHO)
    assert c["boiling_point"].tier == "estimated"
    assert c["boiling_point"].source == "JobackReid1987"
    assert c["boiling_point"].value == pytest.approx(675.49)  # 198.2 + group sum, by hand
    assert c["boiling_point"].std == 30.0
    assert c["vapour_pressure_factor"].std == 1.0
    assert c["heat_of_formation_liquid"].std >= 2e4
    assert claims(SM)["liquid_molar_volume"].value == pytest.approx(159.09 / 1.451 * 1e-6, rel=0.08)  # measured 1.451 kg/L
    assert claims(ODD)["boiling_point"].tier == "assumed"


def test_measured_boiling_point_gives_a_narrower_vapour_pressure():
    assert claims(SM)["vapour_pressure_factor"].std < 0.5 < claims(ORTHO)["vapour_pressure_factor"].std


def test_salt_is_non_volatile_and_made_of_its_partners():
    c = claims(SALT)
    assert (c["vapour_pressure_A"].value, c["vapour_pressure_B"].value, c["vapour_pressure_C"].value) == (-60.0, 0.0, 0.0)
    assert c["vapour_pressure_A"].tier == "assumed"
    partners = claims(HF)["heat_of_formation_liquid"].value + claims(TEA)["heat_of_formation_liquid"].value
    assert c["heat_of_formation_liquid"].value == pytest.approx(partners - 1e5)
    assert c["heat_of_formation_liquid"].std > 3e4


def test_nitro_groups_are_no_salts_and_zwitterions_are():
    assert not structure(SM.smiles).ionic
    assert not structure("C[N+](C)(C)[O-]").ionic
    assert structure(SALT.smiles).partners == ("CCN(CC)CC", "F")
    assert structure("[NH3+]CC(=O)[O-]").ionic
    assert structure("[Na+].[Cl-]").partners == ()


def test_antoine_fit_returns_what_it_was_given():
    t = np.linspace(280.0, 430.0, 31)
    a, b, c, worst = fit_antoine(t, 22.0 - 3300.0 / (t - 60.0))
    assert (a, b, c) == pytest.approx((22.0, 3300.0, -60.0), rel=1e-8)
    assert worst < 1e-10
    b = lee_kesler(600.0, 30.0, 850.0, 35e5, "JobackReid1987").b
    assert b > 0
    narrow, wide = (lee_kesler(500.0, s, 720.0, 40e5, "JobackReid1987").rel_std for s in (1.0, 20.0))
    assert narrow < wide <= 1.0


@pytest.mark.parametrize(
    ("name", "smiles", "cas", "boils"),
    [("hydrogen", "[H][H]", "1333-74-0", 20.37), ("helium", "[He]", "7440-59-7", 4.22), ("nitrogen", "N#N", "7727-37-9", 77.36), ("methane", "C", "74-82-8", 111.67)],
    ids=["hydrogen", "helium", "nitrogen", "methane"],
)
def test_a_gas_above_its_critical_point_is_extrapolated_and_says_so(name, smiles, cas, boils):
    claims = {c.property: c for c in pure_claims(Species(name, smiles, cas=cas)).claims}
    a, b, c = (claims[f"vapour_pressure_{k}"].value for k in "ABC")
    assert math.exp(a - b / (boils + c)) == pytest.approx(101325.0, rel=0.1)
    assert claims["vapour_pressure_factor"].std == 1.0
    assert "Henry" in claims["vapour_pressure_factor"].note


def test_an_unknown_structure_is_refused():
    with pytest.raises(SubstanceError, match="SMILES"):
        pure_claims(Species("x", "C1CC"))


def test_fast_and_deterministic():
    first = [pure_claims(s) for s in EVERY]
    pure_claims.cache_clear()
    start = time.process_time()
    again = [pure_claims(s) for s in EVERY]
    assert time.process_time() - start < 1.0
    assert again == first


def test_importing_property_and_thermo_is_light():
    heavy = "{'rdkit', 'chemicals', 'thermo', 'pandas', 'scipy', 'casadi', 'pint', 'sklearn'}"
    code = f"import sys, chemwright.property, chemwright.thermo; bad = {heavy} & set(sys.modules); assert not bad, bad"
    subprocess.run([sys.executable, "-c", code], check=True)
