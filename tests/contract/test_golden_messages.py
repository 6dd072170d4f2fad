"""The golden messages under wire/examples: the valid ones pass, the others fail for their reason."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

import wire
from wire import topics
from wire.decode import MAX_REASON, Malformed, PartlySound, decode, decode_hub_status
from wire.families import BY_LEAF, FAMILIES, PARTNER_CASE, MessageDirection
from wire.schemas import ADAPTERS, schema_of

EXAMPLES = Path(wire.__file__).parent / "examples"
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")

FORMATS = FormatChecker(formats=())
FORMATS.checks("date-time")(lambda text: bool(DATE_TIME.fullmatch(str(text))))


def golden(verdict: str) -> list[Path]:
    return sorted((EXAMPLES / verdict).glob("*/*.json"))


def named(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


def payload_of(example: dict[str, Any]) -> bytes:
    text = example.get("payload_text")
    return (json.dumps(example["payload"]) if text is None else text).encode()


def judge(topic: str, payload: bytes) -> object:
    """As the receiver of the topic does."""
    if topic.endswith("/hub/status"):
        return decode_hub_status(topic, payload)
    if "/partners/" in topic:
        return PARTNER_CASE.validate_json(payload)
    return decode(topics.parse(topic), payload)


def schema_allows(family: str, payload: bytes) -> bool:
    def no_json(word: str) -> float:
        raise ValueError(word)

    try:
        document = json.loads(payload, parse_constant=no_json)
        payload.decode().encode("utf-16")
        json.dumps(document, ensure_ascii=False).encode()
    except ValueError:
        return False
    return Draft202012Validator(schema_of(family), format_checker=FORMATS).is_valid(document)


@pytest.mark.parametrize("path", golden("valid"), ids=named)
def test_a_valid_example_is_taken_by_the_hub_and_by_the_schema(path: Path):
    example = json.loads(path.read_text("utf-8"))
    judge(example["topic"], payload_of(example))
    assert schema_allows(path.parent.name, payload_of(example))


@pytest.mark.parametrize("path", golden("invalid"), ids=named)
def test_an_invalid_example_is_refused_for_the_reason_that_it_states(path: Path):
    example = json.loads(path.read_text("utf-8"))
    with pytest.raises(Malformed) as refusal:
        judge(example["topic"], payload_of(example))
    assert example["reason"] in refusal.value.reason
    assert refusal.value.topic == example["topic"]
    assert len(refusal.value.reason) <= MAX_REASON


@pytest.mark.parametrize("path", golden("invalid"), ids=named)
def test_the_schema_refuses_an_invalid_example_unless_it_says_that_no_schema_can(path: Path):
    example = json.loads(path.read_text("utf-8"))
    allowed = schema_allows(path.parent.name, payload_of(example))
    assert allowed == example.get("beyond_schema", False)


@pytest.mark.parametrize("path", golden("valid") + golden("invalid"), ids=named)
def test_an_example_lies_in_the_folder_of_its_family(path: Path):
    topic = json.loads(path.read_text("utf-8"))["topic"]
    if path.parent.name in {"hub_status", "partner_case"}:
        return
    address = topics.parse(topic)
    assert BY_LEAF[address.kind, address.leaf].name == path.parent.name


@pytest.mark.parametrize("family", sorted(ADAPTERS))
def test_every_json_family_has_valid_examples(family: str):
    assert list((EXAMPLES / "valid" / family).glob("*.json"))


@pytest.mark.parametrize("family", [f.name for f in FAMILIES if f.payload is not None])
def test_every_json_family_of_a_device_has_invalid_examples(family: str):
    assert list((EXAMPLES / "invalid" / family).glob("*.json"))


def test_every_command_type_that_has_a_body_of_its_own_has_an_example():
    seen = {
        json.loads(path.read_text("utf-8"))["payload"]["type"]
        for path in golden("valid")
        if path.parent.name.endswith("_commands")
    }
    assert {"locate", "message", "dispatch", "video_start", "video_stop", "config"} <= seen
    assert {"ptz_goto", "record_clip"} <= seen


@pytest.mark.parametrize("path", golden("partly"), ids=named)
def test_the_sound_samples_of_a_message_are_taken_and_each_other_is_refused_for_its_reason(
    path: Path,
):
    example = json.loads(path.read_text("utf-8"))
    decoded = judge(example["topic"], payload_of(example))
    assert isinstance(decoded, PartlySound)
    assert [sample.seq for sample in decoded.samples] == example["taken"]
    assert len(decoded.reasons) == len(example["reasons"])
    for said, expected in zip(decoded.reasons, example["reasons"], strict=True):
        assert said.startswith(expected)
        assert len(said) <= MAX_REASON


UPLINK_WORDS = {
    word
    for family in FAMILIES
    if family.direction is MessageDirection.UP and family.payload is not None
    for word, schema in schema_of(family.name).get("$defs", {}).items()
    if "enum" in schema
}
DECIDED = {
    "AckState": "refused: the state of an order depends on it",
    "CameraState": "ignored",
    "Capability": "ignored",
    "Crs": "refused: it decides where the place is",
    "DetectionType": "refused: it says whether the fault is there",
    "EventType": "refused: nobody can say what happened",
    "Link": "refused: presence depends on it",
    "ModelState": "ignored",
    "ShotRole": "ignored",
    "Storage": "ignored",
}
"""What becomes of a message with a word that is not in the enum."""


def test_for_every_enum_that_devices_use_it_is_decided_what_becomes_of_an_unknown_word():
    assert DECIDED.keys() == UPLINK_WORDS
    for family in FAMILIES:
        if family.direction is not MessageDirection.UP or family.payload is None:
            continue
        text = json.dumps(schema_of(family.name))
        for word in UPLINK_WORDS & schema_of(family.name).get("$defs", {}).keys():
            new_allowed = f'[{{"$ref": "#/$defs/{word}"}}, {{"maxLength": 64, "minLength": 1'
            assert (new_allowed in text) == (DECIDED[word] == "ignored"), (family.name, word)
