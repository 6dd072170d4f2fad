"""The role of the hub's processes, which may use everything and change neither schema nor journal."""

from dataclasses import dataclass

import structlog
from psycopg import AsyncConnection, errors, sql
from psycopg.conninfo import conninfo_to_dict

log = structlog.get_logger()

_CREATE = "CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
_GRANTS = (
    "GRANT USAGE, CREATE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "REVOKE ALL ON journal FROM {role}, PUBLIC",
    "GRANT SELECT, INSERT ON journal TO {role}",
)
_OWN_TABLES = """
SELECT c.relname, c.relkind::text FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
  AND (c.relname = 'telemetry' OR c.relname LIKE 'telemetry\\_%%')
  AND c.relowner <> %s::regrole
"""
"""The worker makes and drops partitions of telemetry, for which it must own these."""


class OwnerIsNotApart(ValueError):
    """The owner's URL names the role that the processes use."""


@dataclass(frozen=True, slots=True)
class RuntimeRole:
    """The role that a URL of the hub's processes names; without a password the server decides."""

    name: str
    password: str | None


def runtime_role(database_url: str, owner_url: str) -> RuntimeRole:
    """The role of the processes. Raises OwnerIsNotApart."""
    ours, owners = conninfo_to_dict(database_url), conninfo_to_dict(owner_url)
    name, owner = ours.get("user"), owners.get("user")
    if not name or name == owner:
        raise OwnerIsNotApart(
            "PATROLHUB_DATABASE_URL and PATROLHUB_DATABASE_OWNER_URL must name two roles"
        )
    password = ours.get("password")
    return RuntimeRole(str(name), None if password in {None, ""} else str(password))


async def grant_runtime(owner_url: str, role: RuntimeRole) -> None:
    """Make the role if it is missing, and give it the rights of the hub's processes; safe to run again."""
    name = sql.Identifier(role.name)
    async with await AsyncConnection.connect(owner_url, application_name="migrate") as db:
        await _create(db, role)
        for grant in _GRANTS:
            await db.execute(sql.SQL(grant).format(role=name))
        await _join_unless_superuser(db, name)
        cursor = await db.execute(_OWN_TABLES.encode(), (role.name,))
        for table, kind in await cursor.fetchall():
            what = "MATERIALIZED VIEW" if kind == "v" else "TABLE"
            change = sql.SQL(f"ALTER {what} {{}} OWNER TO {{}}")
            await db.execute(change.format(sql.Identifier(table), name))
    log.info("runtime_role_granted", role=role.name)


async def _create(db: AsyncConnection, role: RuntimeRole) -> None:
    name = sql.Identifier(role.name)
    cursor = await db.execute("SELECT FROM pg_roles WHERE rolname = %s", (role.name,))
    if await cursor.fetchone() is not None:
        return
    text = sql.SQL(_CREATE).format(role=name)
    if role.password is not None:
        text += sql.SQL(" PASSWORD {}").format(sql.Literal(role.password))
    try:
        async with db.transaction():
            await db.execute(text)
    except errors.DuplicateObject:  # another database of this server was migrated at the same time
        return


async def _join_unless_superuser(db: AsyncConnection, name: sql.Identifier) -> None:
    """The owner must be a member of the role whose tables it gives away, and migrates later."""
    row = await (
        await db.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    ).fetchone()
    if row is not None and not row[0]:
        await db.execute(
            sql.SQL("GRANT {} TO CURRENT_USER WITH SET TRUE, INHERIT TRUE").format(name)
        )
