"""Accounts that change: forced and voluntary new passwords, disabling, sessions that are ended."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from hub.accounts import Role, create_account
from hub.accounts.administration import (
    disable_account,
    enable_account,
    revoke_sessions,
    set_password,
    unlock_account,
)
from hub.accounts.store import list_accounts, list_sessions
from hub.db import Pool
from hub.errors import NotFound
from tests.integration.api.front_door import (
    LOG_IN,
    OURS,
    PASSWORD,
    FromAddress,
    entries,
    try_often,
)
from tests.use_cases import carry_out

pytestmark = pytest.mark.usefixtures("seat_account")


@pytest.fixture
async def newcomer(pool: Pool, clock, from_address: FromAddress) -> httpx.AsyncClient:
    """Somebody whose account an administrator has just made, and who has logged in."""
    async with pool.connection() as db:
        await carry_out(
            db,
            clock(),
            create_account,
            "newcomer",
            "新人",
            Role.DISPATCHER,
            None,
            PASSWORD,
            must_change_password=True,
        )
    client = from_address("10.0.0.8", **OURS)
    answer = await client.post("/api/session", json=LOG_IN | {"username": "newcomer"})
    assert answer.json()["must_change_password"] is True
    return client


async def test_at_the_first_log_in_the_password_is_changed_before_anything_else(
    newcomer: httpx.AsyncClient, pool: Pool
) -> None:
    refused = await newcomer.get("/api/cases")
    assert (refused.status_code, refused.json()["type"]) == (403, "password-change-needed")
    assert (await newcomer.get("/api/events")).status_code == 403
    assert (await newcomer.get("/api/session")).json()["must_change_password"] is True
    new = {"current": PASSWORD, "new": "a new one, of many words"}
    assert (await newcomer.post("/api/session/password", json=new)).status_code == 204
    assert (await newcomer.get("/api/session")).json()["must_change_password"] is False
    assert (await newcomer.get("/api/cases")).status_code == 200
    assert (await entries(pool))[-1] == (
        "password_changed",
        "newcomer",
        "user:newcomer",
        {"address": "10.0.0.8", "sessions": 0},
    )


@pytest.mark.parametrize(
    ("new", "status"),
    [
        ({"current": "wrong", "new": "a new one, of many words"}, 401),
        ({"current": PASSWORD, "new": PASSWORD}, 422),
        ({"current": PASSWORD, "new": "123456789012"}, 422),
    ],
)
async def test_a_change_that_will_not_do_is_refused(
    newcomer: httpx.AsyncClient, new: dict[str, str], status: int
) -> None:
    assert (await newcomer.post("/api/session/password", json=new)).status_code == status
    assert (await newcomer.get("/api/session")).json()["must_change_password"] is True


async def test_a_changed_password_ends_the_other_sessions(from_address: FromAddress) -> None:
    here, there = from_address("10.0.0.7", **OURS), from_address("10.0.0.8")
    for client in (here, there):
        await client.post("/api/session", json=LOG_IN)
    new = {"current": PASSWORD, "new": "a new one, of many words"}
    assert (await here.post("/api/session/password", json=new)).status_code == 204
    assert (await here.get("/api/session")).status_code == 200
    assert (await there.get("/api/session")).status_code == 401


Use = Callable[..., Awaitable[object]]


@pytest.mark.parametrize(
    ("use_case", "arguments", "kind"),
    [
        (disable_account, (), "account_disabled"),
        (enable_account, (), "account_enabled"),
        (set_password, ("a new one, of many words",), "password_set"),
        (unlock_account, (), "account_unlocked"),
        (revoke_sessions, (), "sessions_revoked"),
    ],
)
async def test_each_change_of_an_account_is_an_entry(
    pool: Pool, clock, use_case: Use, arguments: tuple[str, ...], kind: str
) -> None:
    async with pool.connection() as db:
        await carry_out(db, clock(), use_case, "seat-07", *arguments)
        with pytest.raises(NotFound):
            await use_case_of_nobody(db, clock(), use_case, arguments)
    assert (await entries(pool))[-1][:2] == (kind, "seat-07")


async def use_case_of_nobody(db, now, use_case: Use, arguments: tuple[str, ...]) -> None:
    await carry_out(db, now, use_case, "nobody", *arguments)


async def test_administrators_see_accounts_and_sessions_and_end_one(
    from_address: FromAddress, pool: Pool, clock
) -> None:
    clients = [from_address(f"10.0.0.{number}") for number in (7, 8)]
    for client in clients:
        await client.post("/api/session", json=LOG_IN)
    async with pool.connection() as db:
        (line,) = await list_accounts(db, clock())
        assert (line.username, line.sessions, line.disabled) == ("seat-07", 2, False)
        assert line.last_at == clock()
        first, second = await list_sessions(db, "seat-07", clock())
        assert (first.address, second.address) == ("10.0.0.7", "10.0.0.8")
        assert await carry_out(db, clock(), revoke_sessions, "seat-07", first.session_id) == 1
        with pytest.raises(NotFound):
            await carry_out(db, clock(), revoke_sessions, "seat-07", first.session_id)
    assert [(await client.get("/api/session")).status_code for client in clients] == [401, 200]


async def test_after_unlocking_nobody_has_to_wait(
    from_address: FromAddress, pool: Pool, clock
) -> None:
    client = from_address("10.0.0.7")
    assert (await try_often(client, 6))[-1] == 429
    async with pool.connection() as db:
        assert await carry_out(db, clock(), unlock_account, "seat-07") == 5
    assert (await client.post("/api/session", json=LOG_IN)).status_code == 200
