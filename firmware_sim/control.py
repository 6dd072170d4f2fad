"""A control port on loopback: a line of JSON in, a line of JSON out."""

import asyncio
import json
from collections.abc import Coroutine

from pydantic import ValidationError

from firmware_sim.scenario_player import NotSimulated, ScenarioPlayer
from firmware_sim.scenarios.actions import ACTION

_HOST = "127.0.0.1"


class Control:
    """Answers {"ok": true} once an action has begun, else {"ok": false, "error": why}."""

    def __init__(self, player: ScenarioPlayer) -> None:
        self._player = player
        self._actions: asyncio.TaskGroup | None = None

    async def serve(self, port: int, ready: "asyncio.Future[int]") -> None:
        """`ready` gets the port, which matters if 0 was asked for."""
        async with asyncio.TaskGroup() as self._actions:
            server = await asyncio.start_server(self._converse, _HOST, port)
            ready.set_result(int(server.sockets[0].getsockname()[1]))
            async with server:
                await server.serve_forever()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                error = self._begin(line)
                answer = {"ok": error is None} | ({"error": error} if error else {})
                writer.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):
            # The other side hung up, or sent an endless line; it can connect again.
            return
        finally:
            writer.close()

    def _begin(self, line: bytes) -> str | None:
        try:
            action = ACTION.validate_json(line)
            self._player.check(action)
        except ValidationError as error:
            first = error.errors()[0]
            return f"{'.'.join(map(str, first['loc']))}: {first['msg']}".lstrip(": ")
        except NotSimulated as error:
            return str(error)
        self._spawn(self._player.perform(action))
        return None

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        assert self._actions is not None
        self._actions.create_task(work)
