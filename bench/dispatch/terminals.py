"""Many terminals in one process, each with an MQTT session of its own, and an edge node beside them.

    python -m bench.dispatch.terminals

Reads a `Crowd` from the first line of its standard input, connects everybody and writes a line of JSON
with the number of those that are connected twice a second. Each further line is an instruction:
`{"say": [...], "per_s": 10}` sends signals, `{"answer": false}` leaves orders unanswered from now on. The
end of the input ends it. The file `arrivals` gets a line for each order: case, type, and the instant at
which the socket brought it.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TextIO

from pydantic import JsonValue, TypeAdapter

from bench.dispatch import packets
from bench.dispatch.signals import DrawnSignal
from bench.ingest.load import DISTRICT, connect, publish
from wire import topics
from wire.messages import Ack, AckState, Link, TerminalStatus
from wire.topics import Kind, Leaf

_BOOT_ID = "bench"
_CONNECT_EVERY_S = 0.006
_TICK_S = 0.02
_TELL_EVERY_S = 0.5
_ANSWERS = ((AckState.ACCEPTED, "accept_s"), (AckState.SUCCEEDED, "guard_s"))


@dataclass(frozen=True, slots=True)
class PostedTerminal:
    """A terminal: its login, and where its holder stands."""

    device_id: str
    password: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Crowd:
    """Everybody, and how they behave: a position each `interval_s`; an order is confirmed at once,
    taken on after `accept_s` and done after `guard_s`.

    The edge node logs in as the hub, which may write to every topic.
    """

    port: int
    hub_port: int
    hub_login: tuple[str, str]
    people: list[PostedTerminal]
    interval_s: float
    accept_s: float
    guard_s: float
    arrivals: Path

    def as_json(self) -> str:
        return json.dumps(asdict(self) | {"arrivals": str(self.arrivals)})


CROWD: TypeAdapter[Crowd] = TypeAdapter(Crowd)
_SIGNAL: TypeAdapter[DrawnSignal] = TypeAdapter(DrawnSignal)


class BrokerSession(asyncio.Protocol):
    """One connection to the broker. It counts as open once the broker has accepted all of it."""

    def __init__(self, client_id: str, login: tuple[str, str], topic_filter: str | None) -> None:
        self._hello = connect(client_id, *login)
        self._filter = topic_filter
        self._buffer = bytearray()
        self._ids = count(2)
        self._transport: asyncio.Transport | None = None
        self.is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._hello)

    def connection_lost(self, _exc: Exception | None) -> None:
        self.is_open = False

    def data_received(self, data: bytes) -> None:
        came_at = time.time()
        self._buffer += data
        for packet in packets.take_packets(self._buffer):
            self._take(packet, came_at)

    def say(self, topic: str, body: bytes) -> None:
        """Publish at QoS 1; what is said to a closed connection is lost."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(publish(topic, body, next(self._ids) % 65_535 + 1))

    def opened(self) -> None:
        """Called once."""
        self.is_open = True

    def ordered(self, packet: packets.Packet, came_at: float) -> None:
        """Called for each message of a subscription."""

    def _take(self, packet: packets.Packet, came_at: float) -> None:
        if packet.kind == packets.CONNACK and packet.body == packets.ACCEPTED:
            if self._filter is None:
                self.opened()
            else:
                self._write(packets.subscribe(self._filter, 1))
        elif packet.kind == packets.SUBACK:
            self.opened()
        elif packet.kind == packets.PUBLISH:
            self._write(packets.puback(packet.packet_id))
            self.ordered(packet, came_at)

    def _write(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)


class AnsweringTerminal(BrokerSession):
    """A terminal whose holder stands still and does what he is told."""

    def __init__(
        self, person: PostedTerminal, crowd: Crowd, arrivals: TextIO, answering: asyncio.Event
    ) -> None:
        device_id = person.device_id
        commands = topics.own_commands(DISTRICT, Kind.TERMINAL, device_id)
        super().__init__(device_id, (device_id, person.password), commands)
        self._person, self._crowd, self._arrivals = person, crowd, arrivals
        self._answering = answering
        self._seqs = count(1)
        self._known: set[str] = set()
        self._telemetry = self._topic(Leaf.TELEMETRY)

    def opened(self) -> None:
        super().opened()
        status = TerminalStatus(state=Link.ONLINE, boot_id=_BOOT_ID)
        self.say(self._topic(Leaf.STATUS), status.model_dump_json(exclude_none=True).encode())
        self.tell_position()

    def tell_position(self) -> None:
        person = self._person
        sample = {
            "boot_id": _BOOT_ID,
            "seq": next(self._seqs),
            "observed_at": datetime.now(UTC).isoformat(),
            "lon": person.lon,
            "lat": person.lat,
            "accuracy_m": 5.0,
            "battery": 80.0,
        }
        self.say(self._telemetry, json.dumps([sample]).encode())

    def ordered(self, packet: packets.Packet, came_at: float) -> None:
        order = json.loads(packet.payload)
        command_id = str(order["command_id"])
        if command_id in self._known:
            return
        self._known.add(command_id)
        self._arrivals.write(f"{order.get('case_id')} {order['type']} {came_at:.6f}\n")
        if self._answering.is_set():
            self._answer(command_id, AckState.DELIVERED, 1)
            loop = asyncio.get_running_loop()
            for rev, (state, after) in enumerate(_ANSWERS, start=2):
                after_s = float(getattr(self._crowd, after))
                loop.call_later(after_s, self._answer, command_id, state, rev)

    def _answer(self, command_id: str, state: AckState, rev: int) -> None:
        if self._answering.is_set():
            ack = Ack(command_id=command_id, state=state, rev=rev, at=datetime.now(UTC))
            body = ack.model_dump_json(exclude_none=True).encode()
            self.say(self._topic(Leaf.ACKS, command_id), body)

    def _topic(self, leaf: Leaf, tail: str = "") -> str:
        return topics.device(DISTRICT, Kind.TERMINAL, self._person.device_id, leaf, tail)


class Cast:
    """Everybody together."""

    def __init__(self, crowd: Crowd, arrivals: TextIO, out: TextIO) -> None:
        self._crowd, self._arrivals, self._out = crowd, arrivals, out
        self._answering = asyncio.Event()
        self._answering.set()
        self.terminals = [
            AnsweringTerminal(person, crowd, arrivals, self._answering) for person in crowd.people
        ]
        self._edge = BrokerSession("bench-edge", crowd.hub_login, None)
        self._said = 0

    async def run(self, instructions: asyncio.StreamReader) -> None:
        """Until the instructions end."""
        await _open(self._edge, self._crowd.hub_port)
        async with asyncio.TaskGroup() as tasks:
            telling = tasks.create_task(self._tell())
            connecting = tasks.create_task(self._connect())
            reporting = tasks.create_task(self._positions())
            async for line in instructions:
                self._heed(json.loads(line), tasks)
            for task in (telling, connecting, reporting):
                task.cancel()

    def _heed(self, instruction: dict[str, JsonValue], tasks: asyncio.TaskGroup) -> None:
        if "say" in instruction:
            signals = [_SIGNAL.validate_python(each) for each in _listed(instruction["say"])]
            tasks.create_task(self._say(signals, float(str(instruction["per_s"]))))
        elif not instruction.get("answer", True):
            self._answering.clear()

    async def _connect(self) -> None:
        for terminal in self.terminals:
            await _open(terminal, self._crowd.port)
            await asyncio.sleep(_CONNECT_EVERY_S)

    async def _positions(self) -> None:
        """Everybody tells his place in turn, one round an interval."""
        loop = asyncio.get_running_loop()
        began_s, told, crowd = loop.time(), 0, len(self.terminals)
        while True:
            due = int((loop.time() - began_s) / self._crowd.interval_s * crowd)
            for turn in range(max(told, due - crowd), due):
                terminal = self.terminals[turn % crowd]
                if terminal.is_open:
                    terminal.tell_position()
            told = due
            await asyncio.sleep(_TICK_S)

    async def _say(self, signals: Sequence[DrawnSignal], per_s: float) -> None:
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        for number, signal in enumerate(signals):
            await asyncio.sleep(max(0.0, began_s + number / per_s - loop.time()))
            sender = self._edge if signal.sender is None else self.terminals[signal.sender]
            body = signal.body | {signal.instant: datetime.now(UTC).isoformat()}
            sender.say(signal.topic, json.dumps(body).encode())
            self._said += 1

    async def _tell(self) -> None:
        while True:
            is_open = sum(terminal.is_open for terminal in self.terminals)
            line = {"connected": is_open, "edge": self._edge.is_open, "said": self._said}
            self._out.write(json.dumps(line) + "\n")
            self._out.flush()
            self._arrivals.flush()
            await asyncio.sleep(_TELL_EVERY_S)


async def _open(session: BrokerSession, port: int) -> None:
    await asyncio.get_running_loop().create_connection(lambda: session, "127.0.0.1", port)


def _listed(value: JsonValue) -> list[JsonValue]:
    assert isinstance(value, list)
    return value


async def main() -> None:
    loop = asyncio.get_running_loop()
    instructions = asyncio.StreamReader(limit=64 * 1024 * 1024)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(instructions), sys.stdin)
    crowd = CROWD.validate_json(await instructions.readline())
    with crowd.arrivals.open("w", encoding="utf-8") as arrivals:
        await Cast(crowd, arrivals, sys.stdout).run(instructions)


if __name__ == "__main__":
    asyncio.run(main())
