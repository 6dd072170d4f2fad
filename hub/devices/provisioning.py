"""Logins for devices: their passwords, and the files that Mosquitto checks them against.

A password file's line is `user:$7$iterations$salt$hash`: PBKDF2 with SHA-512, both parts in base64
(mosquitto_passwd(1)).
"""

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from hub.devices.listing import RegistryRow
from wire.acl import BrokerLogin, access_list

_ITERATIONS = 101
"""Mosquitto's default. The passwords are random and 192 bits long, so they can't be guessed."""


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


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step; only its owner may read it."""
    draft = path.with_name(path.name + ".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def write_broker_files(
    folder: Path,
    district: str,
    devices: Iterable[RegistryRow],
    passwords: Mapping[str, str],
    hub: tuple[str, str],
) -> None:
    """Write `passwords` and `acl` for Mosquitto; `hub` is the hub's own user and password."""
    folder.mkdir(parents=True, exist_ok=True)
    logins = [BrokerLogin(district, d.kind, d.device_id, d.cameras) for d in devices]
    lines = [f"{user}:{hashed(word)}" for user, word in [hub, *sorted(passwords.items())]]
    write_private(folder / "passwords", "\n".join(lines) + "\n")
    write_private(folder / "acl", access_list(logins, hub_user=hub[0]))


def hashed(password: str) -> str:
    """A password as Mosquitto stores it."""
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS, dklen=64)
    encode = base64.b64encode
    return f"$7${_ITERATIONS}${encode(salt).decode()}${encode(digest).decode()}"
