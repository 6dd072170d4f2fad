from random import Random

import pytest

from firmware_sim.faults import BadFault, FaultRates, Faults, parse_faults
from firmware_sim.outgoing_message import Branch, OutgoingMessage
from wire.families import BY_LEAF
from wire.limits import MAX_JPEG_BYTES
from wire.messages import SAMPLES, Sample
from wire.topics import Kind, Leaf

BRANCH = Branch("530303", Kind.TERMINAL, "T-0001")


def sample(seq: int) -> OutgoingMessage:
    content = Sample.model_validate(
        {"boot_id": "b", "seq": seq, "observed_at": "2025-08-07T15:19:00+08:00", "lon": 1, "lat": 2}
    )
    return BRANCH.samples(Leaf.TELEMETRY, [content])


def through(
    rates: FaultRates, messages: list[OutgoingMessage], seed: int = 1
) -> list[OutgoingMessage]:
    faults = Faults(rates, Random(seed))
    return [passed for message in messages for passed in faults.spoil(message)]


MANY = [sample(seq) for seq in range(1, 401)]


def test_without_faults_everything_passes_as_it_is():
    assert through(FaultRates(), MANY) == MANY


def test_dropped_messages_are_about_as_many_as_asked_for():
    passed = through(FaultRates(drop=0.25), MANY)
    assert 250 < len(passed) < 350
    assert set(passed) < set(MANY)


def test_duplicates_follow_their_original():
    assert through(FaultRates(duplicate=1.0), MANY[:2]) == [MANY[0], MANY[0], MANY[1], MANY[1]]


def test_reordered_messages_all_arrive_but_in_another_order():
    passed = through(FaultRates(reorder=0.4), [*MANY, *MANY[:1]])
    assert passed[: len(MANY)] != MANY
    assert set(passed) == set(MANY)


def test_the_same_seed_spoils_the_same_messages():
    rates = FaultRates(drop=0.2, duplicate=0.2, reorder=0.2, garbage=0.2)
    assert through(rates, MANY, seed=4) == through(rates, MANY, seed=4)
    assert through(rates, MANY, seed=4) != through(rates, MANY, seed=5)


def test_rubbish_comes_beside_the_message_and_is_none_of_the_contract():
    passed = through(FaultRates(garbage=1.0), MANY)
    rubbish = [message for message in passed if message not in MANY]
    assert len(rubbish) == len(MANY)
    limit = BY_LEAF[Kind.TERMINAL, Leaf.TELEMETRY].max_bytes
    for message in rubbish:
        if len(message.payload) <= limit:
            with pytest.raises(ValueError, match=r"Sample|JSON|json|boot_id"):
                SAMPLES.validate_json(message.payload)
    assert any(len(message.payload) > limit for message in rubbish)


def test_rubbish_photos_are_no_jpeg_or_too_large():
    photo = BRANCH.jpeg(Leaf.EVIDENCE, b"\xff\xd8" + bytes(2000), "0" * 64)
    passed = through(FaultRates(garbage=1.0), [photo] * 20)
    rubbish = [message for message in passed if message != photo]
    assert {message.payload[:4] == b"\x89PNG" for message in rubbish} == {True, False}
    assert all(m.payload[:4] == b"\x89PNG" or len(m.payload) > MAX_JPEG_BYTES for m in rubbish)


def test_retained_state_always_passes():
    birth = OutgoingMessage("t", b"{}", 1, retain=True)
    assert through(FaultRates(drop=1, garbage=1, duplicate=1), [birth]) == [birth]


def test_options_are_read_by_name():
    rates = parse_faults(["drop=0.05", "clock_skew=-420"])
    assert rates == FaultRates(drop=0.05, clock_skew=-420.0)


@pytest.mark.parametrize("text", ["drop", "drop=x", "lightning=0.1", "drop=1.5", "drop=-0.1"])
def test_an_option_that_means_nothing_is_refused_with_the_names_there_are(text: str):
    with pytest.raises(BadFault, match="drop, duplicate, reorder, garbage, clock_skew"):
        parse_faults([text])
