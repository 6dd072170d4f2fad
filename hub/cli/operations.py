"""Commands for operating the hub: migrate, status, and the OpenAPI description."""

import sys

from rich.table import Table

from hub import __version__, logs
from hub.cli.running import ACTOR, fail, in_transaction, out, run, secret, settings
from hub.clock import now
from hub.db import open_pool
from hub.db.roles import OwnerIsNotApart, RuntimeRole, grant_runtime, runtime_role
from hub.journal.unit_of_work import unit_of_work
from hub.settings import Settings


def migrate() -> None:
    """Bring the database to the current schema; safe to run again. A new hub gets its evidence folder.

    As the owner, if PATROLHUB_DATABASE_OWNER_URL is set: the role of the hub's processes is then made
    if it is missing, and can neither change the journal nor the schema.
    """
    from hub.catalogue.commands import import_starter
    from hub.db import migrate as migrations
    from hub.deadlines.store import FIRST_KNOWN_YEAR, seed_calendar
    from hub.evidence.store import make_store
    from hub.telemetry.storage import maintenance
    from hub.telemetry.storage.selection import select_layout

    given = settings()
    role = _role_of_processes(given)
    url = secret(given.database_owner_url or given.database_url)
    logs.configure()
    migrations.migrate(url)

    async def work() -> None:
        await migrations.install_job_queue(url)
        await select_layout(url)
        await maintenance.maintain(url, now(), given.telemetry_days)
        async with open_pool(url, name="migrate") as pool, unit_of_work(pool, ACTOR, now()) as work:
            years = range(FIRST_KNOWN_YEAR, work.now.year + 2)
            await seed_calendar(work.db, years, work.now)
            await make_store(work.db, given.evidence_url)
            await import_starter(work)
        if role is not None:
            await grant_runtime(url, role)

    run(work())


def _role_of_processes(given: Settings) -> RuntimeRole | None:
    """The role to give rights to; None if the processes are the owner."""
    if given.database_owner_url is None:
        return None
    try:
        return runtime_role(secret(given.database_url), secret(given.database_owner_url))
    except OwnerIsNotApart as error:
        fail(str(error))


def status() -> None:
    """Show how much the database holds, and how much is waiting."""
    from hub.cli.status import read_status

    days = settings().telemetry_days
    table = Table("what", "value", title=f"patrolhub {__version__}")
    for name, value in in_transaction(lambda work: read_status(work.db, now(), days)):
        table.add_row(name, value)
    out.print(table)


def openapi() -> None:
    """Print the OpenAPI description of the api."""
    from hub.web.app import openapi_text

    sys.stdout.write(openapi_text())
