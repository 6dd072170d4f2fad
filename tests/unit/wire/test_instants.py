"""Instants are what RFC 3339 says, in JSON, in Python and in schemas; nothing else is guessed."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError

from wire.instants import parse_instant
from wire.messages.base import Day, Instant

INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)
DAY: TypeAdapter[date] = TypeAdapter(Day)
AT = datetime(2026, 11, 30, 1, 44, tzinfo=UTC)

TAKEN = {
    "2026-11-30T09:44:00+08:00": AT,
    "2026-11-30T01:44:00Z": AT,
    "2026-11-30t01:44:00z": AT,
    "2026-11-30T01:44:00-00:00": AT,
    "2026-11-30T01:44:00.5Z": AT + timedelta(seconds=0.5),
    "2026-11-30T01:44:00.123456789Z": AT + timedelta(microseconds=123456),
    "1970-01-01T00:00:00Z": datetime(1970, 1, 1, tzinfo=UTC),
}
REFUSED = (
    "261130094400",
    "20261130",
    "20261130094400",
    "1764480000",
    "1764480000000",
    "1764480000.5",
    "-1",
    "2026-11-30",
    "2026-11-30T09:44",
    "2026-11-30T09:44Z",
    "2026-11-30T09:44:00",
    "2026-11-30 09:44:00Z",
    "2026-11-30_09:44:00Z",
    "2026-11-30T09:44:00,5Z",
    "2026-11-30T09:44:00+0800",
    "2026-11-30T09:44:00+08",
    "2026-11-30T09:44:00 +08:00",
    "20261130T094400Z",
    "2026-W49-1T09:44:00Z",
    "2026-334T09:44:00Z",
    "2026-02-29T09:44:00Z",
    "2026-11-30T24:00:00Z",
    "2026-11-30T09:60:00Z",
    "2026-11-30T09:44:00+24:00",
    "26-11-30T09:44:00Z",
    "+2026-11-30T09:44:00Z",
    " 2026-11-30T09:44:00Z",
    "2026-11-30T09:44:00Z\n",
    "２０２６-11-30T09:44:00Z",
    "2026-11-30T09:44:00Z[Asia/Shanghai]",
    "Mon, 30 Nov 2026 09:44:00 GMT",
    "1969-12-31T23:59:59Z",
    "2200-01-01T00:00:00Z",
    "now",
    "",
    1764480000,
    1764480000.5,
    1764480000000,
    True,
    None,
    [],
)


def schema_allows(adapter: TypeAdapter[Any], value: object) -> bool:
    return Draft202012Validator(adapter.json_schema()).is_valid(value)


@pytest.mark.parametrize(("text", "instant"), TAKEN.items())
def test_an_instant_as_rfc_3339_writes_it_is_read(text: str, instant: datetime) -> None:
    for strict in (True, False):
        assert INSTANT.validate_json(json.dumps(text), strict=strict) == instant
        assert INSTANT.validate_python(text, strict=strict) == instant
    assert parse_instant(text) == instant
    assert schema_allows(INSTANT, text)


@pytest.mark.parametrize("value", REFUSED, ids=repr)
def test_anything_else_is_refused_whoever_reads_it_and_however_leniently(value: object) -> None:
    for strict in (True, False):
        with pytest.raises(ValidationError):
            INSTANT.validate_json(json.dumps(value), strict=strict)
        with pytest.raises(ValidationError):
            INSTANT.validate_python(value, strict=strict)


@pytest.mark.parametrize(
    "text", [each for each in REFUSED if isinstance(each, str) and len(each) < 19]
)
def test_a_shorter_text_is_refused_by_the_schema_too(text: str) -> None:
    assert not schema_allows(INSTANT, text)
    with pytest.raises(ValueError, match="RFC 3339"):
        parse_instant(text)


def test_a_refusal_shows_what_is_right() -> None:
    with pytest.raises(ValidationError, match="RFC 3339, such as 2025-08-07T15:19:04"):
        INSTANT.validate_json('"261130094400"', strict=True)


def test_code_may_pass_an_instant_of_any_zone_but_none_without_one() -> None:
    local = AT.astimezone(timezone(timedelta(hours=8)))
    assert INSTANT.validate_python(local) is local
    for value in (AT.replace(tzinfo=None), date(2026, 11, 30)):
        with pytest.raises(ValidationError):
            INSTANT.validate_python(value)


def test_an_instant_is_written_so_that_it_is_read_again() -> None:
    for instant in TAKEN.values():
        assert INSTANT.validate_json(INSTANT.dump_json(instant), strict=True) == instant


@pytest.mark.parametrize(
    "value", ["20261130", "1764480000", "2026-11-30T00:00:00Z", "2026-13-01", 20421]
)
def test_a_day_is_written_in_one_way(value: object) -> None:
    assert DAY.validate_python("2026-11-30") == date(2026, 11, 30)
    with pytest.raises(ValidationError):
        DAY.validate_python(value, strict=False)
    assert not schema_allows(DAY, value) or value == "2026-13-01"


@pytest.mark.parametrize("value", ["0001-01-01", "1900-12-31", "9000-01-02", "9999-12-31"])
def test_a_day_that_no_arithmetic_goes_beyond_is_refused(value: str) -> None:
    with pytest.raises(ValidationError):
        DAY.validate_json(f'"{value}"')
