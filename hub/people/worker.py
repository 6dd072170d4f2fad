"""A grid worker, and the registry as a CSV file: every line is checked, bad lines are named. Pure."""

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hub.errors import InvalidInput

COLUMNS = ("worker_id", "name", "village", "phone", "active")
_REQUIRED = ("worker_id", "name")
_YES = frozenset({"", "yes", "true", "1", "y", "是", "在岗", "启用"})
_NO = frozenset({"no", "false", "0", "n", "否", "离岗", "停用"})
_CHINESE = {"编号": "worker_id", "姓名": "name", "村": "village", "电话": "phone", "在岗": "active"}

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
class BadWorkerLine:
    """`line` is that of the file, the header being 1."""

    line: int
    worker_id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class WorkerList:
    """The good lines of a file, by line, and the bad ones."""

    workers: Mapping[int, GridWorker]
    bad: tuple[BadWorkerLine, ...]


def decode(data: bytes) -> str:
    """A file as spreadsheet programs write it: UTF-8, with or without a mark, or GB 18030."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput("the file is neither UTF-8 nor GB 18030", field="file")


def read_workers(text: str, villages: Collection[str]) -> WorkerList:
    """Read a CSV file of workers. Raises InvalidInput if a needed column is missing."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    header = [_CHINESE.get(name.strip(), name.strip()) for name in next(reader, [])]
    if missing := [name for name in _REQUIRED if name not in header]:
        raise InvalidInput(
            f"the file has no column {', '.join(missing)}; it needs {', '.join(COLUMNS)}"
        )
    workers: dict[int, GridWorker] = {}
    bad: list[BadWorkerLine] = []
    seen: set[str] = set()
    for row in reader:
        cells = {name: cell.strip() for name, cell in zip(header, row, strict=False)}
        if not any(cells.values()):
            continue
        found = _worker(cells, villages, seen)
        worker_id = cells.get("worker_id") or None
        if isinstance(found, str):
            bad.append(BadWorkerLine(reader.line_num, worker_id, found))
        else:
            workers[reader.line_num] = found
            seen.add(found.worker_id)
    return WorkerList(workers, tuple(bad))


def _worker(
    cells: Mapping[str, str], villages: Collection[str], seen: Collection[str]
) -> GridWorker | str:
    """The worker of a line, or what is wrong with it."""
    active = cells.get("active", "").lower()
    if active not in _YES | _NO:
        return f"active: yes or no, not {active}"
    facts: dict[str, object] = {name: cells.get(name) or None for name in COLUMNS}
    try:
        worker = GridWorker.model_validate(facts | {"active": active in _YES})
    except ValidationError as error:
        return "; ".join(f"{each['loc'][0]}: {each['msg']}" for each in error.errors())
    if worker.worker_id in seen:
        return f"worker_id: {worker.worker_id} occurs twice in the file"
    if worker.village is not None and worker.village not in villages:
        return f"village: there is no unit {worker.village}"
    return worker
