"""AI quality: the board, the cameras and classes that only monitor, and the policy of each severity."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from hub.accounts.access import Observer, Operator
from hub.cases.actor import Actor
from hub.catalogue import Severity
from hub.errors import InvalidInput
from hub.http.requests import Db, Now, Work
from hub.quality.commands import monitor, release, set_policy
from hub.quality.policy import FilingPolicy
from hub.quality.reading import (
    QualityGroup,
    QualityPeriod,
    mode_views,
    policy_changes,
    quality_board,
)
from hub.quality.store import policies
from hub.quality.views import (
    FilingPolicyList,
    FilingPolicyView,
    MonitorModeList,
    PolicyHistory,
    QualityBoard,
)
from wire.messages.base import DeviceIdText, Instant, Slug

router = APIRouter(prefix="/api/quality", tags=["quality"])

SHOWN_DAYS = timedelta(days=30)
Why = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]


class QualityQuery(BaseModel):
    """The last 30 days unless `since` and `until` say otherwise; `by` is what the rows are counted by."""

    since: Instant | None = None
    until: Instant | None = None
    camera_id: DeviceIdText | None = None
    label: Slug | None = None
    by: list[QualityGroup] = list(QualityGroup)


class MonitorChange(BaseModel):
    """A camera and class, or every one where it is left out, and why they are set to monitor or let go."""

    camera_id: DeviceIdText | None = None
    label: Slug | None = None
    reason: Why


class PolicyChange(BaseModel):
    automatic: bool
    least_precision: Annotated[float, Field(ge=0, le=1)]
    least_verdicts: Annotated[int, Field(ge=1, le=100_000)]
    reason: Why


@router.get("")
async def quality(
    db: Db, _account: Observer, now: Now, wanted: Annotated[QualityQuery, Query()]
) -> QualityBoard:
    """Verdicts and precision of cameras, classes and models, with what is missing."""
    until = wanted.until or now
    since = wanted.since or until - SHOWN_DAYS
    if since >= until:
        raise InvalidInput("`since` must be before `until`", field="since")
    period = QualityPeriod(since, until, wanted.camera_id, wanted.label)
    return await quality_board(db, period, frozenset(wanted.by))


@router.get("/modes")
async def monitor_modes(db: Db, _account: Observer) -> MonitorModeList:
    """What only monitors, why, and what automation would have done since."""
    return MonitorModeList(items=await mode_views(db))


@router.post("/modes", responses={409: {"description": "It only monitors already"}})
async def set_monitor_mode(work: Work, account: Operator, body: MonitorChange) -> MonitorModeList:
    """Let a camera and class only monitor: their signals wait, with what would have been done."""
    await monitor(work, body.camera_id, body.label, body.reason, Actor.of(account))
    await work.commit()
    return MonitorModeList(items=await mode_views(work.db))


@router.post("/modes/release")
async def release_monitor_mode(
    work: Work, account: Operator, body: MonitorChange
) -> MonitorModeList:
    """Let a camera and class file cases again."""
    await release(work, body.camera_id, body.label, body.reason, Actor.of(account))
    await work.commit()
    return MonitorModeList(items=await mode_views(work.db))


@router.get("/policies")
async def filing_policies(db: Db, _account: Observer) -> FilingPolicyList:
    """What may become a case by itself, by severity."""
    return _listed(await policies(db))


@router.get("/policies/history")
async def filing_policy_history(db: Db, _account: Observer) -> PolicyHistory:
    """Who changed the policies, what and why, the newest first."""
    return PolicyHistory(items=await policy_changes(db))


@router.put("/policies/{severity}")
async def change_filing_policy(
    work: Work, account: Operator, severity: Severity, body: PolicyChange
) -> FilingPolicyList:
    """Change what may become a case by itself."""
    policy = FilingPolicy(severity, body.automatic, body.least_precision, body.least_verdicts)
    await set_policy(work, policy, body.reason, Actor.of(account))
    await work.commit()
    return _listed(await policies(work.db))


def _listed(found: list[FilingPolicy]) -> FilingPolicyList:
    return FilingPolicyList(
        items=[FilingPolicyView.model_validate(each, from_attributes=True) for each in found]
    )
