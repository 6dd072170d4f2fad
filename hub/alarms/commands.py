"""Raise an alarm for a case, let it ring again, and acknowledge it."""

from datetime import timedelta

import structlog
from pydantic import JsonValue

from hub.accounts.account import Account
from hub.alarms.alarm import Alarm
from hub.alarms.reading import alarm_view
from hub.alarms.store import SQL, find_alarm, insert_alarm
from hub.alarms.views import AlarmView
from hub.cases.case import Case
from hub.cases.moving import note
from hub.cases.record import CaseEntryKind
from hub.cases.store import lock_case
from hub.journal.unit_of_work import UnitOfWork

log = structlog.get_logger()

SHOWN_AFTER = timedelta(seconds=30)
"""An acknowledged alarm is listed for this long, so that others see who took it."""


async def raise_alarm(work: UnitOfWork, case: Case, alarm: Alarm) -> None:
    """Let a new case's alarm ring at every console."""
    await insert_alarm(work.db, alarm)
    await note(work, case, CaseEntryKind.ALARM_RAISED, _facts(alarm))
    log.info("alarm_raised", case_no=case.case_no, type=alarm.type, device_id=alarm.device_id)


async def raise_again(work: UnitOfWork, case: Case) -> bool:
    """Count a further press; whether the alarm rings again, because it was acknowledged a while ago."""
    await work.db.execute(SQL["count_again"], (case.case_id,))
    alarm = await find_alarm(work.db, case.case_id)
    if alarm is None or not alarm.rings_again(work.now):
        return False
    await work.db.execute(SQL["ring_again"], (work.now, case.case_id))
    await note(work, case, CaseEntryKind.ALARM_RAISED, _facts(alarm))
    return True


async def acknowledge(work: UnitOfWork, case_id: int, account: Account) -> AlarmView:
    """Silence an alarm; the first to do so is noted, and a second time changes nothing.

    Raises NotFound if the case has no alarm.
    """
    work = work.by(account.actor)
    case = await lock_case(work.db, case_id)
    cursor = await work.db.execute(SQL["acknowledge"], (work.now, account.username, case_id))
    if cursor.rowcount:
        data: dict[str, JsonValue] = {"by": account.username, "name": account.name}
        await note(work, case, CaseEntryKind.ALARM_ACKNOWLEDGED, data)
        log.info("alarm_acknowledged", case_no=case.case_no, by=account.username)
    return await alarm_view(work.db, account, case_id)


def _facts(alarm: Alarm) -> dict[str, JsonValue]:
    return {
        "type": str(alarm.type),
        "device_id": alarm.device_id,
        "times": alarm.times,
        "place_source": str(alarm.place.source),
        "place_age_s": alarm.place.age_s,
    }
