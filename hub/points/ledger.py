"""The ledger: what each fact of the journal means for the points of a grid worker. Pure.

Facts come in the order of the journal. The same facts and rules give the same entries.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

from hub.clock import local_date
from hub.points.rules import RulesVersion, rules_on


class PointsKind(StrEnum):
    """What an entry of the ledger is for."""

    REPORT = "report"
    FIRST_REPORTER = "first_reporter"
    VERIFICATION = "verification"
    DUPLICATE = "duplicate"
    """Joined a case that was open: true, and worth nothing."""
    INVALID = "invalid"
    REVERSAL = "reversal"
    """Takes back an earlier entry: its case was void, or the report was decided anew."""
    PAYMENT = "payment"


EARNED = frozenset({PointsKind.REPORT, PointsKind.FIRST_REPORTER, PointsKind.VERIFICATION})
"""What the caps of a day and a month are for."""


class ReportDecision(StrEnum):
    """How a report was decided; OPEN: it waits again."""

    VALID = "valid"
    DUPLICATE = "duplicate"
    INVALID = "invalid"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class ReportDecided:
    """A report of a worker was decided. `item_points` are those of its item in the catalogue."""

    journal_id: int
    at: datetime
    worker_id: str
    signal_id: int
    case_id: int | None
    verdict: ReportDecision
    item_points: int = 0
    is_first: bool = True
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class VerificationDone:
    """A worker has verified something at the place."""

    journal_id: int
    at: datetime
    worker_id: str
    command_id: str
    case_id: int | None


@dataclass(frozen=True, slots=True)
class CaseGone:
    """A case was void, or turned out to be an earlier case: nothing is earned by its reports."""

    journal_id: int
    at: datetime
    case_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class PeriodClosed:
    journal_id: int
    at: datetime
    period: str
    by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class PeriodPaid:
    """What was payable at the end of a period was paid."""

    journal_id: int
    at: datetime
    period: str
    by: str = ""
    note: str = ""


Fact: TypeAlias = ReportDecided | VerificationDone | CaseGone | PeriodClosed | PeriodPaid


@dataclass(frozen=True, slots=True)
class PointsEntry:
    """One line of the ledger. `full_points` are those without the caps."""

    entry_no: int
    journal_id: int
    worker_id: str
    kind: PointsKind
    points: int
    full_points: int
    balance_before: int
    balance_after: int
    at: datetime
    day: date
    period: str
    rules_version: int
    case_id: int | None = None
    signal_id: int | None = None
    command_id: str | None = None
    reverses: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PointsDue:
    """What a worker earned in a period, and what is owed at its end; less than nothing is carried on."""

    period: str
    worker_id: str
    earned: int
    payable: int


@dataclass
class Ledger:
    """The state that new entries depend on.

    `by_signal` and `by_case` have the entries that may still be taken back: no reversal has done so.
    """

    versions: list[RulesVersion]
    last_no: int = 0
    balances: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_day: dict[tuple[str, date], int] = field(default_factory=lambda: defaultdict(int))
    by_month: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    by_period: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    """All points by period and worker, payments too."""
    closed: set[str] = field(default_factory=set)
    due: dict[str, list[PointsDue]] = field(default_factory=dict)
    paid: set[str] = field(default_factory=set)
    by_signal: dict[int, list[PointsEntry]] = field(default_factory=lambda: defaultdict(list))
    by_case: dict[int, list[PointsEntry]] = field(default_factory=lambda: defaultdict(list))
    verified: set[str] = field(default_factory=set)
    """The commands whose verification is in the ledger."""

    def post(self, fact: Fact) -> list[PointsEntry]:
        """The entries that follow from a fact."""
        match fact:
            case ReportDecided():
                return list(self._report(fact))
            case VerificationDone():
                return list(self._verification(fact))
            case CaseGone():
                return list(self._gone(fact))
            case PeriodClosed():
                self._close(fact)
                return []
            case PeriodPaid():
                return list(self._pay(fact))

    def _report(self, fact: ReportDecided) -> Iterator[PointsEntry]:
        before = list(self.by_signal[fact.signal_id])
        if before and _says_the_same(before, fact):
            return
        for entry in before:
            yield self._reverse(entry, fact, "decided_anew")
        rules = rules_on(self.versions, local_date(fact.at)).rules
        match fact.verdict:
            case ReportDecision.VALID:
                yield self._earn(fact, PointsKind.REPORT, fact.item_points)
                if fact.is_first:
                    yield self._earn(fact, PointsKind.FIRST_REPORTER, rules.first_reporter)
            case ReportDecision.DUPLICATE:
                yield self._earn(fact, PointsKind.DUPLICATE, 0)
            case ReportDecision.INVALID:
                yield self._earn(fact, PointsKind.INVALID, rules.invalid.get(fact.reason or "", 0))
            case ReportDecision.OPEN:
                pass

    def _verification(self, fact: VerificationDone) -> Iterator[PointsEntry]:
        if fact.command_id in self.verified:
            return
        self.verified.add(fact.command_id)
        rules = rules_on(self.versions, local_date(fact.at)).rules
        yield self._earn(fact, PointsKind.VERIFICATION, rules.verification)

    def _gone(self, fact: CaseGone) -> Iterator[PointsEntry]:
        reports = (PointsKind.REPORT, PointsKind.FIRST_REPORTER)
        for entry in list(self.by_case[fact.case_id]):
            if entry.kind in reports:
                yield self._reverse(entry, fact, fact.reason)

    def _close(self, fact: PeriodClosed) -> None:
        if fact.period in self.closed:
            return
        self.closed.add(fact.period)
        workers = sorted({worker for _, worker in self.by_period})
        self.due[fact.period] = [
            PointsDue(
                fact.period,
                worker,
                self.by_period.get((fact.period, worker), 0),
                max(0, self._owed(worker, fact.period)),
            )
            for worker in workers
            if (fact.period, worker) in self.by_period or self._owed(worker, fact.period)
        ]

    def _owed(self, worker: str, period: str) -> int:
        """All that is not paid up to the end of a period."""
        rows = self.by_period.items()
        return sum(points for (each, who), points in rows if who == worker and each <= period)

    def _pay(self, fact: PeriodPaid) -> Iterator[PointsEntry]:
        if fact.period not in self.closed or fact.period in self.paid:
            return
        self.paid.add(fact.period)
        for due in self.due[fact.period]:
            if due.payable:
                yield self._write(
                    fact, due.worker_id, PointsKind.PAYMENT, -due.payable, -due.payable,
                    period=fact.period,
                )  # fmt: skip

    def _earn(
        self, fact: ReportDecided | VerificationDone, kind: PointsKind, full: int
    ) -> PointsEntry:
        """An entry of as many points as the caps leave."""
        points = full
        if kind in EARNED:
            day = local_date(fact.at)
            rules, month = rules_on(self.versions, day).rules, month_of(day)
            left = min(
                rules.day_cap - self.by_day[fact.worker_id, day],
                rules.month_cap - self.by_month[fact.worker_id, month],
            )
            points = max(0, min(full, left))
            self.by_day[fact.worker_id, day] += points
            self.by_month[fact.worker_id, month] += points
        return self._write(
            fact,
            fact.worker_id,
            kind,
            points,
            full,
            case_id=fact.case_id,
            signal_id=fact.signal_id if isinstance(fact, ReportDecided) else None,
            command_id=None if isinstance(fact, ReportDecided) else fact.command_id,
            reason=fact.reason if isinstance(fact, ReportDecided) else None,
        )

    def _reverse(self, entry: PointsEntry, fact: Fact, reason: str) -> PointsEntry:
        self.forget(entry)
        return self._write(
            fact,
            entry.worker_id,
            PointsKind.REVERSAL,
            -entry.points,
            -entry.points,
            case_id=entry.case_id,
            signal_id=entry.signal_id,
            reverses=entry.entry_no,
            reason=reason,
        )

    def _write(
        self,
        fact: Fact,
        worker_id: str,
        kind: PointsKind,
        points: int,
        full: int,
        *,
        period: str | None = None,
        case_id: int | None = None,
        signal_id: int | None = None,
        command_id: str | None = None,
        reverses: int | None = None,
        reason: str | None = None,
    ) -> PointsEntry:
        self.last_no += 1
        day, before = local_date(fact.at), self.balances[worker_id]
        entry = PointsEntry(
            entry_no=self.last_no,
            journal_id=fact.journal_id,
            worker_id=worker_id,
            kind=kind,
            points=points,
            full_points=full,
            balance_before=before,
            balance_after=before + points,
            at=fact.at,
            day=day,
            period=period or self._open_period(month_of(day)),
            rules_version=rules_on(self.versions, day).version,
            case_id=case_id,
            signal_id=signal_id,
            command_id=command_id,
            reverses=reverses,
            reason=reason,
        )
        self.balances[worker_id] = entry.balance_after
        self.by_period[entry.period, worker_id] += points
        self.remember(entry)
        return entry

    def remember(self, entry: PointsEntry) -> None:
        """Note an entry that a reversal may take back."""
        if entry.kind in (PointsKind.REVERSAL, PointsKind.PAYMENT):
            return
        if entry.signal_id is not None:
            self.by_signal[entry.signal_id].append(entry)
        if entry.case_id is not None:
            self.by_case[entry.case_id].append(entry)

    def forget(self, entry: PointsEntry) -> None:
        if entry.signal_id is not None:
            self.by_signal[entry.signal_id].remove(entry)
        if entry.case_id is not None:
            self.by_case[entry.case_id].remove(entry)

    def _open_period(self, month: str) -> str:
        """The month itself, or the first one after it that is not closed: corrections come next."""
        while month in self.closed:
            month = next_month(month)
        return month


def post_all(ledger: Ledger, facts: Iterable[Fact]) -> list[PointsEntry]:
    """All entries that follow from facts, in order."""
    return [entry for fact in facts for entry in ledger.post(fact)]


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def next_month(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def _says_the_same(before: list[PointsEntry], fact: ReportDecided) -> bool:
    kinds = {
        ReportDecision.VALID: PointsKind.REPORT,
        ReportDecision.DUPLICATE: PointsKind.DUPLICATE,
        ReportDecision.INVALID: PointsKind.INVALID,
    }
    first = before[0]
    same = first.kind is kinds.get(fact.verdict) and first.case_id == fact.case_id
    return same and (first.kind is not PointsKind.INVALID or first.reason == fact.reason)
