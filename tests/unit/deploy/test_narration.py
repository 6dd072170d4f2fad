import io
import string

import pytest
from rich.console import Console

from deploy.local import sentences
from deploy.local.narration import DemoNarrator
from deploy.local.sentences import Language


def told(*entries: tuple[str, dict[str, object]], language: Language = Language.EN) -> list[str]:
    """What is printed, without the time and the process."""
    out = io.StringIO()
    narrator = DemoNarrator(Console(file=out, width=200), language)
    for process, entry in entries:
        narrator.narrate(process, entry)
    return [line.split("  ", 1)[1].strip() for line in out.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (Language.EN, "C-001 confirms over several frames: a broken cover, score 0.61"),
        (Language.ZH, "C-001 连续多帧识别到井盖破损，置信度 0.61"),
    ],
)
def test_an_event_is_told_as_a_sentence_in_either_language(
    language: Language, expected: str
) -> None:
    found = {"event": "fault_confirmed", "camera_id": "C-001", "label": "manhole_broken"}
    line = told(("edge-E-01", {**found, "score": 0.61, "level": "info"}), language=language)
    assert line[0].endswith(expected)


def test_the_same_event_is_told_by_how_it_ended() -> None:
    merged = {"event": "signal_decided", "state": "merged", "level": "info"}
    accepted = {"event": "signal_decided", "state": "accepted", "level": "info"}
    assert len(told(("worker", merged), ("worker", accepted))) == 1


def test_what_is_routine_is_not_told() -> None:
    assert told(("ingest", {"event": "batch_stored", "level": "info", "messages": 3})) == []


def test_trouble_without_a_sentence_is_told_as_it_was_logged() -> None:
    (line,) = told(("ingest", {"event": "broker_lost", "reason": "gone", "level": "warning"}))
    assert line.endswith("broker lost  reason=gone")


def test_only_a_return_after_a_loss_is_told() -> None:
    connected = ("devices", {"did": "connected", "device_id": "T-0001"})
    lost = ("devices", {"did": "cut_off", "device_id": "T-0001", "reason": "no answer"})
    assert told(connected) == []
    assert told(connected, lost, connected, connected)[-1].endswith("T-0001 is back")
    assert len(told(connected, lost, connected, connected)) == 2


def test_both_languages_tell_the_same_facts() -> None:
    for zh, en in sentences._SENTENCES.values():
        assert fields(zh) == fields(en)


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
