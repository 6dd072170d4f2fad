"""What devices should run, and what they say that they run: configuration and models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeAlias, TypeVar

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from pydantic import BaseModel, JsonValue, ValidationError

from hub.db import Connection
from hub.devices.store import SQL
from hub.devices.sync import Standing, Sync, sync_of
from hub.devices.wish import outcome_of
from hub.errors import InvalidInput, NotFound, Unavailable
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork
from wire import topics
from wire.families import BY_LEAF
from wire.limits import MAX_JSON_BYTES
from wire.messages import DesiredModel, DeviceConfig, EdgeHealth, ModelState, ReportedModel
from wire.topics import Kind, Leaf

Desired = TypeVar("Desired", bound=BaseModel)
Reported = TypeVar("Reported", bound=BaseModel)


class Aspect(StrEnum):
    """Which side of a device is meant."""

    CONFIG = "config"
    MODEL = "model"


Syncs: TypeAlias = Mapping[tuple[str, Aspect], Sync | None]
"""How far devices have got, by device and aspect; only where anything is wished for."""
_NEWS = ("version", "error", "state", "desired_version")
_LEAVES = {Aspect.CONFIG: Leaf.CONFIG_DESIRED, Aspect.MODEL: Leaf.MODELS_DESIRED}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A model that an edge node should run, as its maker's paper tells it."""

    name: str
    model_version: str
    url: str
    sha256: str
    signature: str


@dataclass(frozen=True, slots=True)
class NewReport:
    """What a device says that it runs."""

    device_id: str
    report: DeviceConfig | ReportedModel
    received_at: datetime

    @property
    def aspect(self) -> Aspect:
        return Aspect.CONFIG if isinstance(self.report, DeviceConfig) else Aspect.MODEL

    @property
    def body(self) -> dict[str, JsonValue]:
        """As it is kept."""
        return self.report.model_dump(mode="json", exclude_none=True)


@dataclass(frozen=True, slots=True)
class TwoSides(Generic[Desired, Reported]):
    """One aspect of a device, from both sides."""

    desired: Desired | None = None
    desired_at: datetime | None = None
    reported: Reported | None = None
    reported_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Remote:
    """All that is known of how a device is operated from here."""

    config: TwoSides[DeviceConfig, DeviceConfig]
    model: TwoSides[DesiredModel, ReportedModel]
    health: EdgeHealth | None


async def desire_config(work: UnitOfWork, device_id: str, settings: dict[str, JsonValue]) -> int:
    """Have a terminal or an edge node told what to run; returns the version.

    Raises NotFound or InvalidInput. The device itself judges what the settings say.
    """
    version = await _next_version(work.db, device_id, Aspect.CONFIG)
    try:
        wish = DeviceConfig(version=version, settings=settings)
    except ValidationError as error:
        raise _invalid(error) from None
    await _desire(work, device_id, Aspect.CONFIG, wish, version)
    return version


async def desire_model(work: UnitOfWork, device_id: str, wanted: Wanted) -> int:
    """Have an edge node told which model to run; returns the version. Raises as above."""
    version = await _next_version(work.db, device_id, Aspect.MODEL)
    try:
        wish = DesiredModel(
            version=version,
            name=wanted.name,
            model_version=wanted.model_version,
            url=wanted.url,
            sha256=wanted.sha256,
            signature=wanted.signature,
        )
    except ValidationError as error:
        raise _invalid(error) from None
    await _desire(work, device_id, Aspect.MODEL, wish, version)
    return version


async def take_reports(work: UnitOfWork, reports: Sequence[NewReport]) -> None:
    """Keep the newest thing that devices say of what they run; journal what has changed in it.

    Each is of another device.
    """
    keys = {"device_ids": [new.device_id for new in reports]}
    keys["aspects"] = [str(new.aspect) for new in reports]
    cursor = await work.db.execute(SQL["last_reports"], keys)
    before = {(row[0], Aspect(row[1])): row[2] for row in await cursor.fetchall()}
    said = {
        "bodies": [Jsonb(new.body) for new in reports],
        "at": [new.received_at for new in reports],
    }
    await work.db.execute(SQL["note_reports"], keys | said)
    await _answer_wishes(work.db, reports)
    news = []
    for new in reports:
        known, gist = before.get((new.device_id, new.aspect)), _gist(new.body)
        if known is None or _gist(known) != gist:
            kind, actor = f"{new.aspect}_reported", f"device:{new.device_id}"
            at = new.received_at
            news.append(NewEntry(Subject.DEVICE, new.device_id, kind, actor, at, data=gist))
    work.record(*news)


async def _answer_wishes(db: Connection, reports: Sequence[NewReport]) -> None:
    """Note what devices have made of their newest wishes, where they have."""
    known = await syncs(db, [new.device_id for new in reports])
    answers = [
        (new.device_id, str(new.aspect), str(outcome), new.report.error, new.received_at)
        for new in reports
        if (outcome := outcome_of(known.get((new.device_id, new.aspect)))) is not None
    ]
    if answers:
        await db.execute(
            SQL["answer_wishes"], [list(column) for column in zip(*answers, strict=True)]
        )


async def syncs(db: Connection, device_ids: Sequence[str] | None = None) -> Syncs:
    """How far all devices, or some of them, have got."""
    wanted = None if device_ids is None else list(device_ids)
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["standings"], {"device_ids": wanted})
        rows = await cursor.fetchall()
    return {
        (row.pop("device_id"), Aspect(row.pop("aspect"))): sync_of(Standing(**row)) for row in rows
    }


async def remote_of(db: Connection, device_id: str) -> Remote:
    """What a device should run and runs. Raises NotFound."""
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["remote_facts"], (device_id,))
        row = await cursor.fetchone()
    if row is None:
        raise NotFound(f"device {device_id} is not registered", device_id=device_id)
    return Remote(
        TwoSides(
            _read(DeviceConfig, row["config_desired"]),
            row["config_desired_at"],
            _read(DeviceConfig, row["config_reported"]),
            row["config_reported_at"],
        ),
        TwoSides(
            _read(DesiredModel, row["model_desired"]),
            row["model_desired_at"],
            _read(ReportedModel, row["model_reported"]),
            row["model_reported_at"],
        ),
        _read(EdgeHealth, row["health"]),
    )


def _gist(report: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """What is news in a report; how often it has tried and looked is not."""
    gist = {name: report[name] for name in _NEWS if name in report}
    if report.get("state") == ModelState.DOWNLOADING:
        gist.pop("error", None)
    return gist


async def _next_version(db: Connection, device_id: str, aspect: Aspect) -> int:
    """The version of the next wish; two that wish at once get two, one after the other."""
    cursor = await db.execute(SQL["device_kind"], (device_id,))
    row = await cursor.fetchone()
    if row is None:
        raise NotFound(f"device {device_id} is not registered", device_id=device_id)
    if (Kind(row[0]), _LEAVES[aspect]) not in BY_LEAF:
        raise InvalidInput(f"{row[0]} take no {aspect} from the hub", device_id=device_id)
    version = await (await db.execute(SQL["next_version"], (device_id, str(aspect)))).fetchone()
    return int(version[0]) if version else 1


async def _desire(
    work: UnitOfWork,
    device_id: str,
    aspect: Aspect,
    wish: DeviceConfig | DesiredModel,
    version: int,
) -> None:
    """Keep a wish, publish it retained, and journal who wished for it; never what it says."""
    if (size := len(wish.model_dump_json().encode())) > MAX_JSON_BYTES:
        raise InvalidInput(f"it has {size} bytes, at most {MAX_JSON_BYTES} can be sent")
    body = Jsonb(wish.model_dump(mode="json", exclude_none=True))
    await work.db.execute(SQL["note_wish"], (body, work.now, device_id, str(aspect)))
    facts = {"device_id": device_id, "aspect": str(aspect), "now": work.now}
    await work.db.execute(SQL["supersede"], facts)
    kept = {"version": version, "body": body, "actor": work.actor}
    await work.db.execute(SQL["keep_wish"], facts | kept)
    row = await (await work.db.execute(SQL["own_topic"], (device_id,))).fetchone()
    if row is None or row[0] is None:
        raise Unavailable("no district is imported; run `hub district import` first")
    topic = topics.device(row[0], Kind(row[1]), device_id, _LEAVES[aspect])
    work.publish(topic, wish, retain=True)
    entry = NewEntry(
        Subject.DEVICE,
        device_id,
        f"{aspect}_desired",
        work.actor,
        work.now,
        data={"version": version},
    )
    work.record(entry)


_Kept = TypeVar("_Kept", bound=BaseModel)


def _read(kind: type[_Kept], kept: JsonValue) -> _Kept | None:
    return None if kept is None else kind.model_validate(kept)


def _invalid(error: ValidationError) -> InvalidInput:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return InvalidInput(f"{where}: {first['msg']}", field=where)
