"""An event stream as a test reads it, and entries for it to tell of."""

import asyncio
import json

import httpx

import hub.clock
from hub.db import Pool
from hub.journal import NewEntry, Subject
from tests.use_cases import append
from tests.waiting import WITHIN_S


class Line:
    """An open event stream, event by event."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.cursor = ""
        self._lines = response.aiter_lines()

    async def next(self, name: str | None = None) -> tuple[str, dict]:
        """The next event; with a name, the next of that name."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                event = await self._event()
                if name in {None, event[0]}:
                    return event

    async def _event(self) -> tuple[str, dict]:
        fields: dict[str, str] = {}
        async for line in self._lines:
            if not line and "event" in fields:
                data = json.loads(fields["data"])
                self.cursor = fields.get("id", self.cursor)
                assert "id" not in fields or int(self.cursor.split("-")[0]) == data["journal_id"]
                return fields["event"], data
            key, _, value = line.partition(": ")
            fields[key] = value
        raise EOFError

    async def ends(self) -> bool:
        """Whether the server ends the line in order."""
        async with asyncio.timeout(WITHIN_S):
            try:
                while True:
                    await self._event()
            except EOFError:
                return True


async def write(pool: Pool, *subject_ids: str, subject: Subject = Subject.CASE) -> list[int]:
    ids = []
    for subject_id in subject_ids:
        async with pool.connection() as db:
            at = hub.clock.now()
            ids.append(await append(db, NewEntry(subject, subject_id, "noted", "system:test", at)))
    return ids
