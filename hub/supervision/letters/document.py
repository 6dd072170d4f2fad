"""A letter as a document: the same HTML and PDF from the same facts."""

from pathlib import Path

from hub.supervision.documents.pdf import pdf_of
from hub.supervision.documents.templates import DocumentLanguage, rendered
from hub.supervision.letters.facts import LetterFacts
from hub.supervision.letters.letter import Letter


def letter_html(letter: Letter, language: DocumentLanguage = DocumentLanguage.ZH) -> str:
    """The letter as it was issued; if it is recalled, it says so on top."""
    recalled = None
    if letter.recalled_at is not None:
        recalled = {"at": letter.recalled_at, "reason": letter.recall_reason}
    facts = LetterFacts.model_validate(letter.facts)
    return rendered(f"{letter.kind}.html", language, f=facts, recalled=recalled)


async def letter_pdf(
    letter: Letter, font: Path | None, language: DocumentLanguage = DocumentLanguage.ZH
) -> bytes:
    """Raises Unavailable without a font."""
    html = letter_html(letter, language)
    return await pdf_of(html, letter.letter_no, letter.issued_at, language, font)
