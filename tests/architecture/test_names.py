"""A public class name means one thing in the whole product."""

import ast
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = ("wire", "hub", "edge", "models", "scenes", "firmware_sim", "deploy", "bench")
SOURCES = [path for part in PARTS for path in sorted((ROOT / part).rglob("*.py"))]

# Names that still mean several things. It may only become shorter: a name that means one thing
# again must leave, and no new one comes in.
AMBIGUOUS = frozenset(
    {
        "Answer",
        "Box",
        "Broker",
        "Detector",
        "Facts",
        "Figures",
        "Fix",
        "Ground",
        "Heard",
        "Kept",
        "Kind",
        "Limits",
        "Link",
        "Login",
        "Look",
        "Lost",
        "Move",
        "Node",
        "Outcome",
        "Outgoing",
        "Peer",
        "Plan",
        "Reason",
        "Received",
        "Refusal",
        "Rules",
        "Settings",
        "Sighting",
        "Source",
        "Spot",
        "Standing",
        "Stay",
        "Step",
        "Subject",
        "Subscriber",
        "Track",
        "Transition",
        "Unit",
        "UnknownVariable",
        "Verdict",
        "Waiting",
        "Waits",
        "Wanted",
        "Watched",
    }
)


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
    assert defined_twice() - AMBIGUOUS == set()


def test_every_name_that_is_allowed_to_be_ambiguous_still_is():
    assert AMBIGUOUS - defined_twice() == set()


def test_only_public_classes_at_the_top_of_a_module_count():
    source = "class Case:\n    class Inner: ...\nclass _Row: ...\ndef f():\n    class Local: ...\n"
    assert public_classes(source) == ["Case"]
