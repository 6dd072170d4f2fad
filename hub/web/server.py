"""Serve the application with uvicorn, and end the event streams first when it stops."""

import asyncio
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn
from fastapi import FastAPI

from hub.db import open_pool
from hub.live import Feed
from hub.settings import Settings
from hub.web.app import create_app
from hub.web.connection import HttpConnection

log = structlog.get_logger()

GRACE_S = 5
KEEP_ALIVE_S = 65
CONNECTIONS = 12


class ApiServer(uvicorn.Server):
    """Closes the event streams when it stops: uvicorn waits for them, and they never end by themselves."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,  # hub/http/address.py believes those of trusted proxies only
                http=HttpConnection,
                ws="none",
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=GRACE_S,
            )
        )
        self._feed: Feed = app.state.feed

    @property
    def port(self) -> int:
        """The port in use, once started; if the configured port is 0, the system chooses one."""
        return int(self.servers[0].sockets[0].getsockname()[1])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            log.info("started", part="api", host=self.config.host, port=self.port)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._feed.close()
        await super().shutdown(sockets)
        log.info("stopped", part="api")

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM stop the server in an orderly way; the process then exits with 0."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)


def serve(settings: Settings) -> None:
    """Run the api until it is told to stop; blocking."""

    async def run() -> None:
        url = settings.database_url.get_secret_value()
        async with open_pool(url, name="api", max_size=CONNECTIONS) as pool:
            app = create_app(settings, pool)
            await ApiServer(app, settings.api_host, settings.api_port).serve()

    asyncio.run(run())
