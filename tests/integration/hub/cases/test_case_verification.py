"""A case that was changed past the journal is named, with what its entries say."""

import pytest

from hub.cases.verification import check_cases
from hub.db import Connection
from hub.journal import Subject
from hub.journal.verification import JournalFault


async def said(db: Connection) -> list[str]:
    findings = [each async for each in check_cases(db)]
    assert all(each.fault is JournalFault.CASE_CHANGED for each in findings)
    return [str(each) for each in findings]


async def test_a_case_that_went_its_way_is_what_its_entries_say(db: Connection, street) -> None:
    await street.handling(db)
    assert await said(db) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("state = 'ROUTED'", "`state` is ROUTED, but its entries say HANDLING"),
        ("lead_unit = 'power_supply'", "`lead_unit` is power_supply, but its entries say"),
        ("due_at = due_at + interval '1 day'", "`due_at` is "),
        ("severity = 'low'", "`severity` is low"),
        ("closed_at = now()", "`closed_at` is "),
        ("assist_units = '{power_supply}'", "`assist_units` is ['power_supply']"),
        ("extensions = 2", "`extensions` is 2, but its entries say 0"),
        ("owner = 'user:somebody'", "`owner` is user:somebody, but its entries say None"),
        ("exempt_at = now()", "`exempt_at` is "),
        ("step = 1, step_at = now()", "`step` is 1, but its entries say None"),
        ("satisfaction = 'satisfied'", "`satisfaction` is satisfied"),
        ("plan = 'another'", "`plan` is another, but its entries say replace it"),
    ],
)
async def test_a_case_that_was_changed_is_named(
    db: Connection, street, change: str, named: str
) -> None:
    case = await street.handling(db)
    await db.execute(f"UPDATE cases SET {change}".encode())
    findings = await said(db)
    assert findings
    assert f"case {case.case_no} ({case.case_id}): {named}" in findings[0]
    assert "set the case right by a step of its own" in findings[0]


async def test_a_case_without_entries_and_entries_without_a_case_are_named(
    db: Connection, street
) -> None:
    case = await street.handling(db)
    await db.execute("ALTER TABLE journal DISABLE TRIGGER USER")
    await db.execute(
        "DELETE FROM journal WHERE subject = %s AND subject_id = %s",
        (str(Subject.CASE), str(case.case_id)),
    )
    assert ["the journal has no entry of it" in each for each in await said(db)] == [True]


async def test_a_case_that_is_gone_is_named(db: Connection, street) -> None:
    case = await street.handling(db)
    await db.execute("SET session_replication_role = replica")
    await db.execute("DELETE FROM cases")
    assert [f"case {case.case_id}: " in each for each in await said(db)] == [True]
