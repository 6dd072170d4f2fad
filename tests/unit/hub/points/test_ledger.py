"""The ledger of points: balances, caps, reversals and periods, whatever the journal says."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.clock import local_date
from hub.points.ledger import (
    EARNED,
    CaseGone,
    Ledger,
    PeriodClosed,
    PeriodPaid,
    PointsKind,
    ReportDecided,
    ReportDecision,
    VerificationDone,
    month_of,
    next_month,
    post_all,
)
from hub.points.rules import PointsRules, RulesVersion, rules_on

AT = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
RULES = PointsRules(
    first_reporter=2,
    verification=3,
    invalid={"false_positive": -5, "out_of_scope": -1},
    day_cap=20,
    month_cap=50,
)
VERSIONS = [RulesVersion(1, date(2025, 1, 1), RULES)]


def report(
    number: int, verdict: ReportDecision = ReportDecision.VALID, **fields: object
) -> ReportDecided:
    facts = {
        "journal_id": number,
        "at": AT + timedelta(minutes=number),
        "worker_id": "W-1",
        "signal_id": number,
        "case_id": number,
        "verdict": verdict,
        "item_points": 4,
    }
    return ReportDecided(**(facts | fields))


def gone(case_id: int, journal_id: int = 90, **fields: object) -> CaseGone:
    at = AT + timedelta(minutes=journal_id)
    return CaseGone(**({"journal_id": journal_id, "at": at, "case_id": case_id,
                        "reason": "case_void"} | fields))  # fmt: skip


def points(entries) -> list[tuple[str, int]]:
    return [(str(entry.kind), entry.points) for entry in entries]


def test_a_valid_report_earns_the_points_of_its_item_and_the_first_reporter_more():
    entries = Ledger(VERSIONS).post(report(1))

    assert points(entries) == [("report", 4), ("first_reporter", 2)]
    assert [(each.balance_before, each.balance_after) for each in entries] == [(0, 4), (4, 6)]
    assert {each.period for each in entries} == {"2025-08"}


def test_a_duplicate_earns_nothing_an_invalid_report_costs_and_a_verification_earns():
    ledger = Ledger(VERSIONS)
    done = VerificationDone(4, AT, "W-1", "a command", 1)

    assert points(ledger.post(report(1, ReportDecision.DUPLICATE))) == [("duplicate", 0)]
    invalid = report(2, ReportDecision.INVALID, case_id=None, reason="false_positive")
    assert points(ledger.post(invalid)) == [("invalid", -5)]
    harmless = report(3, ReportDecision.INVALID, case_id=None, reason="test")
    assert points(ledger.post(harmless)) == [("invalid", 0)]
    assert points(ledger.post(done)) == [("verification", 3)]
    assert ledger.post(replace(done, journal_id=5)) == []
    assert ledger.balances["W-1"] == -2


def test_a_void_case_takes_back_exactly_what_its_report_earned():
    ledger = Ledger(VERSIONS)
    ledger.post(report(1))
    ledger.post(report(2))

    back = ledger.post(gone(1))

    assert points(back) == [("reversal", -4), ("reversal", -2)]
    assert [each.reverses for each in back] == [1, 2]
    assert ledger.balances["W-1"] == 6
    assert ledger.post(gone(1, 91)) == []


def test_a_report_that_is_decided_anew_loses_what_it_had():
    ledger = Ledger(VERSIONS)
    ledger.post(report(1))

    assert ledger.post(report(1, journal_id=2)) == []
    again = ledger.post(report(1, ReportDecision.INVALID, journal_id=3, reason="false_positive"))

    assert points(again) == [("reversal", -4), ("reversal", -2), ("invalid", -5)]
    waits = ledger.post(report(1, ReportDecision.OPEN, journal_id=4))
    assert points(waits) == [("reversal", 5)]
    assert ledger.balances["W-1"] == 0


def test_nobody_earns_more_than_the_caps_and_the_entry_says_what_it_would_have_been():
    ledger = Ledger(VERSIONS)
    for number in range(1, 5):
        ledger.post(report(number))

    last = ledger.post(report(5))
    assert [(each.points, each.full_points) for each in last] == [(0, 4), (0, 2)]
    assert ledger.balances["W-1"] == 20
    tomorrow = ledger.post(report(6, at=AT + timedelta(days=1)))
    assert sum(each.points for each in tomorrow) == 6
    assert ledger.post(gone(4))[0].points == -2


def test_a_day_begins_at_local_midnight():
    ledger = Ledger([RulesVersion(1, date(2025, 1, 1), RULES.model_copy(update={"day_cap": 6}))])
    evening = datetime(2025, 8, 7, 15, 59, 59, tzinfo=UTC)

    ledger.post(report(1, at=evening))
    (entry, _) = ledger.post(report(2, at=evening + timedelta(seconds=1)))

    assert (entry.day, entry.points) == (date(2025, 8, 8), 4)


def test_what_comes_after_a_period_is_closed_counts_in_the_next_one():
    ledger = Ledger(VERSIONS)
    ledger.post(report(1))
    september = datetime(2025, 9, 2, 2, 0, tzinfo=UTC)
    ledger.post(PeriodClosed(50, september, "2025-08"))
    (due,) = ledger.due["2025-08"]
    assert (due.earned, due.payable) == (6, 6)

    late = ledger.post(report(2, journal_id=51))
    assert {each.period for each in late} == {"2025-09"}
    paid = ledger.post(PeriodPaid(52, september, "2025-08"))
    assert [(each.kind, each.points, each.period) for each in paid] == [
        (PointsKind.PAYMENT, -6, "2025-08")
    ]
    assert ledger.post(PeriodPaid(53, september, "2025-08")) == []
    back = ledger.post(gone(1, 54, at=september))
    assert {each.period for each in back} == {"2025-09"}
    assert ledger.balances["W-1"] == 0


def test_a_period_that_ends_below_nothing_owes_nothing_and_is_carried_on():
    ledger = Ledger(VERSIONS)
    ledger.post(report(1, ReportDecision.INVALID, case_id=None, reason="false_positive"))
    ledger.post(PeriodClosed(50, datetime(2025, 9, 1, tzinfo=UTC), "2025-08"))
    assert ledger.due["2025-08"][0].payable == 0
    ledger.post(report(2, at=datetime(2025, 9, 3, tzinfo=UTC)))
    ledger.post(PeriodClosed(51, datetime(2025, 10, 1, tzinfo=UTC), "2025-09"))
    assert (ledger.due["2025-09"][0].earned, ledger.due["2025-09"][0].payable) == (6, 1)


def test_rules_hold_from_their_day_on():
    dear = RulesVersion(2, date(2025, 8, 8), RULES.model_copy(update={"first_reporter": 9}))
    ledger = Ledger([*VERSIONS, dear])

    before, after = ledger.post(report(1)), ledger.post(report(2, at=AT + timedelta(days=1)))

    assert (before[1].points, before[1].rules_version) == (2, 1)
    assert (after[1].points, after[1].rules_version) == (9, 2)


def test_until_a_district_makes_rules_the_first_ones_hold():
    assert rules_on([], date(2025, 8, 7)).version == 0
    assert next_month("2025-12") == "2026-01"


SIGNALS = st.integers(1, 12)
WORKERS = st.sampled_from(["W-1", "W-2"])
MINUTES = st.integers(0, 60 * 24 * 70)


@st.composite
def histories(draw):
    """Facts in the order of their instants, as a journal has them."""
    instants = sorted(draw(st.lists(MINUTES, min_size=1, max_size=40)))
    owner = {signal: draw(WORKERS) for signal in range(1, 13)}
    facts, closed = [], set()
    for number, minute in enumerate(instants, start=1):
        at = AT + timedelta(minutes=minute)
        kind = draw(st.sampled_from(["report", "report", "report", "verify", "gone", "close"]))
        if kind == "report":
            signal = draw(SIGNALS)
            verdict = draw(st.sampled_from(ReportDecision))
            reason = "false_positive" if verdict is ReportDecision.INVALID else None
            facts.append(
                report(number, verdict, at=at, signal_id=signal, case_id=signal % 7, reason=reason,
                       worker_id=owner[signal], item_points=draw(st.integers(0, 30)))
            )  # fmt: skip
        elif kind == "verify":
            facts.append(VerificationDone(number, at, draw(WORKERS), f"c{draw(SIGNALS)}", None))
        elif kind == "gone":
            facts.append(gone(draw(SIGNALS) % 7, number, at=at))
        else:
            month = month_of(local_date(at) - timedelta(days=28))
            if month < month_of(local_date(at)):
                closed.add(month)
                facts.append(PeriodClosed(number, at, month))
                if draw(st.booleans()):
                    facts.append(PeriodPaid(number, at, month))
    return facts


@given(histories())
def test_a_balance_is_the_sum_of_its_entries(facts):
    ledger = Ledger(VERSIONS)
    entries = post_all(ledger, facts)

    running = defaultdict(int)
    for number, entry in enumerate(entries, start=1):
        assert entry.entry_no == number
        assert entry.balance_before == running[entry.worker_id]
        running[entry.worker_id] += entry.points
        assert entry.balance_after == running[entry.worker_id]
    assert {who: balance for who, balance in ledger.balances.items() if balance} == {
        who: balance for who, balance in running.items() if balance
    }


@given(histories())
def test_the_caps_are_never_exceeded(facts):
    by_day, by_month = defaultdict(int), defaultdict(int)
    for entry in post_all(Ledger(VERSIONS), facts):
        if entry.kind in EARNED:
            assert 0 <= entry.points <= entry.full_points
            by_day[entry.worker_id, entry.day] += entry.points
            by_month[entry.worker_id, month_of(entry.day)] += entry.points
    assert all(each <= RULES.day_cap for each in by_day.values())
    assert all(each <= RULES.month_cap for each in by_month.values())


@given(histories(), st.integers(0, 6))
def test_a_void_case_leaves_nothing_of_its_reports(facts, case_id):
    last = facts[-1]
    after = gone(case_id, last.journal_id + 1, at=last.at)
    entries = post_all(Ledger(VERSIONS), [*facts, after])

    kinds = (PointsKind.REPORT, PointsKind.FIRST_REPORTER)
    earned = [each for each in entries if each.case_id == case_id and each.kind in kinds]
    reports = {each.entry_no for each in earned}
    reversals = [each for each in entries if each.reverses in reports]
    assert {each.reverses for each in reversals} == reports
    assert len(reversals) == len(reports)
    sums = {each.entry_no: each.points for each in entries}
    assert all(each.points == -sums[each.reverses] for each in reversals)


@given(histories())
def test_a_closed_period_gets_no_entry_but_its_payment(facts):
    ledger, closed = Ledger(VERSIONS), set()
    for fact in facts:
        for entry in ledger.post(fact):
            assert entry.period not in closed or entry.kind is PointsKind.PAYMENT
        if isinstance(fact, PeriodClosed):
            closed.add(fact.period)


@given(histories())
def test_the_same_facts_give_the_same_ledger(facts):
    assert post_all(Ledger(VERSIONS), facts) == post_all(Ledger(VERSIONS), facts)


@pytest.mark.parametrize("amount", [-1, 10_001])
def test_rules_refuse_what_makes_no_sense(amount):
    with pytest.raises(ValueError, match="day_cap"):
        PointsRules(day_cap=amount)
