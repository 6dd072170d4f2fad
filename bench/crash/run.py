"""Kills at random while terminals speak, and then counts."""

import secrets
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bench.crash.check import Found, wait_until_quiet
from bench.crash.database import Database, database, small_disk
from bench.crash.terminals import Crowd
from bench.crash.victims import (
    Victim,
    broker_victim,
    database_victim,
    disk_victim,
    outages,
    process_victim,
    supervised,
)
from bench.ingest.load import DISTRICT, terminal_id
from bench.ingest.rig import HUB, SAVES_EVERY_S, Rig, register
from deploy.local.mosquitto import Mosquitto
from deploy.local.postgres import create_database
from deploy.local.processes import run_command
from hub.devices.listing import RegistryRow
from hub.devices.provisioning import make_passwords, write_broker_files
from wire.topics import Kind

KINDS = ("ingest", "worker", "broker", "database", "full disk")
_TWO_AT_ONCE = 0.2


@dataclass(frozen=True)
class Plan:
    """`kinds` are struck in turn where `in_turn`, else at random."""

    kills: int
    terminals: int
    per_s: float
    seed: int = 1
    kinds: Sequence[str] = KINDS
    in_turn: bool = False
    longest_pause_s: float = 2.5
    settle_within_s: float = 300.0


@dataclass(frozen=True)
class Outcome:
    """What was done, and what is found afterwards; `outages` are those that ingest spoke of."""

    kills: dict[str, int]
    found: Found
    outages: int
    settled_s: float


def run(plan: Plan, say: Callable[[str], None]) -> Outcome:
    """Everything from an empty folder to the count. Raises where something does not come back."""
    with tempfile.TemporaryDirectory(prefix="patrolhub-crash-") as name, ExitStack() as stack:
        folder = Path(name)
        wanted = "full disk" in plan.kinds
        is_small = stack.enter_context(small_disk(folder / "disk", wanted=wanted))
        server = stack.enter_context(database(folder / "disk" / "pgdata"))
        rig, crowd = _hub(folder / "hub", server, plan)
        rig.broker.start()
        stack.callback(rig.broker.stop)
        kinds = [kind for kind in plan.kinds if kind != "full disk" or is_small]
        if wanted and not is_small:
            say("no disk is filled: only root may mount a small one")
        return _strike(plan, kinds, rig, server, crowd, say)


def _hub(folder: Path, server: Database, plan: Plan) -> tuple[Rig, Crowd]:
    """Broker files, database and log-ins for the hub and its terminals; nothing runs yet."""
    terminals = [
        RegistryRow(device_id=terminal_id(number), kind=Kind.TERMINAL, name_zh="", name_en="")
        for number in range(plan.terminals)
    ]
    passwords, hub_password = make_passwords(terminals, {}), secrets.token_urlsafe(12)
    write_broker_files(folder, DISTRICT, terminals, passwords, (HUB, hub_password))
    url = create_database(server.url, "hub")
    rig = Rig(folder, Mosquitto(folder, saves_every_s=SAVES_EVERY_S), hub_password, url)
    run_command(["hub", "migrate"], rig.environment)
    register(url, plan.terminals)
    words = [passwords[terminal.device_id] for terminal in terminals]
    return rig, Crowd(rig.broker.device_port, words, plan.per_s)


def _strike(
    plan: Plan,
    kinds: Sequence[str],
    rig: Rig,
    server: Database,
    crowd: Crowd,
    say: Callable[[str], None],
) -> Outcome:
    ingest, worker = rig.ingest(), rig.worker()
    everyone = {
        "ingest": process_victim(ingest),
        "worker": process_victim(worker),
        "broker": broker_victim(rig.broker),
        "database": database_victim(server),
        "full disk": disk_victim(server, ingest.log_path),
    }
    with supervised(ingest, worker):
        crowd.start()
        try:
            struck = _kill(plan, {kind: everyone[kind] for kind in kinds}, say)
            calm_at = time.monotonic()
            crowd.hush(plan.settle_within_s)
            found = wait_until_quiet(rig, crowd.terminals, plan.settle_within_s)
        finally:
            crowd.stop()
    settled_s = round(time.monotonic() - calm_at, 1)
    return Outcome(struck, found, outages(ingest.log_path), settled_s)


def _kill(plan: Plan, victims: dict[str, Victim], say: Callable[[str], None]) -> dict[str, int]:
    """Strike as often as planned, now and then two at once; how often each was struck."""
    rng = Random(plan.seed)
    struck: Counter[str] = Counter()
    while struck.total() < plan.kills:
        time.sleep(rng.uniform(0.2, plan.longest_pause_s))
        if plan.in_turn:
            kinds = [list(victims)[struck.total() % len(victims)]]
        else:
            kinds = rng.sample(list(victims), 2 if rng.random() < _TWO_AT_ONCE else 1)
        for kind in kinds:
            victims[kind].strike()
        time.sleep(rng.uniform(0.0, 1.0))
        for kind in kinds:
            victims[kind].revive()
        struck.update(kinds)
        say(f"{struck.total()} of {plan.kills}: {' and '.join(kinds)}")
    return dict(struck)
