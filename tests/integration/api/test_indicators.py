"""/api/indicators: figures, their comparisons, and the cases behind them."""

import asyncio
import csv
import io
from datetime import timedelta

import httpx
import openpyxl
import pytest

from hub.accounts.account import Role
from hub.catalogue.commands import import_starter
from hub.indicators.keeping import keep_up_fully
from hub.journal import append_all
from tests.journal_lives import CaseLife
from tests.use_cases import carry_out

ITEM = "manhole_cover"


@pytest.fixture
async def supervisor(sign_in) -> httpx.AsyncClient:
    return await sign_in(Role.SUPERVISOR)


@pytest.fixture
async def counted(pool, units, clock):
    """In August one case in time and one overdue, in July one closed late."""
    july = clock() - timedelta(days=28)
    lives = [
        CaseLife(1, clock() - timedelta(days=3))
        .file(item_key=ITEM)
        .route(days=2)
        .sign()
        .later(hours=5),
        CaseLife(2, clock() - timedelta(days=3)).file(item_key=ITEM).route("sanitation", days=1),
        CaseLife(3, july).file(item_key=ITEM).route(days=1).sign().later(days=2),
    ]
    for life in (lives[0], lives[2]):
        life.feed_back().close()
    entries = sorted((each for life in lives for each in life.entries), key=lambda each: each.at)
    async with pool.connection() as db:
        await carry_out(db, clock(), import_starter)
        await append_all(db, entries)
        await carry_out(db, clock(), keep_up_fully)


async def test_a_month_is_compared_with_the_one_before(dispatcher: httpx.AsyncClient, counted):
    found = (await dispatcher.get("/api/indicators", params={"period": "2025-08"})).json()
    counts, rates = found["figures"]["counts"], found["figures"]["rates"]
    assert (counts["filed"], counts["due"], counts["overdue_unhandled"]) == (2, 2, 1)
    assert rates["closing_in_time"] == {
        "numerator": 1,
        "denominator": 2,
        "percent": "50.00",
        "text": "50.00%",
    }
    assert rates["satisfaction"]["text"] == "—"
    assert found["period"]["from_at"] == "2025-08-01T00:00:00+08:00"
    assert found["before"]["period"]["key"] == "2025-07"
    assert found["before"]["growth_percent"]["filed"] == "100.00"
    assert found["before"]["points"]["closing_in_time"] == "50.00"
    assert found["year_before"]["growth_percent"]["filed"] is None
    assert found["entries_behind"] == 0


async def test_every_number_opens_its_cases(dispatcher: httpx.AsyncClient, counted):
    asked = {"period": "2025-08", "count": "overdue_unhandled"}
    found = (await dispatcher.get("/api/indicators/cases", params=asked)).json()
    assert (found["number"], [row["case_id"] for row in found["rows"]]) == (1, [2])
    assert found["rows"][0]["lead_unit_name_zh"] == "环境卫生管理站"
    page = {"period": "all", "count": "filed", "limit": 2}
    found = (await dispatcher.get("/api/indicators/cases", params=page)).json()
    assert (found["number"], len(found["rows"]), found["next_offset"]) == (3, 2, 2)


async def test_units_are_ranked_with_their_total(dispatcher: httpx.AsyncClient, counted):
    asked = {"period": "2025", "by": "unit"}
    found = (await dispatcher.get("/api/indicators/ranking", params=asked)).json()
    due = {row["key"]: row["figures"]["counts"]["due"] for row in found["rows"]}
    assert due == {"housing_bureau": 2, "sanitation": 1}
    assert found["total"]["rates"]["closing_in_time"]["text"] == "33.33%"
    for by in ("township", "item", "source", "severity", "reporter", "receiver", "dispatcher"):
        answer = await dispatcher.get("/api/indicators/ranking", params=asked | {"by": by})
        assert answer.status_code == 200, by


async def test_a_trend_has_the_parts_that_have_begun(dispatcher: httpx.AsyncClient, counted):
    found = (await dispatcher.get("/api/indicators/trend", params={"period": "2025"})).json()
    filed = {part["period"]["key"]: part["figures"]["counts"]["filed"] for part in found["parts"]}
    assert len(filed) == 8
    assert (filed["2025-07"], filed["2025-08"]) == (1, 2)


async def test_a_ranking_leaves_as_xlsx_with_live_totals(dispatcher: httpx.AsyncClient, counted):
    asked = {"period": "2025", "by": "unit", "format": "xlsx"}
    answer = await dispatcher.get("/api/indicators/ranking/export", params=asked)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:3] == ("责任单位", "受理数", "立案数")
    assert str(rows[-1][2]).startswith("=")
    assert "/" in str(rows[-1][rows[0].index("按期结案率")])


async def test_the_cases_behind_a_number_leave_as_csv(dispatcher: httpx.AsyncClient, counted):
    asked = {"period": "2025", "count": "due", "format": "csv", "language": "en"}
    answer = await dispatcher.get("/api/indicators/cases/export", params=asked)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["Case"] for row in rows] == ["530303-0002", "530303-0001", "530303-0003", "Total"]
    assert rows[-1]["Late"] == "2"


async def test_a_unit_handler_counts_the_own_cases_alone(sign_in, counted):
    handler = await sign_in(Role.UNIT_HANDLER, "sanitation")
    found = (await handler.get("/api/indicators", params={"period": "all"})).json()
    assert found["figures"]["counts"]["filed"] == 0, "these cases stand in the journal alone"


@pytest.mark.parametrize(
    "wrong",
    [{"period": "last month"}, {"period": "2025-13"}, {"unit": "a b"}, {"unit": "x\x00"}],
)
async def test_what_is_no_question_is_refused(dispatcher: httpx.AsyncClient, wrong):
    answer = await dispatcher.get("/api/indicators", params=wrong)
    assert answer.status_code in (400, 422)


async def test_the_names_are_told_in_both_languages(dispatcher: httpx.AsyncClient):
    found = (await dispatcher.get("/api/indicators/names")).json()
    assert found["rates"][0] == {
        "rate": "filing",
        "name_zh": "立案率",
        "name_en": "Filing rate",
        "numerator": "filed",
        "denominator": "received",
    }
    assert all(each["name_zh"] and each["name_en"] for each in found["counts"])


async def test_a_supervisor_publishes_and_others_read(sign_in, dispatcher, counted):
    body = {"period": "2025-08", "note": "八月通报"}
    refused = await dispatcher.post("/api/indicators/publications", json=body)
    assert refused.status_code == 403
    supervisor = await sign_in(Role.SUPERVISOR)
    made = await supervisor.post("/api/indicators/publications", json=body)
    assert (made.status_code, made.json()["version"]) == (201, 1)
    again = await supervisor.post("/api/indicators/publications", json=body)
    assert again.status_code == 409
    listed = (await dispatcher.get("/api/indicators/publications")).json()["items"]
    assert [(each["period"], each["published_by"]) for each in listed] == [
        ("2025-08", "user:supervisor-housing-bureau")
    ]
    path = f"/api/indicators/publications/{made.json()['publication_id']}"
    detail = (await dispatcher.get(path)).json()
    assert {each["key"] for each in detail["units"]} == {"housing_bureau", "sanitation"}
    asked = {"count": "overdue_unhandled", "unit": "sanitation"}
    cases = (await dispatcher.get(f"{path}/cases", params=asked)).json()
    assert [row["case_no"] for row in cases["rows"]] == ["530303-0002"]
    shown = (await dispatcher.get("/api/indicators", params={"period": "2025-08"})).json()
    assert (shown["publication"]["version"], shown["publication"]["differs"]) == (1, False)


async def test_who_sees_a_part_of_the_district_reads_and_makes_no_publications(
    sign_in, counted, pool
):
    supervisor = await sign_in(Role.SUPERVISOR)
    made = await supervisor.post("/api/indicators/publications", json={"period": "2025-08"})
    path = f"/api/indicators/publications/{made.json()['publication_id']}"
    async with pool.connection() as db:
        await db.execute(
            "UPDATE account SET scope_kind = 'territory', scope_unit = 'village_001'"
            " WHERE role = 'supervisor'"
        )
    for asked in ("/api/indicators/publications", path, f"{path}/cases?count=due"):
        assert (await supervisor.get(asked)).status_code == 403, asked
    body = {"period": "2025-07"}
    assert (await supervisor.post("/api/indicators/publications", json=body)).status_code == 403


async def test_units_are_scored_and_graded(dispatcher: httpx.AsyncClient, counted):
    asked = {"period": "2025-08", "sheet": "handling"}
    found = (await dispatcher.get("/api/indicators/scores", params=asked)).json()
    rows = {row["key"]: row for row in found["parts"][0]["rows"]}
    assert (rows["housing_bureau"]["total"], rows["housing_bureau"]["grade"]) == ("100.00", "A")
    assert (rows["sanitation"]["total"], rows["sanitation"]["grade"]) == ("30.00", "E")
    for sheet in ("closing", "posts"):
        answer = await dispatcher.get("/api/indicators/scores", params=asked | {"sheet": sheet})
        assert answer.status_code == 200, answer.text
    form = asked | {"format": "csv", "language": "zh"}
    exported = await dispatcher.get("/api/indicators/scores/export", params=form)
    assert "住房和城乡建设局,100.00,A" in exported.content.decode("utf-8-sig")
    missing = await dispatcher.get("/api/indicators/scores", params={"sheet": "unheard_of"})
    assert missing.status_code == 404


async def test_supervisors_who_publish_at_the_same_moment_make_one_version(sign_in, counted):
    supervisor = await sign_in(Role.SUPERVISOR)
    body = {"period": "2025-08"}

    answers = await asyncio.gather(
        *(supervisor.post("/api/indicators/publications", json=body) for _ in range(3))
    )

    assert sorted(each.status_code for each in answers) == [201, 409, 409]


async def test_a_period_that_has_not_begun_is_not_published(sign_in, counted):
    supervisor = await sign_in(Role.SUPERVISOR)

    answer = await supervisor.post("/api/indicators/publications", json={"period": "2025-09"})

    assert answer.status_code == 422
    assert "has not begun" in answer.json()["detail"]


async def test_exported_scores_have_the_counts_they_follow_from_and_a_total(dispatcher, counted):
    form = {"period": "2025-08", "sheet": "handling", "part": "unit", "format": "csv"}
    exported = await dispatcher.get("/api/indicators/scores/export", params=form)
    rows = list(csv.DictReader(io.StringIO(exported.content.decode("utf-8-sig"))))
    total = rows.pop()
    assert total["评价对象"] == "合计"
    assert "处置率 (30)" in total
    assert total["得分"] == ""
    for count in ("应处置数", "处置数"):
        assert int(total[count]) == sum(int(row[count]) for row in rows) > 0
    percent = f"{int(total['处置数']) / int(total['应处置数']):.2%}"
    assert total["处置率"] == percent
    form |= {"part": "dispatcher"}
    assert (await dispatcher.get("/api/indicators/scores/export", params=form)).status_code == 404


async def test_a_score_sheet_is_tried_and_imported_from_its_own_text(supervisor, dispatcher):
    (sheet,) = (await supervisor.get("/api/indicators/sheets/handling")).json()["items"]
    text = sheet["text"].replace("weight: 30.0", "weight: 40.0")
    same = {"text": sheet["text"], "dry_run": True}
    door = "/api/indicators/sheets/import"
    found = (await supervisor.post(door, json=same)).json()
    assert (found["version"], found["terms"], found["is_new"]) == (None, [], False)
    found = (await supervisor.post(door, json={"text": text, "dry_run": True})).json()
    (term,) = found["terms"]
    assert (term["before"]["weight"], term["after"]["weight"]) == (30, 40)
    assert (await supervisor.post(door, json={"text": text})).status_code == 422
    made = await supervisor.post(door, json={"text": text, "reason": "council"})
    assert made.json()["version"] == 2
    versions = (await supervisor.get("/api/indicators/sheets/handling")).json()["items"]
    assert [(each["version"], each["reason"]) for each in versions] == [(2, "council"), (1, "")]
    wrong = text.replace("rate: handling\n", "rate: luck\n").replace("by: unit", "by: moon")
    refused = await supervisor.post(door, json={"text": wrong, "dry_run": True})
    assert refused.status_code == 422
    assert all(word in refused.json()["detail"] for word in ("parts.0.by", "terms.0.rate"))
    assert (await dispatcher.post(door, json={"text": text})).status_code == 403


async def test_each_number_of_each_ranking_opens_as_many_cases(dispatcher, counted):
    groupings = {"township": "territory"} | {
        each: each for each in ("unit", "item", "source", "severity", "reporter", "receiver",
                                "dispatcher", "shift_lead")
    }  # fmt: skip
    for by, name in groupings.items():
        asked = {"period": "2025-08"}
        found = await dispatcher.get("/api/indicators/ranking", params=asked | {"by": by})
        rows = found.json()["rows"]
        assert rows, by
        for row in rows:
            for count in ("received", "filed", "due", "closed"):
                said = asked | {name: row["key"] or "-", "count": count}
                page = await dispatcher.get("/api/indicators/cases", params=said)
                assert page.status_code == 200, page.text
                number = row["figures"]["counts"].get(count, 0)
                shown = (page.json()["number"], len(page.json()["rows"]))
                assert shown == (number, number), (by, row["key"], count)


@pytest.mark.parametrize(
    "asked", ["unit=none", "territory=none", "item=none", "source=fax", "severity=purple"]
)
@pytest.mark.parametrize("path", ["", "/trend", "/ranking", "/cases"])
async def test_what_does_not_exist_is_named_instead_of_counted_as_nothing(supervisor, path, asked):
    field, value = asked.split("=")
    refused = await supervisor.get(f"/api/indicators{path}?{asked}&count=filed")
    assert refused.status_code == 422
    assert f"there is no {field} {value}" in refused.json()["detail"]
