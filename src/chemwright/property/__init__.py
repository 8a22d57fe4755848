"""Pure properties: claims with standard uncertainty and source, from tables where there are any, else estimated from the structure."""

from chemwright.property.pure import PROPERTIES, PureResult, pure_claims

__all__ = ["PROPERTIES", "PureResult", "pure_claims"]
