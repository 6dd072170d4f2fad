"""JSON Schema of every JSON family, from the message models."""

import json
from collections import defaultdict
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from wire.command_times import in_words
from wire.families import FAMILIES, HUB_STATUS, PARTNER_CASE
from wire.messages.commands import ORDERS

ADAPTERS: dict[str, TypeAdapter[Any]] = {
    **{family.name: family.payload for family in FAMILIES if family.payload is not None},
    "hub_status": HUB_STATUS,
    "partner_case": PARTNER_CASE,
}
"""By family name. JPEG families have no schema."""


class _PlainJsonSchema(GenerateJsonSchema):
    """JSON Schema 2020-12 without OpenAPI's `discriminator` and without titles that say nothing."""

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        union = super().tagged_union_schema(schema)
        union.pop("discriminator", None)
        return union

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        mapping = super().dict_schema(schema)
        if "patternProperties" in mapping:
            mapping["additionalProperties"] = False
        return mapping

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


def schema_of(name: str) -> dict[str, Any]:
    """Return the schema of one family's payload."""
    body = ADAPTERS[name].json_schema(schema_generator=_PlainJsonSchema)
    if name.endswith("_commands"):
        _describe_times(body["$defs"])
    head = {"$schema": GenerateJsonSchema.schema_dialect, "$id": f"{name}.json"}
    return {**head, **body}


def _describe_times(defs: dict[str, Any]) -> None:
    """Give each order of a schema the times of its types."""
    told: defaultdict[str, list[str]] = defaultdict(list)
    for type_, order in ORDERS.items():
        told[order.__name__].append(in_words(type_))
    for name, sentences in told.items():
        if name in defs:
            defs[name]["description"] = " ".join(sentences)


def schema_files() -> dict[str, str]:
    """Return file names and texts, as they are committed."""
    return {
        f"{name}.json": json.dumps(schema_of(name), ensure_ascii=False, indent=2) + "\n"
        for name in ADAPTERS
    }
