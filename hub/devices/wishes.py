"""Keep every version of what devices are asked to run, and what became of it."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row
from pydantic import JsonValue

from hub.db import SHARE, Connection
from hub.devices.device import Presence
from hub.devices.remote import Aspect, syncs
from hub.devices.store import SQL
from hub.devices.wish import Outcome, Waiting, differing, is_timed_out
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Wish:
    """One version. `body` is all that was asked for; `before` what the version before it asked for."""

    version: int
    body: dict[str, JsonValue]
    asked_by: str
    asked_at: datetime
    outcome: Outcome
    error: str | None
    settled_at: datetime | None
    before: dict[str, JsonValue] | None

    @property
    def settings(self) -> dict[str, JsonValue]:
        """What was asked for, without its number."""
        return _settings(self.body)

    @property
    def changed(self) -> tuple[str, ...]:
        """The paths at which it differs from the version before."""
        return differing(_settings(self.before or {}), self.settings)


def _settings(body: dict[str, JsonValue]) -> dict[str, JsonValue]:
    settings = body.get("settings")
    if isinstance(settings, dict):
        return settings
    return {name: value for name, value in body.items() if name not in {"version", "settings"}}


async def list_wishes(
    db: Connection, device_id: str, aspect: Aspect, before: int | None, limit: int
) -> tuple[list[Wish], int | None]:
    """A page of versions, the newest first, and the `before` of the next one; None at the end."""
    facts = {"device_id": device_id, "aspect": str(aspect), "before": before, "limit": limit + 1}
    async with db.cursor(row_factory=class_row(Wish)) as cursor:
        await cursor.execute(SQL["wishes"], facts)
        found = await cursor.fetchall()
    page = found[:limit]
    return page, page[-1].version if len(found) > limit else None


async def sweep_wishes(work: UnitOfWork) -> int:
    """Give up on a share of the wishes that nobody answers; journals them and returns their number."""
    rows = await (await work.db.execute(SQL["wishes_waiting"])).fetchall()
    known = await syncs(work.db) if rows else {}
    given_up = []
    for device_id, aspect, version, asked_at, told_since, presence in rows:
        sync = known.get((device_id, Aspect(aspect)))
        wish = Waiting(asked_at, told_since, Presence(presence), sync)
        if is_timed_out(work.now, wish):
            await work.db.execute(SQL["time_out_wish"], (work.now, device_id, aspect, version))
            given_up.append((device_id, aspect, version))
        if len(given_up) == SHARE:
            break
    entries = [
        NewEntry(
            Subject.DEVICE,
            device_id,
            f"{aspect}_timed_out",
            "system:wishes",
            work.now,
            data={"version": version},
        )
        for device_id, aspect, version in given_up
    ]
    work.record(*entries)
    return len(given_up)
