"""Where a request comes from. Pure."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network


def client_address(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """The address that the request came from.

    `forwarded` is X-Forwarded-For. It counts only as far as trusted proxies wrote it: from its end back
    to the first address that is none of theirs. A client can write into it whatever it likes.
    """
    found = peer
    for named in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not _is_in(found, trusted):
            break
        found = named
    return found if _parsed(found) is not None else peer


def neighbourhood(address: str) -> str:
    """The unit in which addresses are limited: a machine with IPv6 has 2^64 of its own."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else str(IPv6Network((parsed, 64), strict=False))
    return address


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in networks)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(address)
    except ValueError:
        return None
