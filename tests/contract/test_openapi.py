"""The committed description of the API is the one that the code gives."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hub.web.app import openapi_text
from wire.instants import DAY_PATTERN, INSTANT_PATTERN

COMMITTED = Path(__file__).parents[2] / "hub" / "web" / "openapi.json"


def test_the_committed_description_is_the_present_one() -> None:
    written = COMMITTED.read_text("utf-8")
    assert written == openapi_text(), "run: python -m hub openapi > hub/web/openapi.json"


def test_every_operation_has_a_name_of_its_own_a_tag_and_its_problems() -> None:
    described = json.loads(openapi_text())
    tags = {tag["name"] for tag in described["tags"]}
    operations = [each for path in described["paths"].values() for each in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    for operation in operations:
        assert set(operation["tags"]) <= tags
        assert "application/problem+json" in operation["responses"]["default"]["content"]
        for status, response in operation["responses"].items():
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"]


def test_no_schema_carries_the_name_of_a_module() -> None:
    schemas = json.loads(openapi_text())["components"]["schemas"]
    assert [name for name in schemas if "__" in name or "-" in name] == []


def test_every_instant_and_day_that_is_sent_to_the_api_must_be_as_rfc_3339_writes_it() -> None:
    described = json.loads(openapi_text())
    schemas = described["components"]["schemas"]
    patterns = {"date-time": INSTANT_PATTERN, "date": DAY_PATTERN}
    operations = [each for path in described["paths"].values() for each in path.values()]
    sent = [each.get(part) for each in operations for part in ("parameters", "requestBody")]
    times = [
        part for each in sent for part in _parts(each, schemas) if part.get("format") in patterns
    ]
    assert len(times) >= 10
    for each in times:
        assert each.get("pattern") == patterns[each["format"]], each


def _parts(node: Any, schemas: dict[str, Any], seen: frozenset[str] = frozenset()) -> Iterator[Any]:
    """All objects of a description, with the schemas that they refer to."""
    if isinstance(node, dict):
        yield node
        name = str(node.get("$ref", "")).rpartition("/")[2]
        if name in schemas and name not in seen:
            yield from _parts(schemas[name], schemas, seen | {name})
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for each in inner:
        yield from _parts(each, schemas, seen)
