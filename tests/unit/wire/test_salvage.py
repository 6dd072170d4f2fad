"""Whatever else is wrong with an event, an SOS in it is raised."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.messages import EventType, Place
from wire.salvage import UNKNOWN_CRS_M, SalvagedAlarm, salvage_alarm

NOW = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
WHOLE = {
    "event_id": "11111111-2222-4333-8444-000000000001",
    "type": "sos",
    "observed_at": "2026-11-30T09:50:00Z",
    "place": {"lon": 103.9, "lat": 25.7, "accuracy_m": 6},
    "text": "help",
    "evidence": ["ab" * 32],
}

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def salvaged(payload: bytes | object, at: datetime = NOW) -> SalvagedAlarm | None:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return salvage_alarm(raw, "T-1", at)


def read(**fields: object) -> SalvagedAlarm:
    found = salvaged(WHOLE | fields)
    assert found is not None
    return found


names = st.sampled_from(["event_id", "observed_at", "place", "text", "category", "evidence"])
other_names = st.text(max_size=20).filter(lambda name: name.strip().lower() != "type")


@given(
    st.dictionaries(names | other_names, anything),
    st.sampled_from(["sos", "SOS", "Sos", " SOS ", "s.o.s", "ＳＯＳ", "sos\x00"]),
)
def test_an_alarm_is_raised_whatever_its_other_fields_are(fields, said):
    found = salvaged(WHOLE | fields | {"type": said})

    assert found is not None
    assert found.event.type is EventType.SOS
    assert "\0" not in found.event.model_dump_json()


@given(st.integers(min_value=0, max_value=len(json.dumps(WHOLE))), st.binary(max_size=20))
def test_an_alarm_is_raised_however_its_end_is_broken(length, noise):
    raw = json.dumps({"type": "sos"} | WHOLE).encode()
    whole_until = len(b'{"type": "sos"')

    found = salvaged(raw[: max(length, whole_until)] + noise)

    assert found is not None
    assert found.event.type is EventType.SOS


@given(st.binary(max_size=300))
def test_other_bytes_raise_nothing_and_fail_nowhere(raw):
    found = salvaged(raw)
    assert found is None or b"t" in raw.lower()


def test_the_good_fields_are_kept():
    found = read(type="SOS").event

    assert found.event_id == WHOLE["event_id"]
    assert found.observed_at == datetime(2026, 11, 30, 9, 50, tzinfo=UTC)
    assert found.place == Place(lon=103.9, lat=25.7, accuracy_m=6)
    assert (found.text, found.evidence) == ("help", ("ab" * 32,))


def test_a_text_that_is_too_long_is_cut():
    assert read(text="救" * 5000).event.text == "救" * 2000


@pytest.mark.parametrize(
    "place",
    [
        None,
        {"lon": None, "lat": None},
        {"lon": 103.9},
        {"lon": 1000, "lat": 25},
        {"lon": 1e400, "lat": 25},
        {"lon": True, "lat": False},
        "here",
        [103.9, 25.7],
    ],
)
def test_half_a_place_or_an_absurd_one_is_none(place):
    assert read(place=place).event.place is None


def test_a_place_is_read_from_texts_and_from_beside_the_place():
    assert read(place={"lon": "103.9", "lat": "25.7"}).event.place == Place(lon=103.9, lat=25.7)
    flat = {"type": "SOS", "Lon": 103.9, "LAT": 25.7}
    assert salvaged(flat).event.place == Place(lon=103.9, lat=25.7)  # type: ignore[union-attr]


def test_a_place_in_an_unknown_system_is_vague():
    found = read(place={"lon": 103.9, "lat": 25.7, "crs": "bd09"}).event
    assert found.place is not None
    assert found.place.accuracy_m == UNKNOWN_CRS_M


@pytest.mark.parametrize("said", [1764496200000, "1764496200000", "yesterday", None, "2026-11-30"])
def test_an_instant_that_is_none_is_the_time_of_arrival(said):
    assert read(observed_at=said).event.observed_at == NOW


def test_an_upper_case_id_is_the_same_id():
    event_id = "ABCDEF01-2222-4333-8444-00000000000A"
    assert read(event_id=event_id).event.event_id == event_id.lower()


def test_a_repeat_without_an_id_is_the_same_alarm_and_another_device_s_is_not():
    raw = json.dumps({"type": "SOS"}).encode()
    first, again = (salvage_alarm(raw, "T-1", NOW + timedelta(seconds=s)) for s in (0, 30))
    other = salvage_alarm(raw, "T-2", NOW)
    assert first is not None
    assert again is not None
    assert other is not None

    assert (first.event.event_id, first.repeat_key) == (again.event.event_id, again.repeat_key)
    assert other.event.event_id != first.event.event_id


def test_the_same_bytes_a_day_later_are_a_new_call():
    raw = json.dumps({"type": "SOS"}).encode()
    first, later = (salvage_alarm(raw, "T-1", NOW + timedelta(days=d)) for d in (0, 1))
    assert first is not None
    assert later is not None
    assert first.repeat_key != later.repeat_key


@pytest.mark.parametrize(
    "raw",
    [
        '{"type":"sos","text":"摔倒在河边"}'.encode("gb18030"),
        b'\xef\xbb\xbf{"type":"sos"}',
        '{"type":"sos"}'.encode("utf-16"),
        b'{"type":"sos","text":"\xff\xfe"}',
        b"{'type': 'SOS', 'lon': 103.9}",
        b"{type:SOS}",
        b'[{"type":"checkin"},{"type":"sos"}]',
        b'{"type":"sos"}\n{"type":"sos"}',
        b'{"type":"sos","text":"a\nb"}',
        b'{"type":"sos","speed":NaN}',
        b'{"TYPE":"SOS"}',
        b'{"type":"fall","place":{}}',
        b'"{\\"type\\":\\"sos\\"}"',
        b'{"data":{"type":"sos"}}',
        b'[[{"type":"sos"}]]',
        b'{"text":"' + b"x" * 300_000 + b'","type":"sos"}',
        b'{"place":{"type":"Point","coordinates":[103.9,25.7],},"type":"sos"}',
    ],
)
def test_an_alarm_in_another_writing_is_raised(raw):
    assert salvaged(raw) is not None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"sos",
        b'{"type":"report","text":"sos"}',
        b'{"type":"report","text":"\\"type\\":\\"sos\\""',
        b'{"type":["sos"]}',
        b'{"type":"sosial"}',
        b'{"category":"sos"}',
        b'{"type":"report","about":{"type":"sos"}}',
        b"[" * 900 + b"]" * 900,
    ],
)
def test_what_does_not_say_that_it_is_an_alarm_is_none(raw):
    assert salvaged(raw) is None


def test_what_a_cut_off_alarm_says_is_read():
    raw = json.dumps(WHOLE).encode()
    found = salvaged(raw[: raw.index(b'"evidence"')])

    assert found is not None
    assert found.event.event_id == WHOLE["event_id"]
    assert found.event.place == Place(lon=103.9, lat=25.7, accuracy_m=6)
    assert found.event.text == "help"
