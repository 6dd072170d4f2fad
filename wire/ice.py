"""ICE between two ends on one machine, for demonstrations and tests without a network.

aioice leaves loopback addresses out of its candidates and has no option for them; this is the one place
that adds them. Importing it pulls in aioice, so only the ends of a video session do.
"""

from aioice import ice

_LOOPBACK = "127.0.0.1"


def allow_loopback_candidates() -> None:
    """Let this process gather 127.0.0.1 besides its other addresses; calling it again is harmless."""
    gather = ice.get_host_addresses
    if getattr(gather, "with_loopback", False):
        return

    def get_host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        addresses: list[str] = gather(use_ipv4, use_ipv6)
        return [*addresses, _LOOPBACK] if use_ipv4 and _LOOPBACK not in addresses else addresses

    get_host_addresses.with_loopback = True  # type: ignore[attr-defined]
    ice.get_host_addresses = get_host_addresses
