"""Monitor mode: automation does nothing, and notes what it would have done."""

from datetime import timedelta

import pytest

from hub.cases.case import Event, State
from hub.cases.store import case_by_id
from hub.catalogue import Severity
from hub.errors import Conflict, Forbidden, InvalidInput, NotFound
from hub.journal import Subject, entries_of
from hub.quality.commands import judge_cameras, monitor, release, set_policy
from hub.quality.policy import FilingPolicy
from hub.quality.reading import QualityGroup, QualityPeriod, mode_views, quality_board
from hub.quality.store import present_modes
from hub.signals.commands import accept_signal, reject_signal
from hub.signals.reading import DetectionFilter, false_alarms, monitored_signals
from hub.signals.signal import RejectReason, SignalState, WaitingReason
from hub.signals.store import signal_by_id
from tests.integration.hub.cases.conftest import (
    DISPATCHER,
    HANDLER,
    NOW,
    SUPERVISOR,
    east,
    photo_hash,
)
from tests.integration.hub.cases.test_signals import closed
from tests.use_cases import carry_out

COVER = ("manhole_cover", "broken")


async def would(db, outcome):
    return (await signal_by_id(db, outcome.signal_id)).would


async def rejected(db, street, outcome):
    await carry_out(
        db, street.now, reject_signal, outcome.signal_id, RejectReason.FALSE_POSITIVE, DISPATCHER
    )


async def test_a_detection_of_monitor_mode_waits_with_what_would_have_been_done(db, street):
    await carry_out(db, NOW, monitor, "C-001", "manhole_broken", "on trial", DISPATCHER)

    held = await street.detect(db, camera="C-001")
    other = await street.detect(db, camera="C-002")
    joins = await street.detect(db, camera="C-001", lon=east(1))

    assert (held.state, held.reason) == (SignalState.NEW, WaitingReason.MONITORED)
    assert held.case_id is None
    assert await would(db, held) == {"action": "file", "case_id": None, "reason": None}
    assert other.new_case
    assert await would(db, joins) == {"action": "join", "case_id": other.case_id, "reason": None}
    (*_, entry) = await entries_of(db, Subject.SIGNAL, str(joins.signal_id))
    assert entry.data["would"] == await would(db, joins)


async def test_what_lacks_something_would_have_waited(db, street):
    await carry_out(db, NOW, monitor, None, None, "all on trial", DISPATCHER)

    held = await street.detect(db, evidence=None)

    assert await would(db, held) == {"action": "wait", "case_id": None, "reason": "no_evidence"}


async def test_a_closed_case_would_have_been_reopened(db, street):
    case = await closed(db, street)
    await carry_out(db, street.now, monitor, None, "manhole_broken", "trial", DISPATCHER)
    street.forward(days=2)

    held = await street.detect(db)

    expected = {"action": "reopen", "case_id": case.case_id, "reason": None}
    assert await would(db, held) == expected
    assert (await case_by_id(db, case.case_id)).state is State.CLOSED


@pytest.mark.parametrize(
    ("camera", "label", "held"),
    [
        (None, None, True),
        ("C-001", None, True),
        (None, "manhole_broken", True),
        ("C-002", None, False),
        (None, "manhole_missing", False),
        ("C-001", "manhole_missing", False),
    ],
)
async def test_a_mode_holds_back_the_cameras_and_classes_that_it_names(
    db, street, camera, label, held
):
    await carry_out(db, NOW, monitor, camera, label, "trial", DISPATCHER)

    outcome = await street.detect(db, camera="C-001", label="manhole_broken")

    assert outcome.new_case is not held


async def test_what_people_report_is_not_held_back(db, street):
    await carry_out(db, NOW, monitor, None, None, "trial", DISPATCHER)

    assert (await street.report(db)).new_case
    assert (await street.report(db, type="sos", category=None, condition=None)).new_case


async def test_a_person_files_what_was_held_back_and_it_counts_for_the_camera(db, street):
    await carry_out(db, NOW, monitor, "C-001", None, "trial", DISPATCHER)
    await street.photo(db, "C-001 a photo", device_id=None)
    true = await street.detect(db)
    false = await street.detect(db, lon=east(150))

    accepted = await carry_out(db, NOW, accept_signal, true.signal_id, *COVER, DISPATCHER)
    await rejected(db, street, false)

    assert accepted.new_case
    (mode,) = await mode_views(db)
    assert [(each.action, each.signals, each.right, each.wrong) for each in mode.would] == [
        ("file", 2, 1, 1)
    ]
    shown = await monitored_signals(db, DetectionFilter(camera_id="C-001"))
    assert [each.signal_id for each in shown.items] == [false.signal_id, true.signal_id]
    assert [(each.action, each.signals) for each in shown.counts] == [("file", 2)]


async def test_released_it_files_again_and_only_a_person_releases_it(db, street):
    mode = await carry_out(db, NOW, monitor, "C-001", "manhole_broken", "trial", DISPATCHER)
    held = await street.detect(db, detection_id="11111111-2222-4333-8444-555555555555")
    with pytest.raises(Forbidden):
        await carry_out(db, NOW, release, "C-001", "manhole_broken", "?", HANDLER)
    with pytest.raises(NotFound):
        await carry_out(db, NOW, release, "C-001", None, "not that one", DISPATCHER)

    await carry_out(db, NOW, release, "C-001", "manhole_broken", "it did well", SUPERVISOR)
    again = await street.detect(db, detection_id="11111111-2222-4333-8444-555555555555", seq=2)

    assert (held.new_case, again.new_case) == (False, True)
    entries = await entries_of(db, Subject.MONITOR_MODE, mode.name)
    assert [(entry.kind, entry.reason) for entry in entries] == [
        ("monitor_mode_set", "trial"),
        ("monitor_mode_released", "it did well"),
    ]


async def test_setting_it_says_what_is_wrong(db, street):
    await carry_out(db, NOW, monitor, "C-001", None, "trial", DISPATCHER)
    with pytest.raises(Conflict):
        await carry_out(db, NOW, monitor, "C-001", None, "again", DISPATCHER)
    with pytest.raises(InvalidInput, match="no camera C-999"):
        await carry_out(db, NOW, monitor, "C-999", None, "trial", DISPATCHER)
    with pytest.raises(InvalidInput, match="say why"):
        await carry_out(db, NOW, monitor, "C-002", None, "  ", DISPATCHER)


async def test_below_its_policy_it_is_set_to_monitor_by_itself_and_comes_back_by_a_person(
    db, street
):
    policy = FilingPolicy(Severity.HIGH, automatic=True, least_precision=0.6, least_verdicts=4)
    await carry_out(db, NOW, set_policy, policy, "measured", SUPERVISOR)
    for number in range(4):
        assert await carry_out(db, street.now, judge_cameras) == 0, "too few verdicts to tell"
        held = await street.detect(db, lon=east(50 * number), evidence=None)
        await rejected(db, street, held)

    assert await carry_out(db, street.now, judge_cameras) == 1
    assert await carry_out(db, street.now, judge_cameras) == 0

    (mode,) = await present_modes(db)
    assert (mode.name, mode.set_by) == ("C-001/manhole_broken", "system:quality")
    assert "0 / 4 = 0.00 % < 60.00 %" in mode.reason
    (entry,) = await entries_of(db, Subject.MONITOR_MODE, mode.name)
    assert (entry.kind, entry.actor) == ("monitor_mode_set", "system:quality")
    assert not (await street.detect(db)).new_case

    street.forward(hours=1)
    await carry_out(db, street.now, release, "C-001", "manhole_broken", "lens cleaned", SUPERVISOR)
    street.forward(hours=1)
    assert await carry_out(db, street.now, judge_cameras) == 0, "only later verdicts count"
    assert (await street.detect(db)).new_case


async def test_a_voided_case_was_a_false_alarm(db, street):
    outcome = await street.detect(db)
    case = await case_by_id(db, outcome.case_id)
    case = await street.move(db, case, Event.VOID, DISPATCHER, reason="a shadow")
    await street.move(db, case, Event.VOID, SUPERVISOR, reason="a shadow indeed")

    listed = await false_alarms(db, DetectionFilter())

    assert [each.signal_id for each in listed.items] == [outcome.signal_id]


async def test_a_severity_may_be_left_to_people_who_still_get_joins(db, street):
    policy = FilingPolicy(Severity.HIGH, automatic=False, least_precision=0.5, least_verdicts=10)
    await carry_out(db, NOW, set_policy, policy, "measured", SUPERVISOR)

    await street.photo(db, "C-001 a photo", device_id=None)
    waits = await street.detect(db)
    await carry_out(db, NOW, accept_signal, waits.signal_id, *COVER, DISPATCHER)
    joins = await street.detect(db, camera="C-002")

    assert (waits.state, waits.reason) == (SignalState.NEW, WaitingReason.NOT_AUTOMATIC)
    assert joins.state is SignalState.MERGED


async def test_the_board_counts_verdicts_by_camera_class_and_model_and_shows_what_is_missing(
    db, street
):
    await carry_out(db, NOW, monitor, None, None, "trial", DISPATCHER)
    await street.photo(db, "C-001 a photo", device_id=None)
    signals = [await street.detect(db, lon=east(-60 * number)) for number in range(3)]
    await street.detect(db, camera="C-002", score=0.01)
    await carry_out(db, NOW, accept_signal, signals[0].signal_id, *COVER, DISPATCHER)
    await rejected(db, street, signals[1])
    await street.detect(db, camera="C-002", lon=east(20))

    period = QualityPeriod(NOW - timedelta(days=1), NOW + timedelta(days=1))
    board = await quality_board(db, period, frozenset(QualityGroup))
    of_class = await quality_board(db, period, {QualityGroup.CLASS})

    first, second = board.rows
    assert (first.camera_id, first.label, first.model_version) == ("C-001", "manhole_broken", "1")
    assert (first.signals, first.right, first.wrong, first.missing) == (3, 1, 1, 1)
    assert first.precision == 0.5
    assert first.low == pytest.approx(0.09453, abs=1e-5)
    assert (second.camera_id, second.signals, second.missing) == ("C-002", 1, 1)
    assert (second.precision, second.low) == (None, None), "what is missing is not 0 %"
    assert second.monitored == "trial"
    (row,) = of_class.rows
    assert (row.camera_id, row.signals, row.right, row.wrong, row.missing) == (None, 4, 1, 1, 2)
    assert board.total.signals == 4


async def test_false_alarms_are_listed_with_their_pictures(db, street):
    await carry_out(db, NOW, monitor, None, None, "trial", DISPATCHER)
    false = await street.detect(db, evidence="a shadow")
    await street.detect(db, lon=east(80))
    await rejected(db, street, false)

    listed = await false_alarms(db, DetectionFilter(label="manhole_broken"))

    (alarm,) = listed.items
    assert (alarm.signal_id, alarm.reason) == (false.signal_id, "false_positive")
    assert [photo.sha256 for photo in alarm.photos] == [photo_hash("C-001 a shadow")]
    assert alarm.photos[0].boxes[0].label == "manhole_broken"
    assert (await false_alarms(db, DetectionFilter(camera_id="C-002"))).items == []
