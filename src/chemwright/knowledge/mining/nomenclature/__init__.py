"""Systematic names to structures by a grammar over a vocabulary of fragments; no Java, no network, bounded time."""

from chemwright.knowledge.mining.nomenclature.words import structure_of

__all__ = ["structure_of"]
