"""From a document to proposals."""

from __future__ import annotations

from pathlib import Path

from chemwright.knowledge.mining.proposal import Proposal


def mine(source: Path | str, *, name: str = "") -> tuple[Proposal, ...]:
    """Everything that a document proposes, in the order of its text.

    Args:
        source: a :class:`~pathlib.Path` is a file (``.pdf``, ``.txt``, ``.html``, ``.xml``); a ``str`` is the text itself.
        name: title to name as the document in evidence; the file's name when empty.

    Returns:
        Proposals of all kinds, none trusted; equal input gives equal proposals with equal ids.

    Raises:
        InputError: missing, unreadable, too big or hostile file, or a text that is no text.
        MissingExtra: a PDF and no ``chemwright[mine]``.
    """
    raise NotImplementedError
