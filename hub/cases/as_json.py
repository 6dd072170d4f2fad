"""The values of a case as JSON, as the journal and the database keep them."""

from dataclasses import asdict
from datetime import UTC, datetime

from pydantic import JsonValue


def as_json(value: object) -> JsonValue:
    """Instants in ISO 8601 and UTC; dataclasses as objects of their fields."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case None | str() | int() | float():
            return str(value) if isinstance(value, str) else value
        case dict():
            return {str(key): as_json(each) for key, each in value.items()}
        case tuple() | list():
            return [as_json(each) for each in value]
        case _:
            return as_json(asdict(value))  # type: ignore[call-overload]
