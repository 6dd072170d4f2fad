"""A terminal of a fleet: walks its journey in real time, over a connection of its own."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from firmware_sim import presence
from firmware_sim.client import ConnectionSettings
from firmware_sim.connection import NOT_TAKEN, Connection
from firmware_sim.district.files import DeviceRecord
from firmware_sim.faults import FaultRates, Faults
from firmware_sim.fleet.answers import Answers
from firmware_sim.fleet.counters import CountingActivityLog, FleetCounters
from firmware_sim.fleet.exercise import Exercise
from firmware_sim.fleet.ground_truth import GroundTruthWriter, digest
from firmware_sim.fleet.journey import Booted, Happened, Journey, LineBack, LineLost, Recorded, Step
from firmware_sim.outbox import DeviceOutbox
from firmware_sim.outgoing_message import Branch, OutgoingMessage
from firmware_sim.telemetry import Recorder
from wire import topics
from wire.messages import Sample, TerminalEvent
from wire.topics import Kind, Leaf

_LOOK_EVERY_S = 0.25
_WRONG_CLOCK_S = 30.0


@dataclass(frozen=True)
class FleetContext:
    """Shared by the terminals of a process. `began_s` is the beginning on the monotonic clock."""

    district: str
    exercise: Exercise
    began_s: float
    truth: GroundTruthWriter
    counters: FleetCounters

    def now_s(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.began_s


class FleetTerminal:
    """The constructor has no effects; `run` lives until cancelled."""

    def __init__(
        self,
        row: DeviceRecord,
        journey: Journey,
        settings: ConnectionSettings,
        context: FleetContext,
    ) -> None:
        self.branch = Branch(context.district, Kind.TERMINAL, row.device_id)
        self._row = row
        self._journey = journey
        self._context = context
        self._boot_id = ""
        rng = context.exercise.rng(row.device_id, "connection")
        activity = CountingActivityLog(context.counters)
        self.connection = Connection(settings, self, Faults(FaultRates(), rng), activity, rng)
        self._outbox = DeviceOutbox(self.connection, self._took_message)
        self._recorder = Recorder(self.branch, self.connection, self._took_samples)
        interval_s = context.exercise.interval_s
        self._answers = Answers(self.branch, self._outbox, self._now, interval_s)
        self.is_travelling = True

    @property
    def device_id(self) -> str:
        return self.branch.device_id

    @property
    def waiting(self) -> int:
        """The number of samples that are not delivered yet."""
        return self._recorder.kept

    @property
    def is_home(self) -> bool:
        """The journey is over, and all of it has been delivered."""
        return not (self.is_travelling or self._recorder.kept) and self._outbox.is_empty

    async def run(self, connect_after_s: float = 0.0) -> None:
        """The journey begins at once, and the connection is opened so much later."""
        steps = self._journey.steps()
        await self._take(next(steps))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._connect(connect_after_s), name=f"{self.device_id} connection")
            tasks.create_task(self._outbox.run(), name=f"{self.device_id} outbox")
            tasks.create_task(self._travel(steps), name=f"{self.device_id} journey")

    # For the connection.

    def birth(self) -> OutgoingMessage:
        status = presence.birth(self._row, self._boot_id, self._now())
        return self.branch.message(Leaf.STATUS, status)

    def last_will(self) -> OutgoingMessage:
        return self.branch.message(Leaf.STATUS, presence.last_will(self._boot_id))

    def subscriptions(self) -> list[str]:
        commands = topics.own_commands(self.branch.district, Kind.TERMINAL, self.device_id)
        return [commands, self.branch.topic(Leaf.CONFIG_DESIRED)]

    async def receive(self, topic: str, payload: bytes) -> None:
        self._answers.receive(topics.parse(topic), payload)

    def send_again(self) -> None:
        self._outbox.send_again()
        self._recorder.send_again()

    async def _connect(self, after_s: float) -> None:
        await asyncio.sleep(after_s)
        await self.connection.hold()

    # The journey.

    async def _travel(self, steps: Iterator[Step]) -> None:
        """Take each step at its time; then deliver the backlog."""
        ahead_s = self._journey.troubles.clock_ahead_s
        if abs(ahead_s) > _WRONG_CLOCK_S:
            self._context.truth.fault(self.device_id, 0.0, "wrong_clock", f"{ahead_s:g}")
        for step in steps:
            await self._until(step.at_s)
            await self._take(step)
        self.is_travelling = False
        while True:
            await self._send_backlog()
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _until(self, at_s: float) -> None:
        left_s = at_s - self._context.now_s()
        await asyncio.sleep(max(0.0, left_s))
        late_s = self._context.now_s() - at_s
        self._context.counters.late_s = max(self._context.counters.late_s, round(late_s, 2))

    async def _take(self, step: Step) -> None:
        self._context.truth.step(self.device_id, step)
        match step:
            case Recorded():
                await self._record(step)
            case Happened(_, event):
                self._outbox.put(self.branch.message(Leaf.EVENTS, event))
            case LineLost():
                self._context.counters.faults += 1
                self.connection.cut()
            case LineBack():
                self.connection.restore()
            case Booted(_, boot_id):
                self._boot_id = boot_id
            case _:
                assert_never(step)

    async def _record(self, step: Recorded) -> None:
        """Send any backlog, then the sample."""
        self._context.counters.recorded += 1
        await self._send_backlog()
        await self._recorder.send(step.sample)
        if step.twice:
            await self._publish(self.branch.samples(Leaf.TELEMETRY, [step.sample]))
        if step.garbage is not None:
            topic = self.branch.topic(Leaf.TELEMETRY)
            if await self._publish(OutgoingMessage(topic, step.garbage, qos=1)):
                self._context.counters.garbage += 1
                name = digest(step.garbage)
                self._context.truth.took(self.device_id, "garbage", name, Leaf.TELEMETRY)

    async def _send_backlog(self) -> None:
        if self._recorder.kept and self.connection.connected.is_set():
            await self._recorder.send_backlog()

    async def _publish(self, message: OutgoingMessage) -> bool:
        """Whether it was taken; otherwise it is not kept."""
        self._context.counters.faults += 1
        try:
            await self.connection.publish(message)
        except NOT_TAKEN:
            return False
        self._context.counters.messages += 1
        return True

    def _took_samples(self, leaf: Leaf, samples: Sequence[Sample]) -> None:
        counters = self._context.counters
        counters.messages += 1
        if leaf is Leaf.TELEMETRY:
            counters.live += len(samples)
        else:
            counters.backlog += len(samples)
        for sample in samples:
            self._context.truth.took_sample(self.device_id, leaf, sample)

    def _took_message(self, message: OutgoingMessage) -> None:
        self._context.counters.messages += 1
        if topics.parse(message.topic).leaf is Leaf.EVENTS:
            self._context.counters.events += 1
            event = TerminalEvent.model_validate_json(message.payload)
            self._context.truth.took(self.device_id, "event", event.event_id, Leaf.EVENTS)

    def _now(self) -> datetime:
        return self._journey.device_time(self._context.now_s())
