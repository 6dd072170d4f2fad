"""A database that was at work, as an older release left it, is brought to the present schema."""

import gzip
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest

from deploy.local.postgres import create_database, drop_database
from deploy.local.processes import run_command
from hub.db import open_pool
from hub.db.migrate import MIGRATIONS, migrate
from hub.settings import Settings
from hub.web.app import create_app

DUMP = Path(__file__).parent / "migrations" / "0016_demo.sql.gz"
NEWEST_IN_DUMP = 16
RENAMED = {
    "device_wish": "desired_revision",
    "duty_episode": "monitoring_episode",
    "guard_wish": "pending_guard",
    "dead_letter_example": "dead_letter_message",
    "report_look": "photo_check",
}
"""What a table of the dump is called today."""
OF_THE_TOOL = ("_yoyo_log", "_yoyo_migration", "_yoyo_version", "yoyo_lock")
PASSWORD = "of this dump only"
LogIn = Callable[[str], Awaitable[httpx.AsyncClient]]
SUMMARIES = (
    "/api/cases",
    "/api/signals/waiting",
    "/api/devices",
    "/api/commands",
    "/api/video/sessions",
    "/api/geofence-events",
    "/api/dashboard",
    "/api/catalogue",
    "/api/units",
    "/api/district",
    "/api/map/base",
    "/api/geofences",
    "/api/telemetry/latest",
    "/api/registry/devices",
)


@dataclass(frozen=True)
class Migrated:
    """The restored database, with the rows of each table before the migration."""

    url: str
    rows_before: dict[str, int]
    applied: int


@pytest.fixture(scope="module")
def migrated(server_url: str) -> Iterator[Migrated]:
    name = f"dump_{uuid4().hex[:8]}"
    url = create_database(server_url, name)
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(gzip.decompress(DUMP.read_bytes()))
    before = rows_of_tables(url)
    yield Migrated(url, before, migrate(url))
    drop_database(server_url, name)


@pytest.fixture
def settings(migrated: Migrated, tmp_path: Path) -> Settings:
    return Settings(
        database_url=migrated.url,
        district="530303",
        evidence_url=f"file://{tmp_path}",
        mqtt_password="unused",
    )


@pytest.fixture
async def log_in(migrated: Migrated, settings: Settings) -> AsyncIterator[LogIn]:
    """Log an account in, a minute after the last thing happened."""
    at = last_entry_at(migrated.url) + timedelta(minutes=1)
    async with open_pool(migrated.url, name="test") as pool:
        app = create_app(settings, pool, lambda: at)
        async with app.router.lifespan_context(app), AsyncExitStack() as clients:

            async def logged_in(username: str) -> httpx.AsyncClient:
                transport = httpx.ASGITransport(app)
                client = httpx.AsyncClient(transport=transport, base_url="http://hub")
                await clients.enter_async_context(client)
                login = {"username": username, "password": PASSWORD}
                token = (await read(client, "POST", "/api/session", json=login))["token"]
                client.headers["Authorization"] = f"Bearer {token}"
                return client

            yield logged_in


@pytest.fixture
async def admin(log_in: LogIn) -> httpx.AsyncClient:
    return await log_in("admin")


def rows_of_tables(url: str) -> dict[str, int]:
    """The number of rows of each table; those of partitions count for the whole."""
    with psycopg.connect(url) as db:
        found = db.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
            " AND relnamespace = 'public'::regnamespace ORDER BY relname"
        ).fetchall()
        tables = [name for (name,) in found if name not in OF_THE_TOOL]
        counts = {}
        for name in tables:
            row = db.execute(f'SELECT count(*) FROM "{name}"'.encode()).fetchone()
            assert row is not None
            counts[name] = int(row[0])
        return counts


def last_entry_at(url: str) -> datetime:
    with psycopg.connect(url) as db:
        row = db.execute("SELECT max(at) FROM journal").fetchone()
        assert row is not None
        return row[0]


async def read(client: httpx.AsyncClient, method: str, path: str, **how: object):
    answer = await client.request(method, path, **how)  # type: ignore[arg-type]
    assert answer.is_success, f"{path}: {answer.status_code} {answer.text[:500]}"
    is_json = answer.headers["content-type"].startswith("application/json")
    return answer.json() if is_json else answer.text


def test_all_that_came_after_the_dump_is_applied_and_nothing_else(migrated: Migrated) -> None:
    later = [each for each in MIGRATIONS.glob("*.sql") if int(each.name[:4]) > NEWEST_IN_DUMP]
    assert migrated.applied == len(later)


def test_every_table_keeps_its_rows(migrated: Migrated) -> None:
    before = {RENAMED.get(name, name): rows for name, rows in migrated.rows_before.items()}
    after = rows_of_tables(migrated.url)
    assert {name: after.get(name) for name in before} == before


def test_the_dump_has_rows_in_every_table_of_the_hub(migrated: Migrated) -> None:
    of_the_queue = {name for name in migrated.rows_before if name.startswith("procrastinate_")}
    empty = {name for name, rows in migrated.rows_before.items() if rows == 0}
    assert empty - of_the_queue == set()


def test_every_chain_of_the_journal_holds(migrated: Migrated) -> None:
    variables = {
        "PATROLHUB_DATABASE_URL": migrated.url,
        "PATROLHUB_DISTRICT": "530303",
        "PATROLHUB_EVIDENCE_URL": "file:///nowhere",
    }
    assert run_command(["hub", "journal", "verify"], variables).endswith(" 0 findings\n")


async def test_every_case_is_what_its_journal_tells(admin: httpx.AsyncClient) -> None:
    cases = (await read(admin, "GET", "/api/cases?limit=200"))["items"]
    assert len(cases) > 5
    for case in cases:
        journal = await read(admin, "GET", f"/api/cases/{case['case_id']}/journal")
        told = (journal["chain_ok"], journal["replay_matches"], journal["replayed_state"])
        assert told == (True, True, case["state"]), case["case_no"]


@pytest.mark.parametrize("path", SUMMARIES)
async def test_every_list_can_be_read(admin: httpx.AsyncClient, path: str) -> None:
    listed = await read(admin, "GET", path)
    items = listed.get("items", listed) if isinstance(listed, dict) else listed
    assert items


async def test_every_case_and_all_that_hangs_on_it_can_be_read(
    admin: httpx.AsyncClient, log_in: LogIn
) -> None:
    dispatcher = await log_in("dispatcher")
    for case in (await read(admin, "GET", "/api/cases?limit=200"))["items"]:
        page = await read(admin, "GET", f"/api/cases/{case['case_id']}")
        assert page["state"] == case["state"]
        for signal in page["signals"]:
            await read(admin, "GET", f"/api/signals/{signal['signal_id']}")
        if case["state"] not in {"CLOSED", "MERGED", "VOID"}:
            path = f"/api/cases/{case['case_id']}/candidates?type=dispatch"
            await read(dispatcher, "GET", path)


async def test_every_device_can_be_read_from_all_sides(admin: httpx.AsyncClient) -> None:
    revisions = []
    for device in (await read(admin, "GET", "/api/devices?limit=200"))["items"]:
        path = f"/api/devices/{device['device_id']}"
        for side in ("", "/journal", "/remote", "/model/revisions"):
            await read(admin, "GET", f"{path}{side}")
        revisions += (await read(admin, "GET", f"{path}/config/revisions"))["items"]
    outcomes = {revision["outcome"] for revision in revisions}
    assert outcomes == {"waiting", "applied", "refused", "superseded", "timed_out"}


async def test_every_order_and_every_waiting_signal_can_be_read(admin: httpx.AsyncClient) -> None:
    for command in (await read(admin, "GET", "/api/commands"))["items"]:
        found = await read(admin, "GET", f"/api/commands/{command['command_id']}")
        assert found["state"] == command["state"]
    for signal in (await read(admin, "GET", "/api/signals/waiting"))["items"]:
        await read(admin, "GET", f"/api/signals/{signal['signal_id']}")
