"""The virtual lab: a flow reactor with pumps, a heater, an analyser, noise, drift, delays and faults, as fast as wanted and the same for the same seed."""
