"""The steps of a case: properties, fit, design, explain, next. Functions from records to plain data."""

from chemwright.loop.explain import causes_of, explain
from chemwright.loop.next import next_experiments
from chemwright.loop.steps import design, fit, properties
from chemwright.loop.summary import summary

__all__ = ["causes_of", "design", "explain", "fit", "next_experiments", "properties", "summary"]
