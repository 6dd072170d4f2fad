"""The daily digest: its figures, the counts of others, and what it says that it lacks."""

from datetime import UTC, date, datetime, timedelta

import pytest

from hub.cases.commands import flag_overdue
from hub.errors import InvalidInput
from hub.geo.place import Spot
from hub.indicators.case_sets import CaseSet, Grouping, unit_tree
from hub.indicators.definitions import Count, SatisfactionBase
from hub.indicators.figures import Figures
from hub.indicators.keeping import keep_up_fully
from hub.indicators.periods import read_period
from hub.indicators.questions import IndicatorQuestion, figures_apart
from hub.journal import Subject, entries_of
from hub.journal.entry import NewEntry
from hub.supervision.digest.document import digest_html
from hub.supervision.digest.making import digest_of, keep_when_due
from hub.supervision.digest.outside_counts import import_counts
from hub.supervision.digest.weakness import weak_figures
from hub.supervision.documents.templates import DocumentLanguage
from tests.integration.hub.cases.catalogues import add_burst_pipe
from tests.integration.hub.cases.conftest import LAT, NOW, east
from tests.use_cases import append, carry_out

ANSWERED = SatisfactionBase.ANSWERED
DAY = date(2025, 8, 7)
CSV = "日期,来源,乡镇,类别,数量\n2025-08-07,警情,西平街道,纠纷,7\n2025/8/7,信访,town_01,欠薪,2\n"


async def test_a_day_counts_what_was_filed_beside_the_counts_of_others(db, street):
    case = await street.handling(db)
    report = await carry_out(db, NOW, import_counts, CSV.encode("gb18030"), "counts.csv")
    assert (report.counts, report.days, report.replaced) == (2, (DAY,), 0)
    shown = await digest_of(db, DAY, NOW + timedelta(hours=1))
    assert (shown.new.total, shown.closed.total, shown.open_cases) == (1, 0, 1)
    assert [each.case_no for each in shown.new.items] == [case.case_no]
    row = shown.townships[0]
    assert (row.unit_key, row.new, row.police_calls, row.petitions) == ("town_01", 1, 7, 2)
    assert "day_not_over" in {each.code for each in shown.left_out}
    assert not {"no_police_calls", "no_petitions"} & {each.code for each in shown.left_out}
    again = await carry_out(db, NOW, import_counts, CSV.replace(",7", ",9").encode(), "counts.csv")
    assert again.replaced == 2
    assert (await digest_of(db, DAY, NOW)).townships[0].police_calls == 9
    entries = await entries_of(db, Subject.DIGEST, "2025-08-07")
    assert [each.kind for each in entries] == ["outside_counts_imported"] * 2


async def test_what_was_not_imported_is_a_dash_and_is_said(db, street):
    await street.handling(db)
    shown = await digest_of(db, DAY, NOW)
    assert shown.townships[0].police_calls is None
    assert {"no_police_calls", "no_petitions"} <= {each.code for each in shown.left_out}
    page = digest_html(shown, DocumentLanguage.ZH)
    assert "当天没有导入警情数据" in page
    assert "<td>—</td>" in page


async def test_the_digest_of_yesterday_is_kept_in_the_morning_and_stays(db, street):
    case = await street.handling(db)
    early = datetime(2025, 8, 7, 21, 59, tzinfo=UTC)
    assert await carry_out(db, early, keep_when_due) == 0
    assert await carry_out(db, early + timedelta(minutes=1), keep_when_due) == 1
    assert await carry_out(db, early + timedelta(minutes=2), keep_when_due) == 0
    await db.execute("UPDATE cases SET severity = 'low' WHERE case_id = %s", (case.case_id,))
    kept = await digest_of(db, DAY, NOW + timedelta(days=9))
    assert kept.final
    assert kept.new.items[0].severity == case.severity
    assert kept.made_at == early + timedelta(minutes=1)


async def test_weak_units_are_named_with_the_indicators_that_make_them_weak(db, street):
    await add_burst_pipe(db, street.now)
    pipe = {"item_key": "water_pipe", "cond_key": "burst", "evidence": ()}
    for number in range(3):
        await street.routed(db, spot=Spot(east(40 * number), LAT, 1.0), **pipe)
    await street.routed(db)
    late = NOW + timedelta(hours=4)
    await carry_out(db, late, flag_overdue)
    await carry_out(db, late, keep_up_fully)

    shown = await digest_of(db, DAY, late + timedelta(minutes=1))
    (weak,) = shown.weak_units
    (figure,) = weak.because
    assert (weak.unit_key, figure.figure) == ("housing_bureau", "overdue_unhandled")
    assert (figure.value, figure.of) == (3, 3)
    assert (shown.overdue.total, shown.overdue_open) == (3, 3)
    spot = shown.hot_spots[0]
    assert (spot.cases, spot.township_zh) == (4, "西平街道")
    assert len(spot.case_nos) == 4

    asked = IndicatorQuestion(read_period("2025-08-07", late), CaseSet(), late, ANSWERED)
    of_unit = (await figures_apart(db, asked, Grouping.UNIT, await unit_tree(db)))[weak.unit_key]
    assert (of_unit[Count.OVERDUE_UNHANDLED], of_unit[Count.DUE]) == (3, 3)


@pytest.mark.parametrize(
    ("counts", "unanswered", "expected"),
    [
        ({Count.OVERDUE_UNHANDLED: 1, Count.DUE: 1}, 0, []),
        ({Count.OVERDUE_UNHANDLED: 2, Count.DUE: 7}, 0, []),
        ({Count.OVERDUE_UNHANDLED: 3, Count.DUE: 10}, 0, [("overdue_unhandled", 3, 10)]),
        ({Count.CLOSED: 2}, 0, []),
        ({Count.CLOSED: 10, Count.CLOSED_IN_TIME: 8}, 0, []),
        ({Count.CLOSED: 10, Count.CLOSED_IN_TIME: 7}, 0, [("closed_late", 3, 10)]),
        ({Count.REWORKED: 1, Count.DUE: 4}, 0, []),
        ({Count.REWORKED: 2, Count.DUE: 4}, 0, [("reworked", 2, 4)]),
        ({}, 1, [("unanswered_letters", 1, None)]),
    ],
)
def test_what_makes_a_unit_weak(counts, unanswered, expected):
    found = weak_figures(Figures(counts), unanswered)
    assert [(each.figure, each.value, each.of) for each in found] == expected


async def test_devices_that_were_away_are_named_with_their_minutes(db, street):
    for at, to in ((1, "offline"), (3, "online"), (5, "offline")):
        await append(
            db,
            NewEntry(
                Subject.DEVICE,
                "C-001",
                "presence",
                "system:presence",
                NOW + timedelta(hours=at),
                from_state="online",
                to_state=to,
            ),
        )
    shown = await digest_of(db, DAY, NOW + timedelta(days=1))
    end = datetime(2025, 8, 7, 16, tzinfo=UTC)
    minutes = 120 + int((end - NOW - timedelta(hours=5)).total_seconds() / 60)
    assert [(each.device_id, each.minutes, each.still) for each in shown.cameras_away] == [
        ("C-001", minutes, True)
    ]
    assert "cameras_away" in {each.code for each in shown.left_out}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("day,source,unit\n", "lacks count"),
        ("day,source,unit,count,weather\n", "E1: the column"),
        ("day,day,source,unit,count\n", "occurs twice"),
        ("day,source,unit,count\n", "no rows"),
        ("day,source,unit,count\n2025-02-30,petition,town_01,1\n", "A2"),
        ("day,source,unit,count\n2025-02-03,letter,town_01,1\n", "B2"),
        ("day,source,unit,count\n2025-02-03,petition,nowhere,1\n", "C2"),
        ("day,source,unit,count\n2025-02-03,petition,town_01,-1\n", "D2"),
        ("day,source,unit,count\n2025-02-03,petition,town_01,1.5\n", "D2"),
        ("day,source,unit,count\n2025-02-03,petition\n", "C2"),
        (
            "day,source,unit,count\n2025-02-03,petition,town_01,1\n2025-2-3,信访,西平街道,2\n",
            "row 3: the same",
        ),
    ],
)
async def test_a_bad_cell_is_named_and_nothing_is_imported(db, street, text, said):
    with pytest.raises(InvalidInput, match=said):
        await carry_out(db, NOW, import_counts, text.encode(), "counts.csv")
    cursor = await db.execute("SELECT count(*) FROM outside_count")
    assert await cursor.fetchone() == (0,)


async def test_a_day_to_come_has_no_digest(db, street):
    with pytest.raises(InvalidInput, match="not begun"):
        await digest_of(db, date(2025, 8, 8), NOW)
