"""The list of cases: what it can be asked for, in which orders, and page by page."""

from dataclasses import replace
from datetime import timedelta

import pytest
from psycopg.types.json import Jsonb

from hub.accounts.scope import Scope
from hub.cases.case import State
from hub.cases.list_order import CaseOrder, CaseSort
from hub.cases.listing import CaseFilter, all_cases, list_cases
from hub.catalogue import Severity
from hub.errors import InvalidInput
from hub.geo.place import Spot
from hub.signals.signal import SourceKind
from tests.integration.hub.cases.conftest import DISPATCHER, LAT, NOW, Event, east, north

COLLAPSED = {"item_key": "road_collapse", "cond_key": "collapsed"}


async def add_road(db, name_zh: str, name_en: str, *ends: tuple[float, float]) -> None:
    await db.execute(
        "INSERT INTO map_feature (layer, properties, geometry) VALUES ('road', %s, %s)",
        (
            Jsonb({"name_zh": name_zh, "name_en": name_en}),
            Jsonb({"type": "LineString", "coordinates": ends}),
        ),
    )


@pytest.fixture
async def three(db, street):
    """Of three kinds and places: a broken cover, a collapse an hour later, a rattling cover in the west."""
    await add_road(
        db, "玉林北路", "Yulin North Road", (east(-100), north(20)), (east(250), north(20))
    )
    cover = await street.routed(db, text="井盖破损 严重")
    street.forward(hours=1)
    collapse = await street.routed(db, spot=Spot(east(200), LAT, 2.0), text="路面塌陷", **COLLAPSED)
    street.forward(hours=1)
    rattling = await street.routed(db, spot=Spot(east(-600), LAT, 2.0), cond_key="rattling")
    return {"cover": cover.case_id, "collapse": collapse.case_id, "rattling": rattling.case_id}


@pytest.fixture
def found(db, three):
    """The names of the cases that a filter finds, in the order of the list."""
    names = {case_id: name for name, case_id in three.items()}

    async def found(order: CaseOrder | None = None, **wanted: object) -> list[str]:
        page = await list_cases(db, CaseFilter(**wanted), order)
        if order is None:
            assert page.total == len(page.items)
        return [names[each.case_id] for each in page.items]

    return found


async def test_a_list_is_narrowed_by_severity_item_and_owner(db, found, three):
    assert sorted(await found(severities=(Severity.HIGH,))) == ["collapse", "cover"]
    assert sorted(await found(items=("manhole_cover",))) == ["cover", "rattling"]
    assert await found(items=("road_collapse",), severities=(Severity.LOW,)) == []
    await db.execute("UPDATE cases SET owner = 'seat' WHERE case_id = %s", (three["cover"],))
    assert await found(owner="seat") == ["cover"]
    assert sorted(await found(owner="-")) == ["collapse", "rattling"]


async def test_a_township_has_all_that_is_in_its_villages(found):
    assert await found(township="village_002") == ["rattling"]
    assert len(await found(township="town_01")) == 3
    assert len(await found(township="district_530303")) == 3
    assert await found(township="no_such_territory") == []


async def test_times_are_spans_that_end_before_their_end(found):
    assert await found(filed_from=NOW, filed_until=NOW + timedelta(hours=1)) == ["cover"]
    assert await found(filed_from=NOW + timedelta(hours=2)) == ["rattling"]
    assert await found(due_until=NOW + timedelta(days=1)) == ["collapse"]


async def test_overdue_cases_and_recurring_ones_are_told_apart(db, found, three):
    await db.execute("UPDATE cases SET overdue_at = %s WHERE case_id = %s", (NOW, three["cover"]))
    await db.execute(
        "UPDATE cases SET recurrence_of = %s WHERE case_id = %s",
        (three["cover"], three["collapse"]),
    )
    assert await found(overdue=True) == ["cover"]
    assert len(await found(overdue=False)) == 2
    assert await found(recurrence=True) == ["collapse"]


async def test_a_case_is_found_by_who_reported_it_and_from_what_source(db, street, found):
    await db.execute("UPDATE device SET holder_registered = '网格员 李' WHERE device_id = 'T-0002'")
    await street.report(db, category="manhole_cover")
    assert await found(sources=("terminal",)) == ["cover"]
    assert await found(sources=("camera",)) == []
    assert await found(text="网格员 李") == ["cover"]


WORDS = {
    "A-0172": ["cover"],
    "a-0172": ["cover"],
    "污水井盖": ["cover"],
    "玉林北路": ["collapse", "cover"],
    "yulin north": ["collapse", "cover"],
    "玉林北路 井盖": ["cover"],
    "塌": ["collapse"],
    "路面塌陷": ["collapse"],
    "0003": ["rattling"],
    "20250807-0002": ["collapse"],
    "manhole": ["cover", "rattling"],
    "西社区": ["rattling"],
    "没有 这个": [],
    "%": [],
    "_": [],
    "\\": [],
    "  ": ["collapse", "cover", "rattling"],
}


@pytest.mark.parametrize("is_open", [None, True])
async def test_each_word_of_a_search_is_found_in_what_belongs_to_the_case(found, is_open):
    for text, expected in WORDS.items():
        assert sorted(await found(text=text, open=is_open)) == expected, text


async def test_a_case_far_from_every_road_is_on_none(db, street, three):
    page = await list_cases(db, CaseFilter())
    roads = {each.case_id: each.road_zh for each in page.items}
    assert roads == {
        three["cover"]: "玉林北路",
        three["collapse"]: "玉林北路",
        three["rattling"]: None,
    }


async def test_roads_that_come_later_are_noted_for_the_cases_there(db, found):
    await add_road(db, "西环路", "West Ring", (east(-600), north(-100)), (east(-600), north(100)))
    assert await found(text="西环路") == []
    await db.execute("SELECT note_roads()")
    assert await found(text="西环路") == ["rattling"]


async def test_a_list_comes_in_the_order_that_is_asked_for(found):
    first, second, third = "cover", "collapse", "rattling"
    for sort, descending, expected in (
        (CaseSort.URGENCY, False, [third, second, first]),
        (CaseSort.DEADLINE, False, [second, first, third]),
        (CaseSort.DEADLINE, True, [first, second, third]),
        (CaseSort.FILED, False, [first, second, third]),
        (CaseSort.FILED, True, [third, second, first]),
    ):
        assert await found(CaseOrder(sort=sort, descending=descending)) == expected, sort


async def test_a_list_can_be_in_the_order_of_severities_and_units(found):
    by_severity = await found(CaseOrder(sort=CaseSort.SEVERITY, descending=True))
    assert by_severity[0] == "collapse"
    assert len(await found(CaseOrder(sort=CaseSort.UNIT))) == 3


async def test_pages_by_offset_make_up_the_whole_list(db, street, three):
    ended = await street.file(db, spot=Spot(east(400), LAT, 2.0), cond_key="rattling")
    await street.move(db, ended, Event.VOID, DISPATCHER, reason="a test")
    for sort in CaseSort:
        whole = await list_cases(db, CaseFilter(), CaseOrder(sort=sort))
        pages = [
            await list_cases(db, CaseFilter(), CaseOrder(sort=sort, limit=1, offset=offset))
            for offset in range(5)
        ]
        listed = [each.case_id for page in pages for each in page.items]
        assert listed == [each.case_id for each in whole.items]
        assert [page.total for page in pages] == [4] * 5


async def test_all_cases_are_those_of_the_list_in_its_order(db, street, three):
    ended = await street.file(db, spot=Spot(east(400), LAT, 2.0), cond_key="rattling")
    await street.move(db, ended, Event.VOID, DISPATCHER, reason="a test")
    whole = [each.case_id for each in (await list_cases(db, CaseFilter())).items]
    assert [each.case_id async for each in all_cases(db, CaseFilter(), CaseOrder())] == whole


async def test_a_list_and_its_total_have_only_what_the_scope_has(db, three):
    scope = Scope.of_territory("village_002")
    page = await list_cases(db, CaseFilter(scope=scope))
    assert ([each.case_id for each in page.items], page.total) == ([three["rattling"]], 1)
    assert page.total_is_exact


async def test_a_cursor_counts_only_in_lists_by_urgency(db, three):
    page = await list_cases(db, CaseFilter(), CaseOrder(limit=1))
    assert page.next_before is not None
    with pytest.raises(InvalidInput, match="offset"):
        await list_cases(db, CaseFilter(), CaseOrder(sort=CaseSort.FILED, after=page.next_before))


async def test_states_can_be_combined(found):
    assert sorted(await found(states=(State.FILED, State.CLOSED))) == ["rattling"]
    assert sorted(await found(states=(State.FILED, State.ROUTED))) == [
        "collapse",
        "cover",
        "rattling",
    ]


async def test_a_list_that_is_too_long_to_count_has_the_same_pages(db, street, three, monkeypatch):
    ended = [await street.file(db, spot=Spot(east(400 + 50 * n), LAT, 2.0)) for n in range(2)]
    for case in ended:
        await street.move(db, case, Event.VOID, DISPATCHER, reason="a test")
    await street.file(db, spot=Spot(east(900), LAT, 2.0), cond_key="rattling")

    async def pages(order: CaseOrder, **wanted: object) -> list[list[int]]:
        found = []
        for offset in range(7):
            at = replace(order, limit=2, offset=offset)
            page = await list_cases(db, CaseFilter(**wanted), at)
            found.append([each.case_id for each in page.items])
        return found

    asked = [
        (CaseOrder(sort=sort, descending=descending), wanted)
        for sort in CaseSort
        for descending in (False, True)
        for wanted in ({}, {"open": True}, {"open": False}, {"severities": (Severity.HIGH,)})
    ]
    counted = [await pages(order, **wanted) for order, wanted in asked]
    monkeypatch.setattr("hub.cases.listing.COUNTED", 0)
    monkeypatch.setattr("hub.cases.listing.COUNTED_OF_FEW", 0)
    walked = [await pages(order, **wanted) for order, wanted in asked]
    for (order, wanted), before, after in zip(asked, counted, walked, strict=True):
        assert after == before, (order, wanted)

    first = await list_cases(db, CaseFilter(), CaseOrder(limit=3))
    assert (first.total, first.total_is_exact) == (0, False)
    rest = await list_cases(db, CaseFilter(), CaseOrder(limit=5, after=first.next_before))
    whole = await list_cases(db, CaseFilter())
    listed = [each.case_id for each in (*first.items, *rest.items)]
    assert listed == [each.case_id for each in whole.items]


async def test_a_case_keeps_the_sources_of_its_reports_as_they_move(db, street, three):
    await street.report(db, category="manhole_cover")
    reported = CaseFilter(sources=(SourceKind.TERMINAL,))
    assert [c.case_id for c in (await list_cases(db, reported)).items] == [three["cover"]]
    await db.execute("UPDATE signal SET case_id = %s", (three["collapse"],))
    assert [c.case_id for c in (await list_cases(db, reported)).items] == [three["collapse"]]


@pytest.mark.parametrize("most", [0, 1])
@pytest.mark.parametrize("is_open", [None, True, False])
async def test_a_word_finds_the_same_whether_its_cases_are_looked_up_or_compared(
    db, street, found, monkeypatch, most, is_open
):
    await db.execute("UPDATE device SET holder_registered = '网格员 李' WHERE device_id = 'T-0002'")
    await street.report(db, category="manhole_cover")
    monkeypatch.setattr("hub.cases.searching._MOST_IDS", most)
    for text, expected in (WORDS | {"网格员 李": ["cover"]}).items():
        wanted = [] if is_open is False else expected
        assert sorted(await found(text=text, open=is_open)) == wanted, text
