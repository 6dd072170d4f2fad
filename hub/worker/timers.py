"""Everything that happens by time: sweeps each second, and Procrastinate's jobs for work that can wait."""

import asyncio
from datetime import datetime, timedelta
from functools import partial

import structlog
from procrastinate import App, PsycopgConnector

from hub.audit.store import forget_reads
from hub.cases import commands as cases
from hub.clock import Clock
from hub.commands.awaited_photos import end_snapshots
from hub.db import Pool, in_shares
from hub.devices.commands import sweep_clocks, sweep_presence
from hub.devices.revisions import sweep_revisions
from hub.dispatch import commands as dispatch
from hub.evidence import EvidenceStore
from hub.evidence.unlinked import SHARE as DELETED_AT_ONCE
from hub.evidence.unlinked import delete_bytes, delete_unlinked_photos
from hub.geofences.watching import follow_terminals, look_back
from hub.indicators.keeping import BATCH as ENTRIES_MEASURED_AT_ONCE
from hub.indicators.keeping import keep_up
from hub.journal.anchoring import AnchorLog, anchor_journal
from hub.monitoring.cameras import monitor_cameras
from hub.monitoring.commands import monitor_batteries, monitor_posts
from hub.outbox.store import forget_published
from hub.points.keeping import FACTS_AT_ONCE, keep_points
from hub.quality.commands import judge_cameras
from hub.refusals.store import forget_refused
from hub.refusals.telling import tell_devices
from hub.signals.acceptance import flag_late_acceptance
from hub.signals.awaited_photos import settle_awaited
from hub.signals.snoozing import wake_due
from hub.supervision.digest.making import keep_when_due
from hub.supervision.ladder.commands import climb_ladder, note_explanations
from hub.supervision.letters.commands import flag_unanswered
from hub.supervision.weekly.commands import generate_when_due
from hub.telemetry.storage import maintenance
from hub.video import commands as video
from hub.worker.inbox import forget_done as forget_messages
from hub.worker.sweeps import Sweep, Sweeper

log = structlog.get_logger()

KEEP_DONE = timedelta(days=7)
FORGOTTEN_AT_ONCE = 20_000


EACH_SECOND = (
    Sweep("command_timers", dispatch.run_timers, dispatch.BATCH),
    Sweep("snapshots", end_snapshots),
    Sweep("refusals_told", tell_devices),
    Sweep("video_timers", video.run_timers),
    Sweep("presence", sweep_presence),
    Sweep("clocks", sweep_clocks),
    Sweep("geofences", follow_terminals),
    Sweep("geofence_history", look_back),
    Sweep("indicators", keep_up, ENTRIES_MEASURED_AT_ONCE),
)
"""For these, a delay of a minute would matter."""

EACH_MINUTE = (
    Sweep("suspensions_over", cases.resume_suspended),
    Sweep("signed_by_time", cases.sign_unanswered),
    Sweep("overdue", cases.flag_overdue),
    Sweep("dispatch_late", cases.flag_late_dispatch),
    Sweep("accept_late", flag_late_acceptance),
    Sweep("ladder", climb_ladder),
    Sweep("explanations", note_explanations),
    Sweep("letters_unanswered", flag_unanswered),
    Sweep("studies_overdue", cases.flag_overdue_studies),
    Sweep("points", keep_points, FACTS_AT_ONCE),
    Sweep("weekly_list", generate_when_due),
    Sweep("digest", keep_when_due),
    Sweep("revisions", sweep_revisions),
    Sweep("snoozes_over", wake_due),
    Sweep("ai_quality", judge_cameras),
    Sweep("batteries", monitor_batteries),
    Sweep("cameras", monitor_cameras),
    Sweep("unlinked_photos", delete_unlinked_photos, DELETED_AT_ONCE),
)


async def sweep_for_ever(sweeper: Sweeper, photo_wait: timedelta) -> None:
    """Run the sweeps of each second until cancelled."""
    photos = Sweep("awaited_photos", partial(settle_awaited, wait=photo_wait))
    while True:
        await sweeper.run_all((*EACH_SECOND, photos))
        await asyncio.sleep(1.0)


def periodic_jobs(
    database_url: str,
    pool: Pool,
    evidence: EvidenceStore,
    clock: Clock,
    telemetry_days: int,
    off_post_min: int,
    refused_days: int = 30,
    anchors: AnchorLog | None = None,
    audit_days: int = 365,
) -> App:
    """Procrastinate's app with the jobs of each minute and hour. Without `anchors` none are written."""
    app = App(connector=PsycopgConnector(conninfo=database_url, min_size=1, max_size=4))
    sweeper, chores = Sweeper(pool, clock), _chores(off_post_min, anchors, evidence)

    @app.periodic(cron="* * * * *")
    @app.task(name="sweep_each_minute", queueing_lock="sweep_each_minute")
    async def sweep_each_minute(timestamp: int) -> None:
        found = await sweeper.run_all(chores)
        log.info("minute_swept", **found, scheduled=timestamp)

    @app.periodic(cron="7 * * * *")
    @app.task(name="tend_telemetry", queueing_lock="tend_telemetry")
    async def tend_telemetry(timestamp: int) -> None:
        await maintenance.maintain(database_url, clock(), telemetry_days)
        log.info("telemetry_tended", scheduled=timestamp)

    @app.periodic(cron="*/5 * * * *")
    @app.task(name="roll_up_telemetry", queueing_lock="roll_up_telemetry")
    async def roll_up_telemetry(timestamp: int) -> None:
        rolled = await maintenance.roll_up(database_url, clock(), telemetry_days)
        log.info("telemetry_rolled_up", by_us=rolled, scheduled=timestamp)

    @app.periodic(cron="17 3 * * *")
    @app.task(name="forget_done", queueing_lock="forget_done")
    async def forget_done(timestamp: int) -> None:
        forgotten = await _forget(pool, clock(), refused_days, audit_days)
        log.info("done_forgotten", **forgotten, scheduled=timestamp)

    return app


async def _forget(pool: Pool, now: datetime, refused_days: int, audit_days: int) -> dict[str, int]:
    """Delete what is kept for a time only; returns how much of each."""
    before, refused_before = now - KEEP_DONE, now - timedelta(days=refused_days)
    audited_before = now - timedelta(days=audit_days)
    share = FORGOTTEN_AT_ONCE
    return {
        "inbox": await in_shares(pool, lambda db: forget_messages(db, before, share), share),
        "outbox": await in_shares(pool, lambda db: forget_published(db, before, share), share),
        "refused": await in_shares(
            pool, lambda db: forget_refused(db, refused_before, share), share
        ),
        "audited_reads": await in_shares(
            pool, lambda db: forget_reads(db, audited_before, share), share
        ),
    }


def _chores(
    off_post_min: int, anchors: AnchorLog | None, evidence: EvidenceStore
) -> tuple[Sweep, ...]:
    """The sweeps of each minute."""
    posts = Sweep("posts", partial(monitor_posts, off_post_min=off_post_min))
    photos = Sweep("photo_bytes", partial(delete_bytes, evidence=evidence), DELETED_AT_ONCE)
    chores = (*EACH_MINUTE, posts, photos)
    if anchors is None:
        return chores
    return (*chores, Sweep("journal_anchor", partial(anchor_journal, anchors=anchors)))
