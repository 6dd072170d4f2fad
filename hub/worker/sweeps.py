"""Named sweeps over the rows that are due, each in shares and by one worker at a time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import psycopg
import structlog

from hub.clock import Clock
from hub.db import SHARE, Connection, Pool, in_shares, load_queries
from hub.errors import HubError
from hub.journal.unit_of_work import UnitOfWork

log = structlog.get_logger()
SQL = load_queries(__file__)


@dataclass(frozen=True)
class Sweep:
    """`run` takes on at most a share and returns how much it found; a full share means there is more."""

    name: str
    run: Callable[[UnitOfWork], Awaitable[int]]
    share: int = SHARE


@dataclass(frozen=True)
class Sweeper:
    """Runs sweeps; the failure of one is logged and stops no other."""

    pool: Pool
    clock: Clock

    async def run_all(self, sweeps: tuple[Sweep, ...]) -> dict[str, int]:
        """How much each sweep found, by name; 0 for one that failed or that another worker runs."""
        return {sweep.name: await self.run(sweep) for sweep in sweeps}

    async def run(self, sweep: Sweep) -> int:
        """How much the sweep found; 0 if it failed or if another worker runs it."""

        async def share_unless_taken(db: Connection) -> int:
            row = await (await db.execute(SQL["only_one"], (sweep.name,))).fetchone()
            if row is None or not row[0]:
                return 0
            work = UnitOfWork(db, f"system:{sweep.name}", self.clock())
            found = await sweep.run(work)
            await work.write()
            return found

        try:
            return await in_shares(self.pool, share_unless_taken, sweep.share)
        except (HubError, psycopg.OperationalError) as error:
            log.warning("sweep_failed", sweep=sweep.name, error=str(error)[:200])
        except Exception:
            log.exception("sweep_failed", sweep=sweep.name)
        return 0
