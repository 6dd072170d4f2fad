import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.client import topic_matches_sub

from wire import topics
from wire.families import BY_LEAF, FAMILIES, TO_HUB, Family, MessageDirection
from wire.topics import Address, DeviceId, Kind, Leaf, UnknownTopic

COMMAND_ID = "3f0c8a52-6f0b-4a36-9d5e-0c7a1b2d9e41"
FORMS = {
    Leaf.COMMANDS: st.uuids().map(str),
    Leaf.ACKS: st.uuids().map(str),
    Leaf.EVIDENCE: st.binary(min_size=32, max_size=32).map(bytes.hex),
    Leaf.DETECTIONS: st.from_regex(topics.DEVICE_ID_PATTERN, fullmatch=True),
}


@st.composite
def addresses(draw: st.DrawFn) -> Address:
    leaf = draw(st.sampled_from(Leaf))
    return Address(
        draw(st.from_regex(topics.DISTRICT_PATTERN, fullmatch=True)),
        draw(st.sampled_from(Kind)),
        DeviceId(draw(st.from_regex(topics.DEVICE_ID_PATTERN, fullmatch=True))),
        leaf,
        draw(FORMS.get(leaf, st.just(""))),
    )


@given(addresses())
def test_an_address_survives_the_way_to_a_topic_and_back(address: Address):
    assert topics.parse(str(address)) == address


@given(addresses())
def test_no_topic_has_more_than_eight_levels(address: Address):
    assert str(address).count("/") < 8


@given(addresses())
def test_the_filters_of_a_leaf_match_its_topics_and_no_other_leaf(address: Address):
    for leaf in Leaf:
        matched = topic_matches_sub(topics.every_device(address.kind, leaf), str(address))
        assert matched == (leaf is address.leaf)


@given(addresses())
def test_a_filter_for_one_district_matches_that_district_alone(address: Address):
    own = topics.every_device(address.kind, address.leaf, address.district)
    other = topics.every_device(address.kind, address.leaf, f"9{address.district}")
    assert topic_matches_sub(own, str(address))
    assert not topic_matches_sub(other, str(address))


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("", "not under patrol/v1"),
        ("patrol/v2/530303/terminals/T-1/status", "not under patrol/v1"),
        ("patrol/v1/530303/hub/status", "not under patrol/v1"),
        ("patrol/v1/5303/terminals/T-1/status", "'5303' is no district code"),
        ("patrol/v1/530303\n/terminals/T-1/status", "is no district code"),
        ("patrol/v1/530303/drones/D-1/status", "'drones' is no kind of device"),
        ("patrol/v1/530303/terminals/T 1/status", "'T 1' is no device id"),
        ("patrol/v1/530303/terminals/T-1\n/status", "is no device id"),
        ("patrol/v1/530303/terminals/+/status", "'+' is no device id"),
        ("patrol/v1/530303/terminals//status", "'' is no device id"),
        (f"patrol/v1/530303/terminals/{'T' * 65}/status", "is no device id"),
        ("patrol/v1/530303/terminals/T-1/smell", "there is no 'smell' in the contract"),
        ("patrol/v1/530303/terminals/T-1/status/now", "there is no 'status/now'"),
        ("patrol/v1/530303/terminals/T-1/commands", "there is no 'commands'"),
        ("patrol/v1/530303/terminals/T-1/commands/1", "'1' has not the form"),
        (f"patrol/v1/530303/terminals/T-1/acks/{COMMAND_ID.upper()}", "has not the form"),
        (f"patrol/v1/530303/terminals/T-1/acks/{COMMAND_ID}\n", "has not the form"),
        (f"patrol/v1/530303/terminals/T-1/acks/{COMMAND_ID}/x", "there is no"),
        (f"patrol/v1/530303/terminals/T-1/evidence/{'AB' * 32}", "has not the form"),
    ],
)
def test_a_topic_outside_the_contract_is_refused_with_its_reason(topic: str, reason: str):
    with pytest.raises(UnknownTopic) as refusal:
        topics.parse(topic)
    assert reason in refusal.value.reason
    assert refusal.value.topic == topic


def test_a_refusal_quotes_little_of_a_long_topic():
    for topic in ("x" * 60_000, f"patrol/v1/530303/terminals/{'T' * 60_000}/status"):
        with pytest.raises(UnknownTopic) as refusal:
            topics.parse(topic)
        assert len(refusal.value.reason) < 200
        assert len(str(refusal.value)) < 300


def test_a_topic_cannot_be_built_from_an_id_that_would_widen_it():
    for device_id in ("#", "+", "T-1/commands", "", "T-1\nuser hub"):
        with pytest.raises(UnknownTopic):
            topics.device("530303", Kind.TERMINAL, device_id, Leaf.STATUS)


def test_a_device_receives_its_own_commands_and_nobody_elses():
    own = topics.own_commands("530303", Kind.TERMINAL, "T-1")
    to_me = topics.device("530303", Kind.TERMINAL, "T-1", Leaf.COMMANDS, COMMAND_ID)
    to_other = topics.device("530303", Kind.TERMINAL, "T-2", Leaf.COMMANDS, COMMAND_ID)
    assert topic_matches_sub(own, to_me)
    assert not topic_matches_sub(own, to_other)


def test_a_shared_subscription_names_its_group():
    assert topics.shared("ingest", topics.every_device(Kind.TERMINAL, Leaf.ACKS)) == (
        "$share/ingest/patrol/v1/+/terminals/+/acks/+"
    )


def test_states_are_retained_and_actions_never():
    states = {Leaf.STATUS, Leaf.CONFIG_DESIRED, Leaf.CONFIG_REPORTED}
    states |= {Leaf.MODELS_DESIRED, Leaf.MODELS_REPORTED}
    for family in FAMILIES:
        assert family.retain == (family.leaf in states)


def test_only_frames_may_be_lost_on_the_way():
    assert [family.leaf for family in FAMILIES if family.qos == 0] == [Leaf.FRAMES]


def test_the_hub_receives_all_that_devices_send_but_frames():
    sent = {f.name for f in FAMILIES if f.direction is MessageDirection.UP}
    assert {family.name for family in TO_HUB} == sent - {"camera_frames"}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_family_is_found_by_its_kind_and_leaf_alone(family: Family):
    assert BY_LEAF[family.kind, family.leaf] is family
