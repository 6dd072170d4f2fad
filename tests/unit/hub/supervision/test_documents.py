"""Documents: lines and pages that break well, fonts that are found, and PDFs that are the same each time."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import Unavailable
from hub.supervision.documents.blocks import Grid, Paragraph, as_text, blocks_of
from hub.supervision.documents.fonts import KNOWN, find_font
from hub.supervision.documents.layout import HEIGHT, WIDTH, laid_out
from hub.supervision.documents.line_breaks import broken
from hub.supervision.documents.pdf import printed
from hub.supervision.documents.templates import DocumentLanguage, local_date, local_time

AT = datetime(2025, 8, 11, 7, 19, tzinfo=UTC)


def width_of(text: str, size: float = 1.0) -> float:
    """Chinese characters are twice as wide as others."""
    return size * sum(1.0 if ord(char) > 0x2E00 else 0.5 for char in text)


def test_chinese_breaks_between_any_characters_and_latin_between_words():
    assert broken("井盖破损需要更换", 4, width_of) == ["井盖破损", "需要更换"]
    assert broken("replace the cover", 6, width_of) == ["replace the", "cover"]


def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one():
    lines = broken("请于今日办结，并回复（附照片）。", 6, width_of)
    assert "".join(lines) == "请于今日办结，并回复（附照片）。"
    assert not any(line[0] in "，。）" or line[-1] == "（" for line in lines)


def test_a_word_that_is_wider_than_the_line_is_cut():
    assert broken("A" * 25, 5, width_of) == ["A" * 10, "A" * 10, "A" * 5]


@given(st.text(st.sampled_from("井盖，。（）ab1 \n-"), max_size=80), st.integers(2, 12))
def test_lines_lose_nothing_but_blanks_and_fit(text, width):
    lines = broken(text, width, width_of)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width_of(line) <= width or len(line) == 1 for line in lines)


def test_html_is_read_into_headings_paragraphs_and_tables():
    html = (
        "<title>t</title><style>p {}</style><h1>督办函</h1><p class='to'>住建局：</p><p>a &lt;b&gt;<br>c</p>"
        "<table class='facts' data-widths='20 80'><thead><tr><th>k</th><th>v</th></tr></thead>"
        "<tbody><tr><td>地点</td><td>玉林北路</td></tr></tbody></table>"
    )
    assert blocks_of(html) == [
        Paragraph("h1", "督办函"),
        Paragraph("to", "住建局："),
        Paragraph("p", "a <b>\nc"),
        Grid((20.0, 80.0), (("k", "v"), ("地点", "玉林北路")), 1, True),
    ]
    assert as_text(html).splitlines()[-1] == "地点  玉林北路"


def test_long_texts_go_on_over_pages_and_nothing_leaves_the_paper():
    pages = laid_out([Paragraph("h1", "督办函"), Paragraph("p", "说明" * 4000)], width_of)
    assert len(pages) > 3
    said = "".join(line.text for page in pages for line in page.lines)
    assert said.count("说") == 4000
    for page in pages:
        for line in page.lines:
            assert 0 < line.x < line.x + width_of(line.text, line.size) < WIDTH
            assert 0 < line.y < HEIGHT - 60


def test_a_table_repeats_its_headings_and_cuts_rows_that_are_longer_than_a_page():
    rows = (
        ("时间", "经过"),
        *((f"第{n}行", "经过" * 20) for n in range(60)),
        ("最后", "长" * 9000),
    )
    pages = laid_out([Grid((30, 70), rows, 1, False)], width_of)
    assert len(pages) > 5
    assert all(page.lines[0].text == "时间" for page in pages)
    text = "".join(line.text for page in pages for line in page.lines)
    assert text.count("长") == 9000
    assert all(f"第{n}行" in text for n in range(60))
    assert all(line.y < HEIGHT - 60 for page in pages for line in page.lines)


def test_a_heading_is_never_the_last_on_its_page():
    filler = [Paragraph("li", "行") for _ in range(27)]
    pages = laid_out([*filler, Paragraph("h2", "标题"), *filler], width_of)
    assert pages[0].lines[-1].text != "标题"


def test_days_and_times_are_local():
    late = datetime(2025, 12, 31, 17, 5, tzinfo=UTC)
    assert local_date(late) == "2026年1月1日"
    assert local_time(late, zh=False) == "1 January 2026, 01:05"


def test_without_a_font_the_error_says_what_to_install_and_to_set(tmp_path: Path):
    with pytest.raises(Unavailable, match=r"fonts-noto-cjk.*PATROLHUB_FONT_FILE"):
        find_font(None, known=(tmp_path / "none.ttc",))
    with pytest.raises(Unavailable, match=r"none\.ttf can't be read.*fonts-noto-cjk"):
        find_font(tmp_path / "none.ttf")
    (tmp_path / "text.ttf").write_text("no font")
    with pytest.raises(Unavailable, match=r"text\.ttf can't be read"):
        find_font(tmp_path / "text.ttf")


@pytest.mark.skipif(not any(map(Path.is_file, KNOWN)), reason="no font with Chinese characters")
def test_the_same_document_is_the_same_pdf_with_numbered_pages():
    html = f"<h1>督办函</h1><p>{'井盖 cover 破损。' * 600}</p>"
    face = find_font(None)
    first = printed(html, "督办函〔2025〕1号", AT, DocumentLanguage.ZH, face)
    printed.cache_clear()
    assert printed(html, "督办函〔2025〕1号", AT, DocumentLanguage.ZH, face) == first
    assert first.startswith(b"%PDF-")
    assert first.count(b"/Type /Page\n") >= 3
    later = printed(html, "督办函〔2025〕1号", AT.replace(year=2026), DocumentLanguage.ZH, face)
    assert later != first
