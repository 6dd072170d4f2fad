"""What the evidence store says when it has no photo, and when it cannot be read."""

import pytest

from hub.errors import NotFound, Unavailable
from hub.evidence import open_evidence

SHA256 = "ab" * 32


def test_a_photo_that_is_not_stored_is_not_found(tmp_path):
    with pytest.raises(NotFound):
        open_evidence(f"file://{tmp_path}").get(SHA256)


def test_a_store_that_cannot_be_read_is_unavailable(tmp_path):
    (tmp_path / SHA256[:2]).write_bytes(b"a file in place of the folder")

    with pytest.raises(Unavailable):
        open_evidence(f"file://{tmp_path}").get(SHA256)
