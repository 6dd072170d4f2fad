"""One open live line: what waits to be sent on it, bounded."""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from hub.accounts.visibility import case_is_visible
from hub.journal import Entry
from hub.live.events import LivePosition
from hub.wakes import woken

MAX_WAITING = 1000
"""Entries that a slow reader may lag behind; it resumes from the journal after that."""


@dataclass(frozen=True, slots=True)
class CaseUnits:
    """The units of the case that an entry is about."""

    lead_unit: str | None
    assist_units: frozenset[str]


def may_see(only_unit: str | None, units: CaseUnits | None) -> bool:
    """Whether a line hears of an entry; `units` None belongs to no case, and a unit hears nothing of it."""
    if units is None:
        return only_unit is None
    return case_is_visible(units.lead_unit, units.assist_units, only_unit)


class LiveLine:
    """`only_unit` confines it to one unit's cases, and to no positions."""

    def __init__(self, only_unit: str | None) -> None:
        self.only_unit = only_unit
        self.knows_positions = False
        self.is_open = True
        self._entries: deque[Entry] = deque()
        self._positions: dict[str, LivePosition] = {}
        self._wake = asyncio.Event()

    def close(self) -> None:
        """No more after what waits already; the reader notices at once."""
        self.is_open = False
        self._wake.set()

    def add_entry(self, entry: Entry) -> None:
        """Queue an entry, or close the line if too many wait."""
        if len(self._entries) >= MAX_WAITING:
            self.close()
            return
        self._entries.append(entry)
        self._wake.set()

    def add_positions(self, positions: Iterable[LivePosition]) -> None:
        """Remember the newest of each terminal."""
        self._positions.update((position.device_id, position) for position in positions)
        if self._positions:
            self._wake.set()

    async def wait(self, within_s: float) -> None:
        """Until there is something to take, the line is closed, or the time is over."""
        await woken(self._wake, within_s)

    def take_entries(self) -> list[Entry]:
        entries, self._entries = list(self._entries), deque()
        return entries

    def take_positions(self) -> list[LivePosition]:
        positions, self._positions = list(self._positions.values()), {}
        return positions
