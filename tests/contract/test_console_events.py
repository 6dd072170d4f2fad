"""The live events that the console reads are those that the hub sends; OpenAPI doesn't describe them."""

import json
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from hub.journal import Subject
from hub.live.events import Hello, JournalEvent, LivePosition, Ping, Positions

CONSOLE = Path(__file__).parents[2] / "console"
EXAMPLES = CONSOLE / "test" / "events.json"
TYPES = CONSOLE / "src" / "api" / "types.ts"


@pytest.mark.parametrize(
    ("name", "model"),
    [("hello", Hello), ("journal", JournalEvent), ("positions", Positions), ("ping", Ping)],
)
def test_the_console_s_example_of_an_event_is_what_the_hub_sends(
    name: str, model: type[BaseModel]
) -> None:
    example = json.loads(EXAMPLES.read_text("utf-8"))[name]
    model.model_validate(example)
    assert set(example) == set(model.model_fields)


def test_the_console_s_example_of_a_position_has_every_field() -> None:
    example = json.loads(EXAMPLES.read_text("utf-8"))["positions"]["items"][0]
    assert set(example) == set(LivePosition.model_fields)


def test_the_console_knows_every_subject_of_the_journal() -> None:
    union = re.search(r"type JournalSubject = (.+)", TYPES.read_text("utf-8"))
    assert union is not None
    assert set(re.findall(r"'(\w+)'", union.group(1))) == {str(subject) for subject in Subject}
