import pytest

from wire.acl import BrokerLogin, NameTaken, access_list
from wire.topics import Kind, UnknownTopic

TERMINAL = BrokerLogin("530303", Kind.TERMINAL, "T-0001")
EDGE = BrokerLogin("530303", Kind.EDGE, "E-01", cameras=("C-001",))


def rights(text: str, user: str) -> set[str]:
    sections = text.split("user ")
    (own,) = [section for section in sections if section.startswith(f"{user}\n")]
    return {line.removeprefix("topic ") for line in own.splitlines() if line.startswith("topic ")}


def test_a_terminal_writes_to_its_own_branch_and_reads_what_is_meant_for_it():
    root = "patrol/v1/530303/terminals/T-0001"
    assert rights(access_list([TERMINAL], "hub"), "T-0001") == {
        f"write {root}/status",
        f"write {root}/telemetry",
        f"write {root}/backlog",
        f"write {root}/events",
        f"read {root}/commands/+",
        f"write {root}/acks/+",
        f"write {root}/evidence/+",
        f"read {root}/config/desired",
        f"write {root}/config/reported",
        "read patrol/v1/530303/hub/status",
    }


def test_an_edge_node_reads_the_frames_of_its_own_cameras_only():
    reads = {right for right in rights(access_list([EDGE], "hub"), "E-01") if "frames" in right}
    assert reads == {"read patrol/v1/530303/cameras/C-001/frames"}


def test_no_device_holds_a_topic_of_another():
    text = access_list([TERMINAL, BrokerLogin("530303", Kind.TERMINAL, "T-0002"), EDGE], "hub")
    shared = {"read patrol/v1/530303/hub/status"}
    for right in rights(text, "T-0002") - shared:
        assert "/T-0002/" in right
        assert "#" not in right
    assert rights(text, "T-0001") & rights(text, "T-0002") == shared


def test_the_hub_holds_the_whole_tree():
    assert rights(access_list([TERMINAL], "hub"), "hub") == {"readwrite patrol/v1/#"}


@pytest.mark.parametrize("device_id", ["+", "#", "T-1\nuser hub", "T-1/x", ""])
def test_an_id_that_would_widen_the_list_is_refused(device_id: str):
    with pytest.raises(UnknownTopic):
        access_list([BrokerLogin("530303", Kind.TERMINAL, device_id)], "hub")


def test_a_camera_id_that_would_widen_the_list_is_refused():
    with pytest.raises(UnknownTopic):
        access_list([BrokerLogin("530303", Kind.EDGE, "E-01", cameras=("+",))], "hub")


def test_a_device_cannot_take_the_hubs_name_or_anothers():
    with pytest.raises(NameTaken):
        access_list([BrokerLogin("530303", Kind.TERMINAL, "hub")], "hub")
    with pytest.raises(NameTaken):
        access_list([TERMINAL, BrokerLogin("530303", Kind.CAMERA, "T-0001")], "hub")
