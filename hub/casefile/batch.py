"""One step for many cases: each goes its own way, and its result is told."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field

from hub.accounts.account import Account
from hub.approvals import commands as approvals
from hub.casefile.page import visible_case
from hub.cases import Actor, Case, Event, State
from hub.cases.commands import transition
from hub.cases.owning import add_note, claim, release
from hub.cases.requests import ApprovalKind
from hub.catalogue import Severity
from hub.errors import HubError
from hub.journal.unit_of_work import UnitOfWork
from hub.supervision.ladder.commands import remind
from wire.limits import MAX_INTEGER
from wire.messages.base import Text

MOST_CASES = 200


class BatchCase(BaseModel):
    """`version` is that of the case as it was seen."""

    case_id: Annotated[int, Field(ge=1, le=MAX_INTEGER)]
    version: Annotated[int, Field(ge=1, le=MAX_INTEGER)]


class BatchResult(BaseModel):
    """What became of one case. `asked`: a second person decides. `problem`, `detail`: why it was refused."""

    case_id: int
    case_no: str | None
    done: bool
    asked: bool = False
    state: State | None
    version: int | None
    problem: str | None = None
    detail: str | None = None


class BatchResultList(BaseModel):
    items: list[BatchResult]
    done: int
    refused: int


class BatchAction(StrEnum):
    """What can be done with many cases at once. `assign` routes them to `unit_key`."""

    CLAIM = "claim"
    RELEASE = "release"
    NOTE = "note"
    ASSIGN = "assign"
    REMIND = "remind"
    """The unit gets the same reminder as the ladder's, with `text` if there is one."""
    SIGN = "sign"
    EXPLAIN = "explain"
    PASS = "pass"  # noqa: S105
    VOID = "void"
    """Of a case of high severity it is asked; a second person decides."""
    ASK_EXTENSION = "ask_extension"


_EVENTS = {
    BatchAction.ASSIGN: Event.ROUTE,
    BatchAction.SIGN: Event.SIGN,
    BatchAction.EXPLAIN: Event.EXPLAIN,
    BatchAction.PASS: Event.PASS,
    BatchAction.VOID: Event.VOID,
}


class BatchStep(BaseModel):
    """An action for all of these cases, with its input; `text` is that of a note or a reminder."""

    cases: Annotated[list[BatchCase], Field(min_length=1, max_length=MOST_CASES)]
    action: BatchAction
    text: Text | None = None
    reason: Text | None = None
    person: Text | None = None
    plan: Text | None = None
    unit_key: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,63}$")] | None = None


async def carry_out_batch(work: UnitOfWork, account: Account, step: BatchStep) -> list[BatchResult]:
    """Act on each of the cases, in the order of their ids, so that two batches don't block each other.

    What is refused for one stops none of the others.
    """
    wanted = {each.case_id: each for each in step.cases}
    found = {number: await _one(work, account, step, wanted[number]) for number in sorted(wanted)}
    return [found[number] for number in wanted]


async def _one(
    work: UnitOfWork, account: Account, step: BatchStep, wanted: BatchCase
) -> BatchResult:
    case: Case | None = None
    try:
        case = await visible_case(work.db, account, wanted.case_id)
        async with work.attempt():
            after = await _act(work, Actor.of(account), step, wanted, case)
    except HubError as error:
        return BatchResult(
            case_id=wanted.case_id,
            case_no=None if case is None else case.case_no,
            done=False,
            state=None if case is None else case.state,
            version=None if case is None else case.version,
            problem=error.kind,
            detail=error.detail,
        )
    return BatchResult(
        case_id=after.case_id,
        case_no=after.case_no,
        done=True,
        asked=len(after.requests) > len(case.requests),
        state=after.state,
        version=after.version,
    )


async def _act(
    work: UnitOfWork, actor: Actor, step: BatchStep, wanted: BatchCase, case: Case
) -> Case:
    match step.action:
        case BatchAction.CLAIM | BatchAction.RELEASE | BatchAction.NOTE | BatchAction.REMIND:
            return await _attend(work, actor, step, case.case_id)
        case BatchAction.ASK_EXTENSION:
            return await _ask(work, actor, step, wanted, ApprovalKind.EXTENSION)
        case BatchAction.VOID if case.severity is Severity.HIGH:
            return await _ask(work, actor, step, wanted, ApprovalKind.VOID)
    said = step.model_dump(exclude={"cases", "action"})
    event = _EVENTS[step.action]
    return await transition(work, case.case_id, event, actor=actor, version=wanted.version, **said)


async def _attend(work: UnitOfWork, actor: Actor, step: BatchStep, case_id: int) -> Case:
    """What leaves a case in its state, whatever its version."""
    match step.action:
        case BatchAction.CLAIM:
            return await claim(work, case_id, actor)
        case BatchAction.RELEASE:
            return await release(work, case_id, actor)
        case BatchAction.REMIND:
            return await remind(work, case_id, actor, step.text)
        case _:
            return await add_note(work, case_id, actor, step.text or "")


async def _ask(
    work: UnitOfWork, actor: Actor, step: BatchStep, wanted: BatchCase, kind: ApprovalKind
) -> Case:
    return await approvals.ask(
        work, wanted.case_id, kind, actor, reason=step.reason or "", version=wanted.version
    )
