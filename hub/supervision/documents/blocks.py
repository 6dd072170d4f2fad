"""The parts of a document, read from the HTML of our templates: headings, paragraphs and tables."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TypeAlias

_PARAGRAPHS = frozenset({"h1", "h2", "p", "li"})
_CELLS = frozenset({"th", "td"})
_SILENT = frozenset({"style", "title"})


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`style` is the tag, or the class of a `p`."""

    style: str
    text: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. `widths` are the shares of its columns in per cent; `heads` tells which rows are headings.

    `is_facts`: the first cell of each row is its heading.
    """

    widths: tuple[float, ...]
    rows: tuple[tuple[str, ...], ...]
    heads: int
    is_facts: bool


Block: TypeAlias = Paragraph | Grid


def blocks_of(html: str) -> list[Block]:
    """The blocks of a document in order; a `br` is a line break."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.blocks


def as_text(html: str) -> str:
    """A document as plain text, for a terminal."""
    lines: list[str] = []
    for block in blocks_of(html):
        if isinstance(block, Paragraph):
            lines += ["", block.text] if block.style == "h2" else [block.text]
        else:
            lines += ["  ".join(cell.replace("\n", " ") for cell in row) for row in block.rows]
    return "\n".join(lines)


@dataclass
class _OpenTable:
    widths: tuple[float, ...]
    is_facts: bool
    rows: list[tuple[str, ...]] = field(default_factory=list)
    row: list[str] = field(default_factory=list)
    heads: int = 0
    in_head: bool = False


class _Reader(HTMLParser):
    """Collects text per paragraph or cell."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._text: list[str] = []
        self._style = ""
        self._silent = False
        self._table: _OpenTable | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "br":
            self._text.append("\n")
        elif tag == "table":
            widths = tuple(float(each) for each in (given.get("data-widths") or "100").split())
            self._table = _OpenTable(widths, given.get("class") == "facts")
        elif tag == "thead" and self._table is not None:
            self._table.in_head = True
        elif tag in _PARAGRAPHS or tag in _CELLS:
            self._text.clear()
            self._style = given.get("class") or tag
        self._silent = self._silent or tag in _SILENT

    def handle_endtag(self, tag: str) -> None:
        table = self._table
        if tag in _SILENT:
            self._silent = False
        elif tag in _PARAGRAPHS:
            self.blocks.append(Paragraph(self._style, self._said()))
        elif table is not None and tag in _CELLS:
            table.row.append(self._said())
        elif table is not None and tag == "tr":
            table.rows.append(tuple(table.row))
            table.heads += table.in_head
            table.row = []
        elif table is not None and tag == "thead":
            table.in_head = False
        elif table is not None and tag == "table":
            self.blocks.append(Grid(table.widths, tuple(table.rows), table.heads, table.is_facts))
            self._table = None

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._text.append(" ".join(data.split(" ")).replace("\r", ""))

    def _said(self) -> str:
        """The text of an element without the line breaks of the template around it."""
        text = "".join(self._text).strip()
        self._text.clear()
        return text
