"""The knowledge base: one place for what is known, from whom and how surely, in a file or on PostgreSQL."""

from chemwright.knowledge.base.database import KnowledgeBase, open_base

__all__ = ["KnowledgeBase", "open_base"]
