"""Local composition models of the liquid: NRTL, Wilson, UNIQUAC, with parameters from tables or fitted to measured points."""

from chemwright.thermo.local.fit import STD, Fit, fit_activity
from chemwright.thermo.local.models import Local, Nrtl, Uniquac, Wilson
from chemwright.thermo.local.points import Points, read_points
from chemwright.thermo.local.tables import local_model

__all__ = ["STD", "Fit", "Local", "Nrtl", "Points", "Uniquac", "Wilson", "fit_activity", "local_model", "read_points"]
