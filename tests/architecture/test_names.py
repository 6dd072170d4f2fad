"""A public class name means one thing in the whole product."""

import ast
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = ("wire", "hub", "edge", "models", "scenes", "firmware_sim", "deploy", "bench")
SOURCES = [path for part in PARTS for path in sorted((ROOT / part).rglob("*.py"))]


def public_classes(source: str) -> list[str]:
    """The names of the classes at the top of a module, but for private ones."""
    return [
        node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]


def defined_twice() -> set[str]:
    names = Counter(name for path in SOURCES for name in public_classes(path.read_text("utf-8")))
    return {name for name, count in names.items() if count > 1}


def test_no_public_class_name_is_defined_twice():
    assert defined_twice() == set()
