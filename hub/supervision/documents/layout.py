"""Lay blocks out on pages of A4. Pure: the widths of characters are passed in; lengths are in points."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from hub.supervision.documents.blocks import Block, Grid, Paragraph
from hub.supervision.documents.line_breaks import broken

WIDTH, HEIGHT = 595.28, 841.89
_LEFT, _RIGHT, _TOP, _BOTTOM = 71.0, 71.0, 72.0, 72.0
_INNER = WIDTH - _LEFT - _RIGHT
_CELL_SIZE, _CELL_PAD = 10.0, 4.0
_LEADING = 1.55
_WHOLE_ROW = 0.35
"""A row that takes less of a page than this is not cut."""

CharWidth = Callable[[str, float], float]
"""The width of a text at a size."""


@dataclass(frozen=True, slots=True)
class TextStyle:
    size: float
    align: str = "left"
    bold: bool = False
    indent: bool = False
    before: float = 0.0
    after: float = 6.0
    follows: bool = False
    """It must not be the last on its page."""


STYLES = {
    "h1": TextStyle(20, "center", bold=True, after=8, follows=True),
    "h2": TextStyle(12.5, bold=True, before=8, after=5, follows=True),
    "p": TextStyle(12, indent=True),
    "to": TextStyle(12, after=6),
    "li": TextStyle(12),
    "number": TextStyle(11, "center", after=14),
    "recalled": TextStyle(12, "center", bold=True, after=10),
    "signature": TextStyle(12, "right", before=2, after=2),
    "note": TextStyle(10),
}


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line of text whose baseline begins at (x, y)."""

    x: float
    y: float
    text: str
    size: float
    bold: bool = False


@dataclass(frozen=True, slots=True)
class PrintedRule:
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass
class PrintedPage:
    lines: list[PrintedLine] = field(default_factory=list)
    rules: list[PrintedRule] = field(default_factory=list)


def laid_out(blocks: list[Block], width_of: CharWidth) -> list[PrintedPage]:
    """The pages of a document, at least one."""
    desk = _Desk(width_of)
    for block in blocks:
        if isinstance(block, Paragraph):
            desk.paragraph(block)
        else:
            desk.grid(block)
    return desk.pages


class _Desk:
    """Pages as they fill; `y` is where the next thing begins."""

    def __init__(self, width_of: CharWidth) -> None:
        self.pages = [PrintedPage()]
        self._width_of = width_of
        self._y = _TOP

    def paragraph(self, block: Paragraph) -> None:
        style = STYLES.get(block.style, STYLES["p"])
        height = style.size * _LEADING
        text = f"\u3000\u3000{block.text}" if style.indent and block.text else block.text
        self._y += style.before
        if style.follows and self._left < 4 * height:
            self._turn()
        for line in broken(text, _INNER, lambda said: self._width_of(said, style.size)):
            if self._left < height:
                self._turn()
            self._write(line, _LEFT, _INNER, style.size, style.align, bold=style.bold)
            self._y += height
        self._y += style.after

    def grid(self, block: Grid) -> None:
        edges = [0.0, *accumulate(_INNER * share / sum(block.widths) for share in block.widths)]
        heads = [self._cells(row, edges) for row in block.rows[: block.heads]]
        for head in heads:
            self._row(head, edges, (), is_head=True)
        for row in block.rows[block.heads :]:
            self._row(self._cells(row, edges), edges, heads, is_facts=block.is_facts)
        self._y += 8

    def _cells(self, row: tuple[str, ...], edges: list[float]) -> list[list[str]]:
        widths = [right - left - 2 * _CELL_PAD for left, right in pairwise(edges)]
        return [
            broken(text, width, lambda said: self._width_of(said, _CELL_SIZE))
            for text, width in zip(row, widths, strict=False)
        ]

    def _row(
        self,
        cells: list[list[str]],
        edges: list[float],
        heads: list[list[list[str]]] | tuple[()],
        *,
        is_head: bool = False,
        is_facts: bool = False,
    ) -> None:
        """Draw a row, on several pages if it is long; the headings are repeated on each."""
        height = _CELL_SIZE * _LEADING
        left = max((len(lines) for lines in cells), default=1)
        whole = left * height + 2 * _CELL_PAD
        if whole > self._left and whole < _WHOLE_ROW * HEIGHT:
            self._turn_table(heads, edges)
        begun = 0
        while begun < left:
            fits = int((self._left - 2 * _CELL_PAD) // height)
            if fits < 1:
                self._turn_table(heads, edges)
                continue
            part = [lines[begun : begun + fits] for lines in cells]
            self._part(part, min(fits, left - begun), edges, is_head=is_head, is_facts=is_facts)
            begun += fits

    def _part(
        self,
        cells: list[list[str]],
        count: int,
        edges: list[float],
        *,
        is_head: bool,
        is_facts: bool,
    ) -> None:
        height = _CELL_SIZE * _LEADING
        bottom = self._y + count * height + 2 * _CELL_PAD
        top = self._y
        for number, lines in enumerate(cells):
            self._y = top + _CELL_PAD
            x, room = _LEFT + edges[number] + _CELL_PAD, edges[number + 1] - edges[number]
            for line in lines:
                bold = is_head or (is_facts and number == 0)
                self._write(line, x, room - 2 * _CELL_PAD, _CELL_SIZE, "left", bold=bold)
                self._y += height
        page = self.pages[-1]
        page.rules += [PrintedRule(_LEFT + edge, top, _LEFT + edge, bottom) for edge in edges]
        page.rules += [PrintedRule(_LEFT, y, _LEFT + edges[-1], y) for y in (top, bottom)]
        self._y = bottom

    def _turn_table(self, heads: list[list[list[str]]] | tuple[()], edges: list[float]) -> None:
        self._turn()
        for row in heads:
            self._row(row, edges, (), is_head=True)

    def _write(
        self, text: str, x: float, room: float, size: float, align: str, *, bold: bool
    ) -> None:
        free = room - self._width_of(text, size)
        x += {"left": 0.0, "center": free / 2, "right": free}[align]
        baseline = self._y + size * (_LEADING + 0.7) / 2
        self.pages[-1].lines.append(PrintedLine(x, baseline, text, size, bold))

    @property
    def _left(self) -> float:
        return HEIGHT - _BOTTOM - self._y

    def _turn(self) -> None:
        self.pages.append(PrintedPage())
        self._y = _TOP
