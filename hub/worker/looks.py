"""The photos of reports are looked at one after the other, outside of every transaction."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

import psycopg
import structlog

from hub.clock import Clock
from hub.db import Pool
from hub.errors import Conflict, NotFound
from hub.evidence import EvidenceStore
from hub.journal.unit_of_work import unit_of_work
from hub.signals.look import Claim, Look, Verdict
from hub.signals.looking import LookToCome, record_look, take_look

log = structlog.get_logger()

MAX_ATTEMPTS = 4
"""A photo that was taken so often without a verdict ends whoever looks at it."""
_WRITING_TRIES = 5


class LooksAtReports(Protocol):
    """Compares a photo with a report. It may take its time, and is called outside the event loop."""

    def look(self, jpeg: bytes, claim: Claim) -> Look:
        """Look at one JPEG. What can't be decoded is UNSURE."""


@dataclass(frozen=True)
class ReportLooks:
    """Takes photos to look at until none is left, and then looks again each second."""

    pool: Pool
    photos: EvidenceStore
    eye: LooksAtReports
    clock: Clock

    async def look_for_ever(self) -> None:
        while True:
            try:
                found = await self.look_at_next()
            except psycopg.OperationalError as error:
                log.warning("database_unavailable", error=str(error).splitlines()[0][:200])
                found = False
            if not found:
                await asyncio.sleep(1.0)

    async def look_at_next(self) -> bool:
        """Look at the next photo; False where none is waiting. One that fails is left for later."""
        async with self.pool.connection() as db:
            wanted = await take_look(db, self.clock())
        if wanted is None:
            return False
        try:
            await self._record(wanted, await self._look(wanted))
        except psycopg.OperationalError:
            raise
        except Exception as error:
            log.exception(
                "report_look_failed",
                signal_id=wanted.signal_id,
                sha256=wanted.sha256,
                error=f"{type(error).__name__}: {error}"[:200],
            )
        return True

    async def _look(self, wanted: LookToCome) -> Look:
        if wanted.attempts > MAX_ATTEMPTS:
            note = f"given up: {MAX_ATTEMPTS} tries to look at it came to no end"
            return Look(Verdict.UNSURE, note=note)
        try:
            jpeg = await asyncio.to_thread(self.photos.get, wanted.sha256)
        except NotFound:
            return Look(Verdict.UNSURE, note="its bytes are missing from the evidence store")
        return await asyncio.to_thread(self.eye.look, jpeg, wanted.claim)

    async def _record(self, wanted: LookToCome, look: Look) -> None:
        for tries_left in reversed(range(_WRITING_TRIES)):
            try:
                await self._record_once(wanted, look)
            except (Conflict, psycopg.OperationalError):
                if not tries_left:
                    raise
                await asyncio.sleep(0.1)
            else:
                return

    async def _record_once(self, wanted: LookToCome, look: Look) -> None:
        async with unit_of_work(self.pool, "system:signals", self.clock()) as work:
            outcome = await record_look(work, wanted, look)
            if outcome is None:
                return
        log.info(
            "report_photo_looked_at",
            signal_id=wanted.signal_id,
            sha256=wanted.sha256,
            verdict=str(look.verdict),
        )
