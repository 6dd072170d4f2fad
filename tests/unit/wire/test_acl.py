import pytest

from wire.acl import (
    HUB_CLIENT_PREFIX,
    BrokerLogin,
    NameTaken,
    frames_login,
    may_be_retained,
    rights,
)
from wire.families import FAMILIES
from wire.topics import Kind, UnknownTopic

TERMINAL = BrokerLogin("530303", Kind.TERMINAL, "T-0001")
EDGE = BrokerLogin("530303", Kind.EDGE, "E-01", cameras=("C-001",))
ROOT = "patrol/v1/530303"
MOST_SUBSCRIPTIONS = 12


def test_a_terminal_publishes_on_its_own_branch_and_receives_what_is_meant_for_it():
    own = rights([TERMINAL], "hub")["T-0001"]
    branch = f"{ROOT}/terminals/T-0001"
    leaves = "status", "telemetry", "backlog", "events", "acks/+", "evidence/+", "config/reported"
    assert set(own.publish) == {f"{branch}/{leaf}" for leaf in leaves}
    received = {f"{branch}/commands/+", f"{branch}/config/desired", f"{ROOT}/hub/status"}
    assert received <= set(own.receive)
    assert {*own.receive, f"{branch}/commands/#", f"{branch}/#"} == set(own.subscribe)


def test_an_edge_node_receives_frames_of_its_own_cameras_by_a_login_of_its_own():
    granted = rights([EDGE], "hub")
    frames = (f"{ROOT}/cameras/C-001/frames",)
    second = granted[frames_login("E-01")]
    assert (second.publish, second.receive, second.subscribe) == ((), frames, frames)
    assert not any("cameras" in each for each in granted["E-01"].subscribe)


def test_no_device_holds_a_topic_of_another():
    granted = rights([TERMINAL, BrokerLogin("530303", Kind.TERMINAL, "T-0002"), EDGE], "hub")
    other = granted["T-0002"]
    for topic in {*other.publish, *other.receive, *other.subscribe} - {f"{ROOT}/hub/status"}:
        assert topic.startswith(f"{ROOT}/terminals/T-0002/")


@pytest.mark.parametrize("kind", Kind)
def test_the_filters_of_a_device_are_few_and_share_nothing(kind: Kind):
    own = rights([BrokerLogin("530303", kind, "D-1")], "hub")["D-1"]
    assert len(own.subscribe) <= MOST_SUBSCRIPTIONS
    assert not any(each.startswith("$") for each in own.subscribe)


@pytest.mark.parametrize("device_id", ["+", "#", "T-1\nuser hub", "T-1/x", "E-01.frames", ""])
def test_an_id_that_would_widen_the_rights_is_refused(device_id: str):
    with pytest.raises(UnknownTopic):
        rights([BrokerLogin("530303", Kind.TERMINAL, device_id)], "hub")


def test_a_camera_id_that_would_widen_the_rights_is_refused():
    with pytest.raises(UnknownTopic):
        rights([BrokerLogin("530303", Kind.EDGE, "E-01", cameras=("+",))], "hub")


@pytest.mark.parametrize("name", ["centre", f"{HUB_CLIENT_PREFIX}ingest-1"])
def test_a_device_cannot_take_the_name_of_the_hub_or_of_one_of_its_processes(name: str):
    with pytest.raises(NameTaken):
        rights([BrokerLogin("530303", Kind.TERMINAL, name)], "centre")


def test_a_device_cannot_take_the_name_of_another():
    with pytest.raises(NameTaken):
        rights([TERMINAL, BrokerLogin("530303", Kind.CAMERA, "T-0001")], "hub")


def test_the_broker_may_keep_states_alone():
    kept = {family.name for family in FAMILIES if family.retain}
    tails = {"commands": f"/{'0' * 8}-0000-4000-8000-{'0' * 12}", "evidence": "/" + "0" * 64}
    tails |= {"acks": tails["commands"], "detections": "/C-1"}
    for family in FAMILIES:
        topic = f"{ROOT}/{family.kind}/D-1/{family.leaf}{tails.get(family.leaf, '')}"
        assert may_be_retained(topic) == (family.name in kept)
    assert not may_be_retained(f"{ROOT}/terminals/D-1/anything")
