"""Pure properties: claims with standard uncertainty and source, from tables where there are any, else estimated from the structure; and answers to questions about any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chemwright.property.pure import PROPERTIES, PureResult, pure_claims

if TYPE_CHECKING:
    from chemwright.property.answering import properties
    from chemwright.property.answering.screen import screen

__all__ = ["PROPERTIES", "PureResult", "properties", "pure_claims", "screen"]


def __getattr__(name: str) -> Any:
    """Answering loads when it is first asked for."""
    if name == "properties":
        from chemwright.property.answering import properties

        return properties
    if name == "screen":
        from chemwright.property.answering.screen import screen

        return screen
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
