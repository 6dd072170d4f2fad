"""Put the file of one case together."""

from collections.abc import Sequence
from datetime import datetime

from hub.accounts.account import Account
from hub.casefile.store import actor_names
from hub.casefile.views import (
    CaseDetailBase,
    CaseJournalView,
    WhyView,
    journal_views,
    summary_facts,
)
from hub.cases import Actor, Case, State, allowed_events, replay
from hub.cases.record import BrokenRecord
from hub.cases.store import case_by_id
from hub.cases.views import case_summary, evidence_of
from hub.commands.reading import CommandView, list_commands
from hub.db import Connection
from hub.errors import NotFound
from hub.journal import Entry, Subject, chain_breaks, entries_of
from hub.signals.reading import looks_at, signals_of
from hub.signals.views import EvidenceView, LookView, SignalView
from hub.video.store import VideoSession, sessions_of_case


class CaseDetail(CaseDetailBase):
    """Everything that the page of one case shows; `allowed` are the events open to who asks."""

    commands: list[CommandView]
    videos: list[VideoSession]


async def visible_case(db: Connection, account: Account, case_id: int) -> Case:
    """A case that the account may see. Raises NotFound, also for a case of another unit."""
    case = await case_by_id(db, case_id)
    unit = account.only_unit
    if unit is not None and unit != case.lead_unit and unit not in case.assist_units:
        raise NotFound(f"there is no case {case_id}", case_id=case_id)
    return case


async def case_detail(db: Connection, account: Account, case: Case, now: datetime) -> CaseDetail:
    """The whole file of a case that the account may see, or has just moved."""
    case_id = case.case_id
    summary = await case_summary(db, case_id, now)
    entries = await entries_of(db, Subject.CASE, str(case_id))
    signals, evidence = await _told_and_shown(db, case_id)
    return CaseDetail.model_validate(
        summary_facts(summary)
        | {
            "why": [WhyView.of(reason) for reason in case.why],
            "signals": signals,
            "evidence": evidence,
            "commands": await list_commands(db, case_id=case_id),
            "videos": await sessions_of_case(db, case_id),
            "allowed": list(allowed_events(case, Actor.of(account))),
            "timeline": journal_views(entries, await actor_names(db, entries)),
        }
    )


async def _told_and_shown(
    db: Connection, case_id: int
) -> tuple[list[SignalView], list[EvidenceView]]:
    """The signals and the photos of a case, each with what the model saw on it."""
    told = await signals_of(db, case_id)
    looks = {
        (each.signal_id, each.sha256): LookView.of(each)
        for each in await looks_at(db, [signal.signal_id for signal in told])
    }
    signals = [
        SignalView.of(each, [look for key, look in looks.items() if key[0] == each.signal_id])
        for each in told
    ]
    evidence = [
        EvidenceView.of(
            each, None if each.signal_id is None else looks.get((each.signal_id, each.sha256))
        )
        for each in await evidence_of(db, case_id)
    ]
    return signals, evidence


async def case_journal(db: Connection, account: Account, case_id: int) -> CaseJournalView:
    """The journal of a case, with its hashes and its story checked. Raises NotFound."""
    case = await visible_case(db, account, case_id)
    entries = await entries_of(db, Subject.CASE, str(case_id))
    state = _replayed(entries)
    return CaseJournalView(
        items=journal_views(entries, await actor_names(db, entries)),
        chain_ok=not chain_breaks(entries),
        replayed_state=state,
        replay_matches=state is case.state,
    )


def _replayed(entries: Sequence[Entry]) -> State | None:
    try:
        return replay(entries)
    except BrokenRecord:
        return None
