"""What a running demo is, for programs: addresses, accounts, and terminals for whoever brings real ones."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from wire.acl import HUB_CLIENT_PREFIX
from wire.topics import DEVICE_ID_PATTERN, Kind

OWN_KIND = Kind.TERMINAL
_SIMULATED = re.compile(r"[TCE]-\d+")


class BadDeviceId(ValueError):
    """An id that a device of one's own cannot have; the text says why."""


@dataclass(frozen=True)
class DescribedAccount:
    """A person's login."""

    role: str
    username: str
    password: str


@dataclass(frozen=True)
class Description:
    """Everything that a program needs to use a demo. `mqtt` is the devices' listener."""

    url: str
    district: str
    accounts: Sequence[DescribedAccount]
    mqtt_host: str
    mqtt_port: int
    database_url: str
    devices: Sequence[tuple[str, str]]
    """Each with its password."""

    def as_json(self) -> str:
        """`mqtt.ca` is null: on loopback the broker speaks without TLS."""
        content = {
            "url": self.url,
            "district": self.district,
            "accounts": [vars(account) for account in self.accounts],
            "mqtt": {"host": self.mqtt_host, "port": self.mqtt_port, "ca": None},
            "database_url": self.database_url,
            "devices": [
                {"device_id": device_id, "kind": OWN_KIND, "password": password}
                for device_id, password in self.devices
            ],
        }
        return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def own_device_ids(text: str) -> tuple[str, ...]:
    """The ids of a list such as `H-1,H-2`. Raises BadDeviceId."""
    wanted = tuple(word for word in re.split(r"[\s,]+", text) if word)
    for device_id in wanted:
        if not re.fullmatch(DEVICE_ID_PATTERN, device_id):
            raise BadDeviceId(f"{device_id!r} is no device id: letters, digits, _ and -")
        if _SIMULATED.fullmatch(device_id):
            raise BadDeviceId(f"{device_id} may be one of the simulated devices; take another id")
        if device_id.startswith(HUB_CLIENT_PREFIX) or wanted.count(device_id) > 1:
            raise BadDeviceId(f"{device_id} is a name of the hub's own, or named twice")
    return wanted


def listing_of(device_ids: Iterable[str]) -> str:
    """Terminals as `hub devices import` reads them."""
    lines = ["device_id,kind,name_zh,name_en,capabilities"]
    lines += [
        f"{each},{OWN_KIND},终端 {each},Terminal {each},photo talk video" for each in device_ids
    ]
    return "\r\n".join(lines) + "\r\n"


@contextmanager
def while_described(path: Path, description: Description) -> Iterator[None]:
    """The file, readable by its owner alone, is there as long as what it describes runs."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(description.as_json())
    draft.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
