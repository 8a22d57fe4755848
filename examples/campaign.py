"""A campaign on a simulated flow reactor: two objectives, two reactors at once, a failure, a repeat, a restart, a picture.

The reactor is the published kinetics of 2,4-difluoronitrobenzene with pyrrolidine (Hone 2017) with 1 % noise; it stands for the laboratory.
Usage: python examples/campaign.py [PICTURE.svg]
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import chemwright as cw
from chemwright.experiment import continuous, objective
from chemwright.experiment.pictures import picture_data
from chemwright.kinetics import MassAction, Network, parse_reaction
from chemwright.kinetics.setup import prior_of
from chemwright.knowledge import load_parameter_set
from chemwright.model.reactors import plug_flow_function
from chemwright.record import CampaignSettings, ReactorPlace
from chemwright.report.campaign_page import write_campaign

SPECIES = ("SM", "amine", "ortho", "para", "bis")
MASS_ORTHO = 0.21021  # kg/mol
NETWORK = Network(SPECIES, tuple(parse_reaction(t, f"r{i}") for i, t in enumerate(("SM + amine -> ortho", "SM + amine -> para", "ortho + amine -> bis", "para + amine -> bis"), 1)))


class Laboratory:
    """Runs an experiment: what leaves an isothermal tube."""

    def __init__(self, seed: int = 0) -> None:
        prior, _, reference = prior_of(load_parameter_set("Hone2017"), NETWORK)
        self.theta, self.law = prior.mean, MassAction(NETWORK, (reference,) * 4)
        self.tube, self.rng = plug_flow_function(self.law, 1e-7), np.random.default_rng(seed)

    def run(self, point: dict[str, Any]) -> dict[str, Any] | None:
        """Space-time yield and yield with 1 % noise, or None when the tube clogs (cold and concentrated)."""
        if point["concentration"] > 400 and point["temperature"] < 325:
            return None
        feed = np.zeros(5)
        feed[0], feed[1] = point["concentration"], point["concentration"] * point["equivalents"]
        xi = np.array(self.tube(self.theta, feed, point["temperature"], point["residence time"])).ravel()
        out = feed + xi @ self.law.stoichiometry
        sty = out[2] * MASS_ORTHO / point["residence time"] * 3600  # kg/(m3 h)
        noise = 1 + 0.01 * self.rng.normal(size=2)
        return {"space-time yield": f"{sty * noise[0]} kg/(m^3 h)", "yield": f"{100 * out[2] / feed[0] * noise[1]} %"}


def main(picture: str) -> None:
    campaign = cw.Campaign.new(
        "SnAr in two tubes",
        [
            continuous("residence time", "0.5 min", "2 min"),
            continuous("equivalents", 1, 5),
            continuous("concentration", "0.1 mol/L", "0.5 mol/L"),
            continuous("temperature", "30 degC", "120 degC"),
        ],
        [objective("space-time yield", "maximise", "kg/(m^3 h)", low=0), objective("yield", "maximise", "%", low=0, high=100)],
        ["equivalents * concentration <= 2 mol/L"],  # the pump of the amine
        reactors=[ReactorPlace("steel", 2), ReactorPlace("polymer", 1, ("temperature <= 90 degC",))],
        settings=CampaignSettings(initial=6, cost=40, currency="EUR", budget=1000),
        seed=1,
    )
    laboratory = Laboratory()
    with TemporaryDirectory() as folder:
        for day in range(7):
            campaign = campaign.suggest(3)
            campaign.save(Path(folder) / "snar")  # a kill after this line loses nothing
            campaign = cw.Campaign.load(Path(folder) / "snar")
            for trial in campaign.open:
                figures = laboratory.run(trial.point)
                campaign = campaign.fail(trial.id, "clogged", when=86400.0 * day) if figures is None else campaign.tell(trial.id, figures, when=86400.0 * day)
        done = next(t for t in campaign.trials if t.state == "done")
        settings = {v.name: f"{done.numbers[v.name]} {unit}" for v, unit in zip(campaign.record.variables, ("s", "", "mol/m^3", "K"), strict=True)}
        campaign = campaign.tell(settings, laboratory.run(done.point), when=86400.0 * 7)  # a repeat tells the noise
    status = campaign.status()
    print({k: v for k, v in status["counts"].items() if v}, f"{status['spent']:g} {status['currency']}")
    for figure in status["objectives"]:
        print(f"{figure['name']}: noise {figure['noise']:.2g} {figure['unit']} from {figure['noise_from']}")
    for trial in status["front"]:
        print(trial["id"], {k: round(v, 1) for k, v in trial["results"].items()}, {k: round(v["value"], 2) for k, v in trial["settings"].items()})
    print(*status["words"], status["verdict"]["words"], sep="\n")
    if picture:
        print(write_campaign(Path(picture), picture_data(campaign)))


main(sys.argv[1] if len(sys.argv) > 1 else "")
