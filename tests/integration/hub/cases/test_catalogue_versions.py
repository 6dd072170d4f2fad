"""Versions of the catalogue: what a new one changes, and items that are out of force."""

from datetime import date, timedelta

import pytest

from hub import catalogue
from hub.cases.filing import route_case
from hub.cases.record import columns, replay_case
from hub.cases.store import case_by_id
from hub.catalogue import CatalogueItem, LimitStep
from hub.deadlines import LimitType
from hub.errors import InvalidInput
from hub.journal import Subject, entries_of
from hub.signals.commands import accept_signal
from hub.signals.signal import RejectReason, SignalState, WaitingReason
from tests.integration.hub.cases.conftest import DISPATCHER, NOW, SYSTEM
from tests.use_cases import carry_out

TODAY = date(2025, 8, 7)
STEPS = (
    LimitStep(
        step_key="fence",
        text_zh="围挡",
        text_en="Fence off",
        limit_type=LimitType.URGENT_HOUR,
        limit_value=3,
    ),
    LimitStep(
        step_key="surface",
        text_zh="恢复路面",
        text_en="Restore the surface",
        limit_type=LimitType.WORK_DAY,
        limit_value=5,
    ),
)


async def cover(db) -> CatalogueItem:
    return await catalogue.item(db, await catalogue.current_version(db), "manhole_cover")


async def write(db, *items: CatalogueItem, reason="a test"):
    return await carry_out(
        db, NOW, catalogue.new_version, list(items), source="tests", reason=reason
    )


async def test_a_case_without_a_unit_is_routed_by_the_newest_version_and_keeps_that(db, street):
    old = await catalogue.current_version(db)
    case = await street.file(db)
    changed = await cover(db)
    broken = changed.condition("broken").model_copy(update={"limit_value": 9})
    others = [each for each in changed.conditions if each.cond_key != "broken"]
    newer = changed.model_copy(update={"conditions": (broken, *others)})
    version = await write(db, newer)
    assert case.catalogue_version == old

    routed = await carry_out(db, street.now, route_case, case, SYSTEM)
    await write(db, changed)

    assert (routed.catalogue_version, routed.limit_value) == (version, 9)
    stored = await case_by_id(db, case.case_id)
    assert stored.catalogue_version == version
    entries = await entries_of(db, Subject.CASE, str(case.case_id))
    assert replay_case(entries).columns == columns(stored)


async def test_a_case_whose_condition_is_gone_is_routed_by_its_own_version(db, street):
    case = await street.file(db)
    left = await cover(db)
    kept = tuple(each for each in left.conditions if each.cond_key != "broken")
    await write(db, left.model_copy(update={"conditions": kept}))

    routed = await carry_out(db, street.now, route_case, case, SYSTEM)

    assert routed.catalogue_version == case.catalogue_version
    assert routed.lead_unit is not None


async def test_a_new_version_keeps_what_it_does_not_name_and_says_why(db, street):
    first = await catalogue.current_version(db)
    before = await catalogue.items(db, first)
    changed = (await cover(db)).model_copy(update={"points": 7})
    added = changed.model_copy(update={"item_key": "cover_of_the_square"})

    version = await write(db, changed, added, reason="ruled by a study")

    assert version == first + 1
    after = {each.item_key: each for each in await catalogue.items(db, version)}
    assert len(after) == len(before) + 1
    assert (after["manhole_cover"].points, after["cover_of_the_square"].points) == (7, 7)
    assert await catalogue.items(db, first) == before
    *_, entry = await entries_of(db, Subject.CATALOGUE, "catalogue")
    assert entry.reason == "ruled by a study"
    assert entry.data == {
        "version": version,
        "source": "tests",
        "added": ["cover_of_the_square"],
        "changed": ["manhole_cover"],
    }


async def test_a_version_that_would_change_nothing_is_not_written(db, street):
    first = await catalogue.current_version(db)

    assert await write(db, await cover(db)) == first
    assert await catalogue.current_version(db) == first


async def test_a_version_names_each_item_once(db, street):
    with pytest.raises(InvalidInput, match="manhole_cover"):
        await write(db, await cover(db), await cover(db))
    with pytest.raises(InvalidInput, match="at least one"):
        await write(db)


async def test_a_case_of_a_staged_condition_starts_with_its_first_step(db, street):
    item = await cover(db)
    broken = item.condition("broken")
    staged = broken.model_copy(update={"limit_type": None, "limit_value": None, "steps": STEPS})
    others = [each for each in item.conditions if each.cond_key != "broken"]
    await write(db, item.model_copy(update={"conditions": (staged, *others)}))

    outcome = await street.detect(db)

    case = await case_by_id(db, outcome.case_id)
    assert (case.limit_type, case.limit_value) == (LimitType.URGENT_HOUR, 3)
    assert case.due_at == street.now + timedelta(hours=3)


@pytest.mark.parametrize(
    ("dates", "why"),
    [
        ({"effective_from": TODAY + timedelta(days=1)}, "comes into force on 2025-08-08"),
        ({"effective_to": TODAY - timedelta(days=1)}, "out of force since 2025-08-07"),
    ],
)
async def test_an_item_out_of_force_is_neither_filed_nor_detected(db, street, dates, why):
    await write(db, (await cover(db)).model_copy(update=dates))

    with pytest.raises(InvalidInput, match=why):
        await street.file(db)
    detected = await street.detect(db)
    assert (detected.state, detected.reason) == (SignalState.REJECTED, RejectReason.OUT_OF_SCOPE)
    reported = await street.report(db)
    assert (reported.state, reported.reason) == (SignalState.NEW, WaitingReason.UNKNOWN_CATEGORY)
    with pytest.raises(InvalidInput, match=why):
        await carry_out(
            db,
            street.now,
            accept_signal,
            reported.signal_id,
            "manhole_cover",
            "broken",
            DISPATCHER,
        )


async def test_an_item_applies_until_the_local_midnight_after_its_last_day(db, street):
    await write(db, (await cover(db)).model_copy(update={"effective_to": TODAY}))
    street.now = NOW.replace(hour=15, minute=59)
    assert await street.file(db)

    street.forward(minutes=1)

    with pytest.raises(InvalidInput, match="out of force since 2025-08-08"):
        await street.file(db)


async def test_an_alarm_rings_even_if_its_item_is_out_of_force(db, street):
    version = await catalogue.current_version(db)
    sos = await catalogue.item(db, version, "sos")
    await write(db, sos.model_copy(update={"effective_to": TODAY - timedelta(days=9)}))

    outcome = await street.report(db, type="sos", category=None, condition=None, evidence=())

    assert (outcome.state, outcome.new_case) == (SignalState.ACCEPTED, True)
