"""A small campaign that several test files share."""

from chemwright.experiment import Campaign, categorical, continuous, discrete, objective
from chemwright.record import CampaignSettings

SPREAD = CampaignSettings(planner="space_filling")


QUICK = CampaignSettings(initial=3)


VARIABLES = (continuous("temperature", "30 degC", "120 degC"), categorical("base", ["KOH", "K2CO3", "Et3N"]), discrete("equiv", [1, 1.5, 2]))


YIELD = objective("yield", "maximise", "%", low=0, high=100)


def campaign(objectives=(YIELD,), settings=SPREAD, variables=VARIABLES, **more):
    return Campaign.new("test", variables, objectives, settings=settings, **more)


def settings_of(temperature="80 degC", base="KOH", equiv=1.5):
    return {"temperature": temperature, "base": base, "equiv": equiv}


def planned(c, truth, batches=2, n=3):
    """Let it run with its own planner."""
    for b in range(batches):
        c = c.suggest(n)
        for name in c.last:
            c = c.tell(name, truth(c.trial(name).point), when=3600.0 * b)
    return c
