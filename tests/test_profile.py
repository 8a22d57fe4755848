"""What the design and explain steps keep for the report: the reactor's profile, sampled plants at every front point, effects of each cause."""

import numpy as np
import pytest

from chemwright.loop.explain import effect, solved
from chemwright.model.reactors import profile as integrated


def test_profile_ends_where_the_effluent_begins(snar_results):
    found = snar_results["design"]["profile"]
    streams = {s["name"]: s["mole"] for s in snar_results["design"]["streams"]}
    c0 = snar_results["design"]["conditions"]["concentration"]
    time = np.array(found["time"])
    assert time[0] == 0
    assert np.all(np.diff(time) > 0)
    assert time[-1] == pytest.approx(snar_results["design"]["conditions"]["residence_time"])
    for name, i in (("reactor feed", 0), ("reactor effluent", -1)):
        key = streams["reactor feed"]["SM"]
        for species, values in found["species"].items():
            assert values["c"][i] == pytest.approx(streams[name][species] / key * c0, abs=1e-6)


def test_profile_agrees_with_the_integrated_tube(snar, snar_results):
    plant, point = solved(snar, snar_results["properties"], snar_results["fit"], snar_results["design"])
    found = snar_results["design"]["profile"]
    law = plant.problem.model.law
    x = point.design[[1, 2, 3, 0]]
    theta = np.asarray(plant.hybrid.parameters_at(x, plant.hybrid.fit.posterior.mean), dtype=float)
    c_in = np.array([found["species"][s]["c"][0] for s in law.network.species])
    run = integrated(law, theta, c_in, point.design[0], point.design[1], 2001)
    for i, s in enumerate(law.network.species):
        expected = np.interp(found["time"], run.time, run.c[:, i])
        assert np.array(found["species"][s]["c"]) == pytest.approx(expected, abs=0.5)  # of 500 mol/m^3: collocation error


def test_profile_std_agrees_with_moved_numbers(snar, snar_results):
    """The outlet's std from plants solved again with every uncertain number moved, one by one."""
    import casadi as ca

    plant, point = solved(snar, snar_results["properties"], snar_results["fit"], snar_results["design"])
    s, species = plant.symbols, plant.problem.model.law.network.species
    outlet = ca.Function("outlet", [s["v"], s["d"], s["p"]], [ca.vertcat(*[s["flows"].mole["reactor effluent"][j] * s["d"][3] for j in species])])
    cov, columns = plant.numbers.ledger.cov(), list(plant.numbers.columns)
    slopes = []
    for k, column in enumerate(columns):
        step = 1e-4 * np.sqrt(cov[k, k])
        sides = []
        for sign in (1, -1):
            p = plant.numbers.mean.copy()
            p[column] += sign * step
            sides.append(np.array(outlet(plant.solve(point.design, p, point.unknowns).unknowns, point.design, p)).ravel())
        slopes.append((sides[0] - sides[1]) / (2 * step))
    g = np.array(slopes).T
    expected = np.sqrt(np.einsum("ij,jk,ik->i", g, cov, g))
    found = [snar_results["design"]["profile"]["species"][j]["std"][-1] for j in species]
    assert found == pytest.approx(expected, rel=1e-3)


def test_effects_add_up_to_the_variance(snar_results):
    """Independent roots: the squares of their effects sum to the figure's variance."""
    for figure in ("cost", "e_factor", "co2e", "pmi", "purity"):
        total = sum(c["effect"] ** 2 for c in snar_results["explain"][figure])
        assert total == pytest.approx(snar_results["design"][figure]["std"] ** 2, rel=1e-9)
        for c in snar_results["explain"][figure]:
            assert c["effect"] ** 2 / total == pytest.approx(c["share"], abs=1e-9)


def test_effect_of_one_number_has_a_sign_and_of_several_has_none():
    assert effect([-2.0], [[9.0]]) == {"effect": -6.0, "sign": True}
    assert effect([1.0, -1.0], [[4.0, 4.0], [4.0, 4.0]]) == {"effect": 0.0, "sign": False}


def test_every_point_of_the_front_has_sampled_plants(snar_results):
    front = snar_results["design"]["front"]
    assert [p["monte_carlo"]["n"] for p in front] == [200] + [50] * (len(front) - 1)
    assert front[0]["monte_carlo"] == snar_results["design"]["monte_carlo"]
    for point in front:
        for figure in ("cost", "e_factor"):
            n = point["monte_carlo"]["n"] - point["monte_carlo"]["failed"]
            assert point["monte_carlo"][figure]["std"] / point[figure]["std"] == pytest.approx(1.0, abs=4 / np.sqrt(2 * n))
