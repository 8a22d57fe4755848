"""HTML and XML to paragraphs and tables, by the parsers of the standard library; entity declarations and external references are refused."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from xml.parsers import expat

from chemwright.errors import InputError
from chemwright.knowledge.mining.documents import MAX_BLOCKS, Block, Grid

MAX_DEPTH = 200
#: elements that end a paragraph
_BREAKS = frozenset(
    {
        "p",
        "div",
        "li",
        "br",
        "section",
        "article",
        "blockquote",
        "pre",
        "dd",
        "dt",
        "figcaption",
        "abstract",
        "para",
        "list-item",
        "claim-text",
        "sec",
        "description",
        "title",
        "heading",
        "disp-quote",
    }
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "heading", "title", "article-title", "invention-title"})
_SKIP = frozenset({"script", "style", "noscript", "head", "svg", "math", "ref-list", "references", "template", "us-bibliographic-data-grant", "bibliography"})
_ROW, _CELL, _TABLE, _CAPTION = frozenset({"tr", "row"}), frozenset({"td", "th", "entry"}), frozenset({"table"}), frozenset({"caption", "label", "tgroup-title"})
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "col", "wbr", "area", "base", "embed", "source", "track"})


class _Collector:
    """Takes elements and text as they come and keeps paragraphs and tables."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.tables: list[Grid] = []
        self._text: list[str] = []
        self._heading = ""
        self._skip = 0
        self._tables: list[dict[str, Any]] = []
        self._caption = ""
        self._stack: list[str] = []

    def open(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if len(self._stack) >= MAX_DEPTH:
            raise InputError(f"elements nested deeper than {MAX_DEPTH}", fix="the file looks hostile or broken")
        self._stack.append(name)
        if name in _SKIP:
            self._skip += 1
        if self._skip:
            return
        if self._tables and name in _CELL | _ROW:
            self._end_cell()  # HTML lets the end tag be left out
        if name in _TABLE:
            self._flush()
            self._tables.append({"rows": [], "cell": None, "caption": self._caption})
        elif self._tables and name in _ROW:
            self._tables[-1]["rows"].append([])
        elif self._tables and name in _CELL:
            self._tables[-1]["cell"] = []
            self._tables[-1]["span"] = min(50, int(attributes.get("colspan", "1")) if attributes.get("colspan", "1").isdigit() else 1)
        elif name in _BREAKS or name in _HEADINGS or name in _CAPTION:
            self._flush()
        elif name == "sup":
            self.data("^" if self._tables else "")

    def close(self, name: str) -> None:
        """An element ends."""
        if name in self._stack:
            while self._stack and self._stack.pop() != name:
                pass
        if name in _SKIP:
            self._skip = max(0, self._skip - 1)
        if self._skip:
            return
        if self._tables and name in _CELL | _ROW:
            self._end_cell()
        elif self._tables and name in _TABLE:
            self._end_cell()
            table = self._tables.pop()
            self.tables.append(Grid(tuple(tuple(r) for r in table["rows"] if r), table["caption"] or self._heading))
            self._caption = ""
        elif name in _CAPTION:
            words = " ".join("".join(self._text).split())
            if self._tables and not self._tables[-1]["rows"]:
                self._tables[-1]["caption"] = words
                self._text = []
            else:
                self._caption = (self._caption + " " + words).strip()[-500:]
                self._flush()
        elif name in _HEADINGS:
            self._flush(heading=True)
        elif name in _BREAKS:
            self._flush()

    def _end_cell(self) -> None:
        table = self._tables[-1]
        if table["cell"] is not None:
            if not table["rows"]:
                table["rows"].append([])
            table["rows"][-1] += ["".join(table["cell"])] + [""] * (table["span"] - 1)
            table["cell"] = None

    def data(self, text: str) -> None:
        """Characters."""
        if self._skip:
            return
        if self._tables and self._tables[-1]["cell"] is not None:
            self._tables[-1]["cell"].append(text)
        else:
            self._text.append(text)

    def _flush(self, *, heading: bool = False) -> None:
        words = " ".join("".join(self._text).split())
        self._text = []
        if not words:
            return
        if len(self.blocks) >= MAX_BLOCKS:
            raise InputError(f"more than {MAX_BLOCKS} paragraphs", fix="split the file")
        self.blocks.append(Block(words, heading="" if heading else self._heading))
        if heading:
            self._heading = words[:300]

    def done(self) -> tuple[list[Block], list[Grid]]:
        """What was found."""
        while self._tables:
            table = self._tables.pop()
            self.tables.append(Grid(tuple(tuple(r) for r in table["rows"] if r), table["caption"]))
        self._flush()
        return self.blocks, self.tables


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.into = _Collector()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.into.open(tag, {k: v or "" for k, v in attrs})
        if tag in _VOID:
            self.into.close(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self.into.close(tag)

    def handle_data(self, data: str) -> None:
        self.into.data(data)


def read_html(text: str, where: str) -> tuple[list[Block], list[Grid]]:
    """Paragraphs and tables of an HTML page; scripts, styles and the head are passed over.

    Raises:
        InputError: nested too deep or too many paragraphs.
    """
    parser = _Html()
    try:
        parser.feed(text)
        parser.close()
        return parser.into.done()
    except InputError as error:
        raise InputError(error.message, where=where, fix=error.fix) from None


def read_xml(data: bytes, where: str) -> tuple[list[Block], list[Grid]]:
    """Paragraphs and tables of an XML document (JATS, USPTO and kin). No entity is expanded, nothing external is read.

    Raises:
        InputError: not well-formed, entity declarations (bombs), or nested too deep; file and line are named.
    """
    into = _Collector()
    parser = expat.ParserCreate()
    encoded = _utf8(data, where)

    def entity(*_: object) -> None:
        raise InputError("the XML declares entities", where=where, fix="remove the DOCTYPE with its entities; they are not needed to read it")

    def external(*_: object) -> int:
        return 1  # a DTD may be named, it is never fetched

    parser.EntityDeclHandler = entity
    parser.ExternalEntityRefHandler = external
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: into.open(_local(name), attributes)
    parser.EndElementHandler = lambda name: into.close(_local(name))
    parser.CharacterDataHandler = into.data
    try:
        parser.Parse(encoded, True)
    except expat.ExpatError as error:
        raise InputError(
            f"not well-formed XML: {expat.errors.messages.get(error.code, error.code)}", where=f"{where}, line {error.lineno}", fix="check the file, or save it as HTML or text"
        ) from None
    except InputError as error:
        raise InputError(error.message, where=error.where or where, fix=error.fix) from None
    return into.done()


def _utf8(data: bytes, where: str) -> bytes:
    """The document as UTF-8 whatever it declares (expat knows few encodings), the declaration taken out."""
    from chemwright.knowledge.mining.documents import decode

    text = decode(data, where).lstrip("\ufeff")
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1).encode("utf-8", "replace")


def _local(name: str) -> str:
    return name.rsplit(":", 1)[-1].lower()
