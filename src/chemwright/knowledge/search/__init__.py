"""Search in a knowledge base: by name, structure, substructure, similarity, reaction, numbers with conditions, source, label, date and text, joined by and, or, not."""

from chemwright.knowledge.search.find import FINDS, count, forget_structures, search, structure_index
from chemwright.knowledge.search.fingerprints import update_fingerprints
from chemwright.knowledge.search.parse import parse
from chemwright.knowledge.search.query import Query, reaction
from chemwright.knowledge.search.results import Results

__all__ = ["FINDS", "Query", "Results", "count", "forget_structures", "parse", "reaction", "search", "structure_index", "update_fingerprints"]
