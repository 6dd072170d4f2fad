"""Approvals, owners and notes over HTTP, and what each person gets to see and do."""

from datetime import timedelta

import httpx
import pytest

from hub.accounts import Role

LON, LAT = 103.82, 25.60


@pytest.fixture(autouse=True)
async def _street(street: None) -> None:
    """Every test is in the street."""


@pytest.fixture
async def handler(sign_in) -> httpx.AsyncClient:
    return await sign_in(Role.UNIT_HANDLER)


@pytest.fixture
async def supervisor(sign_in) -> httpx.AsyncClient:
    return await sign_in(Role.SUPERVISOR)


@pytest.fixture
async def handled(dispatcher, handler, picture) -> dict:
    """A case of high severity that the Housing Bureau has signed."""
    photo = await dispatcher.post("/api/evidence", files={"file": picture(1)})
    body = {
        "item_key": "manhole_cover",
        "cond_key": "broken",
        "place": {"lon": LON, "lat": LAT, "error_m": 4},
        "text": "井盖破损",
        "evidence": [photo.json()["sha256"]],
    }
    case = (await dispatcher.post("/api/cases", json=body)).json()
    signed = await handler.post(
        f"/api/cases/{case['case_id']}/transitions",
        json={"event": "sign", "version": case["version"], "person": "王工", "plan": "更换"},
    )
    assert signed.status_code == 200, signed.text
    return signed.json()


def path(case: dict, *parts: str) -> str:
    return "/".join([f"/api/cases/{case['case_id']}", *parts])


async def test_an_extension_is_asked_for_and_granted_from_the_inbox(
    handler, supervisor, handled, clock
) -> None:
    assert handled["askable"] == ["extension", "suspension", "appeal"]
    asked = await handler.post(
        path(handled, "approvals"),
        json={"kind": "extension", "reason": "备件未到", "version": handled["version"]},
    )
    assert asked.status_code == 201, asked.text
    (request,) = asked.json()["requests"]
    assert (request["kind"], request["asked_by_name"]) == ("extension", asked_name(asked.json()))
    assert asked.json()["askable"] == ["suspension", "appeal"]
    clock.forward(minutes=10)

    (item,) = (await supervisor.get("/api/approvals")).json()["items"]
    assert (item["waiting_s"], item["can_decide"], item["case_no"]) == (
        600,
        True,
        handled["case_no"],
    )
    assert item["effect"]["due_at"] == "2025-08-13T07:19:00Z"
    granted = await supervisor.post(
        path(handled, "approvals", item["approval_id"], "grant"), json={"reason": "同意"}
    )

    assert granted.status_code == 200, granted.text
    assert (granted.json()["due_at"], granted.json()["extensions"]) == ("2025-08-13T07:19:00Z", 1)
    assert (await supervisor.get("/api/approvals")).json() == {"items": [], "total": 0}


def asked_name(case: dict) -> str:
    return next(e["actor_name"] for e in case["timeline"] if e["kind"] == "approval_asked")


async def test_a_request_is_refused_withdrawn_and_asked_for_again(
    handler, supervisor, dispatcher, handled, clock
) -> None:
    until = (clock() + timedelta(days=5)).isoformat()
    ask = {"kind": "suspension", "reason": "雨季", "until": until}
    asked = (await handler.post(path(handled, "approvals"), json=ask)).json()
    (request,) = asked["requests"]
    where = path(handled, "approvals", request["approval_id"])
    assert (await dispatcher.post(f"{where}/refuse", json={"reason": "x"})).status_code == 403
    assert (await supervisor.post(f"{where}/withdraw", json={})).status_code == 403
    assert (await supervisor.post(f"{where}/refuse", json={})).status_code == 422
    refused = await supervisor.post(f"{where}/refuse", json={"reason": "抓紧办理"})
    assert (refused.status_code, refused.json()["requests"]) == (200, [])
    again = (await handler.post(path(handled, "approvals"), json=ask)).json()
    where = path(handled, "approvals", again["requests"][0]["approval_id"])
    assert (await handler.post(f"{where}/withdraw", json={})).json()["requests"] == []
    assert (await supervisor.post(f"{where}/grant", json={})).status_code == 404


async def test_a_request_is_found_by_its_own_case_only(
    handler, supervisor, handled, sign_in
) -> None:
    ask = {"kind": "extension", "reason": "备件未到"}
    asked = (await handler.post(path(handled, "approvals"), json=ask)).json()
    approval_id = asked["requests"][0]["approval_id"]
    other = path(handled, "approvals", "999-1", "grant")
    assert (await supervisor.post(other, json={})).status_code == 404
    stranger = await sign_in(Role.UNIT_HANDLER, "sanitation")
    for verb, body in (("grant", {}), ("refuse", {"reason": "x"}), ("withdraw", {})):
        answer = await stranger.post(path(handled, "approvals", approval_id, verb), json=body)
        assert answer.status_code == 404
    assert (await stranger.get("/api/approvals")).json()["items"] == []
    assert (await stranger.post(path(handled, "approvals"), json=ask)).status_code == 404


async def test_the_second_operator_finds_a_case_to_be_voided_in_the_list(
    dispatcher, handled, sign_in
) -> None:
    asked = await dispatcher.post(
        path(handled, "approvals"), json={"kind": "void", "reason": "重复立案"}
    )
    assert asked.status_code == 201, asked.text
    assert (asked.json()["state"], asked.json()["void_asked_by_name"]) != ("VOID", None)
    second = await sign_in(Role.SEAT_OPERATOR)
    (item,) = (await second.get("/api/approvals?kind=void")).json()["items"]
    where = path(handled, "approvals", item["approval_id"], "grant")
    own = await dispatcher.post(where, json={})
    assert (own.status_code, own.json()["guard"]) == (422, "another_person_decides")
    assert (await second.post(where, json={})).json()["state"] == "VOID"


async def test_a_case_has_an_owner_and_notes(dispatcher, handler, handled, sign_in) -> None:
    claimed = await dispatcher.post(path(handled, "claim"), json={})
    assert claimed.status_code == 200, claimed.text
    assert claimed.json()["owner_name"]
    second = await sign_in(Role.SEAT_OPERATOR)
    assert (await second.post(path(handled, "claim"), json={})).status_code == 409
    taken = await second.post(path(handled, "claim"), json={"take_over": True})
    assert taken.json()["owner"] != claimed.json()["owner"]
    assert (await dispatcher.post(path(handled, "release"))).status_code == 403
    assert (await second.post(path(handled, "release"))).json()["owner"] is None
    assert (await handler.post(path(handled, "claim"), json={})).status_code == 403
    noted = await handler.post(path(handled, "notes"), json={"text": "现场需要围挡"})
    assert noted.status_code == 201
    assert noted.json()["timeline"][-1]["data"]["text"] == "现场需要围挡"
    stranger = await sign_in(Role.UNIT_HANDLER, "sanitation")
    for where, body in (("notes", {"text": "x"}), ("claim", {}), ("release", None)):
        assert (await stranger.post(path(handled, where), json=body)).status_code == 404
