"""The hall has 15 minutes to find a unit for a case; then it is told, once for each time."""

from datetime import timedelta

from hub.cases.case import Event
from hub.cases.commands import flag_late_dispatch
from hub.cases.store import case_by_id
from hub.cases.verification import check_cases
from hub.geo.place import Spot
from hub.journal import Subject, entries_of
from tests.integration.hub.cases.conftest import DISPATCHER, HANDLER, LAT, east
from tests.use_cases import carry_out


async def told(db, street) -> int:
    return await carry_out(db, street.now, flag_late_dispatch)


async def test_a_case_without_a_unit_is_told_after_fifteen_minutes_and_once(db, street) -> None:
    case = await street.file(db, spot=Spot(east(300), LAT, 5.0))
    street.forward(minutes=15)
    assert await told(db, street) == 0
    street.forward(seconds=1)
    assert await told(db, street) == 1
    assert await told(db, street) == 0

    late = await case_by_id(db, case.case_id)
    assert (late.dispatch_late_at, late.version) == (street.now, case.version + 1)
    entry = (await entries_of(db, Subject.CASE, str(case.case_id)))[-1]
    assert (entry.kind, entry.data["limit_min"]) == ("dispatch_late", 15)
    assert [each async for each in check_cases(db)] == []


async def test_a_case_that_comes_back_has_its_fifteen_minutes_again(db, street) -> None:
    case = await street.routed(db)
    street.forward(minutes=40)
    assert await told(db, street) == 0
    await street.move(db, case, Event.RETURN, HANDLER, reason="not ours")
    street.forward(minutes=14)
    assert await told(db, street) == 0
    street.now += timedelta(minutes=2)
    assert await told(db, street) == 1
    await street.move(db, case, Event.ROUTE, DISPATCHER, unit_key="power_supply")
    street.forward(hours=2)
    assert await told(db, street) == 0
