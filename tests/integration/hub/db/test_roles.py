"""The role of the hub's processes can do its work, and can change neither schema nor journal."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest
from psycopg import AsyncConnection

from deploy.local.postgres import as_user
from hub.db import Connection, open_alone
from hub.db.migrate import migrate
from hub.db.roles import OwnerIsNotApart, RuntimeRole, grant_runtime, runtime_role
from hub.journal import NewEntry, Subject, append_all
from hub.journal.verification import rights_too_many
from hub.telemetry.storage import maintenance, partitions

AT = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)


@pytest.fixture
def role() -> RuntimeRole:
    return RuntimeRole(f"app_{uuid4().hex[:8]}", None)


@pytest.fixture
async def app_url(database_url: str, role: RuntimeRole) -> str:
    await grant_runtime(database_url, role)
    return as_user(database_url, role.name)


@pytest.fixture
async def app(app_url: str) -> AsyncIterator[Connection]:
    async with open_alone(app_url, name="test") as db:
        yield db


async def test_it_appends_to_the_journal(app: Connection) -> None:
    async with app.transaction():
        await append_all(app, [NewEntry(Subject.CASE, "1", "noted", "system:test", AT)])
    row = await (await app.execute("SELECT position FROM journal")).fetchone()
    assert row == (1,)
    assert await rights_too_many(app) is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE journal SET reason = 'other'",
        "DELETE FROM journal",
        "TRUNCATE journal",
        "ALTER TABLE journal DISABLE TRIGGER journal_is_append_only",
        "ALTER TABLE journal DISABLE TRIGGER USER",
        "ALTER TABLE journal ADD COLUMN more text",
        "DROP TABLE journal",
        "DROP TRIGGER journal_is_append_only ON journal",
        "CREATE TRIGGER more AFTER INSERT ON journal EXECUTE FUNCTION refuse_change()",
        "ALTER FUNCTION refuse_change() RENAME TO allow_change",
        "DROP FUNCTION chain_link CASCADE",
        "SET session_replication_role = replica",
        "ALTER TABLE cases DROP COLUMN text",
        "DROP SCHEMA public CASCADE",
        "INSERT INTO journal OVERRIDING SYSTEM VALUE SELECT * FROM journal",
    ],
)
async def test_it_cannot_change_the_journal_or_its_guards(app: Connection, change: str) -> None:
    await append_all(app, [NewEntry(Subject.CASE, "1", "noted", "system:test", AT)])
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UniqueViolation)):
        await app.execute(change.encode())


async def test_what_it_says_of_the_chain_is_not_believed(app: Connection) -> None:
    await app.execute(
        "INSERT INTO journal (at, subject, subject_id, kind, actor, data, prev_hash, hash, position,"
        " chain) VALUES (now(), 'case', '1', 'noted', 'x', '{}', 'p', 'h', 99, 'forged')"
    )
    row = await (await app.execute("SELECT position, chain FROM journal")).fetchone()
    assert row is not None
    assert row[0] == 1
    assert row[1] != "forged"


async def test_it_tends_the_partitions_of_telemetry(app: Connection, app_url: str) -> None:
    made = await partitions.make_partitions(app, AT, AT)
    assert made
    await maintenance.maintain(app_url, datetime.now(UTC), 2)
    await maintenance.roll_up(app_url, datetime.now(UTC), 2)
    assert await partitions.drop_old(app, datetime.now(UTC)) != []


async def test_it_may_use_every_other_table_and_sequence(app: Connection) -> None:
    cursor = await app.execute(
        "SELECT relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p') AND relname <> 'journal'"
        " AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')"
        "          AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE'))"
        " UNION ALL SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"
        " AND NOT has_sequence_privilege(quote_ident(sequencename), 'USAGE')"
    )
    assert await cursor.fetchall() == []


async def test_the_owner_migrates_again_afterwards(database_url: str, role: RuntimeRole) -> None:
    for _ in range(2):
        await asyncio.to_thread(migrate, database_url)
        await grant_runtime(database_url, role)


async def test_an_owner_that_is_no_superuser_gives_away_telemetry(
    server_url: str, database_url: str, role: RuntimeRole
) -> None:
    owner = f"owner_{uuid4().hex[:8]}"
    name = database_url.split("?", maxsplit=1)[0].rpartition("/")[2]
    async with await AsyncConnection.connect(database_url, autocommit=True) as db:
        await db.execute(f"CREATE ROLE {owner} LOGIN CREATEROLE".encode())
        await db.execute(f'ALTER DATABASE "{name}" OWNER TO {owner}'.encode())
        cursor = await db.execute(
            "SELECT format('ALTER TABLE public.%I OWNER TO', relname) FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p', 'v')"
        )
        for (change,) in await cursor.fetchall():
            await db.execute(f"{change} {owner}".encode())
        await db.execute(f"ALTER SCHEMA public OWNER TO {owner}".encode())
        await db.execute(
            f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {owner} WITH GRANT OPTION".encode()
        )
    await grant_runtime(as_user(database_url, owner), role)
    async with open_alone(as_user(database_url, role.name), name="test") as app:
        assert await partitions.make_partitions(app, AT, AT)
        assert await rights_too_many(app) is None


def test_one_role_for_both_is_refused() -> None:
    owner = "postgresql://patrolhub:secret@db/patrolhub"
    with pytest.raises(OwnerIsNotApart, match="two roles"):
        runtime_role("postgresql://patrolhub:other@db/patrolhub", owner)
    found = runtime_role("postgresql://patrolhub_app:of-the-app@db/patrolhub", owner)
    assert found == RuntimeRole("patrolhub_app", "of-the-app")
