"""A district's responsibility list as a file: every row is checked, and bad rows are listed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml
from pydantic import ValidationError

from hub.catalogue.item import CatalogueItem
from hub.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class BadRow:
    """`row` counts from 1; `item_key` is None if the row has none."""

    row: int
    item_key: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class ParsedList:
    """The good items of a file, and its bad rows."""

    items: tuple[CatalogueItem, ...]
    bad: tuple[BadRow, ...]


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_yaml(text: str) -> ParsedList:
    """Read a list of items into good and bad rows. Raises InvalidInput if it isn't a list."""
    try:
        rows = yaml.load(text, Loader=_LOADER)  # noqa: S506  safe, and written in C where it can be
    except yaml.YAMLError as error:
        raise InvalidInput(f"the file is not YAML: {error}") from None
    if isinstance(rows, Mapping):
        rows = rows.get("items")
    if not isinstance(rows, list):
        raise InvalidInput("the file must be a list of items, or have one under `items`")
    return _checked(rows)


def _checked(rows: Sequence[object]) -> ParsedList:
    good: dict[str, CatalogueItem] = {}
    bad: list[BadRow] = []
    for number, row in enumerate(rows, start=1):
        key = row.get("item_key") if isinstance(row, Mapping) else None
        name = key if isinstance(key, str) else None
        try:
            item = CatalogueItem.model_validate(row)
        except ValidationError as error:
            bad.append(BadRow(number, name, "; ".join(_errors(error))))
            continue
        if item.item_key in good:
            bad.append(BadRow(number, name, "item_key: occurs twice in the file"))
        else:
            good[item.item_key] = item
    return ParsedList(tuple(good.values()), tuple(bad))


def _errors(error: ValidationError) -> Iterator[str]:
    for each in error.errors(include_url=False, include_input=False):
        where = ".".join(str(part) for part in each["loc"]) or "item"
        yield f"{where}: {each['msg']}"
