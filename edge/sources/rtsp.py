"""Frames from an RTSP stream: only its key frames, which can be decoded without the others."""

import errno
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from threading import Event

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from edge.frame import CameraFrame, Still
from edge.memory_tuning import release_free_memory
from edge.picture import Jpeg
from edge.sources import LARGEST_JPEG, FrameReceiver
from edge.sources.address import RtspAddress
from edge.sources.certificates import CertificatePolicy, NoAuthorities
from edge.sources.keyframe import KeyFrame
from edge.sources.lost import SourceLost, keep_connecting

_LONGEST_WITHOUT_KEY_S = 60.0
_OPTIONS = {"rtsp_transport": "tcp", "allowed_media_types": "video", "fflags": "nobuffer"}
"""TCP, because a lost datagram would damage a key frame, and the next may be seconds away."""


class RtspFrames:
    """One camera's key frames, at most one each `every_s`."""

    def __init__(
        self,
        camera_id: str,
        address: RtspAddress,
        receiver: FrameReceiver,
        every_s: float,
        timeout_s: float = 8.0,
        trust: CertificatePolicy | None = None,
    ) -> None:
        self._camera_id = camera_id
        self._url = address.url
        self._receiver = receiver
        self._every_s = every_s
        self._timeout_s = timeout_s
        encrypted = self._url.shown.startswith("rtsps:")
        self._trust = (trust or CertificatePolicy()) if encrypted else None

    @property
    def name(self) -> str:
        return f"rtsp_frames_{self._camera_id}"

    def run(self, stop: Event) -> None:
        """Watch until stopped, and connect again whenever the camera is lost."""
        keep_connecting(self._visit, partial(self._receiver.lost, self._camera_id), stop)

    def _visit(self, stop: Event) -> None:
        """Watch over one connection until stopped. Raises SourceLost."""
        try:
            options = self._trust.ffmpeg_options() if self._trust else {}
            with av.open(
                self._url.complete,
                options=_OPTIONS | options,
                timeout=self._timeout_s,
                metadata_errors="replace",
            ) as container:
                release_free_memory()  # probing the stream takes over a megabyte
                self._watch(container, stop)
        except NoAuthorities as error:
            raise SourceLost(str(error)) from None
        except av.FFmpegError as error:
            raise SourceLost(self._reason(error)) from None
        if not stop.is_set():
            raise SourceLost("the camera has ended its stream")

    def _watch(self, container: InputContainer, stop: Event) -> None:
        if not container.streams.video:
            raise SourceLost("its stream holds no video")
        stream = container.streams.video[0]
        if stream.codec_context is None:
            raise SourceLost("its video is in an unknown encoding")
        self._receiver.reached(self._camera_id)
        next_s = time.monotonic()
        for packet in self._key_packets(container, stream, stop):
            if time.monotonic() < next_s:
                continue
            next_s = time.monotonic() + self._every_s
            if packet.size > LARGEST_JPEG:
                self._receiver.bad_frame(self._camera_id, f"has {packet.size} bytes")
                continue
            still = _still(stream, bytes(packet))
            self._receiver.frame(
                CameraFrame(self._camera_id, still, time.monotonic(), datetime.now(UTC))
            )

    def _key_packets(
        self, container: InputContainer, stream: VideoStream, stop: Event
    ) -> "Iterator[av.Packet[VideoStream]]":
        key_s = time.monotonic()
        for packet in container.demux(stream):
            if stop.is_set():
                return
            if packet.is_keyframe and packet.size:
                key_s = time.monotonic()
                yield packet
            elif time.monotonic() - key_s > _LONGEST_WITHOUT_KEY_S:
                raise SourceLost(f"sends no key frame within {_LONGEST_WITHOUT_KEY_S:.0f} s")

    def _reason(self, error: av.FFmpegError) -> str:
        """What happened, without any part of the address."""
        if self._trust is not None and error.errno == errno.EIO:
            return self._trust.fault_of(self._url.bare) or _reason(error)
        return _reason(error)


def _still(stream: VideoStream, data: bytes) -> Still:
    codec = stream.codec_context
    return Jpeg(data) if codec.name == "mjpeg" else KeyFrame(codec.name, codec.extradata, data)


def _reason(error: av.FFmpegError) -> str:
    match error:
        case av.error.HTTPUnauthorizedError():
            return "refuses the login: check the user and the password"
        case av.error.HTTPNotFoundError():
            return "has no such stream: check the path"
        case av.error.ExitError() | av.error.InvalidDataError():
            return "sends nothing, or nothing that can be read"
    return f"cannot be watched: {error.strerror}"
