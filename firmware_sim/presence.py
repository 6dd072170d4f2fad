"""The status of a terminal: its birth, and the last will that the broker publishes for it."""

from datetime import datetime

from firmware_sim.district.files import DeviceRecord
from wire.limits import CONTRACT_VERSION
from wire.messages import Capability, Link, TerminalStatus

FIRMWARE = "sim-1.0.0"


def birth(row: DeviceRecord, boot_id: str, at: datetime) -> TerminalStatus:
    """`at` is by the terminal's own clock."""
    return TerminalStatus(
        state=Link.ONLINE,
        boot_id=boot_id,
        at=at,
        firmware=FIRMWARE,
        contract=CONTRACT_VERSION,
        capabilities=frozenset(Capability(name) for name in row.capabilities),
        holder=row.holder,
    )


def last_will(boot_id: str) -> TerminalStatus:
    return TerminalStatus(state=Link.OFFLINE, boot_id=boot_id)
