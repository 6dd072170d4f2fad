"""The three parts of `script/bench fleet`: an ordinary day, a bad day, and a crowd whose broker restarts."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from bench import processes
from bench.fleet.check import FleetComparison, compare
from bench.fleet.hub_under_test import HubUnderTest
from firmware_sim.fleet.exercise import Exercise
from firmware_sim.fleet.fleet import Fleet
from firmware_sim.fleet.troubles import CALM, TroubleRates

_SETTLE_S = 60.0
_STORED_WITHIN_S = 120.0
_LOOK_EVERY_S = 0.2
_LONG_S = 6 * 3600.0
"""For fleets that are stopped once they have been measured."""


class NotInTime(RuntimeError):
    """Something did not happen in time; the message says how far it got."""


@dataclass(frozen=True)
class FleetPlan:
    """`within_s`: how long a fleet may take to connect, and to come back."""

    terminals: int
    seconds: float
    interval_s: float
    seed: int
    within_s: float

    def exercise(self, seconds: float, rates: TroubleRates) -> Exercise:
        return Exercise(self.seed, datetime.now(UTC), seconds, self.interval_s, rates)


@dataclass(frozen=True)
class FleetLoad:
    """The load of a connected fleet: messages a second, and shares of one core.

    `births_waiting`: births that the worker had not processed when measuring began; ideally 0.
    """

    connected: int
    connect_s: float
    births_waiting: int
    messages_per_s: float
    hub: float
    database: float
    broker: float
    fleet: float
    late_s: float
    memory_mb: dict[str, float]


@dataclass(frozen=True)
class Return:
    """Seconds until all were connected again: since the broker stopped, and since it was back."""

    back_s: float
    after_start_s: float


def ordinary_day(hub: HubUnderTest, plan: FleetPlan) -> tuple[FleetLoad, FleetComparison]:
    """Nothing goes wrong: the load, and whether everything has come through."""
    options = hub.fleet_options(plan.terminals, "ordinary", _SETTLE_S)
    with Fleet(options) as fleet:
        load = _load(hub, fleet, plan)
    return load, _verdict(hub, "ordinary", plan)


def bad_day(hub: HubUnderTest, plan: FleetPlan, rates: TroubleRates) -> FleetComparison:
    """Storms, dead zones, flat batteries and garbage, to the end of all journeys."""
    with Fleet(hub.fleet_options(plan.terminals, "bad", _SETTLE_S)) as fleet:
        fleet.start(plan.exercise(plan.seconds, rates))
        limit_s = plan.seconds + _SETTLE_S + plan.within_s
        _until(
            lambda: fleet.is_over, limit_s, lambda: f"{fleet.counters().travelling} still travel"
        )
    return _verdict(hub, "bad", plan)


def crowd(hub: HubUnderTest, plan: FleetPlan) -> tuple[FleetLoad, Return, FleetComparison]:
    """All connected, then the broker restarts under them."""
    with Fleet(hub.fleet_options(plan.terminals, "crowd", _SETTLE_S)) as fleet:
        load = _load(hub, fleet, plan)
        back = _broker_restarts(hub, fleet, plan)
    return load, back, _verdict(hub, "crowd", plan)


def _load(hub: HubUnderTest, fleet: Fleet, plan: FleetPlan) -> FleetLoad:
    """Measured once all are connected and the hub has processed their births."""
    began_s = time.monotonic()
    fleet.start(plan.exercise(_LONG_S, CALM))
    _all_connected(fleet, plan)
    connect_s = time.monotonic() - began_s
    births_waiting = _worked_off(hub, plan.within_s)
    before, start, start_s = hub.busy(), fleet.counters(), time.monotonic()
    own_s = processes.busy_s(fleet.pids)
    time.sleep(plan.seconds)
    used, end, took_s = hub.busy() - before, fleet.counters(), time.monotonic() - start_s
    own_s = processes.busy_s(fleet.pids) - own_s
    return FleetLoad(
        connected=end.connected,
        connect_s=round(connect_s, 1),
        births_waiting=births_waiting,
        messages_per_s=round((end.messages - start.messages) / took_s, 1),
        hub=round(used.hub / took_s, 3),
        database=round(used.database / took_s, 3),
        broker=round(used.broker / took_s, 3),
        fleet=round(own_s / took_s, 3),
        late_s=end.late_s,
        memory_mb=hub.memory_mb(),
    )


def _broker_restarts(hub: HubUnderTest, fleet: Fleet, plan: FleetPlan) -> Return:
    connects, gone_s = fleet.counters().connects, time.monotonic()
    hub.restart_broker()
    there_s = time.monotonic()
    _until(
        lambda: fleet.counters().connects >= connects + plan.terminals,
        plan.within_s,
        lambda: f"{fleet.counters().connected} of {plan.terminals} are back",
    )
    _all_connected(fleet, plan)
    now_s = time.monotonic()
    return Return(round(now_s - gone_s, 1), round(now_s - there_s, 1))


def _all_connected(fleet: Fleet, plan: FleetPlan) -> None:
    _until(
        lambda: fleet.counters().connected == plan.terminals,
        plan.within_s,
        lambda: (
            f"{fleet.counters().connected} of {plan.terminals} are connected; "
            f"lost: {dict(fleet.counters().reasons)}"
        ),
    )


def _verdict(hub: HubUnderTest, name: str, plan: FleetPlan) -> FleetComparison:
    """Compare once the hub has had time to store what the broker took."""
    truth = hub.fleet_options(plan.terminals, name, _SETTLE_S).truth
    deadline = time.monotonic() + _STORED_WITHIN_S
    while True:
        verdict = compare(truth, hub.stack.database_url)
        if verdict.holds or time.monotonic() > deadline:
            return verdict
        time.sleep(1.0)


def _worked_off(hub: HubUnderTest, within_s: float) -> int:
    """Give the worker time to process the inbox; returns what it leaves."""
    deadline = time.monotonic() + within_s
    with psycopg.connect(hub.stack.database_url, autocommit=True) as db:
        while waiting := _waiting(db):
            if time.monotonic() > deadline:
                break
            time.sleep(_LOOK_EVERY_S)
    return waiting


def _waiting(db: Connection[TupleRow]) -> int:
    row = db.execute("SELECT count(*) FROM inbox WHERE state = 'pending'").fetchone()
    assert row is not None
    return int(row[0])


def _until(condition: Callable[[], bool], within_s: float, how_far: Callable[[], str]) -> None:
    """Raises NotInTime."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise NotInTime(f"not in {within_s:.0f} s: {how_far()}")
        time.sleep(_LOOK_EVERY_S)
