"""XML from elsewhere: elements and text only, bounded in size, depth and number; a document type or entity ends the reading, so that no entity is ever expanded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from attrs import Factory, define

from chemwright.errors import InputError

MAX_DEPTH = 60
MAX_ELEMENTS = 5_000_000


@define
class Element:
    """An element: its name without namespace, its attributes, its text without that of its children, and its children."""

    name: str
    attributes: dict[str, str] = Factory(dict)
    text: str = ""
    children: list[Element] = Factory(list)

    def all(self, *path: str) -> Iterator[Element]:
        """The elements down a path of names."""
        if not path:
            yield self
            return
        for child in self.children:
            if child.name == path[0]:
                yield from child.all(*path[1:])

    def get(self, *path: str) -> str:
        """The text of the first element down a path, on one line; empty when there is none."""
        found = next(self.all(*path), None)
        return "" if found is None else " ".join(found.text.split())


def parse_xml(data: bytes, where: str) -> Element:
    """The root of an XML document.

    Args:
        data: the document; its size is the caller's to bound.
        where: file to name in an error.

    Raises:
        InputError: not well-formed, with a document type or entities, too deep or too large; the line is named.
    """
    parser = expat.ParserCreate(namespace_separator="\n")
    root = Element("")
    stack = [root]
    texts: list[list[str]] = [[]]
    number = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal number
        number += 1
        if len(stack) > MAX_DEPTH or number > MAX_ELEMENTS:
            raise InputError(
                f"XML nested over {MAX_DEPTH} deep or of over {MAX_ELEMENTS} elements",
                where=f"{where}, line {parser.CurrentLineNumber}",
                fix="split it, or restore it from its source",
            )
        element = Element(name.rpartition("\n")[2], {k.rpartition("\n")[2]: v for k, v in attributes.items()})
        stack[-1].children.append(element)
        stack.append(element)
        texts.append([])

    def end(_: str) -> None:
        stack.pop().text = "".join(texts.pop())

    def refuse(*_: Any) -> None:
        raise InputError("a document type or entity, which chemwright does not read", where=f"{where}, line {parser.CurrentLineNumber}", fix="remove the <!DOCTYPE ...> from it")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = lambda text: texts[-1].append(text)
    for handler in ("StartDoctypeDeclHandler", "EntityDeclHandler", "UnparsedEntityDeclHandler", "ExternalEntityRefHandler"):
        setattr(parser, handler, refuse)
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise InputError(f"no XML that can be read: {expat.errors.messages[error.code]}", where=f"{where}, line {error.lineno}", fix="restore it from its source") from None
    except (LookupError, ValueError) as error:
        raise InputError(f"no XML that can be read: {str(error)[:80]}", where=where, fix="save it as UTF-8") from None
    return root.children[0]
