"""Frames from JPEG files, as if a camera took them one after another."""

import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from edge.frame import CameraFrame
from edge.picture import Jpeg
from edge.sources import LARGEST_JPEG, POLLED_EVERY_S, FrameReceiver
from edge.sources.address import JPEG_SUFFIXES


class FileFrames:
    """Delivers a file, or a folder's files by name, one each `every_s`, over and over."""

    def __init__(
        self, camera_id: str, path: Path, receiver: FrameReceiver, every_s: float = POLLED_EVERY_S
    ) -> None:
        self._camera_id = camera_id
        self._path = path
        self._receiver = receiver
        self._every_s = every_s

    @property
    def name(self) -> str:
        return f"file_frames_{self._camera_id}"

    def run(self, stop: Event) -> None:
        """Read until stopped. Folders are listed and files are read anew each time: they may change."""
        while not stop.is_set():
            files = self._files()
            if not files:
                stop.wait(self._every_s)
            for file in files:
                self._read(file)
                if stop.wait(self._every_s):
                    return

    def _files(self) -> list[Path]:
        if not self._path.is_dir():
            return [self._path]
        try:
            listed = list(self._path.iterdir())
        except OSError as error:
            self._lost(f"the folder cannot be listed: {error}")
            return []
        files = sorted(file for file in listed if file.suffix.lower() in JPEG_SUFFIXES)
        if not files:
            self._lost(f"the folder {self._path} holds no .jpg or .jpeg file")
        return files

    def _read(self, file: Path) -> None:
        try:
            size = file.stat().st_size
            if size > LARGEST_JPEG:
                self._receiver.bad_frame(self._camera_id, f"has {size} bytes: {file.name}")
                return
            jpeg = file.read_bytes()
        except OSError as error:
            self._lost(f"cannot be read: {error}")
            return
        frame = CameraFrame(self._camera_id, Jpeg(jpeg), time.monotonic(), datetime.now(UTC))
        self._receiver.frame(frame)

    def _lost(self, reason: str) -> None:
        self._receiver.lost(self._camera_id, reason)
