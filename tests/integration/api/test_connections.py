"""Connections of clients that are slow, silent, or say two things at once; over a real server."""

import asyncio
from contextlib import AsyncExitStack

import httpx
import pytest

import hub.web.connection
import hub.web.middleware
from hub.web.server import ApiServer
from tests.waiting import WITHIN_S, until

ASK = b"GET /api/health HTTP/1.1\r\nHost: hub\r\n"
LOG_IN = b"POST /api/session HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n"
BODY = b'{"username": "nobody", "password": "wrong"}'


class RawClient:
    """Writes bytes as they are given, and reads until the server hangs up."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def heard(self) -> bytes:
        async with asyncio.timeout(WITHIN_S):
            return await self.reader.read()


@pytest.fixture
async def raw(server: ApiServer):
    async with AsyncExitStack() as stack:

        async def opened() -> RawClient:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            stack.callback(writer.close)
            return RawClient(reader, writer)

        yield opened


async def test_a_connection_that_asks_nothing_is_ended(monkeypatch, raw) -> None:
    monkeypatch.setattr(hub.web.connection, "HEADERS_WITHIN_S", 0.2)
    client = await raw()
    assert (await client.heard()).startswith(b"HTTP/1.1 408 ")


async def test_headers_that_trickle_in_are_given_up(monkeypatch, raw) -> None:
    monkeypatch.setattr(hub.web.connection, "HEADERS_WITHIN_S", 0.3)
    client = await raw()
    heard = asyncio.create_task(client.heard())
    for number in range(1000):
        if heard.done():
            break
        await client.send(b"GET /api/health HTTP/1.1\r\n" if number == 0 else b"X-A: b\r\n")
        await asyncio.wait({heard}, timeout=0.02)
    assert (await heard).startswith(b"HTTP/1.1 408 ")


async def test_a_second_request_has_as_little_time(monkeypatch, raw) -> None:
    monkeypatch.setattr(hub.web.connection, "HEADERS_WITHIN_S", 0.3)
    client = await raw()
    await client.send(ASK + b"\r\n")
    await client.reader.readuntil(b"}")
    await client.send(b"GET /api")
    assert (await client.heard()).startswith(b"HTTP/1.1 408 ")


async def test_a_connection_may_rest_between_requests(monkeypatch, raw, server) -> None:
    monkeypatch.setattr(hub.web.connection, "HEADERS_WITHIN_S", 0.05)
    client = await raw()
    await client.send(ASK + b"\r\n")
    await client.reader.readuntil(b"}")
    protocol = next(iter(server.server_state.connections))
    assert protocol._headers_due is None
    await client.send(ASK + b"Connection: close\r\n\r\n")
    assert (await client.heard()).startswith(b"HTTP/1.1 200 ")


async def test_a_body_that_trickles_in_is_given_up(monkeypatch, raw) -> None:
    monkeypatch.setattr(hub.web.middleware, "BODY_WITHIN_S", 0.3)
    client = await raw()
    await client.send(LOG_IN + b"Content-Length: 500\r\n\r\n{")
    heard = await client.heard()
    assert heard.startswith(b"HTTP/1.1 408 ")
    assert b'"type":"request-timeout"' in heard


async def test_an_answer_that_nobody_reads_is_given_up(monkeypatch, raw, server) -> None:
    monkeypatch.setattr(hub.web.connection, "READ_WITHIN_S", 0.1)
    client = await raw()
    await client.send(ASK + b"\r\n")
    await client.reader.readuntil(b"}")
    protocol = next(iter(server.server_state.connections))
    protocol.pause_writing()
    await until(lambda: not server.server_state.connections)


async def test_many_half_open_connections_keep_nobody_waiting(raw, server: ApiServer) -> None:
    half_open = [await raw() for _ in range(120)]
    for client in half_open:
        await client.send(ASK)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
        answer = await client.get("/api/health", timeout=5)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "lengths",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
        b"transfer-encoding: Chunked\r\ncontent-length: 43\r\n",
        b"Content-Length: 4\r\nContent-Length: 5\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
    ],
)
async def test_a_message_whose_length_is_in_doubt_is_refused(raw, lengths: bytes) -> None:
    client = await raw()
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
    await client.send(LOG_IN + lengths + b"\r\n" + chunked + ASK + b"\r\n")
    heard = await client.heard()
    assert heard.startswith(b"HTTP/1.1 400 ")
    assert heard.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: %d\r\n\r\n%s" % (len(BODY), BODY),
        b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY),
    ],
)
async def test_a_message_with_one_length_is_answered(raw, body: bytes) -> None:
    client = await raw()
    await client.send(LOG_IN + b"Connection: close\r\n" + body)
    assert (await client.heard()).startswith(b"HTTP/1.1 401 ")
