"""Answers about properties: measured, by an equation, by an equation on learned inputs, or learned alone."""

from chemwright.property.answering.ask import properties

__all__ = ["properties"]
