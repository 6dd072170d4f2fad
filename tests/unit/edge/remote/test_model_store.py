import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.detector import LoadedDetector, ModelInfo
from edge.remote.model_store import ModelStore, StoredModel
from edge.remote.rollback import MOST_STARTS
from edge.remote.startup import first_model
from models import ModelRejected, RejectionReason
from wire.messages import DesiredModel, LoadedModel, ModelState

INSTALLED = Path("installed")


def model(version: int) -> StoredModel:
    return StoredModel(
        version=version, name="street", model_version=f"1.{version}.0", sha256=f"{version:064x}"
    )


def desired(version: int) -> DesiredModel:
    return DesiredModel(
        **model(version).model_dump(), url="https://models.example/x.tar", signature="A" * 86 + "=="
    )


def load(folder: Path) -> LoadedDetector:
    if folder.name == model(9).sha256:
        raise ModelRejected(RejectionReason.NOT_LOADABLE, "no graph in it")
    loaded = LoadedModel(name=folder.name, version="1", sha256="0" * 64)
    return LoadedDetector(None, ModelInfo(loaded, {}), lambda _: None, {})  # type: ignore[arg-type]


def started(folder: Path) -> str:
    return first_model(ModelStore(folder), load, INSTALLED).model.loaded.name


def test_a_new_node_begins_with_the_model_that_it_was_installed_with(tmp_path: Path) -> None:
    assert started(tmp_path) == INSTALLED.name


def test_a_swap_holds_over_a_restart(tmp_path: Path) -> None:
    ModelStore(tmp_path).swap(model(3), 6.4)
    assert started(tmp_path) == model(3).sha256


def test_a_model_that_ends_the_node_again_and_again_makes_way_for_the_one_before(
    tmp_path: Path,
) -> None:
    model_store = ModelStore(tmp_path)
    model_store.swap(model(2), None)
    model_store.prove()
    model_store.swap(model(3), None)
    names = [started(tmp_path) for _ in range(MOST_STARTS + 1)]
    assert names == [model(3).sha256] * (MOST_STARTS - 1) + [model(2).sha256] * 2
    judged = ModelStore(tmp_path).state.judged
    assert judged is not None
    assert (judged.version, judged.state) == (3, ModelState.ROLLED_BACK)
    assert "3 times" in judged.error


def test_a_proved_model_may_be_started_as_often_as_one_likes(tmp_path: Path) -> None:
    model_store = ModelStore(tmp_path)
    model_store.swap(model(3), None)
    model_store.prove()
    assert {started(tmp_path) for _ in range(10)} == {model(3).sha256}


def test_starts_that_end_well_do_not_count(tmp_path: Path) -> None:
    ModelStore(tmp_path).swap(model(3), None)
    for _ in range(10):
        assert started(tmp_path) == model(3).sha256
        ModelStore(tmp_path).stopped_cleanly()


def test_a_model_that_proved_itself_is_held_in_reserve_and_none_that_did_not(
    tmp_path: Path,
) -> None:
    model_store = ModelStore(tmp_path)
    model_store.swap(model(1), None)
    model_store.prove()
    model_store.swap(model(2), None)
    model_store.swap(model(3), None)
    assert model_store.state.previous == model(1)


def test_shadow_evaluations_cut_off_by_the_node_are_counted_for_each_desired_model(
    tmp_path: Path,
) -> None:
    for deaths in range(3):
        model_store = ModelStore(tmp_path)
        assert model_store.deaths(desired(3)) == deaths
        model_store.begin_evaluation(desired(3))
    assert ModelStore(tmp_path).deaths(desired(4)) == 0


def test_a_shadow_evaluation_that_was_stopped_with_the_node_does_not_count(tmp_path: Path) -> None:
    ModelStore(tmp_path).begin_evaluation(desired(3))
    for _ in range(5):
        model_store = ModelStore(tmp_path)
        model_store.begin_evaluation(desired(3))
        model_store.stopped_cleanly()
    assert ModelStore(tmp_path).deaths(desired(3)) == 1


def test_a_shadow_evaluation_that_has_ended_in_any_way_does_not_count(tmp_path: Path) -> None:
    model_store = ModelStore(tmp_path)
    for end in (
        model_store.end_evaluation,
        lambda: model_store.refuse(desired(3), "it is blind"),
        lambda: model_store.swap(model(3), None),
        lambda: model_store.roll_back("it is blind"),
    ):
        model_store.begin_evaluation(desired(3))
        end()
        assert ModelStore(tmp_path).deaths(desired(3)) == 0


def test_a_model_that_cannot_be_loaded_any_more_makes_way(tmp_path: Path) -> None:
    ModelStore(tmp_path).swap(model(9), None)
    assert started(tmp_path) == INSTALLED.name
    judged = ModelStore(tmp_path).state.judged
    assert judged is not None
    assert "no graph in it" in judged.error


@pytest.mark.parametrize("text", ["", "{", '{"current": 7}', "\0"])
def test_a_state_that_makes_no_sense_is_set_aside(tmp_path: Path, text: str) -> None:
    (tmp_path / "state.json").write_text(text)
    assert started(tmp_path) == INSTALLED.name
    assert (tmp_path / "state.unreadable").read_text() == text


def test_a_state_of_a_newer_program_keeps_what_this_one_knows(tmp_path: Path) -> None:
    ModelStore(tmp_path).swap(model(3), None)
    state = json.loads((tmp_path / "state.json").read_text())
    (tmp_path / "state.json").write_text(json.dumps(state | {"newer": 1}))
    assert started(tmp_path) == model(3).sha256


def test_tidying_keeps_what_is_in_use_and_what_was_before(tmp_path: Path) -> None:
    model_store = ModelStore(tmp_path)
    for version in (1, 2, 3):
        model_store.folder(model(version)).mkdir(parents=True)
        model_store.archive(model(version).sha256).write_bytes(b"")
        model_store.swap(model(version), None)
        model_store.prove()
    part = model_store.archive(model(4).sha256).with_suffix(".tar.part")
    part.write_bytes(b"")
    model_store.tidy(but=model(4).sha256)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"state.json", model(2).sha256, model(3).sha256, part.name}


def test_the_lowest_version_rises_with_what_proves_itself_and_outlasts_a_restart(
    tmp_path: Path,
) -> None:
    model_store = ModelStore(tmp_path)
    model_store.note_installed("street", "1.0.0")
    model_store.note_installed("street", "0.9.0")
    assert ModelStore(tmp_path).state.highest == {"street": "1.0.0"}
    model_store.swap(model(3), None)
    assert model_store.state.highest == {"street": "1.0.0"}
    model_store.prove()
    model_store.note_installed("street", "9.0.0")
    assert ModelStore(tmp_path).state.highest == {"street": "1.3.0"}


def test_a_model_that_is_rolled_back_does_not_raise_it(tmp_path: Path) -> None:
    model_store = ModelStore(tmp_path)
    model_store.swap(model(2), None)
    model_store.prove()
    model_store.swap(model(3), None)
    model_store.roll_back("too slow")
    assert model_store.state.highest == {"street": "1.2.0"}


def test_a_permit_lowers_it_once_and_is_remembered(tmp_path: Path) -> None:
    at = datetime(2026, 11, 30, tzinfo=UTC)
    model_store = ModelStore(tmp_path)
    model_store.swap(model(3), None)
    model_store.prove()
    model_store.swap(model(2), None, at)
    model_store.prove()
    state = ModelStore(tmp_path).state
    assert (state.highest, state.last_permit_at) == ({"street": "1.2.0"}, at)
