"""Instants and days as RFC 3339 writes them. Nothing else is read: a digit string is no instant.

Pydantic alone would take `20261130` or `261130094400` for seconds since 1970.
"""

import re
from datetime import date, datetime
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from wire.limits import EARLIEST, FIRST_DAY, LAST_DAY, LATEST

INSTANT_PATTERN = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})$"
)
DAY_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_WRITTEN_SO = "must be an instant as in RFC 3339, such as 2025-08-07T15:19:04+08:00"
_DAY_WRITTEN_SO = "must be a day, such as 2025-08-07"
_INSTANT = re.compile(INSTANT_PATTERN)
_DAY = re.compile(DAY_PATTERN)


def parse_instant(text: str) -> datetime:
    """Read an instant with its offset, to the microsecond. Raises ValueError."""
    if not _INSTANT.fullmatch(text):
        raise ValueError(_WRITTEN_SO)
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError as error:
        raise ValueError(f"{_WRITTEN_SO}: {error}") from None


def _instant_from(value: object) -> object:
    return value if isinstance(value, datetime) else parse_instant(str(value))


def _day_from(value: object) -> object:
    if type(value) is not date and not (isinstance(value, str) and _DAY.fullmatch(value)):
        raise ValueError(_DAY_WRITTEN_SO)
    return value


class InstantSchema:
    """How pydantic reads an instant. From JSON all of it runs outside of Python code, for speed."""

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: Any, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        bounded = core_schema.datetime_schema(
            strict=True, tz_constraint="aware", ge=EARLIEST, lt=LATEST
        )
        text = core_schema.chain_schema(
            [
                core_schema.str_schema(strict=True, pattern=INSTANT_PATTERN, to_upper=True),
                core_schema.no_info_plain_validator_function(datetime.fromisoformat),
            ]
        )
        written_so = core_schema.custom_error_schema(
            text, "instant", custom_error_message=_WRITTEN_SO
        )
        return core_schema.json_or_python_schema(
            core_schema.chain_schema([written_so, bounded]),
            core_schema.no_info_before_validator_function(_instant_from, bounded),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "format": "date-time", "pattern": INSTANT_PATTERN}


class DaySchema:
    """How pydantic reads a day. One that date arithmetic can't go beyond is refused."""

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: Any, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        bounded = core_schema.date_schema(ge=FIRST_DAY, le=LAST_DAY)
        return core_schema.no_info_before_validator_function(_day_from, bounded)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "format": "date", "pattern": DAY_PATTERN}
