"""Errors are problems, and every answer carries its headers."""

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from hub.errors import Conflict
from hub.http.requests import Db


def is_problem(answer: httpx.Response, status: int, kind: str) -> bool:
    body = answer.json()
    return (
        answer.headers["content-type"] == "application/problem+json"
        and (answer.status_code, body["status"], body["type"]) == (status, status, kind)
        and bool(body["title"])
        and bool(body["detail"])
    )


@pytest.mark.parametrize("path", ["/api/nothing", "/api", "/api/", "/video/nothing", "/nothing"])
async def test_an_unknown_address_is_a_problem(anonymous: httpx.AsyncClient, path: str) -> None:
    assert is_problem(await anonymous.get(path), 404, "not-found")


async def test_a_wrong_method_is_a_problem(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.post("/api/health")
    assert is_problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET"


async def test_an_invalid_body_names_its_fields_and_repeats_none_of_it(
    anonymous: httpx.AsyncClient,
) -> None:
    answer = await anonymous.post("/api/session", json={"password": 5})
    assert is_problem(answer, 422, "invalid-input")
    fields = [fault["field"] for fault in answer.json()["fields"]]
    assert fields == ["body.username", "body.password"]


async def test_broken_json_is_a_problem(anonymous: httpx.AsyncClient) -> None:
    json = {"Content-Type": "application/json"}
    answer = await anonymous.post("/api/session", content=b"{", headers=json)
    assert is_problem(answer, 422, "invalid-input")


async def test_a_body_over_the_limit_is_refused(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.post("/api/session", content=b"x" * (256 * 1024 + 1))
    assert is_problem(answer, 413, "content-too-large")


async def test_facts_of_an_error_are_members_of_its_problem(
    app: FastAPI, anonymous: httpx.AsyncClient
) -> None:
    @app.get("/api/test")
    async def clash() -> None:
        raise Conflict("version 4 is newer", version=4, status=200)

    answer = await anonymous.get("/api/test")
    assert is_problem(answer, 409, "conflict")
    assert answer.json()["version"] == 4


async def test_a_deadlocked_request_is_run_once_more_with_its_body(
    app: FastAPI, anonymous: httpx.AsyncClient
) -> None:
    bodies: list[dict[str, int]] = []

    @app.post("/api/test")
    async def deadlock_once(db: Db, body: dict[str, int]) -> int:
        await db.execute("CREATE TABLE made_twice ()")
        bodies.append(body)
        if len(bodies) == 1:
            raise psycopg.errors.DeadlockDetected
        return body["sent"]

    answer = await anonymous.post("/api/test", json={"sent": 7})
    assert answer.json() == 7
    assert bodies == [{"sent": 7}, {"sent": 7}]


async def test_a_second_deadlock_is_told_as_unavailable(
    app: FastAPI, anonymous: httpx.AsyncClient
) -> None:
    @app.post("/api/test")
    async def deadlock() -> None:
        raise psycopg.errors.DeadlockDetected

    answer = await anonymous.post("/api/test")
    assert is_problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "2"


async def test_of_two_requests_that_make_the_same_row_both_are_answered(
    app: FastAPI, anonymous: httpx.AsyncClient
) -> None:
    tries: list[int] = []

    @app.post("/api/test")
    async def make(times: int) -> int:
        tries.append(times)
        if len(tries) <= times:
            raise psycopg.errors.UniqueViolation
        return len(tries)

    answer = await anonymous.post("/api/test", params={"times": 1})
    assert answer.json() == 2
    tries.clear()
    answer = await anonymous.post("/api/test", params={"times": 2})
    assert is_problem(answer, 409, "conflict")


async def test_a_lost_database_is_told_as_unavailable(
    app: FastAPI, anonymous: httpx.AsyncClient
) -> None:
    @app.get("/api/test")
    async def cut_off(db: Db) -> None:
        await db.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    answer = await anonymous.get("/api/test")
    assert is_problem(answer, 503, "unavailable")


async def test_an_unforeseen_error_tells_nothing_of_itself(
    app: FastAPI, anonymous: httpx.AsyncClient
) -> None:
    @app.get("/api/test")
    async def fail() -> None:
        raise RuntimeError("secret")

    answer = await anonymous.get("/api/test")
    assert is_problem(answer, 500, "internal")
    assert "secret" not in answer.text


async def test_what_an_endpoint_wrote_is_committed_before_its_answer(
    app: FastAPI, anonymous: httpx.AsyncClient, pool
) -> None:
    @app.post("/api/test")
    async def write(db: Db) -> None:
        await db.execute("INSERT INTO login_failure VALUES ('somebody', now())")

    async def committed() -> bool:
        async with pool.connection() as db:
            row = await (await db.execute("SELECT count(*) FROM login_failure")).fetchone()
        return row == (1,)

    seen: list[bool] = []

    async def watching(scope, receive, send) -> None:
        async def note(message) -> None:
            if message["type"] == "http.response.start":
                seen.append(await committed())
            await send(message)

        await app(scope, receive, note)

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(watching), base_url="http://hub"
    ) as client:
        assert (await client.post("/api/test")).status_code == 200
    assert seen == [True]


async def test_every_answer_carries_the_security_headers(anonymous: httpx.AsyncClient) -> None:
    for path in ("/api/health", "/api/nothing", "/"):
        headers = (await anonymous.get(path)).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "script-src" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert len(headers["x-request-id"]) == 32


async def test_a_request_keeps_the_id_it_came_with(anonymous: httpx.AsyncClient) -> None:
    given = {"X-Request-Id": "0123456789-abc"}
    answer = await anonymous.get("/api/health", headers=given)
    assert answer.headers["x-request-id"] == "0123456789-abc"
