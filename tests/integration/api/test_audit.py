"""Who looked at what: recorded before the answer, read by the auditor, and kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import psycopg
import pytest
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from hub.accounts.account import Role
from hub.audit.store import forget_reads
from hub.db import Pool
from hub.web.app import ROUTERS
from hub.web.route_table import route_table
from tests.integration.api.test_every_door import PARTS
from tests.integration.api.test_scopes import Inside, ask, inside

__all__ = ["inside"]
AUDITED = [row for row in route_table().rows if row.audit not in (None, "audit")]
NO_FILES = {
    "GET /api/events",
    "GET /api/map/base",
    "POST /video/whip/{session_id}",
    "POST /video/whep/{session_id}",
    "DELETE /video/{protocol}/{session_id}/{resource_id}",
    "PATCH /video/{protocol}/{session_id}/{resource_id}",
}
"""The live feed, the district's map, and the offers of a video session, which is audited itself."""
PLAIN = ("GET /api/cases", "GET /api/devices", "GET /api/telemetry/latest")


async def reads(auditor: httpx.AsyncClient, **asked: object) -> list[dict]:
    answer = await auditor.get("/api/audit/reads", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_every_read_of_the_table_is_recorded_with_who_what_when_and_where(
    inside: Inside, sign_in, clock
) -> None:
    supervisor, auditor = await sign_in(Role.SUPERVISOR), await sign_in(Role.AUDITOR)
    page = {"Referer": "http://hub/cases/12?tab=1"}
    supervisor.headers.update(page)
    inside = replace(inside, parts=PARTS | inside.parts)
    for row in AUDITED:
        answer = await ask(supervisor, row, inside)
        if answer.status_code >= 400:
            continue  # what is refused shows nothing
        newest, *_ = await reads(auditor, username="supervisor-housing-bureau")
        assert newest["route"] == row.route, answer.text
        assert newest["kind"] == row.audit
        assert newest["role"] == "supervisor"
        assert datetime.fromisoformat(newest["at"]) == clock()
        assert (newest["address"], newest["page"]) == ("127.0.0.1", "/cases/12")
        if "{device_id}" in row.path:
            assert newest["subject"] == "device:T-0001"
    recorded = {read["kind"] for read in await reads(auditor, limit=500)}
    assert recorded >= {"track", "positions", "photo", "contact", "export", "audit"}


def answers_a_file(route: APIRoute) -> bool:
    """Whether a door answers a file or a document, as its code or its documentation says."""
    answers = [answer for code, answer in route.responses.items() if str(code).startswith("2")]
    documented = {kind for answer in answers for kind in answer.get("content", {})}
    answered = getattr(route.response_class, "value", route.response_class)
    return answered is not JSONResponse or bool(documented - {"application/json"})


def test_every_door_that_answers_a_file_is_audited() -> None:
    audits = {row.route: row.audit for row in route_table().rows}
    files = {
        f"{method} {route.path}"
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and answers_a_file(route)
        for method in route.methods
    }
    assert len(files) > 20
    assert sorted(each for each in files - NO_FILES if audits[each] is None) == []
    named = {route for route in audits if "export" in route or "/pdf" in route or "/html" in route}
    assert named <= files, "say `response_class` of these, so that they are known to answer a file"


async def test_what_shows_nothing_sensitive_is_not_recorded(inside: Inside, sign_in) -> None:
    supervisor, auditor = await sign_in(Role.SUPERVISOR), await sign_in(Role.AUDITOR)
    for row in route_table().rows:
        if row.route in PLAIN:
            assert (await ask(supervisor, row, inside)).status_code == 200
    assert await reads(auditor, username="supervisor-housing-bureau") == []


async def test_a_refused_read_is_no_read(inside: Inside, sign_in) -> None:
    handler, auditor = await sign_in(Role.UNIT_HANDLER, "sanitation"), await sign_in(Role.AUDITOR)
    for path in ("/api/telemetry/tracks/T-0001?day=2025-08-07", f"/api/evidence/{'0' * 64}"):
        assert (await handler.get(path)).status_code in {403, 404}
    assert await reads(auditor, username="unit-handler-sanitation") == []


async def test_a_read_that_cannot_be_recorded_is_refused(
    inside: Inside, sign_in, pool: Pool
) -> None:
    supervisor = await sign_in(Role.SUPERVISOR)
    async with pool.connection() as db:
        await db.execute(
            "ALTER TABLE audited_read ADD CONSTRAINT full_disk CHECK (false) NOT VALID"
        )
    for path in (
        "/api/telemetry/tracks/T-0001?day=2025-08-07",
        f"/api/evidence/{inside.parts['sha256']}",
        "/api/registry/devices",
    ):
        answer = await supervisor.get(path)
        assert answer.status_code >= 500
        assert "T-0001" not in answer.text


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_the_auditor_exports_what_was_read_and_that_is_recorded_too(
    inside: Inside, sign_in, form: str
) -> None:
    supervisor, auditor = await sign_in(Role.SUPERVISOR), await sign_in(Role.AUDITOR)
    await supervisor.get("/api/telemetry/tracks/T-0001", params={"day": "2025-08-07"})
    asked = {"format": form, "language": "zh", "kind": "track"}
    answer = await auditor.get("/api/audit/reads/export", params=asked)
    assert answer.status_code == 200
    if form == "csv":
        text = answer.content.decode("utf-8-sig")
        assert "device:T-0001" in text
        assert "查看对象" in text
    this_look, export, *_ = await reads(auditor, kind="audit")
    assert this_look["route"] == "GET /api/audit/reads"
    assert export["route"] == "GET /api/audit/reads/export"


async def test_reads_are_found_by_account_subject_kind_and_time(
    inside: Inside, sign_in, clock
) -> None:
    supervisor, auditor = await sign_in(Role.SUPERVISOR), await sign_in(Role.AUDITOR)
    await supervisor.get("/api/telemetry/tracks/T-0001", params={"day": "2025-08-07"})
    later = clock() + timedelta(seconds=1)
    clock.forward(minutes=1)
    await supervisor.get("/api/registry/devices")
    assert [read["kind"] for read in await reads(auditor, subject="T-0001")] == ["track"]
    assert [read["kind"] for read in await reads(auditor, kind="export")] == ["export"]
    by_time = await reads(auditor, until=later.isoformat(), username="supervisor-housing-bureau")
    assert [read["kind"] for read in by_time] == ["track"]
    assert await reads(auditor, username="nobody") == []


async def test_nobody_rewrites_the_audit_and_it_is_kept_for_half_a_year(
    inside: Inside, sign_in, pool: Pool
) -> None:
    supervisor = await sign_in(Role.SUPERVISOR)
    await supervisor.get("/api/registry/devices")
    for change in (
        "UPDATE audited_read SET username = 'somebody'",
        "DELETE FROM audited_read",
        "TRUNCATE audited_read",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with pool.connection() as db:
                await db.execute(change.encode())
    async with pool.connection() as db:
        await db.execute(
            "INSERT INTO audited_read (at, username, role, kind, route, subject, asked, address,"
            " page, recorded_at) SELECT at, username, role, kind, route, subject, asked, address,"
            " page, now() - interval '181 days' FROM audited_read"
        )
        old = datetime.now(UTC) - timedelta(days=180)
        await db.execute("SELECT")
        cursor = await db.execute("DELETE FROM audited_read WHERE recorded_at < %s", (old,))
        assert cursor.rowcount == 1
        assert await forget_reads(db, datetime(2000, 1, 1, tzinfo=UTC), 100) == 0
