"""Non-convergence as a result: what failed, what stayed open, the last good point and what to try, from every solver, on inputs that really do not converge."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from chemwright.cli.app import app
from chemwright.errors import ConvergenceError
from chemwright.kinetics.network import Network, parse_reaction
from chemwright.kinetics.rates import MassAction
from chemwright.model.heat import Heat, HeatedReactor, heated_profile
from chemwright.model.posterior import Gaussian, fit_map
from chemwright.model.reactors import profile

EXAMPLES = Path(__file__).parents[1] / "examples"


def caught(call, *arguments, **named):
    with pytest.raises(ConvergenceError) as error:
        call(*arguments, **named)
    return error.value


def test_text_and_json_tell_all_four():
    error = ConvergenceError("no luck", where="here", fix="try again", residuals={"heat [W]": 0.1234567, "balance": math.inf}, last_good={"place [m]": 2.0, "states": ["a", "b"]})
    assert str(error) == "here: no luck. Open: heat [W] 0.123, balance inf. Last good point: place [m] 2, states a; b. try again"
    data = json.loads(json.dumps(error.as_dict(), allow_nan=False))
    assert data["residuals"] == {"heat [W]": pytest.approx(0.1234567), "balance": "inf"}
    assert data["last_good"] == {"place [m]": 2.0, "states": ["a", "b"]}
    bare = ConvergenceError("no luck", fix="try again")
    assert str(bare) == "no luck. try again"
    assert (bare.as_dict()["residuals"], bare.as_dict()["last_good"]) == ({}, {})


def autocatalysis(order):
    """A law that runs away in finite time, as extents have no bound: 2 A -> 3 A."""
    return MassAction(Network(("A",), (parse_reaction(f"{order} A -> {order + 1} A"),)), (300.0,))


def test_isothermal_integrator_tells_how_far_it_came():
    # dc/dt = c^2 from 1: infinite at t = 1
    error = caught(profile, autocatalysis(2), np.array([0.0, 0.0]), np.array([1.0]), 300.0, 4.0)
    assert error.last_good["share of the whole"] == pytest.approx(0.25, abs=0.01)
    assert error.last_good["time (of a tube V/Q) [s]"] == pytest.approx(1.0, abs=0.04)
    assert error.last_good["concentrations [mol/m^3]"][0] > 10


def test_integrator_with_heat_tells_place_and_temperature():
    heat = Heat((-10.0,), 4000.0, (0.0,))
    error = caught(heated_profile, HeatedReactor(autocatalysis(2), np.array([0.0, 0.0]), np.array([1.0]), 300.0, 4.0, heat))
    assert error.last_good["share of the whole"] == pytest.approx(0.25, abs=0.01)
    assert error.last_good["temperature [K]"] > 300.02
    assert error.fix


def test_command_line_prints_the_fields(tmp_path):
    text = (EXAMPLES / "gas_bed.toml").read_text(encoding="utf-8").replace('"12 cm"', '"5 cm"')
    (tmp_path / "reactor.toml").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(app, ["reactor", str(tmp_path / "reactor.toml"), "--json"])
    assert result.exit_code == 2
    error = json.loads(result.stdout)["error"]
    assert error["kind"] == "convergence"
    assert "pressure falls to zero" in error["message"]
    assert 0 < error["last_good"]["share of the whole"] < 1
    assert error["last_good"]["pressure [Pa]"] > 0
    assert error["residuals"]
    assert "Last good point: time" in result.stderr


def test_oscillating_tank_tells_its_states(tmp_path):
    law = MassAction(Network(("A", "B"), (parse_reaction("A -> B"),)), (330.0,))
    heat = Heat((-400e3,), 4.0e6, (0.0, 0.0), 3333.333333, 300.0)
    reactor = HeatedReactor(law, np.array([math.log(1.5 / 3600), 58.9e3]), np.array([2000.0, 0.0]), 300.0, 3600.0, heat)
    from chemwright.model.heat_tank import steady_states

    error = caught(steady_states, reactor)
    assert error.last_good == {"steady states": ["330.00 K (unstable)"]}
    assert error.residuals["change in one residence time [share of the feed]"] > 1e-5


def test_counter_current_jacket_tells_what_could_be_solved(tmp_path):
    from chemwright.model.counter_current import counter_current

    heat = Heat((-10.0,), 4000.0, (0.0,), 1000.0, 290.0, 100.0, True)
    error = caught(counter_current, HeatedReactor(autocatalysis(2), np.array([0.0, 0.0]), np.array([1.0]), 300.0, 4.0, heat), 10)
    assert "heat balance of the jacket [share of the heat passed]" in error.residuals
    assert "co-current" in error.fix


def valley(theta):
    """A steep bent valley: 200 evaluations are not enough to walk along it."""
    x, y = theta
    return np.array([y - math.sin(60 * x), 1e-5 * x]), np.array([[-60 * math.cos(60 * x), 1.0], [1e-5, 0.0]])


def test_regression_tells_the_nearest_start():
    error = caught(fit_map, valley, np.array([0.0, 3e-5]), 1e-9, Gaussian(np.array([-3.0, 0.0]), np.diag([1e4, 1e4])))
    assert error.residuals["half the sum of weighted squares"] > 0
    assert error.residuals["its largest slope"] > 0
    assert -3.5 < error.last_good["parameters"][0] < 3.0
    assert "begin from the last good point" in error.fix


def test_regression_of_a_model_that_never_runs_is_no_fit():
    def broken(theta):
        raise ConvergenceError("the integrator failed for a run", residuals={"runs without a finite observable": 2.0}, last_good={"runs integrated": 1})

    error = caught(fit_map, broken, np.array([1.0]), 0.1, Gaussian(np.array([3.0]), np.array([[1.0]])))
    assert "can't be evaluated (the integrator failed" in error.message
    assert error.residuals == {"runs without a finite observable": 2.0}
    assert error.last_good == {"runs integrated": 1, "parameters of the prior": [3.0]}


def test_flow_model_names_the_run(snar):
    from chemwright.kinetics.setup import problem_of

    problem = problem_of(snar)
    theta = problem.prior.mean.copy()
    theta[: len(theta) // 2] = 600.0
    error = caught(problem.model.evaluate, theta, problem.x)
    assert error.residuals or {"runs integrated", "its temperature [K]"} <= set(error.last_good)


def test_flash_tells_its_last_iterate():
    from chemwright.thermo import Ideal, bubble_temperature, flash_tp
    from test_thermo import models, unifac

    error = caught(flash_tp, (0.5, 0.5), 354.0, 101325.0, models("ethanol", "water"), unifac("ethanol", "water"), max_iter=2)
    assert error.residuals["change of ln K in the last iteration [1]"] >= 0
    assert 0 <= error.last_good["vapour fraction [mol/mol]"] <= 1
    assert error.last_good["liquid mole fraction of ethanol"] + error.last_good["liquid mole fraction of water"] == pytest.approx(1)
    never = caught(bubble_temperature, (1.0,), 101325.0, models("salt"), Ideal(("salt",)))
    assert len(never.residuals) == 2
    assert all(v < 0 for v in never.residuals.values())


def test_plant_optimum_tells_limits_and_start(snar, snar_results):
    from chemwright.flowsheet import Bounds, optimise
    from chemwright.flowsheet.optimise import first_point
    from chemwright.loop.steps import plant_of

    plant = plant_of(snar, snar_results["properties"], snar_results["fit"])
    bounds = Bounds.of(plant)
    start = first_point(plant, bounds)
    error = caught(optimise, plant, bounds, "cost", {"e_factor": 1e-3}, start)
    assert error.residuals["e_factor above its limit"] > 0
    assert error.last_good["figure cost"] == start.figures["cost"]
    assert "purity" in error.fix
