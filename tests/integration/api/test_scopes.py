"""Every route of hub/web/routes.yaml as every role, inside and outside of the account's scope."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from psycopg.types.json import Jsonb

from hub.accounts.account import Role
from hub.accounts.scope import Scope
from hub.db import Pool
from hub.web.route_table import Outside, RouteRow, route_table
from tests.districts import add_position, add_units

SignIn = Callable[..., Awaitable[httpx.AsyncClient]]
TABLE = route_table()
COMMAND = UUID("11111111-2222-4333-8444-000000000001")
GROUP = UUID("11111111-2222-4333-8444-000000000002")
VIDEO = UUID("11111111-2222-4333-8444-000000000003")
LON, LAT = 103.82, 25.60
DAY = {"since": "2025-08-07T00:00:00+08:00", "until": "2025-08-08T00:00:00+08:00"}
AROUND = {
    "type": "Polygon",
    "coordinates": [[[103.8, 25.5], [103.9, 25.5], [103.9, 25.7], [103.8, 25.7], [103.8, 25.5]]],
}
INSIDE, OUTSIDE = Scope.of_territory("village_001"), Scope.of_territory("village_002")
MARKS = ("IN-0001", "T-0001", "village_001", "a loose lid")
"""What a list says of the things inside."""
FIGURES = ("GET /api/dashboard", "GET /api/telemetry/online")
"""Routes that count; they name nothing."""


@dataclass(frozen=True)
class Inside:
    """One of everything, in a village; `parts` are for paths."""

    parts: Mapping[str, object]
    asked: Mapping[str, object]
    """Bodies by route."""


async def insert(pool: Pool, table: str, **columns: object) -> int:
    names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
    async with pool.connection() as db:
        cursor = await db.execute(
            f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING 1, *".encode(),
            list(columns.values()),
        )
        row = await cursor.fetchone()
    assert row is not None
    return int(row[1]) if isinstance(row[1], int) else 0


@pytest.fixture
async def inside(street: None, bare_case, pool: Pool, clock, sign_in: SignIn, picture) -> Inside:
    now = clock()
    async with pool.connection() as db:
        await add_units(db, "village_002", "sanitation")
        await add_position(db, "T-0001", now, LON, LAT)
    uploader = await sign_in(Role.DISPATCHER, username="uploader")
    sent = await uploader.post("/api/evidence", files={"file": ("a.jpg", picture(1), "image/jpeg")})
    sha256 = sent.json()["sha256"]
    case_id = await bare_case("housing_bureau", "IN-0001", territory_unit="village_001")
    await insert(pool, "case_evidence", case_id=case_id, sha256=sha256, kind="filing", added_at=now)
    await insert(
        pool,
        "alarm",
        case_id=case_id,
        type="sos",
        device_id="T-0001",
        raised_at=now,
        place_source="reported",
    )
    signal_id = await insert(
        pool,
        "signal",
        source="terminal",
        identity="seen-1",
        device_id="T-0001",
        type="report",
        observed_at=now,
        received_at=now,
        lon=LON,
        lat=LAT,
        error_m=5,
        text="a loose lid",
        state="new",
        reason="no_evidence",
    )
    await insert(pool, "reporter", signal_id=signal_id, name="报料人", contact="13800001234")
    await insert(
        pool,
        "signal",
        source="camera",
        identity="seen-2",
        camera_id="C-001",
        device_id="E-01",
        type="detection",
        label="manhole_broken",
        observed_at=now,
        received_at=now,
        lon=LON,
        lat=LAT,
        error_m=5,
        text="a loose lid",
        state="rejected",
        reason="false_positive",
        decided_by="user:uploader",
        would=Jsonb({"action": "wait", "case_id": None, "reason": "no_place"}),
    )
    await insert(
        pool,
        "command_group",
        group_id=GROUP,
        type="message",
        selection=Jsonb({}),
        quorum=1,
        refused=Jsonb([]),
        issued_by="user:uploader",
        issued_at=now,
    )
    await insert(
        pool,
        "command",
        command_id=COMMAND,
        device_id="T-0001",
        type="message",
        body=Jsonb({}),
        case_id=case_id,
        priority=5,
        state="queued",
        issued_at=now,
        issued_by="user:uploader",
        expires_at=now + timedelta(hours=1),
        group_id=GROUP,
    )
    await insert(
        pool,
        "video_session",
        session_id=VIDEO,
        device_id="T-0001",
        case_id=case_id,
        reason="",
        state="live",
        created_by="user:uploader",
        created_at=now,
        first_frame_by=now,
        ends_at=now + timedelta(hours=1),
    )
    await insert(
        pool,
        "geofence",
        geofence_id="school",
        name_zh="学校",
        name_en="School",
        margin_m=20,
        settle_s=10,
        boundary=Jsonb(AROUND),
        watched_from=now,
        changed_at=now,
    )
    await insert(
        pool,
        "geofence_stay",
        device_id="T-0001",
        geofence_id="school",
        inside=True,
        since=now,
        dwelt=False,
    )
    await insert(
        pool,
        "geofence_event",
        geofence_id="school",
        device_id="T-0001",
        type="enter",
        at=now,
        noticed_at=now,
        late=False,
        lon=LON,
        lat=LAT,
    )
    await insert(
        pool,
        "telemetry",
        device_id="T-0001",
        boot_id="b",
        seq=1,
        observed_at=now,
        received_at=now,
        lon=LON,
        lat=LAT,
        accuracy_m=5,
        crs="wgs84",
        backlog=False,
    )
    parts = {
        "case_id": case_id,
        "signal_id": signal_id,
        "device_id": "T-0001",
        "sha256": sha256,
        "command_id": COMMAND,
        "group_id": GROUP,
        "session_id": VIDEO,
        "aspect": "config",
        "geofence_id": "school",
    }
    message = {"type": "message", "body": {"text": "hello"}}
    asked = {
        "POST /api/cases": {
            "item_key": "manhole_cover",
            "cond_key": "municipal_broken",
            "place": {"lon": LON, "lat": LAT},
            "evidence": [sha256],
        },
        "POST /api/signals": {"text": "a lid", "place": {"lon": LON, "lat": LAT}},
        "POST /api/commands": {**message, "device_id": "T-0001"},
        "POST /api/command-groups": {**message, "selection": {"device_ids": ["T-0001"]}},
        "POST /api/video/sessions": {"device_id": "T-0001", "case_id": case_id},
        "POST /api/telemetry/within": {**DAY, "area": AROUND},
    }
    return Inside(parts, asked)


async def ask(client: httpx.AsyncClient, row: RouteRow, inside: Inside) -> httpx.Response:
    body = inside.asked.get(row.route)
    path = row.path.format(**inside.parts)
    return await client.request(row.method, path, params=row.ask or None, json=body)


async def people(sign_in: SignIn, role: Role) -> tuple[httpx.AsyncClient, httpx.AsyncClient]:
    """An account whose scope contains everything inside, and one whose scope contains nothing of it."""
    name = f"{role}".replace("_", "-")
    if role is Role.UNIT_HANDLER:
        return (
            await sign_in(role, "housing_bureau", f"{name}-in"),
            await sign_in(role, "sanitation", f"{name}-out"),
        )
    return (
        await sign_in(role, username=f"{name}-in", scope=INSIDE),
        await sign_in(role, username=f"{name}-out", scope=OUTSIDE),
    )


def rows(outside: Outside, role: Role) -> list[RouteRow]:
    return [
        row
        for row in TABLE.rows
        if row.outside is outside and role in TABLE.admitted(row) and row.test is None
    ]


@pytest.mark.parametrize("role", [role for role in Role if rows(Outside.HIDDEN, role)])
async def test_what_lies_outside_of_the_scope_is_not_found(
    inside: Inside, sign_in: SignIn, role: Role
) -> None:
    within, without = await people(sign_in, role)
    wrong = []
    for row in rows(Outside.HIDDEN, role):
        hidden = (await ask(without, row, inside)).status_code
        shown = (await ask(within, row, inside)).status_code
        if hidden != 404 or shown in {401, 403, 404} or shown >= 500:
            wrong.append((row.route, {"outside": hidden, "inside": shown}))
    assert wrong == []


@pytest.mark.parametrize("role", [role for role in Role if rows(Outside.LEFT_OUT, role)])
async def test_lists_and_figures_have_only_what_the_scope_contains(
    inside: Inside, sign_in: SignIn, role: Role
) -> None:
    within, without = await people(sign_in, role)
    wrong = []
    for row in rows(Outside.LEFT_OUT, role):
        shown, left = await ask(within, row, inside), await ask(without, row, inside)
        assert shown.status_code == left.status_code == 200, (row.route, shown.text, left.text)
        says = any(mark in shown.text for mark in MARKS) or row.route in FIGURES
        tells = any(mark in left.text for mark in MARKS) or left.text == shown.text
        if not says or tells:
            wrong.append((row.route, shown.text, left.text))
    assert wrong == []


@pytest.mark.parametrize("role", [role for role in Role if rows(Outside.REFUSED, role)])
async def test_nothing_is_ordered_or_filed_outside_of_the_scope(
    inside: Inside, sign_in: SignIn, role: Role
) -> None:
    within, without = await people(sign_in, role)
    wrong = []
    for row in rows(Outside.REFUSED, role):
        refused = await ask(without, row, inside)
        done = await ask(within, row, inside)
        maintenance_only = role is Role.ADMIN and done.status_code == 403
        well_done = done.status_code < 400 or done.status_code in {409, 422} or maintenance_only
        if refused.status_code not in {403, 404, 422} or not well_done:
            wrong.append((row.route, refused.text, done.text))
    assert wrong == []


async def test_a_unit_that_returned_a_case_keeps_its_photo_and_sees_the_case_no_more(
    inside: Inside, sign_in: SignIn, pool: Pool, picture
) -> None:
    handler = await sign_in(Role.UNIT_HANDLER, "housing_bureau")
    sent = await handler.post("/api/evidence", files={"file": ("b.jpg", picture(2), "image/jpeg")})
    own, case_id = sent.json()["sha256"], inside.parts["case_id"]
    async with pool.connection() as db:
        await db.execute(
            "UPDATE cases SET state = 'FILED', lead_unit = NULL, returned_from = 'housing_bureau',"
            " routed_at = NULL, due_at = NULL WHERE case_id = %s",
            (case_id,),
        )
    assert (await handler.get(f"/api/cases/{case_id}")).status_code == 404
    assert (await handler.get(f"/api/evidence/{inside.parts['sha256']}")).status_code == 404
    assert (await handler.get(f"/api/evidence/{own}")).status_code == 200
