"""The relay between terminals and viewers, as the hub uses it."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SdpAnswer:
    """What a WHIP or WHEP client gets: its resource and the answer's session description."""

    resource_id: UUID
    sdp: str


@dataclass(frozen=True, slots=True)
class ChannelReport:
    """How a session stands at the relay. `silent_s` is the age of its newest picture, None if
    none came yet.
    """

    session_id: UUID
    silent_s: float | None
    views: frozenset[UUID]


class Relay(Protocol):
    """Takes in one publisher per session and gives its pictures to viewers.

    Offers that cannot be answered raise InvalidInput, a relay that is full raises Unavailable.
    """

    async def publish(self, session_id: UUID, offer: str) -> SdpAnswer:
        """Take in a terminal; it takes the place of an earlier publisher, and viewers stay."""

    async def view(self, session_id: UUID, offer: str) -> SdpAnswer:
        """Let somebody watch; pictures come as soon as there are any."""

    async def close_resource(self, session_id: UUID, resource_id: UUID) -> bool:
        """Let go of one publisher or viewer; False if it is gone already."""

    async def close_session(self, session_id: UUID) -> None:
        """Let go of the publisher and of every viewer."""

    async def report(self) -> list[ChannelReport]:
        """Every session that has a publisher or viewers here."""

    def take_ended_views(self) -> list[UUID]:
        """The views that ended since this was asked last, whoever ended them."""

    async def close(self) -> None:
        """Let go of everybody."""
