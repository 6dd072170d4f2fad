"""What the indicators know of a case, entry by entry."""

import pytest

from hub.indicators.definitions import (
    EVERY_EVENT,
    KEPT_MARKS,
    Count,
    Mark,
    conditions_of,
    counted,
    counts_in,
)
from hub.indicators.measure import fold_case, fold_signal, with_source
from tests.journal_lives import DAY, START, CaseLife, as_measured, signal_entry

IN_PERIOD = Mark.FILED_IN | Mark.DISPATCHED_IN | Mark.DUE_IN


def seeds_day() -> CaseLife:
    """Reported 2025-08-07 15:19, two workdays, fed back and closed on the next day."""
    life = CaseLife(1).file().route().later(minutes=5).sign()
    return life.later(hours=20).feed_back().later(minutes=10).close()


def dark_twin() -> CaseLife:
    """Ignored, overdue, fed back late, failed, done again by its new deadline, closed."""
    life = CaseLife(2).file().route(days=4).later(days=1).sign().later(days=3, minutes=1)
    life.move("overdue", "HANDLING", overdue_at=life.at).later(days=5).feed_back()
    return life.later(hours=1).fail(days=2).later(hours=5).feed_back().later(hours=1).close()


def counts(life: CaseLife, lies: Mark) -> set[Count]:
    return set(counted(life.measure.marks | lies))


def test_a_case_of_the_seeds_day_counts_as_in_time():
    found = counts(seeds_day(), IN_PERIOD | Mark.HANDLED_BY | Mark.CLOSED_BY)
    assert found == {
        Count.FILED,
        Count.DISPATCHED,
        Count.DUE,
        Count.HANDLED,
        Count.CLOSED,
        Count.HANDLED_IN_TIME,
        Count.CLOSED_IN_TIME,
        Count.FIRST_TIME_RIGHT,
    }


def test_a_later_deadline_does_not_forgive_a_missed_one():
    measure = dark_twin().measure
    assert measure.missed_at == measure.due_at == START + 4 * DAY
    assert measure.deadline > measure.closed_at
    found = counts(dark_twin(), IN_PERIOD | Mark.HANDLED_BY | Mark.CLOSED_BY | Mark.PAST_DUE)
    assert {Count.HANDLED, Count.CLOSED, Count.REWORKED} <= found
    assert not found & {Count.HANDLED_IN_TIME, Count.CLOSED_IN_TIME, Count.OVERDUE_UNHANDLED}


def test_only_a_granted_appeal_exempts():
    lies = IN_PERIOD | Mark.HANDLED_BY | Mark.CLOSED_BY | Mark.APPEALED_IN
    vain = dark_twin().note("approval_asked", approval="appeal")
    vain.note("approval_refused", approval="appeal")
    granted = dark_twin().note("approval_asked", approval="appeal").later(days=1)
    granted.move("appeal", "CLOSED", exempt_at=granted.at)

    assert Count.APPEAL_REFUSED in counts(vain, lies)
    assert not counts(vain, lies) & {Count.CLOSED_IN_TIME, Count.EXEMPT}
    assert {Count.APPEAL_GRANTED, Count.CLOSED_IN_TIME, Count.HANDLED_IN_TIME} <= counts(
        granted, lies
    )
    assert granted.measure.missed_at is not None
    assert Count.OVERDUE_UNHANDLED not in counts(granted, lies)


def test_an_asked_extension_that_is_refused_is_no_appeal():
    life = seeds_day().note("approval_asked", approval="extension")
    assert life.measure.appealed_at is None


def test_the_deadline_moves_by_extension():
    life = CaseLife(1).file().route(days=2).sign()
    life.move("extend", "HANDLING", due_at=START + 4 * DAY)
    life.later(days=3).feed_back().close()
    assert life.measure.due_at == START + 4 * DAY
    assert {Count.EXTENDED, Count.HANDLED_IN_TIME, Count.CLOSED_IN_TIME} <= counts(
        life, IN_PERIOD | Mark.HANDLED_BY | Mark.CLOSED_BY
    )


def test_a_suspended_case_is_due_when_it_goes_on():
    life = CaseLife(1).file().route(days=2).sign().later(days=1)
    life.move("suspend", "HANDLING", suspended_at=life.at, suspended_until=life.at + 30 * DAY)
    assert life.measure.due_at is None
    life.later(days=30)
    life.move("resume", "HANDLING", suspended_until=None, due_at=life.at + DAY)
    assert life.measure.missed_at is None
    assert life.measure.due_at == START + 32 * DAY


def test_a_returned_case_is_due_again_with_its_new_unit():
    life = CaseLife(1).file().route("power_supply", days=2).later(hours=2)
    life.move("return", "FILED", lead_unit=None, reason="not ours")
    assert life.measure.due_at is None
    life.later(days=3).route("housing_bureau", days=2).sign().feed_back().close()
    measure = life.measure
    assert (measure.first_unit, measure.lead_unit) == ("power_supply", "housing_bureau")
    assert measure.missed_at is None
    found = counts(life, IN_PERIOD | Mark.HANDLED_BY | Mark.CLOSED_BY)
    assert {Count.RETURNED, Count.SENT_AGAIN, Count.CLOSED_IN_TIME} <= found
    assert Count.FIRST_TIME_RIGHT not in found


def test_a_case_that_waited_too_long_for_its_unit_counts_as_dispatched_late():
    life = CaseLife(1).file().later(minutes=16)
    life.note("dispatch_late", changes={"dispatch_late_at": life.at.isoformat()}).route()
    assert Count.DISPATCHED_LATE in counts(life, IN_PERIOD)
    assert Count.DISPATCHED_LATE not in counts(seeds_day(), IN_PERIOD)


def test_a_study_that_takes_too_long_is_no_lateness_of_a_unit():
    life = CaseLife(1).file().route("power_supply", days=2).later(hours=2)
    life.move("return", "FILED", lead_unit=None, reason="not ours")
    life.move("refer_study", "JOINT_STUDY", study_due_at=life.at + DAY).later(days=3)
    life.move("overdue", "JOINT_STUDY", study_overdue_at=life.at).later(hours=1)
    life.move("rule", "ROUTED", lead_unit="housing_bureau", due_at=life.at + 2 * DAY)
    life.sign().feed_back().close()
    assert life.measure.missed_at is None
    assert {Count.HANDLED_IN_TIME, Count.CLOSED_IN_TIME} <= counts(
        life, IN_PERIOD | Mark.HANDLED_BY | Mark.CLOSED_BY
    )


def test_feedback_that_a_check_failed_does_not_count_as_handled():
    life = CaseLife(1).file().route().sign().feed_back().fail(days=9)
    assert life.measure.handled_at is None


def test_a_case_that_is_closed_after_its_deadline_was_handled_in_time_all_the_same():
    life = CaseLife(1).file().route(days=1).sign().later(hours=23).feed_back()
    life.later(hours=2).close()
    found = counts(life, IN_PERIOD | Mark.HANDLED_BY | Mark.CLOSED_BY)
    assert Count.HANDLED_IN_TIME in found
    assert Count.CLOSED_IN_TIME not in found


@pytest.mark.parametrize(
    ("event", "said", "mark"),
    [
        ("satisfied", None, Mark.SATISFIED),
        ("satisfied", "mostly", Mark.MOSTLY_SATISFIED),
        ("not_satisfied", None, Mark.NOT_SATISFIED),
        ("unreachable", "no_answer", Mark.NO_ANSWER),
    ],
)
def test_the_newest_result_of_calling_back_counts(event, said, mark):
    life = CaseLife(1).file().route().sign().feed_back().move("pass", "CALLBACK")
    life.move("unreachable", "CALLBACK").later(hours=1)
    changes = {} if said is None else {"satisfaction": said}
    life.move(event, "CLOSED", **changes)
    results = Mark.SATISFIED | Mark.MOSTLY_SATISFIED | Mark.NOT_SATISFIED | Mark.NO_ANSWER
    assert life.measure.marks & results == mark
    assert life.measure.called_back_at == life.at


def test_a_case_that_is_opened_again_begins_a_round_and_keeps_the_one_before():
    life = seeds_day()
    before = life.measure
    life.later(days=2).move("recur", "REOPENED", lead_unit=None, due_at=None, closed_at=None)
    life.route("power_supply")
    after = life.measure
    assert (before.round, after.round) == (0, 1)
    assert before.closed_at is not None
    assert after.closed_at is None
    assert after.missed_at is None
    assert counts_in(Count.RECURRED, after.marks | Mark.FILED_IN)
    assert not counts_in(Count.FILED, after.marks | Mark.FILED_IN)


@pytest.mark.parametrize("state", ["MERGED", "VOID"])
def test_a_case_that_was_merged_or_is_void_is_left_out_with_its_reason(state):
    life = CaseLife(1).file().route().move("merge", state)
    found = counts(life, IN_PERIOD | Mark.PAST_DUE)
    assert Count.DUE not in found
    assert Count.OVERDUE_UNHANDLED not in found
    assert found & {Count.LEFT_OUT_MERGED, Count.LEFT_OUT_VOID}


def test_a_case_has_the_source_of_the_signal_for_which_it_was_filed():
    case = CaseLife(7).file().measure
    entry = as_measured(signal_entry(1, START, "accepted", case_id=7, source="camera"))
    found = with_source(case, entry)
    assert (found.source, found.reporter) == ("camera", "T-1")
    assert with_source(found, as_measured(signal_entry(2, START, "merged", case_id=7))) == found


def test_a_case_that_a_person_files_counts_as_received():
    life = CaseLife(7).file(by="user:seat")
    assert (life.measure.source, life.measure.receiver) == ("operator", "user:seat")
    assert Count.RECEIVED in counts(life, Mark.FILED_IN)


@pytest.mark.parametrize(
    ("state", "reason", "count"),
    [
        ("merged", None, Count.DUPLICATE),
        ("rejected", "duplicate", Count.DUPLICATE),
        ("rejected", "out_of_scope", Count.RECEIVED),
        ("rejected", "test", Count.LEFT_OUT_NO_REPORT),
        ("rejected", "below_threshold", Count.LEFT_OUT_NO_REPORT),
        ("new", "low_battery", Count.LEFT_OUT_NO_REPORT),
    ],
)
def test_a_signal_is_received_or_left_out_with_its_reason(state, reason, count):
    entry = as_measured(signal_entry(1, START, state, reason=reason, case_id=7))
    signal = fold_signal(None, None, entry)
    found = set(counted(signal.marks | Mark.RECEIVED_IN))
    assert count in found
    assert (Count.RECEIVED in found) != (Count.LEFT_OUT_NO_REPORT in found)


def test_the_signal_that_opened_a_case_again_is_no_duplicate():
    life = seeds_day().later(days=2).move("recur", "REOPENED", closed_at=None)
    opener = as_measured(signal_entry(1, life.at, "merged", case_id=1))
    later = as_measured(signal_entry(2, life.at + DAY, "merged", case_id=1))
    assert not fold_signal(None, life.measure, opener).marks & Mark.DUPLICATE
    assert fold_signal(None, life.measure, later).marks & Mark.DUPLICATE


def test_a_signal_keeps_the_time_at_which_it_came():
    first = fold_signal(None, None, as_measured(signal_entry(1, START, "new")))
    after = fold_signal(first, None, as_measured(signal_entry(1, START + DAY, "rejected")))
    assert after.received_at == START


def test_entries_of_a_case_that_was_never_filed_are_no_measure():
    assert fold_case(None, as_measured(CaseLife(1).note("note_added").entries[0])) is None


@pytest.mark.parametrize("count", Count)
def test_each_condition_of_a_count_wants_one_event_and_no_more_than_two_differ_in_kept_marks(count):
    conditions = conditions_of(count)
    assert len(conditions) in (1, 2)
    for condition in conditions:
        assert (condition.wanted & EVERY_EVENT) in list(Mark), "events are counted one by one"
        assert not condition.unwanted & EVERY_EVENT
    lying = ~(EVERY_EVENT | Mark(KEPT_MARKS))
    assert len({(each.wanted & lying, each.unwanted & lying) for each in conditions}) == 1
