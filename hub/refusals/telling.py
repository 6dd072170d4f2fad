"""Devices are told what was refused of their messages, each at most so many a minute."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.db import SHARE, record_row
from hub.journal.unit_of_work import UnitOfWork
from hub.refusals.store import SQL
from wire import topics
from wire.messages import RefusalOutcome, Refused
from wire.topics import Leaf

TOLD_A_MINUTE = 10
"""Of one device; the next one that is told says how many were passed over."""
TOLD_WITHIN = timedelta(days=1)
"""A device that is away for longer is not told any more."""
LONGEST_REASON = 500
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class UntoldRefusal:
    """A refused message that its device has not been told of, and what that was told lately."""

    dead_letter_id: int
    device_id: str
    topic: str
    payload_sha256: str
    reason: str
    outcome: RefusalOutcome
    received_at: datetime
    told_since: datetime | None
    told_lately: int
    untold: int


async def tell_devices(work: UnitOfWork) -> int:
    """Publish the oldest refusals that devices have not been told of; returns how many there were.

    Only one caller at a time.
    """
    async with work.db.cursor(row_factory=record_row(UntoldRefusal)) as cursor:
        await cursor.execute(SQL["untold"], (SHARE,))
        found = await cursor.fetchall()
    by_device: defaultdict[str, list[UntoldRefusal]] = defaultdict(list)
    for each in found:
        by_device[each.device_id].append(each)
    for device_id, refusals in by_device.items():
        await _tell(work, device_id, refusals)
    return len(found)


async def _tell(work: UnitOfWork, device_id: str, refusals: Sequence[UntoldRefusal]) -> None:
    first = refusals[0]
    since, lately, untold = first.told_since, first.told_lately, first.untold
    if since is None or work.now - since >= _MINUTE:
        since, lately = work.now, 0
    told = refusals[: TOLD_A_MINUTE - lately]
    for each in told:
        _publish(work, each, untold)
        untold = 0
    facts = {
        "device_id": device_id,
        "since": since,
        "told": lately + len(told),
        "untold": untold + len(refusals) - len(told),
    }
    await work.db.execute(SQL["note_telling"], facts)
    for these, is_told in ((told, True), (refusals[len(told) :], False)):
        keys = [(each.dead_letter_id, each.payload_sha256, each.topic) for each in these]
        if keys:
            columns = [list(column) for column in zip(*keys, strict=True)]
            await work.db.execute(SQL["mark_told"], (is_told, *columns))


def _publish(work: UnitOfWork, refusal: UntoldRefusal, untold: int) -> None:
    to = topics.branch_of(refusal.topic)
    message = Refused(
        topic=refusal.topic,
        payload_sha256=refusal.payload_sha256,
        reason=refusal.reason[:LONGEST_REASON],
        at=refusal.received_at,
        outcome=refusal.outcome,
        untold=untold,
    )
    topic = topics.device(to.district, to.kind, to.device_id, Leaf.REFUSED)
    work.publish(topic, message, expires_at=work.now + TOLD_WITHIN)
