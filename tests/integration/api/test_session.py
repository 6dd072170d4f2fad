"""Logging in and out."""

import asyncio

import httpx
import pytest

from hub.accounts import Role, create_account
from hub.accounts.administration import disable_account, enable_account
from hub.db import Pool
from tests.use_cases import carry_out

PASSWORD = "correct horse battery"
LOG_IN = {"username": "seat-07", "password": PASSWORD}


@pytest.fixture(autouse=True)
async def _account(units: None, pool: Pool, clock) -> None:
    async with pool.connection() as db:
        await carry_out(
            db, clock(), create_account, "seat-07", "座席员 07", Role.SEAT_OPERATOR, None, PASSWORD
        )


async def test_health_needs_no_log_in(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.get("/api/health")
    assert answer.json()["status"] == "ok"


async def test_a_session_lasts_until_it_is_logged_out(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.post("/api/session", json=LOG_IN)
    assert answer.status_code == 200
    token = answer.json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    anonymous.cookies.clear()
    who = await anonymous.get("/api/session", headers=bearer)
    assert who.json()["account"] == {
        "username": "seat-07",
        "name": "座席员 07",
        "role": "seat_operator",
        "unit_key": None,
        "unit_name_zh": None,
        "unit_name_en": None,
        "scope": {"kind": "district", "unit_key": None, "territories": []},
        "rights": ["read", "observe", "handle", "operate"],
    }
    assert (await anonymous.delete("/api/session", headers=bearer)).status_code == 204
    assert (await anonymous.get("/api/session", headers=bearer)).status_code == 401


async def test_the_database_knows_only_the_hash_of_a_token(
    anonymous: httpx.AsyncClient, pool: Pool
) -> None:
    token = (await anonymous.post("/api/session", json=LOG_IN)).json()["token"]
    assert len(token) >= 43
    async with pool.connection() as db:
        rows = await (await db.execute("SELECT * FROM account_session")).fetchall()
    assert len(rows) == 1
    assert token not in str(rows)


async def test_the_cookie_is_closed_to_scripts_and_other_sites(
    anonymous: httpx.AsyncClient,
) -> None:
    answer = await anonymous.post("/api/session", json=LOG_IN)
    cookie = answer.headers["set-cookie"].lower()
    assert {"httponly", "samesite=strict", "path=/api"} <= set(cookie.split("; "))
    assert (await anonymous.get("/api/session")).status_code == 200


async def test_a_cookie_changes_nothing_without_the_header_of_our_pages(
    anonymous: httpx.AsyncClient,
) -> None:
    await anonymous.post("/api/session", json=LOG_IN)
    refused = await anonymous.delete("/api/session")
    assert (refused.status_code, refused.json()["type"]) == (403, "forbidden")
    ours = {"X-Requested-With": "patrolhub"}
    assert (await anonymous.delete("/api/session", headers=ours)).status_code == 204


async def test_a_session_ends_after_twelve_hours(anonymous: httpx.AsyncClient, clock) -> None:
    await anonymous.post("/api/session", json=LOG_IN)
    for hours in [1] * 11 + [0.99]:
        clock.forward(hours=hours)
        assert (await anonymous.get("/api/session")).status_code == 200
    clock.forward(hours=0.01)
    assert (await anonymous.get("/api/session")).status_code == 401


async def test_a_disabled_account_loses_its_sessions_and_gets_none_back(
    anonymous: httpx.AsyncClient, pool: Pool, clock
) -> None:
    await anonymous.post("/api/session", json=LOG_IN)
    async with pool.connection() as db:
        assert await carry_out(db, clock(), disable_account, "seat-07") == 1
    assert (await anonymous.get("/api/session")).status_code == 401
    assert (await anonymous.post("/api/session", json=LOG_IN)).status_code == 401
    async with pool.connection() as db:
        await carry_out(db, clock(), enable_account, "seat-07")
    assert (await anonymous.get("/api/session")).status_code == 401
    assert (await anonymous.post("/api/session", json=LOG_IN)).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "token-of-nobody", "Ä" * 10, "0" * 64])
async def test_a_forged_token_opens_nothing(anonymous: httpx.AsyncClient, token: str) -> None:
    bearer = {"Authorization": f"Bearer {token}".encode()}
    answer = await anonymous.get("/api/session", headers=bearer)
    assert (answer.status_code, answer.json()["type"]) == (401, "unauthenticated")


async def test_a_bad_bearer_token_is_not_saved_by_a_good_cookie(
    anonymous: httpx.AsyncClient,
) -> None:
    await anonymous.post("/api/session", json=LOG_IN)
    forged = await anonymous.get("/api/session", headers={"Authorization": "Bearer forged"})
    assert forged.status_code == 401


@pytest.mark.parametrize("username", ["seat-07", "nobody"])
async def test_after_five_failures_a_name_waits_a_minute(
    anonymous: httpx.AsyncClient, clock, username: str
) -> None:
    wrong = {"username": username, "password": "wrong"}
    for _ in range(5):
        assert (await anonymous.post("/api/session", json=wrong)).status_code == 401
        clock.forward(seconds=2)
    refused = await anonymous.post("/api/session", json=LOG_IN | {"username": username})
    assert (refused.status_code, refused.json()["type"]) == (429, "too-many-requests")
    assert refused.headers["retry-after"] == "50"
    clock.forward(seconds=50)
    after = await anonymous.post("/api/session", json=LOG_IN)
    assert after.status_code == 200


async def test_attempts_at_once_are_no_way_round_the_limit(anonymous: httpx.AsyncClient) -> None:
    wrong = {"username": "seat-07", "password": "wrong"}
    answers = await asyncio.gather(*(anonymous.post("/api/session", json=wrong) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 3


async def test_a_success_forgives_the_failures_before_it(anonymous: httpx.AsyncClient) -> None:
    wrong = {"username": "seat-07", "password": "wrong"}
    for _ in range(4):
        await anonymous.post("/api/session", json=wrong)
    assert (await anonymous.post("/api/session", json=LOG_IN)).status_code == 200
    assert (await anonymous.post("/api/session", json=wrong)).status_code == 401


async def test_an_account_is_created_with_a_line_in_the_journal(pool: Pool) -> None:
    async with pool.connection() as db:
        cursor = await db.execute("SELECT subject_id, kind, data FROM journal")
        assert await cursor.fetchall() == [
            (
                "seat-07",
                "account_created",
                {"role": "seat_operator", "scope": "district", "unit_key": None},
            )
        ]
