"""The glossary of the code has one row for each folder and public class of hub and edge, and no other."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = ("hub", "edge")
CODE = (ROOT / "docs" / "glossary-code.md").read_text("utf-8")
WORDS = (ROOT / "docs" / "glossary.md").read_text("utf-8")


def rows(page: str) -> Iterator[tuple[str, str, str]]:
    """The rows of a page's tables: names, Chinese, meaning."""
    for line in page.splitlines():
        if line.startswith("| ") and line.split("|")[2].strip() != "中文":
            names, chinese, meaning = (cell.strip() for cell in line.strip("|").split("|"))
            yield names, chinese, meaning


def described() -> Counter[str]:
    return Counter(name for names, _, _ in rows(CODE) for name in re.findall(r"`([^`]+)`", names))


def folders() -> set[str]:
    return {
        f"{path.parent.relative_to(ROOT).as_posix()}/"
        for part in PARTS
        for path in (ROOT / part).rglob("__init__.py")
    }


def public_classes() -> set[str]:
    return {
        node.name
        for part in PARTS
        for path in (ROOT / part).rglob("*.py")
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    }


def test_every_folder_is_described():
    assert folders() - described().keys() == set()


def test_every_public_class_is_described():
    assert public_classes() - described().keys() == set()


def test_nothing_is_described_that_does_not_exist():
    assert described().keys() - folders() - public_classes() == set()


def test_nothing_is_described_twice():
    assert {name: count for name, count in described().items() if count > 1} == {}


def test_every_word_has_a_chinese_one_and_a_meaning():
    for page in (WORDS, CODE):
        assert [names for names, chinese, meaning in rows(page) if not (chinese and meaning)] == []


def test_no_word_of_the_trade_is_explained_twice():
    words = Counter(word for names, _, _ in rows(WORDS) for word in names.split(", "))
    assert {word: count for word, count in words.items() if count > 1} == {}
