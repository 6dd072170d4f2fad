"""A client of the event stream, with a bounded queue of events to send to it."""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Self

from hub.accounts.account import Account, Right
from hub.accounts.scope import WHOLE_DISTRICT, Scope
from hub.accounts.visibility import case_is_visible, is_within
from hub.journal import Entry, Subject
from hub.live.events import PositionBatch
from hub.wakes import woken

MAX_QUEUED = 1000
"""How many entries a slow client may lag behind; after that it must resume from the journal."""


@dataclass(frozen=True, slots=True)
class CaseUnits:
    """The units and the place of the case that an entry is about."""

    lead_unit: str | None
    assist_units: frozenset[str] = frozenset()
    territory_unit: str | None = None
    place_unit: str | None = None
    state: str | None = None
    invited_units: frozenset[str] = frozenset()


def is_live(entry: Entry) -> bool:
    """Whether consoles are told of an entry at all: who logs in from where is for those who audit."""
    return entry.subject != Subject.ACCOUNT


@dataclass(frozen=True, slots=True)
class Belonging:
    """What an entry is about: a case, a device or a signal, or several of them, or nothing of the kind."""

    case: CaseUnits | None = None
    units: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()


NOTHING = Belonging()


@dataclass(frozen=True, slots=True)
class LiveSight:
    """What a client may be told. Without `observes` it is told of cases only."""

    scope: Scope = WHOLE_DISTRICT
    observes: bool = True

    @classmethod
    def of(cls, account: Account) -> Self:
        return cls(account.scope, account.may(Right.OBSERVE))


WHOLE_SIGHT = LiveSight()


def may_see(sight: LiveSight, about: Belonging) -> bool:
    """Whether a client may see an entry. What belongs to nobody is only for the whole district."""
    if about.case is not None and case_is_visible(about.case, sight.scope):
        return True
    return sight.observes and is_within(sight.scope, about.units, about.places)


class LiveClient:
    """A client sees the entries, and the positions, that its sight contains.

    `session_hash` is that of the session's token: the client is closed with its session.
    """

    def __init__(self, sight: LiveSight = WHOLE_SIGHT, session_hash: str = "") -> None:
        self.sight = sight
        self.session_hash = session_hash
        self.knows_positions = False
        self.is_open = True
        self._entries: deque[Entry] = deque()
        self._positions: PositionBatch | None = None
        self._wake = asyncio.Event()

    def close(self) -> None:
        """Accept nothing more; the reader is woken at once."""
        self.is_open = False
        self._wake.set()

    def add_entry(self, entry: Entry) -> None:
        """Queue an entry, or close the client if too many are queued."""
        if len(self._entries) >= MAX_QUEUED:
            self.close()
            return
        self._entries.append(entry)
        self._wake.set()

    def add_positions(self, batch: PositionBatch) -> None:
        """Keep the newest position of each terminal."""
        if not batch.items:
            return
        self._positions = self._positions.followed_by(batch) if self._positions else batch
        self._wake.set()

    async def wait(self, within_s: float) -> None:
        """Wait until there is something to take, the client is closed, or the time is up."""
        await woken(self._wake, within_s)

    def take_entries(self) -> list[Entry]:
        entries, self._entries = list(self._entries), deque()
        return entries

    def take_positions(self) -> PositionBatch | None:
        positions, self._positions = self._positions, None
        return positions
