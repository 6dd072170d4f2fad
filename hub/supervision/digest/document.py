"""The digest as a document."""

from pathlib import Path

from hub.supervision.digest.views import DigestView
from hub.supervision.documents.pdf import pdf_of
from hub.supervision.documents.templates import DocumentLanguage, rendered

FIGURES = {
    "overdue_unhandled": ("超期未处置", "overdue and not handled"),
    "overdue_open": ("超期未办结", "overdue and open"),  # of digests that were kept before
    "closed_late": ("近 7 天超期办结", "closed late in 7 days"),
    "reworked": ("返工", "reworked"),
    "unanswered_letters": ("函件逾期未回复", "letters not answered in time"),
}
SOURCES = {"police_call": ("警情", "police calls"), "petition": ("信访", "petitions")}


def digest_html(digest: DigestView, language: DocumentLanguage) -> str:
    """The digest to be read and printed."""
    return rendered("digest.html", language, d=digest, figures=FIGURES, sources=SOURCES)


async def digest_pdf(digest: DigestView, language: DocumentLanguage, font: Path | None) -> bytes:
    """Raises Unavailable without a font."""
    html = digest_html(digest, language)
    return await pdf_of(html, f"每日专报 {digest.day}", digest.made_at, language, font)
