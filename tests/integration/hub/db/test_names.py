"""Migrated databases use the words of the code."""

import pytest

from hub.db import Connection


@pytest.mark.parametrize("old", ["device_wish", "duty_"])
async def test_nothing_in_the_schema_has_an_old_name(db: Connection, old: str) -> None:
    cursor = await db.execute(
        "SELECT relname FROM pg_class WHERE relname LIKE %(start)s"
        " UNION ALL SELECT conname FROM pg_constraint WHERE conname LIKE %(start)s",
        {"start": f"{old}%"},
    )
    assert await cursor.fetchall() == []


async def test_the_tables_of_revisions_and_episodes_have_all_their_constraints(
    db: Connection,
) -> None:
    cursor = await db.execute(
        "SELECT conname FROM pg_constraint WHERE contype IN ('p', 'f', 'c')"
        " AND conrelid IN ('desired_revision'::regclass, 'monitoring_episode'::regclass)"
    )
    assert {row[0] for row in await cursor.fetchall()} == {
        "desired_revision_pkey",
        "desired_revision_device_id_aspect_fkey",
        "desired_revision_outcome_check",
        "desired_revision_check",
        "monitoring_episode_pkey",
        "monitoring_episode_device_id_fkey",
        "monitoring_episode_signal_id_fkey",
        "monitoring_episode_matter_check",
    }
