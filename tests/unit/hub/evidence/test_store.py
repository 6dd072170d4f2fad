"""What the evidence store says when a photo is not what was stored, and when it can't be used."""

import hashlib
from pathlib import Path

import pytest

from hub.errors import Unavailable
from hub.evidence import EvidenceStore, open_evidence
from hub.evidence.metrics import DAMAGED
from hub.evidence.store import PhotoChanged, PhotoMissing

DATA = b"the bytes of a photo"
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    made = open_evidence(f"file://{tmp_path / 'a folder'}", create=True)
    made.put(SHA256, DATA)
    return made


def file_of(tmp_path: Path) -> Path:
    return tmp_path / "a folder" / SHA256[:2] / f"{SHA256}.jpg"


def test_a_photo_comes_back_and_a_thumbnail_beside_it(store):
    store.put_thumbnail(SHA256, 160, b"small")
    assert store.get(SHA256) == DATA
    assert store.thumbnail(SHA256, 160) == b"small"
    assert store.thumbnail(SHA256, 320) is None
    store.delete(SHA256, (160, 320))
    assert list(store.paths()) == []


def test_a_missing_file_is_an_error_of_its_own_and_is_counted(store, tmp_path):
    file_of(tmp_path).unlink()
    before = DAMAGED.labels("missing")._value.get()
    with pytest.raises(PhotoMissing, match="restore it"):
        store.get(SHA256)
    assert DAMAGED.labels("missing")._value.get() == before + 1


def test_changed_bytes_are_never_given_out(store, tmp_path):
    file_of(tmp_path).write_bytes(b"other bytes")
    before = DAMAGED.labels("changed")._value.get()
    with pytest.raises(PhotoChanged, match="not what was stored"):
        store.get(SHA256)
    assert DAMAGED.labels("changed")._value.get() == before + 1


def test_a_store_that_cannot_be_read_is_unavailable(tmp_path):
    (tmp_path / SHA256[:2]).write_bytes(b"a file in place of the folder")

    with pytest.raises(Unavailable):
        open_evidence(f"file://{tmp_path}").get(SHA256)


def test_a_folder_that_is_missing_is_named_and_not_made_again(store, tmp_path):
    folder = tmp_path / "a folder"
    file_of(tmp_path).unlink()
    file_of(tmp_path).parent.rmdir()
    folder.rmdir()
    for use in (
        lambda: store.put(SHA256, DATA),
        lambda: store.get(SHA256),
        lambda: open_evidence(f"file://{folder}"),
    ):
        with pytest.raises(Unavailable, match=str(folder)):
            use()
    assert not folder.exists()
