"""How Chinese words are typed: in pinyin, whole or by the first letters."""

from collections.abc import Sequence
from functools import lru_cache

from pydantic import BaseModel
from pypinyin import Style, lazy_pinyin

from hub.catalogue.item import CatalogueItem


class Sound(BaseModel):
    """井盖: `full` is jinggai, `initials` is jg. Letters and digits of the text stay as they are."""

    full: str
    initials: str


@lru_cache(maxsize=8192)
def sound_of(text: str) -> Sound:
    """The pinyin of a text, in small letters and without spaces."""
    syllables = lazy_pinyin(text, style=Style.NORMAL)
    first = lazy_pinyin(text, style=Style.FIRST_LETTER)
    return Sound(full=_letters(syllables), initials=_letters(first))


def sounds_of(items: Sequence[CatalogueItem]) -> dict[str, Sound]:
    """How the titles are typed, by `item_key`, and the conditions, by `item_key/cond_key`."""
    titles = {item.item_key: sound_of(item.title_zh) for item in items}
    return titles | {
        f"{item.item_key}/{each.cond_key}": sound_of(each.text_zh)
        for item in items
        for each in item.conditions
    }


def _letters(parts: list[str]) -> str:
    return "".join(
        each for part in parts for each in part.lower() if each.isascii() and each.isalnum()
    )
