"""Operating an edge node over the api."""

import httpx
import pytest

from hub.accounts import Role
from hub.db import Pool
from hub.devices.remote import NewReport, take_reports
from hub.outbox.store import take
from tests.use_cases import carry_out
from wire.messages import DeviceConfig

MODEL = {
    "name": "street",
    "model_version": "1.2.0",
    "url": "https://models.example/street-1.2.0.tar",
    "sha256": "ab" * 32,
    "signature": "c2lnbmVk",
}


@pytest.fixture
async def edge(street: None, pool: Pool, clock) -> str:
    async with pool.connection() as db:
        await db.execute(
            "INSERT INTO device (device_id, kind, name_zh, name_en, registered_at)"
            " VALUES ('E-01', 'edges', '', '', %s)",
            (clock(),),
        )
    return "E-01"


async def test_an_admin_tells_an_edge_node_what_to_run_and_operators_see_how_it_goes(
    sign_in, edge: str, pool: Pool, clock
) -> None:
    admin: httpx.AsyncClient = await sign_in(Role.ADMIN)
    settings = {"cameras": [{"source": "rtsp://admin:of-this-test-only@127.0.0.1/1"}]}
    told = await admin.put(f"/api/devices/{edge}/config", json={"settings": settings})
    assert (told.status_code, told.json()) == (200, {"version": 1})
    told = await admin.put(f"/api/devices/{edge}/model", json=MODEL)
    assert (told.status_code, told.json()) == (200, {"version": 1})
    async with pool.connection() as db:
        assert len(await take(db, 10)) == 2
        await carry_out(
            db,
            clock(),
            take_reports,
            [NewReport(edge, DeviceConfig(version=0, error="version 1: no"), clock())],
        )
    seen = (await (await sign_in(Role.DISPATCHER)).get(f"/api/devices/{edge}/remote")).json()
    assert seen["config"]["desired_version"] == 1
    assert seen["config"]["reported"]["error"] == "version 1: no"
    assert seen["model"]["desired"]["url"] == MODEL["url"]
    assert seen["model"]["reported"] is None
    assert (seen["config"]["sync"], seen["model"]["sync"]) == ("refused", "behind")
    assert "of-this-test-only" not in str(seen)
    whole = (await admin.get(f"/api/devices/{edge}/remote")).json()
    assert whole["config"]["desired_settings"] == settings


@pytest.mark.parametrize(
    "wrong", [{"sha256": "AB" * 32}, {"url": "ftp://127.0.0.1/a"}, {"signature": None}]
)
async def test_a_model_that_no_node_could_take_is_refused(
    sign_in, edge: str, wrong: dict[str, object]
) -> None:
    admin = await sign_in(Role.ADMIN)
    answer = await admin.put(f"/api/devices/{edge}/model", json=MODEL | wrong)
    assert answer.status_code == 422
    assert next(iter(wrong)) in answer.text


async def test_the_list_of_devices_tells_who_is_out_of_step(
    sign_in, edge: str, pool: Pool, clock
) -> None:
    admin = await sign_in(Role.ADMIN)
    await admin.put(f"/api/devices/{edge}/config", json={"settings": {}})
    await admin.put("/api/devices/T-0001/config", json={"settings": {}})
    async with pool.connection() as db:
        await carry_out(
            db, clock(), take_reports, [NewReport(edge, DeviceConfig(version=1), clock())]
        )

    listed = (await admin.get("/api/devices")).json()["items"]

    syncs = {each["device_id"]: (each["config_sync"], each["model_sync"]) for each in listed}
    assert syncs == {
        "C-001": (None, None),
        edge: ("in_step", None),
        "T-0001": ("behind", None),
    }
    one = (await admin.get(f"/api/devices/{edge}")).json()
    assert (one["config_sync"], one["model_sync"]) == ("in_step", None)


async def test_what_was_asked_for_is_listed_and_its_settings_are_for_admins(
    sign_in, edge: str, pool: Pool, clock
) -> None:
    admin: httpx.AsyncClient = await sign_in(Role.ADMIN)
    for settings in ({"n": 1}, {"n": 1, "password": "of-this-test-only"}):
        await admin.put(f"/api/devices/{edge}/config", json={"settings": settings})
    async with pool.connection() as db:
        await carry_out(
            db,
            clock(),
            take_reports,
            [NewReport(edge, DeviceConfig(version=1, settings={"n": 1}), clock())],
        )
    dispatcher = await sign_in(Role.DISPATCHER)
    path = f"/api/devices/{edge}/config/revisions"
    seen = (await dispatcher.get(path)).json()
    assert [(revision["version"], revision["outcome"]) for revision in seen["items"]] == [
        (2, "waiting"),
        (1, "superseded"),
    ]
    assert seen["items"][0]["changed"] == ["password"]
    assert seen["items"][0]["asked_by"].startswith("user:admin")
    assert "of-this-test-only" not in str(seen)
    first = (await admin.get(path, params={"limit": 1})).json()
    assert first["items"][0]["settings"]["password"] == "of-this-test-only"
    rest = (await admin.get(path, params={"before": first["next_before"]})).json()
    assert [revision["version"] for revision in rest["items"]] == [1]
    remote = (await dispatcher.get(f"/api/devices/{edge}/remote")).json()
    assert remote["config"]["differs"] == ["password"]
    assert (await admin.get("/api/devices/E-77/config/revisions")).status_code == 404
