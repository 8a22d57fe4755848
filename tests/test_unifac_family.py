"""The UNIFAC family: agreement with `thermo`, limits, Gibbs and Duhem, groups."""

import casadi as ca
import numpy as np
import pytest

from chemwright.errors import InputError
from chemwright.structure.molecule import inchikey
from chemwright.thermo import Ideal, Unifac, activity_model
from chemwright.thermo.groups import FAMILIES, family, groups_of, interaction_table

SMILES = {"ethanol": "CCO", "water": "O", "benzene": "c1ccccc1", "cyclohexane": "C1CCCCC1", "acetone": "CC(C)=O", "chloroform": "ClC(Cl)Cl", "butyl acetate": "CCCCOC(C)=O"}
MIXTURES = (("ethanol", "water"), ("benzene", "cyclohexane"), ("acetone", "chloroform"), ("ethanol", "water", "butyl acetate"), ("acetone", "benzene", "ethanol", "cyclohexane"))
VERSION = {
    "original": (0, "UFSG", "UFIP"),
    "dortmund": (1, "DOUFSG", "DOUFIP2016"),
    "psrk": (2, "PSRKSG", "PSRKIP"),
    "unifac2": (0, "UFSG", "UF2IP"),
    "dortmund2": (1, "DOUFSG", "DOUF2IP"),
}


def model(names, kind):
    return Unifac.from_smiles([(n, SMILES[n]) for n in names], kind, fragments=True)


@pytest.mark.parametrize("kind", FAMILIES)
@pytest.mark.parametrize("names", MIXTURES, ids="-".join)
def test_agrees_with_thermo(names, kind):
    import thermo.unifac as reference

    ours = model(names, kind)
    assert ours.missing == ()
    version, subgroups, parameters = VERSION[kind]
    groups = [groups_of(SMILES[n], kind) for n in names]
    rng = np.random.default_rng(4)
    for t in (280.0, 330.0, 410.0):
        x = rng.dirichlet(np.ones(len(names))).tolist()
        theirs = reference.UNIFAC.from_subgroups(
            T=t, xs=x, chemgroups=groups, version=version, subgroups=getattr(reference, subgroups), interaction_data=getattr(reference, parameters)
        ).gammas()
        assert np.exp(ours.ln_gamma(x, t)) == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("kind", FAMILIES)
def test_assignments_are_the_data_banks(kind):
    import thermo.unifac as reference

    reference.load_group_assignments_DDBST()
    table = getattr(reference, FAMILIES[kind].assignments)
    for smiles in SMILES.values():
        assert groups_of(smiles, kind) == table[inchikey(smiles)]


@pytest.mark.parametrize("kind", ["dortmund", "psrk", "dortmund2"])
def test_arrays_and_symbols_agree(kind):
    names = ("ethanol", "water", "butyl acetate")
    ours = model(names, kind)
    x, t = ca.SX.sym("x", 3), ca.SX.sym("t")
    symbolic = ca.Function("f", [x, t], [ca.vertcat(*ours.ln_gamma([x[i] for i in range(3)], t))])
    rng = np.random.default_rng(5)
    points, temperatures = rng.dirichlet(np.ones(3), size=30), rng.uniform(280.0, 420.0, 30)
    batch = np.array(ours.ln_gamma(list(points.T), temperatures))
    for k in range(30):
        assert np.asarray(symbolic(points[k], temperatures[k])).ravel() == pytest.approx(batch[:, k], abs=1e-10)


@pytest.mark.parametrize("kind", FAMILIES)
def test_gibbs_duhem_and_limits(kind):
    ours, rng, h = model(("acetone", "benzene", "ethanol"), kind), np.random.default_rng(6), 1e-5
    x = rng.dirichlet(np.ones(3) * 3)
    d = rng.normal(size=3)
    d -= d.mean()
    slope = (np.array(ours.ln_gamma(list(x + h * d), 340.0)) - np.array(ours.ln_gamma(list(x - h * d), 340.0))) / (2 * h)
    assert abs(x @ slope) < 1e-8
    pure, near = ours.ln_gamma([1.0, 0.0, 0.0], 340.0), ours.ln_gamma([1.0 - 2e-9, 1e-9, 1e-9], 340.0)
    assert pure[0] == pytest.approx(0.0, abs=1e-12)
    assert pure == pytest.approx(near, abs=1e-7)


def test_dortmund_keeps_the_azeotrope_of_ethanol_and_water():
    gamma = np.exp(model(("ethanol", "water"), "dortmund").ln_gamma([0.894, 0.106], 351.40))
    psat = {"ethanol": 101325.0, "water": 43800.0}  # at 351.4 K water has some 43.8 kPa, ethanol boils at 351.44 K
    assert gamma[0] * psat["ethanol"] / (gamma[1] * psat["water"]) == pytest.approx(1.0, abs=0.03)


def test_a_molecule_outside_the_table_is_fragmented():
    ester = "CC(C)(C)CC(C)(C)COC(C)=O"
    assert groups_of(ester, "dortmund2", False) == {}
    assert groups_of(ester, "dortmund2") == {1: 5, 2: 2, 4: 2, 21: 1}
    assert groups_of("[Na+].[Cl-]", "dortmund2") == {}


def test_matrices_of_the_second_generation_are_complete():
    for kind in ("unifac2", "dortmund2"):
        table = interaction_table(kind)
        assert all(n in table[m] for m in table for n in table)


def test_doors():
    pair = [("a", "CCO"), ("b", "O")]
    assert isinstance(activity_model(pair, "ideal"), Ideal)
    assert activity_model(pair, "dortmund").family == "dortmund"
    with pytest.raises(InputError, match="no activity model") as caught:
        activity_model(pair, "dortmnd")
    assert "dortmund" in str(caught.value)
    with pytest.raises(InputError, match="same id"):
        activity_model([("a", "CCO"), ("a", "O")])
    with pytest.raises(InputError):
        activity_model([])
    with pytest.raises(InputError, match="no UNIFAC family"):
        family("unifac3")
