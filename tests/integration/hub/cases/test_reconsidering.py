"""A vague signal that joined a case for want of a better one goes to that one as soon as it comes."""

from datetime import timedelta

import pytest

from hub.cases.case import Event
from hub.cases.record import columns, replay_case
from hub.cases.store import case_by_id
from hub.geo.place import Spot
from hub.journal import Subject, chain_breaks, entries_of
from hub.signals.commands import PersonReport, join_signal, take_report
from hub.signals.signal import SignalState, SourceKind
from hub.signals.store import signal_by_id
from tests.integration.hub.cases.conftest import (
    DISPATCHER,
    HANDLER,
    LAT,
    SECOND,
    east,
)
from tests.use_cases import carry_out
from wire.messages import Place


@pytest.fixture(autouse=True)
async def _no_covers_are_registered(db, street) -> None:
    await db.execute("DELETE FROM asset")


async def camera(db, street, metres, **fields):
    return await street.detect(db, lon=east(metres), evidence=f"at {metres}", **fields)


async def caller(db, street, metres, **fields):
    report = PersonReport(
        source=SourceKind.HOTLINE,
        text="there is a hole",
        item_key="manhole_cover",
        cond_key=fields.pop("cond_key", "broken"),
        spot=Spot(east(metres), LAT, 30.0),
        evidence=(await street.photo(db, f"call {metres}"),),
        **fields,
    )
    return await carry_out(db, street.now, take_report, report, SECOND)


async def report(db, street, metres):
    place = Place(lon=east(metres), lat=LAT, accuracy_m=3)
    return await street.report(db, condition="rattling", place=place)


async def signal(db, outcome):
    return await signal_by_id(db, outcome.signal_id)


async def test_a_caller_goes_to_the_case_that_a_camera_shows_nearer(db, street):
    first = await camera(db, street, 0)
    call = await caller(db, street, 30)
    assert call.case_id == first.case_id, "there is no other yet"

    street.forward(hours=1)
    second = await camera(db, street, 40)

    moved = await signal(db, call)
    assert second.case_id != first.case_id
    assert (moved.case_id, moved.state) == (second.case_id, SignalState.MERGED)
    for case_id in (first.case_id, second.case_id):
        entries = await entries_of(db, Subject.CASE, str(case_id))
        assert chain_breaks(entries) == []
        replayed = replay_case(entries).columns
        assert replayed == columns(await case_by_id(db, case_id))
    *_, left = await entries_of(db, Subject.CASE, str(first.case_id))
    assert (left.kind, left.data["into_case_id"]) == ("case_split", second.case_id)
    assert "nearer to it" in left.data["reason"]


async def test_what_a_person_has_joined_stays_where_it_is(db, street):
    first = await camera(db, street, 0)
    waits = await street.report(db, condition="nothing", place=None)
    await db.execute(
        "UPDATE signal SET lon = %s, lat = %s, error_m = 30 WHERE signal_id = %s",
        (east(30), LAT, waits.signal_id),
    )
    await carry_out(db, street.now, join_signal, waits.signal_id, first.case_id, DISPATCHER)

    await camera(db, street, 40)

    assert (await signal(db, waits)).case_id == first.case_id


async def test_what_fits_the_new_case_hardly_better_stays(db, street):
    first = await camera(db, street, 0)
    call = await caller(db, street, 20)

    second = await camera(db, street, 38)

    assert second.case_id != first.case_id
    assert (await signal(db, call)).case_id == first.case_id


async def test_a_case_whose_work_is_done_keeps_its_signals(db, street):
    first = await camera(db, street, 0)
    call = await caller(db, street, 30)
    case = await case_by_id(db, first.case_id)
    await street.move(db, case, Event.ROUTE, DISPATCHER, unit_key="housing_bureau")
    await street.move(db, case, Event.SIGN, HANDLER, person="handler", plan="mend it")
    street.forward(hours=1)
    photo = await street.photo(db, "repair")
    await street.move(db, case, Event.FEEDBACK, HANDLER, text="mended", evidence=(photo,))

    second = await camera(db, street, 40)

    assert second.case_id != first.case_id
    assert (await signal(db, call)).case_id == first.case_id


async def test_the_case_is_no_graver_than_what_stays(db, street):
    first = await report(db, street, 0)
    call = await caller(db, street, 30)
    assert (await case_by_id(db, first.case_id)).cond_key == "broken"

    second = await report(db, street, 40)

    assert (await signal(db, call)).case_id == second.case_id
    assert (await case_by_id(db, second.case_id)).cond_key == "broken"
    assert (await case_by_id(db, first.case_id)).cond_key == "rattling"


async def test_a_case_is_where_its_signals_agree_and_not_where_one_stray_saw_it(db, street):
    first = await caller(db, street, 0)
    for number in range(6):
        await caller(db, street, 1 + number / 10)
    stray = Place(lon=east(31), lat=LAT, accuracy_m=14)
    assert (await street.report(db, place=stray)).case_id == first.case_id

    assert (await camera(db, street, -10)).case_id == first.case_id


async def test_a_signal_seen_long_before_the_new_case_stays(db, street):
    first = await camera(db, street, 0)
    call = await caller(db, street, 30)
    street.forward(days=5)
    await camera(db, street, 0, at=street.now - timedelta(minutes=1))

    second = await camera(db, street, 40)

    assert second.case_id != first.case_id
    assert (await signal(db, call)).case_id == first.case_id
