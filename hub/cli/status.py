"""The figures that `python -m hub status` shows."""

from datetime import datetime

from hub.db import Connection
from hub.telemetry.storage.usage import read_usage

_COUNTS = {
    "devices registered": "SELECT count(*) FROM device",
    "devices online": "SELECT count(*) FROM device WHERE presence = 'online'",
    "clocks ahead or behind": "SELECT count(*) FROM device WHERE clock IN ('ahead', 'behind')",
    "revisions that devices have not answered": (
        "SELECT count(*) FROM desired_revision WHERE outcome = 'waiting'"
    ),
    "geofences watched": "SELECT count(*) FROM geofence WHERE retired_at IS NULL",
    "inbox waiting": "SELECT count(*) FROM inbox WHERE state = 'pending'",
    "inbox parked": "SELECT count(*) FROM inbox WHERE state = 'parked'",
    "outbox waiting": (
        "SELECT count(*) FROM outbox WHERE published_at IS NULL AND dropped_at IS NULL"
    ),
    "dead letters, malformed": (
        "SELECT coalesce(sum(messages), 0) FROM dead_letter WHERE outcome = 'malformed'"
    ),
    "dead letters, quarantined": (
        "SELECT coalesce(sum(messages), 0) FROM dead_letter WHERE outcome = 'quarantined'"
    ),
    "dead letters, same key and other content": (
        "SELECT coalesce(sum(messages), 0) FROM dead_letter WHERE outcome = 'conflict'"
    ),
    "dead letters, unusable": (
        "SELECT coalesce(sum(messages), 0) FROM dead_letter WHERE outcome = 'unusable'"
    ),
    "dead letters, counted and not kept": "SELECT coalesce(sum(unkept), 0) FROM dead_letter",
    "photos whose file is missing or changed": (
        "SELECT count(*) FROM evidence WHERE damage IS NOT NULL"
    ),
    "open cases": "SELECT count(*) FROM cases WHERE case_is_open(state)",
    "journal entries": "SELECT count(*) FROM journal",
}


async def read_status(db: Connection, now: datetime, telemetry_days: int) -> list[tuple[str, str]]:
    """(name, value) pairs to display."""
    facts = []
    for name, query in _COUNTS.items():
        row = await (await db.execute(query.encode())).fetchone()
        facts.append((name, "" if row is None else str(row[0])))
    return [*facts, *(await read_usage(db)).lines(now, telemetry_days)]
