"""Where terminals publish a session's video and browsers watch it."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Addresses:
    """Templates of the two addresses, with `{}` for the session's id."""

    whip: str
    whep: str

    def whip_url(self, session_id: UUID) -> str:
        return self.whip.format(session_id)

    def whep_url(self, session_id: UUID) -> str:
        return self.whep.format(session_id)


def of_embedded_relay(base_url: str) -> Addresses:
    """At the api itself; a browser stays on the server that it has its page from."""
    return Addresses(f"{base_url.rstrip('/')}/video/whip/{{}}", "/video/whep/{}")


def of_mediamtx(url: str) -> Addresses:
    """A session's id is its path at MediaMTX."""
    return Addresses(f"{url.rstrip('/')}/{{}}/whip", f"{url.rstrip('/')}/{{}}/whep")
