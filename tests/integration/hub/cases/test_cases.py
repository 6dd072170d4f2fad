"""The life of a case against a real database, from filing to closing."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from hub.accounts.account import Role
from hub.accounts.scope import Scope
from hub.cases.actor import Actor
from hub.cases.case import Event, State
from hub.cases.commands import (
    flag_overdue,
    resume_suspended,
    sign_unanswered,
    transition,
)
from hub.cases.evidence import EvidenceKind, EvidenceLink
from hub.cases.list_order import CaseOrder
from hub.cases.listing import CaseFilter, list_cases
from hub.cases.record import replay_case
from hub.cases.store import case_by_id
from hub.cases.views import case_record
from hub.catalogue import Severity
from hub.clock import TIMEZONE
from hub.errors import Conflict, Forbidden, GuardRefused, IllegalTransition, InvalidInput, NotFound
from hub.evidence import photo_facts
from hub.geo.place import Spot
from hub.journal import Subject, chain_breaks, entries_of
from hub.signals.reading import evidence_of, signals_of
from models import RepairJudgement
from tests.integration.hub.cases.conftest import (
    DISPATCHER,
    HANDLER,
    LAT,
    LON,
    NOW,
    SECOND,
    STRANGER,
    SUPERVISOR,
    SYSTEM,
    FixedJudge,
    check_feedback,
    east,
    named_photos,
    photo_hash,
    picture,
)
from tests.use_cases import carry_out
from wire.messages import DetectionType


@pytest.fixture
def photos(tmp_path):
    return named_photos(tmp_path)


async def fed_back(db, street, photos, name="repair", seed=1):
    case = await street.handling(db)
    street.forward(minutes=30)
    sha256 = await street.photo(db, name)
    photos.put(sha256, picture(seed))
    return await street.move(db, case, Event.FEEDBACK, HANDLER, text="replaced", evidence=(sha256,))


async def test_a_case_goes_from_filing_to_closing_and_its_journal_tells_it(db, street, photos):
    case = await fed_back(db, street, photos)
    assert case.state is State.FEEDBACK
    judge = FixedJudge()

    case = await check_feedback(db, case.case_id, photos, judge, street.forward(seconds=1))
    assert (case.state, len(judge.judged)) == (State.VERIFYING, 1)
    case = await street.move(db, case, Event.PASS, DISPATCHER)

    assert (case.state, case.closed_at) == (State.CLOSED, street.now)
    entries = await entries_of(db, Subject.CASE, str(case.case_id))
    assert [entry.event for entry in entries if entry.event] == [
        "file",
        "route",
        "sign",
        "feedback",
        "check",
        "pass",
    ]
    assert chain_breaks(entries) == []
    replayed = replay_case(entries)
    assert replayed.state is case.state
    assert replayed.columns["due_at"] == case.due_at.isoformat()
    assert replayed.columns["person"] == case.person == "handler"
    assert replayed.columns["version"] == case.version == 6


async def test_the_verdict_stands_with_the_photo_and_in_the_journal(db, street, photos):
    case = await fed_back(db, street, photos)

    await check_feedback(
        db, case.case_id, photos, FixedJudge(RepairJudgement.STILL_BROKEN), street.now
    )

    (repair,) = [each for each in await evidence_of(db, case.case_id) if each.kind == "repair"]
    assert repair.verdict_facts["judgement"] == "still_broken"
    assert repair.verdict_facts["model"] == "test 1"
    assert repair.username == "handler"
    assert repair.device_id == "T-0002"
    assert (await photo_facts(db, repair.sha256)).perceptual_hash is not None
    last = (await entries_of(db, Subject.CASE, str(case.case_id)))[-1]
    assert (last.kind, last.data["photos"][0]["judgement"]) == ("photos_judged", "still_broken")
    assert (await case_by_id(db, case.case_id)).state is State.VERIFYING


async def test_a_photo_that_looks_like_one_of_another_case_is_told_to_the_person(
    db, street, photos
):
    first = await fed_back(db, street, photos, "first", seed=5)
    await check_feedback(db, first.case_id, photos, FixedJudge(), street.now)
    await street.move(db, first, Event.PASS, DISPATCHER)
    spot = Spot(east(300), LAT, 5.0)
    link = EvidenceLink(sha256=photo_hash("other filing"), kind=EvidenceKind.FILING)
    case = await street.file(db, spot=spot, evidence=(link,))
    case = await street.move(db, case, Event.ROUTE, DISPATCHER, unit_key="housing_bureau")
    case = await street.move(db, case, Event.SIGN, HANDLER, person="h", plan="p")
    street.forward(minutes=30)
    sha256 = await street.photo(db, "second", lon=east(300))
    photos.put(sha256, picture(5) + b"\0")
    await street.move(db, case, Event.FEEDBACK, HANDLER, text="done", evidence=(sha256,))

    await check_feedback(db, case.case_id, photos, FixedJudge(), street.now)

    verdict = (await evidence_of(db, case.case_id))[-1].verdict_facts
    assert verdict["looks_like_cases"] == [first.case_id]


async def test_a_photo_of_the_fault_in_another_encoding_is_told_to_the_person(db, street, photos):
    photos.put(await street.photo(db, "filing"), picture(1))
    case = await fed_back(db, street, photos, seed=1)

    await check_feedback(db, case.case_id, photos, FixedJudge(), street.now)

    verdict = (await evidence_of(db, case.case_id))[-1].verdict_facts
    assert verdict["looks_like_cases"] == [case.case_id]


async def test_a_photo_without_bytes_or_that_is_no_picture_goes_to_a_person(db, street, photos):
    case = await fed_back(db, street, photos)
    photos.put(photo_hash("repair"), b"no jpeg")

    moved = await check_feedback(
        db, case.case_id, photos, FixedJudge(RepairJudgement.UNSURE), street.now
    )

    assert moved.state is State.VERIFYING
    verdict = (await evidence_of(db, case.case_id))[-1].verdict_facts
    assert (verdict["judgement"], verdict["note"]) == ("unsure", "it could not be decoded")


async def test_only_feedback_is_checked(db, street, photos):
    case = await street.handling(db)

    with pytest.raises(IllegalTransition):
        await check_feedback(db, case.case_id, photos, FixedJudge(), NOW)


async def refusal(db, street, case, **photo):
    sha256 = await street.photo(db, str(photo), **photo)
    with pytest.raises(GuardRefused) as caught:
        await street.move(db, case, Event.FEEDBACK, HANDLER, text="done", evidence=(sha256,))
    assert caught.value.facts["guard"] == "provenance"
    return caught.value.detail


async def hashed(db, sha256: str, value: int) -> str:
    await db.execute("UPDATE evidence SET perceptual_hash = %s WHERE sha256 = %s", (value, sha256))
    return sha256


@pytest.mark.parametrize(("differing", "refused"), [(0, True), (7, True), (8, False)])
async def test_a_repair_photo_that_nearly_equals_one_of_the_case_is_refused(
    db, street, differing, refused
):
    case = await street.handling(db)
    own = await street.photo(db, "filing")
    assert own in [each.sha256 for each in await evidence_of(db, case.case_id)]
    await hashed(db, own, -1)
    street.forward(minutes=30)
    new = await hashed(db, await street.photo(db, "repair"), -1 ^ ((1 << differing) - 1))
    move = street.move(db, case, Event.FEEDBACK, HANDLER, text="done", evidence=(new,))
    if not refused:
        assert (await move).state is State.FEEDBACK
        return
    with pytest.raises(GuardRefused, match="nearly the same picture as photo") as caught:
        await move
    assert "new_picture" in caught.value.detail


async def test_a_repair_photo_must_come_from_the_place_and_from_after_the_routing(db, street):
    case = await street.handling(db)
    street.forward(minutes=30)

    assert "after_routing" in await refusal(db, street, case, taken_at=NOW)
    assert "within_reach" in await refusal(db, street, case, lon=east(130))
    assert "within_reach" in await refusal(db, street, case, lon=None, lat=None)
    assert "known_sender" in await refusal(db, street, case, device_id="T-9999")
    later = street.now + timedelta(hours=1)
    assert "later than it came in" in await refusal(db, street, case, taken_at=later)
    by_hand = await street.photo(db, "by hand", device_id=None, username="handler")
    done = await street.move(db, case, Event.FEEDBACK, HANDLER, text="done", evidence=(by_hand,))
    assert done.state is State.FEEDBACK


async def test_a_photo_without_a_place_is_where_its_terminal_was(db, street):
    case = await street.handling(db)
    street.forward(minutes=30)
    await db.execute("UPDATE device SET lon = 103.5, lat = 25.2 WHERE device_id = 'T-0002'")
    await db.execute(
        "INSERT INTO terminal_live (device_id, order_at, observed_at, received_at, lon, lat,"
        " accuracy_m) VALUES ('T-0002', %(at)s, %(at)s, %(at)s, %(lon)s, %(lat)s, 6)",
        {"at": street.now, "lon": LON, "lat": LAT},
    )
    sha256 = await street.photo(db, lon=None, lat=None)

    done = await street.move(db, case, Event.FEEDBACK, HANDLER, text="done", evidence=(sha256,))

    assert done.state is State.FEEDBACK


async def test_a_photo_of_the_fault_is_no_photo_of_the_repair(db, street):
    case = await street.handling(db)
    street.forward(minutes=30)
    sha256 = await street.photo(db, "filing")

    with pytest.raises(GuardRefused, match="not_used"):
        await street.move(db, case, Event.FEEDBACK, HANDLER, text="done", evidence=(sha256,))


async def test_a_photo_that_has_not_arrived_is_asked_for_again(db, street):
    case = await street.handling(db)

    with pytest.raises(GuardRefused, match="not arrived") as caught:
        await street.move(db, case, Event.FEEDBACK, HANDLER, text="done", evidence=("f" * 64,))
    assert caught.value.facts["guard"] == "photos_have_arrived"


async def test_a_failed_check_needs_a_new_photo(db, street, photos):
    case = await fed_back(db, street, photos)
    await check_feedback(
        db, case.case_id, photos, FixedJudge(RepairJudgement.STILL_BROKEN), street.now
    )
    case = await street.move(db, case, Event.FAIL, DISPATCHER, reason="still broken")
    assert (case.state, case.rework) == (State.HANDLING, 1)
    street.forward(minutes=10)

    old = (photo_hash("repair"),)
    with pytest.raises(GuardRefused, match="not_used"):
        await street.move(db, case, Event.FEEDBACK, HANDLER, text="done", evidence=old)
    new = await street.photo(db, "new")
    photos.put(new, picture(9))
    await street.move(db, case, Event.FEEDBACK, HANDLER, text="done", evidence=(new,))
    judge = FixedJudge()
    await check_feedback(db, case.case_id, photos, judge, street.now)
    assert len(judge.judged) == 1


async def test_a_change_that_somebody_else_made_first_is_a_conflict(db, street):
    case = await street.routed(db)
    seen = case.version
    await street.move(db, case, Event.SIGN, HANDLER, person="h", plan="p")

    with pytest.raises(Conflict) as caught:
        await street.move(db, case, Event.RETURN, HANDLER, version=seen, reason="not ours")
    assert caught.value.facts == {"version": seen + 1, "state": "HANDLING"}


async def test_of_two_writers_at_the_same_moment_one_wins(street):
    async with street.pool.connection() as db:
        case = await street.routed(db)

    async def sign():
        async with street.pool.connection() as db:
            await street.move(
                db, case, Event.SIGN, HANDLER, version=case.version, person="h", plan="p"
            )

    results = await asyncio.gather(sign(), sign(), return_exceptions=True)

    assert sorted(type(each).__name__ for each in results) == ["Conflict", "NoneType"]


async def test_another_unit_is_turned_away(db, street):
    case = await street.routed(db)

    with pytest.raises(Forbidden):
        await street.move(db, case, Event.SIGN, STRANGER, person="h", plan="p")


async def test_numbers_of_a_day_are_gapless_and_unique_under_load(street):
    async def file(number):
        async with street.pool.connection() as db:
            link = EvidenceLink(sha256=photo_hash(str(number)), kind=EvidenceKind.FILING)
            spot = Spot(east(200 * number), LAT, 2.0)
            item = {"item_key": "road_pothole", "cond_key": "pothole"}
            return await street.file(db, spot=spot, evidence=(link,), **item)

    cases = await asyncio.gather(*(file(number) for number in range(12)))

    assert sorted(case.case_no for case in cases) == [
        f"530303-20250807-{number:04d}" for number in range(1, 13)
    ]


async def test_the_number_has_the_local_date(db, street):
    street.now = datetime(2025, 8, 8, 0, 30, tzinfo=TIMEZONE)

    assert (await street.file(db)).case_no == "530303-20250808-0001"


async def test_filing_says_what_is_wrong_with_it(db, street):
    with pytest.raises(InvalidInput, match="no item"):
        await street.file(db, item_key="nonsense")
    with pytest.raises(InvalidInput, match="only the conditions"):
        await street.file(db, cond_key="nonsense")
    with pytest.raises(GuardRefused, match="photo"):
        await street.file(db, evidence=())
    with pytest.raises(NotFound):
        await case_by_id(db, 4711)


async def test_the_same_issue_by_hand_is_a_conflict_that_names_the_case(db, street):
    first = await street.file(db)

    with pytest.raises(Conflict) as caught:
        await street.file(db)
    assert caught.value.facts["case_no"] == first.case_no


async def test_a_return_goes_back_to_the_operator_who_chooses_by_hand(db, street):
    case = await street.routed(db)
    street.forward(hours=1)
    case = await street.move(db, case, Event.RETURN, HANDLER, reason="it is a power cover")
    assert (case.state, case.lead_unit, case.bounces) == (State.FILED, None, 1)

    case = await street.move(db, case, Event.ROUTE, DISPATCHER, unit_key="power_supply")

    assert (case.lead_unit, case.routed_at) == ("power_supply", street.now)
    assert case.why[0].code == "chosen_by_hand"
    with pytest.raises(GuardRefused) as caught:
        await street.move(
            db,
            await street.file(db, spot=Spot(east(300), LAT, 2)),
            Event.ROUTE,
            DISPATCHER,
            unit_key="nobody",
        )
    assert caught.value.facts["guard"] == "units_are_known"


async def test_a_joint_study_ends_with_a_ruling(db, street):
    case = await street.file(db, spot=Spot(east(300), LAT, 5.0))
    units = ("housing_bureau", "power_supply")
    case = await street.move(db, case, Event.REFER_STUDY, DISPATCHER, units=units)
    assert case.state is State.JOINT_STUDY

    ruling = {"unit_key": "power_supply", "text": "minutes", "reason": "built by them"}
    case = await street.move(db, case, Event.RULE, SUPERVISOR, **ruling)

    assert (case.state, case.lead_unit) == (State.ROUTED, "power_supply")
    entry = (await entries_of(db, Subject.CASE, str(case.case_id)))[-1]
    assert (entry.reason, entry.data["text"]) == ("built by them", "minutes")


async def test_the_repair_history_routes_what_no_asset_does(db, street, photos):
    place = Spot(east(300), LAT, 5.0)
    case = await street.file(db, spot=place)
    case = await street.move(db, case, Event.ROUTE, DISPATCHER, unit_key="power_supply")
    handler = Actor("user:handler", Role.UNIT_HANDLER, "power_supply")
    case = await street.move(db, case, Event.SIGN, handler, person="h", plan="p")
    street.forward(minutes=30)
    photo = await street.photo(db, lon=east(300))
    case = await street.move(db, case, Event.FEEDBACK, handler, text="done", evidence=(photo,))
    case = await carry_out(db, street.now, transition, case.case_id, Event.CHECK, actor=SYSTEM)
    await street.move(db, case, Event.PASS, DISPATCHER)
    street.forward(days=50)

    link = EvidenceLink(sha256=photo_hash("later"), kind=EvidenceKind.FILING)
    again = await street.routed(db, spot=replace(place, lon=east(304)), evidence=(link,))

    assert again.lead_unit == "power_supply"
    assert [reason.code for reason in again.why] == [
        "no_asset_within_reach",
        "repair_history",
        "territory",
    ]


async def test_cases_that_are_late_are_flagged_once(db, street):
    case = await street.routed(db)
    assert await carry_out(db, case.due_at, flag_overdue) == 0

    assert await carry_out(db, street.forward(days=5), flag_overdue) == 1
    assert await carry_out(db, street.now, flag_overdue) == 0

    late = await case_by_id(db, case.case_id)
    assert (late.state, late.overdue_at) == (State.ROUTED, street.now)
    assert (await case_record(db, case.case_id)).overdue
    explained = await street.move(db, late, Event.EXPLAIN, HANDLER, reason="no covers in stock")
    assert explained.state is State.ROUTED


async def test_a_suspension_ends_by_itself(db, street):
    case = await street.handling(db)
    until = NOW + timedelta(days=7)
    case = await street.move(db, case, Event.SUSPEND, SUPERVISOR, reason="rain", until=until)
    assert await carry_out(db, NOW + timedelta(days=6), flag_overdue) == 0
    assert await carry_out(db, until - timedelta(seconds=1), resume_suspended) == 0

    assert await carry_out(db, until, resume_suspended) == 1

    resumed = await case_by_id(db, case.case_id)
    assert not resumed.is_suspended
    assert resumed.due_at == datetime(2025, 8, 18, 15, 19, tzinfo=TIMEZONE)


async def test_a_unit_that_says_nothing_signs_by_itself(db, street):
    case = await street.routed(db)
    assert await carry_out(db, NOW + timedelta(hours=24), sign_unanswered) == 0

    assert await carry_out(db, NOW + timedelta(hours=24, minutes=1), sign_unanswered) == 1

    assert (await case_by_id(db, case.case_id)).state is State.HANDLING


async def test_a_merged_case_gives_its_signals_photos_and_clock(db, street):
    outcome = await street.detect(db)
    street.forward(minutes=10)
    other = await street.file(db, spot=Spot(east(30), LAT, 2.0), cond_key="rattling")
    other = await street.move(db, other, Event.ROUTE, DISPATCHER, unit_key="housing_bureau")
    case = await case_by_id(db, outcome.case_id)

    merged = await street.move(db, case, Event.MERGE, DISPATCHER, into=other.case_id)

    assert (merged.state, merged.merged_into) == (State.MERGED, other.case_id)
    target = await case_by_id(db, other.case_id)
    assert (target.severity, target.occurred_at) == (Severity.HIGH, NOW)
    assert target.due_at == case.due_at
    assert len(await signals_of(db, target.case_id)) == 1
    assert len(await evidence_of(db, target.case_id)) == 2
    for case_id in (case.case_id, target.case_id):
        entries = await entries_of(db, Subject.CASE, str(case_id))
        assert chain_breaks(entries) == []
    assert replay_case(entries).columns["severity"] == "high"


async def test_a_void_case_makes_room_for_a_new_one(db, street):
    case = await street.file(db)
    case = await street.move(db, case, Event.VOID, DISPATCHER, reason="a test")
    assert case.state is State.FILED
    case = await street.move(db, case, Event.VOID, SECOND, reason="a test")
    assert case.state is State.VOID

    assert (await street.file(db)).case_no.endswith("-0002")


async def test_the_list_has_the_most_urgent_first_and_goes_on_where_it_ended(db, street):
    far = [Spot(east(200 * number), LAT, 2.0) for number in range(4)]
    mild = await street.routed(db, spot=far[0], cond_key="rattling")
    urgent = await street.routed(db, spot=far[1], item_key="road_collapse", cond_key="collapsed")
    ended = await street.file(db, spot=far[2], cond_key="rattling")
    ended = await street.move(db, ended, Event.VOID, DISPATCHER, reason="a test")
    filed = await street.file(db, spot=far[3])

    page = await list_cases(db, CaseFilter(), CaseOrder(limit=2))
    rest = await list_cases(db, CaseFilter(), CaseOrder(limit=2, after=page.next_before))

    listed = [each.case_id for each in (*page.items, *rest.items)]
    assert listed == [filed.case_id, urgent.case_id, mild.case_id, ended.case_id]
    assert rest.next_before is None
    with pytest.raises(InvalidInput):
        await list_cases(db, CaseFilter(), CaseOrder(after="nonsense"))


async def test_the_list_can_be_narrowed_and_searched(db, street):
    case = await street.routed(db)
    await street.file(db, spot=Spot(east(300), LAT, 2.0), cond_key="rattling", text="100%_sure")

    async def found(**wanted):
        return [each.case_no[-4:] for each in (await list_cases(db, CaseFilter(**wanted))).items]

    assert await found(states=(State.ROUTED,)) == ["0001"]
    assert await found(units=("housing_bureau",)) == ["0001"]
    assert await found(units=("village_001",)) == ["0001"]
    assert await found(scope=Scope.of_unit("power_supply")) == []
    assert await found(open=False) == []
    assert await found(text="A-0172") == ["0001"]
    assert await found(text="住建局") == ["0001"]
    assert await found(text="%_s") == ["0002"]
    assert len(await found(text="manhole")) == 2
    summary = await case_record(db, case.case_id)
    assert (summary.title_zh, summary.condition_text_en) == ("井盖", "Municipal cover broken")
    assert (summary.lead_unit_name_en, summary.territory_name_zh) == ("Housing Bureau", "东社区")
    assert summary.cover_evidence == photo_hash("filing")
    with pytest.raises(NotFound):
        await case_record(db, 4711)


async def test_everybody_at_once_on_one_case_ends_in_an_unbroken_journal(street):
    detection_id = str(uuid4())
    async with street.pool.connection() as db:
        first = await street.detect(db, detection_id=detection_id)
        far = Spot(east(30), LAT, 2.0)
        other = await street.file(db, spot=far, cond_key="rattling")
        other = await street.move(db, other, Event.ROUTE, DISPATCHER, unit_key="housing_bureau")
    late = NOW + timedelta(days=9)

    async def in_own_transaction(work):
        async with street.pool.connection() as db:
            await work(db)

    async def merge(db):
        case = await case_by_id(db, first.case_id)
        await street.move(db, case, Event.MERGE, DISPATCHER, into=other.case_id)

    def update(seq):
        kind, label = DetectionType.UPDATE, "manhole_open"
        return lambda db: street.detect(
            db, detection_id=detection_id, seq=seq, kind=kind, label=label, evidence=f"{seq}"
        )

    await asyncio.gather(
        *(in_own_transaction(update(seq)) for seq in range(2, 6)),
        in_own_transaction(merge),
        in_own_transaction(lambda db: carry_out(db, late, flag_overdue)),
        in_own_transaction(lambda db: street.detect(db, camera="C-002")),
    )

    async with street.pool.connection() as db:
        assert (await case_by_id(db, first.case_id)).state is State.MERGED
        for case_id in (first.case_id, other.case_id):
            entries = await entries_of(db, Subject.CASE, str(case_id))
            assert chain_breaks(entries) == []
            assert replay_case(entries).state is (await case_by_id(db, case_id)).state
