"""What edge nodes should run goes out with the hub's signature, and revisions go on after a restore."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.remote.desired import DesiredReader
from hub.db import Connection
from hub.devices.desired_signing import DesiredSigner, read_signer
from hub.devices.remote import (
    NewModelRevision,
    NewReport,
    desire_config,
    desire_model,
    take_reports,
)
from hub.errors import Unavailable
from hub.outbox.store import take
from models.signing import new_key
from tests.use_cases import carry_out
from wire.messages import DeviceConfig

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()
MODEL = NewModelRevision(
    name="street",
    model_version="1.1.0",
    url="https://models.example/street-1.1.0.tar",
    sha256="0" * 64,
    signature="of the maker",
)


@pytest.fixture(autouse=True)
async def registry(db: Connection) -> None:
    await db.execute(
        "INSERT INTO district (code, name_zh, name_en, center_lon, center_lat, bounds)"
        " VALUES ('530303', '', '', 103.8, 25.6, '{1,2,3,4}')"
    )
    for device_id, kind in (("E-1", "edges"), ("T-1", "terminals")):
        await db.execute(
            "INSERT INTO device (device_id, kind, name_zh, name_en, registered_at)"
            " VALUES (%s, %s, '', '', %s)",
            (device_id, kind, NOW),
        )


async def desire(db: Connection, device_id: str, signer: DesiredSigner | None) -> int:
    settings = {"ratio": 1e-7, "名": ["路口", 2.0]}
    revision = await carry_out(db, NOW, desire_config, device_id, settings, signer, by="user:admin")
    assert isinstance(revision, int)
    return revision


async def test_an_edge_node_can_check_all_that_the_hub_sends_it(db: Connection):
    signer, reader = DesiredSigner(KEY), DesiredReader(KEY.public_key())
    await desire(db, "E-1", signer)
    await carry_out(db, NOW, desire_model, "E-1", MODEL, signer, by="user:admin")
    config, model = await take(db, 10)
    wishes = reader.config(config.topic, config.payload), reader.model(model.topic, model.payload)
    assert [wish.objection for wish in wishes if wish is not None] == [None, None]


async def test_terminals_get_no_signature_and_neither_does_anybody_without_a_key(db: Connection):
    await desire(db, "T-1", DesiredSigner(KEY))
    await desire(db, "E-1", None)
    assert not any(b"hub_signature" in message.payload for message in await take(db, 10))


async def test_revisions_go_on_above_what_a_device_reports(db: Connection):
    assert await desire(db, "E-1", None) == 1
    report = NewReport("E-1", DeviceConfig(version=40), NOW)
    await carry_out(db, NOW, take_reports, [report])
    assert [await desire(db, "E-1", None) for _ in range(2)] == [41, 42]


def test_a_key_that_cannot_be_used_is_named(tmp_path: Path):
    new_key(tmp_path / "good")
    (tmp_path / "bad").write_text("no key")
    assert read_signer(None) is None
    assert read_signer(tmp_path / "good") is not None
    for name in ("bad", "missing"):
        with pytest.raises(Unavailable, match="PATROLHUB_DESIRED_KEY_FILE"):
            read_signer(tmp_path / name)
