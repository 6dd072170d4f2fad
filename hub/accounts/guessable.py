"""Which passwords are too easy: what is left of one when known words and patterns count as little. Pure."""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path

MIN_LENGTH = 12
MIN_REST = 7
"""A word, a year, a run of keys or a repetition counts as one character, everything else as itself."""

_ROWS = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1234567890",
    "!@#$%^&*()",
    "abcdefghijklmnopqrstuvwxyz",
)
_COLUMNS = (
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "147258369",
    "159357",
)
_LEET = str.maketrans("@4310$5!7", "aaeiossit")
_YEAR = re.compile(r"(19|20)\d\d((0[1-9]|1[0-2])([0-2]\d|3[01])?)?")


def is_guessable(password: str, *own: str) -> bool:
    """Whether it is one of the passwords that are tried first. `own`: user name, person's name, unit."""
    return rest(password, own) < MIN_REST


def rest(password: str, own: Sequence[str] = ()) -> int:
    """How many characters are left: each word, year, run and repetition counts as one."""
    text = password.casefold()
    words = _by_length(frozenset(each.casefold() for each in own if len(each) >= 3))
    woven = _count(text[::2], words) + _count(text[1::2], words)
    return min(_count(text, words), _count(text.translate(_LEET), words), woven, len(set(text)))


def _count(text: str, words: Sequence[str]) -> int:
    counted, at, seen = 0, 0, set[str]()
    while at < len(text):
        length = max(_lengths(text, at, words))
        piece = text[at : at + length]
        counted += 0 if length > 1 and piece in seen else 1
        seen.add(piece)
        at += length
    return counted


def _lengths(text: str, at: int, words: Sequence[str]) -> Iterator[int]:
    """How far each known pattern reaches from a place; at least one character."""
    yield 1
    yield next((len(word) for word in words if text.startswith(word, at)), 1)
    year = _YEAR.match(text, at)
    yield len(year[0]) if year else 1
    yield _run(text, at)
    yield _repetition(text, at)


def _run(text: str, at: int) -> int:
    """The length of a run along a row or column of keys, or the alphabet, in either direction."""
    longest = 1
    for keys in _runs():
        start = keys.find(text[at])
        while start >= 0:
            length = 1
            while (
                at + length < len(text) and text[at + length] == keys[(start + length) % len(keys)]
            ):
                length += 1
            longest = max(longest, length)
            start = keys.find(text[at], start + 1)
    return longest if longest >= 3 else 1


def _repetition(text: str, at: int) -> int:
    """The length of a piece of up to six characters that is repeated, with its repetitions."""
    longest = 1
    for size in range(1, 7):
        piece, length = text[at : at + size], size
        while len(piece) == size and text.startswith(piece, at + length):
            length += size
        if length >= max(3, 2 * size):
            longest = max(longest, length)
    return longest


@cache
def _runs() -> tuple[str, ...]:
    rows = (*_ROWS, *_COLUMNS)
    return (*rows, *(keys[::-1] for keys in rows))


@lru_cache(maxsize=64)
def _by_length(own: frozenset[str]) -> tuple[str, ...]:
    kept = json.loads(Path(__file__).with_name("guessed_words.json").read_text("utf-8"))
    return tuple(sorted({*kept, *own}, key=len, reverse=True))
