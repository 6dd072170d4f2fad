"""What can be wrong with a model or a picture."""

from enum import StrEnum


class RejectionReason(StrEnum):
    """Why a model is not used."""

    NO_MANIFEST = "no_manifest"
    BAD_MANIFEST = "bad_manifest"
    FILE_MISSING = "file_missing"
    SHA256_DIFFERS = "sha256_differs"
    NOT_LOADABLE = "not_loadable"
    WRONG_SHAPE = "wrong_shape"
    BAD_ARCHIVE = "bad_archive"


class ModelRejected(Exception):
    """A model that must not run, with the reason and what it is about."""

    def __init__(self, reason: RejectionReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class PictureFault(StrEnum):
    """Why bytes are not accepted as a picture."""

    EMPTY = "empty"
    NOT_JPEG = "not_jpeg"
    TRUNCATED = "truncated"
    TOO_LARGE = "too_large"
    TOO_COSTLY = "too_costly"
    UNDECODABLE = "undecodable"


class NotAPicture(Exception):
    """Bytes that cannot be taken as a picture; `detail` says what it is, has or does."""

    def __init__(self, reason: PictureFault, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
