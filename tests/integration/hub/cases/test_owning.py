"""The owner of a case, and notes."""

import pytest

from hub.cases.case import Event, State
from hub.cases.owning import add_note, claim, release
from hub.cases.record import replay_case
from hub.cases.store import case_by_id
from hub.errors import Conflict, Forbidden, InvalidInput
from hub.journal import Subject, entries_of
from tests.integration.hub.cases.conftest import DISPATCHER, HANDLER, SECOND, SUPERVISOR
from tests.use_cases import carry_out


async def last_entry(db, case):
    return (await entries_of(db, Subject.CASE, str(case.case_id)))[-1]


async def test_an_operator_takes_a_case_and_another_one_takes_it_over(db, street) -> None:
    case = await street.routed(db)
    owned = await carry_out(db, street.now, claim, case.case_id, DISPATCHER)
    assert (owned.owner, owned.version) == (DISPATCHER.name, case.version + 1)
    again = await carry_out(db, street.now, claim, case.case_id, DISPATCHER)
    assert again.version == owned.version

    with pytest.raises(Conflict, match="take it over") as caught:
        await carry_out(db, street.now, claim, case.case_id, SECOND)
    assert caught.value.facts["owner"] == DISPATCHER.name
    taken = await carry_out(db, street.now, claim, case.case_id, SECOND, take_over=True)

    assert taken.owner == SECOND.name
    entry = await last_entry(db, case)
    assert (entry.kind, entry.data["taken_from"]) == ("case_claimed", DISPATCHER.name)
    assert (await case_by_id(db, case.case_id)).owner == SECOND.name


async def test_the_owner_or_a_supervisor_releases_a_case(db, street) -> None:
    case = await street.routed(db)
    with pytest.raises(Conflict):
        await carry_out(db, street.now, release, case.case_id, DISPATCHER)
    for releaser in (DISPATCHER, SUPERVISOR):
        await carry_out(db, street.now, claim, case.case_id, DISPATCHER)
        with pytest.raises(Forbidden):
            await carry_out(db, street.now, release, case.case_id, SECOND)
        free = await carry_out(db, street.now, release, case.case_id, releaser)
        assert free.owner is None
    assert (await last_entry(db, case)).kind == "case_released"


async def test_only_operators_own_and_only_open_cases(db, street) -> None:
    case = await street.routed(db, cond_key="rattling")
    with pytest.raises(Forbidden):
        await carry_out(db, street.now, claim, case.case_id, HANDLER)
    voided = await street.move(db, case, Event.VOID, DISPATCHER, reason="none")
    assert voided.state is State.VOID
    with pytest.raises(Conflict):
        await carry_out(db, street.now, claim, case.case_id, DISPATCHER)


async def test_a_note_stands_in_the_journal_and_changes_nothing(db, street) -> None:
    case = await street.routed(db)
    noted = await carry_out(db, street.now, add_note, case.case_id, HANDLER, " the lid is loose ")
    assert noted.version == case.version
    entry = await last_entry(db, case)
    assert (entry.kind, entry.actor, entry.data["text"]) == (
        "note_added",
        HANDLER.name,
        "the lid is loose",
    )
    with pytest.raises(InvalidInput):
        await carry_out(db, street.now, add_note, case.case_id, HANDLER, " ")
    entries = await entries_of(db, Subject.CASE, str(case.case_id))
    assert replay_case(entries).columns["version"] == case.version
