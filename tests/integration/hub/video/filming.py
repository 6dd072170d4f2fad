"""A terminal that was asked for its picture, for the tests of video sessions."""

from datetime import timedelta

from hub.commands.reading import command_by_id
from hub.dispatch import commands as dispatch
from hub.journal import Subject, chain_breaks
from hub.video import commands as video
from hub.video.addresses import of_embedded_relay
from hub.video.session import MediaDirection
from tests.use_cases import carry_out
from wire.messages import AckState, CommandType

OPERATOR = "user:operator"
ADDRESSES = of_embedded_relay("http://hub:8080")


class Filming:
    """A terminal that was asked for its picture, and everything that can happen to it."""

    def __init__(self, district) -> None:
        self.district = district
        self.session_id = None
        self.token = ""

    async def request(self, device_id="T-1", case_id=None, reason="现场情况", max_s=None):
        session = await carry_out(
            self.district.db,
            self.district.now,
            video.request_session,
            video.NewSession(device_id, case_id, reason, max_s),
            ADDRESSES,
            by=OPERATOR,
        )
        self.session_id = session.session_id
        return session

    async def end(self):
        """An operator ends it."""
        return await carry_out(
            self.district.db,
            self.district.now,
            video.end_session,
            self.session_id,
            None,
            by=OPERATOR,
        )

    async def receive(self):
        """The terminal gets its order."""
        orders = await self.district.broker_takes()
        order = next(each for each in orders if each.type == CommandType.VIDEO_START)
        self.token = order.body.token
        return order

    async def check(self, direction=MediaDirection.PUBLISH, token=None):
        return await video.check_grant(
            self.district.db,
            self.session_id,
            direction,
            self.token if token is None else token,
            self.district.now,
        )

    async def permission(self, username="operator"):
        """A token for watching, for somebody who is logged in."""
        db, now = self.district.db, self.district.now
        login = f"log-in of {username}"
        await db.execute(
            "INSERT INTO account (username, name, role, password_hash, created_at)"
            " VALUES (%(who)s, '座席员', 'dispatcher', '-', %(now)s) ON CONFLICT DO NOTHING",
            {"who": username, "now": now},
        )
        await db.execute(
            "INSERT INTO account_session (token_hash, username, created_at, expires_at)"
            " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (login, username, now, now + timedelta(hours=12)),
        )
        viewer = video.ViewerLogin(username, login)
        return await video.grant_view(db, self.session_id, viewer, ADDRESSES, now)

    async def frame(self) -> None:
        now = self.district.now
        await carry_out(self.district.db, now, video.note_frame, self.session_id, now)

    async def look(self):
        return await video.session_by_id(self.district.db, self.session_id)

    async def order(self):
        session = await self.look()
        return await command_by_id(self.district.db, session.command_id)

    async def run(self, **by):
        now = self.district.forward(**by)
        await self.district.heard("T-1")
        await carry_out(self.district.db, now, dispatch.run_timers)
        return await carry_out(self.district.db, now, video.run_timers)

    async def go_live(self):
        await self.request()
        await self.receive()
        await self.check()
        await self.district.ack(await self.order(), AckState.IN_PROGRESS, 3)
        await self.frame()

    async def kinds(self):
        entries = await self.district.story(Subject.VIDEO, self.session_id)
        assert chain_breaks(entries) == []
        return [entry.kind for entry in entries]
