"""The gas constant to all its digits: mechanisms are compared to better than 1e-10."""

GAS_CONSTANT = 8.31446261815324  # J/(mol K), SI 2019
