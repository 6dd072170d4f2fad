"""Pydantic's errors, for people to read."""

from collections.abc import Iterator

from pydantic import ValidationError

Location = tuple[int | str, ...]
"""Fields and positions in lists, from the outside in."""


def faults(error: ValidationError) -> Iterator[tuple[Location, str]]:
    """Where each fault is, and what is wrong there; never the value, which may be a secret."""
    for fault in error.errors(include_url=False, include_input=False):
        yield fault["loc"], fault["msg"].removeprefix("Value error, ")


def dotted(location: Location) -> str:
    """The location as people write it: `cameras.0.place`."""
    return ".".join(map(str, location))


def explained(error: ValidationError) -> str:
    """All faults in one line."""
    return "; ".join(f"{dotted(location)}: {text}" for location, text in faults(error))
