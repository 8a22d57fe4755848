"""Experiments: campaigns, design of experiments, lab drivers and the virtual lab."""
