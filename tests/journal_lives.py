"""Lives of cases as the journal tells them, without the rules by which they come about."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import JsonValue

from hub.indicators.measure import CaseMeasure, MeasuredEntry, fold_case
from hub.journal import NewEntry, Subject

DAY = timedelta(days=1)
START = datetime.fromisoformat("2025-08-07T15:19:00+08:00")


@dataclass
class CaseLife:
    """Appends entries to the story of one case; `at` is the instant of the next one."""

    case_id: int
    at: datetime = START
    entries: list[NewEntry] = field(default_factory=list)
    state: str | None = None

    def later(self, **by: float) -> "CaseLife":
        self.at += timedelta(**by)
        return self

    def move(
        self,
        event: str,
        to: str,
        *,
        by: str = "system:test",
        reason: str | None = None,
        data: dict[str, JsonValue] | None = None,
        **changes: object,
    ) -> "CaseLife":
        changed = {name: _json(value) for name, value in changes.items()}
        all_data: dict[str, JsonValue] = {
            "case_no": f"530303-{self.case_id:04}",
            "changes": changed,
            **(data or {}),
        }
        self._add("transition", by, all_data, event, to, reason)
        self.state = to
        return self

    def note(self, kind: str, *, by: str = "system:test", **data: JsonValue) -> "CaseLife":
        self._add(kind, by, data, None, None, None)
        return self

    def file(self, *, by: str = "system:signals", **columns: object) -> "CaseLife":
        usual = {"item_key": "manhole", "severity": "mid", "filed_at": self.at}
        return self.move("file", "FILED", by=by, **{**usual, **columns})

    def route(
        self, unit: str = "housing_bureau", days: float = 4, place: str = "village_001"
    ) -> "CaseLife":
        return self.move(
            "route",
            "ROUTED",
            lead_unit=unit,
            territory_unit=place,
            routed_at=self.at,
            due_at=self.at + timedelta(days=days),
        )

    def sign(self) -> "CaseLife":
        return self.move("sign", "HANDLING", signed_at=self.at)

    def feed_back(self) -> "CaseLife":
        return self.move("feedback", "FEEDBACK", feedback_at=self.at).move("check", "VERIFYING")

    def close(self, *, by: str = "user:lead") -> "CaseLife":
        return self.move("pass", "CLOSED", by=by, closed_at=self.at)

    def fail(self, days: float = 1) -> "CaseLife":
        due = self.at + timedelta(days=days)
        return self.move("fail", "HANDLING", feedback_at=None, due_at=due, overdue_at=None)

    @property
    def measured(self) -> list[MeasuredEntry]:
        return [as_measured(entry, number) for number, entry in enumerate(self.entries, 1)]

    @property
    def measure(self) -> CaseMeasure:
        """The newest round."""
        case = None
        for entry in self.measured:
            case = fold_case(case, entry)
        assert case is not None
        return case

    def _add(
        self,
        kind: str,
        by: str,
        data: dict[str, JsonValue],
        event: str | None,
        to: str | None,
        reason: str | None,
    ) -> None:
        self.entries.append(
            NewEntry(
                Subject.CASE,
                str(self.case_id),
                kind,
                by,
                self.at,
                event=event,
                from_state=None if event is None else self.state,
                to_state=to,
                reason=reason,
                data=data,
            )
        )


def signal_entry(
    signal_id: int,
    at: datetime,
    state: str,
    *,
    case_id: int | None = None,
    reason: str | None = None,
    source: str = "terminal",
) -> NewEntry:
    """The decision about a signal."""
    data: dict[str, JsonValue] = {
        "source": source,
        "device_id": "T-1",
        "camera_id": None,
        "item_key": "manhole",
        "case_id": case_id,
    }
    return NewEntry(
        Subject.SIGNAL,
        str(signal_id),
        f"signal_{state}",
        "system:signals",
        at,
        to_state=state,
        reason=reason,
        data=data,
    )


def as_measured(entry: NewEntry, journal_id: int = 1) -> MeasuredEntry:
    return MeasuredEntry(
        journal_id,
        entry.at,
        entry.subject,
        entry.subject_id,
        entry.kind,
        entry.actor,
        entry.event,
        entry.to_state,
        entry.reason,
        entry.data,
    )


def _json(value: object) -> JsonValue:
    return value.isoformat() if isinstance(value, datetime) else value  # type: ignore[return-value]
