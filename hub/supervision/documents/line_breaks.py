"""Break text into lines: between any two Chinese characters, and between Latin words. Pure."""

import re
from collections.abc import Callable, Iterator

Measure = Callable[[str], float]

_NOT_FIRST = frozenset("，。、；：？！）》〉」』】〕”’…·,.;:?!)]}%")
"""Characters that no line begins with."""
_NOT_LAST = frozenset("（《〈「『【〔“‘([{")
_CJK = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"[{_CJK}]|\s+|[^\s{_CJK}]+")


def broken(text: str, width: float, measure: Measure) -> list[str]:
    """The lines of a text, none wider than `width` unless one character is.

    A line break in the text ends a line. Blanks at the ends of lines are dropped.
    """
    return [line for part in text.split("\n") for line in _lines(part, width, measure)]


def _lines(text: str, width: float, measure: Measure) -> Iterator[str]:
    line = ""
    for token in _pieces(text):
        if measure(line + token.rstrip()) <= width:
            line += token
            continue
        if line.strip():
            yield line.rstrip()
        line = token.lstrip()
        while measure(line.rstrip()) > width and len(line) > 1:
            fits = _fitting(line, width, measure)
            yield line[:fits]
            line = line[fits:]
    yield line.rstrip()


def _fitting(text: str, width: float, measure: Measure) -> int:
    """How many characters fit into the width, at least one."""
    count = 1
    while count < len(text) and measure(text[: count + 1]) <= width:
        count += 1
    return count


def _pieces(text: str) -> Iterator[str]:
    """What stays together: a word, or a character with the punctuation that belongs to it."""
    piece = ""
    for token in _TOKEN.findall(text):
        joins = token[0] in _NOT_FIRST or (piece and piece[-1] in _NOT_LAST)
        if piece and not joins:
            yield piece
            piece = ""
        piece += token
    if piece:
        yield piece
