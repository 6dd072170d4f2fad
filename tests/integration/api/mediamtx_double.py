"""MediaMTX as its documentation describes it: WHIP, WHEP, the authentication hook, the control API.

It moves no media: `send` says how many packets came. Like MediaMTX it asks the hook before anything
else, refuses viewers of a path that nobody publishes to, lets a second publisher take the place of the
first, and takes everybody along when a publisher goes.
"""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI, Request, Response


@dataclass
class Peer:
    path: str
    state: str
    id: UUID = field(default_factory=uuid4)
    packets: int = 0

    def as_json(self) -> dict[str, object]:
        """As version 1.20 tells it, in part."""
        return {
            "id": str(self.id),
            "path": self.path,
            "state": self.state,
            "peerConnectionEstablished": True,
            "inboundRTPPackets": self.packets,
            "rtpPacketsReceived": self.packets,
        }


class MediaMtxDouble:
    """`hook` is a client whose base is the hub; `peers` are who is connected."""

    def __init__(self) -> None:
        self.hook: httpx.AsyncClient | None = None
        self.peers: dict[UUID, Peer] = {}
        self.page_size: int | None = None
        self.app = FastAPI()
        self.app.post("/{path}/whip")(self._whip)
        self.app.post("/{path}/whep")(self._whep)
        self.app.get("/v3/webrtcsessions/list")(self._list)
        self.app.post("/v3/webrtcsessions/kick/{peer_id}")(self._kick)

    def publisher(self, path: str) -> Peer | None:
        peers = self.peers.values()
        return next((p for p in peers if p.path == path and p.state == "publish"), None)

    def send(self, path: str, packets: int = 30) -> None:
        """Pictures come."""
        publisher = self.publisher(path)
        assert publisher is not None
        publisher.packets += packets

    def leave(self, peer_id: UUID) -> bool:
        """Somebody hangs up, or is made to."""
        gone = self.peers.pop(peer_id, None)
        if gone is not None and gone.state == "publish":
            for peer in [p for p in self.peers.values() if p.path == gone.path]:
                del self.peers[peer.id]
        return gone is not None

    async def _whip(self, path: str, request: Request) -> Response:
        peer = Peer(path, "publish")
        if not await self._allowed(peer, "publish", request):
            return Response(status_code=401)
        before = self.publisher(path)
        if before is not None:
            self.leave(before.id)
        return self._joined(peer, "whip")

    async def _whep(self, path: str, request: Request) -> Response:
        peer = Peer(path, "read")
        if not await self._allowed(peer, "read", request):
            return Response(status_code=401)
        if self.publisher(path) is None:
            return Response(status_code=404)
        return self._joined(peer, "whep")

    def _joined(self, peer: Peer, protocol: str) -> Response:
        self.peers[peer.id] = peer
        where = f"/{peer.path}/{protocol}/{uuid4()}"
        return Response("v=0", 201, {"Location": where, "ID": str(peer.id)})

    async def _allowed(self, peer: Peer, action: str, request: Request) -> bool:
        assert self.hook is not None
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        question = {
            "user": "",
            "password": "",
            "token": bearer,
            "ip": "127.0.0.1",
            "action": action,
            "path": peer.path,
            "protocol": "webrtc",
            "id": str(peer.id),
            "query": "",
            "userAgent": "double",
        }
        return (await self.hook.post("/video/mediamtx/auth", json=question)).is_success

    async def _list(self, page: int = 0, itemsPerPage: int = 100) -> dict[str, object]:  # noqa: N803
        size = self.page_size or itemsPerPage
        items = [peer.as_json() for peer in self.peers.values()]
        pages = -(-len(items) // size)
        shown = items[page * size : (page + 1) * size]
        return {"itemCount": len(items), "pageCount": pages, "items": shown}

    async def _kick(self, peer_id: UUID) -> Response:
        return Response(status_code=200 if self.leave(peer_id) else 404)
