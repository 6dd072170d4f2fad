"""A hub to measure: database, broker, ingest and worker as the demo runs them, and a fleet against it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench import processes
from deploy.local import stack as local
from deploy.local.stack import Options, Stack
from firmware_sim.fleet import descriptors
from firmware_sim.fleet.fleet import FleetOptions

HUB = ("ingest", "worker")
_BROKER_SAVES_EVERY_S = 30


@dataclass(frozen=True)
class Busy:
    """Processor seconds."""

    hub: float
    database: float
    broker: float

    def __sub__(self, earlier: "Busy") -> "Busy":
        return Busy(
            self.hub - earlier.hub,
            self.database - earlier.database,
            self.broker - earlier.broker,
        )


class HubUnderTest:
    """Each fleet has its own truth folder."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack

    def fleet_options(self, terminals: int, name: str, settle_s: float) -> FleetOptions:
        district = self.stack.district_folder
        return FleetOptions(
            folder=district,
            credentials=district / "credentials.json",
            host="127.0.0.1",
            port=self.stack.broker.device_port,
            truth=self.stack.folder / f"truth-{name}",
            terminals=terminals,
            settle_s=settle_s,
        )

    def busy(self) -> Busy:
        return Busy(
            processes.busy_s(self._hub_pids()),
            processes.busy_s(processes.family(self._postmaster())),
            processes.busy_s([self.stack.broker.pid]),
        )

    def memory_mb(self) -> dict[str, float]:
        return {
            "hub": round(processes.rss_mb(self._hub_pids()), 1),
            "broker": round(processes.rss_mb([self.stack.broker.pid]), 1),
        }

    def restart_broker(self) -> None:
        """In order, as for an update; sessions and retained messages stay."""
        self.stack.broker.stop()
        self.stack.broker.start()

    def _hub_pids(self) -> list[int]:
        return [self.stack.supervisor.processes[part].pid for part in HUB]

    def _postmaster(self) -> int:
        file = self.stack.folder / "pgdata" / "postmaster.pid"
        return int(file.read_text(encoding="utf-8").splitlines()[0])


@contextmanager
def hub_under_test(terminals: int, seed: int) -> Iterator[HubUnderTest]:
    """A hub with so many terminals registered; gone afterwards.

    Raises TooFewDescriptors if the broker could not hold so many connections.
    """
    descriptors.allow(terminals)
    options = Options(
        terminals=terminals,
        cameras=0,
        seed=seed,
        parts=HUB,
        broker_saves_every_s=_BROKER_SAVES_EVERY_S,
    )
    with local.running(options) as stack:
        yield HubUnderTest(stack)
