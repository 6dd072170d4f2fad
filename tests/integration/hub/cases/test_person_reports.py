"""What people report by telephone or in person, and who they are."""

from datetime import timedelta

import pytest

from hub.cases.case import State
from hub.cases.record import columns, replay_case
from hub.cases.store import case_by_id
from hub.errors import Forbidden, InvalidInput
from hub.geo.place import Spot
from hub.journal import Subject, entries_of
from hub.people.commands import assign_terminal, put_worker
from hub.people.worker import GridWorker
from hub.signals.commands import PersonReport, take_report
from hub.signals.reading import signals_of, waiting_views
from hub.signals.reporters import Reporter
from hub.signals.signal import SignalState, SourceKind, WaitingReason
from tests.integration.hub.cases.conftest import HANDLER, LAT, LON, NOW, SECOND
from tests.use_cases import carry_out

CALLER = Reporter("张三", "13812345678", wants_callback=True)


async def call(db, street, **fields):
    given = {
        "source": SourceKind.HOTLINE,
        "text": "玉林北路井盖破损",
        "item_key": "manhole_cover",
        "cond_key": "broken",
        "spot": Spot(LON, LAT, 30.0),
        "reporter": CALLER,
    }
    return await carry_out(db, street.now, take_report, PersonReport(**(given | fields)), SECOND)


async def test_a_call_with_a_photo_becomes_a_case_that_is_called_back(db, street):
    outcome = await call(db, street, evidence=(await street.photo(db, "sent"),))

    assert outcome.new_case
    case = await case_by_id(db, outcome.case_id)
    assert (case.state, case.callback_required) == (State.ROUTED, True)
    assert case.filed_by == SECOND.name


async def test_a_call_without_a_photo_waits_and_joins_the_case_that_its_issue_has(db, street):
    waits = await call(db, street)
    filed = await street.detect(db)
    joins = await call(db, street)

    assert (waits.state, waits.reason) == (SignalState.NEW, WaitingReason.NO_EVIDENCE)
    assert (joins.state, joins.case_id) == (SignalState.MERGED, filed.case_id)
    case = await case_by_id(db, filed.case_id)
    assert case.callback_required, "somebody wants to be called back"
    entries = await entries_of(db, Subject.CASE, str(filed.case_id))
    assert replay_case(entries).columns["callback_required"] is True
    assert columns(case)["callback_required"] is True


async def test_who_reported_it_is_masked_in_lists_and_stands_in_no_entry(db, street):
    outcome = await call(db, street)
    filed = await street.detect(db)
    await call(db, street)

    (view,) = await waiting_views(db, [outcome.signal_id])
    assert view.reporter is not None
    assert (view.reporter.name, view.reporter.contact) == ("张*", "138****5678")
    of_case = [each.reporter for each in await signals_of(db, filed.case_id)]
    assert [each.name for each in of_case if each is not None] == ["张*"]
    cursor = await db.execute(
        "SELECT count(*) FROM journal WHERE data::text LIKE '%13812345678%'"
        " OR data::text LIKE '%张三%'"
    )
    assert await cursor.fetchone() == (0,)


async def test_the_holder_of_a_terminal_is_the_reporter_of_what_it_reports(db, street):
    await db.execute(
        "UPDATE device SET holder_registered = '网格员 0002' WHERE device_id = 'T-0002'"
    )
    outcome = await street.report(db)

    (view,) = await signals_of(db, outcome.case_id)
    assert view.reporter is not None
    assert (view.reporter.name, view.reporter.wants_callback) == ("网*******", False)


async def test_a_reporter_is_the_grid_worker_who_held_the_terminal_when_it_reported(db, street):
    for worker_id, name in (("W-01", "李四"), ("W-02", "王五")):
        worker = GridWorker(worker_id=worker_id, name=name)
        await carry_out(db, street.now, put_worker, worker)
    await carry_out(db, street.now, assign_terminal, "T-0002", "W-01")
    street.forward(hours=2)
    await carry_out(db, street.now, assign_terminal, "T-0002", "W-02")
    street.forward(hours=1)

    now = await street.report(db)
    late = await street.report(db, observed_at=street.now - timedelta(hours=2))

    found = {each: await reporter_of(db, each.signal_id) for each in (now, late)}
    assert list(found.values()) == [("王五", "W-02"), ("李四", "W-01")]


async def reporter_of(db, signal_id):
    cursor = await db.execute(
        "SELECT name, worker_id FROM reporter WHERE signal_id = %s", (signal_id,)
    )
    return await cursor.fetchone()


async def test_the_same_number_of_a_source_is_taken_in_once(db, street):
    first = await call(db, street, identity="hotline/2025-0042")
    again = await call(db, street, identity="hotline/2025-0042", text="other words")

    assert again.signal_id == first.signal_id


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"item_key": None, "cond_key": None}, WaitingReason.UNKNOWN_CATEGORY),
        ({"spot": None}, WaitingReason.NO_PLACE),
        ({"cond_key": None}, WaitingReason.UNKNOWN_CONDITION),
        ({"spot": Spot(LON, LAT, 900.0), "cond_key": "rattling"}, WaitingReason.VAGUE_PLACE),
    ],
)
async def test_what_a_call_lacks_is_said(db, street, fields, why):
    outcome = await call(db, street, **fields)

    assert (outcome.state, outcome.reason) == (SignalState.NEW, why)


async def test_a_call_that_cannot_be_is_refused_with_the_reason(db, street):
    with pytest.raises(InvalidInput, match="no item sky"):
        await call(db, street, item_key="sky")
    with pytest.raises(InvalidInput, match="blue"):
        await call(db, street, cond_key="blue")
    with pytest.raises(InvalidInput):
        await call(db, street, spot=Spot(0.0, 0.0, 5.0))
    with pytest.raises(InvalidInput, match="camera"):
        await call(db, street, source=SourceKind.CAMERA)
    report = PersonReport(source=SourceKind.APP, text="")
    with pytest.raises(Forbidden):
        await carry_out(db, NOW, take_report, report, HANDLER)
