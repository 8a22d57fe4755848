"""What ships: the tables that ``chemicals`` (MIT) carries, as claims with their source, and their consensus."""

from chemwright.knowledge.core.build import build_core, core_file

__all__ = ["build_core", "core_file"]
