"""Who may try to log in, how often, and what is kept of it."""

import asyncio
import json

import pytest
import structlog
from fastapi import FastAPI
from pydantic import SecretStr

from hub.accounts.administration import (
    set_password,
)
from hub.accounts.hashing import HashingQueue, Turn, hashing_queue
from hub.accounts.limits import MOST, FailuresOf
from hub.db import Pool
from hub.errors import InvalidInput
from hub.live.client import is_live
from tests.integration.api.front_door import (
    LOG_IN,
    OURS,
    PASSWORD,
    WRONG,
    FromAddress,
    entries,
    try_often,
)
from tests.use_cases import carry_out
from tests.waiting import turns, until

pytestmark = pytest.mark.usefixtures("seat_account")


async def test_strangers_cannot_lock_out_the_owner_of_a_known_device(
    from_address: FromAddress,
) -> None:
    owner = from_address("10.0.0.7")
    assert (await owner.post("/api/session", json=LOG_IN)).status_code == 200
    for number in range(10):
        await try_often(from_address(f"10.9.9.{number}"), 6)
    stranger = from_address("10.9.8.1")
    assert (await stranger.post("/api/session", json=LOG_IN)).status_code == 429
    assert (await owner.post("/api/session", json=LOG_IN)).status_code == 200


async def test_failures_at_one_address_keep_nobody_out_elsewhere(from_address: FromAddress) -> None:
    assert await try_often(from_address("10.9.9.1"), 6) == [401] * 5 + [429]
    elsewhere = from_address("10.0.0.7")
    assert (await elsewhere.post("/api/session", json=LOG_IN)).status_code == 200


async def test_on_a_known_device_failures_are_limited_too(from_address: FromAddress, clock) -> None:
    owner = from_address("10.0.0.7")
    await owner.post("/api/session", json=LOG_IN)
    assert await try_often(owner, 6) == [401] * 5 + [429]
    clock.forward(seconds=61)
    assert (await owner.post("/api/session", json=LOG_IN)).status_code == 200


async def test_another_account_is_not_known_on_a_device(
    from_address: FromAddress, pool: Pool
) -> None:
    seat = from_address("10.0.0.7")
    await seat.post("/api/session", json=LOG_IN)
    assert await try_often(seat, 6, username="nobody") == [401] * 5 + [429]


async def test_a_spray_of_names_meets_the_limit_of_its_address(from_address: FromAddress) -> None:
    sprayer = from_address("10.9.9.1")
    answers = [
        await sprayer.post("/api/session", json=WRONG | {"username": f"name-{number}"})
        for number in range(60)
    ]
    codes = [answer.status_code for answer in answers]
    most = MOST[FailuresOf.ADDRESS]
    assert codes == [401] * most + [429] * (60 - most)
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_a_spray_from_many_addresses_of_one_ipv6_network_is_one(
    from_address: FromAddress,
) -> None:
    codes = []
    for number in range(MOST[FailuresOf.NAME_AT_ADDRESS] + 1):
        codes += await try_often(from_address(f"2001:db8::{number + 1:x}"), 1)
    assert codes[-1] == 429


async def test_all_strangers_together_meet_a_limit(
    from_address: FromAddress, pool: Pool, clock
) -> None:
    owner = from_address("10.0.0.7")
    await owner.post("/api/session", json=LOG_IN)
    async with pool.connection() as db:
        await db.execute(
            "INSERT INTO login_failure (username, at, address)"
            " SELECT '#' || n, %s, '10.1.1.' || n FROM generate_series(1, %s) n",
            (clock(), MOST[FailuresOf.EVERYBODY]),
        )
    assert await try_often(from_address("10.9.9.1"), 1) == [429]
    assert (await owner.post("/api/session", json=LOG_IN)).status_code == 200


async def test_a_flood_is_answered_before_hashing_and_real_people_get_through(
    from_address: FromAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashing, order, go_on = 0, [], asyncio.Event()

    async def verify(password_hash: str | None, password: str) -> bool:
        nonlocal hashing
        hashing += 1
        order.append(password)
        if hashing == 1:
            await go_on.wait()
        return password == PASSWORD

    monkeypatch.setattr("hub.accounts.commands.verify_password", verify)
    queue = HashingQueue(1)
    monkeypatch.setattr("hub.accounts.commands.hashing_queue", lambda: queue)
    flood = [
        asyncio.create_task(
            from_address(f"10.9.9.{number}").post(
                "/api/session", json={"username": f"x{number}", "password": "flood"}
            )
        )
        for number in range(32)
    ]
    await until(lambda: sum(each.done() for each in flood) == 27)
    refused = [each.result() for each in flood if each.done()]
    assert {answer.status_code for answer in refused} == {429}
    assert all(answer.headers["retry-after"] for answer in refused)
    real = asyncio.create_task(from_address("10.0.0.7").post("/api/session", json=LOG_IN))
    await until(lambda: any(turn is Turn.ACCOUNT for turn, _, _ in queue._waiting))
    go_on.set()
    assert (await real).status_code == 200
    await asyncio.gather(*flood)
    assert order[:2] == ["flood", PASSWORD]


async def test_each_step_is_an_entry_with_the_address(
    from_address: FromAddress, pool: Pool
) -> None:
    client = from_address("10.0.0.7", **OURS)
    await client.post("/api/session", json=WRONG)
    await client.post("/api/session", json=LOG_IN)
    await client.delete("/api/session")
    found = (await entries(pool))[1:]
    assert found == [
        (
            "login_failed",
            "seat-07",
            "system:accounts",
            {"address": "10.0.0.7", "reason": "wrong_password"},
        ),
        ("logged_in", "seat-07", "user:seat-07", {"address": "10.0.0.7", "known_device": False}),
        ("logged_out", "seat-07", "user:seat-07", {"address": "10.0.0.7"}),
    ]


async def test_a_password_typed_as_the_name_is_kept_nowhere(
    from_address: FromAddress, pool: Pool, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = "my secret password 77"
    structlog.reset_defaults()
    client = from_address("10.0.0.7")
    for _ in range(6):
        await client.post("/api/session", json={"username": typed, "password": "x"})
    said = capsys.readouterr()
    assert "login_refused" in said.out
    assert typed not in said.out + said.err
    async with pool.connection() as db:
        kept = await (await db.execute("SELECT username FROM login_failure")).fetchall()
    assert typed not in json.dumps([*(await entries(pool)), *kept])
    assert kept[0][0].startswith("#")


async def test_consoles_are_not_told_who_logs_in(pool: Pool, clock, from_address) -> None:
    from hub.journal import entries_after

    await from_address("10.0.0.7").post("/api/session", json=LOG_IN)
    async with pool.connection() as db:
        told = [is_live(each) for each in await entries_after(db, 0)]
    assert told == [False, False]


@pytest.mark.parametrize(
    ("forwarded", "trusted", "address"),
    [
        ("1.2.3.4", [], "10.0.0.7"),
        ("1.2.3.4", ["10.0.0.0/24"], "1.2.3.4"),
        ("6.6.6.6, 1.2.3.4", ["10.0.0.0/24"], "1.2.3.4"),
        ("6.6.6.6, 1.2.3.4, 10.0.0.9", ["10.0.0.0/24"], "1.2.3.4"),
        ("not an address", ["10.0.0.0/24"], "10.0.0.7"),
        ("1.2.3.4", ["10.1.0.0/24"], "10.0.0.7"),
    ],
)
async def test_a_proxys_word_counts_if_the_settings_trust_it(
    app: FastAPI, from_address, pool: Pool, forwarded: str, trusted: list[str], address: str
) -> None:
    given = app.state.settings.model_dump() | {"trusted_proxies": trusted}
    given = {k: v.get_secret_value() if isinstance(v, SecretStr) else v for k, v in given.items()}
    app.state.settings = type(app.state.settings).model_validate(given)
    client = from_address("10.0.0.7", **{"X-Forwarded-For": forwarded})
    await client.post("/api/session", json=LOG_IN)
    assert (await entries(pool))[-1][3]["address"] == address


@pytest.mark.parametrize(
    "password",
    ["123456789012", "short", "seat-07-seat-07", "Password2026!", "x" * 201, "qwertyuiop12"],
)
async def test_a_password_that_is_guessed_first_is_refused(
    pool: Pool, clock, password: str
) -> None:
    async with pool.connection() as db:
        with pytest.raises(InvalidInput) as refused:
            await carry_out(db, clock(), set_password, "seat-07", password)
    assert refused.value.facts["field"] == "password"


async def test_a_session_that_nobody_uses_ends(from_address: FromAddress, clock) -> None:
    client = from_address("10.0.0.7")
    await client.post("/api/session", json=LOG_IN)
    for _ in range(3):
        clock.forward(minutes=119)
        assert (await client.get("/api/session")).status_code == 200
    clock.forward(minutes=121)
    assert (await client.get("/api/session")).status_code == 401


async def test_what_a_page_asks_by_itself_is_no_use(from_address: FromAddress, clock) -> None:
    client = from_address("10.0.0.7")
    await client.post("/api/session", json=LOG_IN)
    for minutes in range(30, 121, 30):
        clock.forward(minutes=30)
        unused = {"X-Unused-S": str(minutes * 60)}
        answer = await client.get("/api/session", headers=unused)
        assert answer.status_code == (200 if minutes < 120 else 401)


async def test_a_queue_lets_the_known_in_first_and_forgets_who_left() -> None:
    queue, order = HashingQueue(1), []

    async def hashed(name: str, turn: Turn) -> None:
        async with queue.place(turn):
            order.append(name)

    async with queue.place(Turn.STRANGER):
        waiting = [
            asyncio.create_task(hashed(name, turn))
            for name, turn in [
                ("stranger", Turn.STRANGER),
                ("left", Turn.KNOWN_DEVICE),
                ("account", Turn.ACCOUNT),
                ("known", Turn.KNOWN_DEVICE),
            ]
        ]
        await turns()
        waiting[1].cancel()
        await turns()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert order == ["known", "account", "stranger"]
    assert queue._free == 1
    assert hashing_queue() is hashing_queue()
