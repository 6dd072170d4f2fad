"""The facts that a letter states: gathered once, when it is issued, and kept with it."""

from datetime import datetime, timedelta

from pydantic import BaseModel

from hub.cases import Case
from hub.cases.views import CaseRecord, case_record
from hub.db import Connection
from hub.deadlines import Limit, LimitType, WorkCalendar
from hub.deadlines.limits import CONTINUOUS
from hub.journal import Subject, entries_of
from hub.supervision.letters.history import HistoryRow, history_of
from hub.supervision.letters.letter import NAMES_EN, NAMES_ZH, LetterKind, NewLetter
from hub.supervision.letters.store import centre_names, unit_names

_UNIT_ZH = {
    LimitType.URGENT_MINUTE: "分钟",
    LimitType.URGENT_HOUR: "小时",
    LimitType.WORK_HOUR: "个工作小时",
    LimitType.WORK_DAY: "个工作日",
    LimitType.NATURAL_DAY: "个自然日",
}
_UNIT_EN = {
    LimitType.URGENT_MINUTE: "min",
    LimitType.URGENT_HOUR: "h",
    LimitType.WORK_HOUR: "working hours",
    LimitType.WORK_DAY: "workdays",
    LimitType.NATURAL_DAY: "calendar days",
}


class LetterCase(BaseModel):
    """The case as the letter states it. `late_zh` is empty unless it is overdue."""

    case_no: str
    title_zh: str
    title_en: str
    condition_zh: str
    condition_en: str
    severity: str
    place_zh: str
    place_en: str
    case_text: str
    lead_zh: str
    lead_en: str
    assist_zh: list[str]
    assist_en: list[str]
    filed_at: datetime
    routed_at: datetime | None
    limit_zh: str
    limit_en: str
    due_at: datetime | None
    late_zh: str
    late_en: str
    history: list[HistoryRow]


class LetterFacts(LetterCase):
    """What the document says, in both languages."""

    kind: LetterKind
    letter_no: str
    name_zh: str
    name_en: str
    centre_zh: str
    centre_en: str
    unit_zh: str
    unit_en: str
    copies_zh: list[str]
    copies_en: list[str]
    issued_at: datetime
    answer_due_at: datetime | None
    text: str


async def gather_letter_facts(
    db: Connection, case: Case, new: NewLetter, number: str, now: datetime, calendar: WorkCalendar
) -> LetterFacts:
    """Raises InvalidInput for an unknown unit."""
    zh, en = await unit_names(db, (new.unit_key, *new.copies))
    centre_zh, centre_en = await centre_names(db)
    about = await _about(db, case, now, calendar)
    return LetterFacts(
        kind=new.kind,
        letter_no=number,
        name_zh=NAMES_ZH[new.kind],
        name_en=NAMES_EN[new.kind],
        centre_zh=centre_zh,
        centre_en=centre_en,
        unit_zh=zh[new.unit_key],
        unit_en=en[new.unit_key],
        copies_zh=[zh[key] for key in new.copies],
        copies_en=[en[key] for key in new.copies],
        issued_at=now,
        answer_due_at=new.answer_due_at,
        text=new.text,
        **about.model_dump(),
    )


async def _about(db: Connection, case: Case, now: datetime, calendar: WorkCalendar) -> LetterCase:
    record = await case_record(db, case.case_id)
    zh, en = await unit_names(db, case.assist_units)
    late_zh, late_en = lateness(case, now, calendar)
    limit_zh, limit_en = limit_words(case.limit)
    return LetterCase(
        case_no=case.case_no,
        title_zh=record.title_zh,
        title_en=record.title_en,
        condition_zh=record.condition_text_zh,
        condition_en=record.condition_text_en,
        severity=record.severity,
        place_zh=_place(record, zh=True),
        place_en=_place(record, zh=False),
        case_text=record.text,
        lead_zh=record.lead_unit_name_zh or "",
        lead_en=record.lead_unit_name_en or "",
        assist_zh=list(zh.values()),
        assist_en=list(en.values()),
        filed_at=case.filed_at,
        routed_at=case.routed_at,
        limit_zh=limit_zh,
        limit_en=limit_en,
        due_at=case.due_at,
        late_zh=late_zh,
        late_en=late_en,
        history=history_of(await entries_of(db, Subject.CASE, str(case.case_id))),
    )


def _place(record: CaseRecord, *, zh: bool) -> str:
    territory = record.territory_name_zh if zh else record.territory_name_en
    asset = record.asset_name_zh if zh else record.asset_name_en
    named = f"{asset} {record.asset_id}" if record.asset_id and asset else record.asset_id
    where = f"{record.place.lon:.5f}, {record.place.lat:.5f}"
    return (" " if zh else ", ").join(part for part in (territory, named, where) if part)


def limit_words(limit: Limit | None) -> tuple[str, str]:
    """A limit in both languages; empty without one."""
    if limit is None:
        return "", ""
    return f"{limit.value:g}{_UNIT_ZH[limit.type]}", f"{limit.value:g} {_UNIT_EN[limit.type]}"


def lateness(case: Case, now: datetime, calendar: WorkCalendar) -> tuple[str, str]:
    """How late a case is, counted like its limit; empty if it isn't."""
    if case.due_at is None or case.limit is None or now <= case.due_at:
        return "", ""
    if case.limit.type in CONTINUOUS:
        days, hours = _split(now - case.due_at, timedelta(days=1))
        return f"已超期{_joined(days, '天', hours)}", f"overdue by {_joined_en(days, 'd', hours)}"
    days, hours = _split(calendar.between(case.due_at, now), calendar.day_length)
    zh, en = _joined(days, "个工作日", hours), _joined_en(days, "workdays", hours)
    return f"已超期{zh}", f"overdue by {en}"


def _split(late: timedelta, day: timedelta) -> tuple[int, int]:
    """Whole days and whole hours; what is shorter than an hour counts as one."""
    days, rest = divmod(late, day)
    hours = rest // timedelta(hours=1)
    return days, hours if days or hours else 1


def _joined(days: int, day: str, hours: int) -> str:
    parts = [f"{days}{day}" if days else "", f"{hours}小时" if hours else ""]
    return "".join(parts)


def _joined_en(days: int, day: str, hours: int) -> str:
    parts = [f"{days} {day}" if days else "", f"{hours} h" if hours else ""]
    return " ".join(part for part in parts if part)
