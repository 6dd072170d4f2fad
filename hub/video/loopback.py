"""Let WebRTC use 127.0.0.1, for demonstrations and tests where everything is on one machine.

aioice leaves loopback addresses out of its candidates and has no option for them; on a machine with
no other network there would be no candidate at all.
"""

from aioice import ice

LOOPBACK = "127.0.0.1"


def allow_loopback_candidates() -> None:
    """From now on this process offers 127.0.0.1 besides its other addresses."""
    addresses = ice.get_host_addresses

    def with_loopback(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        found: list[str] = addresses(use_ipv4, use_ipv6)
        return [*found, LOOPBACK] if use_ipv4 and LOOPBACK not in found else found

    ice.get_host_addresses = with_loopback
