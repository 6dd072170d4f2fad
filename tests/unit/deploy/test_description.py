import json
import stat
from pathlib import Path

import pytest

from deploy.local.description import (
    BadDeviceId,
    DescribedAccount,
    Description,
    listing_of,
    own_device_ids,
    while_described,
)
from deploy.local.stack import _accounts
from hub.accounts.account import Role
from hub.devices.listing import decode_listing, read_listing

DEMO = Description(
    url="http://127.0.0.1:8080",
    district="530303",
    accounts=[DescribedAccount("dispatcher", "seat-1", "secret")],
    mqtt_host="127.0.0.1",
    mqtt_port=1883,
    database_url="postgresql://localhost/patrolhub",
    devices=[("H-1", "secret of H-1")],
)


def test_the_description_says_all_that_a_program_needs():
    assert json.loads(DEMO.as_json()) == {
        "url": "http://127.0.0.1:8080",
        "district": "530303",
        "accounts": [{"role": "dispatcher", "username": "seat-1", "password": "secret"}],
        "mqtt": {"host": "127.0.0.1", "port": 1883, "ca": None},
        "database_url": "postgresql://localhost/patrolhub",
        "devices": [{"device_id": "H-1", "kind": "terminals", "password": "secret of H-1"}],
    }


def test_the_file_is_for_its_owner_and_goes_with_the_demo(tmp_path: Path):
    path = tmp_path / "demo.json"
    path.write_text("of an earlier run")
    path.chmod(0o644)
    with while_described(path, DEMO):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_text() == DEMO.as_json()
    assert not list(tmp_path.iterdir())


def test_ids_are_taken_from_a_list():
    assert own_device_ids(" H-1,H-2 ") == ("H-1", "H-2")
    assert own_device_ids("") == ()


@pytest.mark.parametrize("text", ["T-0001", "H/1", "H-1,+", "hub-ingest-1", "H-1,H-1"])
def test_an_id_that_somebody_else_has_or_that_is_none_is_refused(text: str):
    with pytest.raises(BadDeviceId):
        own_device_ids(text)


def test_the_hub_reads_the_listing_of_own_devices():
    listing = read_listing(decode_listing(listing_of(["H-1", "H-2"]).encode()), {})
    assert not listing.bad
    assert [row.device_id for row in listing.rows.values()] == ["H-1", "H-2"]


def test_there_is_an_account_for_every_role():
    assert sorted(account.role for account in _accounts().values()) == sorted(Role)
