"""Quantities: a number, its unit, its standard uncertainty and its source; units live at the edge."""

from chemwright.quantity.units import convert, dimension_text, parse_unit, si, split_quantity
from chemwright.quantity.value import Value

__all__ = ["Value", "convert", "dimension_text", "parse_unit", "si", "split_quantity"]
