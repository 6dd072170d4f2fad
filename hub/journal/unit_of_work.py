"""One transaction of the domain: who acts, when, and the entries and messages that it writes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self, TypeVar

import structlog
from pydantic import BaseModel

from hub.db import Connection, Pool
from hub.db.trouble import is_storage_trouble
from hub.journal.entry import NewEntry
from hub.journal.store import append_all
from hub.outbox.store import NewMessage, enqueue_all, withdraw

log = structlog.get_logger()

Id = TypeVar("Id")
Row = TypeVar("Row")


@dataclass(frozen=True)
class UnitOfWork:
    """A transaction that collects journal entries and messages, and writes them last and in one order.

    First the outbox, then the journal. Writers of the journal wait for one another until they commit;
    every other row is locked and changed before, so the wait is only as long as the writing.
    Both tables notify their readers when the transaction commits.
    """

    db: Connection
    actor: str
    now: datetime
    address: str = ""
    """Where the person who acts is, for entries about accounts."""
    _entries: list[NewEntry] = field(default_factory=list)
    _messages: list[NewMessage] = field(default_factory=list)

    def by(self, actor: str) -> Self:
        """The same unit of work with another actor."""
        return replace(self, actor=actor)

    def from_address(self, address: str) -> Self:
        """The same unit of work for somebody at an address."""
        return replace(self, address=address)

    def record(self, *entries: NewEntry) -> None:
        """Append to the journal at the end."""
        self._entries.extend(entries)

    def publish(
        self,
        topic: str,
        message: BaseModel,
        *,
        retain: bool = False,
        correlation: str | None = None,
        expires_at: datetime | None = None,
    ) -> None:
        """Put a message into the outbox at the end. `correlation` is a command's id."""
        payload = message.model_dump_json(by_alias=True, exclude_none=True).encode()
        self._messages.append(NewMessage(topic, payload, retain, correlation, self.now, expires_at))

    async def withdraw(self, correlation: str) -> None:
        """Drop the waiting messages of a command; one that is being published right now still goes out."""
        kept = [each for each in self._messages if each.correlation != correlation]
        self._messages[:] = kept
        await withdraw(self.db, correlation, self.now)

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """A savepoint: with an error nothing is left of what was changed, recorded or published within."""
        entries, messages = self._entries[:], self._messages[:]
        try:
            async with self.db.transaction():
                yield
        except BaseException:
            self._entries[:], self._messages[:] = entries, messages
            raise

    async def each(
        self, what: str, rows: Mapping[Id, Row], handle: Callable[[Row], Awaitable[object]]
    ) -> int:
        """Handle rows one by one, each in a savepoint of its own.

        Returns how many there were, or 0 if all have failed: the same rows would come and fail again.

        A row that fails leaves nothing behind, is logged with its id under the name `what`, and
        stops none of the others. Trouble of the database itself is raised.
        """
        failed = 0
        for row_id, row in rows.items():
            try:
                async with self.attempt():
                    await handle(row)
            except Exception as error:
                if is_storage_trouble(error):
                    raise
                failed += 1
                # The first traceback is enough: while it is written, all rows are locked.
                log.exception(
                    "row_failed",
                    actor=self.actor,
                    error=f"{type(error).__name__}: {error}"[:200],
                    exc_info=failed == 1,
                    **{what: str(row_id)},
                )
        return 0 if failed == len(rows) else len(rows)

    async def write(self) -> None:
        """Write what was collected. Lock and change nothing afterwards."""
        await enqueue_all(self.db, self._messages)
        self._messages.clear()
        await append_all(self.db, self._entries)
        self._entries.clear()

    async def commit(self) -> None:
        """Write and commit, for a caller that then reads the result."""
        await self.write()
        await self.db.commit()


@asynccontextmanager
async def unit_of_work(pool: Pool, actor: str, now: datetime) -> AsyncIterator[UnitOfWork]:
    """A transaction on a connection of the pool: written and committed, or rolled back on an error."""
    async with pool.connection() as db:
        work = UnitOfWork(db, actor, now)
        yield work
        await work.write()
