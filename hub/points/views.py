"""The ledger, periods, rules and findings as the console reads them."""

from datetime import date, datetime

from pydantic import BaseModel

from hub.points.commands import ReviewVerdict
from hub.points.gaming import FindingKind
from hub.points.ledger import PointsKind
from hub.points.rules import PointsRules


class PointsStandingView(BaseModel):
    """A worker's points of a period. `payable` is what is owed at its end, once it is closed.

    `capped` counts entries that a cap has cut; `balance` is what is owed now.
    """

    worker_id: str
    name: str
    village: str | None
    village_name_zh: str | None
    village_name_en: str | None
    active: bool
    earned: int
    reports: int
    first_reports: int
    verifications: int
    duplicates: int
    invalid: int
    reversals: int
    capped: int
    balance: int
    payable: int | None


class StandingPage(BaseModel):
    """Workers of a period, the most points first; `more` if there are others after these."""

    period: str
    items: list[PointsStandingView]
    more: bool


class PointsEntryView(BaseModel):
    """`full_points` are those without the caps; `reverses` is the entry that this one takes back."""

    entry_no: int
    worker_id: str
    kind: PointsKind
    points: int
    full_points: int
    balance_before: int
    balance_after: int
    at: datetime
    period: str
    rules_version: int
    case_id: int | None
    case_no: str | None
    signal_id: int | None
    command_id: str | None
    reverses: int | None
    reason: str | None


class LedgerPage(BaseModel):
    """The newest entries of a worker; `next_before` asks for older ones."""

    items: list[PointsEntryView]
    next_before: int | None


class PointsPeriodView(BaseModel):
    """A month. `earned` is the sum of its entries; `payable` what is owed at its end, once closed."""

    period: str
    closed_at: datetime | None
    closed_by: str | None
    paid_at: datetime | None
    paid_by: str | None
    note: str
    earned: int
    workers: int
    payable: int | None
    may_close: bool
    may_pay: bool


class PointsPeriodList(BaseModel):
    items: list[PointsPeriodView]


class RulesView(BaseModel):
    """Version 0 are the rules that the hub has until a district makes its own."""

    version: int
    effective_from: date | None
    rules: PointsRules
    made_at: datetime | None
    made_by: str | None
    reason: str | None
    in_force: bool


class RulesList(BaseModel):
    """All versions, the newest first."""

    items: list[RulesView]


class FindingCaseView(BaseModel):
    case_id: int
    case_no: str


class FindingView(BaseModel):
    """Something that looks like gaming, and what a person found, if one has looked."""

    key: str
    kind: FindingKind
    worker_id: str
    name: str
    cases: list[FindingCaseView]
    signals: list[int]
    photos: list[str]
    count: int
    span_m: float | None
    verdict: ReviewVerdict | None
    note: str | None
    reviewed_at: datetime | None
    reviewed_by: str | None


class FindingList(BaseModel):
    items: list[FindingView]
