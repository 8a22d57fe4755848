"""Learned properties: features of batches, estimates, intervals, domain, neighbours, drivers, and that trained files predict what they did when they were made."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from chemwright.errors import PropertyMissing, SubstanceError
from chemwright.property.learned import estimates, estimating, load, models
from chemwright.property.learned.domain import KINDS, NOVELTY, Domain, classes, environments, other_rings, surroundings
from chemwright.property.learned.graphs import Graphs
from chemwright.property.learned.screening import screen
from chemwright.property.learned.store import store
from chemwright.structure.features import ATOM_SIZES, BOND_SIZES, DESCRIPTORS, featurise

TRAINING = str(Path(__file__).parents[1] / "training")
FIXTURE = Path(__file__).parent / "fixtures" / "property_learned.json"
ORDINARY = ("CCO", "c1ccccc1", "CC(=O)OCC", "CCCCCCCCCC", "CC(C)Oc1ccc(Cl)cc1", "CC(=O)Nc1ccc(O)cc1", "C", "NCCN", "FC(F)(F)C(F)(F)F", "O=C1CCCCC1", "CS(C)=O", "C#N")
ODD = {
    "ion": "CC(=O)[O-]",
    "salt": "CC(=O)[O-].[Na+]",
    "metal": "CC[Hg]CC",
    "radical": "C[CH2]",
    "isotope": "[2H]C([2H])([2H])O",
    "no carbon": "O",
    "two molecules": "CCO.CCO",
    "giant": "C" * 120,
    "strange atom": "CC[As](C)C",
}


def test_a_wrong_molecule_does_not_stop_a_batch():
    features = featurise(["CCO", "ethanol?", "", "C1CC", "*C", "c1ccccc1"])
    assert features.ok.tolist() == [True, False, False, False, False, True]
    assert set(features.problems) == {1, 2, 3, 4}
    assert "not a valid SMILES" in features.problems[1]
    found = estimates(features, ["normal_boiling_point"])["normal_boiling_point"]
    assert np.isnan(found.mean[1:5]).all()
    assert not found.in_domain[1:5].any()
    assert abs(found.mean[5] - 353.2) < 25


def test_features_have_the_shapes_told():
    features = featurise(ORDINARY)
    assert features.descriptors.shape == (len(ORDINARY), len(DESCRIPTORS))
    assert np.isfinite(features.descriptors).all()
    assert (features.atoms < np.array(ATOM_SIZES)).all()
    assert (features.bond_kinds < np.array(BOND_SIZES)).all()
    heavy = features.descriptors[:, DESCRIPTORS.index("heavy_atoms")]
    assert heavy.tolist() == np.bincount(features.molecule_of).tolist()
    assert heavy[:4].tolist() == [3, 6, 6, 10]
    assert abs(features.descriptors[1, DESCRIPTORS.index("molar_mass")] - 78.11) < 0.01


@pytest.mark.parametrize("batch", [[], ["C"], ["xx"], ["C", "xx"]], ids=["none", "methane", "wrong", "methane and wrong"])
def test_small_batches(batch):
    found = screen(batch, models())
    assert all(e.mean.shape == (len(batch),) for e in found.values())


def test_the_order_of_atoms_and_the_company_do_not_matter():
    ways = ["CC(C)Oc1ccc(Cl)cc1", "c1cc(OC(C)C)ccc1Cl", "Clc1ccc(cc1)OC(C)C", "[H]C([H])([H])C(C)Oc1ccc(Cl)cc1"]
    alone = [screen([w], models()) for w in ways]
    together = screen([*ORDINARY, *ways], models())
    for name in models():
        values = [a[name].mean[0] for a in alone]
        assert np.allclose(values, values[0], rtol=2e-4, atol=1e-32)
        assert np.allclose(together[name].mean[-4:], values, rtol=2e-4, atol=1e-32)


def test_mirror_images_and_other_ways_to_write_a_centre_are_one():
    ways = ["C[C@H](O)C(=O)O", "O[C@@H](C)C(=O)O", "C[C@@H](O)C(=O)O", "OC(=O)[C@H](O)C"]
    found = screen(ways, ["melting_point"])["melting_point"]
    assert np.allclose(found.mean, found.mean[0], rtol=1e-4)


def test_environments_do_not_depend_on_the_order_of_atoms():
    one, other = (environments(Graphs.of_features(featurise([s]))) for s in ("CC(C)Oc1ccc(Cl)cc1", "Clc1ccc(cc1)OC(C)C"))
    assert sorted(one.tolist()) == sorted(other.tolist())
    assert len(set(one.tolist())) > 4


def test_novelty_is_the_share_of_atoms_in_surroundings_never_seen():
    known = Graphs.of_features(featurise(["CCCCO", "CCCCN", "c1ccccc1C"]))
    domain = Domain.of(environments(known), surroundings(known), known.sizes)
    asked = featurise(["OCCCC", "CCCCCO", "c1ccncc1", "xx"])
    graphs = Graphs.of_features(asked)
    novelty = domain.novelty(graphs)
    # pentanol has no atom with strange neighbours but one whose second neighbours are new; no atom of pyridine but those far from its nitrogen is known
    assert novelty[0] == 0.0
    assert 0.0 < novelty[1] <= 2 / 6
    assert novelty[2] > 0.5
    assert domain.holds(asked, graphs)[:3].tolist() == [True, True, False]
    rings = other_rings(asked.descriptors)
    assert rings.tolist() == [False, False, True, False]
    assert classes(novelty, domain.holds(asked, graphs), rings)[:3].tolist() == [0, 2 if novelty[1] > NOVELTY[1] else 1, 2 * KINDS - 1]


def test_rings_other_than_one_of_benzene_are_told():
    smiles = {"CCO": False, "Cc1ccccc1": False, "c1ccncc1": True, "C1CCCCC1": True, "c1ccc2ccccc2c1": True, "c1ccc(cc1)c1ccccc1": True, "C1CC1c1ccccc1": True}
    assert other_rings(featurise(list(smiles)).descriptors).tolist() == list(smiles.values())


def test_intervals_are_the_wider_the_newer_a_molecule():
    smiles = ["CCCCCCO", "CCOC(=O)CC", "CC(C)(F)C#CS(=O)(=O)CCl", "NC(=O)N(Br)C(F)=C=C", "FC(F)=C=C=C(Cl)SN=O"]
    features = featurise(smiles)
    run, names = estimating._pass(features), store().names
    j = names.index("normal_boiling_point")
    found = load("normal_boiling_point").predict(features)
    factor = (found.high - found.mean) / run.width[:, j]
    rising = np.argsort(classes(run.novelty[:, j], found.in_domain, run.rings), kind="stable")
    assert not run.rings.any()
    assert (np.diff(factor[rising]) > -1e-9).all()
    assert factor.max() > 1.2 * factor.min()


@pytest.mark.parametrize("name", models(), ids=str)
def test_intervals_hold_the_estimate_and_are_finite(name):
    found = load(name).predict(featurise([*ORDINARY, *ODD.values()]))
    assert np.isfinite(found.low).all()
    assert np.isfinite(found.high).all()
    assert np.isfinite(found.std).all()
    assert (found.low <= found.mean).all()
    assert (found.mean <= found.high).all()
    assert (found.std > 0).all()


@pytest.mark.parametrize("smiles", ODD.values(), ids=list(ODD))
def test_what_was_not_learned_from_is_out_of_domain(smiles):
    found = estimates(featurise([smiles]), models())
    assert not any(e.in_domain.any() for e in found.values())


def test_ordinary_molecules_are_in_domain_and_their_intervals_narrower():
    common = estimates(featurise(["CCCCCCO", "CCOC(=O)CC", "Cc1ccccc1"]), ["normal_boiling_point"])["normal_boiling_point"]
    odd = estimates(featurise(list(ODD.values())), ["normal_boiling_point"])["normal_boiling_point"]
    assert common.in_domain.all()
    assert (common.high - common.low).max() < np.median(odd.high - odd.low)


@pytest.mark.parametrize(
    ("name", "smiles", "value", "within"),
    [
        ("normal_boiling_point", "CCCCCCCC", 398.8, 8.0),
        ("normal_boiling_point", "Cc1ccccc1", 383.8, 8.0),
        ("critical_temperature", "CCCCCCCC", 568.7, 10.0),
        ("liquid_molar_volume", "Cc1ccccc1", 106.9e-6, 3e-6),
        ("octanol_water_partition_coefficient_log", "Cc1ccccc1", 2.73, 0.35),
        ("refractive_index", "Cc1ccccc1", 1.494, 0.01),
        ("gas_formation_enthalpy", "CCCCCCCC", -208.5e3, 8e3),
    ],
)
def test_well_known_substances(name, smiles, value, within):
    assert abs(load(name).predict(featurise([smiles])).mean[0] - value) < within


def test_neighbours_are_measured_molecules_most_similar_first():
    found = load("normal_boiling_point").neighbours("CCCCO", 4)
    assert found[0].smiles == "CCCCO"
    assert found[0].similarity == 1.0
    assert abs(found[0].value - 390.8) < 2
    assert [n.similarity for n in found] == sorted((n.similarity for n in found), reverse=True)
    assert load("hydration_free_energy").neighbours("CCCCO") == ()
    homologues = load("normal_boiling_point").neighbours("CCCCCCCCO", 3)
    assert [len(n.smiles) for n in homologues] == [9, 8, 10] or [len(n.smiles) for n in homologues] == [9, 10, 8]
    with pytest.raises(SubstanceError):
        load("normal_boiling_point").neighbours("nonsense")


def test_drivers_tell_what_a_part_does():
    found = {d.name: d.effect for d in load("normal_boiling_point").drivers("OCCCCO")}
    hydroxyl = next(v for k, v in found.items() if k.startswith("*O"))
    assert 50 < hydroxyl < 140
    assert load("normal_boiling_point").drivers("c1ccccc1") == ()
    with pytest.raises(SubstanceError):
        load("normal_boiling_point").drivers("nonsense")


def test_an_unknown_name_is_told_with_near_misses():
    with pytest.raises(PropertyMissing, match="normal_boiling_point"):
        load("normal_boiling_pint")


def test_predictions_stay_the_same():
    kept = json.loads(FIXTURE.read_text(encoding="utf-8"))
    assert kept["sha256"] == store().card["sha256"]["networks.npz"], "the networks were trained anew: write the fixture anew with training/property_training.py fixture"
    features = featurise(kept["smiles"])
    for name, rows in kept["properties"].items():
        found = load(name).predict(features)
        assert np.allclose(found.mean, rows["mean"], rtol=1e-3, atol=abs(np.array(rows["std"])).max() * 1e-2)
        assert np.allclose(found.high, rows["high"], rtol=2e-3, atol=abs(np.array(rows["std"])).max() * 2e-2)
        assert found.in_domain.tolist() == rows["in_domain"]


def test_the_card_tells_every_property():
    card = store().card
    assert card["molecules"] > 30_000
    assert card["script"] == "training/property_training.py"
    for row in card["properties"]:
        assert row["figures"] > 0
        assert row["mae"] > 0
        assert len(row["quantiles"]) == 2 * KINDS
        for part in (row["quantiles"][:KINDS], row["quantiles"][KINDS:]):
            assert part == sorted(part)
            assert part[0] > 0
    vocabulary = (Path(__file__).parents[1] / "src" / "chemwright" / "data" / "vocabulary" / "properties.csv").read_text(encoding="utf-8")
    named = {line.split(",")[0] for line in vocabulary.splitlines()}
    assert set(models()) - named <= {"hydration_free_energy"}


def test_estimates_need_no_torch():
    code = "import sys; from chemwright.property.learned.screening import screen; screen(['CCO'], ['melting_point']); assert not {'torch', 'pandas', 'matplotlib', 'lightgbm'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_figures_that_unseeing_networks_contradict_lose_weight():
    sys.path[:0] = [TRAINING]
    try:
        import property_doubt
    finally:
        sys.path.remove(TRAINING)
    rng = np.random.default_rng(5)
    y = rng.normal(400.0, 50.0, (400, 2))
    said = y + rng.normal(0.0, 5.0, y.shape)
    trust = np.ones(y.shape, np.float32)
    trust[300:, 0], trust[:, 1] = 0.5, 0.5
    y[[0, 350], 0] -= 100.0  # as at reduced pressure
    said[1, 0], y[2, 0] = np.nan, np.nan
    after = property_doubt.trusted(y, said, trust)
    assert after[[0, 350], 0] == pytest.approx([(6 * 5 / 100) ** 2, 0.5 * (4 * 5 / 100) ** 2], rel=0.4)
    assert (after[1:300, 0] == 1.0).mean() > 0.99  # what is not known to be wrong stays
    assert (after[:, 1] == trust[:, 1]).all()  # no consensus figures to tell the scatter by


def test_no_network_beside_a_part_is_asked_of_what_the_part_leaves_out(tmp_path):
    sys.path[:0] = [TRAINING]
    try:
        import property_doubt
    finally:
        sys.path.remove(TRAINING)
    for name, rows in (("random0+random1", [0, 1, 2, 3]), ("random0+random2", [0, 1, 4]), ("random1+random2", [2, 3, 4])):
        np.savez(tmp_path / f"{name}.npz", rows=np.array(rows), centre=np.full((len(rows), 1), 7.0))
    files = property_doubt.beside("random0", tmp_path)
    assert [f.stem for f in files] == ["random0+random1", "random0+random2"]
    outside = np.array([True, True, False, False, False, False])
    assert np.isnan(property_doubt.unseen(files, outside, 1)[:, 0]).tolist() == [True, True, False, False, False, True]
