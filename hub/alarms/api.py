"""The alarms of people in danger: list them, and acknowledge one."""

from typing import Annotated

from fastapi import APIRouter, Path

from hub.accounts.access import Anyone, Operator
from hub.accounts.account import Right
from hub.alarms.commands import SHOWN_AFTER, acknowledge
from hub.alarms.reading import ringing
from hub.alarms.views import AlarmList, AlarmView
from hub.http.requests import Db, Now, Work
from wire.limits import MAX_INTEGER

router = APIRouter(prefix="/api/alarms", tags=["alarms"])

CaseId = Annotated[int, Path(ge=1, le=MAX_INTEGER)]


@router.get("")
async def ringing_alarms(db: Db, account: Anyone, now: Now) -> AlarmList:
    """Alarms that nobody has acknowledged, the newest first, and those that somebody just has."""
    return AlarmList(
        items=await ringing(db, account, now - SHOWN_AFTER),
        can_acknowledge=account.may(Right.OPERATE),
    )


@router.post("/{case_id}/acknowledge")
async def acknowledge_alarm(work: Work, account: Operator, case_id: CaseId) -> AlarmView:
    """Silence an alarm at every console. It stays the first one's who did; a repeat changes nothing."""
    alarm = await acknowledge(work, case_id, account)
    await work.commit()
    return alarm
