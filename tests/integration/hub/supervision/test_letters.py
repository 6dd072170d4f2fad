"""Letters: numbers without gaps, receipt, answer, recall, and what the journal keeps of them."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.clock import TIMEZONE
from hub.deadlines import load_calendar
from hub.errors import Conflict, Forbidden, InvalidInput, NotFound
from hub.journal import Subject, chain_breaks, entries_of
from hub.journal.unit_of_work import unit_of_work
from hub.supervision.documents.templates import DocumentLanguage
from hub.supervision.letters.commands import (
    answer_letter,
    flag_unanswered,
    issue_by_hand,
    issue_letter,
    recall_letter,
    receive_letter,
)
from hub.supervision.letters.document import letter_html
from hub.supervision.letters.letter import LetterKind, LetterState, NewLetter
from hub.supervision.letters.store import letter_by_id
from hub.supervision.letters.views import LetterFilter, list_letters
from tests.integration.hub.cases.conftest import NOW, photo_hash
from tests.integration.hub.supervision.conftest import HANDLER, STRANGER, SUPERVISOR
from tests.use_cases import carry_out

TOMORROW = NOW + timedelta(days=1)


def order(**fields: object) -> NewLetter:
    facts = {
        "kind": LetterKind.ORDER,
        "unit_key": "housing_bureau",
        "answer_due_at": TOMORROW,
        "text": "请今天完成",
    }
    return NewLetter(**(facts | fields))


async def issued(db, street, account=SUPERVISOR, **fields: object):
    case = await street.handling(db)
    return await carry_out(db, street.now, issue_by_hand, case.case_id, order(**fields), account)


async def test_a_letter_goes_from_issue_by_receipt_to_answer_and_its_journal_tells_it(db, street):
    letter = await issued(db, street)
    assert (letter.letter_no, letter.state) == ("督办单〔2025〕1号", LetterState.SENT)
    street.forward(minutes=5)
    received = await carry_out(db, street.now, receive_letter, letter.letter_id, HANDLER)
    assert (received.state, received.received_by) == (LetterState.RECEIVED, "user:unit-handler")
    again = await carry_out(db, street.forward(hours=1), receive_letter, letter.letter_id, HANDLER)
    assert again.received_at == received.received_at
    photo = await street.photo(db, "answer")
    answered = await carry_out(
        db, street.now, answer_letter, letter.letter_id, " 已更换井盖 ", (photo, photo), HANDLER
    )
    assert (answered.state, answered.answer) == (LetterState.ANSWERED, "已更换井盖")
    assert answered.answer_photos == (photo,)
    entries = await entries_of(db, Subject.LETTER, str(letter.letter_id))
    assert [each.kind for each in entries] == [
        "letter_issued",
        "letter_received",
        "letter_answered",
    ]
    assert not chain_breaks(entries)
    assert entries[0].data["facts"] == letter.facts
    of_case = await entries_of(db, Subject.CASE, str(letter.case_id))
    assert [each.data["text_zh"] for each in of_case if each.kind.startswith("letter")] == [
        "发出督办单〔2025〕1号",
        "签收督办单〔2025〕1号",
        "回复督办单〔2025〕1号",
    ]


async def test_an_answer_signs_for_the_letter(db, street):
    letter = await issued(db, street)
    answered = await carry_out(db, street.now, answer_letter, letter.letter_id, "done", (), HANDLER)
    assert answered.received_at == street.now
    with pytest.raises(Conflict, match="answered already"):
        await carry_out(db, street.now, answer_letter, letter.letter_id, "again", (), HANDLER)


async def test_only_the_unit_signs_and_answers_and_others_do_not_see_the_letter(db, street):
    letter = await issued(db, street)
    for use_case, args in ((receive_letter, ()), (answer_letter, ("done", ()))):
        with pytest.raises(NotFound):
            await carry_out(db, NOW, use_case, letter.letter_id, *args, STRANGER)
        with pytest.raises(Forbidden, match="only the unit"):
            await carry_out(db, NOW, use_case, letter.letter_id, *args, SUPERVISOR)


async def test_an_answer_needs_words_and_photos_that_have_arrived(db, street):
    letter = await issued(db, street)
    with pytest.raises(InvalidInput, match="what was done"):
        await carry_out(db, NOW, answer_letter, letter.letter_id, "  ", (), HANDLER)
    missing = (photo_hash("never sent"),)
    with pytest.raises(InvalidInput, match="has not arrived"):
        await carry_out(db, NOW, answer_letter, letter.letter_id, "done", missing, HANDLER)


async def test_a_recalled_letter_keeps_its_number_and_says_so(db, street):
    letter = await issued(db, street)
    with pytest.raises(InvalidInput, match="why"):
        await carry_out(db, NOW, recall_letter, letter.letter_id, " ", SUPERVISOR)
    with pytest.raises(Forbidden):
        await carry_out(db, NOW, recall_letter, letter.letter_id, "wrong unit", HANDLER)
    recalled = await carry_out(db, NOW, recall_letter, letter.letter_id, "wrong unit", SUPERVISOR)
    assert recalled.state is LetterState.RECALLED
    assert "本函已于2025年8月7日15:19撤回：wrong unit" in letter_html(recalled)
    for use_case, args in ((receive_letter, ()), (answer_letter, ("done", ()))):
        with pytest.raises(Conflict, match="recalled: wrong unit"):
            await carry_out(db, NOW, use_case, letter.letter_id, *args, HANDLER)
    with pytest.raises(Conflict):
        await carry_out(db, NOW, recall_letter, letter.letter_id, "again", SUPERVISOR)
    following = await carry_out(db, NOW, issue_by_hand, letter.case_id, order(), SUPERVISOR)
    assert following.number == 2


async def test_letters_are_never_deleted_and_never_change(db, street):
    letter = await issued(db, street)
    for change in (
        "DELETE FROM letter",
        "UPDATE letter SET number = 9",
        "UPDATE letter SET facts = '{}'",
    ):
        with pytest.raises(psycopg.errors.RaiseException):
            async with db.transaction():
                await db.execute(change)
    assert (await letter_by_id(db, letter.letter_id)).number == 1


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"text": " "}, "what the unit must do"),
        ({"answer_due_at": NOW}, "in the future"),
        ({"unit_key": "sanitation"}, "no part in case"),
        ({"copies": ("nobody",)}, "there is no unit nobody"),
    ],
)
async def test_a_letter_that_makes_no_sense_is_refused_and_takes_no_number(
    db, street, fields, error
):
    with pytest.raises(InvalidInput, match=error):
        await issued(db, street, **fields)
    cursor = await db.execute("SELECT count(*) FROM letter_number")
    assert await cursor.fetchone() == (0,)


async def test_only_a_supervisor_issues_letters_and_only_for_open_cases(db, street):
    with pytest.raises(Forbidden):
        await issued(db, street, HANDLER)
    cursor = await db.execute("UPDATE cases SET state = 'VOID' RETURNING case_id")
    row = await cursor.fetchone()
    with pytest.raises(Conflict, match="has ended"):
        await carry_out(db, NOW, issue_by_hand, row[0], order(), SUPERVISOR)


async def test_an_answer_that_does_not_come_is_flagged_once(db, street):
    letter = await issued(db, street)
    later = TOMORROW + timedelta(seconds=1)
    assert await carry_out(db, TOMORROW, flag_unanswered) == 0
    assert await carry_out(db, later, flag_unanswered) == 1
    assert await carry_out(db, later, flag_unanswered) == 0
    answered = await carry_out(db, later, answer_letter, letter.letter_id, "late", (), HANDLER)
    assert (answered.state, answered.overdue_at) == (LetterState.ANSWERED, later)


async def test_numbers_begin_again_each_local_year_and_are_counted_per_kind(db, street):
    case = await street.handling(db)
    calendar = await load_calendar(db, NOW)
    eve = datetime(2025, 12, 31, 15, 59, tzinfo=UTC)
    numbers = []
    for at in (NOW, eve, eve + timedelta(minutes=1)):
        for kind in (LetterKind.REMINDER, LetterKind.SUPERVISION):
            new = NewLetter(kind=kind, unit_key="housing_bureau")
            letter = await carry_out(db, at, issue_letter, case, new, calendar)
            numbers.append((kind, letter.year, letter.number))
    assert [each[1:] for each in numbers if each[0] is LetterKind.REMINDER] == [
        (2025, 1),
        (2025, 2),
        (2026, 1),
    ]
    assert eve.astimezone(TIMEZONE).year == 2025


class GaveUp(Exception):
    """A transaction that is rolled back."""


@pytest.fixture
async def open_case(pool, street):
    async with pool.connection() as db:
        return await street.handling(db)


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.sampled_from(["commit", "roll back", "savepoint"]), min_size=2, max_size=10))
async def test_numbers_have_no_gaps_whatever_concurrent_transactions_do(pool, open_case, fates):
    async def one(fate: str) -> None:
        async with unit_of_work(pool, "user:test", NOW) as work:
            calendar = await load_calendar(work.db, NOW)
            if fate == "savepoint":
                with contextlib.suppress(GaveUp):
                    async with work.db.transaction():
                        await issue_letter(work, open_case, order(), calendar)
                        raise GaveUp
            await issue_letter(work, open_case, order(), calendar)
            if fate == "roll back":
                raise GaveUp

    results = await asyncio.gather(*map(one, fates), return_exceptions=True)
    assert sum(isinstance(each, GaveUp) for each in results) == fates.count("roll back")
    assert all(each is None or isinstance(each, GaveUp) for each in results)
    async with pool.connection() as db:
        cursor = await db.execute("SELECT number FROM letter ORDER BY number")
        numbers = [row[0] for row in await cursor.fetchall()]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_the_document_has_the_case_s_facts_escaped_in_both_languages(db, street):
    case = await street.handling(db, text="<script>alert('井盖')</script> & more")
    letter = await carry_out(db, NOW, issue_by_hand, case.case_id, order(), SUPERVISOR)
    zh, en = letter_html(letter), letter_html(letter, DocumentLanguage.EN)
    assert "<script>" not in zh
    assert "&lt;script&gt;" in zh
    for said in (letter.letter_no, case.case_no, "2025年8月11日15:19", "2个工作日", "请今天完成"):
        assert said in zh
    for said in (case.case_no, "Housing Bureau", "11 August 2025, 15:19", "2 workdays"):
        assert said in en
    assert letter_html(await letter_by_id(db, letter.letter_id)) == zh


async def test_lists_hold_what_the_account_may_see(db, street):
    letter = await issued(db, street, copies=("town_01",))
    for account, seen in ((SUPERVISOR, 1), (HANDLER, 1), (STRANGER, 0)):
        assert len((await list_letters(db, LetterFilter(), account)).items) == seen
    for wanted, count in (
        (LetterFilter(text=letter.letter_no), 1),
        (LetterFilter(text="%"), 0),
        (LetterFilter(open=True), 1),
        (LetterFilter(overdue=True), 0),
        (LetterFilter(year=2024), 0),
        (LetterFilter(kind=LetterKind.REMINDER), 0),
        (LetterFilter(unit="housing_bureau", case_id=letter.case_id), 1),
    ):
        assert len((await list_letters(db, wanted, SUPERVISOR)).items) == count


async def test_a_unit_that_returned_the_case_still_sees_its_letter(db, street):
    case = await street.routed(db)
    letter = await carry_out(db, NOW, issue_by_hand, case.case_id, order(), SUPERVISOR)
    await db.execute(
        "UPDATE cases SET lead_unit = 'power_supply' WHERE case_id = %s", (case.case_id,)
    )
    assert len((await list_letters(db, LetterFilter(), HANDLER)).items) == 1
    assert len((await list_letters(db, LetterFilter(), STRANGER)).items) == 1
    answered = await carry_out(db, NOW, answer_letter, letter.letter_id, "moved", (), HANDLER)
    assert answered.state is LetterState.ANSWERED
