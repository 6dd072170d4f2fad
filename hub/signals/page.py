"""Put together what a person sees of signals that wait."""

from collections.abc import Sequence

from hub.accounts.store import names_of
from hub.cases.views import CaseEvidence
from hub.db import Connection
from hub.errors import NotFound
from hub.journal import Subject, entries_of
from hub.signals.reading import (
    ShownSignal,
    SignalPhoto,
    WaitingFilter,
    looks_at,
    open_cases_near,
    photos_arrived,
    shown_signals,
    waiting_page,
)
from hub.signals.views import (
    DecisionView,
    EvidenceView,
    LookView,
    NearbyCaseView,
    SignalDetail,
    WaitingList,
    WaitingSignalView,
)


async def waiting_list(db: Connection, wanted: WaitingFilter) -> WaitingList:
    """One page of the signals that wait for a person."""
    signals, next_after = await waiting_page(db, wanted)
    return WaitingList(items=await _views(db, signals), next_after=next_after)


async def signal_detail(db: Connection, signal_id: int) -> SignalDetail:
    """A signal, waiting or not, with what is around it and what was decided. Raises NotFound."""
    signals = await shown_signals(db, [signal_id])
    if not signals:
        raise NotFound(f"there is no signal {signal_id}", signal_id=signal_id)
    (view,) = await _views(db, signals)
    nearby: list[NearbyCaseView] = []
    if view.why and view.place is not None:
        near = await open_cases_near(db, view.place.lon, view.place.lat)
        nearby = [NearbyCaseView.of(case) for case in near]
    facts = {name: getattr(view, name) for name in WaitingSignalView.model_fields}
    return SignalDetail(**facts, nearby=nearby, decision=await _decision(db, signal_id))


async def _views(db: Connection, signals: Sequence[ShownSignal]) -> list[WaitingSignalView]:
    looks = {
        (each.signal_id, each.sha256): LookView.of(each)
        for each in await looks_at(db, [signal.signal_id for signal in signals])
    }
    arrived = await photos_arrived(db, [photo for each in signals for photo in each.evidence])
    return [
        WaitingSignalView.shown(
            signal,
            [look for key, look in looks.items() if key[0] == signal.signal_id],
            [
                EvidenceView.of(
                    _photo(signal, number, arrived.get(sha256)),
                    looks.get((signal.signal_id, sha256)),
                )
                for number, sha256 in enumerate(signal.evidence)
            ],
        )
        for signal in signals
    ]


def _photo(signal: ShownSignal, number: int, known: SignalPhoto | None) -> CaseEvidence:
    """The signal's photo of that number, as it would be one of a case."""
    by_hand = known is not None and known.username is not None
    return CaseEvidence(
        sha256=signal.evidence[number],
        kind="filing" if by_hand else "detection" if signal.source == "camera" else "report",
        signal_id=signal.signal_id,
        device_id=None if by_hand else signal.device_id,
        username=None if known is None else known.username,
        taken_at=(known and known.taken_at) or signal.observed_at,
        lon=signal.lon,
        lat=signal.lat,
        boxes=signal.boxes[number : number + 1],
        verdict=None,
        added_at=signal.received_at,
        received_at=None if known is None else known.received_at,
        width=None if known is None else known.width,
        height=None if known is None else known.height,
    )


async def _decision(db: Connection, signal_id: int) -> DecisionView | None:
    """The newest decision about the signal, a machine's too."""
    entries = await entries_of(db, Subject.SIGNAL, str(signal_id))
    made = [entry for entry in entries if entry.to_state is not None]
    if not made:
        return None
    last = made[-1]
    username = last.actor.removeprefix("user:")
    names = await names_of(db, {username})
    note = last.data.get("note")
    return DecisionView(
        at=last.at,
        actor=last.actor,
        actor_name=names.get(username),
        reason=last.reason,
        note=note if isinstance(note, str) else None,
    )
