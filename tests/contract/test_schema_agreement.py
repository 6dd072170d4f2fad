"""Schemas and models say the same: what a schema allows is taken, and survives a round trip."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from wire import topics
from wire.decode import Malformed, decode
from wire.families import FAMILIES, Family
from wire.schemas import schema_of
from wire.topics import Address, DeviceId, Leaf

COMMAND_ID = "3f0c8a52-6f0b-4a36-9d5e-0c7a1b2d9e41"
TAILS = {Leaf.COMMANDS: COMMAND_ID, Leaf.ACKS: COMMAND_ID, Leaf.DETECTIONS: "C-001"}
BEYOND_SCHEMA = ("expires_at must be later", "NUL character")
"""What no JSON Schema can say."""

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.builds(
    lambda instant, offset: instant.replace(tzinfo=UTC).astimezone(offset).isoformat(),
    st.datetimes(datetime(1970, 1, 2), datetime(2199, 12, 30)),
    OFFSETS,
)
CHARACTERS = st.characters(codec="utf-8")
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(CHARACTERS), inner, max_size=3),
    max_leaves=6,
)


def allowed(schema: dict[str, Any], defs: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that the schema allows; only for the keywords that our schemas use."""
    if "$ref" in schema:
        return allowed(defs[schema["$ref"].removeprefix("#/$defs/")], defs)
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return st.one_of([allowed(part, defs) for part in schema[union]])
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "type" not in schema:
        return ANY_JSON
    return {
        "null": lambda _: st.none(),
        "string": text,
        "integer": lambda s: st.integers(s.get("minimum"), s.get("maximum")),
        "number": number,
        "array": lambda s: array(s, defs),
        "object": lambda s: record(s, defs),
    }[schema["type"]](schema)


def text(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    if schema.get("format") == "date-time":
        return INSTANTS
    longest = schema.get("maxLength", 100)
    if schema["pattern"] == r"^[^\x00]*$":
        alphabet = st.characters(codec="utf-8", exclude_characters="\0")
        return st.text(alphabet, min_size=schema.get("minLength", 0), max_size=min(longest, 40))
    matching = st.from_regex(schema["pattern"], fullmatch=True)
    return matching.filter(lambda value: len(value) <= longest)


def number(schema: dict[str, Any]) -> st.SearchStrategy[float]:
    return st.floats(
        schema.get("minimum", schema.get("exclusiveMinimum")),
        schema.get("maximum", schema.get("exclusiveMaximum")),
        exclude_min="exclusiveMinimum" in schema,
        exclude_max="exclusiveMaximum" in schema,
        allow_nan=False,
        allow_infinity=False,
    )


def array(schema: dict[str, Any], defs: dict[str, Any]) -> st.SearchStrategy[list[Any]]:
    longest = min(schema.get("maxItems", 3), 3)
    unique = schema.get("uniqueItems", False)
    items = allowed(schema["items"], defs)
    return st.lists(items, min_size=schema.get("minItems", 0), max_size=longest, unique=unique)


def record(schema: dict[str, Any], defs: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    if "patternProperties" in schema:
        ((pattern, value),) = schema["patternProperties"].items()
        keys = st.from_regex(pattern, fullmatch=True).filter(lambda key: len(key) <= 64)
        return st.dictionaries(keys, allowed(value, defs), max_size=3)
    if "properties" not in schema:
        return st.dictionaries(st.text(CHARACTERS, max_size=8), ANY_JSON, max_size=3)
    fields = {name: allowed(part, defs) for name, part in schema["properties"].items()}
    required = {name: fields.pop(name) for name in schema.get("required", ())}
    return st.fixed_dictionaries(required, optional=fields)


def address_of(family: Family) -> Address:
    tail = TAILS.get(family.leaf, "")
    return topics.parse(str(Address("530303", family.kind, DeviceId("X-1"), family.leaf, tail)))


@pytest.mark.parametrize(
    "family", [f for f in FAMILIES if f.payload is not None], ids=lambda family: family.name
)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_the_schema_allows_is_decoded_and_survives_a_round_trip(
    family: Family, data: st.DataObject
):
    schema = schema_of(family.name)
    document = data.draw(allowed(schema, schema.get("$defs", {})))
    if family.leaf in {Leaf.COMMANDS, Leaf.ACKS}:
        document["command_id"] = COMMAND_ID
    if "expires_at" in document:
        instants = (document["issued_at"], document["expires_at"])
        document["issued_at"], document["expires_at"] = sorted(instants, key=datetime.fromisoformat)
    address = address_of(family)
    try:
        message = decode(address, json.dumps(document).encode())
    except Malformed as refusal:
        assert any(reason in refusal.reason for reason in BEYOND_SCHEMA), refusal  # noqa: PT017
        reject()
    assert family.payload is not None
    again = family.payload.dump_json(message, by_alias=True)
    assert decode(address, again) == message
