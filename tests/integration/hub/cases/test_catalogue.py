"""The catalogue and the calendar in the database."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from hub import catalogue
from hub.catalogue.commands import STARTER, import_catalogue, import_starter
from hub.deadlines import LimitType, Policy, due_at, load_calendar, seed_calendar
from hub.errors import InvalidInput, NotFound, Unavailable
from hub.journal import Subject, entries_of
from tests.integration.hub.cases.conftest import NOW
from tests.use_cases import carry_out

ROW = """
- item_key: {key}
  title_zh: 井盖
  title_en: Cover
  kind: component
  owner_rule: territory
  conditions:
    - cond_key: broken
      text_zh: 破损
      text_en: Broken
      limit_type: work_day
      limit_value: {days}
      detectors: [{{class: {label}}}]
"""


def write(path: Path, *rows: tuple[str, int]) -> Path:
    text = "".join(ROW.format(key=key, days=days, label=f"{key}_seen") for key, days in rows)
    path.write_text(text, encoding="utf-8")
    return path


async def test_before_an_import_the_catalogue_says_what_to_do(db):
    with pytest.raises(Unavailable, match="import"):
        await catalogue.current_version(db)


async def test_a_number_that_a_restored_database_gives_anew_is_read_anew(db, tmp_path):
    for number, days in enumerate((2, 3)):
        file = write(tmp_path / "list.yaml", ("cover", days))
        done = await carry_out(db, NOW + timedelta(hours=number), import_catalogue, file)
        (condition,) = (await catalogue.item(db, done.version, "cover")).conditions
        assert (done.version, condition.limit_value) == (1, days)
        await db.rollback()


async def test_an_import_makes_a_version_and_a_dry_run_does_not(db, tmp_path):
    file = write(tmp_path / "list.yaml", ("cover", 2), ("lamp", 3))

    dry = await carry_out(db, NOW, import_catalogue, file, dry_run=True, by="user:admin")
    assert (dry.version, dry.added) == (None, ("cover", "lamp"))
    done = await carry_out(db, NOW, import_catalogue, file, by="user:admin")

    assert done.version == await catalogue.current_version(db) == 1
    match = await catalogue.by_detector(db, "lamp_seen", NOW.date())
    assert (match.item.item_key, match.condition.cond_key) == ("lamp", "broken")
    assert await catalogue.by_detector(db, "unseen", NOW.date()) is None
    (entry,) = await entries_of(db, Subject.CATALOGUE, "catalogue")
    assert (entry.actor, entry.data["version"]) == ("user:admin", 1)


async def test_a_second_list_changes_what_it_names_and_deletes_nothing(db, tmp_path):
    first = write(tmp_path / "first.yaml", ("cover", 2), ("lamp", 3), ("bin", 1))
    await carry_out(db, NOW, import_catalogue, first, by="user:admin")
    second = write(tmp_path / "second.yaml", ("cover", 5), ("lamp", 3), ("bench", 9))

    report = await carry_out(db, NOW, import_catalogue, second, by="user:admin")

    assert (report.added, report.changed) == (("bench",), ("cover",))
    assert (report.unchanged, report.kept) == (("lamp",), ("bin",))
    assert "+ bench" in report.text()
    assert "version 2 created" in report.text()
    keys = [item.item_key for item in await catalogue.items(db, 2)]
    assert keys == ["bench", "bin", "cover", "lamp"]
    old = await catalogue.item(db, 1, "cover")
    new = await catalogue.item(db, 2, "cover")
    assert (old.conditions[0].limit_value, new.conditions[0].limit_value) == (2, 5)
    with pytest.raises(NotFound):
        await catalogue.item(db, 1, "bench")


async def test_a_list_with_a_bad_row_changes_nothing(db, tmp_path):
    file = write(tmp_path / "list.yaml", ("cover", 2), ("lamp", -3))

    report = await carry_out(db, NOW, import_catalogue, file, by="user:admin")

    assert report.version is None
    assert [(bad.where, bad.item) for bad in report.bad] == [("row 2", "lamp")]
    assert "! row 2 (lamp)" in report.text()
    with pytest.raises(Unavailable):
        await catalogue.current_version(db)


async def test_the_same_list_again_makes_no_version(db, tmp_path):
    file = write(tmp_path / "list.yaml", ("cover", 2))
    await carry_out(db, NOW, import_catalogue, file, by="user:admin")

    assert (await carry_out(db, NOW, import_catalogue, file, by="user:admin")).version is None
    assert await catalogue.current_version(db) == 1


async def test_a_file_that_is_not_there_is_named(db, tmp_path):
    with pytest.raises(InvalidInput, match=r"none\.yaml"):
        await carry_out(db, NOW, import_catalogue, tmp_path / "none.yaml", by="user:admin")


async def test_the_starter_is_imported_once_and_never_over_a_district_s_own(db):
    assert (await carry_out(db, NOW, import_starter)).version == 1
    assert await carry_out(db, NOW, import_starter) is None
    assert (await carry_out(db, NOW, import_catalogue, STARTER, by="user:admin")).version is None


async def test_the_calendar_knows_holidays_and_working_saturdays(db):
    assert await seed_calendar(db, range(2025, 2028), NOW) == 730
    assert await seed_calendar(db, range(2025, 2028), NOW) == 0

    calendar = await load_calendar(db, NOW)

    assert not calendar.is_workday(date(2025, 10, 1))
    assert calendar.is_workday(date(2025, 10, 11))
    assert calendar.is_assumed(date(2027, 1, 1), date(2027, 1, 1))


async def test_the_calendar_in_memory_follows_edits_and_forgets_those_that_are_undone(db):
    await seed_calendar(db, [2025], NOW)
    friday = date(2025, 8, 8)
    edit = "UPDATE calendar_day SET is_workday = %s WHERE day = %s"
    assert (await load_calendar(db, NOW)).is_workday(friday)

    async with db.transaction(force_rollback=True):
        await db.execute(edit, (False, friday))
        assert not (await load_calendar(db, NOW)).is_workday(friday)

    assert (await load_calendar(db, NOW)).is_workday(friday)
    assert await load_calendar(db, NOW) is await load_calendar(db, NOW)


async def test_an_edited_day_survives_another_seeding_and_moves_deadlines(db):
    await seed_calendar(db, [2025], NOW)
    await db.execute(
        "UPDATE calendar_day SET is_workday = false, edited_by = 'admin' WHERE day = '2025-08-08'"
    )

    assert await seed_calendar(db, [2025], NOW) == 0
    calendar = await load_calendar(db, NOW)

    deadline = due_at(NOW, LimitType.WORK_DAY, 1, Policy.ACCUMULATE, calendar)
    assert deadline.due_at == NOW + timedelta(days=4)
