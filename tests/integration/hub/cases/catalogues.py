"""Versions of the catalogue that differ in one thing."""

from psycopg.types.json import Jsonb

from hub.db import Connection


async def verify_before_filing(db: Connection) -> None:
    """From the next version on, somebody must have looked before a cover becomes a case."""
    await db.execute(
        "INSERT INTO catalogue_version SELECT 2, imported_at, imported_by, source"
        " FROM catalogue_version WHERE version = 1"
    )
    await db.execute(
        "INSERT INTO catalogue_item SELECT 2, item_key,"
        " CASE item_key WHEN 'manhole_cover' THEN body || %s ELSE body END"
        " FROM catalogue_item WHERE version = 1",
        (Jsonb({"verify_before_filing": True}),),
    )
    await db.commit()
