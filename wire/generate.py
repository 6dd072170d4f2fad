"""The committed files that are derived from the models and the table of families."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from wire import asyncapi, schemas, topics
from wire.asyncapi import Side
from wire.command_times import COMMAND_TIMES, duration
from wire.families import MessageDirection
from wire.messages.commands import TAKES

ROOT = Path(__file__).parent.parent
_WIRE = ROOT / "wire"
SCHEMA_DIR = _WIRE / "schema"
ASYNCAPI = _WIRE / "asyncapi.yaml"
ASYNCAPI_DEVICE = _WIRE / "asyncapi-device.yaml"
CATALOGUE = ROOT / "hub" / "catalogue" / "starter.yaml"
GUIDE = ROOT / "docs" / "wire.md"

_SENDER = {MessageDirection.UP: "device", MessageDirection.DOWN: "hub", MessageDirection.OUT: "hub"}


class NoTablePlace(Exception):
    """The guide lacks the two comments that enclose a generated table."""


def artifacts() -> dict[Path, str]:
    """Return every generated file with its text."""
    files = {SCHEMA_DIR / name: text for name, text in schemas.schema_files().items()}
    files |= {ASYNCAPI: asyncapi.text(), ASYNCAPI_DEVICE: asyncapi.text(Side.DEVICE)}
    return {**files, GUIDE: _guide(GUIDE.read_text("utf-8"))}


def drifted() -> list[str]:
    """List the files that differ from the models, are missing or are left over."""
    expected = artifacts()
    faults = [
        f"{path.relative_to(ROOT)}: {'differs' if path.exists() else 'is missing'}"
        for path, text in expected.items()
        if not path.exists() or path.read_text("utf-8") != text
    ]
    return faults + [f"{path.relative_to(ROOT)}: is left over" for path in _left_over()]


def write() -> list[Path]:
    """Write what differs and remove what is left over; return the paths that changed."""
    changed = _left_over()
    for path in changed:
        path.unlink()
    SCHEMA_DIR.mkdir(exist_ok=True)
    for path, text in artifacts().items():
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            changed.append(path)
    return changed


def _left_over() -> list[Path]:
    known = set(schemas.schema_files())
    return [path for path in sorted(SCHEMA_DIR.glob("*.json")) if path.name not in known]


def _guide(text: str) -> str:
    for name, table in _TABLES.items():
        begin, end = marks(name)
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise NoTablePlace(f"docs/wire.md needs the lines {begin!r} and {end!r}")
        lines = "".join(f"{line}\n" for line in table())
        text = f"{before}{begin}\n{lines}\n{end}{after}"
    return text


def marks(name: str) -> tuple[str, str]:
    """The two comments that enclose a generated table of the guide."""
    return f"<!-- {name}: generated -->\n", f"<!-- {name}: end -->\n"


def _times() -> Iterator[str]:
    yield (
        "| type | goes to | waits for an offline device | `delivered` within | then `accepted` within "
        "| then `succeeded` or `failed` within | |"
    )
    yield "|---|---|---|---|---|---|---|"
    for type_, times in COMMAND_TIMES.items():
        kinds = ", ".join(kind for kind, types in TAKES.items() if type_ in types)
        if not kinds:
            continue
        wait = "no" if times.wait_s is None else duration(times.wait_s)
        accept = "-" if times.accept_s is None else duration(times.accept_s)
        finish = "-" if times.finish_s is None else duration(times.finish_s)
        note = "`accepted` means read, and ends it" if times.ends_when_read else times.note
        deliver = duration(times.deliver_s)
        yield f"| `{type_}` | {kinds} | {wait} | {deliver} | {accept} | {finish} | {note} |"


def _families() -> Iterator[str]:
    root = f"{topics.PREFIX}/{{district}}/"
    yield f"| topic under `{root}` | from | QoS | retained | payload | what |"
    yield "|---|---|---|---|---|---|"
    for channel in asyncapi.channels():
        topic = channel.address.removeprefix(root)
        payload = (
            "JPEG" if channel.jpeg else f"[{channel.name}](../wire/schema/{channel.name}.json)"
        )
        retained = "yes" if channel.retain else "no"
        sender = _SENDER[channel.direction]
        yield f"| `{topic}` | {sender} | {channel.qos} | {retained} | {payload} | {channel.summary} |"


def _catalogue() -> Iterator[str]:
    yield "| `category` | | `condition` |"
    yield "|---|---|---|"
    for item in _items():
        keys = ", ".join(f"`{each['cond_key']}`" for each in item["conditions"])
        yield f"| `{item['item_key']}` | {item['title_zh']} {item['title_en']} | {keys} |"


def _classes() -> Iterator[str]:
    yield "| `class` | becomes |"
    yield "|---|---|"
    for item in _items():
        for condition in item["conditions"]:
            for detector in condition.get("detectors", ()):
                yield f"| `{detector['class']}` | `{item['item_key']}`, `{condition['cond_key']}` |"


def _items() -> list[Any]:
    items: list[Any] = yaml.safe_load(CATALOGUE.read_text("utf-8"))
    return items


_TABLES: Mapping[str, Callable[[], Iterator[str]]] = {
    "families": _families,
    "times": _times,
    "catalogue": _catalogue,
    "classes": _classes,
}
"""The generated tables of the guide, by the name in their comments."""
