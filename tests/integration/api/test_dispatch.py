import asyncio

import httpx
import pytest

from hub.accounts.account import Role
from hub.db import Pool
from tests.integration.hub.dispatch.conftest import District


@pytest.fixture
async def case_id(pool: Pool, clock) -> int:
    """A case with two terminals near it; T-1 is nearer."""
    async with pool.connection() as db:
        district = District(db, clock())
        await district.found()
        await district.terminal("T-1", metres=100)
        await district.terminal("T-2", metres=300)
        return await district.case()


@pytest.fixture
async def operator(case_id, sign_in) -> httpx.AsyncClient:
    return await sign_in(Role.DISPATCHER)


async def test_an_operator_sees_who_can_be_sent_and_sends_the_best(operator, case_id) -> None:
    answer = await operator.get(f"/api/cases/{case_id}/candidates", params={"type": "guard"})
    assert answer.status_code == 200
    found = answer.json()
    assert [(item["device_id"], item["rank"]) for item in found["items"]] == [
        ("T-1", 1),
        ("T-2", 2),
    ]
    best = found["items"][0]
    assert best["distance_m"] == pytest.approx(100, abs=1)
    assert best["position"]["lon"] > 103.82
    assert {"code", "text_zh", "text_en"} == set(best["reasons"][0])
    assert found["considered"] == 2
    order = {
        "device_id": "T-1",
        "type": "guard",
        "case_id": case_id,
        "recommendation_id": found["recommendation_id"],
    }
    answer = await operator.post("/api/commands", json=order)
    assert answer.status_code == 201, answer.text
    given = answer.json()
    assert (given["state"], given["chosen_rank"], given["priority"]) == ("queued", 1, 7)
    assert [line["state"] for line in given["history"]] == ["created", "queued"]
    listed = (await operator.get("/api/commands", params={"case_id": case_id})).json()["items"]
    assert listed == [given]
    path = f"/api/commands/{given['command_id']}"
    assert (await operator.get(path)).json() == given
    again = await operator.post("/api/commands", json=order)
    assert (again.status_code, again.json()["type"]) == (409, "conflict")
    taken_back = await operator.post(f"{path}/cancel", json={"reason": "误派"})
    assert taken_back.json()["state"] == "cancelled"
    assert (await operator.post(f"{path}/cancel", json={"reason": "误派"})).status_code == 409


async def send(operator, case_id: int, device_id: str, **more) -> httpx.Response:
    order = {"device_id": device_id, "type": "guard", "case_id": case_id}
    return await operator.post("/api/commands", json=order | more)


async def test_a_second_person_is_sent_within_seconds_only_if_that_is_meant(
    operator, case_id, clock
) -> None:
    assert (await send(operator, case_id, "T-1")).status_code == 201
    clock.forward(seconds=1)
    refused = await send(operator, case_id, "T-2")
    assert refused.status_code == 409
    assert (refused.json()["type"], refused.json()["sent_to"]) == ("conflict", "T-1")
    assert (await send(operator, case_id, "T-2", type="verify")).status_code == 201
    assert (await send(operator, case_id, "T-2", besides=True)).status_code == 201


async def test_two_clicks_at_once_send_one_person(operator, case_id) -> None:
    answers = await asyncio.gather(send(operator, case_id, "T-1"), send(operator, case_id, "T-2"))
    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_later_a_second_person_is_sent_without_asking(operator, case_id, clock) -> None:
    assert (await send(operator, case_id, "T-1")).status_code == 201
    clock.forward(seconds=11)
    assert (await send(operator, case_id, "T-2")).status_code == 201


@pytest.mark.parametrize(
    ("order", "status", "type_"),
    [
        ({"device_id": "T-9", "type": "locate"}, 404, "not-found"),
        ({"device_id": "T-1", "type": "message"}, 422, "invalid-input"),
        ({"device_id": "T-1", "type": "message", "body": {"words": 1}}, 422, "invalid-input"),
        ({"device_id": "T-1", "type": "dance"}, 422, "invalid-input"),
        ({"device_id": "T-1", "type": "video_start", "body": {}}, 422, "invalid-input"),
        ({"device_id": "T-1", "type": "ptz_goto", "body": {}}, 422, "invalid-input"),
        ({"device_id": "T-1", "type": "reboot"}, 403, "forbidden"),
        ({"device_id": "T-1", "type": "guard", "case_id": 99}, 404, "not-found"),
        ({"device_id": "../T-1", "type": "locate"}, 422, "invalid-input"),
    ],
)
async def test_what_an_operator_cannot_order(operator, order, status, type_) -> None:
    answer = await operator.post("/api/commands", json=order)
    assert (answer.status_code, answer.json()["type"]) == (status, type_)
    assert (await operator.get("/api/commands")).json()["items"] == []


async def test_a_message_goes_out_with_its_text(operator) -> None:
    answer = await operator.post(
        "/api/commands",
        json={"device_id": "T-1", "type": "message", "body": {"text": "请回电"}},
    )
    assert answer.status_code == 201, answer.text


async def test_an_administrator_restarts_a_terminal(case_id, sign_in) -> None:
    admin = await sign_in(Role.ADMIN)
    answer = await admin.post("/api/commands", json={"device_id": "T-1", "type": "reboot"})
    assert answer.status_code == 201, answer.text


async def test_a_unit_handler_neither_sees_nor_gives_orders(case_id, sign_in) -> None:
    handler = await sign_in(Role.UNIT_HANDLER)
    assert (await handler.get("/api/commands")).status_code == 403
    assert (await handler.get(f"/api/cases/{case_id}/candidates")).status_code == 403
    order = {"device_id": "T-1", "type": "locate"}
    assert (await handler.post("/api/commands", json=order)).status_code == 403


async def test_an_operator_tells_everybody_in_an_area(operator) -> None:
    east, north = 103.83, 25.61
    order = {
        "type": "message",
        "body": {"text": "暴雨预警"},
        "selection": {"area": [[103.82, 25.59], [east, 25.59], [east, north], [103.82, north]]},
    }
    answer = await operator.post("/api/command-groups", json=order)
    assert answer.status_code == 201, answer.text
    given = answer.json()
    assert given["stragglers"] == ["T-1", "T-2"]
    assert given["states"] == {"queued": 2}
    path = f"/api/command-groups/{given['group_id']}"
    assert (await operator.get(path)).json() == given


@pytest.mark.parametrize("selection", [{}, {"unit_key": "town_01", "device_ids": ["T-1"]}])
async def test_a_group_is_chosen_in_exactly_one_way(operator, selection) -> None:
    order = {"type": "message", "body": {"text": "x"}, "selection": selection}
    answer = await operator.post("/api/command-groups", json=order)
    assert (answer.status_code, answer.json()["type"]) == (422, "invalid-input")
