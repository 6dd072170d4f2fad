"""The files of Mosquitto: logins and rights of the devices' listener, and those of the hub's.

Devices are known to the dynamic-security plugin, which checks SUBSCRIBE as well as PUBLISH; an
`acl_file` lets everybody subscribe to everything. Up to Mosquitto 2.0 its rules know no placeholder for
the user's name, so each login has a role of its own. The hub's listener knows one login: the hub's.
"""

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from wire import topics
from wire.acl import FRAMES_SUFFIX, BrokerLogin, Rights, rights

DEVICES_FILE = "dynamic-security.json"
HUB_PASSWORDS_FILE = "hub.passwords"
HUB_ACL_FILE = "hub.acl"

_ITERATIONS = 101
"""Mosquitto's default. The passwords are random and 192 bits long, so they can't be guessed."""

_Json = dict[str, object]


def write_broker_files(
    folder: Path,
    logins: Iterable[BrokerLogin],
    passwords: Mapping[str, str],
    hub: tuple[str, str],
) -> None:
    """Write the three files; `passwords` are by device, `hub` is the hub's own user and password.

    Raises UnknownTopic and NameTaken as `wire.acl.rights` does, KeyError for a device without password.
    """
    folder.mkdir(parents=True, exist_ok=True)
    granted = rights(logins, hub[0])
    hub_acl = f"user {hub[0]}\ntopic readwrite {topics.PREFIX}/#\n"
    write_private(folder / DEVICES_FILE, json.dumps(dynamic_security(granted, passwords)))
    write_private(folder / HUB_PASSWORDS_FILE, f"{hub[0]}:{_password_line(hub[1])}\n")
    write_private(folder / HUB_ACL_FILE, hub_acl)


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step; only its owner may read it."""
    draft = path.with_name(path.name + ".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def dynamic_security(granted: Mapping[str, Rights], passwords: Mapping[str, str]) -> _Json:
    """The plugin's configuration: whatever is not granted is refused."""
    refused = dict.fromkeys(("publishClientSend", "publishClientReceive", "subscribe"), False)
    return {
        "defaultACLAccess": {**refused, "unsubscribe": True},
        "clients": [_client(name, passwords[_device_of(name)]) for name in granted],
        "groups": [],
        "roles": [_role(name, each) for name, each in granted.items()],
    }


def _device_of(login_name: str) -> str:
    return login_name.removesuffix(FRAMES_SUFFIX)


def _client(name: str, password: str) -> _Json:
    salt, digest = _hashed(password)
    return {
        "username": name,
        "roles": [{"rolename": name}],
        "password": digest,
        "salt": salt,
        "iterations": _ITERATIONS,
    }


def _role(name: str, granted: Rights) -> _Json:
    def rules() -> Iterator[_Json]:
        for kind, filters in (
            ("publishClientSend", granted.publish),
            ("publishClientReceive", granted.receive),
            ("subscribeLiteral", granted.subscribe),
        ):
            for each in filters:
                yield {"acltype": kind, "topic": each, "allow": True}

    return {"rolename": name, "acls": list(rules())}


def _password_line(password: str) -> str:
    """As a line of a password file has it (mosquitto_passwd(1))."""
    salt, digest = _hashed(password)
    return f"$7${_ITERATIONS}${salt}${digest}"


def _hashed(password: str) -> tuple[str, str]:
    """Salt and PBKDF2 with SHA-512, both in base64."""
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS, dklen=64)
    return base64.b64encode(salt).decode(), base64.b64encode(digest).decode()
