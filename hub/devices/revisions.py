"""Read the revisions of what devices should run, and time out those without an answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row, dict_row
from pydantic import JsonValue

from hub.db import SHARE, Connection
from hub.devices.device import Presence
from hub.devices.remote import Aspect, syncs
from hub.devices.revision import PendingRevision, RevisionOutcome, differing, is_timed_out
from hub.devices.store import SQL
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """`changed` are the paths at which it differs from the revision before.

    `settings` may hold passwords of cameras; of a configuration only admins get them.
    """

    version: int
    asked_by: str
    asked_at: datetime
    outcome: RevisionOutcome
    error: str | None
    settled_at: datetime | None
    changed: tuple[str, ...]
    settings: dict[str, JsonValue] | None


@dataclass(frozen=True, slots=True)
class _Unanswered:
    device_id: str
    aspect: str
    version: int
    asked_at: datetime
    told_since: datetime | None
    presence: str

    def timed_out_entry(self, now: datetime) -> NewEntry:
        return NewEntry(
            Subject.DEVICE,
            self.device_id,
            f"{self.aspect}_timed_out",
            "system:revisions",
            now,
            data={"version": self.version},
        )


async def list_revisions(
    db: Connection, device_id: str, aspect: Aspect, before: int | None, limit: int
) -> tuple[list[Revision], int | None]:
    """A page of revisions, the newest first, and the `before` of the next one; None at the end."""
    facts = {"device_id": device_id, "aspect": str(aspect), "before": before, "limit": limit + 1}
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["revisions"], facts)
        found = [_revision(row) for row in await cursor.fetchall()]
    page = found[:limit]
    return page, page[-1].version if len(found) > limit else None


async def sweep_revisions(work: UnitOfWork) -> int:
    """Time out a share of the revisions without an answer; journals them and returns their number."""
    async with work.db.cursor(row_factory=class_row(_Unanswered)) as cursor:
        await cursor.execute(SQL["pending_revisions"])
        pending = await cursor.fetchall()
    known = await syncs(work.db) if pending else {}
    entries = []
    for each in pending:
        sync = known.get((each.device_id, Aspect(each.aspect)))
        presence = Presence(each.presence)
        if is_timed_out(work.now, PendingRevision(each.asked_at, each.told_since, presence, sync)):
            key = (each.device_id, each.aspect, each.version)
            await work.db.execute(SQL["time_out_revision"], (work.now, *key))
            entries.append(each.timed_out_entry(work.now))
        if len(entries) == SHARE:
            break
    work.record(*entries)
    return len(entries)


def _revision(row: dict[str, Any]) -> Revision:
    settings = _settings(row.pop("body"))
    before = _settings(row.pop("before") or {})
    outcome = RevisionOutcome(row.pop("outcome"))
    return Revision(**row, outcome=outcome, settings=settings, changed=differing(before, settings))


def _settings(body: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The desired state of a revision, without its version."""
    settings = body.get("settings")
    if isinstance(settings, dict):
        return settings
    return {name: value for name, value in body.items() if name not in {"version", "settings"}}
