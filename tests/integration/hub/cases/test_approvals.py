"""Requests for approval: who asks, who decides, what the inbox shows, and when a request lapses."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hub.accounts.account import Account, Role
from hub.approvals import commands
from hub.approvals.reading import askable, waiting_approvals
from hub.cases.actor import Actor
from hub.cases.case import Event, State
from hub.cases.commands import flag_overdue, flag_overdue_studies, resume_suspended
from hub.cases.requests import ApprovalKind
from hub.cases.store import case_by_id
from hub.catalogue import Severity
from hub.errors import (
    Conflict,
    Forbidden,
    GuardRefused,
    IllegalTransition,
    InvalidInput,
    NotFound,
)
from hub.journal import Subject, entries_of
from tests.integration.hub.cases.conftest import (
    DISPATCHER,
    HANDLER,
    SECOND,
    STRANGER,
    SUPERVISOR,
    Street,
)
from tests.use_cases import carry_out

EXTENSION, SUSPENSION = ApprovalKind.EXTENSION, ApprovalKind.SUSPENSION
APPEAL, VOID = ApprovalKind.APPEAL, ApprovalKind.VOID


def account(role: Role, unit: str | None = None, name: str | None = None) -> Account:
    return Account(
        username=name or str(role),
        name=name or str(role),
        role=role,
        unit_key=unit,
        unit_name_zh=None,
        unit_name_en=None,
    )


async def ask(db, street: Street, case, kind, actor=HANDLER, **said):
    said = {"reason": "no spare part"} | said
    return await carry_out(db, street.now, commands.ask, case.case_id, kind, actor, **said)


async def grant(db, street: Street, case, actor=SUPERVISOR, **said):
    (request,) = case.requests
    return await carry_out(db, street.now, commands.grant, request.approval_id, actor, **said)


async def inbox(db, street: Street, reader: Account, *kinds: ApprovalKind):
    return (await waiting_approvals(db, reader, street.now, kinds=kinds)).items


async def kinds_of_entries(db, case) -> list[str]:
    entries = await entries_of(db, Subject.CASE, str(case.case_id))
    return [entry.event or entry.kind for entry in entries]


async def test_a_unit_asks_for_an_extension_and_a_supervisor_grants_it(db, street) -> None:
    case = await street.handling(db)

    asked = await ask(db, street, case, EXTENSION)
    assert (asked.due_at, asked.version) == (case.due_at, case.version + 1)
    street.forward(minutes=40)
    (seen,) = await inbox(db, street, account(Role.SUPERVISOR))
    assert (seen.kind, seen.reason, seen.waiting_s) == (EXTENSION, "no spare part", 2400)
    assert (seen.can_decide, seen.own, seen.effect.blocked) == (True, False, None)
    assert seen.lead_unit_name_en == "Housing Bureau"
    granted = await grant(db, street, asked)

    assert granted.due_at == seen.effect.due_at > case.due_at
    assert (granted.extensions, granted.requests) == (1, ())
    entry = (await entries_of(db, Subject.CASE, str(case.case_id)))[-1]
    assert (entry.event, entry.data["approval_id"]) == ("extend", seen.approval_id)
    assert await inbox(db, street, account(Role.SUPERVISOR)) == []


async def test_the_inbox_is_read_by_those_who_see_the_case(db, street) -> None:
    await ask(db, street, await street.handling(db), EXTENSION)

    (own,) = await inbox(db, street, account(Role.UNIT_HANDLER, "housing_bureau", "handler"))
    assert (own.own, own.can_decide) == (True, False)
    (read,) = await inbox(db, street, account(Role.DISPATCHER))
    assert (read.own, read.can_decide) == (False, False)
    assert await inbox(db, street, account(Role.UNIT_HANDLER, "power_supply")) == []
    assert await inbox(db, street, account(Role.SUPERVISOR), APPEAL) == []


async def test_a_suspension_shows_the_deadline_after_it_and_resumes_by_itself(db, street) -> None:
    case = await street.handling(db)
    until = street.now + timedelta(days=7)
    asked = await ask(db, street, case, SUSPENSION, until=until)
    (seen,) = await inbox(db, street, account(Role.SUPERVISOR))
    assert seen.effect.due_at == datetime(2025, 8, 18, 7, 19, tzinfo=UTC)

    granted = await grant(db, street, asked)
    assert granted.suspended_until == until
    assert await carry_out(db, until, resume_suspended) == 1

    assert (await case_by_id(db, case.case_id)).due_at == seen.effect.due_at


async def test_a_supervisor_may_end_the_suspension_at_another_time(db, street) -> None:
    asked = await ask(
        db, street, await street.handling(db), SUSPENSION, until=street.now + timedelta(days=300)
    )
    earlier = street.now + timedelta(days=30)
    assert (await grant(db, street, asked, until=earlier)).suspended_until == earlier


@pytest.mark.parametrize("until", [None, timedelta(0), timedelta(days=366)])
async def test_a_suspension_without_a_sensible_end_is_not_asked_for(db, street, until) -> None:
    case = await street.handling(db)
    end = None if until is None else street.now + until
    with pytest.raises(GuardRefused) as caught:
        await ask(db, street, case, SUSPENSION, until=end)
    assert caught.value.facts["guard"] == "ends_within_a_year"


async def test_what_could_not_be_granted_is_not_asked_for(db, street) -> None:
    case = await street.handling(db)
    with pytest.raises(GuardRefused) as caught:
        await ask(db, street, case, APPEAL)
    assert caught.value.facts["guard"] == "was_late"
    street.forward(days=9)
    with pytest.raises(GuardRefused) as caught:
        await ask(db, street, case, EXTENSION)
    assert caught.value.facts["guard"] == "not_overdue"
    routed = await street.routed(db, item_key="road_pothole", cond_key="pothole")
    handler = replace(HANDLER, unit_key=routed.lead_unit)
    with pytest.raises(IllegalTransition):
        await ask(db, street, routed, EXTENSION, handler)


async def test_only_the_unit_that_leads_asks(db, street) -> None:
    case = await street.handling(db)
    for actor in (STRANGER, DISPATCHER, SUPERVISOR):
        with pytest.raises(Forbidden):
            await ask(db, street, case, EXTENSION, actor)
    with pytest.raises(Forbidden):
        await ask(db, street, case, VOID, HANDLER)
    assert askable(case, STRANGER) == ()
    assert askable(case, HANDLER) == (EXTENSION, SUSPENSION, APPEAL)
    assert askable(case, DISPATCHER) == (VOID,)


async def test_a_case_has_one_open_request_of_a_kind(db, street) -> None:
    asked = await ask(db, street, await street.handling(db), EXTENSION)
    assert EXTENSION not in askable(asked, HANDLER)
    with pytest.raises(Conflict, match="asked for already"):
        await ask(db, street, asked, EXTENSION)
    both = await ask(db, street, asked, SUSPENSION, until=street.now + timedelta(days=2))
    assert {each.kind for each in both.requests} == {EXTENSION, SUSPENSION}


async def test_a_request_by_an_older_version_is_a_conflict(db, street) -> None:
    case = await street.handling(db)
    with pytest.raises(Conflict):
        await ask(db, street, case, EXTENSION, version=case.version - 1)
    with pytest.raises(InvalidInput):
        await ask(db, street, case, EXTENSION, reason="  ")


async def test_nobody_decides_what_they_asked_for(db, street) -> None:
    asked = await ask(db, street, await street.handling(db), EXTENSION)
    (request,) = asked.requests
    promoted = Actor(HANDLER.name, Role.SUPERVISOR)
    for decide in (commands.grant, commands.refuse):
        with pytest.raises(GuardRefused) as caught:
            await carry_out(
                db, street.now, decide, request.approval_id, promoted, reason="it is mine"
            )
        assert caught.value.facts["guard"] == "another_person_decides"
    with pytest.raises(GuardRefused):
        await street.move(db, asked, Event.EXTEND, promoted, reason="it is mine")


async def test_only_a_supervisor_decides_about_a_units_request(db, street) -> None:
    asked = await ask(db, street, await street.handling(db), EXTENSION)
    (request,) = asked.requests
    for actor in (DISPATCHER, replace(HANDLER, name="user:colleague")):
        for decide in (commands.grant, commands.refuse):
            with pytest.raises(Forbidden):
                await carry_out(db, street.now, decide, request.approval_id, actor, reason="no")


async def test_a_refusal_and_a_withdrawal_are_entries_and_leave_the_case_as_it_is(
    db, street
) -> None:
    case = await street.handling(db)
    asked = await ask(db, street, case, EXTENSION)
    (request,) = asked.requests
    with pytest.raises(InvalidInput):
        await carry_out(
            db, street.now, commands.refuse, request.approval_id, SUPERVISOR, reason=" "
        )
    refused = await carry_out(
        db, street.now, commands.refuse, request.approval_id, SUPERVISOR, reason="buy one"
    )
    again = await ask(db, street, refused, EXTENSION)
    with pytest.raises(Forbidden):
        await carry_out(
            db, street.now, commands.withdraw, again.requests[0].approval_id, SUPERVISOR
        )
    ended = await carry_out(
        db, street.now, commands.withdraw, again.requests[0].approval_id, HANDLER
    )

    assert (ended.due_at, ended.state, ended.requests) == (case.due_at, State.HANDLING, ())
    assert (await kinds_of_entries(db, case))[-4:] == [
        "approval_asked",
        "approval_refused",
        "approval_asked",
        "approval_withdrawn",
    ]
    with pytest.raises(NotFound, match="does not wait"):
        await carry_out(db, street.now, commands.grant, request.approval_id, SUPERVISOR)
    for nonsense in ("", "7", "x-y", f"{case.case_id}-999"):
        with pytest.raises(NotFound):
            await carry_out(db, street.now, commands.grant, nonsense, SUPERVISOR)


async def test_a_request_that_waits_too_long_says_why_it_cannot_be_granted(db, street) -> None:
    asked = await ask(db, street, await street.handling(db), EXTENSION)
    street.forward(days=9)
    await carry_out(db, street.now, flag_overdue)

    (seen,) = await inbox(db, street, account(Role.SUPERVISOR))
    assert seen.effect.guard == "not_overdue"
    assert "overdue" in seen.effect.blocked
    with pytest.raises(GuardRefused):
        await grant(db, street, asked)


async def test_requests_lapse_when_the_case_is_fed_back(db, street) -> None:
    asked = await ask(db, street, await street.handling(db), EXTENSION)
    street.forward(minutes=30)
    photo = await street.photo(db)
    fed_back = await street.move(db, asked, Event.FEEDBACK, HANDLER, text="done", evidence=(photo,))

    assert fed_back.requests == ()
    entry = (await entries_of(db, Subject.CASE, str(asked.case_id)))[-1]
    assert [each["approval"] for each in entry.data["lapsed"]] == ["extension"]
    assert await inbox(db, street, account(Role.SUPERVISOR)) == []


async def test_a_lateness_is_appealed_also_after_closing(db, street) -> None:
    case = await street.handling(db)
    street.forward(days=9)
    await carry_out(db, street.now, flag_overdue)
    photo = await street.photo(db)
    await street.move(db, case, Event.FEEDBACK, HANDLER, text="done", evidence=(photo,))
    await street.move(db, case, Event.CHECK, Actor.system("test"))
    closed = await street.move(db, case, Event.PASS, DISPATCHER)
    late_since = closed.overdue_at

    asked = await ask(db, street, closed, APPEAL, reason="the road was flooded")
    (seen,) = await inbox(db, street, account(Role.SUPERVISOR))
    assert (seen.effect.exempt, seen.effect.state) == (True, State.CLOSED)
    granted = await grant(db, street, asked)

    assert (granted.state, granted.exempt_at) == (State.CLOSED, street.now)
    assert granted.overdue_at == late_since is not None
    with pytest.raises(GuardRefused) as caught:
        await ask(db, street, granted, APPEAL)
    assert caught.value.facts["guard"] == "not_exempt"


async def test_a_study_that_took_too_long_is_no_lateness_to_appeal(db, street) -> None:
    case = await street.file(db)
    units = ("housing_bureau", "sanitation")
    await street.move(db, case, Event.REFER_STUDY, DISPATCHER, units=units)
    street.forward(days=5)
    await carry_out(db, street.now, flag_overdue_studies)
    ruling = {"unit_key": "housing_bureau", "text": "seen there", "reason": "its cover"}
    await street.move(db, case, Event.RULE, DISPATCHER, **ruling)
    await street.move(db, case, Event.SIGN, HANDLER, person="Li", plan="new cover")
    street.forward(hours=1)
    photo = await street.photo(db)
    await street.move(db, case, Event.FEEDBACK, HANDLER, text="done", evidence=(photo,))
    with pytest.raises(GuardRefused, match="never late"):
        await ask(db, street, case, APPEAL)


async def test_a_case_of_high_severity_is_voided_from_the_second_operators_list(db, street) -> None:
    case = await street.routed(db)
    assert case.severity is Severity.HIGH
    asked = await ask(db, street, case, VOID, DISPATCHER, reason="filed twice")
    assert (asked.state, asked.void_asked_by) == (State.ROUTED, DISPATCHER.name)

    (own,) = await inbox(db, street, account(Role.DISPATCHER, name="dispatcher"))
    assert (own.own, own.can_decide) == (True, False)
    (seen,) = await inbox(db, street, account(Role.SEAT_OPERATOR))
    assert (seen.kind, seen.reason, seen.can_decide) == (VOID, "filed twice", True)
    assert seen.effect.state is State.VOID
    with pytest.raises(Conflict):
        await ask(db, street, asked, VOID, SECOND)
    with pytest.raises(GuardRefused):
        await grant(db, street, asked, DISPATCHER)
    voided = await grant(db, street, asked, SECOND)

    assert (voided.state, voided.requests) == (State.VOID, ())


async def test_a_request_to_void_is_refused_or_withdrawn(db, street) -> None:
    case = await street.routed(db)
    for end, actor in ((commands.refuse, SECOND), (commands.withdraw, DISPATCHER)):
        asked = await ask(db, street, case, VOID, DISPATCHER)
        ended = await carry_out(
            db, street.now, end, asked.requests[0].approval_id, actor, reason="it is real"
        )
        assert (ended.state, ended.void_asked_by, ended.requests) == (State.ROUTED, None, ())


async def test_a_void_asked_by_the_transition_stands_in_the_list_too(db, street) -> None:
    case = await street.routed(db)
    await street.move(db, case, Event.VOID, DISPATCHER, reason="filed twice")
    (seen,) = await inbox(db, street, account(Role.SEAT_OPERATOR))
    assert (seen.kind, seen.asked_by) == (VOID, DISPATCHER.name)
    await street.move(db, case, Event.KEEP, SECOND, reason="it is real")
    assert await inbox(db, street, account(Role.SEAT_OPERATOR)) == []


async def test_a_case_of_lower_severity_is_voided_at_once(db, street) -> None:
    case = await street.routed(db, cond_key="rattling")
    assert case.severity is not Severity.HIGH
    with pytest.raises(GuardRefused, match="voided by one person"):
        await ask(db, street, case, VOID, DISPATCHER)
