"""The application over a database of the test's own, a clock that stands still, and a person per role."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from psycopg.types.json import Jsonb

from hub.accounts import create_account
from hub.accounts.account import Account, Role, Session, usual_scope
from hub.accounts.scope import Scope
from hub.accounts.store import insert_account, insert_session
from hub.accounts.tokens import token_hash
from hub.catalogue.commands import import_starter
from hub.db import Pool
from hub.deadlines import seed_calendar
from hub.settings import Settings
from hub.web.app import create_app
from hub.web.server import ApiServer
from tests.districts import add_cover, add_device, add_district, add_territory, add_units
from tests.integration.api.front_door import PASSWORD
from tests.integration.api.live_line import Line
from tests.use_cases import carry_out
from tests.waiting import WITHIN_S, until

AT = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
LON, LAT = 103.82, 25.60


class StoppedClock:
    """A clock that moves only when told to."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(AT)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database_url,
        district="530303",
        evidence_url=f"file://{tmp_path}",
        mqtt_password="unused",
    )


@pytest.fixture
async def app(settings: Settings, pool: Pool, clock: StoppedClock) -> AsyncIterator[FastAPI]:
    made = create_app(settings, pool, clock)
    async with made.router.lifespan_context(made):
        yield made


@pytest.fixture
async def connect(app: FastAPI) -> AsyncIterator[Callable[..., Awaitable[httpx.AsyncClient]]]:
    """Make clients with the headers given."""
    async with AsyncExitStack() as clients:

        async def client(**headers: str) -> httpx.AsyncClient:
            return await clients.enter_async_context(
                httpx.AsyncClient(
                    transport=httpx.ASGITransport(app), base_url="http://hub", headers=headers
                )
            )

        yield client


@pytest.fixture
async def from_address(app: FastAPI):
    """Clients at addresses of their own."""
    clients: list[httpx.AsyncClient] = []

    def client(address: str, **headers: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app, client=(address, 4711))
        clients.append(
            httpx.AsyncClient(transport=transport, base_url="http://hub", headers=headers)
        )
        return clients[-1]

    yield client
    for client_ in clients:
        await client_.aclose()


@pytest.fixture
async def anonymous(connect) -> httpx.AsyncClient:
    return await connect()


@pytest.fixture
async def units(pool: Pool) -> None:
    """Two departments and a village."""
    async with pool.connection() as db:
        await add_units(db, "housing_bureau", "sanitation", "village_001")


@pytest.fixture
async def sign_in(
    connect, units: None, pool: Pool, clock: StoppedClock
) -> Callable[..., Awaitable[httpx.AsyncClient]]:
    """A client with the bearer token of a new account; a unit handler belongs to `unit_key`."""

    async def client(
        role: Role,
        unit_key: str = "housing_bureau",
        username: str | None = None,
        scope: Scope | None = None,
    ) -> httpx.AsyncClient:
        name = username or f"{role}-{unit_key}".replace("_", "-")
        unit = unit_key if role is Role.UNIT_HANDLER else None
        account = Account(
            username=name,
            name=name,
            role=role,
            unit_key=unit,
            unit_name_zh=None,
            unit_name_en=None,
            scope=scope or usual_scope(role, unit),
        )
        token = f"token-of-{name}"
        async with pool.connection() as db:
            await insert_account(db, account, "no password", clock())
            expires_at = clock() + timedelta(hours=12)
            await insert_session(db, Session(account, token_hash(token), expires_at), clock())
        return await connect(Authorization=f"Bearer {token}")

    return client


@pytest.fixture
async def dispatcher(sign_in) -> httpx.AsyncClient:
    return await sign_in(Role.DISPATCHER)


@pytest.fixture
def bare_case(units: None, pool: Pool, clock: StoppedClock) -> Callable[..., Awaitable[int]]:
    """Insert a routed case as a row, without anything around it; returns its id."""

    async def insert(lead_unit: str | None, case_no: str = "", **columns: object) -> int:
        row: dict[str, object] = {
            "case_no": case_no or f"C-{lead_unit}",
            "state": "ROUTED",
            "item_key": "manhole_cover",
            "cond_key": "broken",
            "catalogue_version": 1,
            "severity": "high",
            "lon": 103.82,
            "lat": 25.6,
            "error_m": 5.0,
            "dedup_key": case_no or lead_unit,
            "occurred_at": clock(),
            "last_seen_at": clock(),
            "filed_at": clock(),
            "filed_by": "system:signals",
            "lead_unit": lead_unit,
            "routed_at": clock(),
            "due_at": clock() + timedelta(days=2),
        } | columns
        names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
        async with pool.connection() as db:
            await db.execute(
                "INSERT INTO catalogue_version VALUES (1, now(), 'test', 'test')"
                " ON CONFLICT DO NOTHING"
            )
            cursor = await db.execute(
                f"INSERT INTO cases ({names}) VALUES ({marks}) RETURNING case_id",
                list(row.values()),
            )
            made = await cursor.fetchone()
        assert made is not None
        return int(made[0])

    return insert


def jpeg(seed: int, width: int = 320, height: int = 240) -> bytes:
    """A picture of soft blobs that differ from seed to seed."""
    small = np.random.default_rng(seed).integers(0, 255, (9, 12, 3), dtype=np.uint8)
    large = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return cv2.imencode(".jpg", large)[1].tobytes()


@pytest.fixture
def picture() -> Callable[..., bytes]:
    return jpeg


@pytest.fixture
async def street(units: None, pool: Pool, clock: StoppedClock) -> None:
    """The district with a cover of the Housing Bureau at (LON, LAT), a camera and a terminal."""
    async with pool.connection() as db:
        await add_district(db)
        await add_territory(db, "village_001")
        await db.execute(
            "INSERT INTO map_feature (layer, properties, geometry) VALUES ('road', %s, %s)",
            (
                Jsonb({"name_zh": "玉林北路", "name_en": "Yulin North Road", "class": "primary"}),
                Jsonb({"type": "LineString", "coordinates": [[103.8, 25.6], [103.9, 25.6]]}),
            ),
        )
        await add_cover(db, "A-0172", LON, LAT)
        await add_device(
            db,
            "C-001",
            "cameras",
            name_zh="玉林北路",
            name_en="Yulin North Road",
            unit_key="village_001",
            lon=LON,
            lat=LAT,
            coverage_m=40,
            heading_deg=90,
            registered_at=clock(),
        )
        await add_device(
            db,
            "T-0001",
            name_zh="终端 0001",
            name_en="Terminal 0001",
            unit_key="village_001",
            holder_registered="网格员 0001",
            registered_at=clock(),
        )
        await carry_out(db, clock(), import_starter)
        await seed_calendar(db, range(2025, 2026), clock())


@pytest.fixture
async def server(settings, pool: Pool, clock) -> AsyncIterator[ApiServer]:
    running = ApiServer(create_app(settings, pool, clock), "127.0.0.1", 0)
    task = asyncio.create_task(running.serve())
    await until(lambda: running.started)
    yield running
    running.should_exit = True
    await task


@pytest.fixture
async def open_line(server: ApiServer, sign_in) -> AsyncIterator[Callable]:
    """Open an event stream for a role."""
    async with AsyncExitStack() as stack:

        async def opened(client: httpx.AsyncClient, **options) -> Line:
            url = f"http://127.0.0.1:{server.port}"
            headers = dict(client.headers) | options.pop("headers", {})
            line = await stack.enter_async_context(
                httpx.AsyncClient(base_url=url, headers=headers, timeout=WITHIN_S)
            )
            response = await stack.enter_async_context(line.stream("GET", "/api/events", **options))
            assert response.status_code == 200
            assert response.headers["content-type"].startswith("text/event-stream")
            return Line(response)

        yield opened


@pytest.fixture
async def seat_account(units: None, pool: Pool, clock) -> None:
    """The account that LOG_IN names."""
    async with pool.connection() as db:
        await carry_out(
            db, clock(), create_account, "seat-07", "座席员 07", Role.SEAT_OPERATOR, None, PASSWORD
        )
