"""Frames from a folder of JPEG files, as if a camera took them one after the other."""

import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from edge.frame import Frame
from edge.sources import Receiver

_LARGEST = 16 * 1024 * 1024
_SUFFIXES = frozenset({".jpg", ".jpeg"})


class FolderFrames:
    """The folder's pictures in the order of their names, one each `interval_s`, again and again."""

    def __init__(
        self, camera_id: str, folder: Path, receiver: Receiver, interval_s: float = 1.0
    ) -> None:
        self._camera_id = camera_id
        self._folder = folder
        self._receiver = receiver
        self._interval_s = interval_s

    @property
    def name(self) -> str:
        return f"folder_frames_{self._camera_id}"

    def run(self, stop: Event) -> None:
        """Read until stopped. The folder is listed anew each time round: it may change."""
        while not stop.is_set():
            files = self._files()
            if not files:
                stop.wait(self._interval_s)
            for file in files:
                self._read(file)
                if stop.wait(self._interval_s):
                    return

    def _files(self) -> list[Path]:
        try:
            listed = list(self._folder.iterdir())
        except OSError as error:
            self._receiver.bad_frame(self._camera_id, f"cannot be listed: {error}")
            return []
        return sorted(file for file in listed if file.suffix.lower() in _SUFFIXES)

    def _read(self, file: Path) -> None:
        try:
            size = file.stat().st_size
            if size > _LARGEST:
                self._receiver.bad_frame(self._camera_id, f"has {size} bytes: {file.name}")
                return
            jpeg = file.read_bytes()
        except OSError as error:
            self._receiver.bad_frame(self._camera_id, f"cannot be read: {error}")
            return
        frame = Frame(self._camera_id, jpeg, time.monotonic(), datetime.now(UTC))
        self._receiver.frame(frame)
