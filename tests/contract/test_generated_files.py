"""What is committed is what the models give."""

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from wire import generate, schemas
from wire.__main__ import app


def test_the_committed_files_are_what_the_models_give():
    assert generate.drifted() == []


def test_check_fails_when_a_model_has_changed(monkeypatch: pytest.MonkeyPatch):
    changed = schemas.schema_files()
    changed["terminal_status.json"] += "\n"
    monkeypatch.setattr(schemas, "schema_files", lambda: changed)
    answer = CliRunner().invoke(app, ["check"])
    assert answer.exit_code == 1
    assert "wire/schema/terminal_status.json: differs" in answer.output
    assert "python -m wire generate" in answer.output


def test_check_fails_when_a_schema_is_missing_or_left_over(monkeypatch: pytest.MonkeyPatch):
    changed = schemas.schema_files()
    changed["terminal_smell.json"] = changed.pop("terminal_status.json")
    monkeypatch.setattr(schemas, "schema_files", lambda: changed)
    faults = generate.drifted()
    assert "wire/schema/terminal_smell.json: is missing" in faults
    assert "wire/schema/terminal_status.json: is left over" in faults


def test_generate_writes_what_drifted_and_removes_what_is_left_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    schema_dir, asyncapi, guide = tmp_path / "schema", tmp_path / "asyncapi.yaml", tmp_path / "g.md"
    schema_dir.mkdir()
    (schema_dir / "old.json").write_text("{}")
    places = "".join("stale\n".join(generate.marks(name)) for name in generate._TABLES)
    guide.write_text(f"before\n{places}after\n")
    monkeypatch.setattr(generate, "SCHEMA_DIR", schema_dir)
    monkeypatch.setattr(generate, "ASYNCAPI", asyncapi)
    monkeypatch.setattr(generate, "GUIDE", guide)
    changed = generate.write()
    assert schema_dir / "old.json" in changed
    assert not (schema_dir / "old.json").exists()
    assert yaml.safe_load(asyncapi.read_text("utf-8"))["asyncapi"] == "3.0.0"
    assert "stale" not in guide.read_text("utf-8")
    assert guide.read_text("utf-8").endswith("after\n")
    assert generate.write() == []


def test_a_guide_without_a_place_for_the_table_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    guide = tmp_path / "guide.md"
    guide.write_text("no place\n")
    monkeypatch.setattr(generate, "GUIDE", guide)
    with pytest.raises(generate.NoTablePlace):
        generate.artifacts()
