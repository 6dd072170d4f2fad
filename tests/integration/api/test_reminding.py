"""Units are reminded by hand, of many cases at once."""

import pytest

from hub.accounts import Role


@pytest.fixture(autouse=True)
async def _street(street: None) -> None:
    """The test is in the street."""


@pytest.fixture
async def handler(sign_in):
    return await sign_in(Role.UNIT_HANDLER)


async def test_units_are_reminded_of_many_cases_as_the_ladder_reminds_them(
    dispatcher, handler, bare_case, clock
) -> None:
    limit = {"limit_type": "work_day", "limit_value": 2, "policy": "accumulate"}
    late = await bare_case("housing_bureau", "C-1", assist_units=["sanitation"], **limit)
    fed_back = await bare_case("housing_bureau", "C-2", state="VERIFYING", **limit)
    unrouted = await bare_case(None, "C-3", state="FILED", due_at=None, routed_at=None)
    body = {
        "cases": [{"case_id": each, "version": 1} for each in (late, fed_back, unrouted)],
        "action": "remind",
        "text": "群众已两次来电",
    }
    done, *refused = (await dispatcher.post("/api/cases/batch", json=body)).json()["items"]
    assert (done["done"], done["state"], done["version"]) == (True, "ROUTED", 1), done
    assert [(each["done"], each["problem"]) for each in refused] == [(False, "conflict")] * 2
    assert "fed back" in refused[0]["detail"]
    assert "assign it first" in refused[1]["detail"]

    (notice,) = (await handler.get("/api/ladder/notices")).json()["items"]
    assert (notice["case_id"], notice["kind"]) == (late, "reminder")
    assert notice["units"] == ["housing_bureau", "sanitation"]
    assert notice["text_zh"] == "群众已两次来电"
    (entry,) = (await dispatcher.get(f"/api/cases/{late}/journal")).json()["items"]
    assert (entry["kind"], entry["actor"]) == (
        "reminder_sent",
        "user:dispatcher-housing-bureau",
    )

    body = body | {"cases": body["cases"][:1], "text": None}
    clock.forward(minutes=59)
    (again,) = (await dispatcher.post("/api/cases/batch", json=body)).json()["items"]
    assert (again["problem"], again["done"]) == ("conflict", False)
    assert "wait an hour" in again["detail"]
    clock.forward(minutes=2)
    (again,) = (await dispatcher.post("/api/cases/batch", json=body)).json()["items"]
    assert again["done"]
    assert len((await handler.get("/api/ladder/notices")).json()["items"]) == 2

    (mine,) = (await handler.post("/api/cases/batch", json=body)).json()["items"]
    assert (mine["problem"], mine["done"]) == ("forbidden", False)
