"""The committed description of the API is the one that the code gives."""

import json
from pathlib import Path

from hub.web.app import openapi_text

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
