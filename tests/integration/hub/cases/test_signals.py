"""Signals become cases: once each, and only when they should."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from hub.cases.case import Event, State
from hub.cases.commands import route_case
from hub.cases.moving import transition
from hub.cases.record import replay_case
from hub.cases.store import case_by_id
from hub.cases.views import case_record
from hub.catalogue import Severity
from hub.errors import Conflict, Forbidden, GuardRefused, InvalidInput, KeyReused
from hub.evidence import PhotoSource, record_photo
from hub.geo.place import Spot
from hub.journal import Subject, chain_breaks, entries_of
from hub.quality.store import present_modes
from hub.signals.commands import accept_signal, reject_signal
from hub.signals.reading import WaitingFilter, evidence_of, signals_of, waiting_list
from hub.signals.signal import RejectReason, SignalState, WaitingReason
from hub.signals.store import find_signal
from tests.integration.hub.cases.conftest import (
    DISPATCHER,
    HANDLER,
    LAT,
    NOW,
    SYSTEM,
    east,
    north,
    photo_hash,
)
from tests.use_cases import carry_out
from wire.crs import wgs84_to_gcj02
from wire.messages import Box, Crs, DetectionType, Place, Shot


async def kinds_of(db, subject, subject_id):
    return [entry.kind for entry in await entries_of(db, subject, str(subject_id))]


async def case_count(db):
    return (await (await db.execute("SELECT count(*) FROM cases")).fetchone())[0]


async def test_a_detection_becomes_a_routed_and_timed_case_without_a_hand(db, street):
    outcome = await street.detect(db)

    assert (outcome.state, outcome.new_case) == (SignalState.ACCEPTED, True)
    case = await case_by_id(db, outcome.case_id)
    assert case.state is State.ROUTED
    assert case.case_no == "530303-20250807-0001"
    assert (case.lead_unit, case.territory_unit) == ("housing_bureau", "village_001")
    assert case.asset_id == "A-0172"
    assert case.due_at.isoformat() == "2025-08-11T07:19:00+00:00"
    assert not case.calendar_assumed
    assert case.severity is Severity.HIGH
    assert [reason.code for reason in case.why] == ["asset_within_reach", "territory"]
    (evidence,) = await evidence_of(db, case.case_id)
    assert (evidence.kind, evidence.device_id) == ("detection", "C-001")
    assert evidence.boxes[0].label == "manhole_broken"


async def test_the_same_detection_twice_changes_nothing(db, street):
    first = await street.detect(db, detection_id=(detection_id := str(uuid4())))
    before = await entries_of(db, Subject.CASE, str(first.case_id))

    again = await street.detect(db, detection_id=detection_id)

    assert (again.case_id, again.new_case) == (first.case_id, False)
    assert await case_count(db) == 1
    assert await entries_of(db, Subject.CASE, str(first.case_id)) == before


async def test_two_cameras_and_a_terminal_see_one_case(db, street):
    first = await street.detect(db, camera="C-001", lon=east(2))
    second = await street.detect(db, camera="C-002", lon=east(-3))
    street.forward(seconds=5)
    third = await street.report(db, place=Place(lon=east(9), lat=north(4), accuracy_m=15))

    assert {second.case_id, third.case_id} == {first.case_id}
    assert second.state is third.state is SignalState.MERGED
    assert await case_count(db) == 1
    signals = await signals_of(db, first.case_id)
    assert [signal.source for signal in signals] == ["camera", "camera", "terminal"]
    assert len(await evidence_of(db, first.case_id)) == 3
    kinds = await kinds_of(db, Subject.CASE, first.case_id)
    assert kinds == [
        "transition",
        "transition",
        "guard_unavailable",
        "signal_joined",
        "signal_joined",
    ]


async def test_messages_at_the_same_moment_never_make_two_cases(street):
    async def one(number: int):
        async with street.pool.connection() as db:
            return await street.detect(db, camera=f"C-00{number % 2 + 1}", lon=east(number % 3))

    async def other():
        async with street.pool.connection() as db:
            return await street.report(db)

    outcomes = await asyncio.gather(*(one(number) for number in range(5)), other())

    assert len({outcome.case_id for outcome in outcomes}) == 1
    assert sum(outcome.new_case for outcome in outcomes) == 1


async def test_the_same_event_at_the_same_moment_is_taken_once(street):
    event_id = str(uuid4())

    async def one():
        async with street.pool.connection() as db:
            return await street.report(db, event_id=event_id)

    outcomes = await asyncio.gather(*(one() for _ in range(4)))

    assert sum(outcome.new_case for outcome in outcomes) == 1
    async with street.pool.connection() as db:
        assert len(await signals_of(db, outcomes[0].case_id)) == 1


async def test_covers_that_are_too_far_apart_are_two_cases(db, street):
    first = await street.detect(db)
    second = await street.detect(db, lon=east(120))

    assert first.case_id != second.case_id
    assert second.new_case


async def test_two_known_assets_are_two_cases_even_side_by_side(db, street):
    await db.execute(
        "INSERT INTO asset VALUES ('A-0173', 'manhole_rain', 'housing_bureau', '', '', %s, %s)",
        (east(9), LAT),
    )
    first = await street.detect(db, error_m=1)
    second = await street.detect(db, lon=east(9), error_m=1)

    assert first.case_id != second.case_id
    assert (await case_by_id(db, second.case_id)).asset_id == "A-0173"


async def test_a_weak_detection_waits_and_an_update_makes_it_a_case(db, street):
    detection_id = str(uuid4())
    weak = await street.detect(db, detection_id=detection_id, score=0.2)
    assert (weak.state, weak.reason) == (SignalState.REJECTED, RejectReason.BELOW_THRESHOLD)

    strong = await street.detect(
        db, detection_id=detection_id, seq=2, kind=DetectionType.UPDATE, score=0.8, hits=9
    )

    assert (strong.state, strong.new_case) == (SignalState.ACCEPTED, True)
    signal = await find_signal(db, "E-01", detection_id)
    assert (signal.score, signal.hits) == (0.8, 9)


async def test_an_older_update_does_not_undo_a_newer_one(db, street):
    detection_id = str(uuid4())
    await street.detect(db, detection_id=detection_id, seq=3, score=0.9)
    await street.detect(db, detection_id=detection_id, seq=2, score=0.95, hits=50)

    signal = await find_signal(db, "E-01", detection_id)
    assert (signal.seq, signal.score, signal.hits) == (3, 0.9, 5)


async def test_a_detection_without_a_photo_waits_for_one(db, street):
    detection_id = str(uuid4())
    bare = await street.detect(db, detection_id=detection_id, evidence=None)
    assert (bare.state, bare.reason, bare.case_id) == (
        SignalState.NEW,
        WaitingReason.NO_EVIDENCE,
        None,
    )

    update = await street.detect(db, detection_id=detection_id, seq=2, kind=DetectionType.UPDATE)

    assert update.new_case


async def test_a_class_that_is_no_issue_is_out_of_scope(db, street):
    outcome = await street.detect(db, label="manhole_good")

    assert (outcome.state, outcome.reason) == (SignalState.REJECTED, RejectReason.OUT_OF_SCOPE)


async def test_a_sight_of_equal_severity_leaves_condition_and_limit_as_they_are(db, street):
    first = await street.detect(db)
    street.forward(minutes=5)

    await street.detect(db, camera="C-002", label="manhole_open", evidence="open")

    case = await case_by_id(db, first.case_id)
    assert case.cond_key == "broken"
    assert case.due_at.isoformat() == "2025-08-11T07:19:00+00:00"


async def test_a_rattling_cover_that_breaks_is_raised_to_high(db, street):
    first = await street.report(db, condition="rattling")
    assert (await case_by_id(db, first.case_id)).severity is Severity.MID
    street.forward(minutes=5)

    await street.detect(db, label="manhole_open")

    case = await case_by_id(db, first.case_id)
    assert (case.cond_key, case.severity) == ("missing_or_hazard", Severity.HIGH)
    assert case.due_at == street.now + timedelta(hours=2)
    entries = await entries_of(db, Subject.CASE, str(first.case_id))
    assert replay_case(entries).columns["severity"] == "high"


async def test_what_the_camera_sees_of_the_end_is_told_to_the_case(db, street):
    detection_id = str(uuid4())
    first = await street.detect(db, detection_id=detection_id)
    street.forward(minutes=1)
    await street.detect(
        db, detection_id=detection_id, seq=2, kind=DetectionType.CLEARED, label="manhole_good"
    )
    await street.detect(db, detection_id=detection_id, seq=3, kind=DetectionType.END)

    kinds = await kinds_of(db, Subject.CASE, first.case_id)
    assert kinds[-2:] == ["camera_sees_it_cleared", "camera_lost_sight"]
    signal = await find_signal(db, "E-01", detection_id)
    assert signal.cleared_at == street.now
    assert street.now in {each.cleared_at for each in await signals_of(db, signal.case_id)}
    assert len(await evidence_of(db, first.case_id)) == 1
    (sight,) = (await case_record(db, first.case_id)).cameras
    assert (sight.camera_id, sight.cleared_at) == ("C-001", street.now), "it stands in the header"


async def test_a_report_in_the_chinese_datum_lands_on_the_asset(db, street):
    lon, lat = wgs84_to_gcj02(east(0), LAT)

    outcome = await street.report(db, place=Place(lon=lon, lat=lat, accuracy_m=5, crs=Crs.GCJ02))

    assert (await case_by_id(db, outcome.case_id)).asset_id == "A-0172"


async def test_a_report_of_something_unknown_waits_for_a_person(db, street):
    unknown = await street.report(db, category="flying_saucer")
    vague = await street.report(db, condition=None)
    bare = await street.report(db, evidence=())
    nowhere = await street.report(db, place=None)

    assert [each.reason for each in (unknown, vague, bare, nowhere)] == [
        WaitingReason.UNKNOWN_CATEGORY,
        WaitingReason.UNKNOWN_CONDITION,
        WaitingReason.NO_EVIDENCE,
        WaitingReason.NO_PLACE,
    ]
    assert {each.state for each in (unknown, vague, bare, nowhere)} == {SignalState.NEW}
    assert len((await waiting_list(db, WaitingFilter())).items) == 4
    assert await case_count(db) == 0


async def test_a_vague_report_waits_but_a_vague_call_for_help_does_not(db, street):
    vague = Place(lon=east(500), lat=LAT, accuracy_m=800)

    report = await street.report(db, place=vague, condition="rattling")
    alarm = await street.report(db, place=vague, type="sos", category=None, evidence=())

    assert (report.state, report.reason) == (SignalState.NEW, WaitingReason.VAGUE_PLACE)
    assert alarm.new_case


async def test_a_report_without_a_place_is_where_its_terminal_was(db, street):
    await db.execute(
        "INSERT INTO terminal_live (device_id, order_at, observed_at, received_at, lon, lat,"
        " accuracy_m) VALUES ('T-0002', %(now)s, %(now)s, %(now)s, %(lon)s, %(lat)s, 6)",
        {"now": NOW, "lon": east(1), "lat": LAT},
    )

    outcome = await street.report(db, place=None)

    assert (await case_by_id(db, outcome.case_id)).asset_id == "A-0172"


async def test_a_call_for_help_is_a_case_at_once_and_needs_no_photo(db, street):
    outcome = await street.report(db, type="sos", category=None, condition=None, evidence=())

    case = await case_by_id(db, outcome.case_id)
    assert (case.item_key, case.severity, case.state) == ("sos", Severity.HIGH, State.ROUTED)
    assert case.lead_unit == "public_security"
    assert case.due_at == NOW + timedelta(minutes=10)


async def test_who_calls_for_help_again_on_the_run_is_in_the_same_case(db, street):
    alarm = {"type": "sos", "category": None, "condition": None, "evidence": ()}
    first = await street.report(db, **alarm)
    street.forward(minutes=5)
    far = await street.report(db, **alarm, place=Place(lon=east(900), lat=LAT, accuracy_m=5))
    fell = await street.report(db, **(alarm | {"type": "fall"}), place=None)

    assert {far.case_id, fell.case_id} == {first.case_id}
    assert {far.state, fell.state} == {SignalState.MERGED}
    assert not far.new_case
    assert await case_count(db) == 1


async def test_a_call_for_help_after_the_case_has_ended_is_a_new_matter(db, street):
    alarm = {"type": "sos", "category": None, "condition": None, "evidence": ()}
    first = await street.report(db, **alarm)
    await db.execute("UPDATE cases SET state = 'VOID' WHERE case_id = %s", (first.case_id,))
    street.forward(minutes=5)
    again = await street.report(db, **alarm, place=Place(lon=east(900), lat=LAT, accuracy_m=5))

    assert again.new_case


async def test_a_check_in_makes_no_case(db, street):
    for kind in ("checkin", "low_battery", "geofence"):
        outcome = await street.report(db, type=kind)
        assert (outcome.state, outcome.reason) == (
            SignalState.REJECTED,
            RejectReason.OUT_OF_SCOPE,
        )
    assert await case_count(db) == 0


async def closed(db, street, detection_id=None):
    outcome = await street.detect(db, detection_id=detection_id)
    case = await case_by_id(db, outcome.case_id)
    street.forward(hours=1)
    case = await street.move(db, case, Event.SIGN, HANDLER, person="handler", plan="replace")
    photo = await street.photo(db, f"repair {case.rework} {street.now}")
    case = await street.move(db, case, Event.FEEDBACK, HANDLER, text="done", evidence=(photo,))
    case = await carry_out(db, street.now, transition, case.case_id, Event.CHECK, actor=SYSTEM)
    return await street.move(db, case, Event.PASS, DISPATCHER)


async def test_a_late_message_finds_its_closed_case_and_opens_nothing(db, street):
    case = await closed(db, street)
    street.forward(hours=1)

    late = await street.detect(db, camera="C-002", at=NOW + timedelta(minutes=1))

    assert (late.case_id, late.state, late.new_case) == (case.case_id, SignalState.MERGED, False)
    assert (await case_by_id(db, case.case_id)).state is State.CLOSED


async def test_a_fault_that_comes_back_within_a_week_reopens_its_case(db, street):
    case = await closed(db, street)
    street.forward(days=3)

    again = await street.detect(db, evidence="broken again")

    assert (again.case_id, again.new_case) == (case.case_id, True)
    reopened = await case_by_id(db, case.case_id)
    assert reopened.state is State.ROUTED
    assert reopened.routed_at == street.now
    entries = await entries_of(db, Subject.CASE, str(case.case_id))
    assert [each.event for each in entries if each.event][-2:] == ["recur", "route"]
    record = await case_record(db, case.case_id)
    assert (record.reopened, record.recurrence_of) == (1, None)
    assert replay_case(entries).state is State.ROUTED
    assert chain_breaks(entries) == []


async def test_a_fault_that_comes_back_within_a_month_is_a_new_case_with_a_link(db, street):
    case = await closed(db, street)
    street.forward(days=12)

    again = await street.detect(db, evidence="broken again")

    assert again.case_id != case.case_id
    assert (await case_by_id(db, again.case_id)).recurrence_of == case.case_id


async def test_what_was_repaired_long_ago_is_no_recurrence(db, street):
    await closed(db, street)
    street.forward(days=40)

    again = await street.detect(db, evidence="broken again")

    assert (await case_by_id(db, again.case_id)).recurrence_of is None


async def test_an_open_case_of_last_month_at_the_same_asset_is_joined(db, street):
    first = await street.detect(db)
    street.forward(days=35)

    assert (await street.detect(db)).case_id == first.case_id


async def test_the_first_shot_and_the_near_view_are_evidence_too_each_with_its_box(db, street):
    shots = tuple(
        Shot(
            role=role,
            evidence=photo_hash(role),
            box=Box(x=0.25, y=0.25, w=size, h=size),
            score=0.5,
            frame_at=street.now,
        )
        for role, size in (("first", 0.1), ("crop", 0.5))
    )
    case = await street.detect(db, shots=shots)

    boxes = {each.sha256: each.boxes[0].w for each in await evidence_of(db, case.case_id)}
    assert boxes == {
        photo_hash("C-001 a photo"): 0.3,
        photo_hash("first"): 0.1,
        photo_hash("crop"): 0.5,
    }


async def test_a_photo_that_comes_with_an_update_is_added_to_the_case(db, street):
    detection_id = str(uuid4())
    first = await street.detect(db, detection_id=detection_id)
    await street.detect(
        db, detection_id=detection_id, seq=2, kind=DetectionType.UPDATE, evidence="a better one"
    )

    photos = {each.sha256 for each in await evidence_of(db, first.case_id)}
    assert photos == {photo_hash("C-001 a photo"), photo_hash("C-001 a better one")}
    assert (await kinds_of(db, Subject.CASE, first.case_id))[-1] == "evidence_added"


async def test_a_cover_whose_owner_is_unclear_stays_filed_with_the_reasons(db, street):
    outcome = await street.detect(db, lon=east(30), error_m=45)

    case = await case_by_id(db, outcome.case_id)
    assert case.state is State.FILED
    assert [reason.code for reason in case.why] == [
        "owners_unclear",
        "needs_joint_study",
        "territory",
    ]
    assert "routing_unclear" in await kinds_of(db, Subject.CASE, case.case_id)
    assert (await carry_out(db, NOW, route_case, case, SYSTEM)).state is State.FILED


async def test_a_person_accepts_what_waits_and_gives_what_it_lacks(db, street):
    waiting = await street.report(db, category="loose_lid", place=None, evidence=())
    with pytest.raises(GuardRefused, match="place"):
        await carry_out(
            db, NOW, accept_signal, waiting.signal_id, "manhole_cover", "broken", DISPATCHER
        )

    source = PhotoSource(None, "dispatcher", NOW)
    await record_photo(db, photo_hash("sent later"), 1, 1, 1, source)
    accepted = await carry_out(
        db,
        NOW,
        accept_signal,
        waiting.signal_id,
        "manhole_cover",
        "broken",
        DISPATCHER,
        spot=Spot(east(1), LAT, 5.0),
        evidence=(photo_hash("sent later"),),
    )

    assert (accepted.state, accepted.new_case) == (SignalState.ACCEPTED, True)
    case = await case_by_id(db, accepted.case_id)
    assert (case.state, case.filed_by) == (State.ROUTED, DISPATCHER.name)
    (entry, *_) = (await entries_of(db, Subject.SIGNAL, str(waiting.signal_id)))[::-1]
    assert (entry.kind, entry.actor) == ("signal_accepted", DISPATCHER.name)
    with pytest.raises(Conflict):
        await carry_out(
            db, NOW, reject_signal, waiting.signal_id, RejectReason.DUPLICATE, DISPATCHER
        )


async def test_accepting_a_signal_needs_the_photo_that_a_case_needs(db, street):
    waiting = await street.report(db, evidence=())

    with pytest.raises(GuardRefused, match="photo"):
        await carry_out(
            db, NOW, accept_signal, waiting.signal_id, "manhole_cover", "broken", DISPATCHER
        )
    with pytest.raises(InvalidInput):
        await carry_out(
            db, NOW, accept_signal, waiting.signal_id, "manhole_cover", "blue", DISPATCHER
        )
    with pytest.raises(Forbidden):
        await carry_out(
            db, NOW, accept_signal, waiting.signal_id, "manhole_cover", "broken", HANDLER
        )


async def test_a_rejected_signal_waits_no_more(db, street):
    waiting = await street.report(db, category="loose_lid")

    rejected = await carry_out(
        db, NOW, reject_signal, waiting.signal_id, RejectReason.TEST, DISPATCHER
    )

    assert (rejected.state, rejected.reason) == (SignalState.REJECTED, RejectReason.TEST)
    assert (await waiting_list(db, WaitingFilter())).items == []


async def test_a_camera_that_was_wrong_too_often_only_monitors_from_then_on(db, street):
    await db.execute(
        "INSERT INTO signal (source, identity, camera_id, type, label, observed_at, received_at,"
        " state, reason) SELECT 'camera', n::text, 'C-001', 'new', 'manhole_broken', %(at)s,"
        " %(at)s, 'rejected', 'false_positive' FROM generate_series(1, 10) n",
        {"at": NOW - timedelta(days=3)},
    )

    doubted = await street.detect(db, camera="C-001")
    trusted = await street.detect(db, camera="C-002")
    joined = await street.detect(db, camera="C-001")

    assert (doubted.state, doubted.reason) == (SignalState.NEW, WaitingReason.MONITORED)
    assert trusted.new_case
    assert (joined.state, joined.case_id) == (SignalState.NEW, None)
    (mode,) = await present_modes(db)
    assert (mode.name, mode.set_by) == ("C-001/manhole_broken", "system:quality")
    assert "0 / 10 = 0.00 % < 50.00 %" in mode.reason


async def test_an_sos_under_a_used_id_joins_the_open_case_of_the_same_terminal(db, street):
    event_id = str(uuid4())
    first = await street.report(db, event_id=event_id, type="sos", category=None, condition=None)
    street.forward(minutes=1)
    fields = {"event_id": event_id, "type": "sos", "category": None, "condition": None}
    again = await street.report(db, **fields, text="第二次")
    repeat = await street.report(db, **fields, text="第二次")

    assert first.new_case
    assert (again.state, again.case_id) == (SignalState.MERGED, first.case_id)
    assert again.signal_id != first.signal_id
    assert repeat.signal_id == again.signal_id


async def test_a_report_under_an_id_that_was_used_for_another_is_refused(db, street):
    event_id = str(uuid4())
    await street.report(db, event_id=event_id)
    with pytest.raises(KeyReused, match="same event_id, other content"):
        await street.report(db, event_id=event_id, text="另一处")
