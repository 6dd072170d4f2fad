"""The photos of reports are checked one after the other, outside of every transaction."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

import psycopg
import structlog

from hub.clock import Clock
from hub.db import Pool
from hub.errors import Conflict
from hub.evidence import EvidenceStore, PhotoDamaged
from hub.journal.unit_of_work import unit_of_work
from hub.signals.pending_checks import PendingCheck, record_photo_check, take_pending_check
from hub.signals.photo_check import Claim, PhotoCheck, ReportVerdict

log = structlog.get_logger()

MAX_ATTEMPTS = 4
"""A photo that was taken more often without a verdict is assumed to kill the worker that checks it."""
_WRITING_TRIES = 5


class ReportPhotoChecker(Protocol):
    """Compares a photo with a report. It may block for seconds, and is called outside the event loop."""

    def check(self, jpeg: bytes, claim: Claim) -> PhotoCheck:
        """Check one JPEG. If it can't be decoded, the verdict is UNSURE."""


@dataclass(frozen=True)
class PhotoChecks:
    """Checks photos until none waits, and then looks for new ones each second."""

    pool: Pool
    photos: EvidenceStore
    checker: ReportPhotoChecker
    clock: Clock

    async def check_for_ever(self) -> None:
        while True:
            try:
                found = await self.check_next()
            except psycopg.OperationalError as error:
                log.warning("database_unavailable", error=str(error).splitlines()[0][:200])
                found = False
            if not found:
                await asyncio.sleep(1.0)

    async def check_next(self) -> bool:
        """Check the next photo; False if none waits. One that fails is left for later."""
        async with self.pool.connection() as db:
            pending = await take_pending_check(db, self.clock())
        if pending is None:
            return False
        try:
            await self._record(pending, await self._check(pending))
        except psycopg.OperationalError:
            raise
        except Exception as error:
            log.exception(
                "photo_check_failed",
                signal_id=pending.signal_id,
                sha256=pending.sha256,
                error=f"{type(error).__name__}: {error}"[:200],
            )
        return True

    async def _check(self, pending: PendingCheck) -> PhotoCheck:
        if pending.attempts > MAX_ATTEMPTS:
            note = f"given up after {MAX_ATTEMPTS} attempts that did not finish"
            return PhotoCheck(ReportVerdict.UNSURE, note=note)
        try:
            jpeg = await asyncio.to_thread(self.photos.get, pending.sha256)
        except PhotoDamaged as damage:
            note = f"its bytes in the evidence store are {damage.fault}"
            return PhotoCheck(ReportVerdict.UNSURE, note=note)
        return await asyncio.to_thread(self.checker.check, jpeg, pending.claim)

    async def _record(self, pending: PendingCheck, check: PhotoCheck) -> None:
        for tries_left in reversed(range(_WRITING_TRIES)):
            try:
                await self._record_once(pending, check)
            except (Conflict, psycopg.OperationalError):
                if not tries_left:
                    raise
                await asyncio.sleep(0.1)
            else:
                return

    async def _record_once(self, pending: PendingCheck, check: PhotoCheck) -> None:
        async with unit_of_work(self.pool, "system:signals", self.clock()) as work:
            outcome = await record_photo_check(work, pending, check)
            if outcome is None:
                return
        log.info(
            "photo_checked",
            signal_id=pending.signal_id,
            sha256=pending.sha256,
            verdict=str(check.verdict),
        )
