"""The committed files that are derived from the models and the table of families."""

import re
from collections.abc import Iterator
from pathlib import Path

from wire import asyncapi, schemas, topics
from wire.asyncapi import DocumentedChannel
from wire.families import MessageDirection

ROOT = Path(__file__).parent.parent
_WIRE = ROOT / "wire"
SCHEMA_DIR = _WIRE / "schema"
ASYNCAPI = _WIRE / "asyncapi.yaml"
GUIDE = ROOT / "docs" / "wire.md"

_BEGIN, _END = "<!-- families: generated -->\n", "<!-- families: end -->\n"
_SENDER = {MessageDirection.UP: "device", MessageDirection.DOWN: "hub", MessageDirection.OUT: "hub"}


class NoTablePlace(Exception):
    """The guide lacks the two comments that enclose the table of families."""


def artifacts() -> dict[Path, str]:
    """Return every generated file with its text."""
    files = {SCHEMA_DIR / name: text for name, text in schemas.schema_files().items()}
    return {**files, ASYNCAPI: asyncapi.text(), GUIDE: _guide(GUIDE.read_text("utf-8"))}


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
    place = re.compile(f"{re.escape(_BEGIN)}.*?{re.escape(_END)}", re.DOTALL)
    table = "".join(f"{line}\n" for line in _table(asyncapi.channels()))
    if not place.search(text):
        raise NoTablePlace(f"docs/wire.md needs the lines {_BEGIN!r} and {_END!r}")
    return place.sub(lambda _: f"{_BEGIN}\n{table}\n{_END}", text)


def _table(channels: tuple[DocumentedChannel, ...]) -> Iterator[str]:
    root = f"{topics.PREFIX}/{{district}}/"
    yield f"| topic under `{root}` | from | QoS | retained | payload | what |"
    yield "|---|---|---|---|---|---|"
    for channel in channels:
        topic = channel.address.removeprefix(root)
        payload = (
            "JPEG" if channel.jpeg else f"[{channel.name}](../wire/schema/{channel.name}.json)"
        )
        retained = "yes" if channel.retain else "no"
        sender = _SENDER[channel.direction]
        yield f"| `{topic}` | {sender} | {channel.qos} | {retained} | {payload} | {channel.summary} |"
