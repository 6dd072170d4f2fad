"""Who reported a signal: personal data, kept apart from all that is hashed, and shown masked.

Only who calls a reporter back reads them whole, and each such look is recorded.
"""

import re
from dataclasses import asdict, dataclass

from hub.db import Connection
from hub.signals.signal import Signal
from hub.signals.store import SQL

_DIGITS_SHOWN = 7
"""Of a longer number the first three and the last four digits are shown."""


@dataclass(frozen=True, slots=True)
class Reporter:
    """A person who reported something; `worker_id` if it is a grid worker of the registry."""

    name: str | None = None
    contact: str | None = None
    worker_id: str | None = None
    wants_callback: bool = False

    def masked(self) -> "Reporter":
        """As lists show it: 张*, 138****5678, and m***@example.org."""
        return Reporter(
            masked_name(self.name), masked_contact(self.contact), None, self.wants_callback
        )


def masked_name(name: str | None) -> str | None:
    """The first letter, and a star for each further one."""
    return None if not name else name[0] + "*" * (len(name) - 1)


def masked_contact(contact: str | None) -> str | None:
    """Enough of a number or address to tell two apart, and too little to use it."""
    if not contact:
        return None
    if "@" in contact:
        user, _, domain = contact.rpartition("@")
        return f"{user[:1]}***@{domain}"
    digits = re.sub(r"\D", "", contact)
    if len(digits) > _DIGITS_SHOWN:
        return f"{digits[:3]}{'*' * (len(digits) - _DIGITS_SHOWN)}{digits[-4:]}"
    return "*" * len(contact)


async def keep_reporter(db: Connection, signal_id: int, reporter: Reporter) -> None:
    """Keep who reported a signal; a reporter who is known stays."""
    await db.execute(SQL["keep_reporter"], asdict(reporter) | {"signal_id": signal_id})


async def keep_holder(db: Connection, signal: Signal) -> None:
    """Keep who held the terminal at that time, a worker of the registry, as the reporter of its signal."""
    facts = {
        "signal_id": signal.signal_id,
        "device_id": signal.device_id,
        "at": signal.observed_at,
    }
    await db.execute(SQL["keep_holder"], facts)


async def wants_callback(db: Connection, signal_id: int) -> bool:
    """Whether the reporter of a signal wants to be called back."""
    row = await (await db.execute(SQL["wants_callback"], (signal_id,))).fetchone()
    return row is not None and bool(row[0])
