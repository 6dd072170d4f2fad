"""Every file and folder that the documentation names exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md"), *DOCS.glob("adr/*.md")])
PAGES.remove(ROOT / "CHANGELOG.md")
FOLDERS = (
    *("wire", "hub", "edge", "models", "scenes", "firmware_sim", "deploy", "bench"),
    *("console", "tests", "script", "docs", "requirements"),
)

TOPICS = {"hub/status", "models/desired", "models/reported"}
"""Topics of the wire contract that look like paths."""

_SPELLED = re.compile(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]*)`")
_LINKED = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def spelled_paths(text: str) -> Iterator[str]:
    """What stands between backticks and begins with a folder of the project."""
    yield from (path for path in _SPELLED.findall(text) if path not in TOPICS)


def linked_files(text: str) -> Iterator[str]:
    """The targets of links, as they are written, that are not on the web."""
    yield from (target for target in _LINKED.findall(text) if "://" not in target)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_of_a_page_exists(page: Path):
    text = page.read_text("utf-8")
    missing = {path for path in spelled_paths(text) if not (ROOT / path).exists()}
    missing |= {path for path in linked_files(text) if not (page.parent / path).exists()}
    assert missing == set()


def test_the_index_of_decisions_lists_them_all():
    listed = list(linked_files((DOCS / "adr" / "README.md").read_text("utf-8")))
    assert listed == sorted(path.name for path in DOCS.glob("adr/[0-9]*.md"))


def test_paths_and_links_are_found():
    text = (
        "`hub/cases/case.py`, `hub/cases`, [a](b.md#c), [d](https://e.org), `hub/status`, `a/b.py`"
    )
    assert list(spelled_paths(text)) == ["hub/cases/case.py", "hub/cases"]
    assert list(linked_files(text)) == ["b.md"]
