"""What a person reports to an operator, by telephone, in an app or at the counter, taken in as a signal."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from hub.cases.actor import Actor
from hub.cases.dedup import lock_place
from hub.catalogue import CatalogueItem, Condition
from hub.clock import local_date
from hub.errors import InvalidInput
from hub.geo.fix import require_place
from hub.geo.place import Spot
from hub.journal.unit_of_work import UnitOfWork
from hub.signals.decidable import permit
from hub.signals.outcomes import wait
from hub.signals.reporters import Reporter, keep_reporter
from hub.signals.settling import lacking, matter
from hub.signals.signal import Signal, SignalOutcome, SourceKind, WaitingReason, outcome_of
from hub.signals.store import find_signal, insert_signal
from hub.signals.taking_up import take_up

TAKEN_BY_HAND = frozenset({SourceKind.HOTLINE, SourceKind.APP, SourceKind.OPERATOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonReport:
    """A report of a person. `identity` is its number at its source, by which it is taken in once."""

    source: SourceKind
    text: str
    identity: str | None = None
    item_key: str | None = None
    cond_key: str | None = None
    spot: Spot | None = None
    evidence: tuple[str, ...] = ()
    observed_at: datetime | None = None
    reporter: Reporter | None = None


async def take_report(work: UnitOfWork, report: PersonReport, actor: Actor) -> SignalOutcome:
    """Take in a report: it joins the case of its issue, becomes one, or waits for what it lacks.

    A report that is known already changes nothing. Raises Forbidden, and InvalidInput for an item or
    condition that the catalogue doesn't have or a place outside of the district.
    """
    permit(actor)
    item, condition = await _meant(work, report)
    if report.spot is not None:
        await require_place(work.db, report.spot.lon, report.spot.lat)
        if item is not None:
            await lock_place(work.db, item, report.spot)
    signal = _signal(report, work.now)
    signal_id = await insert_signal(work.db, signal)
    if signal_id is None:
        known = await find_signal(work.db, None, signal.identity)
        assert known is not None
        return outcome_of(known)
    signal = replace(signal, signal_id=signal_id)
    if report.reporter is not None:
        await keep_reporter(work.db, signal_id, report.reporter)
    if item is None:
        return await wait(work, signal, WaitingReason.UNKNOWN_CATEGORY, actor)
    if report.spot is None:
        return await wait(work, signal, WaitingReason.NO_PLACE, actor)
    lacks = lacking(signal, item, condition, local_date(work.now))
    return await take_up(work, signal, item, condition, doubt=lacks, actor=actor)


async def _meant(
    work: UnitOfWork, report: PersonReport
) -> tuple[CatalogueItem | None, Condition | None]:
    if report.source not in TAKEN_BY_HAND:
        raise InvalidInput(f"a person doesn't report as {report.source}", field="source")
    item, condition = await matter(work.db, report.item_key, report.cond_key)
    if report.item_key is not None and item is None:
        raise InvalidInput(f"the catalogue has no item {report.item_key}", field="item_key")
    if report.cond_key is not None and condition is None:
        raise InvalidInput(f"{report.item_key} has no {report.cond_key}", field="cond_key")
    return item, condition


def _signal(report: PersonReport, now: datetime) -> Signal:
    return Signal(
        source=report.source,
        identity=report.identity or str(uuid4()),
        device_id=None,
        type="report",
        item_key=report.item_key,
        cond_key=report.cond_key,
        observed_at=min(report.observed_at or now, now),
        received_at=now,
        text=report.text,
        evidence=tuple(dict.fromkeys(report.evidence)),
    ).placed(report.spot)
