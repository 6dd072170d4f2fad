"""The alarms of people in danger: list them, and acknowledge one."""

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Path

from hub.accounts.access import Anyone, signed_in
from hub.accounts.account import Account, Role
from hub.alarms.commands import SHOWN_AFTER, acknowledge
from hub.alarms.reading import ringing
from hub.alarms.views import AlarmList, AlarmView
from hub.http.requests import Db, Now, Work
from wire.limits import MAX_INTEGER

router = APIRouter(prefix="/api/alarms", tags=["alarms"])

MAY_ACKNOWLEDGE = (Role.DISPATCHER, Role.SEAT_OPERATOR, Role.SUPERVISOR)
CaseId = Annotated[int, Path(ge=1, le=MAX_INTEGER)]
Acknowledger: TypeAlias = Annotated[Account, signed_in(*MAY_ACKNOWLEDGE)]
"""An account that answers for alarms."""


@router.get("")
async def ringing_alarms(db: Db, account: Anyone, now: Now) -> AlarmList:
    """Alarms that nobody has acknowledged, the newest first, and those that somebody just has."""
    return AlarmList(
        items=await ringing(db, account, now - SHOWN_AFTER),
        can_acknowledge=account.role in MAY_ACKNOWLEDGE,
    )


@router.post("/{case_id}/acknowledge")
async def acknowledge_alarm(work: Work, account: Acknowledger, case_id: CaseId) -> AlarmView:
    """Silence an alarm at every console. It stays the first one's who did; a repeat changes nothing."""
    alarm = await acknowledge(work, case_id, account)
    await work.commit()
    return alarm
