"""A simulated street camera, which sends frames to its edge node and does little else."""

import asyncio
from random import Random
from uuid import uuid4

from firmware_sim.client import ConnectionSettings
from firmware_sim.connection import Connection, CutOff
from firmware_sim.district.files import CameraPlan, DeviceRecord
from firmware_sim.faults import Faults
from firmware_sim.outbox import DeviceOutbox
from firmware_sim.outgoing_message import Branch, OutgoingMessage
from firmware_sim.presence import FIRMWARE
from firmware_sim.received_commands import ReceivedCommands
from firmware_sim.surroundings import Surroundings
from wire import frames, topics
from wire.limits import CONTRACT_VERSION
from wire.messages import (
    Ack,
    AckState,
    CameraStatus,
    CommandType,
    Link,
    Stream,
)
from wire.topics import Kind, Leaf

_REFUSALS = {
    CommandType.SNAPSHOT: (
        AckState.FAILED,
        "a camera has no way to send photos; ask its edge node",
    ),
    CommandType.PTZ_GOTO: (AckState.REJECTED, "this camera is fixed"),
    CommandType.RECORD_CLIP: (AckState.REJECTED, "this camera records nothing"),
}


class SimulatedCamera:
    """Shows the cover that it looks at, in the cover's present state."""

    def __init__(
        self,
        row: DeviceRecord,
        plan: CameraPlan,
        settings: ConnectionSettings,
        around: Surroundings,
    ) -> None:
        self.row = row
        self.branch = Branch(around.district, Kind.CAMERA, row.device_id)
        self._plan = plan
        self._around = around
        self._clock = around.device_clock()
        self._boot_id = str(uuid4())
        rng = Random(f"{around.seed}/{row.device_id}")
        faults = Faults(around.faults, Random(f"{around.seed}/{row.device_id}/faults"))
        self.connection = Connection(settings, self, faults, around.activity, rng)
        self.outbox = DeviceOutbox(self.connection)
        self._commands = ReceivedCommands()
        self.showing = asyncio.Event()

    @property
    def device_id(self) -> str:
        return self.row.device_id

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.connection.hold(), name=f"{self.device_id} connection")
            tasks.create_task(self.outbox.run(), name=f"{self.device_id} outbox")
            tasks.create_task(self._show(), name=f"{self.device_id} frames")

    def birth(self) -> OutgoingMessage:
        fps = self._around.habits.camera_fps
        return self._status(
            CameraStatus(
                state=Link.ONLINE,
                boot_id=self._boot_id,
                at=self._clock.now(),
                firmware=FIRMWARE,
                contract=CONTRACT_VERSION,
                streams=(Stream(role="main", width=1280, height=720, fps=fps),),
                health="ok",
            )
        )

    def last_will(self) -> OutgoingMessage:
        return self._status(CameraStatus(state=Link.OFFLINE, boot_id=self._boot_id))

    def subscriptions(self) -> list[str]:
        return [topics.own_commands(self.branch.district, Kind.CAMERA, self.device_id)]

    async def receive(self, topic: str, payload: bytes) -> None:
        command_id, now = topics.parse(topic).tail, self._clock.now()
        receipt = self._commands.take(command_id, payload, now)
        self._send_ack(receipt.ack)
        if (command := receipt.to_do) is not None:
            unknown = (AckState.REJECTED, f"a camera can't do {command.type}")
            state, reason = _REFUSALS.get(command.type, unknown)
            self._send_ack(self._commands.advance(command.command_id, state, now, reason))

    def send_again(self) -> None:
        self.outbox.send_again()

    async def _show(self) -> None:
        """Publish frames while there is a connection; none is kept for later."""
        await self.connection.connected.wait()
        scene = await self._around.pictures.street(self._plan.scene_seed)
        began_s, every_s, seq = self._around.clock(), 1 / self._around.habits.camera_fps, 0
        while True:
            await self.connection.connected.wait()
            asked_s, at = self._around.clock(), self._clock.now()
            cover = self._around.world.cover(self._plan.asset_id)
            data = await self._around.pictures.street_frame(scene, asked_s - began_s, cover)
            seq += 1
            properties = ((frames.OBSERVED_AT, at.isoformat()), (frames.SEQ, str(seq)))
            try:
                await self.connection.publish(
                    self.branch.jpeg(Leaf.FRAMES, data, properties=properties)
                )
            except CutOff:
                continue
            if not self.showing.is_set():
                self.showing.set()
                self._around.activity.record(self.device_id, "first_frame", bytes=len(data))
            await asyncio.sleep(max(0.0, every_s - (self._around.clock() - asked_s)))

    def _status(self, status: CameraStatus) -> OutgoingMessage:
        return self.branch.message(Leaf.STATUS, status)

    def _send_ack(self, ack: Ack) -> None:
        self.outbox.put(self.branch.message(Leaf.ACKS, ack, ack.command_id))
        did = f"command_{ack.state}"
        self._around.activity.record(
            self.device_id, did, command_id=ack.command_id, rev=ack.rev, reason=ack.reason
        )
