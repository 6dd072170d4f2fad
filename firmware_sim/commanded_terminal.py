"""What a terminal offers to those who carry out its commands."""

import asyncio
from contextlib import AbstractContextManager
from random import Random
from typing import Protocol

from firmware_sim.battery import Battery
from firmware_sim.device_clock import DeviceClock
from firmware_sim.device_config import Configuration
from firmware_sim.district.files import DeviceRecord
from firmware_sim.geometry import XY
from firmware_sim.received_commands import ReceivedCommands
from firmware_sim.surroundings import Surroundings
from firmware_sim.walking import WalkerPosition
from wire.messages import Ack, Place


class CommandedTerminal(Protocol):
    """The terminal and its holder, as far as commands need them."""

    row: DeviceRecord
    around: Surroundings
    rng: Random
    clock: DeviceClock
    config: Configuration
    battery: Battery
    commands: ReceivedCommands
    errand: asyncio.Lock
    """Held on the way to a task and at work there: nobody is in two places at once."""

    @property
    def device_id(self) -> str: ...

    def position(self) -> WalkerPosition: ...

    def place(self) -> Place: ...

    def engaged(self) -> AbstractContextManager[None]:
        """While anything keeps the holder from the patrol."""

    async def walk_to(self, point: XY) -> None:
        """Return on arrival."""

    async def photograph(self, asset_id: str | None, point: XY) -> str:
        """Send a photo of what is there; returns its hash."""

    async def send_position(self) -> None: ...

    def send_ack(self, ack: Ack) -> None: ...

    async def settled(self) -> None:
        """Return once everything is with the broker."""

    def reboot(self) -> None: ...

    def log_activity(self, did: str, **facts: str | float | list[float] | list[str] | None) -> None:
        """Record an activity."""
