"""A case: its states, the events that move it, and its columns. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hub.cases.requests import ApprovalKind, ApprovalRequest, find_request
from hub.catalogue import RoutingReason, Severity
from hub.deadlines import Limit, LimitType, Policy


class State(StrEnum):
    FILED = "FILED"
    """Filed; it has no responsible unit yet."""
    JOINT_STUDY = "JOINT_STUDY"
    """The owner is unclear; the invited units decide together."""
    ROUTED = "ROUTED"
    """A unit is responsible, and the clock runs."""
    HANDLING = "HANDLING"
    """The unit has signed."""
    FEEDBACK = "FEEDBACK"
    """The unit says that it is done; the clock is stopped."""
    VERIFYING = "VERIFYING"
    """The model has checked the photos; a person decides."""
    CALLBACK = "CALLBACK"
    """The person who reported it is called back."""
    CLOSED = "CLOSED"
    MERGED = "MERGED"
    """Another case continues in its place."""
    VOID = "VOID"
    REOPENED = "REOPENED"
    """Closed, and the fault is there again."""


FINAL = frozenset({State.CLOSED, State.MERGED, State.VOID})
"""A case in these states has ended; `case_is_open` is the same rule in SQL."""
OPEN = frozenset(State) - FINAL
ROUTE_WITHIN = timedelta(minutes=15)
"""How long a new case may wait for its unit."""
REOPENS_WITHIN = timedelta(days=7)
"""What comes back within this time after its case was closed, reopens it."""
CLOCK_RUNS = frozenset({State.ROUTED, State.HANDLING})


class Event(StrEnum):
    FILE = "file"
    ROUTE = "route"
    REFER_STUDY = "refer_study"
    RULE = "rule"
    SIGN = "sign"
    RETURN = "return"
    EXTEND = "extend"
    SUSPEND = "suspend"
    RESUME = "resume"
    STEP_DONE = "step_done"
    """A step of a staged limit is done, and the next one runs."""
    BEGIN_STEP = "begin_step"
    """The site shows that a later step of a staged limit has begun; those between are skipped."""
    FEEDBACK = "feedback"
    CHECK = "check"
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    SATISFIED = "satisfied"
    NOT_SATISFIED = "not_satisfied"
    UNREACHABLE = "unreachable"
    OVERDUE = "overdue"
    EXPLAIN = "explain"
    APPEAL = "appeal"
    """The supervisor grants an appeal: the lateness stays, and does not count."""
    ESCALATE = "escalate"
    MERGE = "merge"
    VOID = "void"
    KEEP = "keep"
    """Somebody asked to void the case, and it is not voided."""
    RECUR = "recur"


class Satisfaction(StrEnum):
    """What the person who was called back says."""

    SATISFIED = "satisfied"
    MOSTLY = "mostly"
    NOT = "not"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row of `cases`. `version` grows by one with every change.

    `step` counts the steps of a staged limit from 0, and `step_at` is when the running one began; the
    limit and the deadline are those of this step. `owner` is the operator who looks after it.
    `exempt_at`: an appeal was granted, and the lateness before does not count. `supervised`: the
    person who was called back was not satisfied, so a supervisor looks at the repair.
    `dispatch_late_at`: it was told that the case still had no unit after ROUTE_WITHIN.
    `invited_units` and the two instants are of the joint study, the present or the last one.
    """

    case_id: int
    case_no: str
    version: int
    state: State
    item_key: str
    cond_key: str
    catalogue_version: int
    severity: Severity
    lon: float
    lat: float
    error_m: float
    asset_id: str | None
    dedup_key: str
    occurred_at: datetime
    last_seen_at: datetime
    filed_at: datetime
    filed_by: str
    text: str
    callback_required: bool
    recurrence_of: int | None = None
    lead_unit: str | None = None
    assist_units: tuple[str, ...] = ()
    territory_unit: str | None = None
    why: tuple[RoutingReason, ...] = ()
    invited_units: tuple[str, ...] = ()
    study_due_at: datetime | None = None
    study_overdue_at: datetime | None = None
    routed_at: datetime | None = None
    limit_type: LimitType | None = None
    limit_value: float | None = None
    policy: Policy | None = None
    due_at: datetime | None = None
    calendar_assumed: bool = False
    overdue_at: datetime | None = None
    extensions: int = 0
    suspended_at: datetime | None = None
    suspended_until: datetime | None = None
    person: str | None = None
    plan: str | None = None
    signed_at: datetime | None = None
    returned_from: str | None = None
    void_asked_by: str | None = None
    feedback_at: datetime | None = None
    closed_at: datetime | None = None
    bounces: int = 0
    rework: int = 0
    callback_attempts: int = 0
    merged_into: int | None = None
    step: int | None = None
    step_at: datetime | None = None
    owner: str | None = None
    exempt_at: datetime | None = None
    satisfaction: Satisfaction | None = None
    supervised: bool = False
    requests: tuple[ApprovalRequest, ...] = ()
    dispatch_late_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_suspended(self) -> bool:
        """`suspended_at` stays after the pause, since there is only one; `suspended_until` goes."""
        return self.suspended_until is not None

    def request(self, kind: ApprovalKind) -> ApprovalRequest | None:
        """The request of a kind that waits."""
        return find_request(self.requests, kind)

    @property
    def limit(self) -> Limit | None:
        """The limit that the case was routed with, or that of the running step."""
        if self.limit_type is None or self.limit_value is None or self.policy is None:
            return None
        return Limit(self.limit_type, self.limit_value, self.policy)
