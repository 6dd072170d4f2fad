"""`script/bench dedup`."""

import asyncio
import contextlib
import json
import logging
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.table import Table

from bench.dedup.run import found, live_through
from bench.dedup.score import MergeScore
from bench.dedup.world import Hardness, SimulatedWeek, build
from bench.machine import describe, show
from deploy.local.postgres import create_database, drop_database, postgres
from hub.db import open_pool
from hub.db.migrate import migrate

_console = Console(highlight=False, width=120)


def dedup(
    faults: Annotated[int, typer.Option(min=10, max=5000, help="Faults of the week.")] = 400,
    seed: Annotated[int, typer.Option(help="Another seed is another week.")] = 1,
    hardness: Annotated[
        str,
        typer.Option(
            help="Factors, separated by commas: how much harder than usual; last is told."
        ),
    ] = "1",
    server: Annotated[
        str | None,
        typer.Option(help="URL of the database `postgres` of a server; otherwise one is started."),
    ] = None,
) -> None:
    """Measure whether signals of one fault become one case, and those of two faults two.

    A simulated week with ground truth: cameras, terminals and callers, who are off by more than they say,
    come late, and see faults with others of the same kind beside them; repairs, and faults that come back
    after one. Every signal, repair and decision goes through the hub's use cases on a database of its own.
    Goal: precision and recall of merging, by pairs of signals, 0.97 each.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    factors = [float(factor) for factor in hardness.split(",")]
    show(describe() | {"world": f"{faults} faults, seed {seed}"})
    with _server(server) as url:
        scores = {f: _measure(url, build(seed, faults, Hardness().times(f))) for f in factors}
    _show(scores)
    last = scores[factors[-1]]
    shares = {"precision": round(last.precision, 4), "recall": round(last.recall, 4)}
    typer.echo(json.dumps(shares | {"cases": last.cases, "signals": last.signals}))


def _show(scores: Mapping[float, MergeScore]) -> None:
    table = Table("hardness", "signals", "faults", "cases", "precision", "recall")
    for factor, each in scores.items():
        counts = (each.signals, each.faults, each.cases)
        shares = (f"{each.precision:.4f}", f"{each.recall:.4f}")
        table.add_row(f"{factor:g}", *map(str, counts), *shares)
    _console.print(table)


def _measure(server: str, world: SimulatedWeek) -> MergeScore:
    name = f"bench_dedup_{uuid.uuid4().hex[:8]}"
    url = create_database(server, name)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            migrate(url)
        return asyncio.run(_live(url, world))
    finally:
        drop_database(server, name)


async def _live(url: str, world: SimulatedWeek) -> MergeScore:
    async with open_pool(url, name="bench", max_size=2) as pool:
        await found(pool, world)
        return await live_through(pool, world)


@contextmanager
def _server(given: str | None) -> Iterator[str]:
    if given is not None:
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="patrolhub-bench-"))
    try:
        with postgres(folder / "pgdata") as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)
