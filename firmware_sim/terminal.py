"""A simulated patrol terminal and its holder."""

import asyncio
import hashlib
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from random import Random
from uuid import uuid4

from firmware_sim import presence
from firmware_sim.battery import LOW, Battery
from firmware_sim.client import ConnectionSettings
from firmware_sim.command_executor import CommandExecutor
from firmware_sim.connection import Connection
from firmware_sim.device_config import Configuration
from firmware_sim.district.files import DeviceRecord, TerminalPlan
from firmware_sim.faults import Faults
from firmware_sim.geometry import XY
from firmware_sim.outbox import DeviceOutbox
from firmware_sim.outgoing_message import Branch, OutgoingMessage
from firmware_sim.received_commands import ReceivedCommands
from firmware_sim.surroundings import Surroundings
from firmware_sim.telemetry import Recorder, observe
from firmware_sim.walking import WALK_MPS, Walker, WalkerPosition
from scenes import CoverState
from wire import topics
from wire.messages import (
    Ack,
    EventType,
    Place,
    Sample,
    TerminalEvent,
    TerminalStatus,
)
from wire.topics import Kind, Leaf


class SimulatedTerminal:
    """The constructor has no effects; `run` lives until cancelled."""

    def __init__(
        self,
        row: DeviceRecord,
        plan: TerminalPlan,
        settings: ConnectionSettings,
        around: Surroundings,
    ) -> None:
        self.row = row
        self.around = around
        self.branch = Branch(around.district, Kind.TERMINAL, row.device_id)
        self.rng = Random(f"{around.seed}/{row.device_id}")
        self.clock = around.device_clock()
        self.config = Configuration(around.habits.interval_s)
        route = [around.projection.to_metres(place) for place in plan.route]
        self.walker = Walker(route, plan.start_m, around.habits.patrol_mps, around.clock)
        self.battery = Battery(self.rng.uniform(62, 100), around.clock)
        faults = Faults(around.faults, Random(f"{around.seed}/{row.device_id}/faults"))
        self.connection = Connection(settings, self, faults, around.activity, self.rng)
        self.outbox = DeviceOutbox(self.connection)
        self.recorder = Recorder(self.branch, self.connection)
        self.commands = ReceivedCommands()
        self._executor = CommandExecutor(self)
        self._tasks: asyncio.TaskGroup | None = None
        self._reported_low = False
        self._engagements = 0
        self.errand = asyncio.Lock()
        """Held on the way to a task and at work there: nobody is in two places at once."""

    @property
    def device_id(self) -> str:
        return self.row.device_id

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            tasks.create_task(self.connection.hold(), name=f"{self.device_id} connection")
            tasks.create_task(self.outbox.run(), name=f"{self.device_id} outbox")
            tasks.create_task(self._report_position(), name=f"{self.device_id} telemetry")

    # For the connection.

    def birth(self) -> OutgoingMessage:
        return self._status(presence.birth(self.row, self.recorder.boot_id, self.clock.now()))

    def last_will(self) -> OutgoingMessage:
        return self._status(presence.last_will(self.recorder.boot_id))

    def subscriptions(self) -> list[str]:
        commands = topics.own_commands(self.around.district, Kind.TERMINAL, self.device_id)
        return [commands, self.branch.topic(Leaf.CONFIG_DESIRED)]

    async def receive(self, topic: str, payload: bytes) -> None:
        address = topics.parse(topic)
        if address.leaf is Leaf.CONFIG_DESIRED:
            self._configure(payload)
        else:
            self._take_command(address.tail, payload)

    def send_again(self) -> None:
        self.outbox.send_again()
        self.recorder.send_again()

    # Actions of the holder.

    def sos(self, text: str = "紧急求助") -> None:
        self.send_event(EventType.SOS, text=text)

    def check_in(self) -> None:
        self.send_event(EventType.CHECKIN, text="签到")

    def fall(self) -> None:
        self.send_event(EventType.FALL, text="检测到跌倒")

    def low_battery(self) -> None:
        """Run the battery down until the terminal reports it."""
        self.battery.drop_to(LOW - 1)
        self._report_low_battery()

    async def report(self, asset_id: str, category: str, condition: str, text: str) -> None:
        """Walk up to a cover, photograph it, and report what is wrong."""
        point = self.around.world.place(asset_id)
        with self.engaged():
            async with self.errand:
                await self.walk_to(point)
                sha256 = await self.photograph(asset_id, point)
        self.send_event(
            EventType.REPORT, text=text, category=category, condition=condition, evidence=(sha256,)
        )

    def send_event(
        self,
        event: EventType,
        text: str,
        category: str | None = None,
        condition: str | None = None,
        evidence: tuple[str, ...] = (),
    ) -> None:
        message = TerminalEvent(
            event_id=str(uuid4()),
            type=event,
            observed_at=self.clock.now(),
            place=self.place(),
            text=text,
            category=category,
            condition=condition,
            evidence=evidence,
        )
        self.outbox.put(self.branch.message(Leaf.EVENTS, message))
        did = "photo_report" if event is EventType.REPORT else event.value
        self.log_activity(
            did, event_id=message.event_id, evidence=list(evidence), place=self._lon_lat()
        )

    async def photograph(self, asset_id: str | None, point: XY) -> str:
        """Take a photo of what is there and send it; returns its hash."""
        world = self.around.world
        seed, state = world.photo_seed(asset_id, point), world.cover(asset_id)
        data = await self.around.pictures.photo(seed, state)
        sha256 = hashlib.sha256(data).hexdigest()
        self.outbox.put(self.branch.jpeg(Leaf.EVIDENCE, data, sha256))
        shown = state.value if isinstance(state, CoverState) else str(state)
        self.log_activity(
            "photo_sent", sha256=sha256, bytes=len(data), shows=shown, asset_id=asset_id
        )
        return sha256

    async def walk_to(self, point: XY) -> None:
        """Walk along roads, faster than in real life if the habits say so; returns on arrival."""
        way = self.around.roads.way(self.walker.position().point, point)
        takes_s = self.walker.go(way, WALK_MPS * self.around.habits.walk_speed)
        self.log_activity(
            "walking", to=list(self.around.projection.to_degrees(point)), takes_s=round(takes_s, 1)
        )
        await asyncio.sleep(takes_s)
        self.log_activity("arrived", place=self._lon_lat())

    @contextmanager
    def engaged(self) -> Iterator[None]:
        """While anything keeps the holder from the patrol; after the last of it, walk back."""
        self._engagements += 1
        try:
            yield
        finally:
            self._engagements -= 1
            if self._engagements == 0:
                self._walk_back()

    def _walk_back(self) -> None:
        here = self.walker.position().point
        self.walker.go_back(self.around.roads.way(here, self.walker.turning_point()))

    # For those who carry out commands.

    def position(self) -> WalkerPosition:
        return self.walker.position()

    def place(self) -> Place:
        lon, lat = self._lon_lat()
        return Place(lon=lon, lat=lat, accuracy_m=5.0)

    def send_ack(self, ack: Ack) -> None:
        self.outbox.put(self.branch.message(Leaf.ACKS, ack, ack.command_id))
        self.log_activity(
            f"command_{ack.state}", command_id=ack.command_id, rev=ack.rev, reason=ack.reason
        )

    async def send_position(self) -> None:
        await self.recorder.send(self._sample())

    async def settled(self) -> None:
        """Return once everything is with the broker."""
        await self.outbox.settled()

    def reboot(self) -> None:
        """A new boot id; the broker sees a broken line and then a new birth."""
        self.connection.cut()
        self.recorder.restart()
        self.connection.restore()

    def log_activity(self, did: str, **facts: str | float | list[float] | list[str] | None) -> None:
        self.around.activity.record(self.device_id, did, **facts)

    def _status(self, status: TerminalStatus) -> OutgoingMessage:
        return self.branch.message(Leaf.STATUS, status)

    def _take_command(self, command_id: str, payload: bytes) -> None:
        receipt = self.commands.take(command_id, payload, self.clock.now())
        self.send_ack(receipt.ack)
        if receipt.to_do is not None:
            self._spawn(self._executor.carry_out(receipt.to_do))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        assert self._tasks is not None
        self._tasks.create_task(work)

    def _configure(self, payload: bytes) -> None:
        """An empty payload withdraws the retained desired state and changes nothing."""
        if payload:
            report = self.config.take_over(payload)
            self.outbox.put(self.branch.message(Leaf.CONFIG_REPORTED, report))
            self.log_activity("config_reported", version=report.version, error=report.error)

    async def _report_position(self) -> None:
        """Send a sample every interval, connected or not, after any backlog."""
        await asyncio.sleep(self.rng.uniform(0, min(1.0, self.config.interval_s)))
        while True:
            if self.connection.connected.is_set() and self.recorder.kept:
                await self._send_backlog()
            await self.send_position()
            if self.battery.level() < LOW:
                self._report_low_battery()
            await asyncio.sleep(self.config.interval_s)

    async def _send_backlog(self) -> None:
        sent = await self.recorder.send_backlog()
        if sent:
            self.log_activity("backlog_sent", samples=sent)

    def _report_low_battery(self) -> None:
        if not self._reported_low:
            self._reported_low = True
            self.send_event(EventType.LOW_BATTERY, text=f"电量 {self.battery.level():.0f}%")

    def _lon_lat(self) -> list[float]:
        return list(self.around.projection.to_degrees(self.walker.position().point))

    def _sample(self) -> Sample:
        recorder, position = self.recorder, self.walker.position()
        key, at, level = (
            (recorder.boot_id, recorder.number()),
            self.clock.now(),
            self.battery.level(),
        )
        return observe(self.rng, self.around.projection, position, *key, at, level)
