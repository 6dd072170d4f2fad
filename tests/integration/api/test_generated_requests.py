"""Requests generated from the description of the API, right and wrong ones: none breaks the hub."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, GenerationMode, SerializationContext
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from hub.accounts import Role
from hub.db import open_pool
from hub.web.app import create_app
from hub.web.server import ApiServer
from tests.waiting import WITHIN_S, until

EXAMPLES = 6
LIVE_LINE = "GET /api/events"
"""Never ends by itself, so it can't be part of this."""


@schemathesis.serializer("application/sdp", "application/trickle-ice-sdpfrag")
def _sdp(_context: SerializationContext, value: object) -> bytes:
    return str(value).encode(errors="replace")


class Background:
    """The server in a thread with a loop of its own, since the generator of requests is no coroutine."""

    def __init__(self, settings, clock) -> None:
        self._settings = settings
        self._clock = clock
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self.server: ApiServer | None = None

    def start(self) -> str:
        self._thread.start()
        assert self._ready.wait(WITHIN_S)
        return f"http://127.0.0.1:{self.server.port}"

    def stop(self) -> None:
        self.server.should_exit = True
        self._thread.join(WITHIN_S)
        assert not self._thread.is_alive()

    async def _serve(self) -> None:
        url = self._settings.database_url.get_secret_value()
        async with open_pool(url, name="api") as pool:
            self.server = ApiServer(create_app(self._settings, pool, self._clock), "127.0.0.1", 0)
            serving = asyncio.create_task(self.server.serve())
            await until(lambda: self.server.started)
            self._ready.set()
            await serving


@pytest.fixture
def address(settings, clock) -> Iterator[str]:
    background = Background(settings, clock)
    yield background.start()
    background.stop()


@pytest.mark.timeout(600)
async def test_no_generated_request_finds_a_fault_of_the_hub(
    street: None, bare_case, sign_in, address: str
) -> None:
    await bare_case("housing_bureau")
    admin = await sign_in(Role.ADMIN)
    schema = schemathesis.openapi.from_url(f"{address}/api/openapi.json")
    tries = Tries({"Authorization": admin.headers["authorization"]})
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        if result.ok().label != LIVE_LINE:
            await asyncio.to_thread(tries.run, result.ok())
    assert tries.faults == []
    assert len(tries.operations) >= 30
    assert tries.statuses[200] > 50
    assert tries.statuses[422] > 100


@dataclass
class Tries:
    """Sends what is generated, and counts what comes back."""

    headers: dict[str, str]
    operations: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def run(self, operation: APIOperation) -> None:
        """Requests that follow the description, and then such as break it."""
        self.operations.append(operation.label)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            with suppress(Unsatisfiable):  # nothing is wrong with a request that says nothing
                self._run(operation.as_strategy(generation_mode=mode))

    def _run(self, cases: SearchStrategy[Case]) -> None:
        @given(case=cases)
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def send(case: Case) -> None:
            logs_out = case.operation.label == "DELETE /api/session"
            answer = case.call(headers={} if logs_out else self.headers)
            self.statuses[answer.status_code] += 1
            if answer.status_code >= 500:
                self.faults.append(f"{answer.status_code}: {case.as_curl_command()}")

        send()
