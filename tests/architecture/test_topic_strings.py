"""Topics are spelled in wire/topics.py; everyone else builds and parses them there."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from wire import topics

ROOT = Path(__file__).parents[2]
PARTS = ("wire", "hub", "edge", "models", "scenes", "firmware_sim", "deploy", "bench")
SOURCES = sorted(path for part in PARTS for path in (ROOT / part).rglob("*.py"))
HOME = ROOT / "wire" / "topics.py"


def spelled_topics(source: str) -> Iterator[str]:
    """Yield the string literals, docstrings aside, that begin like a topic or hold its root."""
    tree = ast.parse(source)
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docstrings:
            text = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
            if isinstance(text, str) and (topics.PREFIX in text or text.startswith("patrol/")):
                yield text


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_topic_is_spelled_outside_its_home(path: Path):
    if path == HOME:
        assert list(spelled_topics(path.read_text("utf-8")))
    else:
        assert list(spelled_topics(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    ['x = "patrol/v1/530303/#"', "x = f'patrol/v1/{d}/#'", "x = b'patrol/v1/#'", 'f("patrol/", v)'],
)
def test_a_spelled_topic_is_found(source: str):
    assert list(spelled_topics(source))


def test_a_docstring_may_speak_of_topics():
    assert not list(spelled_topics('def f():\n    """Reads patrol/v1/530303/#."""'))
