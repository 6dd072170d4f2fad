"""Measured values of devices, with the numbers by which many devices say that they do not know."""

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


@dataclass(frozen=True)
class MeasuredSchema:
    """A number from `least` to `most`, or None: null, or one of the numbers that mean "unknown"."""

    least: float
    most: float
    unknown: tuple[int, ...]

    def __get_pydantic_core_schema__(
        self, _source: Any, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        known = core_schema.float_schema(ge=self.least, le=self.most, allow_inf_nan=False)
        unknown = core_schema.chain_schema(
            [
                core_schema.literal_schema([*self.unknown]),
                core_schema.no_info_plain_validator_function(_nothing),
            ]
        )
        numbers = " or ".join(map(str, self.unknown))
        return core_schema.union_schema(
            [core_schema.nullable_schema(known), unknown],
            mode="left_to_right",
            custom_error_type="measured",
            custom_error_message=(
                f"must be a number from {self.least:g} to {self.most:g}, or {numbers} if unknown"
            ),
        )

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        known = {"type": "number", "minimum": self.least, "maximum": self.most}
        unknown = {"enum": [*self.unknown], "description": "unknown"}
        return {"anyOf": [known, unknown, {"type": "null"}]}


def _nothing(_number: object) -> None:
    return None
