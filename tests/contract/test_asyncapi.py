"""The AsyncAPI document is whole: it resolves, and says of each family what the table says."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from wire import topics
from wire.families import FAMILIES, Family, MessageDirection
from wire.generate import ASYNCAPI, ASYNCAPI_DEVICE

DOCUMENT: dict[str, Any] = yaml.safe_load(ASYNCAPI.read_text("utf-8"))
FILLED = {
    "{district}": "530303",
    "{device_id}": "X-1",
    "{command_id}": "3f0c8a52-6f0b-4a36-9d5e-0c7a1b2d9e41",
    "{sha256}": "ab" * 32,
    "{camera_id}": "C-001",
}


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def test_every_reference_leads_somewhere():
    for reference in references(DOCUMENT):
        if reference.startswith("#/"):
            node = DOCUMENT
            for step in reference.removeprefix("#/").split("/"):
                node = node[step]
        else:
            assert (ASYNCAPI.parent / reference).is_file()


def test_every_channel_names_the_parameters_of_its_address():
    for channel in DOCUMENT["channels"].values():
        levels = [level for level in channel["address"].split("/") if level.startswith("{")]
        assert levels == [f"{{{name}}}" for name in channel.get("parameters", {})]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_family_has_its_channel_operation_and_message(family: Family):
    address = DOCUMENT["channels"][family.name]["address"]
    for name, value in FILLED.items():
        address = address.replace(name, value)
    parsed = topics.parse(address)
    assert (parsed.kind, parsed.leaf) == (family.kind, family.leaf)

    action = "receive" if family.direction is MessageDirection.UP else "send"
    operation = DOCUMENT["operations"][f"{action}_{family.name}"]
    assert operation["action"] == action
    binding = operation["bindings"]["mqtt"]
    assert (binding["qos"], binding["retain"]) == (family.qos, family.retain)

    content = DOCUMENT["components"]["messages"][family.name]["contentType"]
    assert content == ("image/jpeg" if family.payload is None else "application/json")


def test_nothing_is_described_that_the_contract_does_not_have():
    names = {family.name for family in FAMILIES} | {"hub_status", "partner_case"}
    assert set(DOCUMENT["channels"]) == names
    assert set(DOCUMENT["components"]["messages"]) == names
    assert len(DOCUMENT["operations"]) == len(names)


def test_the_device_sees_the_same_from_the_other_side():
    device = yaml.safe_load(ASYNCAPI_DEVICE.read_text("utf-8"))
    ours = {name: each["action"] for name, each in DOCUMENT["operations"].items()}
    theirs = {name: each["action"] for name, each in device["operations"].items()}
    turned = {"send": "receive", "receive": "send"}
    for family in FAMILIES:
        (mine,) = [ours[f"{a}_{family.name}"] for a in turned if f"{a}_{family.name}" in ours]
        assert theirs[f"{turned[mine]}_{family.name}"] == turned[mine]
    assert "partner_case" not in device["channels"]


@pytest.mark.parametrize("kind", ["terminal", "camera", "edge"])
def test_a_server_says_how_a_device_logs_in_and_what_its_last_will_is(kind: str):
    server = DOCUMENT["servers"][kind]
    assert server["security"] == [{"$ref": "#/components/securitySchemes/device_login"}]
    binding = server["bindings"]["mqtt"]
    assert (binding["cleanSession"], binding["keepAlive"]) == (False, 30)
    will = binding["lastWill"]
    assert will["topic"] == DOCUMENT["channels"][f"{kind}_status"]["address"]
    assert (will["qos"], will["retain"]) == (1, True)
