"""A line between the device and its broker that can be cut, as when a battery falls out."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

_BLOCK_BYTES = 64 * 1024
_STARTS_WITHIN_S = 10.0


class Line:
    """Passes on bytes, unread, from a port of this computer to the broker."""

    def __init__(self, host: str, port: int) -> None:
        self._broker = (host, port)
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0

    def cut(self) -> int:
        """Break every connection without a word; returns how many there were. New ones may come."""
        return asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(_STARTS_WITHIN_S)

    async def _cut(self) -> int:
        writers = list(self._writers)
        for writer in writers:
            writer.transport.abort()
        return len(writers) // 2

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._broker)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        try:
            await asyncio.gather(_pour(reader, far_writer), _pour(far_reader, writer))
        finally:
            for each in (writer, far_writer):
                self._writers.discard(each)
                each.transport.abort()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while block := await reader.read(_BLOCK_BYTES):
            writer.write(block)
            await writer.drain()
    writer.close()


@contextmanager
def line(listen: tuple[str, int], broker: tuple[str, int]) -> Iterator[Line]:
    """Listen while in use; port 0 takes a free one. Raises OSError if the port is taken."""
    opened = Line(*broker)
    loop = opened._loop  # noqa: SLF001  one module
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def on_loop(coroutine: object) -> asyncio.Server:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(_STARTS_WITHIN_S)  # type: ignore[arg-type]

    try:
        server = on_loop(asyncio.start_server(opened._carry, *listen))  # noqa: SLF001
        opened.port = server.sockets[0].getsockname()[1]
        yield opened
        server.close()
        opened.cut()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
