"""With the hub's key, a node follows only what the hub has signed for it."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.remote.desired import DesiredReader
from hub.devices.desired_signing import DesiredSigner
from wire.messages import DesiredModel, DeviceConfig

KEY = Ed25519PrivateKey.generate()
SIGNER = DesiredSigner(KEY)
READER = DesiredReader(KEY.public_key())
CONFIG_TOPIC = "patrol/v1/530303/edges/E-01/config/desired"
OTHERS_TOPIC = CONFIG_TOPIC.replace("E-01", "E-02")
MODEL_TOPIC = "patrol/v1/530303/edges/E-01/models/desired"
CONFIG = DeviceConfig(
    version=3, settings={"name": "路口", "ratio": 1e-7, "deep": {"b": [1, 2.0, None], "a": True}}
)
MODEL = DesiredModel(
    version=2,
    name="street",
    model_version="1.0",
    url="https://models.example/x.tar",
    sha256="0" * 64,
    signature="of the maker",
)


def sent(desired: DeviceConfig | DesiredModel) -> bytes:
    """As the outbox publishes it."""
    return desired.model_dump_json(by_alias=True, exclude_none=True).encode()


def test_what_the_hub_has_signed_is_followed():
    config = READER.config(CONFIG_TOPIC, sent(SIGNER.signed(CONFIG_TOPIC, CONFIG)))
    model = READER.model(MODEL_TOPIC, sent(SIGNER.signed(MODEL_TOPIC, MODEL)))
    assert config is not None
    assert model is not None
    assert (config.objection, model.objection) == (None, None)


def test_blanks_order_and_fields_of_a_newer_hub_do_not_matter():
    body = json.loads(sent(CONFIG)) | {"of_a_newer_hub": 1}
    newer = json.dumps(dict(reversed(body.items())), indent=2)

    class Newer(DeviceConfig):
        of_a_newer_hub: int = 1

    signature = SIGNER.signed(CONFIG_TOPIC, Newer(**CONFIG.model_dump())).hub_signature
    payload = json.dumps(json.loads(newer) | {"hub_signature": signature}).encode()
    found = READER.config(CONFIG_TOPIC, payload)
    assert found is not None
    assert found.objection is None


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        (CONFIG_TOPIC, sent(CONFIG)),
        (OTHERS_TOPIC, sent(SIGNER.signed(CONFIG_TOPIC, CONFIG))),
        (
            CONFIG_TOPIC,
            sent(SIGNER.signed(CONFIG_TOPIC, CONFIG).model_copy(update={"version": 9})),
        ),
        (
            CONFIG_TOPIC,
            sent(SIGNER.signed(CONFIG_TOPIC, CONFIG).model_copy(update={"settings": {}})),
        ),
        (
            CONFIG_TOPIC,
            sent(DesiredSigner(Ed25519PrivateKey.generate()).signed(CONFIG_TOPIC, CONFIG)),
        ),
        (CONFIG_TOPIC, sent(CONFIG.model_copy(update={"hub_signature": "no base64"}))),
    ],
    ids=[
        "unsigned",
        "for another node",
        "another version",
        "other settings",
        "another key",
        "none",
    ],
)
def test_everything_else_meets_an_objection(topic: str, payload: bytes):
    found = READER.config(topic, payload)
    assert found is not None
    assert found.objection is not None


def test_a_model_from_elsewhere_meets_an_objection():
    signed = SIGNER.signed(MODEL_TOPIC, MODEL)
    elsewhere = signed.model_copy(update={"url": "https://elsewhere.example/x.tar"})
    found = READER.model(MODEL_TOPIC, sent(elsewhere))
    assert found is not None
    assert found.objection is not None


def test_without_a_key_the_topic_is_believed():
    found = DesiredReader().config(CONFIG_TOPIC, sent(CONFIG))
    assert found is not None
    assert found.objection is None
