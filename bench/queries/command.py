"""`script/bench queries`."""

import asyncio
import json
import logging
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.table import Table

from bench.machine import describe, show
from bench.queries.history import Filled, HistoryPlan, fill, prepare
from bench.queries.questions import QUESTIONS, Times, ask_all
from deploy.local.postgres import create_database, drop_database, postgres
from hub.clock import now
from hub.db import open_alone, open_pool
from hub.db.migrate import migrate
from hub.telemetry.storage.selection import select_layout
from hub.telemetry.storage.usage import read_usage

_console = Console(highlight=False, width=120)


def queries(
    rows: Annotated[int, typer.Option(min=10_000, help="Stop filling at so many.")] = 100_000_000,
    minutes: Annotated[
        float, typer.Option(min=0.1, max=120, help="Begin no further day of history after these.")
    ] = 10,
    terminals: Annotated[int, typer.Option(min=1, max=9999, help="How many report.")] = 1436,
    interval_s: Annotated[int, typer.Option(min=1, max=600, help="Seconds between fixes.")] = 10,
    asks: Annotated[int, typer.Option(min=20, max=2000, help="Times to ask each question.")] = 100,
    server: Annotated[
        str | None,
        typer.Option(
            help="URL of the database `postgres` of a server, on which a database is made and dropped "
            "again; otherwise a server is started."
        ),
    ] = None,
    native: Annotated[
        bool, typer.Option("--native", help="Native partitions even if TimescaleDB is offered.")
    ] = False,
) -> None:
    """Measure how long queries about positions take as history grows by whole days.

    Queries are about random places and times of the history, as the api runs them: from the call to
    the last row, including thinning, without HTTP. At 1, 2, 4, 8, ... days, each rolled up and
    vacuumed before. Goal: p95 within 50 ms for the latest positions, a track of a day, and who was
    within a radius of 500 m, and no more with a longer history.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    plan = HistoryPlan(terminals, interval_s, rows, minutes, asks)
    with _database(server) as url:
        typer.echo(json.dumps(asyncio.run(_run(url, plan, native=native))))


async def _run(url: str, plan: HistoryPlan, *, native: bool) -> dict[str, object]:
    await asyncio.to_thread(migrate, url)
    if not native:
        await select_layout(url)
    at = now()
    layout = await prepare(url, plan, at)
    show({**describe(), "kept in": str(layout), **{k: str(v) for k, v in asdict(plan).items()}})
    stages = []
    async with open_pool(url, name="bench") as pool:
        async for filled in fill(url, plan, at):
            times = await ask_all(pool, plan, filled)
            stages.append((filled, times))
            show({"asked": f"{len(filled.days)} days, {filled.rows / 1e6:.1f} million rows"})
    _show_times(stages)
    return {"layout": str(layout), **_figures(stages), **await _sizes(url)}


def _show_times(stages: list[tuple[Filled, dict[str, Times]]]) -> None:
    table = Table(title="p50 / p95 by the clock, mean processor time; ms", title_justify="left")
    table.add_column("days, million rows")
    for filled, _ in stages:
        table.add_column(f"{len(filled.days)}, {filled.rows / 1e6:.1f}", justify="right")
    for name in QUESTIONS:
        table.add_row(name, *(_cell(times[name]) for _, times in stages))
    _console.print(table)


def _cell(times: Times) -> str:
    return f"{times.p50:.1f} / {times.p95:.1f}, {times.cpu:.1f}"


def _figures(stages: list[tuple[Filled, dict[str, Times]]]) -> dict[str, object]:
    last = stages[-1][0]
    return {
        "rows": last.rows,
        "stored_per_s": round(last.rows / last.store_s),
        "rolled_up_per_s": round(last.rows / last.roll_up_s),
        "stages": [
            {
                "days": len(filled.days),
                "rows": filled.rows,
                "ms": {name: asdict(each) for name, each in times.items()},
            }
            for filled, times in stages
        ],
    }


async def _sizes(url: str) -> dict[str, int]:
    async with open_alone(url, name="bench") as db:
        usage = await read_usage(db)
    return {"sample_bytes": usage.sample_bytes, "rollup_bytes": usage.rollup_bytes}


@contextmanager
def _database(server: str | None) -> Iterator[str]:
    name = f"bench_{uuid.uuid4().hex[:8]}"
    if server is not None:
        try:
            yield create_database(server, name)
        finally:
            drop_database(server, name)
        return
    folder = Path(tempfile.mkdtemp(prefix="patrolhub-bench-"))
    try:
        with postgres(folder / "pgdata") as url:
            yield create_database(url, name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
