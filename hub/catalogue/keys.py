"""Keys of items, conditions and steps that a list gives only a title: the same title, the same key. Pure."""

import re
from collections.abc import Collection

from pypinyin import lazy_pinyin

_MAX = 64


def key_of(title: str, taken: Collection[str] = (), prefix: str = "item") -> str:
    """A key from a title: its words, or its syllables in pinyin, with a number if it is taken."""
    spoken = " ".join(lazy_pinyin(title)).lower().replace("ü", "v")
    found = ""
    for clean in re.findall(r"[a-z0-9]+", spoken):
        if len(found) + len(clean) + 1 <= _MAX - 4:
            found = f"{found}_{clean}" if found else clean
    if not found or not found[0].isalpha():
        found = f"{prefix}_{found}".rstrip("_")
    number, key = 2, found
    while key in taken:
        key = f"{found}_{number}"
        number += 1
    return key
