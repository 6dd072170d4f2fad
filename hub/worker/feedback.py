"""The photos of repairs are checked case by case, outside of every transaction."""

import asyncio
from dataclasses import dataclass

import psycopg
import structlog

from hub.cases.repair_check import RepairJudge, check_photos, photos_to_judge, record_check
from hub.clock import Clock
from hub.db import Pool
from hub.errors import Conflict, HubError, IllegalTransition
from hub.evidence import EvidenceStore
from hub.journal.unit_of_work import unit_of_work
from hub.worker.inbox import SQL

log = structlog.get_logger()


@dataclass(frozen=True)
class FeedbackChecks:
    """Passes cases with feedback on to a person, together with the model's verdicts on their photos.

    The state is the queue. Two workers may check the same case; the first to write counts.
    """

    pool: Pool
    photos: EvidenceStore
    judge: RepairJudge
    clock: Clock

    async def check_for_ever(self) -> None:
        while True:
            try:
                await self.check_waiting()
            except psycopg.OperationalError as error:
                log.warning("database_unavailable", error=str(error).splitlines()[0][:200])
            await asyncio.sleep(1.0)

    async def check_waiting(self) -> None:
        """Check every case that waits in FEEDBACK. One that fails is left for the next time."""
        async with self.pool.connection() as db:
            waiting = await (await db.execute(SQL["waiting_feedback"])).fetchall()
        for (case_id,) in waiting:
            try:
                await self._check(case_id)
            except (Conflict, IllegalTransition):
                continue  # the case moved while its photos were checked
            except HubError as error:
                log.warning("feedback_check_failed", case_id=case_id, error=str(error)[:200])

    async def _check(self, case_id: int) -> None:
        async with self.pool.connection() as db:
            wanted = await photos_to_judge(db, case_id)
        checked = await check_photos(wanted, self.photos, self.judge)
        async with unit_of_work(self.pool, "system:repair_check", self.clock()) as work:
            await record_check(work, checked)
