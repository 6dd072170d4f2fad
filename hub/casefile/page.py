"""Put the file of one case together."""

from collections.abc import Sequence

from hub import catalogue
from hub.accounts.account import Account
from hub.accounts.sight import sees_case
from hub.approvals.reading import askable
from hub.casefile.steps import step_views
from hub.casefile.store import actor_names
from hub.casefile.views import CaseDetail, CaseJournalView, journal_views
from hub.cases import Actor, Case, State, allowed_events, replay
from hub.cases.record import BrokenRecord
from hub.cases.store import case_by_id
from hub.cases.views import CaseRecord, case_record
from hub.commands.reading import list_commands
from hub.db import Connection
from hub.errors import NotFound
from hub.journal import Entry, Subject, chain_breaks, entries_of
from hub.signals.reading import evidence_of, signals_of
from hub.video.store import sessions_of_case


async def visible_case(db: Connection, account: Account, case_id: int) -> Case:
    """A case that the account may see. Raises NotFound, also for a case outside of its scope."""
    if not await sees_case(db, account, case_id):
        raise NotFound(f"there is no case {case_id}", case_id=case_id)
    return await case_by_id(db, case_id)


async def case_detail(db: Connection, account: Account, case: Case) -> CaseDetail:
    """The whole file of a case that the account may see, or has just moved."""
    case_id, actor = case.case_id, Actor.of(account)
    item = await catalogue.find_item(db, case.catalogue_version, case.item_key)
    condition = None if item is None else item.condition(case.cond_key)
    record = await case_record(db, case_id)
    entries = await entries_of(db, Subject.CASE, str(case_id))
    return CaseDetail(
        **{name: getattr(record, name) for name in CaseRecord.model_fields},
        signals=await signals_of(db, case_id),
        evidence=await evidence_of(db, case_id),
        commands=await list_commands(db, case_id=case_id),
        videos=await sessions_of_case(db, case_id),
        allowed=list(allowed_events(case, actor)),
        askable=list(askable(case, actor)),
        steps=step_views(condition.steps, case, entries) if condition else [],
        close_condition=condition.close_condition if condition else None,
        timeline=journal_views(entries, await actor_names(db, entries)),
    )


async def case_journal(db: Connection, account: Account, case_id: int) -> CaseJournalView:
    """The journal of a case, with its hash chain and its states checked. Raises NotFound."""
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
