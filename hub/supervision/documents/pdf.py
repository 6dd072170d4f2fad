"""A document as PDF: the same bytes from the same HTML, font and instant."""

import asyncio
import logging
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import TextMode

from hub.supervision.documents.blocks import blocks_of
from hub.supervision.documents.fonts import FontFace, find_font
from hub.supervision.documents.layout import HEIGHT, WIDTH, PrintedPage, laid_out
from hub.supervision.documents.templates import DocumentLanguage

_FAMILY = "document"
_FOOT_SIZE = 9.0
_RULE_WIDTH = 0.5
_BOLD_STROKE = 0.3
"""Headings are printed with an outline, since a second font would double the work."""
_KEPT = 32
"""How many documents a process keeps, since making one takes a second of work."""

logging.getLogger("fontTools").setLevel(logging.WARNING)


async def pdf_of(
    html: str, title: str, created_at: datetime, language: DocumentLanguage, font: Path | None
) -> bytes:
    """The PDF of a document. `font` is the file of the settings. Raises Unavailable without a font."""
    return await asyncio.to_thread(printed, html, title, created_at, language, find_font(font))


@lru_cache(maxsize=_KEPT)
def printed(
    html: str, title: str, created_at: datetime, language: DocumentLanguage, face: FontFace
) -> bytes:
    """The bytes of the PDF; `created_at` is written into it, and no other time."""
    paper = FPDF(unit="pt", format=(WIDTH, HEIGHT))
    paper.set_auto_page_break(auto=False)
    paper.set_creation_date(created_at)
    paper.set_title(title)
    paper.set_lang("zh-CN" if language is DocumentLanguage.ZH else "en")
    paper.set_producer("patrolhub")
    paper.add_font(_FAMILY, "", face.file, collection_font_number=face.number)
    paper.set_font(_FAMILY, size=12)
    paper.set_line_width(_RULE_WIDTH)
    widths = _Widths(paper)
    pages = laid_out(blocks_of(html), widths.of)
    for number, page in enumerate(pages, start=1):
        foot = (
            f"第 {number} 页，共 {len(pages)} 页"
            if language is DocumentLanguage.ZH
            else f"Page {number} of {len(pages)}"
        )
        _draw(paper, page, foot, widths)
    return bytes(paper.output())


class _Widths:
    """The widths of characters, each measured once."""

    def __init__(self, paper: FPDF) -> None:
        self._paper = paper
        self._known: dict[str, float] = {}

    def of(self, text: str, size: float) -> float:
        for char in text:
            if char not in self._known:
                self._known[char] = self._paper.get_string_width(char) / 12
        return size * sum(self._known[char] for char in text)


def _draw(paper: FPDF, page: PrintedPage, foot: str, widths: _Widths) -> None:
    paper.add_page()
    for rule in page.rules:
        paper.line(rule.x1, rule.y1, rule.x2, rule.y2)
    for line in page.lines:
        paper.set_font_size(line.size)
        if not line.bold:
            paper.text(line.x, line.y, line.text)
            continue
        with paper.local_context(text_mode=TextMode.FILL_STROKE, line_width=_BOLD_STROKE):
            paper.text(line.x, line.y, line.text)
    paper.set_font_size(_FOOT_SIZE)
    paper.text((WIDTH - widths.of(foot, _FOOT_SIZE)) / 2, HEIGHT - 40, foot)
