"""The pure parts of the dispatch benchmark."""

import json
from dataclasses import replace
from random import Random

import pytest
from pydantic import TypeAdapter

from bench.dispatch import packets
from bench.dispatch.delays import Fate, rate, spread_of, why_missing
from bench.dispatch.journal import held
from bench.dispatch.places import APART_M, METRES_PER_DEGREE, DrawnPlace, TooFewPlaces, draw_places
from bench.dispatch.report import reached
from bench.dispatch.signals import CAMERAS, EDGE, DrawnSignal, ReportedCondition, SignalSource
from bench.ingest.load import connect, publish
from wire import topics
from wire.decode import decode

PEOPLE = [DrawnPlace(103.82, 25.6), DrawnPlace(103.9, 25.7)]
GUARDED = Fate("a", 100.0, 100.01, "done", None, "accepted", None, 7, "sent", wanted=False)


def test_packets_are_taken_out_of_a_stream_however_it_is_cut():
    sent = [publish("a/b", b"x" * size, 5) for size in (0, 1, 200, 20_000)]
    stream, buffer, found = b"".join(sent) + packets.puback(b"\x00\x07"), bytearray(), []
    for begin in range(0, len(stream), 3):
        buffer += stream[begin : begin + 3]
        found += packets.take_packets(buffer)
    assert [len(packet.payload) for packet in found[:-1]] == [0, 1, 200, 20_000]
    assert {(packet.topic, packet.packet_id) for packet in found[:-1]} == {("a/b", b"\x00\x05")}
    assert (found[-1].kind, found[-1].body, bytes(buffer)) == (packets.PUBACK, b"\x00\x07", b"")


def test_a_packet_of_qos_0_has_no_id():
    (packet,) = packets.take_packets(bytearray(b"\x30\x04\x00\x01ab"))
    assert (packet.topic, packet.packet_id, packet.payload) == ("a", b"", b"b")


def test_a_subscription_is_as_long_as_it_says():
    packet = packets.subscribe("patrol/v1/530303/terminals/T-1/commands/+", 1)
    assert packet[0] == 0x82
    assert packet[1] == len(packet) - 2
    assert connect("a", "a", "b")[0] == 0x10


def test_places_are_near_people_and_apart():
    places = draw_places(PEOPLE, 60, Random(7))
    assert len(set(places)) == 60
    for nth, place in enumerate(places):
        for other in places[:nth]:
            lat_m = abs(place.lat - other.lat) * METRES_PER_DEGREE
            lon_m = abs(place.lon - other.lon) * METRES_PER_DEGREE * 0.9
            assert max(lat_m, lon_m) > APART_M * 0.99
    with pytest.raises(TooFewPlaces):
        draw_places(PEOPLE, 1_000, Random(7))


def source(terminals: int = 3) -> SignalSource:
    places = draw_places(PEOPLE, 60, Random(7))
    device_ids = [f"T-{number}" for number in range(terminals)]
    return SignalSource(device_ids, places, [ReportedCondition("bridge", "hazard")], Random(7))


def test_signals_of_all_kinds_keep_the_contract():
    for signal in source().draw(10):
        body = signal.body | {signal.instant: "2026-11-26T08:00:00+08:00"}
        decode(topics.parse(signal.topic), json.dumps(body).encode())
    kinds = [signal.body["type"] for signal in source().draw(5)]
    assert kinds == ["report", "report", "report", "new", "sos"]


def test_no_terminal_calls_for_help_twice():
    signals = source(terminals=3).draw(40)
    calls = [signal.device_id for signal in signals if signal.body["type"] == "sos"]
    assert len(calls) == len(set(calls)) == 3
    assert {signal.tail for signal in signals if signal.device_id == EDGE} <= set(CAMERAS)


def test_a_signal_outlives_its_way_to_the_process_that_sends_it():
    signal = source().draw(4)[-1]
    assert TypeAdapter(DrawnSignal).validate_json(json.dumps(signal.as_json())) == signal
    assert json.loads(signal.as_row()["payload"]) == signal.body


def test_a_delay_is_from_the_commit_to_the_arrival_and_the_rest_is_missing():
    lost = replace(GUARDED, identity="b", case_id=8)
    found = rate(10.0, [GUARDED, lost], {7: 100.25}, {"worker": 0.5}, 2.0)
    assert (found.p50_ms, found.p95_ms, found.waited_p50_ms) == (250.0, 250.0, 10.0)
    assert (found.commands, found.missing) == (1, 1)
    assert found.reasons == {"guard sent, did not arrive": 1}
    assert (found.shares, found.cpu_ms) == ({"worker": 0.25}, {"worker": 250.0})
    assert rate(10.0, [lost], {}, {}, 2.0).p95_ms is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"inbox_state": None}, "not received"),
        ({"inbox_state": "parked", "error": "NotFound: x"}, "parked: NotFound: x"),
        ({"signal_state": None, "inbox_state": "pending"}, "waits in the inbox"),
        ({"signal_state": None, "error": "Conflict: x"}, "tried again: Conflict: x"),
        ({"signal_state": "merged"}, "signal merged: joined a case"),
        ({"signal_state": "verifying", "signal_reason": "no_place"}, "signal verifying: no_place"),
        ({"command_state": None, "wanted": True}, "nobody could be sent"),
        ({"command_state": None}, "no guard was wanted"),
        ({"command_state": "expired"}, "guard expired, did not arrive"),
    ],
)
def test_what_is_missing_has_a_reason(change: dict[str, object], why: str):
    assert why_missing(replace(GUARDED, **change)) == why  # type: ignore[arg-type]


def test_a_spread_of_few_values_is_theirs():
    assert spread_of([]) is None
    one, two = spread_of([3.0]), spread_of([1.0, 3.0])
    assert one is not None
    assert two is not None
    assert (one.p50, one.p95, one.max) == (3.0, 3.0, 3.0)
    assert (two.p50, two.max) == (2.0, 3.0)


def test_looks_in_a_row_at_one_transaction_are_one_hold():
    holders = [None, "a", "a", "a", None, "b", "c", "c", None, None, None]
    looks = [(number / 1000, holder) for number, holder in enumerate(holders)]
    found = held(looks, transactions=4)
    assert (found.resolution, found.holds, found.max) == (1.0, 4, 3.0)
    assert found.p50 == pytest.approx(1.5)  # of 3, 1 and 2 ms, and of one that no look has met
    assert found.held == pytest.approx(6 / 11, abs=0.001)
    assert found.mean == pytest.approx(6 / 11 * 10 / 4, abs=0.01)


def test_a_lock_that_nobody_takes_is_not_held():
    assert held([(0.0, None), (0.001, None)], transactions=0).max == 0.0
    assert held([], transactions=0).holds == 0


def test_the_goal_is_judged_only_at_its_own_rate():
    slow = rate(50.0, [GUARDED], {7: 101.0}, {}, 1.0)
    assert reached([slow]) == {"p95_at_50_per_s": False}
    assert reached([replace(slow, p95_ms=300.0)]) == {"p95_at_50_per_s": True}
    assert reached([replace(slow, p95_ms=300.0, missing=1)]) == {"p95_at_50_per_s": False}
    assert reached([replace(slow, signals_per_s=10.0)]) == {}
