"""A model as one file to send: an uncompressed tar with the files that its manifest names, nothing else.

Packing the same folder twice gives the same bytes. Unpacking trusts nothing: it takes plain files only,
with plain names, that fit into the size of the archive itself.
"""

import hashlib
import io
import os
import re
import tarfile
from pathlib import Path
from typing import IO

from models.errors import ModelRejected, RejectionReason
from models.manifest import CARD_NAME, MANIFEST_NAME, Manifest, read_manifest, verified_path

_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_MOST_FILES = 32
_LARGEST_MANIFEST = 1024 * 1024
_CHUNK = 64 * 1024


def pack(directory: Path, archive: Path) -> Manifest:
    """Write a model's folder into an archive. Raises ModelRejected if the folder is not sound."""
    manifest = read_manifest(directory)
    weights = [verified_path(directory, spec) for spec in manifest.files]
    papers = [directory / MANIFEST_NAME, directory / CARD_NAME]
    draft = archive.with_name(archive.name + ".new")
    with tarfile.open(draft, "w", format=tarfile.USTAR_FORMAT) as tar:
        for path in [*(paper for paper in papers if paper.exists()), *weights]:
            _add(tar, path)
    draft.replace(archive)
    return manifest


def _add(tar: tarfile.TarFile, path: Path) -> None:
    entry = tarfile.TarInfo(path.name)
    entry.size = path.stat().st_size
    entry.mode = 0o644
    with path.open("rb") as content:
        tar.addfile(entry, content)


def sha256_of(path: Path) -> str:
    """The hash of a file, without holding it in memory."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def manifest_of(archive: Path) -> Manifest:
    """The manifest within an archive. Raises ModelRejected."""
    with _opened(archive) as tar:
        for entry in _entries(tar):
            if entry.name == MANIFEST_NAME and entry.size <= _LARGEST_MANIFEST:
                return _manifest(_content(tar, entry).read())
    raise ModelRejected(RejectionReason.NO_MANIFEST, f"{archive.name} holds no {MANIFEST_NAME}")


def unpack(archive: Path, directory: Path) -> Manifest:
    """Unpack an archive into an empty folder; every file is on the disk when it returns.

    Raises ModelRejected if the archive or a file in it is not what it should be, and OSError.
    """
    with _opened(archive) as tar:
        for entry in _entries(tar):
            _write(_content(tar, entry), directory / entry.name)
    manifest = read_manifest(directory)
    for spec in manifest.files:
        verified_path(directory, spec)
    return manifest


def _opened(archive: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(archive, "r:")
    except tarfile.TarError as error:
        raise ModelRejected(
            RejectionReason.BAD_ARCHIVE, f"{archive.name} is no uncompressed tar: {error}"
        ) from None


def _entries(tar: tarfile.TarFile) -> list[tarfile.TarInfo]:
    """The members of the archive, once all of them are known to be harmless. Raises ModelRejected."""
    entries: list[tarfile.TarInfo] = []
    try:
        while (entry := tar.next()) is not None:
            if fault := _fault(entry, {other.name for other in entries}):
                raise ModelRejected(RejectionReason.BAD_ARCHIVE, f"{entry.name[:100]!r}: {fault}")
            entries.append(entry)
            if len(entries) > _MOST_FILES:
                raise ModelRejected(RejectionReason.BAD_ARCHIVE, f"over {_MOST_FILES} files")
    except tarfile.TarError as error:
        raise ModelRejected(RejectionReason.BAD_ARCHIVE, str(error)) from None
    return entries


def _fault(entry: tarfile.TarInfo, taken: set[str]) -> str | None:
    if not _PLAIN_NAME.fullmatch(entry.name):
        return "is not the plain name of a file"
    if entry.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or entry.issparse():
        return "is not a plain file"
    return "is there twice" if entry.name in taken else None


def _content(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    return tar.extractfile(entry) or io.BytesIO()


def _write(content: IO[bytes], path: Path) -> None:
    try:
        with path.open("xb") as file:
            while chunk := content.read(_CHUNK):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except tarfile.TarError as error:
        raise ModelRejected(RejectionReason.BAD_ARCHIVE, f"{path.name}: {error}") from None


def _manifest(text: bytes) -> Manifest:
    try:
        return Manifest.model_validate_json(text)
    except ValueError as error:
        raise ModelRejected(RejectionReason.BAD_MANIFEST, f"in the archive: {error}") from None
