"""A day in the centre by a clock that is told: people at the API, devices in the inbox, sweeps in between."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

import httpx
from fastapi import FastAPI

from hub.accounts.account import Role
from hub.cases.repair_check import PhotoVerdict, RepairJudge
from hub.clock import TIMEZONE
from hub.db import Pool
from hub.evidence.examining import examine
from hub.evidence.photos import PhotoSource
from hub.evidence.store import record_photo
from hub.journal.unit_of_work import unit_of_work
from hub.points.keeping import rebuild_points
from hub.worker.feedback import FeedbackChecks
from hub.worker.handlers import handle
from hub.worker.inbox_message import InboxMessage
from hub.worker.sweeps import Sweeper
from hub.worker.timers import EACH_MINUTE, EACH_SECOND
from models import RepairJudgement
from tests.integration.api.conftest import StoppedClock
from wire.messages import EventType, Place, TerminalEvent
from wire.topics import Leaf

SignIn = Callable[..., Awaitable[httpx.AsyncClient]]
Answer = dict


class ToldJudge:
    """Sees in every photo what it was told to see."""

    name = "told"

    def __init__(self) -> None:
        self.judgement = RepairJudgement.FIXED

    def judge(self, jpeg: bytes) -> PhotoVerdict:
        return PhotoVerdict(self.judgement, "manhole_good", 0.9, (0.1, 0.1, 0.5, 0.5), self.name)


def local(text: str) -> datetime:
    """`2025-08-07 15:19` in the district's time."""
    return datetime.fromisoformat(text).replace(tzinfo=TIMEZONE)


@dataclass
class WorkingDay:
    """What people, devices and the worker do, at the times that the test names."""

    app: FastAPI
    pool: Pool
    clock: StoppedClock
    sign_in: SignIn
    picture: Callable[..., bytes]
    judge: ToldJudge = field(default_factory=ToldJudge)
    _clients: dict[tuple[Role, str], httpx.AsyncClient] = field(default_factory=dict)
    _numbers: count = field(default_factory=lambda: count(1))

    async def until(self, text: str, every: timedelta = timedelta(hours=1)) -> None:
        """Let the time pass; the worker's sweeps run each hour and at the end."""
        end = local(text)
        while self.clock.at < end:
            self.clock.at = min(self.clock.at + every, end)
            await self.sweep()
        await self._stay_logged_in()

    async def _stay_logged_in(self) -> None:
        """People log in each morning; here their sessions just go on."""
        ends_at = self.clock.at + timedelta(hours=12)
        async with self.pool.connection() as db:
            await db.execute(
                "UPDATE account_session SET expires_at = %s, used_at = %s", (ends_at, self.clock.at)
            )

    async def sweep(self) -> None:
        await Sweeper(self.pool, self.clock).run_all((*EACH_MINUTE, *EACH_SECOND))
        judge: RepairJudge = self.judge
        store = self.app.state.photos.store
        await FeedbackChecks(self.pool, store, judge, self.clock).check_waiting()

    async def person(self, role: Role, unit_key: str = "housing_bureau") -> httpx.AsyncClient:
        """A person of a role; the same one each time, who logs in anew as sessions end."""
        key = (role, unit_key if role is Role.UNIT_HANDLER else "")
        if key not in self._clients:
            self._clients[key] = await self.sign_in(role, unit_key)
        return self._clients[key]

    async def report(
        self, terminal: str, lon: float, lat: float, category: str, condition: str, text: str
    ) -> str:
        """A holder's report with a photo, as it comes out of the inbox; returns the event's id."""
        data = self.picture(next(self._numbers))
        sha256 = hashlib.sha256(data).hexdigest()
        seen, now = examine(data), self.clock()
        self.app.state.photos.store.put(sha256, data)
        source = PhotoSource(terminal, None, now, now, lon, lat)
        async with self.pool.connection() as db:
            await record_photo(
                db, sha256, len(data), seen.width, seen.height, source, seen.perceptual_hash
            )
        event = TerminalEvent(
            event_id=str(UUID(int=next(self._numbers), version=4)),
            type=EventType.REPORT,
            observed_at=now,
            place=Place(lon=lon, lat=lat, accuracy_m=5),
            text=text,
            category=category,
            condition=condition,
            evidence=(sha256,),
        )
        await self._receive(terminal, Leaf.EVENTS, event.model_dump(mode="json"))
        return event.event_id

    async def _receive(self, device_id: str, leaf: Leaf, payload: object) -> None:
        message = InboxMessage(1, "terminals", device_id, leaf, "", payload, self.clock(), 1)
        async with unit_of_work(self.pool, f"device:{device_id}", self.clock()) as work:
            await handle(work, [message])

    async def photo(self, client: httpx.AsyncClient, lon: float, lat: float) -> str:
        """A new photo that somebody takes on the spot and uploads."""
        place = {"lon": lon, "lat": lat, "taken_at": self.clock().isoformat()}
        file = self.picture(next(self._numbers))
        answer = await client.post("/api/evidence", files={"file": file}, data=place)
        assert answer.status_code == 201, answer.text
        return answer.json()["sha256"]

    async def step(self, client: httpx.AsyncClient, case_id: int, event: str, **said) -> Answer:
        """A step of a case, which must be accepted; returns the case after it."""
        case = (await client.get(f"/api/cases/{case_id}")).json()
        body = {"event": event, "version": case["version"], **said}
        answer = await client.post(f"/api/cases/{case_id}/transitions", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def case(self, client: httpx.AsyncClient, case_id: int) -> Answer:
        answer = await client.get(f"/api/cases/{case_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refused(self, client: httpx.AsyncClient, case_id: int, event: str, **said) -> Answer:
        """A step of a case that must be refused; returns the problem."""
        case = (await client.get(f"/api/cases/{case_id}")).json()
        body = {"event": event, "version": case["version"], **said}
        answer = await client.post(f"/api/cases/{case_id}/transitions", json=body)
        assert answer.status_code in {403, 409, 422}, answer.text
        return answer.json()

    async def ledger(self, client: httpx.AsyncClient, holder: str, period: str) -> list[tuple]:
        """The entries of a grid worker in a month, oldest first: kind, points, balance before and after.

        The standing of the month must be their sum, and computing the ledger again must change nothing.
        """
        await self.sweep()
        standings = await client.get("/api/points", params={"period": period})
        (standing,) = [each for each in standings.json()["items"] if each["name"] == holder]
        answer = await client.get(f"/api/points/workers/{standing['worker_id']}")
        assert answer.status_code == 200, answer.text
        entries = answer.json()["items"][::-1]
        assert standing["earned"] == sum(each["points"] for each in entries)
        assert standing["balance"] == (entries[-1]["balance_after"] if entries else 0)
        async with self.pool.connection() as db:
            assert (await rebuild_points(db)).differs is None
        parts = ("kind", "points", "balance_before", "balance_after")
        return [tuple(each[part] for part in parts) for each in entries]

    async def indicators(self, client: httpx.AsyncClient, **of) -> Answer:
        """The figures of a period, once the worker has read the journal."""
        await self.sweep()
        answer = await client.get("/api/indicators", params=of)
        assert answer.status_code == 200, answer.text
        return answer.json()["figures"]
