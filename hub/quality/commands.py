"""Set cameras and classes to monitor and let them file again. Each works in the caller's transaction."""

from dataclasses import asdict

from psycopg.rows import class_row
from pydantic import JsonValue

from hub import catalogue
from hub.cases.actor import Actor, Capacity
from hub.catalogue import Severity
from hub.clock import local_date
from hub.errors import Conflict, Forbidden, InvalidInput, NotFound
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork
from hub.quality.policy import FilingPolicy, MonitorMode, Permission, mode_name
from hub.quality.store import (
    SQL,
    VERDICTS_COUNT_FOR,
    mode_of,
    policies,
    policy_of,
    record_of,
)

QUALITY = Actor.system("quality")
POLICY_CHANGED = "filing_policy_changed"
"""The kind of the journal's entries about policies."""


async def permission_of(
    work: UnitOfWork, camera_id: str | None, label: str | None, severity: Severity
) -> Permission:
    """What automation may do with a detection; a camera and class below its policy is set to monitor."""
    if await mode_of(work.db, camera_id, label) is not None:
        return Permission.MONITORED
    policy = await policy_of(work.db, severity)
    if camera_id is not None and label is not None and await _falls(work, camera_id, label, policy):
        return Permission.MONITORED
    return Permission.AUTOMATIC if policy.automatic else Permission.NOT_AUTOMATIC


async def monitor(
    work: UnitOfWork, camera_id: str | None, label: str | None, reason: str, actor: Actor
) -> MonitorMode:
    """Let a camera and class only monitor; None stands for every one.

    Raises Forbidden, InvalidInput for a camera that is not registered or without a reason, and Conflict
    if it does so already.
    """
    _permit(actor)
    if not reason.strip():
        raise InvalidInput("say why it should only monitor: `reason`", field="reason")
    await _must_be_registered(work, camera_id)
    mode = await _set(work, camera_id, label, reason.strip(), actor)
    if mode is None:
        raise Conflict(f"{mode_name(camera_id, label)} only monitors already")
    return mode


async def release(
    work: UnitOfWork, camera_id: str | None, label: str | None, reason: str, actor: Actor
) -> MonitorMode:
    """Let a camera and class file cases again; from now on only later verdicts count for its policy.

    Raises Forbidden, InvalidInput without a reason, and NotFound if it doesn't only monitor.
    """
    _permit(actor)
    if not reason.strip():
        raise InvalidInput("say why it may file again: `reason`", field="reason")
    key = {"camera_id": camera_id, "label": label}
    async with work.db.cursor(row_factory=class_row(MonitorMode)) as cursor:
        await cursor.execute(SQL["end_mode"], key | {"now": work.now, "by": actor.name})
        mode = await cursor.fetchone()
    if mode is None:
        raise NotFound(f"{mode_name(camera_id, label)} is not set to monitor")
    _tell(work, "monitor_mode_released", mode, reason.strip(), actor)
    return mode


async def set_policy(
    work: UnitOfWork, policy: FilingPolicy, reason: str, actor: Actor
) -> FilingPolicy:
    """Change the policy of a severity. Raises Forbidden, and InvalidInput without a reason."""
    _permit(actor)
    if not reason.strip():
        raise InvalidInput("say why the policy changes: `reason`", field="reason")
    before = await policy_of(work.db, policy.severity)
    await work.db.execute(SQL["save_policy"], asdict(policy))
    changed: dict[str, JsonValue] = {
        name: [getattr(before, name), value]
        for name, value in asdict(policy).items()
        if getattr(before, name) != value
    }
    if changed:
        subject_id, kind = str(policy.severity), POLICY_CHANGED
        work.record(
            NewEntry(
                Subject.MONITOR_MODE,
                subject_id,
                kind,
                actor.name,
                work.now,
                reason=reason.strip(),
                data={"changed": changed},
            )
        )
    return policy


async def judge_cameras(work: UnitOfWork) -> int:
    """Set to monitor every camera and class whose verdicts are below its policy; returns how many."""
    by_severity = {policy.severity: policy for policy in await policies(work.db)}
    facts = {"since": work.now - VERDICTS_COUNT_FOR}
    cursor = await work.db.execute(SQL["suspects"], facts)
    fallen = 0
    for camera_id, label in await cursor.fetchall():
        match = await catalogue.by_detector(work.db, label, local_date(work.now))
        if match is None or await mode_of(work.db, camera_id, label) is not None:
            continue
        fallen += await _falls(work, camera_id, label, by_severity[match.condition.severity])
    return fallen


async def _falls(work: UnitOfWork, camera_id: str, label: str, policy: FilingPolicy) -> bool:
    """Whether a camera and class are below the policy; they are then set to monitor."""
    counts = await record_of(work.db, camera_id, label, work.now)
    if policy.is_met(counts):
        return False
    await _set(work, camera_id, label, policy.complaint(counts), QUALITY)
    return True


async def _set(
    work: UnitOfWork, camera_id: str | None, label: str | None, reason: str, actor: Actor
) -> MonitorMode | None:
    facts = {
        "camera_id": camera_id,
        "label": label,
        "set_at": work.now,
        "set_by": actor.name,
        "reason": reason,
    }
    async with work.db.cursor(row_factory=class_row(MonitorMode)) as cursor:
        await cursor.execute(SQL["set_mode"], facts)
        mode = await cursor.fetchone()
    if mode is not None:
        _tell(work, "monitor_mode_set", mode, reason, actor)
    return mode


def _tell(work: UnitOfWork, kind: str, mode: MonitorMode, reason: str, actor: Actor) -> None:
    work.record(
        NewEntry(
            Subject.MONITOR_MODE,
            mode.name,
            kind,
            actor.name,
            work.now,
            reason=reason,
            data={"camera_id": mode.camera_id, "label": mode.label},
        )
    )


async def _must_be_registered(work: UnitOfWork, camera_id: str | None) -> None:
    if camera_id is None:
        return
    cursor = await work.db.execute(SQL["camera_names"])
    if camera_id not in {row[0] for row in await cursor.fetchall()}:
        raise InvalidInput(f"there is no camera {camera_id}", field="camera_id")


def _permit(actor: Actor) -> None:
    if Capacity.OPERATOR not in actor.capacities:
        raise Forbidden("only operators decide what automation may do", actor=actor.name)
