"""/api/indicators: figures, their comparisons, and the cases behind them."""

import csv
import io
from datetime import timedelta

import httpx
import openpyxl
import pytest

from hub.accounts.account import Role
from hub.indicators.keeping import keep_up_fully
from hub.journal import append_all
from tests.journal_lives import CaseLife
from tests.use_cases import carry_out


@pytest.fixture
async def counted(pool, units, clock):
    """In August one case in time and one overdue, in July one closed late."""
    july = clock() - timedelta(days=28)
    lives = [
        CaseLife(1, clock() - timedelta(days=3)).file().route(days=2).sign().later(hours=5),
        CaseLife(2, clock() - timedelta(days=3)).file().route("sanitation", days=1),
        CaseLife(3, july).file().route(days=1).sign().later(days=2),
    ]
    for life in (lives[0], lives[2]):
        life.feed_back().close()
    entries = sorted((each for life in lives for each in life.entries), key=lambda each: each.at)
    async with pool.connection() as db:
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
