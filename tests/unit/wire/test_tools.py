import json
from pathlib import Path

from typer.testing import CliRunner

from wire.__main__ import app

TOPIC = "patrol/v1/530303/terminals/T-0002/status"


def validate(topic: str, file: Path) -> tuple[int, str]:
    answer = CliRunner().invoke(app, ["validate", topic, str(file)])
    return answer.exit_code, answer.output.strip()


def test_validate_says_that_a_payload_is_valid(tmp_path: Path):
    file = tmp_path / "birth.json"
    file.write_text(json.dumps({"state": "online", "boot_id": "b1"}))
    assert validate(TOPIC, file) == (0, "valid")


def test_validate_names_the_field_and_the_reason(tmp_path: Path):
    file = tmp_path / "birth.json"
    file.write_text(json.dumps({"state": "asleep", "boot_id": "b1"}))
    code, said = validate(TOPIC, file)
    assert code == 1
    assert said == "refused: state: Input should be 'online' or 'offline' (got 'asleep')"


def test_validate_explains_a_topic_that_the_contract_does_not_have(tmp_path: Path):
    file = tmp_path / "birth.json"
    file.write_text("{}")
    code, said = validate(TOPIC.replace("status", "smell"), file)
    assert code == 1
    assert said == "refused: topic: there is no 'smell' in the contract"


def test_validate_says_when_the_file_is_missing(tmp_path: Path):
    code, said = validate(TOPIC, tmp_path / "absent.json")
    assert code == 2
    assert "does not exist" in said
