"""Ladder, letters, lists and digests through the API, as people of each role use them."""

from datetime import timedelta

import httpx
import pytest

from hub.accounts.account import Role
from hub.supervision.ladder.commands import climb_ladder
from tests.use_cases import carry_out


@pytest.fixture
async def supervisor(sign_in) -> httpx.AsyncClient:
    return await sign_in(Role.SUPERVISOR)


@pytest.fixture
async def late_case(street, bare_case, pool, clock) -> int:
    """A case of the Housing Bureau that is past all steps of the ladder."""
    case_id = await bare_case(
        "housing_bureau",
        state="HANDLING",
        territory_unit="village_001",
        limit_type="work_day",
        limit_value=2,
        policy="accumulate",
    )
    clock.forward(days=14)
    async with pool.connection() as db:
        await carry_out(db, clock(), climb_ladder)
    return case_id


async def test_a_unit_sees_signs_and_answers_its_letters(late_case, sign_in):
    handler = await sign_in(Role.UNIT_HANDLER)
    found = (await handler.get("/api/letters", params={"open": True})).json()["items"]
    assert {each["letter_no"] for each in found} == {"提醒函〔2025〕1号", "督办函〔2025〕1号"}
    address = f"/api/letters/{found[0]['letter_id']}"
    assert (await handler.post(f"{address}/receipt")).json()["state"] == "received"
    answer = await handler.post(f"{address}/answer", json={"text": "已更换"})
    assert (answer.json()["state"], answer.json()["answer"]) == ("answered", "已更换")
    assert (await handler.post(f"{address}/answer", json={"text": "x"})).status_code == 409
    page = await handler.get(f"{address}/html")
    assert page.headers["content-type"].startswith("text/html")
    assert found[0]["letter_no"] in page.text
    notices = (await handler.get("/api/ladder/notices")).json()["items"]
    assert {each["step_key"] for each in notices} >= {"reminder_80", "weekly_list"}


async def test_another_unit_sees_neither_letter_nor_notice(late_case, sign_in):
    other = await sign_in(Role.UNIT_HANDLER, "sanitation")
    assert (await other.get("/api/letters")).json()["items"] == []
    assert (await other.get("/api/letters/1")).status_code == 404
    assert (await other.get("/api/letters/1/pdf")).status_code == 404
    assert (await other.post("/api/letters/1/receipt")).status_code == 404
    assert (await other.get("/api/ladder/notices")).json()["items"] == []
    assert (await other.get(f"/api/ladder/cases/{late_case}")).status_code == 404


async def test_a_supervisor_orders_by_hand_and_recalls(late_case, sign_in, clock):
    supervisor = await sign_in(Role.SUPERVISOR)
    order = {
        "case_id": late_case,
        "kind": "order",
        "unit_key": "housing_bureau",
        "text": "今天完成",
        "answer_due_at": (clock() + timedelta(days=1)).isoformat(),
    }
    issued = await supervisor.post("/api/letters", json=order)
    assert (issued.status_code, issued.json()["letter_no"]) == (201, "督办单〔2025〕1号")
    address = f"/api/letters/{issued.json()['letter_id']}"
    recalled = await supervisor.post(f"{address}/recall", json={"reason": "误发"})
    assert (recalled.json()["state"], recalled.json()["recall_reason"]) == ("recalled", "误发")
    standing = (await supervisor.get("/api/ladder/cases")).json()["items"]
    assert [(each["case_id"], each["steps_fired"], each["next_step"]) for each in standing] == []
    late = (await supervisor.get("/api/ladder/cases", params={"overdue": False})).json()["items"]
    assert late == standing


async def test_the_ladder_of_a_case_tells_what_was_done(late_case, dispatcher):
    shown = (await dispatcher.get(f"/api/ladder/cases/{late_case}")).json()
    assert [each["step_key"] for each in shown["fired"]] == [
        "reminder_80",
        "explanation",
        "reminder_letter",
        "supervision_letter",
        "weekly_list",
    ]
    assert (shown["halt"], shown["to_come"]) == (None, [])


async def test_the_ladder_is_changed_by_a_file_whose_bad_steps_are_named(sign_in):
    supervisor = await sign_in(Role.SUPERVISOR)
    bad = await supervisor.post(
        "/api/ladder", json={"text": "steps: [{step_key: x}]", "reason": "why"}
    )
    assert bad.status_code == 422
    assert "step 1 (x)" in bad.json()["detail"]
    steps = (await supervisor.get("/api/ladder")).json()
    assert (steps["version"], len(steps["steps"])) == (0, 5)


async def test_a_matter_is_led_through_the_api(late_case, dispatcher):
    new = {"case_id": late_case, "tier": "mid", "leader": "分管领导"}
    made = (await dispatcher.post("/api/matters", json=new)).json()
    address = f"/api/matters/{made['matter_id']}"
    assert (await dispatcher.post("/api/matters", json=new)).status_code == 409
    steps = (("tier", {"tier": "high", "reason": "人多"}), ("review", {"text": "已见面"}))
    for change, body in (*steps, ("notes", {"text": "顺利"})):
        assert (await dispatcher.post(f"{address}/{change}", json=body)).is_success
    plan = {"goal": "化解", "members": [{"name": "司法所", "duty": "调解"}]}
    assert (await dispatcher.put(f"{address}/plan", json=plan)).is_success
    step = {"text": "付第一期", "due_on": "2025-09-01"}
    added = (await dispatcher.post(f"{address}/steps", json=step)).json()
    done = f"{address}/steps/{added['plan'][0]['step_id']}/done"
    shown = (await dispatcher.post(done, json={"result": "已付"})).json()
    assert (shown["tier"], shown["steps"], shown["steps_done"]) == ("high", 1, 1)
    struck = (await dispatcher.post(f"{address}/strike", json={"reason": "已化解"})).json()
    assert struck["strike_reason"] == "已化解"
    assert (await dispatcher.get("/api/matters")).json()["items"] == []


async def test_the_weekly_list_and_the_digest_are_read_and_printed(late_case, sign_in, clock):
    supervisor = await sign_in(Role.SUPERVISOR)
    made = await supervisor.post("/api/weekly-lists", json={})
    assert (made.status_code, made.json()["week"]) == (201, "2025-08-18")
    page = await supervisor.get("/api/weekly-lists/2025-08-18/html", params={"language": "en"})
    assert "Weekly study list" in page.text
    csv = "day,source,unit,count\n2025-08-20,petition,town_01,3\n"
    told = await supervisor.post("/api/digests/counts", json={"name": "a.csv", "text": csv})
    assert told.json() == {"counts": 1, "replaced": 0, "days": ["2025-08-20"]}
    bad = await supervisor.post(
        "/api/digests/counts", json={"name": "a.csv", "text": csv.replace("3", "three")}
    )
    assert bad.status_code == 422
    assert "D2" in bad.json()["detail"]
    shown = (await supervisor.get("/api/digests/2025-08-20")).json()
    assert shown["townships"][0]["petitions"] == 3
    assert "每日专报" in (await supervisor.get("/api/digests/2025-08-20/html")).text
    assert (await supervisor.get("/api/digests/2025-09-20")).status_code == 422


async def test_a_ladder_is_tried_and_imported_from_its_own_text(supervisor):
    ladder = (await supervisor.get("/api/ladder")).json()
    text = ladder["text"].replace("share_of_limit: 0.8", "share_of_limit: 0.7")
    tried = (await supervisor.post("/api/ladder", json={"text": text, "dry_run": True})).json()
    assert (tried["version"], tried["changed"]) == (None, ["reminder_80"])
    (step,) = tried["steps"]
    assert (step["before"]["share_of_limit"], step["after"]["share_of_limit"]) == (0.8, 0.7)
    assert (await supervisor.post("/api/ladder", json={"text": text})).status_code == 422
    body = {"text": text, "reason": "earlier"}
    assert (await supervisor.post("/api/ladder", json=body)).json()["version"] == 1
    (version,) = (await supervisor.get("/api/ladder/versions")).json()["items"]
    assert (version["version"], version["reason"], version["source"]) == (1, "earlier", "console")


async def test_announcements_are_found_among_what_the_ladder_told(late_case, supervisor):
    async def kinds(**wanted: str) -> set[str]:
        found = await supervisor.get("/api/ladder/notices", params=wanted)
        return {each["kind"] for each in found.json()["items"]}

    assert await kinds() >= {"reminder", "letter", "weekly_list"}
    assert await kinds(kind="weekly_list") == {"weekly_list"}


async def test_a_filing_policy_is_changed_with_a_reason_that_is_kept(supervisor, sign_in):
    policy = {"automatic": False, "least_precision": 0.9, "least_verdicts": 25}
    door = "/api/quality/policies/high"
    assert (await supervisor.put(door, json=policy)).status_code == 422
    changed = await supervisor.put(door, json=policy | {"reason": "too many false alarms"})
    (high, *_) = changed.json()["items"]
    assert (high["least_precision"], high["least_verdicts"]) == (0.9, 25)
    (change,) = (await supervisor.get("/api/quality/policies/history")).json()["items"]
    assert (change["severity"], change["reason"]) == ("high", "too many false alarms")
    fields = {each["field"]: (each["before"], each["after"]) for each in change["changed"]}
    assert fields["least_verdicts"][1] == 25
    viewer = await sign_in(Role.VIEWER)
    assert (await viewer.put(door, json=policy | {"reason": "no"})).status_code == 403
