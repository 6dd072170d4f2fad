from pathlib import Path

import pytest
from pydantic import ValidationError

from models.training.config import read_config

CONFIGS = Path(__file__).parents[3] / "models" / "training" / "configs"
COVERS = """
[[found_covers]]
photo = "a.jpg"
box = [1, 2, 3, 4]
label = "manhole_good"
"""


def written(folder: Path, found_covers: str) -> Path:
    (folder / "covers.toml").write_text(COVERS)
    path = folder / "run.toml"
    path.write_text(
        f'name = "n"\nversion = "1"\nclasses = ["manhole_good"]\n[data]\nfound_covers = {found_covers}\n'
    )
    return path


def test_found_covers_may_lie_in_a_file_beside_the_configuration(tmp_path: Path) -> None:
    [cover] = read_config(written(tmp_path, '"covers.toml"')).data.found_covers
    assert (cover.photo, cover.box, cover.label) == ("a.jpg", (1, 2, 3, 4), "manhole_good")


def test_a_missing_file_of_found_covers_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.toml"):
        read_config(written(tmp_path, '"none.toml"'))


def test_found_covers_that_are_no_list_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="found_covers"):
        read_config(written(tmp_path, "7"))


@pytest.mark.parametrize("run", ["street", "street.finish", "street.closeups"])
def test_every_run_of_the_released_detector_knows_the_same_found_covers(run: str) -> None:
    assert len(read_config(CONFIGS / f"{run}.toml").data.found_covers) == 20
