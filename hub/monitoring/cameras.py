"""Monitor cameras: people are told of one whose frames show nothing. Works in the caller's transaction."""

from datetime import timedelta

from hub.journal.unit_of_work import UnitOfWork
from hub.monitoring.episodes import SQL, begin, end, open_episodes, report
from hub.monitoring.watch import Assessment, Matter, assess_camera

_NODE_HEARD_WITHIN = timedelta(minutes=10)
_FAULTS = {
    "black": ("画面全黑", "every frame is black"),
    "grey": ("画面为单一灰度", "every frame is a single shade"),
    "frozen": ("画面卡死", "the picture is frozen"),
}


async def monitor_cameras(work: UnitOfWork) -> int:
    """Report each camera that has gone blind, once until it sees again; returns the number of new ones."""
    known = await open_episodes(work.db, Matter.CAMERA_BLIND)
    cursor = await work.db.execute(SQL["cameras"], (work.now - _NODE_HEARD_WITHIN,))
    reported: list[str] = []

    async def look_at(row: tuple[str, str | None, str | None]) -> None:
        camera_id, state, reason = row
        assessment, episode = assess_camera(state), known.get(camera_id)
        if assessment is Assessment.ABNORMAL and episode is None:
            begun = await begin(work.db, Matter.CAMERA_BLIND, {camera_id: work.now})
            await report(work, Matter.CAMERA_BLIND, begun, {camera_id: _text(reason or "")})
            reported.extend(each.device_id for each in begun)
        elif assessment is Assessment.NORMAL and episode is not None:
            await end(work, episode)

    await work.each("device_id", {row[0]: row for row in await cursor.fetchall()}, look_at)
    return len(reported)


def _text(reason: str) -> str:
    fault, _, detail = reason.partition(": ")
    zh, en = _FAULTS.get(
        fault, ("收到的画面均无法使用", f"no frame can be used: {detail or reason}")
    )
    return f"摄像头{zh}，请派人检查 / {en}; have the camera checked"
