"""What the commands of the knowledge base share: which base, who asks, how it is opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from chemwright.cli.app import app

if TYPE_CHECKING:
    from chemwright.knowledge.base import KnowledgeBase

DEFAULT = "knowledge.kb"
kb = typer.Typer(
    name="kb",
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The knowledge base: what is known, from whom, how surely.\n\nExample: chemwright kb init, then chemwright kb show ethanol",
)
app.add_typer(kb)

Base = Annotated[str, typer.Option("--kb", envvar="CHEMWRIGHT_KB", metavar="FILE_OR_URL", help=f"The base: a file, or postgresql://user@host/name; {DEFAULT} when left out.")]
Why = Annotated[str, typer.Option("--why", help="The reason; it is kept.")]
Keys = Annotated[list[str], typer.Argument(metavar="KEY...", help="Keys of records, or their first six or more digits, as 'kb search' prints them.")]


@contextmanager
def opened(url: str, *, read_only: bool = False) -> Iterator[KnowledgeBase]:
    """The base, closed again afterwards."""
    from chemwright.knowledge.base import open_base

    base = open_base(url, read_only=read_only)
    try:
        yield base
    finally:
        base.close()
