"""The examples and figures in docs/wire.md are true."""

import re

import pytest

from wire import limits, topics
from wire.decode import decode
from wire.families import BY_LEAF
from wire.generate import GUIDE
from wire.messages import AckState, CommandType

TEXT = GUIDE.read_text("utf-8")
EXAMPLES = re.findall(r"^```mqtt\n(\S+)  (.+?)\n(.+?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_the_guide_has_examples():
    assert len(EXAMPLES) == TEXT.count("```mqtt") >= 10


@pytest.mark.parametrize(("topic", "delivery", "payload"), EXAMPLES)
def test_an_example_in_the_guide_is_valid_and_states_its_delivery(
    topic: str, delivery: str, payload: str
):
    address = topics.parse(topic)
    decode(address, payload.encode())
    family = BY_LEAF[address.kind, address.leaf]
    assert delivery == f"QoS {family.qos}" + (", retained" if family.retain else "")


@pytest.mark.parametrize(
    "figure",
    [
        limits.MAX_JSON_BYTES,
        limits.MAX_SAMPLES,
        limits.MAX_JPEG_BYTES,
        limits.MAX_JPEG_PIXELS,
        limits.MAX_TEXT,
        limits.MAX_INTEGER,
        int(limits.CLOCK_AHEAD_S),
        int(limits.SENT_AGAIN_S),
    ],
)
def test_the_guide_states_every_limit(figure: int):
    section = TEXT.split("## Limits")[1].split("\n## ")[0]
    assert re.search(rf"(?<![\d,]){figure:,}(?![\d,])", section)


@pytest.mark.parametrize("word", [*CommandType, *AckState])
def test_the_guide_names_every_command_and_answer(word: str):
    assert f"`{word}`" in TEXT
