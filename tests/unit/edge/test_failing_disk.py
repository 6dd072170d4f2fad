"""A disk that does not give back what was written to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.detector import ModelInfo
from tests.paint import GOOD
from tests.unit.edge.rig import Rig
from tests.unit.edge.test_worker import brightening, street
from wire.messages import Detection
from wire.topics import Leaf

PAGE = 4096
POINTER = 4
"""A page that goes on with a long value begins with the number of the page after it."""


@pytest.fixture
def rig(tmp_path: Path, model: ModelInfo) -> Iterator[Rig]:
    made = Rig(tmp_path / "edge.db", model)
    yield made
    made.connection.close()


def damage(rig: Rig, page: bytes, keep: int) -> None:
    """Overwrite the pages that kept pictures go on in, but for their first bytes."""
    pictures = [row["jpeg"] for row in rig.connection.execute("SELECT jpeg FROM pictures")]
    rig.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    rig.connection.execute("PRAGMA shrink_memory")
    data = bytearray(rig.path.read_bytes())
    for at in range(0, len(data), PAGE):
        sample = data[at + 1000 : at + 1100]
        if any(sample in jpeg[2000:] for jpeg in pictures):
            data[at + keep : at + PAGE] = page[keep:]
    with rig.path.open("r+b") as file:
        file.write(data)


def confirmed(rig: Rig, pages: bytes, keep: int) -> Detection:
    """A fault that is confirmed after the pictures of its first looks were damaged."""
    rig.film(street(GOOD), 15)
    while not rig.kept_pictures():
        rig.show(brightening(rig.now_s))
    damage(rig, pages, keep)
    rig.play(brightening, 60)
    fault, *_ = rig.detections()
    return fault


@pytest.mark.parametrize("keep", [0, POINTER])
def test_a_fault_whose_first_picture_is_lost_is_published_with_the_others(
    rig: Rig, keep: int
) -> None:
    fault = confirmed(rig, bytes(PAGE), keep)
    assert fault.type.value == "new"
    assert [shot.role.value for shot in fault.shots] == ["crop"]
    sent = [tail for leaf, tail, _ in rig.waiting() if leaf is Leaf.EVIDENCE]
    assert sorted(sent) == sorted([fault.evidence or "", fault.shots[0].evidence])
