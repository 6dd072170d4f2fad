"""The running sources, started and stopped as the cameras change."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event, Thread
from typing import TypeAlias

import structlog

from edge.settings import CameraSettings
from edge.sources import FrameSource
from edge.sources.address import MqttAddress
from edge.supervisor import ThreadSupervisor

_log = structlog.get_logger()

_STOP_S = 10.0

SourceFactory: TypeAlias = Callable[[Sequence[CameraSettings]], list[FrameSource]]
"""Creates the sources of some cameras."""


@dataclass(frozen=True)
class _Feed:
    """A running source of these cameras, in a thread of its own that ends on `stop`."""

    cameras: tuple[CameraSettings, ...]
    stop: Event
    thread: Thread


class Feeds:
    """Every camera has one feed, and keeps it as long as its settings stay the same."""

    def __init__(self, supervisor: ThreadSupervisor, opening: SourceFactory) -> None:
        self._supervisor = supervisor
        self._opening = opening
        self._feeds: list[_Feed] = []

    def close_all_but(self, cameras: Iterable[CameraSettings]) -> None:
        """Stop the feeds that these cameras don't use. Call it before their cameras are removed."""
        wanted = _groups(cameras)
        kept = [feed for feed in self._feeds if feed.cameras in wanted]
        for feed in self._feeds:
            if feed not in kept:
                feed.stop.set()
        for feed in self._feeds:
            if feed not in kept:
                self._supervisor.remove(feed.thread, _STOP_S)
        self._feeds = kept

    def open(self, cameras: Iterable[CameraSettings]) -> None:
        """Start the feeds that these cameras lack."""
        running = [feed.cameras for feed in self._feeds]
        for group in _groups(cameras):
            if group not in running:
                for source in self._opening(group):
                    self._start(group, source)

    def stop(self) -> None:
        """Tell all feeds to stop."""
        for feed in self._feeds:
            feed.stop.set()

    def _start(self, cameras: tuple[CameraSettings, ...], source: FrameSource) -> None:
        stop = Event()
        thread = self._supervisor.start(source.name, partial(source.run, stop))
        self._feeds.append(_Feed(cameras, stop, thread))


def _groups(cameras: Iterable[CameraSettings]) -> list[tuple[CameraSettings, ...]]:
    """Cameras by source: all that publish over MQTT share one, every other has its own."""
    by_mqtt, others = list[CameraSettings](), list[tuple[CameraSettings, ...]]()
    for camera in cameras:
        if isinstance(camera.address, MqttAddress):
            by_mqtt.append(camera)
        else:
            others.append((camera,))
    return [tuple(by_mqtt), *others] if by_mqtt else others
