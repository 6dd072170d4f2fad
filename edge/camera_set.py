"""The cameras that the node watches, as the setup has them."""

from collections.abc import Iterator
from dataclasses import dataclass

from edge.camera import CameraChannel
from edge.gate import GateLimits
from edge.remote.config import Setup
from edge.settings import CameraSettings


@dataclass(frozen=True)
class _Watched:
    settings: CameraSettings
    limits: GateLimits
    camera: CameraChannel


class CameraSet:
    """A camera whose settings stay the same keeps its counts and its gate's background."""

    def __init__(self, setup: Setup) -> None:
        self._watched: dict[str, _Watched] = {}
        self.change(setup)

    def __iter__(self) -> Iterator[CameraChannel]:
        return iter([watched.camera for watched in self._watched.values()])

    def __len__(self) -> int:
        return len(self._watched)

    def change(self, setup: Setup) -> None:
        """Watch the cameras of this setup."""
        self._watched = {one.camera_id: self._next(one, setup.gate) for one in setup.cameras}

    def _next(self, settings: CameraSettings, limits: GateLimits) -> _Watched:
        before = self._watched.get(settings.camera_id)
        if before is not None and (before.settings, before.limits) == (settings, limits):
            return before
        return _Watched(settings, limits, settings.camera(limits))
