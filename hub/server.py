"""Serve the application with uvicorn, and end the live lines first when it stops."""

import socket

import structlog
import uvicorn
from fastapi import FastAPI

from hub.live import Feed

log = structlog.get_logger()

GRACE_S = 5
KEEP_ALIVE_S = 65


class ApiServer(uvicorn.Server):
    """uvicorn waits for open answers before it ends the lifespan; live lines never end by themselves."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_config=None,
                access_log=False,
                server_header=False,
                ws="none",
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=GRACE_S,
            )
        )
        self._feed: Feed = app.state.feed

    @property
    def port(self) -> int:
        """The port in use, once started; it differs from the one asked for where that was 0."""
        return int(self.servers[0].sockets[0].getsockname()[1])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            log.info("started", part="api", host=self.config.host, port=self.port)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._feed.close()
        await super().shutdown(sockets)


async def serve(app: FastAPI, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM."""
    await ApiServer(app, host, port).serve()
