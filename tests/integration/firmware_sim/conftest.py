"""A district of our own, a real Mosquitto with its passwords and access list, and the hub's ear."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiomqtt
import pytest
from pydantic import BaseModel

from deploy.local.mosquitto import Mosquitto, mosquitto
from firmware_sim.activity_log import ActivityLog
from firmware_sim.district.build import DistrictSpec, build_district
from firmware_sim.district.folder import SimulatedDistrict, write_district
from firmware_sim.simulation import RunOptions, Simulation
from firmware_sim.surroundings import Habits
from hub.devices.broker_files import write_broker_files
from wire import topics
from wire.acl import BrokerLogin
from wire.messages import Place
from wire.messages.commands import TaskBody, TaskOrder
from wire.topics import Kind, Leaf

DISTRICT = "530303"
HUB_USER = "hub"
QUICK = Habits(interval_s=0.2, walk_speed=100, think_s=(0.02, 0.05), repair_s=0.05, camera_fps=4)


@pytest.fixture(scope="session")
def district() -> SimulatedDistrict:
    return build_district(DistrictSpec(seed=7, terminals=4, cameras=2, villages=14))


@pytest.fixture
def passwords(district: SimulatedDistrict) -> dict[str, str]:
    return {row.device_id: f"secret of {row.device_id}" for row in district.devices}


@pytest.fixture
def broker(
    tmp_path: Path, district: SimulatedDistrict, passwords: dict[str, str]
) -> Iterator[Mosquitto]:
    folder = tmp_path / "broker"
    logins = [
        BrokerLogin(DISTRICT, Kind(row.kind), row.device_id, row.cameras)
        for row in district.devices
    ]
    write_broker_files(folder, logins, passwords, (HUB_USER, HUB_USER))
    with mosquitto(folder) as running:
        yield running


@dataclass(frozen=True)
class Heard:
    topic: str
    payload: bytes
    retain: bool

    @property
    def address(self) -> topics.Address:
        return topics.parse(self.topic)

    def json(self) -> Any:
        return json.loads(self.payload)


@dataclass
class Ear:
    """Logged in as the hub: hears everything that devices say, and can say things to them."""

    client: aiomqtt.Client
    heard: list[Heard] = field(default_factory=list)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        async for message in self.client.messages:
            assert isinstance(message.payload, bytes)
            self.heard.append(Heard(str(message.topic), message.payload, message.retain))
            self.more.set()
            self.more = asyncio.Event()

    def of(self, device_id: str, *leaves: Leaf) -> list[Heard]:
        return [
            heard
            for heard in self.heard
            if "/hub/" not in heard.topic
            and heard.address.device_id == device_id
            and heard.address.leaf in leaves
        ]

    def acks(self, command_id: str) -> list[dict[str, Any]]:
        return [h.json() for h in self.heard if h.topic.endswith(f"acks/{command_id}")]

    def states(self, command_id: str) -> list[str]:
        return [ack["state"] for ack in self.acks(command_id)]

    async def until(self, condition: Callable[[], Any], within_s: float = 15) -> Any:
        async with asyncio.timeout(within_s):
            while not (found := condition()):
                await self.more.wait()
        return found

    async def until_acked(
        self, command_id: str, state: str, within_s: float = 15
    ) -> dict[str, Any]:
        await self.until(lambda: state in self.states(command_id), within_s)
        return next(ack for ack in self.acks(command_id) if ack["state"] == state)

    async def say(self, topic: str, message: BaseModel | bytes, *, retain: bool = False) -> None:
        payload = message if isinstance(message, bytes) else message.model_dump_json().encode()
        await self.client.publish(topic, payload, qos=1, retain=retain)

    async def command(self, device_id: str, command: Any, kind: Kind = Kind.TERMINAL) -> str:
        topic = topics.device(DISTRICT, kind, device_id, Leaf.COMMANDS, command.command_id)
        await self.say(topic, command)
        return str(command.command_id)


@asynccontextmanager
async def ear_at(broker: Mosquitto) -> AsyncIterator[Ear]:
    async with client_of(broker, HUB_USER, HUB_USER) as client:
        await client.subscribe(f"{topics.PREFIX}/#", qos=1)
        ear = Ear(client)
        listening = asyncio.create_task(ear.listen())
        yield ear
        listening.cancel()


@pytest.fixture
async def ear(broker: Mosquitto) -> AsyncIterator[Ear]:
    async with ear_at(broker) as ear:
        yield ear


def client_of(broker: Mosquitto, user: str, password: str) -> aiomqtt.Client:
    return aiomqtt.Client(
        "127.0.0.1",
        broker.port if user == HUB_USER else broker.device_port,
        username=user,
        password=password,
        identifier=f"test-{user}",
        protocol=aiomqtt.ProtocolVersion.V5,
    )


@dataclass
class Cast:
    """A running simulation, and what it told so far."""

    simulation: Simulation
    told: io.StringIO

    def did(self, device_id: str) -> list[str]:
        lines = [json.loads(line) for line in self.told.getvalue().splitlines()]
        return [line["did"] for line in lines if line["device_id"] == device_id]


Running = Callable[..., Any]


@pytest.fixture
def running(district: SimulatedDistrict, passwords: dict[str, str], broker: Mosquitto) -> Running:
    @asynccontextmanager
    async def run(
        devices: tuple[str, ...], scenario: str = "quiet", *, settled: bool = True, **options: Any
    ) -> Any:
        cast = district_of(district, devices)
        chosen = RunOptions(
            "127.0.0.1", broker.device_port, scenario, **{"habits": QUICK} | options
        )
        told = io.StringIO()
        simulation = Simulation(cast, passwords, chosen, ActivityLog(told))
        task = asyncio.create_task(simulation.run(simulation.player.draw(scenario)))
        try:
            if settled:
                await all_connected(simulation)
            yield Cast(simulation, told)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            if not task.cancelled() and task.exception() is not None:
                raise task.exception()

    return run


async def all_connected(simulation: Simulation) -> None:
    async with asyncio.timeout(20):
        for device in (*simulation.terminals.values(), *simulation.cameras.values()):
            await device.connection.connected.wait()


def district_of(district: SimulatedDistrict, devices: tuple[str, ...]) -> SimulatedDistrict:
    """The same district with only some of its devices."""
    plans = district.simulation
    return replace(
        district,
        devices=tuple(row for row in district.devices if row.device_id in devices),
        simulation=plans.model_copy(
            update={
                "terminals": tuple(p for p in plans.terminals if p.device_id in devices),
                "cameras": tuple(p for p in plans.cameras if p.device_id in devices),
            }
        ),
    )


@pytest.fixture
def folder(tmp_path: Path, district: SimulatedDistrict, passwords: dict[str, str]) -> Path:
    """The district's folder with its credentials."""
    path = tmp_path / "district"
    write_district(district, path)
    (path / "credentials.json").write_text(json.dumps(passwords))
    return path


def cover_place(district: SimulatedDistrict, asset_id: str = "A-0172") -> tuple[float, float]:
    return next(
        asset.geometry.coordinates
        for asset in district.assets.features
        if asset.properties.asset_id == asset_id
    )


def times(valid_s: float = 60) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "command_id": str(uuid4()),
        "issued_at": now - timedelta(seconds=120),
        "expires_at": now + timedelta(seconds=valid_s),
    }


def task(kind: Any, place: tuple[float, float], case_id: int = 1, valid_s: float = 60) -> TaskOrder:
    body = TaskBody(
        title="井盖破损", text="请前往处置", place=Place(lon=place[0], lat=place[1], accuracy_m=8)
    )
    return TaskOrder(type=kind, body=body, case_id=case_id, **times(valid_s))
