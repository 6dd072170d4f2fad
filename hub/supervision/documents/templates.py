"""Documents as HTML, from templates in both languages. Everything that goes in is escaped."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.clock import TIMEZONE

_FOLDER = Path(__file__).with_name("templates")


class DocumentLanguage(StrEnum):
    ZH = "zh"
    EN = "en"


def rendered(template: str, language: DocumentLanguage, **facts: object) -> str:
    """The document of a template, such as "letter.html"; `zh` in it chooses the language."""
    page = _ENVIRONMENT.get_template(template)
    return page.render(zh=language is DocumentLanguage.ZH, language=str(language), **facts) + "\n"


def local_date(instant: datetime, zh: bool = True) -> str:
    """A day as documents write it."""
    at = instant.astimezone(TIMEZONE)
    return f"{at.year}年{at.month}月{at.day}日" if zh else f"{at.day} {at:%B} {at.year}"


def local_time(instant: datetime, zh: bool = True) -> str:
    """A day and a time of day."""
    at = instant.astimezone(TIMEZONE)
    return f"{local_date(at, zh)}{at:%H:%M}" if zh else f"{local_date(at, zh)}, {at:%H:%M}"


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["day"] = local_date
    made.filters["time"] = local_time
    return made


_ENVIRONMENT = _environment()
