"""The states and transitions as a page of the documentation: `python -m hub.cases.diagram`."""

from collections.abc import Iterator
from pathlib import Path

from hub.cases.case import FINAL, State
from hub.cases.transitions import TRANSITIONS, Transition

PAGE = Path(__file__).parents[2] / "docs" / "case-states.md"

_HEAD = """# Case states

Written from the table in `hub/cases/transitions.py` by `python -m hub.cases.diagram`; a test compares them.
Events that leave the state as it is are only in the table below the picture.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, "```mermaid", *_diagram(), "```", "", *_table(), ""])


def _diagram() -> Iterator[str]:
    yield "stateDiagram-v2"
    moves: dict[tuple[str, str], list[str]] = {}
    for row in TRANSITIONS.values():
        for target in row.targets:
            if target is not row.source:
                moves.setdefault((row.source or "[*]", target), []).append(row.event)
    for (begin, end), events in moves.items():
        yield f"    {begin} --> {end}: {', '.join(events)}"
    for ended in (each for each in State if each in FINAL):
        yield f"    {ended} --> [*]"


def _table() -> Iterator[str]:
    yield "| from | event | by | to | guards |"
    yield "|---|---|---|---|---|"
    for row in TRANSITIONS.values():
        yield _line(row)


def _line(row: Transition) -> str:
    by = ", ".join(sorted(row.by))
    targets = " or ".join(row.targets)
    guards = ", ".join(guard.__name__ for guard in row.guards) or "-"
    return f"| {row.source or '-'} | {row.event} | {by} | {targets} | {guards} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
