"""A real broker holds every device to its own branch of the topics, whatever it tries."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.mosquitto import Mosquitto, mosquitto
from hub.devices.broker_files import write_broker_files
from tests.contract.mqtt_client import MqttClient, password_of
from wire import topics
from wire.acl import BrokerLogin, frames_login, rights
from wire.families import FAMILIES, Family, MessageDirection
from wire.topics import Kind, Leaf

DISTRICT = "530303"
COMMAND_ID = "3f0c8a52-6f0b-4a36-9d5e-0c7a1b2d9e41"
TAILS = {
    Leaf.COMMANDS: COMMAND_ID,
    Leaf.ACKS: COMMAND_ID,
    Leaf.EVIDENCE: "0" * 64,
    Leaf.DETECTIONS: "C-001",
}
OWN = {Kind.TERMINAL: "T-0001", Kind.CAMERA: "C-001", Kind.EDGE: "E-01"}
OTHERS = {Kind.TERMINAL: "T-0002", Kind.CAMERA: "C-002", Kind.EDGE: "E-02"}
LOGINS = (
    BrokerLogin(DISTRICT, Kind.TERMINAL, "T-0001"),
    BrokerLogin(DISTRICT, Kind.TERMINAL, "T-0002"),
    BrokerLogin(DISTRICT, Kind.CAMERA, "C-001"),
    BrokerLogin(DISTRICT, Kind.CAMERA, "C-002"),
    BrokerLogin(DISTRICT, Kind.EDGE, "E-01", cameras=("C-001",)),
    BrokerLogin(DISTRICT, Kind.EDGE, "E-02", cameras=("C-002",)),
)
GROUP = "a-secret-group"
GRANTED, REFUSED = "Granted QoS 1", "Not authorized"
TELEMETRY = topics.every_device(Kind.TERMINAL, Leaf.TELEMETRY)
T_0001 = f"{topics.PREFIX}/{DISTRICT}/terminals/T-0001"
T_0002 = f"{topics.PREFIX}/{DISTRICT}/terminals/T-0002"

Connect = Callable[..., MqttClient]


def topic_of(family: Family, names: dict[Kind, str]) -> str:
    tail = TAILS.get(family.leaf, "")
    return topics.device(DISTRICT, family.kind, names[family.kind], family.leaf, tail)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    passwords = {login.device_id: password_of(login.device_id) for login in LOGINS}
    write_broker_files(tmp_path, LOGINS, passwords, ("hub", password_of("hub")))
    with mosquitto(tmp_path) as running:
        yield running


@pytest.fixture
def connect(broker: Mosquitto) -> Iterator[Connect]:
    """Devices at their listener, the hub at its own, unless a test says otherwise."""
    made: list[MqttClient] = []

    def connected(
        name: str, client_id: str | None = None, port: int | None = None, **more: bool
    ) -> MqttClient:
        usual = broker.port if name == "hub" else broker.device_port
        password = password_of(name.removesuffix(".frames"))
        made.append(MqttClient(port or usual, name, client_id, password=password, **more))
        return made[-1]

    yield connected
    for each in made:
        each.close()


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_message_goes_the_way_that_its_family_says(family: Family, connect: Connect):
    hub, device = connect("hub", "hub-1"), connect(OWN[family.kind])
    own, foreign = topic_of(family, OWN), topic_of(family, OTHERS)
    assert hub.subscribe(f"{topics.PREFIX}/#") == GRANTED
    assert device.publish(foreign) == REFUSED
    assert device.subscribe(foreign) == REFUSED
    if family.direction is MessageDirection.UP:
        assert device.publish(own) == "Success"
        assert device.subscribe(own) == REFUSED
    else:
        assert device.publish(own) == REFUSED
        assert device.subscribe(own.replace(COMMAND_ID, "+")) == GRANTED
        hub.publish(foreign)
        hub.publish(own)
        assert device.heard(1) == [own]
    assert hub.heard(1) == [own if family.direction is MessageDirection.UP else foreign]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_no_family_can_be_shared_out_by_a_device(family: Family, connect: Connect):
    device = connect(OWN[family.kind])
    for filters in (
        topics.every_device(family.kind, family.leaf),
        topic_of(family, OWN),
        topic_of(family, OTHERS),
    ):
        for group in (GROUP, "ingest", "other"):
            assert device.subscribe(topics.shared(group, filters)) == REFUSED


@pytest.mark.parametrize(
    "wanted",
    [
        "#",
        "+",
        "+/#",
        "$SYS/#",
        "$CONTROL/#",
        "$CONTROL/dynamic-security/v1",
        f"{topics.PREFIX}/#",
        f"{topics.PREFIX}/{DISTRICT}/#",
        f"{topics.PREFIX}/{DISTRICT}/terminals/+/commands/+",
        f"{topics.PREFIX}/+/terminals/T-0001/commands/+",
        f"{T_0002}/#",
        f"{T_0002}/commands/+",
        f"{T_0001}/+",
        f"{T_0001}/commands/{COMMAND_ID}",
        f"{topics.PREFIX}/{DISTRICT}/cameras/C-001/frames",
        f"{topics.PREFIX}/{DISTRICT}/partners/cases/+",
    ],
)
def test_a_terminal_cannot_subscribe_to_what_is_not_its_own(wanted: str, connect: Connect):
    assert connect("T-0001").subscribe(wanted) == REFUSED


def test_a_terminal_that_tries_the_hubs_share_group_costs_others_no_message(connect: Connect):
    hub, thief, honest = connect("hub", "hub-1"), connect("T-0001"), connect("T-0002")
    shared = topics.shared(GROUP, TELEMETRY)
    assert hub.subscribe(shared) == GRANTED
    assert thief.subscribe(shared) == REFUSED
    sent = [b"%d" % number for number in range(50)]
    for payload in sent:
        assert honest.publish(f"{T_0002}/telemetry", payload) == "Success"
    thief.close()
    honest.publish(f"{T_0002}/telemetry", b"last")
    hub.heard(len(sent) + 1)
    assert hub.payloads == [*sent, b"last"]


def test_every_granted_filter_of_a_device_is_taken_and_brings_its_own_alone(connect: Connect):
    hub = connect("hub", "hub-1")
    granted = rights(LOGINS, "hub")
    for name in ("T-0001", "C-001", "E-01", frames_login("E-01")):
        device = connect(name)
        assert {device.subscribe(each) for each in granted[name].subscribe} == {GRANTED}
    terminal = connect("T-0001")
    terminal.subscribe(f"{T_0001}/#")
    for topic in (f"{T_0001}/telemetry", f"{T_0001}/status", f"{T_0001}/config/desired"):
        hub.publish(topic)
    assert terminal.heard(1) == [f"{T_0001}/config/desired"]


def test_a_terminal_cannot_publish_to_the_brokers_own_topics_nor_elsewhere(connect: Connect):
    hub, terminal = connect("hub", "hub-1"), connect("T-0001")
    hub.subscribe(f"{topics.PREFIX}/#")
    for forbidden in (
        "$CONTROL/dynamic-security/v1",
        "anything",
        f"{T_0001}/unknown",
        f"{T_0001}/telemetry/more",
        topics.hub_status(DISTRICT),
        topics.device("530302", Kind.TERMINAL, "T-0001", Leaf.TELEMETRY),
    ):
        assert terminal.publish(forbidden) == REFUSED
    terminal.publish(f"{T_0001}/telemetry")
    assert hub.heard(1) == [f"{T_0001}/telemetry"]


def test_frames_come_by_the_nodes_second_login_beside_its_first(connect: Connect):
    node, frames = connect("E-01"), connect(frames_login("E-01"))
    seen, unseen = (topic_of(family, names) for names in (OWN, OTHERS) for family in FRAMES)
    assert frames.subscribe(seen) == GRANTED
    assert frames.subscribe(unseen) == REFUSED
    assert frames.publish(f"{topics.PREFIX}/{DISTRICT}/edges/E-01/status") == REFUSED
    for camera, topic in (("C-002", unseen), ("C-001", seen)):
        connect(camera).publish(topic)
    assert frames.heard(1) == [seen]
    assert node.lost.empty()


FRAMES = [family for family in FAMILIES if family.leaf is Leaf.FRAMES]


@pytest.mark.parametrize("client_id", ["T-0001", "hub-1", "new"])
def test_a_device_cannot_log_in_where_the_hub_does(
    client_id: str, broker: Mosquitto, connect: Connect
):
    hub = connect("hub", "hub-1")
    assert connect("T-0001", client_id, broker.port).login == REFUSED
    assert hub.subscribe(f"{topics.PREFIX}/#") == GRANTED
    assert hub.lost.empty()


def test_a_device_under_the_hubs_client_id_does_not_cut_the_hub_off(connect: Connect):
    hub = connect("hub", "hub-ingest-1")
    assert connect("T-0001", "hub-ingest-1").login == "Success"
    assert hub.subscribe(f"{topics.PREFIX}/#") == GRANTED
    assert hub.lost.empty()


def test_the_hubs_login_is_unknown_where_devices_log_in(broker: Mosquitto, connect: Connect):
    assert connect("hub", "hub-1", broker.device_port).login == REFUSED


def test_a_device_cannot_cut_another_off_by_taking_its_client_id(connect: Connect):
    victim, thief = connect("T-0001"), connect("T-0002", "T-0001")
    assert victim.subscribe(f"{T_0001}/commands/+") == GRANTED
    assert thief.subscribe(f"{T_0002}/commands/+") == GRANTED
    assert victim.lost.empty()


def test_what_waits_for_a_device_outlasts_a_restart_of_the_broker(
    broker: Mosquitto, connect: Connect
):
    hub = connect("hub", "hub-1")
    hub.publish(f"{T_0001}/config/desired", b"kept", retain=True)
    connect("T-0002").publish(f"{T_0002}/status", b"born", retain=True)
    broker.stop()
    broker.start()
    terminal, hub = connect("T-0001"), connect("hub", "hub-1")
    terminal.subscribe(f"{T_0001}/config/desired")
    assert terminal.heard(1) == [f"{T_0001}/config/desired"]
    hub.subscribe(f"{T_0002}/status")
    assert hub.heard(1) == [f"{T_0002}/status"]


def test_commands_wait_for_a_device_before_and_after_a_restart_of_the_broker(
    broker: Mosquitto, connect: Connect
):
    terminal = connect("T-0001", keeps_session=True)
    terminal.subscribe(f"{T_0001}/commands/+")
    terminal.close()
    connect("hub", "hub-1").publish(f"{T_0001}/commands/{COMMAND_ID}")
    broker.stop()
    broker.start()
    connect("hub", "hub-2").publish(f"{T_0001}/commands/{COMMAND_ID[:-1]}2")
    again = connect("T-0001", keeps_session=True)
    assert again.heard(2) == [f"{T_0001}/commands/{COMMAND_ID[:-1]}{end}" for end in "12"]
