"""Passwords of devices: made once, kept, and handed to each process that needs them."""

import json
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from hub.devices.broker_files import write_private
from hub.devices.listing import RegistryRow
from wire.acl import BrokerLogin
from wire.topics import Kind

FIELD_FILE = "field.json"
"""The passwords of all terminals and cameras, for whoever simulates them."""


def make_passwords(devices: Iterable[RegistryRow], known: Mapping[str, str]) -> dict[str, str]:
    """A password for every device; those that have one keep it."""
    return {d.device_id: known.get(d.device_id) or secrets.token_urlsafe(24) for d in devices}


def read_passwords(path: Path) -> dict[str, str]:
    """The passwords that exist already; empty without a file."""
    if not path.exists():
        return {}
    return {str(key): str(value) for key, value in json.loads(path.read_text()).items()}


def as_json(passwords: Mapping[str, str]) -> str:
    """The passwords as the file that `read_passwords` reads."""
    return json.dumps(dict(sorted(passwords.items())), indent=1) + "\n"


def broker_logins(district: str, devices: Iterable[RegistryRow]) -> list[BrokerLogin]:
    """The logins of registered devices."""
    return [BrokerLogin(district, d.kind, d.device_id, d.cameras) for d in devices]


def write_secrets(
    folder: Path, devices: Iterable[RegistryRow], passwords: Mapping[str, str]
) -> None:
    """Write what each process on the devices' side needs, and no more.

    An edge node has a folder with its `password`; `field/field.json` is for a simulator.
    """
    field: dict[str, str] = {}
    for device in devices:
        if device.kind is Kind.EDGE:
            (folder / device.device_id).mkdir(parents=True, exist_ok=True)
            write_private(folder / device.device_id / "password", passwords[device.device_id])
        else:
            field[device.device_id] = passwords[device.device_id]
    (folder / "field").mkdir(parents=True, exist_ok=True)
    write_private(folder / "field" / FIELD_FILE, as_json(field))
