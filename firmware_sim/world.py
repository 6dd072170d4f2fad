"""The true state of the simulated district: the state of each cover, and its changes."""

import asyncio
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from firmware_sim.geometry import XY, distance_m
from scenes import CoverState

_AT_PLACE_M = 35.0
"""The place of a task is inexact by some metres; a cover within this distance is the one that is meant."""


@dataclass(frozen=True)
class CoverChange:
    """A change of a cover's state, and its cause."""

    at: datetime
    asset_id: str
    state: CoverState
    cause: str


class World:
    """Shared by all simulated devices of a process. `covers` are in metres of the local projection.

    `on_change` is called at every change.
    """

    def __init__(
        self,
        covers: Mapping[str, XY],
        seed: int,
        on_change: Callable[[CoverChange], None] | None = None,
    ) -> None:
        self._covers = covers
        self._seed = seed
        self._on_change = on_change
        self._states: dict[str, CoverState] = {}
        self._done_cases: set[int] = set()
        self._changed = asyncio.Event()
        self.log: list[CoverChange] = []

    def cover(self, asset_id: str | None) -> CoverState:
        return self._states.get(asset_id or "", CoverState.GOOD)

    def set_cover(self, asset_id: str, state: CoverState, cause: str) -> None:
        """Raises KeyError for an asset that is no cover of this district."""
        self.place(asset_id)
        if self.cover(asset_id) is not state:
            self._states[asset_id] = state
            truth = CoverChange(datetime.now(UTC), asset_id, state, cause)
            self.log.append(truth)
            if self._on_change is not None:
                self._on_change(truth)
            self._wake()

    def place(self, asset_id: str) -> XY:
        return self._covers[asset_id]

    def cover_near(self, point: XY) -> str | None:
        """The damaged cover nearest to a place, else the nearest one; None if all are too far."""
        near = [a for a, p in self._covers.items() if distance_m(p, point) <= _AT_PLACE_M]
        return min(
            near,
            key=lambda a: (
                self.cover(a) is CoverState.GOOD,
                distance_m(self._covers[a], point),
                a,
            ),
            default=None,
        )

    def photo_seed(self, asset_id: str | None, point: XY) -> int:
        """The same cover looks the same until a repair replaces it.

        Elsewhere each 10 m have their own ground.
        """
        subject = asset_id or f"{round(point[0] / 10)}/{round(point[1] / 10)}"
        replaced = sum(t.asset_id == asset_id and t.state is CoverState.GOOD for t in self.log)
        return zlib.crc32(f"{self._seed}/{subject}{f'/{replaced}' if replaced else ''}".encode())

    def finish_case(self, case_id: int | None) -> None:
        if case_id is not None:
            self._done_cases.add(case_id)
            self._wake()

    def is_finished(self, case_id: int | None) -> bool:
        return case_id in self._done_cases

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return when a change of the world has made the condition true."""
        while not condition():
            await self._changed.wait()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
