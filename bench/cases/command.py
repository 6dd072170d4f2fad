"""`script/bench cases`."""

import asyncio
import json
import logging
import random
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Annotated

import httpx
import structlog
import typer

from bench.cases.questions import INDICATORS, LISTS, SCOPED, SCOPED_INDICATORS, SCOPES
from bench.machine import describe, show
from bench.served import log_in, served
from deploy.local.postgres import create_database, postgres
from hub.accounts.account import Role
from hub.accounts.scope import WHOLE_DISTRICT
from hub.db import Pool, load_queries, open_alone, open_pool
from hub.db.migrate import migrate
from hub.indicators.keeping import rebuild
from hub.journal.unit_of_work import unit_of_work
from hub.settings import Settings

SQL = load_queries(__file__)
UNTIL = datetime.fromisoformat("2025-12-31T20:00:00+08:00")
"""The evening on which the year is looked at."""
_NOTES = 3
"""Entries of each case besides its transitions: with them there are ten or more a case."""


@dataclass(frozen=True)
class CasesPlan:
    cases: int
    open: int
    asks: int
    seed: int


def cases(
    cases: Annotated[int, typer.Option(min=1000, help="How many the year has.")] = 200_000,
    still_open: Annotated[
        int, typer.Option("--open", min=100, help="How many of them are open.")
    ] = 20_000,
    asks: Annotated[
        int,
        typer.Option(min=20, max=2000, help="Times to ask of each kind; a fifth of it for lists."),
    ] = 100,
    seed: Annotated[int, typer.Option(help="Of the order of the questions.")] = 1,
) -> None:
    """Measure how fast the api answers for the indicators and lists of a year.

    200,000 cases with ten journal entries each, of 40 bureaus and 135 villages, 20,000 of them open. The
    indicators are made from the journal first, as the worker does; then they are asked for over HTTP:
    figures with their comparisons, trend, ranking, and the cases behind a number, for the whole year and
    parts of it and of the cases. Then the queue and the lists: every filter, sort and search of the
    open, the ended and all cases. All again for accounts of a unit and a territory, one request at a
    time.

    Goal: p95 within 300 ms for indicators, 100 ms for lists.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    plan = CasesPlan(cases, min(still_open, cases), asks, seed)
    show({**describe(), **{name: str(value) for name, value in asdict(plan).items()}})
    folder = Path(tempfile.mkdtemp(prefix="patrolhub-bench-"))
    try:
        with postgres(folder / "pgdata") as url:
            typer.echo(json.dumps(asyncio.run(_run(create_database(url, "cases"), folder, plan))))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _run(url: str, folder: Path, plan: CasesPlan) -> dict[str, object]:
    await asyncio.to_thread(migrate, url)
    began = monotonic()
    await _tell(url, plan)
    show({"told": f"in {monotonic() - began:.0f} s"})
    settings = Settings(
        database_url=url,
        district="530303",
        evidence_url=f"file://{folder}",
        mqtt_password="unused",
    )
    async with open_pool(url, name="bench") as pool:
        began = monotonic()
        async with unit_of_work(pool, "system:bench", UNTIL) as work:
            measured = await rebuild(work)
        per_s = measured / (monotonic() - began)
        show({"measured": f"{measured} entries, {per_s:.0f} a second"})
        async with open_alone(url, name="bench") as db:
            await db.set_autocommit(True)
            await db.execute("VACUUM ANALYZE")
            row = await (await db.execute(SQL["counts"])).fetchone()
        assert row is not None
        async with _asking(settings, pool) as clients:
            indicators, lists = await _ask_all(clients, plan)
    _show_times(indicators | lists)
    return {
        "indicators_p95_ms": _p95([each for times in indicators.values() for each in times]),
        "queue_p95_ms": _p95([each for times in lists.values() for each in times]),
        "cases": row[0],
        "entries": row[1],
        "open": row[2],
        "measured_per_s": round(per_s),
        "p95_ms": {name: _p95(each) for name, each in (indicators | lists).items()},
    }


async def _tell(url: str, plan: CasesPlan) -> None:
    """Write the year in bulk: the chain of the journal is not what is measured."""
    facts = {"cases": plan.cases, "open": plan.open, "until": UNTIL, "notes": _NOTES}
    async with open_alone(url, name="bench") as db:
        await db.execute("SET session_replication_role = replica")
        await db.execute("SET work_mem = '256MB'")
        for name in (
            "units",
            "district",
            "named",
            "catalogue",
            "seed",
            "lives",
            "cases",
            "signals",
            "entries",
        ):
            wanted = facts if b"%(" in SQL[name] else ({} if b"%%" in SQL[name] else None)
            await db.execute(SQL[name], wanted)
        await db.commit()


@asynccontextmanager
async def _asking(settings: Settings, pool: Pool) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """People who ask the API on the evening on which the year is looked at: a supervisor of the district,
    and for each scope somebody who has it.
    """
    people = {"": WHOLE_DISTRICT} | SCOPES
    async with served(settings, pool, lambda: UNTIL) as port, AsyncExitStack() as stack:
        clients = {}
        for name, scope in people.items():
            username = f"bench-{name}" if name else "bench"
            headers = await log_in(pool, Role.SUPERVISOR, lambda: UNTIL, username, scope)
            base = f"http://127.0.0.1:{port}"
            client = httpx.AsyncClient(base_url=base, headers=headers, timeout=60)
            clients[name] = await stack.enter_async_context(client)
        yield clients


async def _ask_all(
    clients: Mapping[str, httpx.AsyncClient], plan: CasesPlan
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """The times of the questions about indicators, and of those about lists, in ms by their names."""
    drawn = random.Random(plan.seed)
    supervisor = clients[""]
    asks = max(20, plan.asks // 5)  # there are many kinds of lists
    lists = await _times(supervisor, LISTS, asks, drawn)
    indicators = await _times(supervisor, INDICATORS, plan.asks, drawn)
    for name in SCOPES:
        found = await _times(clients[name], SCOPED, asks, drawn)
        lists |= {f"{name}: {question}": each for question, each in found.items()}
        found = await _times(clients[name], SCOPED_INDICATORS, plan.asks, drawn)
        indicators |= {
            f"indicators of {name}: {question}": each for question, each in found.items()
        }
    return indicators, lists


async def _times(
    client: httpx.AsyncClient, paths: Mapping[str, str], asks: int, drawn: random.Random
) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in paths}
    for warming in (True, *[False] * asks):
        for name, path in paths.items():
            took = await _ask(client, path.format(**_some(drawn)))
            if not warming:
                times[name].append(took)
    return times


async def _ask(client: httpx.AsyncClient, path: str) -> float:
    began = monotonic()
    answer = await client.get(path)
    took = (monotonic() - began) * 1000
    if answer.is_error:
        raise typer.BadParameter(f"{path} answers {answer.status_code}: {answer.text[:200]}")
    return took


def _some(drawn: random.Random) -> dict[str, int]:
    return {
        "bureau": drawn.randint(1, 40),
        "town": drawn.randint(1, 14),
        "item": drawn.randint(1, 100),
        "month": drawn.randint(1, 12),
        "week": drawn.randint(1, 52),
        "day": drawn.randint(1, 30),
        "digit": drawn.randint(0, 1),
    }


def _p95(times: list[float]) -> float:
    ordered = sorted(times)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 1)


def _show_times(times: dict[str, list[float]]) -> None:
    show(dict(_lines(times)))


def _lines(times: dict[str, list[float]]) -> Iterator[tuple[str, str]]:
    for name, each in times.items():
        middle = sorted(each)[len(each) // 2]
        yield name, f"p50 {middle:.1f} ms, p95 {_p95(each)} ms"
