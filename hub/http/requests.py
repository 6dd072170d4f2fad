"""Dependencies of endpoints: a transaction, the time, the settings."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from hub.clock import Clock
from hub.db import Connection, Pool
from hub.http.address import client_address
from hub.journal.unit_of_work import UnitOfWork
from hub.settings import Settings


def _pool(request: Request) -> Pool:
    pool: Pool = request.app.state.pool
    return pool


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _now(request: Request) -> datetime:
    clock: Clock = request.app.state.clock
    return clock()


async def _transaction(request: Request) -> AsyncIterator[Connection]:
    async with _pool(request).connection() as db:
        yield db


Db = Annotated[Connection, Depends(_transaction, scope="function")]
"""One transaction for the request: committed before the answer is sent, rolled back on an error."""


async def _unit_of_work(db: Db, request: Request) -> AsyncIterator[UnitOfWork]:
    work = UnitOfWork(db, "system:api", _now(request))
    yield work
    await work.write()


Work = Annotated[UnitOfWork, Depends(_unit_of_work, scope="function")]
"""The request's transaction, for endpoints that change something; `by` names who acts."""
DbPool = Annotated[Pool, Depends(_pool)]
"""For the few endpoints that must not hold a connection while they wait for something else."""
Now = Annotated[datetime, Depends(_now)]
"""The same instant for the whole request."""


def _address(request: Request) -> str:
    peer = "" if request.client is None else request.client.host
    forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
    return client_address(peer, forwarded, _settings(request).trusted_proxies)


ClientAddress = Annotated[str, Depends(_address)]
"""Where the request comes from; behind a proxy only if the settings trust it."""
HubSettings = Annotated[Settings, Depends(_settings)]
