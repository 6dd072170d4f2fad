"""What the indicators know of a case and of a signal, kept up entry by entry. Pure.

A case that was closed and opened again has a row for each round, so that what was counted stays.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import JsonValue

from hub.cases.case import CLOCK_RUNS, Event, State
from hub.indicators.definitions import Mark

_BY_HAND = "operator"
"""The source of a case that a person filed without a signal."""
_UNKNOWN = ""
_LEFT_OUT_REASONS = frozenset(
    {"below_threshold", "test", "low_battery", "off_post", "camera_blind"}
)
"""Signals that report nothing: see `hub.signals.signal`, which stands beside this slice."""
_DUPLICATE = "duplicate"
_NO_MARK = Mark(0)


@dataclass(frozen=True, slots=True)
class MeasuredEntry:
    """The part of a journal entry that is measured."""

    journal_id: int
    at: datetime
    subject: str
    subject_id: str
    kind: str
    actor: str
    event: str | None
    to_state: str | None
    reason: str | None
    data: Mapping[str, JsonValue]

    @property
    def changes(self) -> Mapping[str, JsonValue]:
        changed = self.data.get("changes")
        return changed if isinstance(changed, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMeasure:
    """One round of a case.

    `deadline` is the one in force. `missed_at` is the first deadline that passed before the unit fed
    back: a later one forgives nothing, only an appeal does.
    """

    case_id: int
    round: int = 0
    case_no: str = ""
    item_key: str = ""
    severity: str = ""
    source: str = _UNKNOWN
    state: str = State.FILED
    lead_unit: str | None = None
    first_unit: str | None = None
    territory_unit: str | None = None
    filed_at: datetime
    dispatched_at: datetime | None = None
    deadline: datetime | None = None
    suspended: bool = False
    missed_at: datetime | None = None
    handled_at: datetime | None = None
    closed_at: datetime | None = None
    exempt_at: datetime | None = None
    called_back_at: datetime | None = None
    appealed_at: datetime | None = None
    reporter: str | None = None
    receiver: str | None = None
    dispatcher: str | None = None
    shift_lead: str | None = None
    happened: Mark = _NO_MARK
    """What can't be told from the other columns."""

    @property
    def due_at(self) -> datetime | None:
        """The deadline that counts: the first that was missed, else the one in force.

        None while no unit has the case, or while the clock stands still.
        """
        if self.missed_at is not None:
            return self.missed_at
        return None if self.suspended or self.lead_unit is None else self.deadline

    @property
    def marks(self) -> Mark:
        marks = self.happened
        ended = {State.MERGED: Mark.MERGED, State.VOID: Mark.VOID}
        marks |= ended.get(State(self.state), Mark(0))
        if self.round == 0:
            marks |= Mark.FIRST_ROUND
        if self.missed_at is not None:
            marks |= Mark.LATE
        if self.exempt_at is not None:
            marks |= Mark.EXEMPT
        if self._closed_on_time:
            marks |= Mark.CLOSED_ON_TIME
        if self.lead_unit == self.first_unit and not marks & Mark.RETURNED:
            marks |= Mark.RIGHT_FIRST
        return marks

    @property
    def _closed_on_time(self) -> bool:
        if self.closed_at is None or self.deadline is None or self.missed_at is not None:
            return False
        return self.closed_at <= self.deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalMeasure:
    """One signal. Its unit, territory and severity are those of its case."""

    signal_id: int
    received_at: datetime
    source: str
    item_key: str
    case_id: int | None
    reporter: str | None
    marks: Mark


def fold_case(before: CaseMeasure | None, entry: MeasuredEntry) -> CaseMeasure | None:
    """The newest round of a case after an entry of it; None if there is none yet."""
    if entry.event == Event.FILE:
        return _filed(entry)
    if before is None:
        return None
    if entry.event == Event.RECUR:
        return _opened_again(before, entry)
    after = _changed(_missed(before, entry.at), entry)
    if entry.event is not None:
        happen = _EVENTS.get(entry.event)
        return after if happen is None else happen(before, after, entry)
    return _noted(after, entry)


def fold_signal(
    before: SignalMeasure | None, case: CaseMeasure | None, entry: MeasuredEntry
) -> SignalMeasure:
    """A signal after an entry of it. `case` is the newest round of the case that it belongs to."""
    state, reason = entry.to_state, entry.reason
    marks = Mark(0)
    if state == "merged" and not _opened_by(case, entry):
        marks |= Mark.DUPLICATE
    if state == "rejected" and reason == _DUPLICATE:
        marks |= Mark.DUPLICATE
    if reason in _LEFT_OUT_REASONS or state == "noted":
        marks |= Mark.LEFT_OUT
    if before is not None:
        marks |= before.marks & Mark.ACCEPT_LATE
    case_id = entry.data.get("case_id")
    return SignalMeasure(
        signal_id=int(entry.subject_id),
        received_at=entry.at if before is None else before.received_at,
        source=_text(entry.data.get("source")) or _UNKNOWN,
        item_key=_text(entry.data.get("item_key")) or "",
        case_id=case_id if isinstance(case_id, int) else None,
        reporter=_reporter(entry),
        marks=marks,
    )


def accepted_late(signal: SignalMeasure) -> SignalMeasure:
    """The signal, of which an entry says that the hall took too long."""
    return replace(signal, marks=signal.marks | Mark.ACCEPT_LATE)


def with_source(case: CaseMeasure, entry: MeasuredEntry) -> CaseMeasure:
    """The case, if the entry is that of the signal for which it was filed."""
    if entry.to_state != "accepted":
        return case
    source = _text(entry.data.get("source")) or _UNKNOWN
    return replace(
        case, source=source, reporter=_reporter(entry), happened=case.happened & ~Mark.BY_HAND
    )


def _filed(entry: MeasuredEntry) -> CaseMeasure:
    user = _user(entry)
    case = CaseMeasure(
        case_id=int(entry.subject_id),
        case_no=_text(entry.data.get("case_no")) or "",
        filed_at=entry.at,
        source=_UNKNOWN if user is None else _BY_HAND,
        receiver=user,
        happened=Mark(0) if user is None else Mark.BY_HAND,
    )
    if entry.changes.get("recurrence_of") is not None:
        case = replace(case, happened=case.happened | Mark.RECURRENCE)
    return _changed(case, entry)


def _opened_again(before: CaseMeasure, entry: MeasuredEntry) -> CaseMeasure:
    again = CaseMeasure(
        case_id=before.case_id,
        round=before.round + 1,
        case_no=before.case_no,
        item_key=before.item_key,
        severity=before.severity,
        source=before.source,
        territory_unit=before.territory_unit,
        filed_at=entry.at,
        reporter=before.reporter,
        receiver=_user(entry),
        happened=Mark.RECURRENCE,
    )
    return _changed(again, entry)


def _changed(case: CaseMeasure, entry: MeasuredEntry) -> CaseMeasure:
    """The case with the columns that the entry changed."""
    changed = entry.changes
    new: dict[str, object] = {
        field: read(changed[column])
        for column, (field, read) in _COLUMNS.items()
        if column in changed
    }
    if entry.to_state is not None:
        new["state"] = entry.to_state
    return replace(case, **new) if new else case  # type: ignore[arg-type]


def _missed(case: CaseMeasure, at: datetime) -> CaseMeasure:
    """Note a deadline that has passed while the clock ran."""
    if case.missed_at is not None or case.suspended or case.deadline is None:
        return case
    if State(case.state) not in CLOCK_RUNS or at <= case.deadline:
        return case
    return replace(case, missed_at=case.deadline)


def _noted(case: CaseMeasure, entry: MeasuredEntry) -> CaseMeasure:
    """Entries that move nothing: a dispatch that is late, and appeals that are asked for and not granted."""
    if entry.kind == "dispatch_late":
        return _happen(case, Mark.DISPATCH_LATE)
    if entry.data.get("approval") != "appeal":
        return case
    known = Mark.APPEAL_GRANTED | Mark.APPEAL_REFUSED | Mark.APPEAL_WITHDRAWN
    match entry.kind:
        case "approval_asked":
            return replace(case, appealed_at=entry.at, happened=case.happened & ~known)
        case "approval_refused":
            return _happen(case, Mark.APPEAL_REFUSED)
        case "approval_withdrawn":
            return _happen(case, Mark.APPEAL_WITHDRAWN)
    return case


def _routed(before: CaseMeasure, after: CaseMeasure, entry: MeasuredEntry) -> CaseMeasure:
    if before.first_unit is not None:
        return _happen(after, Mark.SENT_AGAIN)
    return replace(
        after, dispatched_at=entry.at, first_unit=after.lead_unit, dispatcher=_user(entry)
    )


def _appealed(before: CaseMeasure, after: CaseMeasure, entry: MeasuredEntry) -> CaseMeasure:
    return replace(
        after,
        appealed_at=before.appealed_at or entry.at,
        exempt_at=after.exempt_at or entry.at,
        happened=(after.happened & ~(Mark.APPEAL_REFUSED | Mark.APPEAL_WITHDRAWN))
        | Mark.APPEAL_GRANTED,
    )


def _called(before: CaseMeasure, after: CaseMeasure, entry: MeasuredEntry) -> CaseMeasure:
    """The newest result of calling back counts."""
    del before
    said = _text(entry.changes.get("satisfaction")) or _text(entry.data.get("satisfaction"))
    result = _RESULTS.get(said or "", _RESULTS_OF_EVENTS[Event(str(entry.event))])
    return replace(
        after, called_back_at=entry.at, happened=(after.happened & ~_ALL_RESULTS) | result
    )


def _failed(before: CaseMeasure, after: CaseMeasure, entry: MeasuredEntry) -> CaseMeasure:
    if entry.event == Event.NOT_SATISFIED:
        after = _called(before, after, entry)
    return _happen(after, Mark.REWORKED)


def _marking(mark: Mark) -> "_Happening":
    return lambda _before, after, _entry: _happen(after, mark)


def _passed(before: CaseMeasure, after: CaseMeasure, entry: MeasuredEntry) -> CaseMeasure:
    del before
    return replace(after, shift_lead=_user(entry))


def _happen(case: CaseMeasure, mark: Mark) -> CaseMeasure:
    return replace(case, happened=case.happened | mark)


def _opened_by(case: CaseMeasure | None, entry: MeasuredEntry) -> bool:
    """Whether the signal opened the case again, by which it is no duplicate."""
    return case is not None and case.round > 0 and case.filed_at == entry.at


def _user(entry: MeasuredEntry) -> str | None:
    return entry.actor if entry.actor.startswith("user:") else None


def _reporter(entry: MeasuredEntry) -> str | None:
    return _text(entry.data.get("camera_id")) or _text(entry.data.get("device_id"))


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) and value else None


def _instant(value: JsonValue) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def _is_set(value: JsonValue) -> bool:
    return value is not None


_Happening = Callable[[CaseMeasure, CaseMeasure, MeasuredEntry], CaseMeasure]

_COLUMNS: dict[str, tuple[str, Callable[[JsonValue], object]]] = {
    "item_key": ("item_key", _text),
    "severity": ("severity", _text),
    "lead_unit": ("lead_unit", _text),
    "territory_unit": ("territory_unit", _text),
    "due_at": ("deadline", _instant),
    "suspended_until": ("suspended", _is_set),
    "feedback_at": ("handled_at", _instant),
    "closed_at": ("closed_at", _instant),
    "exempt_at": ("exempt_at", _instant),
}
"""The columns of a case that are measured, by their names in the journal."""

_RESULTS = {
    "satisfied": Mark.SATISFIED,
    "mostly": Mark.MOSTLY_SATISFIED,
    "not": Mark.NOT_SATISFIED,
    "no_answer": Mark.NO_ANSWER,
}
_RESULTS_OF_EVENTS = {
    Event.SATISFIED: Mark.SATISFIED,
    Event.NOT_SATISFIED: Mark.NOT_SATISFIED,
    Event.UNREACHABLE: Mark.NO_ANSWER,
}
_ALL_RESULTS = Mark.SATISFIED | Mark.MOSTLY_SATISFIED | Mark.NOT_SATISFIED | Mark.NO_ANSWER

_EVENTS: dict[str, _Happening] = {
    Event.ROUTE: _routed,
    Event.RULE: _routed,
    Event.RETURN: _marking(Mark.RETURNED),
    Event.EXTEND: _marking(Mark.EXTENDED),
    Event.FAIL: _failed,
    Event.NOT_SATISFIED: _failed,
    Event.SATISFIED: _called,
    Event.UNREACHABLE: _called,
    Event.PASS: _passed,
    "appeal": _appealed,
}
