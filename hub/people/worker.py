"""A grid worker, and the registry as a spreadsheet: every cell is checked, bad ones are named. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hub.catalogue.sheets import TextSheet, address, plain
from hub.errors import InvalidInput

COLUMNS = ("worker_id", "name", "village", "phone", "active")
_REQUIRED = ("worker_id", "name")
_YES = frozenset({"", "yes", "true", "1", "y", "是", "在岗", "启用", "在职"})
_NO = frozenset({"no", "false", "0", "n", "否", "离岗", "停用", "离职"})
_TITLES = {
    "编号": "worker_id",
    "工号": "worker_id",
    "网格员编号": "worker_id",
    "姓名": "name",
    "网格员": "name",
    "村": "village",
    "村(社区)": "village",
    "社区": "village",
    "所属村": "village",
    "所属社区": "village",
    "电话": "phone",
    "手机": "phone",
    "手机号": "phone",
    "联系电话": "phone",
    "在岗": "active",
    "是否在岗": "active",
}
_HEADER_WITHIN = 10
"""A title or a remark may stand above the header."""

WorkerId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]


class GridWorker(BaseModel):
    """`village` is the key of a unit; one who is not active keeps what was earned."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    worker_id: WorkerId
    name: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00]*$")]
    village: Annotated[str | None, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,63}$")] = None
    phone: Annotated[str | None, Field(pattern=r"^[0-9+() -]{3,32}$")] = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class BadWorkerCell:
    """`cell` is its name as spreadsheet programs show it, such as C5."""

    cell: str
    worker_id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class WorkerList:
    """The workers of the good rows of a file, and its bad cells."""

    workers: tuple[GridWorker, ...]
    bad: tuple[BadWorkerCell, ...]


_Bad = tuple[str, str]
"""The column of a bad cell, and what is wrong with it."""


def masked(phone: str | None) -> str | None:
    """A telephone number that can be told from another one, but not be called: 138****0001."""
    if phone is None:
        return None
    return "****" if len(phone) < 8 else f"{phone[:3]}****{phone[-4:]}"


def read_workers(sheet: TextSheet, villages: Mapping[str, Sequence[str]]) -> WorkerList:
    """Read a sheet of workers; `villages` has the units that a key or a name may mean.

    Raises InvalidInput if a needed column is missing.
    """
    header_at, columns = _header(sheet)
    workers: dict[str, GridWorker] = {}
    bad: list[BadWorkerCell] = []
    for row_no, cells in _rows(sheet, header_at, columns):
        found = _worker(cells, villages)
        if isinstance(found, GridWorker) and found.worker_id in workers:
            found = [("worker_id", f"{found.worker_id} occurs twice in the file")]
        if isinstance(found, GridWorker):
            workers[found.worker_id] = found
            continue
        worker_id = cells.get("worker_id") or None
        for name, reason in sorted(found, key=lambda each: columns.get(each[0], 0)):
            at = address(row_no, columns.get(name, 0))
            bad.append(BadWorkerCell(at, worker_id, f"{name}: {reason}"))
    return WorkerList(tuple(workers.values()), tuple(bad))


def _header(sheet: TextSheet) -> tuple[int, dict[str, int]]:
    """The row of the header, and the column of each name in it."""
    for row_no, row in enumerate(islice(sheet.rows, _HEADER_WITHIN)):
        names = [_TITLES.get(plain(cell), plain(cell)) for cell in row]
        found = {name: names.index(name) for name in COLUMNS if name in names}
        if all(name in found for name in _REQUIRED):
            return row_no, found
    raise InvalidInput(
        f"{sheet.name} has no row with the columns {' and '.join(_REQUIRED)} (编号, 姓名);"
        f" the columns are {', '.join(COLUMNS)} (编号, 姓名, 村, 电话, 在岗)",
        field="file",
    )


def _rows(
    sheet: TextSheet, header_at: int, columns: Mapping[str, int]
) -> Iterator[tuple[int, dict[str, str]]]:
    for row_no, row in enumerate(sheet.rows[header_at + 1 :], start=header_at + 1):
        cells = {name: row[at].strip() for name, at in columns.items()}
        if any(cells.values()):
            yield row_no, cells


def _worker(
    cells: Mapping[str, str], villages: Mapping[str, Sequence[str]]
) -> GridWorker | list[_Bad]:
    """The worker of a row, or what is wrong with its cells."""
    bad: list[_Bad] = []
    active = cells.get("active", "").lower()
    if active not in _YES | _NO:
        bad.append(("active", f"yes or no (是, 否), not {active}"))
    facts: dict[str, object] = {name: cells.get(name) or None for name in COLUMNS}
    units = villages.get(cells.get("village", ""), ())
    if facts["village"] is not None and len(units) != 1:
        several = f"{len(units)} units are called {facts['village']}; write the key of one"
        none = f"there is no unit {facts['village']}"
        bad.append(("village", several if units else none))
    facts["village"] = units[0] if len(units) == 1 else None
    try:
        worker = GridWorker.model_validate(facts | {"active": active in _YES})
    except ValidationError as error:
        return bad + [(str(each["loc"][0]), _reason(cells, each)) for each in error.errors()]
    return bad or worker


def _reason(cells: Mapping[str, str], error: Mapping[str, object]) -> str:
    name = str(error["loc"][0])  # type: ignore[index]
    wanted = {
        "worker_id": "letters, digits, - and _, up to 64",
        "name": "a name of up to 60 characters",
        "phone": "digits, +, -, brackets and blanks, 3 to 32",
    }
    text = cells.get(name, "")
    return f"it must be {wanted.get(name, 'valid')}, not {text}" if text else "it is missing"
