"""Published figures are frozen; later changes make a version that names them."""

import pytest

from hub.errors import Conflict, NotFound
from hub.indicators.case_sets import CaseSet, Grouping
from hub.indicators.definitions import Count
from hub.indicators.keeping import keep_up_fully, rebuild
from hub.indicators.periods import read_period
from hub.indicators.publishing import (
    PublicationState,
    publication,
    publications,
    publish,
    published_rows,
)
from hub.indicators.questions import IndicatorQuestion
from hub.indicators.reports import report
from hub.indicators.scores import PressCount
from hub.indicators.scoring import change_sheet, read_sheet, scored, sheet_version, sheet_versions
from hub.journal import NewEntry, Subject, append_all, entries_of
from tests.integration.hub.indicators.test_keeping import (
    ANSWERED,
    NOW,
    district,  # noqa: F401 - a fixture
    in_time,
    open_since,
    tell,
)
from tests.journal_lives import START, signal_entry
from tests.use_cases import carry_out

ASKED = IndicatorQuestion(read_period("2025-08", NOW), CaseSet(), NOW, ANSWERED)


async def published(db, note: str = ""):
    return await carry_out(db, NOW, publish, ASKED, note, by="user:supervisor")


async def test_a_period_is_published_with_who_and_when(district):  # noqa: F811
    await tell(district, in_time(1), open_since(2, 5))
    found = await published(district, "八月通报")
    assert (found.version, found.state, found.published_by) == (
        1,
        PublicationState.CURRENT,
        "user:supervisor",
    )
    assert (found.published_at, found.as_of) == (NOW, ASKED.period.until_at)
    assert found.total[Count.DUE] == 2
    assert found.apart(Grouping.UNIT)["power_supply"][Count.OVERDUE_UNHANDLED] == 1
    entries = await entries_of(district, Subject.INDICATOR, "2025-08")
    assert [entry.kind for entry in entries] == ["indicators_published"]


async def test_published_figures_do_not_change_and_a_new_version_names_what_did(district):  # noqa: F811
    late = open_since(2, 5)
    await tell(district, in_time(1), late)
    first = await published(district)
    with pytest.raises(Conflict, match="nothing has changed"):
        await published(district)

    done = len(late.entries)
    late.later(days=40).move("appeal", "ROUTED", exempt_at=late.at)
    await append_all(district, late.entries[done:])
    await carry_out(district, NOW, keep_up_fully)
    shown = await report(district, ASKED)
    assert shown.publication is not None
    assert shown.publication.differs
    assert (await publication(district, first.publication_id)).total == first.total

    second = await published(district)
    assert second.version == 2
    assert {"count": "overdue_unhandled", "before": 1, "after": 0} in second.changes["counts"]
    assert second.changes["cases"] == [
        {
            "case_no": "530303-0002",
            "case_id": 2,
            "signal_id": None,
            "gained": ["exempt"],
            "lost": ["overdue_unhandled"],
            "unit_before": "power_supply",
            "unit_after": "power_supply",
        }
    ]
    assert [each["unit"] for each in second.changes["units"]] == ["power_supply"]
    states = [(each.version, str(each.state)) for each in await publications(district, "2025-08")]
    assert sorted(states) == [(1, "superseded"), (2, "current")]


async def test_every_published_number_opens_the_cases_that_it_had(district):  # noqa: F811
    late = open_since(2, 5)
    await append_all(district, [signal_entry(1, START, "rejected", reason="out_of_scope")])
    await tell(district, in_time(1), late)
    first = await published(district)
    done = len(late.entries)
    late.move("void", "VOID")
    await append_all(district, late.entries[done:])
    await carry_out(district, NOW, keep_up_fully)
    for count in Count:
        for unit in (None, "power_supply"):
            rows = await published_rows(
                district, first.publication_id, count, unit, limit=50, offset=0
            )
            assert len(rows) == first.number_of(count, unit), (count, unit)


async def test_a_rebuild_leaves_nothing_to_publish_anew(district):  # noqa: F811
    await tell(district, in_time(1), open_since(2, 5))
    await published(district)
    await carry_out(district, NOW, rebuild)
    with pytest.raises(Conflict):
        await published(district)


async def test_a_publication_that_does_not_exist_is_not_found(district):  # noqa: F811
    with pytest.raises(NotFound):
        await publication(district, 7)


async def test_reminders_and_unanswered_letters_of_a_unit_cost_points(district):  # noqa: F811
    life = open_since(2, 5).later(days=3).note("reminder_sent").later(days=1).note("reminder_sent")
    await tell(district, in_time(1), life)
    letter = {"unit_key": "power_supply"}
    kinds = {1: ["letter_issued", "letter_overdue"], 2: ["letter_issued", "letter_answered"]}
    await append_all(
        district,
        [
            NewEntry(Subject.LETTER, str(number), kind, "system:ladder", START, data=letter)
            for number, told in kinds.items()
            for kind in told
        ],
    )
    await carry_out(district, NOW, keep_up_fully)
    found = await sheet_version(district, "closing", None)
    rows = {row.key: row for row in await scored(district, ASKED, found.sheet.parts[0])}
    assert rows["power_supply"].pressed == {
        PressCount.REMINDERS: 2,
        PressCount.UNANSWERED_LETTERS: 1,
    }
    assert str(rows["power_supply"].score.points[-1]) == "8.00"
    assert rows["housing_bureau"].score.text == "100.00"


async def test_a_changed_sheet_is_a_new_version_and_the_old_one_stays(district):  # noqa: F811
    text = """
sheet_key: handling
name_zh: 新评价
name_en: New
parts:
  - by: unit
    name_zh: 单位
    name_en: Units
    terms:
      - {rate: handling, weight: 100}
"""
    found = await carry_out(district, NOW, change_sheet, read_sheet(text), "the council said so")
    assert found.version == 2
    assert [each.version for each in await sheet_versions(district, "handling")] == [2, 1]
    assert (await sheet_version(district, "handling", 1)).sheet.name_en == "Units, by handling"
    with pytest.raises(NotFound):
        await sheet_version(district, "handling", 3)
