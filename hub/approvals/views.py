"""What waits for a decision, as the console reads it."""

from datetime import datetime

from pydantic import BaseModel

from hub.cases.case import State
from hub.cases.requests import ApprovalKind
from hub.catalogue import Severity
from hub.deadlines import LimitType


class ApprovalEffect(BaseModel):
    """What granting does: the state, the deadline then, and whether the lateness stops counting.

    `blocked` says why it can't be granted now, and `guard` names the condition that is not met.
    """

    state: State
    due_at: datetime | None
    exempt: bool
    blocked: str | None
    guard: str | None


class ApprovalView(BaseModel):
    """A request that waits, the facts of its case, and what granting would do.

    `waiting_s`: for how long it has waited. `own`: the reader asked for it. `can_decide`: the reader
    may grant or refuse it. `explanation` is what the unit last said about its lateness.
    """

    approval_id: str
    kind: ApprovalKind
    asked_by: str
    asked_by_name: str | None
    asked_at: datetime
    waiting_s: float
    reason: str
    until: datetime | None
    own: bool
    can_decide: bool
    effect: ApprovalEffect
    case_id: int
    case_no: str
    version: int
    title_zh: str
    title_en: str
    condition_text_zh: str
    condition_text_en: str
    severity: Severity
    state: State
    lead_unit: str | None
    lead_unit_name_zh: str | None
    lead_unit_name_en: str | None
    territory_unit: str | None
    territory_name_zh: str | None
    territory_name_en: str | None
    filed_at: datetime
    routed_at: datetime | None
    due_at: datetime | None
    overdue_at: datetime | None
    feedback_at: datetime | None
    closed_at: datetime | None
    extensions: int
    rework: int
    bounces: int
    limit_type: LimitType | None
    limit_value: float | None
    person: str | None
    plan: str | None
    text: str
    explanation: str | None
    cover_evidence: str | None


class ApprovalList(BaseModel):
    """The oldest first; `total` counts those that are left out, too."""

    items: list[ApprovalView]
    total: int
