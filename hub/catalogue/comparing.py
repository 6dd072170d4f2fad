"""The differences between two versions of the catalogue, item by item. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from hub.catalogue.item import CatalogueItem

_KEYS = {"conditions": "cond_key", "steps": "step_key"}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs; `before` or `after` is None if the other side has no such thing.

    `path` names conditions and steps by their keys, such as conditions.broken.limit_value.
    """

    path: str
    before: JsonValue
    after: JsonValue

    @property
    def text(self) -> str:
        return f"{self.path}: {_shown(self.before)} -> {_shown(self.after)}"


@dataclass(frozen=True, slots=True)
class ItemChange:
    """An item that is new (`fields` is empty) or has changed."""

    item_key: str
    title_zh: str
    title_en: str
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class ListComparison:
    """What `after` has that `before` hasn't. `kept` are keys that only `before` has."""

    added: tuple[ItemChange, ...]
    changed: tuple[ItemChange, ...]
    unchanged: tuple[str, ...]
    kept: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """The difference, for a person."""
        for item in self.added:
            yield f"+ {item.item_key} {item.title_zh}"
        for item in self.changed:
            yield f"~ {item.item_key} {item.title_zh}"
            yield from (f"    {field.text}" for field in item.fields)


def compared(
    before: Mapping[str, CatalogueItem], after: Mapping[str, CatalogueItem]
) -> ListComparison:
    """Compare the items of two versions, or of a version and a file."""
    both = [key for key in after if key in before]
    return ListComparison(
        added=tuple(_change(after[key]) for key in after if key not in before),
        changed=tuple(
            _change(after[key], tuple(changes(before[key], after[key])))
            for key in both
            if before[key] != after[key]
        ),
        unchanged=tuple(key for key in both if before[key] == after[key]),
        kept=tuple(key for key in before if key not in after),
    )


def changes(before: CatalogueItem, after: CatalogueItem) -> Iterator[FieldChange]:
    """The fields in which two items differ; conditions and steps are compared by their keys."""
    yield from _changes("", _keyed(before), _keyed(after))


def _change(item: CatalogueItem, fields: tuple[FieldChange, ...] = ()) -> ItemChange:
    return ItemChange(item.item_key, item.title_zh, item.title_en, fields)


def _keyed(item: CatalogueItem) -> dict[str, JsonValue]:
    body: dict[str, JsonValue] = item.model_dump(mode="json", by_alias=True)
    return {name: _by_key(name, value) for name, value in body.items()}


def _by_key(name: str, value: JsonValue) -> JsonValue:
    """Lists of conditions and steps as objects; their order stands under `order`."""
    key = _KEYS.get(name)
    if key is None or not isinstance(value, list):
        return value
    found: dict[str, JsonValue] = {"order": [each[key] for each in value if isinstance(each, dict)]}
    for each in value:
        if isinstance(each, dict):
            inner = {field: _by_key(field, kept) for field, kept in each.items()}
            found[str(each[key])] = inner
    return found


def _changes(path: str, before: JsonValue, after: JsonValue) -> Iterator[FieldChange]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys([*before, *after]):
            inner = f"{path}.{name}" if path else name
            if name == "order" and set(map(str, before)) != set(map(str, after)):
                continue
            yield from _changes(inner, before.get(name), after.get(name))
    else:
        yield FieldChange(path, before, after)


def _shown(value: JsonValue) -> str:
    match value:
        case None | "" | []:
            return "-"
        case bool():
            return str(value).lower()
        case dict():
            return str(value.get("text_zh") or " ".join(map(_shown, value.values())))
        case list():
            return ", ".join(_shown(each) for each in value)
        case float() if value.is_integer():
            return str(int(value))
    return str(value)
