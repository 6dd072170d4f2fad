"""Run a command: its settings, one transaction, and errors as a sentence with exit code 2."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import NoReturn, TypeVar

import typer
from pydantic import SecretStr, ValidationError
from rich.console import Console

from hub.clock import TIMEZONE, now
from hub.db import open_pool
from hub.errors import HubError
from hub.journal.unit_of_work import UnitOfWork, unit_of_work
from hub.settings import Settings, UnknownVariable, read_settings

ACTOR = "user:cli"
"""The actor in the journal, since a command has no login."""

out, err = Console(), Console(stderr=True)

Result = TypeVar("Result")


def settings() -> Settings:
    """The settings, or the end of the command with every variable that is wrong."""
    try:
        return read_settings()
    except UnknownVariable as error:
        fail(str(error))
    except ValidationError as error:
        lines = [
            f"PATROLHUB_{str(e['loc'][0]).upper() if e['loc'] else ''}: {e['msg']}"
            for e in error.errors()
        ]
        fail("the settings are not complete:\n  " + "\n  ".join(lines))


def fail(sentence: str) -> NoReturn:
    """End the command with a sentence on standard error and exit code 2."""
    err.print(sentence, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(2)


def run(work: Coroutine[object, object, Result]) -> Result:
    """Run a coroutine to its end; the hub's own errors end the command with their sentence."""
    try:
        return asyncio.run(work)
    except HubError as error:
        fail(error.detail)


def in_transaction(use_case: Callable[[UnitOfWork], Awaitable[Result]]) -> Result:
    """What a use case returns; its unit of work is written and committed at its end."""
    url = secret(settings().database_url)

    async def connected() -> Result:
        async with (
            open_pool(url, name="cli", max_size=1) as pool,
            unit_of_work(pool, ACTOR, now()) as work,
        ):
            return await use_case(work)

    return run(connected())


def secret(value: SecretStr) -> str:
    return value.get_secret_value()


def password(of: Settings) -> str | None:
    """The hub's own password at the broker."""
    return None if of.mqtt_password is None else secret(of.mqtt_password)


def in_local_time(at: datetime | None) -> str:
    """An instant in the district's time, such as 2025-08-11 15:19; nothing for None."""
    return "" if at is None else f"{at.astimezone(TIMEZONE):%Y-%m-%d %H:%M}"


def read_file(file: Path) -> bytes:
    """A file's bytes, or the end of the command with the reason."""
    try:
        return file.read_bytes()
    except OSError as error:
        fail(f"{file} can't be read: {error.strerror}")
