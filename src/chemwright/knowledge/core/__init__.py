"""What ships: the tables that ``chemicals`` (MIT) carries, as claims with their source, and their consensus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chemwright.knowledge.core.build import build_core, core_file

__all__ = ["build_core", "core_file"]


def __getattr__(name: str) -> Any:
    """The functions that make a knowledge base load one only when they are asked for."""
    if name in __all__:
        from chemwright.knowledge.core import build

        return getattr(build, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
