"""Kills processes at random while terminals send, and then counts."""

import secrets
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bench.crash.check import Reconciliation, wait_until_quiet
from bench.crash.database import Database, database, small_disk
from bench.crash.terminals import TerminalGroup
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
from hub.devices.broker_files import write_broker_files
from hub.devices.listing import RegistryRow
from hub.devices.provisioning import broker_logins, make_passwords
from wire.topics import Kind

KINDS = ("ingest", "worker", "broker", "database", "full disk")
_TWO_AT_ONCE = 0.2


@dataclass(frozen=True)
class CrashPlan:
    """`kinds` are struck in turn if `in_turn`, else at random."""

    kills: int
    terminals: int
    per_s: float
    seed: int = 1
    kinds: Sequence[str] = KINDS
    in_turn: bool = False
    longest_pause_s: float = 2.5
    settle_within_s: float = 300.0


@dataclass(frozen=True)
class CrashResult:
    """The kills, and the comparison afterwards; `outages` are those that ingest logged."""

    kills: dict[str, int]
    found: Reconciliation
    outages: int
    settled_s: float


def run(plan: CrashPlan, say: Callable[[str], None]) -> CrashResult:
    """Run everything from an empty folder to the count. Raises if something does not come back."""
    with tempfile.TemporaryDirectory(prefix="patrolhub-crash-") as name, ExitStack() as stack:
        folder = Path(name)
        wanted = "full disk" in plan.kinds
        is_small = stack.enter_context(small_disk(folder / "disk", wanted=wanted))
        server = stack.enter_context(database(folder / "disk" / "pgdata"))
        rig, group = _hub(folder / "hub", server, plan)
        rig.broker.start()
        stack.callback(rig.broker.stop)
        kinds = [kind for kind in plan.kinds if kind != "full disk" or is_small]
        if wanted and not is_small:
            say("no disk is filled: only root may mount a small one")
        return _strike(plan, kinds, rig, server, group, say)


def _hub(folder: Path, server: Database, plan: CrashPlan) -> tuple[Rig, TerminalGroup]:
    """Broker files, database and logins for the hub and its terminals; nothing runs yet."""
    terminals = [
        RegistryRow(device_id=terminal_id(number), kind=Kind.TERMINAL, name_zh="", name_en="")
        for number in range(plan.terminals)
    ]
    passwords, hub_password = make_passwords(terminals, {}), secrets.token_urlsafe(12)
    logins = broker_logins(DISTRICT, terminals)
    write_broker_files(folder, logins, passwords, (HUB, hub_password))
    url = create_database(server.url, "hub")
    rig = Rig(folder, Mosquitto(folder, saves_every_s=SAVES_EVERY_S), hub_password, url)
    run_command(["hub", "migrate"], rig.environment)
    register(url, plan.terminals)
    words = [passwords[terminal.device_id] for terminal in terminals]
    return rig, TerminalGroup(rig.broker.device_port, words, plan.per_s)


def _strike(
    plan: CrashPlan,
    kinds: Sequence[str],
    rig: Rig,
    server: Database,
    group: TerminalGroup,
    say: Callable[[str], None],
) -> CrashResult:
    ingest, worker = rig.ingest(), rig.worker()
    everyone = {
        "ingest": process_victim(ingest),
        "worker": process_victim(worker),
        "broker": broker_victim(rig.broker),
        "database": database_victim(server),
        "full disk": disk_victim(server, ingest.log_path),
    }
    with supervised(ingest, worker):
        group.start()
        try:
            struck = _kill(plan, {kind: everyone[kind] for kind in kinds}, say)
            calm_at = time.monotonic()
            group.stop_sending(plan.settle_within_s)
            found = wait_until_quiet(rig, group.terminals, plan.settle_within_s)
        finally:
            group.stop()
    settled_s = round(time.monotonic() - calm_at, 1)
    return CrashResult(struck, found, outages(ingest.log_path), settled_s)


def _kill(
    plan: CrashPlan, victims: dict[str, Victim], say: Callable[[str], None]
) -> dict[str, int]:
    """Strike as often as planned, sometimes two at once; returns how often each was struck."""
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
