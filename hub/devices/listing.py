"""The registry as a CSV file: one device per line; every line is checked, bad lines are named. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from hub.devices.gb28181 import Gb28181Text, check_kind
from hub.errors import InvalidInput
from wire.messages import Capability
from wire.messages.base import DeviceIdText, Lat, Lon
from wire.topics import Kind

COLUMNS = (
    "device_id",
    "kind",
    "name_zh",
    "name_en",
    "unit_key",
    "holder",
    "capabilities",
    "lon",
    "lat",
    "coverage_m",
    "heading_deg",
    "cameras",
    "gb28181_id",
)
_REQUIRED = frozenset({"device_id", "kind", "name_zh", "name_en"})
WORD_LISTS = frozenset({"capabilities", "cameras"})
_PLACE = frozenset({"lon", "lat"})
_BETWEEN_WORDS = re.compile(r"[\s,;]+")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CAPABILITIES = frozenset(str(each) for each in Capability)


class RegistryRow(BaseModel):
    """A line of the registry; `place` is where a fixed device stands, or where a holder starts."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    device_id: DeviceIdText
    kind: Kind
    name_zh: str
    name_en: str
    unit_key: str | None = None
    holder: str | None = None
    capabilities: tuple[str, ...] = ()
    place: tuple[Lon, Lat] | None = None
    coverage_m: float | None = None
    heading_deg: float | None = None
    cameras: tuple[DeviceIdText, ...] = ()
    gb28181_id: Gb28181Text | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.gb28181_id is not None:
            check_kind(self.gb28181_id, self.kind)
        unknown = set(self.capabilities) - _CAPABILITIES
        if self.kind is Kind.TERMINAL and unknown:
            known = ", ".join(sorted(_CAPABILITIES))
            raise ValueError(f"no terminal has {', '.join(sorted(unknown))}; known are {known}")
        return self


@dataclass(frozen=True, slots=True)
class BadLine:
    """`line` counts from 1, which is the header's; `device_id` is null if the line has none."""

    line: int
    device_id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The good lines by their number, and the bad ones."""

    rows: Mapping[int, RegistryRow]
    bad: tuple[BadLine, ...]


def decode_listing(data: bytes) -> str:
    """The text of a file in UTF-8 or, as spreadsheets write it, GB 18030. Raises InvalidInput."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput("the file is not text in UTF-8 or GB 18030")


def read_listing(text: str, known: Mapping[str, RegistryRow]) -> Listing:
    """Read a CSV file. A missing column leaves the `known` values; an empty cell clears the value.

    Raises InvalidInput if the header is not that of a registry.
    """
    lines = csv.DictReader(io.StringIO(text, newline=""), restkey="", strict=True)
    _check_header(lines.fieldnames)
    rows: dict[int, RegistryRow] = {}
    bad: list[BadLine] = []
    seen: dict[str, int] = {}
    try:
        for cells in lines:
            number, name = lines.line_num, cells.get("device_id") or None
            reason = _misfit(cells, seen)
            row = None if reason else _row(cells, known)
            if isinstance(row, RegistryRow):
                rows[number] = row
                seen[row.device_id] = number
            else:
                bad.append(BadLine(number, name, reason or str(row)))
    except csv.Error as error:
        bad.append(
            BadLine(lines.reader.line_num, None, f"the file is not CSV from here on: {error}")
        )
    return Listing(rows, tuple(bad))


def write_listing(rows: Iterable[RegistryRow]) -> str:
    """The registry as CSV that `read_listing` reads; no cell is a formula to a spreadsheet."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_written(cell) for cell in _cells(row)] for row in rows)
    return out.getvalue()


def _check_header(names: Iterable[str] | None) -> None:
    header = list(names or ())
    if "device_id" not in header:
        raise InvalidInput(
            f"the first line must name the columns, among them device_id; known are {', '.join(COLUMNS)}"
        )
    if unknown := [name for name in header if name not in COLUMNS]:
        raise InvalidInput(
            f"unknown columns {', '.join(unknown)[:200]}; known are {', '.join(COLUMNS)}"
        )
    if len(set(header)) < len(header):
        raise InvalidInput("a column occurs twice in the first line")


def _misfit(cells: Mapping[str, str | None], seen: Mapping[str, int]) -> str | None:
    """Why a line cannot be read, or None."""
    if "" in cells:
        return "it has more cells than the first line"
    if None in cells.values():
        return "it has fewer cells than the first line"
    device_id = cells["device_id"] or ""
    if device_id in seen:
        return f"{device_id} is already in line {seen[device_id]}"
    if len({bool(cells.get(name)) for name in _PLACE}) > 1:
        return "lon and lat go together: give both or neither"
    return None


def _row(cells: Mapping[str, str], known: Mapping[str, RegistryRow]) -> RegistryRow | str:
    """The device that a line describes, or an explanation of what is wrong with the line."""
    before = known.get(cells["device_id"])
    fields = {} if before is None else before.model_dump()
    try:
        return RegistryRow.model_validate(fields | dict(_fields(cells)))
    except ValidationError as error:
        return "; ".join(_errors(error))


def _fields(cells: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    for name, cell in cells.items():
        value = cell.strip()
        if value[:1] == "'" and value[1:].startswith(_FORMULA):
            value = value[1:]
        if name in WORD_LISTS:
            yield name, tuple(word for word in _BETWEEN_WORDS.split(value) if word)
        elif name not in _PLACE:
            yield name, value or (... if name in _REQUIRED else None)
    if cells.keys() >= _PLACE:
        lon, lat = cells["lon"].strip(), cells["lat"].strip()
        yield "place", (lon, lat) if lon else None


def _errors(error: ValidationError) -> Iterator[str]:
    for each in error.errors(include_url=False):
        where = ".".join(str(part) for part in each["loc"])
        where = where.replace("place.0", "lon").replace("place.1", "lat")
        said = "must not be empty" if each["input"] is ... else each["msg"]
        yield ": ".join(part for part in (where, said.removeprefix("Value error, ")) if part)


def _cells(row: RegistryRow) -> Iterator[object]:
    lon, lat = row.place or (None, None)
    values = row.model_dump(mode="json") | {"lon": lon, "lat": lat}
    for name in COLUMNS:
        yield " ".join(values[name]) if name in WORD_LISTS else values[name]


def _written(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if isinstance(cell, str) and text.startswith(_FORMULA) else text
