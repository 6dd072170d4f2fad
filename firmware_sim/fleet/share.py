"""The part of a fleet that runs in one process."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from pydantic import TypeAdapter

from firmware_sim.client import ConnectionSettings
from firmware_sim.district.folder import SimulatedDistrict
from firmware_sim.fleet.counters import FleetCounters
from firmware_sim.fleet.exercise import Exercise, draw_zones
from firmware_sim.fleet.ground_truth import GroundTruthWriter
from firmware_sim.fleet.journey import Journey
from firmware_sim.fleet.terminal import FleetContext, FleetTerminal
from firmware_sim.geometry import LocalProjection

_REPORT_EVERY_S = 0.5
_CONNECT_EVERY_S = 0.01
"""Connections are opened one after another, so that the start of a fleet does not flood the broker."""
_KEEPALIVE_S = 60
_ANSWERS_WITHIN_S = 60.0
"""A busy machine is late with everything, and connecting again too early makes it busier."""


@dataclass(frozen=True)
class Share:
    """Which terminals, and where: of the first `terminals` of the district each `parts`-th."""

    folder: Path
    credentials: Path
    host: str
    port: int
    truth: Path
    terminals: int
    part: int
    parts: int
    settle_s: float


SHARE: TypeAdapter[Share] = TypeAdapter(Share)


async def play(
    share: Share,
    exercise: Exercise,
    district: SimulatedDistrict,
    passwords: Mapping[str, str],
    out: TextIO,
) -> None:
    """Run the terminals until their journeys are over, or this is cancelled.

    FleetCounters are written to `out` as a line of JSON twice a second.
    """
    counters = FleetCounters()
    with GroundTruthWriter(share.truth, share.part) as truth:
        context = FleetContext(district.info.code, exercise, time.monotonic(), truth, counters)
        terminals = _terminals(share, context, district, passwords)
        async with asyncio.TaskGroup() as tasks:
            lives = [tasks.create_task(_report(terminals, counters, out))]
            for number, terminal in enumerate(terminals):
                run = terminal.run(connect_after_s=number * _CONNECT_EVERY_S)
                lives.append(tasks.create_task(run, name=terminal.device_id))
            await _all_home(terminals, context, share.settle_s)
            for life in lives:
                life.cancel()
    _count(terminals, counters)
    _write(counters, out)


def _terminals(
    share: Share, context: FleetContext, district: SimulatedDistrict, passwords: Mapping[str, str]
) -> list[FleetTerminal]:
    rows = {row.device_id: row for row in district.devices}
    projection = LocalProjection(*district.info.center)
    plans = district.simulation.terminals[: share.terminals]
    zones = draw_zones(context.exercise, plans, projection)
    return [
        FleetTerminal(
            rows[plan.device_id],
            Journey(context.exercise, plan, projection, zones),
            _settings(share, passwords[plan.device_id]),
            context,
        )
        for plan in plans[share.part :: share.parts]
    ]


def _settings(share: Share, password: str) -> ConnectionSettings:
    return ConnectionSettings(
        share.host,
        share.port,
        password,
        keepalive_s=_KEEPALIVE_S,
        answers_within_s=_ANSWERS_WITHIN_S,
    )


async def _all_home(terminals: list[FleetTerminal], context: FleetContext, settle_s: float) -> None:
    """Return once every journey is over and delivered, or the time to deliver it has passed."""
    over_s = context.exercise.seconds
    await asyncio.sleep(max(0.0, over_s - context.now_s()))
    while context.now_s() < over_s + settle_s:
        if all(terminal.is_home for terminal in terminals):
            return
        await asyncio.sleep(_REPORT_EVERY_S)


async def _report(terminals: list[FleetTerminal], counters: FleetCounters, out: TextIO) -> None:
    while True:
        _count(terminals, counters)
        _write(counters, out)
        await asyncio.sleep(_REPORT_EVERY_S)


def _count(terminals: list[FleetTerminal], counters: FleetCounters) -> None:
    counters.terminals = len(terminals)
    counters.connected = sum(terminal.connection.connected.is_set() for terminal in terminals)
    counters.waiting = sum(terminal.waiting for terminal in terminals)
    counters.travelling = sum(terminal.is_travelling for terminal in terminals)


def _write(counters: FleetCounters, out: TextIO) -> None:
    out.write(counters.line() + "\n")
    out.flush()
