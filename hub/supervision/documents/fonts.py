"""The font of PDF documents: the one of the settings, or one of those that systems have."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from fontTools.ttLib import TTCollection, TTFont, TTLibError

from hub.errors import Unavailable

_MUST_HAVE = "督办函〔〕号Aa1"
_WHAT_TO_DO = (
    "install one (Debian and Ubuntu: apt-get install fonts-noto-cjk) or name a file in "
    "PATROLHUB_FONT_FILE"
)
KNOWN = tuple(
    Path("/usr/share/fonts", each)
    for each in (
        "opentype/noto/NotoSansCJK-Regular.ttc",
        "opentype/noto-cjk/NotoSansCJK-Regular.ttc",
        "google-noto-cjk/NotoSansCJK-Regular.ttc",
        "google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
        "noto-cjk/NotoSansCJK-Regular.ttc",
        "noto/NotoSansCJK-Regular.ttc",
        "truetype/wqy/wqy-zenhei.ttc",
        "truetype/wqy/wqy-microhei.ttc",
        "truetype/arphic/uming.ttc",
    )
)
"""Where the packages of the distributions put fonts with Chinese characters."""


@dataclass(frozen=True, slots=True)
class FontFace:
    """A file, and which of its fonts to take."""

    file: Path
    number: int


def find_font(setting: Path | None, known: tuple[Path, ...] = KNOWN) -> FontFace:
    """The font to print with. Raises Unavailable, which says what to install or to set."""
    if setting is not None:
        return _face(setting)
    for file in known:
        if file.is_file():
            return _face(file)
    raise Unavailable(f"no font with Chinese characters is installed, so no PDF: {_WHAT_TO_DO}")


@lru_cache(maxsize=8)
def _face(file: Path) -> FontFace:
    try:
        with file.open("rb") as data:
            number = _number(_fonts(file, data))
    except (OSError, TTLibError) as error:
        reason = getattr(error, "strerror", None) or str(error) or "it is no font"
        raise Unavailable(f"the font {file} can't be read ({reason}): {_WHAT_TO_DO}") from None
    if number is None:
        raise Unavailable(f"the font {file} lacks Chinese or Latin characters: {_WHAT_TO_DO}")
    return FontFace(file, number)


def _fonts(file: Path, data: BinaryIO) -> list[TTFont]:
    if file.suffix.lower() in {".ttc", ".otc"}:
        return list(TTCollection(data, lazy=True).fonts)
    return [TTFont(data, lazy=True)]


def _number(fonts: list[TTFont]) -> int | None:
    """Which font of a file to take; None if none has all characters that are needed."""
    for number in sorted(range(len(fonts)), key=lambda each: not _is_simplified(fonts[each])):
        glyphs = fonts[number].getBestCmap() or {}
        if all(ord(char) in glyphs for char in _MUST_HAVE):
            return number
    return None


def _is_simplified(font: TTFont) -> bool:
    """Whether a font has the shapes of the mainland; others of its file have those of Japan or Korea."""
    name = font["name"].getDebugName(4) or ""
    return name.split(" ")[-1] == "SC" or " SC " in name
