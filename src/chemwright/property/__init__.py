"""Pure properties: claims with standard uncertainty and source, from tables where there are any, else estimated from the structure."""

from chemwright.property.pure import PROPERTIES, PureResult, pure_claims
from chemwright.property.table import property_table

__all__ = ["PROPERTIES", "PureResult", "property_table", "pure_claims"]
