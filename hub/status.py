"""What `python -m hub status` shows."""

from hub.db import Connection

_COUNTS = {
    "devices registered": "SELECT count(*) FROM device",
    "devices online": "SELECT count(*) FROM device WHERE presence = 'online'",
    "telemetry rows (estimate)": (
        "SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint FROM pg_inherits i"
        " JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'telemetry'::regclass"
    ),
    "inbox waiting": "SELECT count(*) FROM inbox WHERE state = 'pending'",
    "inbox parked": "SELECT count(*) FROM inbox WHERE state = 'parked'",
    "outbox waiting": (
        "SELECT count(*) FROM outbox WHERE published_at IS NULL AND dropped_at IS NULL"
    ),
    "dead letters, malformed": "SELECT count(*) FROM dead_letter WHERE outcome = 'malformed'",
    "dead letters, quarantined": "SELECT count(*) FROM dead_letter WHERE outcome = 'quarantined'",
    "open cases": ("SELECT count(*) FROM cases WHERE state NOT IN ('CLOSED', 'MERGED', 'VOID')"),
    "journal entries": "SELECT count(*) FROM journal",
    "timescaledb": (
        "SELECT coalesce((SELECT 'installed ' || extversion FROM pg_extension"
        " WHERE extname = 'timescaledb'), (SELECT 'available ' || default_version"
        " FROM pg_available_extensions WHERE name = 'timescaledb'), 'not offered by this server')"
    ),
}


async def read_status(db: Connection) -> list[tuple[str, str]]:
    """(what, value) pairs for people."""
    facts = []
    for name, query in _COUNTS.items():
        row = await (await db.execute(query.encode())).fetchone()
        facts.append((name, "" if row is None else str(row[0])))
    return facts
