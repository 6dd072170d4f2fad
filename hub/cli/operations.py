"""Commands for operating the hub: migrate, status, and the OpenAPI description."""

import sys

from rich.table import Table

from hub import __version__, logs
from hub.cli.running import ACTOR, in_transaction, out, run, secret, settings
from hub.clock import now
from hub.db import open_pool
from hub.journal.unit_of_work import unit_of_work


def migrate() -> None:
    """Bring the database to the current schema; safe to run again."""
    from hub.catalogue.commands import import_starter
    from hub.db import migrate as migrations
    from hub.deadlines.store import seed_calendar
    from hub.telemetry.storage import maintenance
    from hub.telemetry.storage.selection import select_layout

    given = settings()
    url = secret(given.database_url)
    logs.configure()
    migrations.migrate(url)

    async def work() -> None:
        await migrations.install_job_queue(url)
        await select_layout(url)
        await maintenance.maintain(url, now(), given.telemetry_days)
        async with open_pool(url, name="migrate") as pool, unit_of_work(pool, ACTOR, now()) as work:
            years = range(work.now.year - 1, work.now.year + 2)
            await seed_calendar(work.db, years, work.now)
            await import_starter(work)

    run(work())


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
