"""Ask the next best device if one doesn't take on its task."""

from pydantic import JsonValue

from hub.cases.case_facts import case_facts
from hub.catalogue import Severity
from hub.commands.command import CommandState
from hub.commands.issuing import NewCommand, issue
from hub.commands.limits import NEXT_BEST
from hub.commands.orders import order_again
from hub.commands.store import CommandRow
from hub.dispatch.candidates import asked_in_chain, rank_for
from hub.dispatch.pending_guards import keep_pending_guard
from hub.dispatch.recommend import Ranking
from hub.dispatch.store import keep_ranking
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork
from wire.messages import CommandType

_UNANSWERED = frozenset({CommandState.EXPIRED, CommandState.NO_ANSWER, CommandState.REJECTED})


def wants_next_best(type_: CommandType, to: CommandState) -> bool:
    return type_ in NEXT_BEST and to in _UNANSWERED


async def next_best(work: UnitOfWork, row: CommandRow) -> CommandRow | None:
    """Give a task that was not taken on to the best device not asked yet; None if there is none."""
    if row.case_id is None:
        return None
    facts = await case_facts(work.db, row.case_id)
    if facts.ended:
        return None
    work = work.by("system:dispatch")
    type_ = row.type
    asked = await asked_in_chain(work.db, row.command_id)
    ranking = await rank_for(work.db, facts, type_, work.now, asked=asked)
    made = await keep_ranking(work.db, row.case_id, type_, ranking, work.now, work.actor)
    if not ranking.items:
        tell_unavailable(work, row.case_id, type_, ranking)
        if type_ is CommandType.GUARD and facts.severity == Severity.HIGH:
            await keep_pending_guard(work, row.case_id, row.command_id)
        return None
    new = NewCommand(
        device_id=ranking.items[0].device_id,
        type=type_,
        body=order_again(row, work.now).body,
        case_id=row.case_id,
        reason=f"{row.device_id}: {row.state}",
        recommendation_id=made.recommendation_id,
        chosen_rank=1,
        priority=row.priority,
        supersedes=row.command_id,
    )
    return await issue(work, new, facts)


def tell_unavailable(work: UnitOfWork, case_id: int, type_: CommandType, ranking: Ranking) -> None:
    """Note in the case's journal that no terminal can be sent, and why."""
    counts: dict[str, JsonValue] = {
        reason: ranking.excluded_counts[reason] for reason in sorted(ranking.excluded_counts)
    }
    work.record(
        NewEntry(
            Subject.CASE,
            str(case_id),
            f"{type_}_unavailable",
            work.actor,
            work.now,
            reason="nobody_to_send",
            data={"considered": ranking.considered, "excluded": counts},
        )
    )
