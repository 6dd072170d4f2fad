"""An alarm is a case of its own at once, wherever its terminal is and whatever else is known."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from psycopg.rows import dict_row

from hub.cases.case import State
from hub.cases.record import replay_case
from hub.cases.store import case_by_id
from hub.catalogue import Severity
from hub.db import Connection
from hub.devices import device_by_id
from hub.ingest.decoding import decode_batch
from hub.ingest.queue import ReceivedMessage
from hub.ingest.registry import RegisteredDevice, Registry
from hub.journal import Subject, entries_of
from hub.signals.commands import SignalOutcome, take_event
from hub.signals.signal import SignalState
from tests.integration.hub.cases.conftest import LAT, LON, NOW, east
from tests.use_cases import carry_out
from wire.messages import Place, TerminalEvent

SOS = {"type": "sos", "category": None, "condition": None, "evidence": ()}
CASES = Path(__file__).with_name("alarms")


async def raised(
    db: Connection, payload: bytes, device_id: str = "T-0002", at: datetime = NOW
) -> SignalOutcome:
    """What becomes of an event of a terminal, from its bytes on."""
    topic = f"patrol/v1/530303/terminals/{device_id}/events"
    registry = Registry("530303", {device_id: RegisteredDevice("terminals")})
    (row,) = decode_batch([ReceivedMessage(topic, payload, 1, at)], registry).inbox
    assert row.urgent
    terminal = await device_by_id(db, device_id)
    assert terminal is not None
    event = TerminalEvent.model_validate_json(row.payload)
    return await carry_out(db, at, take_event, terminal, event, at)


async def alarm_of(db: Connection, case_id: int | None) -> dict[str, object]:
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("SELECT * FROM alarm WHERE case_id = %s", (case_id,))
        row = await cursor.fetchone()
    assert row is not None
    return row


async def live(db: Connection, device_id: str, lon: float, lat: float, age_s: float) -> None:
    await db.execute(
        "INSERT INTO terminal_live (device_id, order_at, observed_at, received_at, lon, lat,"
        " accuracy_m) VALUES (%(id)s, %(at)s, %(at)s, %(at)s, %(lon)s, %(lat)s, 6)",
        {"id": device_id, "at": NOW - timedelta(seconds=age_s), "lon": lon, "lat": lat},
    )


async def second_terminal(db: Connection) -> None:
    await db.execute(
        "INSERT INTO device (device_id, kind, name_zh, name_en, unit_key, registered_at)"
        " VALUES ('T-0003', 'terminals', '', '', 'village_002', %s)",
        (NOW,),
    )


@pytest.mark.parametrize("name", ["sos_near_itself", "sos_null_place", "sos_without_any_place"])
async def test_a_call_for_help_is_a_case_at_once(db, street, name):
    outcome = await raised(db, (CASES / f"{name}.json").read_bytes())

    assert outcome.new_case
    case = await case_by_id(db, outcome.case_id)
    assert (case.item_key, case.severity, case.state) == ("sos", Severity.HIGH, State.ROUTED)
    replayed = replay_case(await entries_of(db, Subject.CASE, str(case.case_id)))
    assert replayed.columns["dedup_key"] == case.dedup_key


@pytest.mark.parametrize(
    "spoilt",
    [
        {"text": "救" * 5000},
        {"observed_at": 1764496200000},
        {"event_id": "ABCDEF01-2222-4333-8444-00000000000A"},
        {"type": "SOS"},
        {"evidence": "none"},
    ],
)
async def test_a_call_for_help_that_breaks_the_contract_is_raised_and_refused_visibly(
    db, street, spoilt
):
    payload = json.dumps(json.loads((CASES / "sos_near_itself.json").read_bytes()) | spoilt)
    topic = "patrol/v1/530303/terminals/T-0002/events"
    registry = Registry("530303", {"T-0002": RegisteredDevice("terminals")})

    batch = decode_batch([ReceivedMessage(topic, payload.encode(), 1, NOW)], registry)

    (letter,) = batch.dead_letters
    assert letter.reason.endswith("(the alarm was raised all the same)")
    assert (await raised(db, payload.encode())).new_case


async def test_two_people_without_a_place_are_two_cases(db, street):
    await second_terminal(db)
    calls = json.loads((CASES / "sos_null_island_two_terminals.json").read_bytes())

    outcomes = [
        await raised(db, json.dumps(call["event"]).encode(), device_id)
        for call, device_id in zip(calls, ["T-0002", "T-0003"], strict=True)
    ]

    assert all(outcome.new_case for outcome in outcomes)
    alarms = [await alarm_of(db, outcome.case_id) for outcome in outcomes]
    assert {each["place_source"] for each in alarms} == {"territory"}
    places = [await case_by_id(db, outcome.case_id) for outcome in outcomes]
    assert places[0].lon > east(-300) > places[1].lon


async def test_two_people_at_one_place_are_two_cases(db, street):
    await second_terminal(db)
    payload = {"type": "sos", "place": {"lon": LON, "lat": LAT}}
    outcomes = [
        await raised(db, json.dumps(payload).encode(), device_id)
        for device_id in ("T-0002", "T-0003")
    ]
    assert len({outcome.case_id for outcome in outcomes}) == 2


async def test_no_report_joins_a_call_for_help_at_its_place(db, street):
    call = await street.report(db, **SOS)
    report = await street.report(db, category="sos", condition="sos")
    assert report.case_id != call.case_id


async def test_without_a_place_the_last_good_position_counts_with_its_age(db, street):
    await live(db, "T-0002", east(200), LAT, age_s=1200)

    outcome = await street.report(db, **SOS, place=None)

    case = await case_by_id(db, outcome.case_id)
    alarm = await alarm_of(db, outcome.case_id)
    assert (case.lon, case.lat) == (east(200), LAT)
    assert (alarm["place_source"], alarm["place_age_s"]) == ("last_position", 1200)
    assert case.error_m == 6 + 1200 * 1.5


async def test_a_holder_of_no_territory_is_looked_for_in_the_district(db, street):
    await db.execute("UPDATE device SET unit_key = NULL WHERE device_id = 'T-0002'")

    outcome = await street.report(db, **SOS, place=None)

    assert (await alarm_of(db, outcome.case_id))["place_source"] == "district"
    assert (await case_by_id(db, outcome.case_id)).error_m == 50_000


async def test_an_id_that_another_event_has_had_hides_no_alarm(db, street):
    check_in = await street.report(
        db, type="checkin", event_id="0" * 8 + "-0000-4000-8000-" + "0" * 12
    )
    call = await street.report(db, **SOS, event_id="0" * 8 + "-0000-4000-8000-" + "0" * 12)

    assert check_in.state is SignalState.REJECTED
    assert call.new_case


async def test_a_repeated_message_is_one_alarm(db, street):
    payload = (CASES / "sos_near_itself.json").read_bytes()
    first = await raised(db, payload)
    again = await raised(db, payload, at=NOW + timedelta(minutes=5))

    assert again.signal_id == first.signal_id
    assert (await alarm_of(db, first.case_id))["times"] == 1


async def test_who_calls_again_after_the_acknowledgement_rings_again(db, street):
    first = await street.report(db, **SOS)
    await db.execute("UPDATE alarm SET acknowledged_at = %s, acknowledged_by = 'a'", (street.now,))
    street.forward(seconds=10)
    await street.report(db, **SOS)
    assert (await alarm_of(db, first.case_id))["acknowledged_by"] == "a", "the key is still pressed"

    street.forward(minutes=5)
    again = await street.report(db, **SOS)

    alarm = await alarm_of(db, first.case_id)
    assert again.case_id == first.case_id
    assert (alarm["acknowledged_by"], alarm["times"], alarm["raised_at"]) == (None, 3, street.now)


async def test_a_catalogue_without_the_item_gets_it(db, street):
    await db.execute("DELETE FROM catalogue_item WHERE item_key = 'sos'")
    await db.execute("UPDATE catalogue_version SET imported_at = imported_at - interval '1 day'")

    outcome = await street.report(db, **SOS)

    case = await case_by_id(db, outcome.case_id)
    assert (case.item_key, case.catalogue_version) == ("sos", 2)


async def test_an_alarm_that_nobody_can_be_routed_to_rings_all_the_same(db, street):
    await db.execute("DELETE FROM unit WHERE unit_key = 'public_security'")

    outcome = await street.report(db, **SOS)

    assert (await case_by_id(db, outcome.case_id)).state is State.FILED
    assert (await alarm_of(db, outcome.case_id))["acknowledged_at"] is None


async def test_a_fall_is_an_alarm_with_its_own_severity(db, street):
    outcome = await street.report(db, **(SOS | {"type": "fall"}), place=Place(lon=LON, lat=LAT))

    case = await case_by_id(db, outcome.case_id)
    assert (case.cond_key, (await alarm_of(db, outcome.case_id))["type"]) == ("fall", "fall")
