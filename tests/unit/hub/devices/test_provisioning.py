"""Passwords are made once, and each process gets its own."""

import json
import stat
from pathlib import Path

import pytest

from hub.devices.broker_files import write_broker_files
from hub.devices.listing import RegistryRow
from hub.devices.provisioning import (
    as_json,
    broker_logins,
    make_passwords,
    read_passwords,
    write_secrets,
)
from wire.acl import NameTaken
from wire.topics import Kind

HUB = ("hub", "secret of the hub")


def row(device_id: str, kind: Kind, **more: object) -> RegistryRow:
    return RegistryRow(device_id=device_id, kind=kind, name_zh="", name_en="", **more)


ROWS = [
    row("T-1", Kind.TERMINAL),
    row("C-1", Kind.CAMERA),
    row("E-1", Kind.EDGE, cameras=("C-1",)),
    row("E-2", Kind.EDGE),
]


def test_a_device_keeps_the_password_that_it_has(tmp_path: Path):
    first = make_passwords(ROWS[:2], {})
    (tmp_path / "all.json").write_text(as_json(first))
    again = make_passwords(ROWS, read_passwords(tmp_path / "all.json"))
    assert {name: again[name] for name in first} == first
    assert len(set(again.values())) == len(ROWS)


def test_each_process_gets_its_own_secrets_and_nobody_elses(tmp_path: Path):
    passwords = make_passwords(ROWS, {})
    write_secrets(tmp_path, ROWS, passwords)
    files = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    told = {str(path.relative_to(tmp_path)): path.read_text() for path in files}
    assert told.pop("E-1/password") == passwords["E-1"]
    assert told.pop("E-2/password") == passwords["E-2"]
    assert json.loads(told.pop("field/field.json")) == {
        name: passwords[name] for name in ("C-1", "T-1")
    }
    assert not told


def test_no_file_of_the_broker_holds_a_password_or_may_be_read_by_others(tmp_path: Path):
    passwords = make_passwords(ROWS, {})
    write_broker_files(tmp_path, broker_logins("530303", ROWS), passwords, HUB)
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        text = path.read_text()
        assert not any(word in text for word in (*passwords.values(), HUB[1]))


def test_a_device_with_the_name_of_a_process_of_the_hub_stops_it_all(tmp_path: Path):
    rows = [*ROWS, row("hub-ingest-1", Kind.TERMINAL)]
    with pytest.raises(NameTaken):
        write_broker_files(tmp_path, broker_logins("530303", rows), make_passwords(rows, {}), HUB)
    assert not list(tmp_path.iterdir())
