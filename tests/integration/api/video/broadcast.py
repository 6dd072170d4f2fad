"""A video session that an operator asked for, for the tests of the whole way over HTTP."""

from urllib.parse import urlsplit
from uuid import UUID

import httpx

from hub.db import Pool
from hub.journal import Subject, entries_of
from hub.video.relay import SdpAnswer
from tests.integration.hub.dispatch.conftest import District

SDP = {"Content-Type": "application/sdp"}


class Broadcast:
    """A session that an operator asked for, with the terminal's token."""

    def __init__(self, operator, anonymous, pool: Pool, clock) -> None:
        self.operator = operator
        self.anonymous = anonymous
        self.pool = pool
        self.clock = clock
        self.session_id = ""
        self.whip_path = ""
        self.publish_token = ""
        self.locations: list[str] = []
        self.answers: list[httpx.Response] = []
        self.view_token: dict[str, str] = {}

    async def begin(self) -> None:
        answer = await self.operator.post(
            "/api/video/sessions", json={"device_id": "T-1", "reason": "现场情况"}
        )
        assert answer.status_code == 201, answer.text
        self.session_id = answer.json()["session_id"]
        async with self.pool.connection() as db:
            orders = await District(db, self.clock()).broker_takes()
        self.publish_token = orders[0].body.token
        self.whip_path = urlsplit(orders[0].body.whip_url).path

    async def permission(self) -> dict[str, str]:
        answer = await self.operator.post(f"/api/video/sessions/{self.session_id}/view")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def publish(self, offer: str) -> SdpAnswer:
        return await self.join(self.whip_path, self.publish_token, offer)

    async def view(self, offer: str) -> SdpAnswer:
        permission = await self.permission()
        self.view_token = {"Authorization": f"Bearer {permission['token']}"}
        return await self.join(permission["whep_url"], permission["token"], offer)

    async def join(self, path: str, token: str, offer: str) -> SdpAnswer:
        headers = SDP | {"Authorization": f"Bearer {token}"}
        return self.joined(await self.anonymous.post(path, content=offer, headers=headers))

    def joined(self, answer: httpx.Response) -> SdpAnswer:
        """What a client was answered, once it is checked."""
        assert answer.status_code == 201, answer.text
        assert answer.headers["content-type"] == "application/sdp"
        location = answer.headers["location"]
        assert location.startswith(answer.request.url.path + "/")
        self.answers.append(answer)
        self.locations.append(location)
        return SdpAnswer(UUID(location.rpartition("/")[2]), answer.text)

    async def look(self) -> dict[str, object]:
        return (await self.operator.get(f"/api/video/sessions/{self.session_id}")).json()

    async def kinds(self) -> list[str]:
        async with self.pool.connection() as db:
            entries = await entries_of(db, Subject.VIDEO, self.session_id)
        return [entry.kind for entry in entries]
