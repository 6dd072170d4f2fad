"""`script/bench live`."""

import asyncio
import json
import resource
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Annotated

import httpx
import typer

from bench.machine import describe, show
from deploy.local.postgres import create_database, postgres
from hub.accounts.account import Account, Role, Session
from hub.accounts.store import insert_account, insert_session
from hub.accounts.tokens import token_hash
from hub.clock import now
from hub.db import Pool, load_queries, open_pool
from hub.db.migrate import migrate
from hub.settings import Settings
from hub.web.app import create_app
from hub.web.server import ApiServer

SQL = load_queries(__file__)


@dataclass(frozen=True)
class LivePlan:
    """`consoles` lines are open; `terminals` report a position each `interval_s`."""

    terminals: int
    interval_s: int
    seconds: float
    consoles: int


def live(
    terminals: Annotated[int, typer.Option(min=1, max=9999, help="How many report.")] = 1436,
    interval_s: Annotated[int, typer.Option(min=1, max=60, help="Seconds between fixes.")] = 5,
    seconds: Annotated[float, typer.Option(min=2, max=300, help="How long to count.")] = 20,
    consoles: Annotated[int, typer.Option(min=1, max=200, help="Event streams open at once.")] = 1,
) -> None:
    """Measure what one console's event stream costs while every terminal moves.

    Bytes as they arrive at the socket, before any decompression, after the first positions have come.
    Everything runs on this machine, on loopback, with a database of its own.
    """
    plan = LivePlan(terminals, interval_s, seconds, consoles)
    show({**describe(), **{name: str(value) for name, value in asdict(plan).items()}})
    folder = Path(tempfile.mkdtemp(prefix="patrolhub-bench-"))
    try:
        with postgres(folder / "pgdata") as url:
            typer.echo(json.dumps(asyncio.run(_run(create_database(url, "live"), folder, plan))))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _run(url: str, folder: Path, plan: LivePlan) -> dict[str, float]:
    await asyncio.to_thread(migrate, url)
    settings = Settings(
        database_url=url,
        district="530303",
        evidence_url=f"file://{folder}",
        mqtt_password="unused",
    )
    async with open_pool(url, name="bench") as pool, _served(settings, pool) as port:
        async with pool.connection() as db:
            await db.execute(SQL["terminals"], (plan.terminals,))
        token = await _log_in(pool)
        walking = asyncio.create_task(_walk(pool, plan))
        try:
            return await _count(port, token, plan)
        finally:
            walking.cancel()


@asynccontextmanager
async def _served(settings: Settings, pool: Pool) -> AsyncIterator[int]:
    server = ApiServer(create_app(settings, pool), "127.0.0.1", 0)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers nothing else to wait for
        await asyncio.sleep(0.05)
    try:
        yield server.port
    finally:
        server.should_exit = True
        await task


async def _log_in(pool: Pool) -> str:
    account = Account(
        username="bench",
        name="bench",
        role=Role.DISPATCHER,
        unit_key=None,
        unit_name_zh=None,
        unit_name_en=None,
    )
    async with pool.connection() as db:
        await insert_account(db, account, "no password", now())
        session = Session(account, token_hash("bench"), now() + timedelta(hours=1))
        await insert_session(db, session, now())
    return "bench"


async def _walk(pool: Pool, plan: LivePlan) -> None:
    turn = 0
    while True:
        async with pool.connection() as db:
            await db.execute(SQL["walk"], {"interval_s": plan.interval_s, "turn": turn})
        turn += 1
        await asyncio.sleep(1)


async def _count(port: int, token: str, plan: LivePlan) -> dict[str, float]:
    await asyncio.sleep(plan.interval_s + 1)  # until every terminal has a position
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=None
    ) as client:
        used = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        counts = await asyncio.gather(*(_listen(client, plan) for _ in range(plan.consoles)))
        used = resource.getrusage(resource.RUSAGE_SELF).ru_utime - used
        plain = await client.get("/api/devices")
    each = sum(per_s for _, per_s in counts) / plan.consoles
    return {
        "first_bytes": round(counts[0][0]),
        "bytes_per_s": round(each),
        "cpu_share": round(used / (plan.seconds + 2), 3),
        "devices_bytes": len(plain.content),
    }


async def _listen(client: httpx.AsyncClient, plan: LivePlan) -> tuple[int, float]:
    """The bytes of the first two seconds, and those a second after that."""
    first, later = 0, 0
    began = monotonic()
    async with client.stream("GET", "/api/events") as line:
        async for piece in line.aiter_raw():
            since = monotonic() - began
            if since < 2:
                first += len(piece)
            elif since < 2 + plan.seconds:
                later += len(piece)
            else:
                break
    return first, later / plan.seconds
