"""A district's responsibility list as a file, whatever its form: every entry is checked."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any, ClassVar

import yaml
from pydantic import ValidationError

from hub.catalogue.item import CatalogueItem, ItemKind, wrong_fields
from hub.catalogue.row_groups import BadCell
from hub.catalogue.sheet_list import ParsedList, read_list
from hub.catalogue.sheets import decoded, read_sheets
from hub.catalogue.unit_book import UnitBook
from hub.errors import InvalidInput

_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TIMESTAMP = "tag:yaml.org,2002:timestamp"
_YAML = frozenset({".yaml", ".yml", ".json"})


def parse_list(
    data: bytes,
    name: str,
    present: Mapping[str, CatalogueItem],
    book: UnitBook,
    *,
    kind: ItemKind | None = None,
) -> ParsedList:
    """Read a list as CSV, XLSX or YAML, by the ending of its name; see read_list.

    Raises InvalidInput if the file can't be read as a list.
    """
    if PurePath(name).suffix.lower() in _YAML:
        return parse_yaml(decoded(data, name), book)
    return read_list(read_sheets(data, name), present, book, kind=kind)


class _ListLoader(_LOADER):  # type: ignore[misc, valid-type]
    """Leaves days as they are written, so that a wrong one is an error of its row, and refuses a
    field that an entry gives twice.
    """

    yaml_implicit_resolvers: ClassVar = {
        sign: [each for each in known if each[0] != _TIMESTAMP]
        for sign, known in _LOADER.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if twice := sorted({name for name in names if names.count(name) > 1} - {"<<"}):
            raise yaml.constructor.ConstructorError(
                None, None, f"{', '.join(twice)} is given twice in one entry", node.start_mark
            )
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


def parse_yaml(text: str, book: UnitBook | None = None) -> ParsedList:
    """Read a list of items from YAML. Raises InvalidInput if it isn't a list.

    Units that the book doesn't know are noted, not refused: a list may come before its units.
    """
    try:
        rows = yaml.load(text, Loader=_ListLoader)  # noqa: S506  safe, and written in C where it can be
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidInput(f"the file is not YAML: {error}") from None
    if isinstance(rows, Mapping):
        rows = rows.get("items")
    if not isinstance(rows, list):
        raise InvalidInput("the file must be a list of items, or have one under `items`")
    found = _checked(rows)
    notes = () if book is None else tuple(_unknown_units(found.items, book))
    return ParsedList(found.items, found.bad, notes)


def _checked(rows: Sequence[object]) -> ParsedList:
    good: dict[str, CatalogueItem] = {}
    bad: list[BadCell] = []
    for number, row in enumerate(rows, start=1):
        key = row.get("item_key") if isinstance(row, Mapping) else None
        name = key if isinstance(key, str) else None
        try:
            item = CatalogueItem.model_validate(row)
        except ValidationError as error:
            bad += [BadCell(None, f"row {number}", name, reason) for reason in _errors(error)]
            continue
        if item.item_key in good:
            reason = "item_key: occurs twice in the file"
            bad.append(BadCell(None, f"row {number}", name, reason))
        else:
            good[item.item_key] = item
    return ParsedList(tuple(good.values()), tuple(bad))


def _errors(error: ValidationError) -> Iterator[str]:
    for place, reason in wrong_fields(error):
        where = ".".join(map(str, place)) or "item"
        yield f"{where}: {reason}"


def _unknown_units(items: Sequence[CatalogueItem], book: UnitBook) -> Iterator[str]:
    named = {key for item in items for key in (item.lead_unit, *item.assist_units) if key}
    if unknown := sorted(named - book.registered):
        yield f"no registered units, so routing skips them: {', '.join(unknown)}"
