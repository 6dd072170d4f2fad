"""The relay between terminals and viewers, as the hub uses it."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from hub.video.fragment import IceFragment


@dataclass(frozen=True, slots=True)
class SdpAnswer:
    """What a WHIP or WHEP client gets: its resource, the answer's session description, and the tag of
    its ICE generation.
    """

    resource_id: UUID
    sdp: str
    etag: str = '""'


@dataclass(frozen=True, slots=True)
class IceRestart:
    """The relay's side of a new ICE generation: its tag, and its fragment of a session description."""

    etag: str
    fragment: str


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

    def etag_of(self, session_id: UUID, resource_id: UUID) -> str | None:
        """The tag of a publisher's or viewer's ICE generation; None if it is not here."""

    async def take_fragment(
        self, session_id: UUID, resource_id: UUID, fragment: IceFragment
    ) -> IceRestart | None:
        """Take candidates of a publisher or viewer, or restart its ICE with new credentials.

        Raises NotFound, and InvalidInput if it cannot be done: then all is as before.
        """

    async def close_resource(self, session_id: UUID, resource_id: UUID) -> bool:
        """Let go of one publisher or viewer; False if it is gone already."""

    async def hang_up(self, session_id: UUID, resource_id: UUID) -> bool:
        """Let go of a publisher that says so itself, gone already or not; False if another has taken
        its place.
        """

    async def close_session(self, session_id: UUID) -> None:
        """Let go of the publisher and of every viewer."""

    async def report(self) -> list[ChannelReport]:
        """Every session that has a publisher or viewers here."""

    def take_ended_views(self) -> list[UUID]:
        """The views that ended since this was asked last, whoever ended them."""

    async def close(self) -> None:
        """Let go of everybody."""
