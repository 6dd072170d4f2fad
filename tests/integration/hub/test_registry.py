"""The registry from a file into the database and back."""

import json
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from hub.db import Connection
from hub.devices.listing import RegistryRow, write_listing
from hub.devices.reading import view_device
from hub.devices.registry import import_listing, put_devices, registered
from hub.district.importing import import_district
from hub.errors import InvalidInput
from hub.journal import Subject, entries_of
from tests.use_cases import carry_out
from wire.topics import Kind

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
ONE, TWO = "53030300001380000001", "53030300001380000002"
LIST = """\
device_id,kind,name_zh,name_en,unit_key,holder,capabilities,lon,lat,cameras,gb28181_id
T-1,terminals,终端 1,Terminal 1,village_001,网格员 0001,video talk photo,,,,53030300001380000001
C-1,cameras,摄像头 1,Camera 1,village_001,,,103.82,25.6,,53030300001320000001
E-1,edges,边缘 1,Edge 1,,,,,,C-1,
"""


@pytest.fixture(autouse=True)
async def village(db: Connection) -> None:
    await db.execute(
        "INSERT INTO unit (unit_key, kind, level, name_zh, name_en)"
        " VALUES ('village_001', 'territory', 'village', '玉林社区', 'Yulin Community')"
    )


async def bring(db: Connection, text: str, *, dry_run: bool = False):
    return await carry_out(db, NOW, import_listing, text, dry_run=dry_run, by="user:admin")


def terminal(device_id: str, gb28181_id: str | None) -> RegistryRow:
    return RegistryRow(
        device_id=device_id, kind=Kind.TERMINAL, name_zh="终端", name_en="", gb28181_id=gb28181_id
    )


async def test_a_list_is_brought_in_with_village_holder_capabilities_and_ids(
    db: Connection,
) -> None:
    report = await bring(db, LIST)
    assert (report.written, report.added, report.bad) == (True, ("T-1", "C-1", "E-1"), ())
    device = await view_device(db, "T-1")
    assert device is not None
    assert (device.unit_name_en, device.holder) == ("Yulin Community", "网格员 0001")
    assert device.capabilities == ["video", "talk", "photo"]
    assert device.gb28181_id == ONE


async def test_what_was_written_out_changes_nothing_when_it_is_brought_back(
    db: Connection,
) -> None:
    await bring(db, LIST)
    report = await bring(db, write_listing(await registered(db)))
    assert (report.added, dict(report.changed), report.unchanged) == ((), {}, 3)
    report = await bring(db, "device_id,capabilities\nT-1,photo talk video\n")
    assert dict(report.changed) == {}


async def test_a_change_is_shown_in_a_dry_run_and_journaled_when_it_is_made(
    db: Connection,
) -> None:
    await bring(db, LIST)
    change = "device_id,holder\nT-1,网格员 0002\n"
    rehearsed = await bring(db, change, dry_run=True)
    assert (rehearsed.written, dict(rehearsed.changed)) == (False, {"T-1": ("holder",)})
    made = await bring(db, change)
    assert (made.written, dict(made.changed)) == (True, {"T-1": ("holder",)})
    assert made.text() == "~ T-1: holder\n0 new, 1 changed, 0 unchanged; imported"
    entries = await entries_of(db, Subject.DEVICE, "T-1")
    assert [(e.kind, e.actor, e.data) for e in entries] == [
        ("registered", "user:admin", {}),
        ("registry_changed", "user:admin", {"fields": ["holder"]}),
    ]


async def test_one_bad_line_keeps_all_of_a_list_out_and_is_named(db: Connection) -> None:
    report = await bring(db, LIST.replace("E-1,edges,边缘 1", "E-1,edges,"))
    assert not report.written
    assert "! line 4 (E-1): name_zh: must not be empty" in report.text()
    assert report.text().endswith("nothing imported: 1 bad lines")
    assert await registered(db) == []


async def test_an_id_of_gb28181_belongs_to_one_device(db: Connection) -> None:
    await bring(db, LIST)
    report = await bring(
        db, f"device_id,kind,name_zh,name_en,gb28181_id\nT-2,terminals,a,b,{ONE}\n"
    )
    assert [bad.reason for bad in report.bad] == [f"gb28181_id: T-1 already has {ONE}"]
    with pytest.raises(InvalidInput, match="T-1 and T-2 have the same"):
        await put_devices(db, [terminal("T-2", ONE)], NOW)


async def test_two_devices_may_swap_their_ids_in_one_list(db: Connection) -> None:
    await put_devices(db, [terminal("T-1", ONE), terminal("T-2", TWO)], NOW)
    report = await bring(db, f"device_id,gb28181_id\nT-1,{TWO}\nT-2,{ONE}\n")
    assert report.written
    await db.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert [row.gb28181_id for row in await registered(db)] == [TWO, ONE]


async def test_the_database_itself_holds_ids_apart(db: Connection) -> None:
    await put_devices(db, [terminal("T-1", ONE), terminal("T-2", TWO)], NOW)
    await db.execute("UPDATE device SET gb28181_id = %s", (ONE,))
    with pytest.raises(psycopg.errors.UniqueViolation):
        await db.execute("SET CONSTRAINTS ALL IMMEDIATE")


async def test_a_district_folder_with_a_wrong_id_is_refused_by_name(
    db: Connection, tmp_path: Path
) -> None:
    empty = {"features": []}
    files = {
        "district.json": {
            "code": "530303",
            "name_zh": "",
            "name_en": "",
            "center": [103.8, 25.6],
            "bounds": [103, 25, 104, 26],
        },
        "units.json": [],
        "devices.json": [
            {
                "device_id": "T-1",
                "kind": "terminals",
                "name_zh": "",
                "name_en": "",
                "gb28181_id": "1",
            }
        ],
        **dict.fromkeys(("territories", "assets", "roads", "water", "places"), empty),
    }
    for name, content in files.items():
        path = tmp_path / (name if name.endswith("json") else f"{name}.geojson")
        path.write_text(json.dumps(content))
    with pytest.raises(InvalidInput, match=r"devices.json: 0.gb28181_id: .*20 digits"):
        await import_district(db, tmp_path, NOW)
