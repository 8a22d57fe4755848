"""From a document to proposals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload

from attrs import frozen

from chemwright.errors import InputError
from chemwright.knowledge.mining.chemnames import Found, chemical_names
from chemwright.knowledge.mining.documents import Block, Document, Note, page_list, read_document
from chemwright.knowledge.mining.llm import Backend
from chemwright.knowledge.mining.procedure import is_procedure, read_procedure
from chemwright.knowledge.mining.properties import sentence_values
from chemwright.knowledge.mining.proposal import KINDS, Evidence, Proposal, SubstanceMention
from chemwright.knowledge.mining.sentences import sentences
from chemwright.knowledge.mining.tables import table_values

_MAX_PROCEDURE = 8000
_WORD = re.compile(r"[A-Za-z]{3}")
#: share of the recorded names of the training patents whose structure is that of the record, by the way it was found; a wrong stretch of text is not in it. Without a structure: a guess
_BY = {"common usage": 0.99, "table": 0.98, "nomenclature": 0.93, "": 0.3}


@frozen
class Findings(Sequence[Proposal]):
    """The proposals of a document, a sequence, and beside them what was passed over.

    Args:
        proposals: in the order of the text, tables last.
        notes: what was not read: which pages, why, and what to do; empty when all was.
    """

    proposals: tuple[Proposal, ...] = ()
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        """Number of proposals."""
        return len(self.proposals)

    @overload
    def __getitem__(self, index: int) -> Proposal: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Proposal, ...]: ...
    def __getitem__(self, index: int | slice) -> Proposal | tuple[Proposal, ...]:
        """A proposal, or several as a tuple."""
        return self.proposals[index]


def mine(source: Path | str, *, name: str = "", kinds: tuple[str, ...] = KINDS, llm: Backend | None = None) -> Findings:
    """Everything that a document proposes, in the order of its text, tables last.

    Args:
        source: a :class:`~pathlib.Path` is a file (``.pdf``, ``.txt``, ``.html``, ``.xml``); a ``str`` is the text itself.
        name: title to name as the document in evidence; the file's name when empty.
        kinds: which of ``substance``, ``property``, ``procedure``, ``kinetic`` to look for.
        llm: a local language model that reads the paragraphs too; its proposals stand after those of the rules, with the same schema.

    Returns:
        Proposals of all kinds, none trusted, with notes on what was passed over; equal input gives equal proposals with equal ids (a language model may not).

    Raises:
        InputError: missing, unreadable, too big or hostile file, a text that is no text, or an unknown kind.
        MissingExtra: a PDF and no ``chemwright[mine]``.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise InputError(f"{kind!r} is not a kind of proposal", fix="choose from " + ", ".join(KINDS))
    document = read_document(source, name)
    out = [p for block in document.blocks for p in _block(document, block, kinds)]
    out += list(_tables(document, kinds))
    if llm is not None:
        for block in document.blocks:
            out += llm.read(block, document.name, document.digest, kinds)
    seen: set[str] = set()
    proposals = tuple(p for p in out if not (p.id in seen or seen.add(p.id)))  # type: ignore[func-returns-value]
    return Findings(proposals, (*document.notes, *(_overlong(document) if "procedure" in kinds else ())))


def _overlong(document: Document) -> Iterator[Note]:
    """A note on paragraphs that are too long for one preparation."""
    long = [b for b in document.blocks if len(b.text) > _MAX_PROCEDURE and is_procedure(b.text)]
    if long:
        which = "a paragraph has" if len(long) == 1 else f"{len(long)} paragraphs have"
        yield Note("procedures", page_list(b.page for b in long if b.page), f"{which} more than {_MAX_PROCEDURE} characters", "part the text by blank lines, one preparation each")


def _block(document: Document, block: Block, kinds: tuple[str, ...]) -> Iterator[Proposal]:
    """Proposals of one paragraph."""
    if not _WORD.search(block.text):
        return
    names: tuple[Found, ...] = ()
    if "substance" in kinds:
        names = chemical_names(block.text)
        yield from _substances(document, block, names)
    if "procedure" in kinds and len(block.text) <= _MAX_PROCEDURE and is_procedure(block.text):
        procedure, confidence = read_procedure(block.text, block.start)
        if procedure.reactants or procedure.products or (procedure.solvents and (procedure.times or procedure.temperatures)):
            yield Proposal(procedure, _evidence(document, block, 0, len(block.text)), confidence, method="classifier")
    if "property" in kinds or "kinetic" in kinds:
        before = ""
        for sentence in sentences(block.text):
            for mention, confidence in sentence_values(sentence, before):
                if mention.kind in kinds:
                    yield Proposal(mention, _evidence(document, block, sentence.start, sentence.end), confidence)
                before = getattr(mention, "substance", "") or before


def _substances(document: Document, block: Block, names: tuple[Found, ...]) -> Iterator[Proposal]:
    """One proposal for each substance of a paragraph, at its first mention, with the sentence it stands in."""
    seen: set[str] = set()
    parts = sentences(block.text)
    for f in names:
        key = f.smiles or f.name.lower()
        if key in seen:
            continue
        seen.add(key)
        part = next((p for p in parts if p.start <= f.start < p.end), None)
        start, end = (part.start, part.end) if part else (0, len(block.text))
        confidence = _BY[f.how]
        mention = SubstanceMention(name=f.name, smiles=f.smiles, found_by=f.how, start=block.start + f.start, confidence=confidence)
        yield Proposal(mention, _evidence(document, block, start, end), confidence)


def _evidence(document: Document, block: Block, start: int, end: int) -> Evidence:
    return Evidence(document.name, document.digest, block.text[start:end], block.start + start, block.start + end, block.page, heading=block.heading)


def _tables(document: Document, kinds: tuple[str, ...]) -> Iterator[Proposal]:
    for number, grid in enumerate(document.tables, start=1):
        for mention, confidence, row, column, header in table_values(grid):
            if mention.kind in kinds:
                heading = f"{grid.caption}: {header}" if grid.caption else header
                yield Proposal(
                    mention, Evidence(document.name, document.digest, grid.rows[row - 1][column - 1], -1, -1, grid.page, number, row, column, heading), max(0.0, confidence)
                )
