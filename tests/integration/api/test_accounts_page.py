"""Accounts by the api: made, changed, disabled and unlocked by an administrator, and by nobody else."""

import httpx
import pytest

from hub.accounts.account import Role
from tests.integration.api.front_door import LOG_IN, OURS, FromAddress, entries

NEW = {
    "username": "viewer-01",
    "name": "查看员 01",
    "role": "viewer",
    "scope": "territory:village_001",
    "password": "of many words, this one",
}


@pytest.fixture
async def admin(sign_in) -> httpx.AsyncClient:
    return await sign_in(Role.ADMIN)


async def test_an_account_is_made_and_changes_its_password_first(
    admin: httpx.AsyncClient, from_address: FromAddress, pool
) -> None:
    made = await admin.post("/api/accounts", json=NEW)
    assert made.status_code == 201, made.text
    assert made.json()["scope"] == "territory:village_001"
    person = from_address("10.0.0.8", **OURS)
    credentials = LOG_IN | {"username": "viewer-01", "password": NEW["password"]}
    answer = (await person.post("/api/session", json=credentials)).json()
    assert answer["must_change_password"] is True
    assert answer["account"]["scope"]["territories"] == ["village_001"]
    assert answer["account"]["rights"] == ["read", "observe"]
    kind, username, actor, data = (await entries(pool))[0]
    assert (kind, username, actor) == ("account_created", "viewer-01", "user:admin-housing-bureau")
    assert data["address"] == "127.0.0.1"


async def test_a_change_of_scope_ends_the_sessions(admin: httpx.AsyncClient, sign_in) -> None:
    seat = await sign_in(Role.SEAT_OPERATOR, username="seat-01")
    assert (await seat.get("/api/session")).status_code == 200
    body = {"role": "dispatcher", "scope": "unit:sanitation"}
    changed = await admin.put("/api/accounts/seat-01", json=body)
    assert changed.status_code == 200, changed.text
    assert (changed.json()["role"], changed.json()["scope"]) == ("dispatcher", "unit:sanitation")
    assert (await seat.get("/api/session")).status_code == 401


async def test_disabling_and_revoking_end_sessions_at_once_and_enabling_revives_none(
    admin: httpx.AsyncClient, sign_in
) -> None:
    seat = await sign_in(Role.SEAT_OPERATOR, username="seat-01")
    (session,) = (await admin.get("/api/accounts/seat-01/sessions")).json()["items"]
    path = f"/api/accounts/seat-01/sessions/{session['session_id']}"
    assert (await admin.delete(path)).json() == {"ended": 1}
    assert (await seat.get("/api/session")).status_code == 401
    assert (await admin.delete(path)).status_code == 404
    assert (await admin.post("/api/accounts/seat-01/disable")).json() == {"ended": 0}
    assert (await admin.post("/api/accounts/seat-01/enable")).status_code == 204
    assert (await admin.post("/api/accounts/seat-01/unlock")).json() == {"forgotten": 0}
    assert (await seat.get("/api/session")).status_code == 401
    listed = (await admin.get("/api/accounts")).json()["items"]
    assert [line["disabled"] for line in listed if line["username"] == "seat-01"] == [False]


async def test_administrators_don_t_lock_themselves_out(admin: httpx.AsyncClient) -> None:
    own = "admin-housing-bureau"
    assert (await admin.post(f"/api/accounts/{own}/disable")).status_code == 409
    assert (await admin.put(f"/api/accounts/{own}", json={"role": "viewer"})).status_code == 409


@pytest.mark.parametrize(
    ("change", "advice"),
    [
        ({"role": "king"}, "role"),
        ({"scope": "everything"}, "a scope is district, territory:KEY or unit:KEY"),
        ({"scope": "territory:sanitation"}, "there is no territory sanitation"),
        ({"role": "unit_handler", "scope": None}, "a unit handler needs a unit"),
        ({"role": "auditor"}, "the scope of the role auditor is the district"),
        ({"password": "123456789012"}, "easy to guess"),
        ({"username": "Bad Name"}, "a user name has 2 to 64"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_advice(
    admin: httpx.AsyncClient, change: dict, advice: str
) -> None:
    answer = await admin.post("/api/accounts", json=NEW | change)
    assert answer.status_code == 422
    assert advice in answer.text


async def test_nobody_else_manages_accounts(sign_in) -> None:
    for role in set(Role) - {Role.ADMIN}:
        client = await sign_in(role)
        assert (await client.get("/api/accounts")).status_code == 403
        assert (await client.post("/api/accounts", json=NEW)).status_code == 403
