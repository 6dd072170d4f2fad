"""Which addresses and files the hub may have the node use: those it was installed with, and a list. Pure.

What comes over MQTT must not make a node inside a network of cameras knock at every door there.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from edge.sources.address import Address, FileAddress, HttpAddress, MqttAddress, RtspAddress

_PORTS = {"http": 80, "https": 443, "rtsp": 554, "rtsps": 322}
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class OutOfReach(ValueError):
    """The node may not use an address; the text has no password, and no path of a file."""


@dataclass(frozen=True, slots=True)
class AllowedHost:
    """A host's name or address, or a network. `port` None: the scheme's usual one; 0: any."""

    name: str
    network: _Network | None
    port: int | None

    @classmethod
    def read(cls, text: str) -> Self:
        """From `HOST`, `HOST:PORT`, `HOST:*`, `10.2.0.0/16` or `10.2.0.0/16:8554`; IPv6 in brackets.

        Raises ValueError.
        """
        host, port = _divided(text.strip())
        if not host or any(letter.isspace() for letter in host):
            raise ValueError(f"{text!r} names no host")
        network = ipaddress.ip_network(host) if "/" in host else None
        return cls(_plain(host), network, port)

    def allows(self, host: str, port: int, usual: int) -> bool:
        """Whether a port of a host is meant. Names are not looked up: a network holds addresses."""
        if self.port != 0 and port != (usual if self.port is None else self.port):
            return False
        if self.network is None:
            return host == self.name
        try:
            return ipaddress.ip_address(host) in self.network
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class Reach:
    """`setting` is the one that names `hosts`, for errors. Files are compared without links and `..`."""

    setting: str
    hosts: tuple[AllowedHost, ...]
    files: frozenset[Path] = frozenset()
    folders: tuple[Path, ...] = ()

    @classmethod
    def of_cameras(
        cls,
        installed: Iterable[Address],
        setting: str,
        hosts: Iterable[AllowedHost],
        folders: Iterable[Path],
    ) -> Self:
        """What the cameras that the node was installed with use, and what the settings add."""
        own = list(installed)
        files = frozenset(each.path.resolve() for each in own if isinstance(each, FileAddress))
        urls = [each.url.bare for each in own if isinstance(each, RtspAddress | HttpAddress)]
        used = [AllowedHost(host, None, port) for host, port, _usual in map(_endpoint, urls)]
        return cls(setting, (*used, *hosts), files, tuple(each.resolve() for each in folders))

    def check(self, address: Address) -> None:
        """Return if a camera's frames may come from there. Raises OutOfReach."""
        match address:
            case MqttAddress():
                return
            case FileAddress(path=path):
                self._check_file(path)
            case RtspAddress(url=url) | HttpAddress(url=url):
                self.check_url(url.bare, url.shown)

    def check_url(self, url: str, shown: str | None = None) -> None:
        """Return if its host and port may be asked. Raises OutOfReach."""
        host, port, usual = _endpoint(url)
        if not any(each.allows(host, port, usual) for each in self.hosts):
            raise OutOfReach(
                f"{shown or url} is not allowed on this node: name its host in {self.setting}"
            )

    def _check_file(self, path: Path) -> None:
        real = path.resolve()
        if real not in self.files and not any(real.is_relative_to(each) for each in self.folders):
            raise OutOfReach(
                "its file or folder is not allowed on this node: "
                "name the folder in PATROLHUB_EDGE_CAMERA_FOLDERS"
            )


def _divided(text: str) -> tuple[str, int | None]:
    """Host or network, and port: None if none is given, 0 for `*`. Raises ValueError."""
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":")
    else:
        host, colon, port = text.rpartition(":")
        if not colon or ":" in host:
            host, port = text, ""
    if port == "*":
        return host, 0
    if not port:
        return host, None
    number = int(port) if port.isdecimal() else 0
    if not 1 <= number <= 65535:
        raise ValueError(f"{text!r} has no port from 1 to 65535")
    return host, number


def _endpoint(url: str) -> tuple[str, int, int]:
    """Host, port, and the scheme's usual port. The URL has been read before."""
    parts = urlsplit(url)
    usual = _PORTS.get(parts.scheme.lower(), 0)
    return _plain(parts.hostname or ""), parts.port or usual, usual


def _plain(host: str) -> str:
    return host.rstrip(".").lower()
