"""Answers about properties: measured, by an equation, by an equation on learned inputs, or learned alone."""
