"""`script/bench live`."""

import asyncio
import json
import resource
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Annotated

import httpx
import typer

from bench.machine import describe, show
from bench.served import log_in, served
from deploy.local.postgres import create_database, postgres
from hub.accounts.account import Role
from hub.db import Pool, load_queries, open_pool
from hub.db.migrate import migrate
from hub.settings import Settings

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
    async with open_pool(url, name="bench") as pool, served(settings, pool) as port:
        async with pool.connection() as db:
            await db.execute(SQL["terminals"], (plan.terminals,))
        headers = await log_in(pool, Role.DISPATCHER)
        walking = asyncio.create_task(_walk(pool, plan))
        try:
            return await _count(port, headers, plan)
        finally:
            walking.cancel()


async def _walk(pool: Pool, plan: LivePlan) -> None:
    turn = 0
    while True:
        async with pool.connection() as db:
            await db.execute(SQL["walk"], {"interval_s": plan.interval_s, "turn": turn})
        turn += 1
        await asyncio.sleep(1)


async def _count(port: int, headers: dict[str, str], plan: LivePlan) -> dict[str, float]:
    await asyncio.sleep(plan.interval_s + 1)  # until every terminal has a position
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
