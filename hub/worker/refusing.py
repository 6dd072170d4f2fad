"""Messages that the worker refuses for good: dead letters with the reason, and nothing to try again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from hub.db import load_queries
from hub.errors import Conflict, HubError, KeyReused, TooManyRequests, Unavailable
from hub.journal.unit_of_work import UnitOfWork
from hub.refusals.dead_letter import DeadLetter, is_sampled, source_of
from hub.refusals.keeping import RefusedKeeping
from hub.refusals.store import refuse
from hub.worker.inbox_message import InboxMessage
from wire.messages import RefusalOutcome
from wire.topics import Address, DeviceId, Kind, Leaf

SQL = load_queries(__file__)

_MAY_PASS = (Conflict, Unavailable, TooManyRequests)
_NO_DISTRICT = "000000"


@dataclass(frozen=True, slots=True)
class RefusedMessage:
    """A message of the inbox, and why it is refused."""

    message: InboxMessage
    error: HubError


def is_final(error: Exception) -> bool:
    """Whether the message itself is to blame, so that trying again is no use."""
    return isinstance(error, HubError) and not isinstance(error, _MAY_PASS)


async def refuse_for_good(
    work: UnitOfWork, refused: Sequence[RefusedMessage], keeping: RefusedKeeping
) -> None:
    """Make messages dead letters, and their rows done with the reason."""
    if not refused:
        return
    row = await (await work.db.execute(SQL["district"])).fetchone()
    district = _NO_DISTRICT if row is None else str(row[0])
    await refuse(work.db, [_letter(each, district) for each in refused], keeping)
    for each in refused:
        values = (each.error.detail[:1000], work.now, each.message.inbox_id)
        await work.db.execute(SQL["inbox_refuse"], values)


def _letter(refused: RefusedMessage, district: str) -> DeadLetter:
    """The bytes that came are gone; what they said is kept, with the hash of the bytes."""
    message = refused.message
    kind, leaf = Kind(message.kind), Leaf(message.leaf)
    address = Address(district, kind, DeviceId(message.device_id), leaf, message.tail)
    reused = isinstance(refused.error, KeyReused)
    return DeadLetter(
        RefusalOutcome.CONFLICT if reused else RefusalOutcome.UNUSABLE,
        source_of(str(address), address),
        refused.error.detail,
        str(address),
        json.dumps(message.payload, ensure_ascii=False).encode(),
        message.received_at,
        message.device_id,
        is_sampled(address, message.device_id),
        message.payload_sha256,
    )
