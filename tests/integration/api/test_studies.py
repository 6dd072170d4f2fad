"""A joint study over HTTP: from an issue that nobody owns to the same question that routes itself."""

from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import pytest

from hub.accounts import Role
from hub.cases.commands import flag_overdue_studies
from hub.db import Pool
from hub.journal import Subject, chain_breaks, entries_of
from tests.districts import add_units
from tests.use_cases import carry_out

LON, LAT = 103.82, 25.60
METRE_EAST = 1 / 100_420
FAR_FROM_ANY_COVER = 300


@pytest.fixture(autouse=True)
async def _street(street: None, pool: Pool) -> None:
    async with pool.connection() as db:
        await add_units(db, "power_supply")


@pytest.fixture
async def supervisor(sign_in) -> httpx.AsyncClient:
    return await sign_in(Role.SUPERVISOR)


@pytest.fixture
async def housing(sign_in) -> httpx.AsyncClient:
    return await sign_in(Role.UNIT_HANDLER, "housing_bureau")


@pytest.fixture
async def power(sign_in) -> httpx.AsyncClient:
    return await sign_in(Role.UNIT_HANDLER, "power_supply")


@pytest.fixture
async def sanitation(sign_in) -> httpx.AsyncClient:
    return await sign_in(Role.UNIT_HANDLER, "sanitation")


@pytest.fixture
def file_cover(picture: Callable[..., bytes]):
    """File a cover so many metres east of the one that is registered."""

    async def filed(
        client: httpx.AsyncClient, east_m: float = FAR_FROM_ANY_COVER, seed: int = 1, **fields
    ) -> dict:
        photo = {"file": picture(seed)}
        sha256 = (await client.post("/api/evidence", files=photo)).json()["sha256"]
        body = {
            "item_key": "manhole_cover",
            "cond_key": "broken",
            "place": {"lon": LON + east_m * METRE_EAST, "lat": LAT, "error_m": 4},
            "text": "井盖破损",
            "evidence": [sha256],
        }
        answer = await client.post("/api/cases", json=body | fields)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return filed


async def refer(client: httpx.AsyncClient, case: dict, *units: str) -> dict:
    body = {
        "event": "refer_study",
        "version": case["version"],
        "units": units or ["housing_bureau", "power_supply"],
        "reason": "未登记权属",
    }
    answer = await client.post(f"/api/cases/{case['case_id']}/transitions", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def say(client: httpx.AsyncClient, case: dict, **said) -> httpx.Response:
    body = {"position": "not_ours", "text": "不是我们的"} | said
    return await client.post(f"/api/cases/{case['case_id']}/study/answers", json=body)


async def rule(client: httpx.AsyncClient, case: dict, **said) -> httpx.Response:
    body = {
        "version": case["version"],
        "lead_unit": "power_supply",
        "assist_units": ["housing_bureau"],
        "minutes": "两家到场，查阅竣工图",
        "basis": "2012 年由供电局敷设",
    }
    return await client.post(f"/api/cases/{case['case_id']}/study/ruling", json=body | said)


async def study(client: httpx.AsyncClient, case: dict) -> dict:
    answer = await client.get(f"/api/cases/{case['case_id']}/study")
    assert answer.status_code == 200, answer.text
    return answer.json()


def codes(case: dict) -> list[str]:
    return [reason["code"] for reason in case["why"]]


async def test_a_study_teaches_the_catalogue_and_the_same_question_routes_itself(
    dispatcher, power, housing, sanitation, sign_in, file_cover, clock, pool
):
    case = await file_cover(dispatcher)
    assert (case["state"], case["lead_unit"]) == ("FILED", None)
    assert codes(case) == ["no_asset_within_reach", "needs_joint_study", "territory"]

    case = await refer(dispatcher, case)
    assert case["state"] == "JOINT_STUDY"
    assert datetime.fromisoformat(case["due_at"]) == clock() + timedelta(days=1)

    for unit, status in ((power, 200), (housing, 200), (sanitation, 404)):
        assert (await unit.get(f"/api/cases/{case['case_id']}")).status_code == status
        assert (await unit.get(f"/api/cases/{case['case_id']}/study")).status_code == status
        listed = (await unit.get("/api/cases")).json()["items"]
        assert len(listed) == (status == 200)
    assert (await say(housing, case, text="未移交我局")).status_code == 201
    said = await say(power, case, position="ours", text="竣工图上有")
    assert said.status_code == 201
    assert [each["position"] for each in said.json()["answers"]] == ["not_ours", "ours"]
    assert (await say(sanitation, case)).status_code == 404

    clock.forward(days=1, seconds=1)
    async with pool.connection() as db:
        assert await carry_out(db, clock(), flag_overdue_studies) == 1
        assert await carry_out(db, clock(), flag_overdue_studies) == 0
    dispatcher = await sign_in(Role.DISPATCHER, username="dispatcher-of-the-next-day")
    supervisor = await sign_in(Role.SUPERVISOR, username="supervisor-of-the-next-day")
    late = (await dispatcher.get(f"/api/cases/{case['case_id']}")).json()
    assert late["overdue"]

    ruled = await rule(supervisor, late, proposal={})
    assert ruled.status_code == 200, ruled.text
    assert ruled.json()["ruling"]["minutes"] == "两家到场，查阅竣工图"
    assert (ruled.json()["running"], ruled.json()["overdue"]) == (False, True)
    case = (await dispatcher.get(f"/api/cases/{case['case_id']}")).json()
    assert (case["state"], case["lead_unit"]) == ("ROUTED", "power_supply")
    assert case["assist_units"] == ["housing_bureau"]
    assert case["why"][0]["code"] == "ruled_by_study"
    assert not case["overdue"]

    (proposal,) = ruled.json()["proposals"]
    assert proposal["state"] == "proposed"
    before = (await dispatcher.get("/api/catalogue")).json()["version"]
    waits = await file_cover(dispatcher, FAR_FROM_ANY_COVER + 100, 2)
    assert waits["state"] == "FILED"

    admin = await sign_in(Role.ADMIN)
    accepted = await admin.post(f"/api/proposals/{proposal['proposal_id']}/accept")
    assert accepted.status_code == 200, accepted.text
    assert accepted.json()["state"] == "accepted"
    assert accepted.json()["version"] == before + 1
    assert (await dispatcher.get("/api/catalogue")).json()["version"] == before + 1

    async with pool.connection() as db:
        await db.execute("UPDATE cases SET state = 'CLOSED', closed_at = filed_at WHERE case_id = %s",
                         (case["case_id"],))  # fmt: skip
    again = await file_cover(dispatcher, FAR_FROM_ANY_COVER + 5, 3, reopen=False)
    assert (again["state"], again["lead_unit"]) == ("ROUTED", "power_supply")
    assert again["assist_units"] == ["housing_bureau"]
    assert codes(again) == ["no_asset_within_reach", "joint_ruling", "territory"]
    reason = again["why"][1]
    assert reason["facts"]["case_no"] == case["case_no"]
    assert "2012 年由供电局敷设" in reason["text_zh"]
    assert again["catalogue_version"] == before + 1

    elsewhere = await file_cover(dispatcher, FAR_FROM_ANY_COVER + 200, 4)
    assert (elsewhere["state"], elsewhere["lead_unit"]) == ("FILED", None)
    other = await file_cover(
        dispatcher, FAR_FROM_ANY_COVER + 2, 5, item_key="manhole_ownerless", cond_key="broken"
    )
    assert (other["state"], other["lead_unit"]) == ("FILED", None)

    async with pool.connection() as db:
        entries = await entries_of(db, Subject.CASE, str(case["case_id"]))
    kinds = [entry.kind for entry in entries]
    assert kinds.count("study_answered") == 2
    assert kinds[-2:] == ["ruling_proposed", "proposal_accepted"]
    assert chain_breaks(entries) == []
