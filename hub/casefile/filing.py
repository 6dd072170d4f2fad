"""File an issue by hand, or add a report to the case that it has."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from hub.accounts.account import Account
from hub.cases import Actor, Case
from hub.cases.commands import NewCase
from hub.cases.dedup import LocatedIssue, find_same, lock_place
from hub.cases.evidence import EvidenceKind, EvidenceLink
from hub.cases.filing import require_photo
from hub.cases.store import case_by_id, lock_case
from hub.catalogue import CatalogueItem, find_asset
from hub.db import Connection
from hub.errors import Conflict, InvalidInput
from hub.evidence import photo_facts
from hub.geo.fix import require_place
from hub.geo.place import Spot
from hub.intake.opening import open_case
from hub.journal.unit_of_work import UnitOfWork
from hub.signals.outcomes import decided
from hub.signals.reporters import Reporter, keep_reporter
from hub.signals.settling import join, matter, reopen, reopens
from hub.signals.signal import Signal, SignalState, SourceKind
from hub.signals.store import SQL, insert_signal
from hub.signals.taking_up import look_around


@dataclass(frozen=True, slots=True, kw_only=True)
class HandReport:
    """An issue as an operator takes it down; its photos were sent before.

    Unless `reopen`, it becomes a new case also where one was closed within a week.
    """

    item_key: str
    cond_key: str
    spot: Spot
    text: str = ""
    photos: tuple[str, ...] = ()
    asset_id: str | None = None
    source: SourceKind = SourceKind.OPERATOR
    reporter: Reporter | None = None
    reopen: bool = True


async def file_by_hand(work: UnitOfWork, account: Account, report: HandReport) -> Case:
    """File and route an issue in the same way as a signal, with the guard that policy asks for.

    If it was closed within a week at this place, its case is reopened. Raises what `file_case` does, and
    InvalidInput for an unknown asset, a photo that was not sent before or a place outside the district.
    """
    actor = Actor.of(account)
    links = await _checked(work.db, account, report)
    item, condition = await matter(work.db, report.item_key, report.cond_key)
    if report.reopen and item is not None and condition is not None:
        require_photo(condition, links)
        await lock_place(work.db, item, report.spot)
        earlier = await case_to_reopen(work.db, item, report.spot, report.asset_id, work.now)
        if earlier is not None:
            signal = await _taken(work, report)
            await reopen(work, signal, earlier, condition, actor)
            return await _around(work, signal, earlier.case_id)
    wants_call = report.reporter is not None and report.reporter.wants_callback
    new = NewCase(
        item_key=report.item_key,
        cond_key=report.cond_key,
        spot=report.spot,
        text=report.text,
        evidence=links,
        asset_id=report.asset_id,
        callback_required=wants_call,
    )
    case = await open_case(work, new, actor)
    signal = await _taken(work, report)
    accepted = replace(signal, state=SignalState.ACCEPTED, case_id=case.case_id)
    await decided(work.by(actor.name), accepted, actor, new_case=True)
    return await _around(work, signal, case.case_id)


async def case_to_reopen(
    db: Connection, item: CatalogueItem, spot: Spot, asset_id: str | None, now: datetime
) -> Case | None:
    """The case closed within a week that an issue filed now at a place would reopen."""
    asset_id = asset_id or await find_asset(db, item, spot)
    same = await find_same(db, LocatedIssue(item, spot, asset_id, now))
    return same if same is not None and reopens(same, now) else None


async def _around(work: UnitOfWork, signal: Signal, case_id: int) -> Case:
    """The case of a report, after a look at the signals around it."""
    item, condition = await matter(work.db, signal.item_key, signal.cond_key)
    if item is not None:
        await look_around(work, signal, item, condition, case_id)
    return await case_by_id(work.db, case_id)


async def add_report(work: UnitOfWork, account: Account, case_id: int, report: HandReport) -> Case:
    """Add what an operator takes down to an open case: it is the same issue.

    Raises NotFound, Conflict if the case has ended, and what is wrong with the report.
    """
    actor = Actor.of(account)
    await _checked(work.db, account, report)
    case = await lock_case(work.db, case_id)
    if not case.is_open:
        raise Conflict(f"case {case.case_no} has ended; file a new one", state=case.state)
    signal = await _taken(work, report)
    _, condition = await matter(work.db, report.item_key, report.cond_key)
    graver = condition if report.item_key == case.item_key else None
    await work.db.execute(SQL["hold"], ([signal.signal_id],))
    await join(work, signal, case, graver, actor)
    return await _around(work, signal, case_id)


async def _taken(work: UnitOfWork, report: HandReport) -> Signal:
    """The signal of the report, with who reported it."""
    signal = Signal(
        source=report.source,
        identity=str(uuid4()),
        device_id=None,
        type="report",
        item_key=report.item_key,
        cond_key=report.cond_key,
        observed_at=work.now,
        received_at=work.now,
        lon=report.spot.lon,
        lat=report.spot.lat,
        error_m=report.spot.error_m,
        asset_id=report.asset_id,
        text=report.text,
        evidence=report.photos,
    )
    signal_id = await insert_signal(work.db, signal)
    assert signal_id is not None
    if report.reporter is not None:
        await keep_reporter(work.db, signal_id, report.reporter)
    return replace(signal, signal_id=signal_id)


async def _checked(
    db: Connection, account: Account, report: HandReport
) -> tuple[EvidenceLink, ...]:
    """The photos of a report whose place and asset are in the district."""
    await require_place(db, report.spot.lon, report.spot.lat)
    if report.asset_id is not None:
        cursor = await db.execute("SELECT FROM asset WHERE asset_id = %s", (report.asset_id,))
        if await cursor.fetchone() is None:
            raise InvalidInput(f"there is no asset {report.asset_id}", field="asset_id")
    return tuple([await _link(db, account, sha256) for sha256 in dict.fromkeys(report.photos)])


async def _link(db: Connection, account: Account, sha256: str) -> EvidenceLink:
    photo = await photo_facts(db, sha256)
    if photo is None:
        raise InvalidInput(
            f"photo {sha256} has not arrived; send it to /api/evidence first", field="evidence"
        )
    return EvidenceLink(
        sha256=sha256,
        kind=EvidenceKind.FILING,
        device_id=photo.device_id,
        username=account.username,
        taken_at=photo.taken_at,
        lon=photo.lon,
        lat=photo.lat,
    )
