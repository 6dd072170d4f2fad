"""The desired and the reported state of devices: configuration and models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypeAlias, TypeVar

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from pydantic import BaseModel, Field, JsonValue, ValidationError

from hub.db import Connection
from hub.devices.desired_signing import DesiredSigner
from hub.devices.revision import differing, outcome_of
from hub.devices.store import SQL
from hub.devices.sync import Sync, SyncFacts, sync_of
from hub.errors import InvalidInput, NotFound, Unavailable
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork
from wire import topics
from wire.families import BY_LEAF
from wire.limits import MAX_JSON_BYTES
from wire.messages import (
    DesiredModel,
    DeviceConfig,
    EdgeHealth,
    ModelState,
    ReportedModel,
    RollbackPermit,
)
from wire.messages.base import Sha256, Text
from wire.topics import Kind, Leaf


class Aspect(StrEnum):
    """The two parts of a device's desired state."""

    CONFIG = "config"
    MODEL = "model"


Syncs: TypeAlias = Mapping[tuple[str, Aspect], Sync | None]
"""The progress of devices, by device and aspect; only of those with a desired state."""
_NEWS = ("version", "error", "state", "desired_version")
_LEAVES = {Aspect.CONFIG: Leaf.CONFIG_DESIRED, Aspect.MODEL: Leaf.MODELS_DESIRED}


class NewModelRevision(BaseModel):
    """A signed archive; all but the address is in the file that `python -m models pack` writes."""

    name: Text
    model_version: Text
    url: Annotated[Text, Field(pattern=r"^(https?|file)://")]
    sha256: Sha256
    signature: Text
    rollback: RollbackPermit | None = None


@dataclass(frozen=True, slots=True)
class NewReport:
    """A device's report of what it runs."""

    device_id: str
    report: DeviceConfig | ReportedModel
    received_at: datetime

    @property
    def aspect(self) -> Aspect:
        return Aspect.CONFIG if isinstance(self.report, DeviceConfig) else Aspect.MODEL

    @property
    def body(self) -> dict[str, JsonValue]:
        """The report as it is kept."""
        return self.report.model_dump(mode="json", exclude_none=True)


@dataclass(frozen=True, slots=True)
class RemoteConfig:
    """A device's configuration, desired and reported. `sync` is null without a desired state."""

    desired: DeviceConfig | None
    desired_at: datetime | None
    reported: DeviceConfig | None
    reported_at: datetime | None
    sync: Sync | None

    @property
    def differs(self) -> list[str] | None:
        """The paths at which the device runs other settings than desired, as far as it reports them.

        None before its first report or without a desired state; empty if it is in step.
        """
        if self.desired is None or self.reported is None:
            return None
        if self.sync is Sync.IN_STEP:
            return []
        desired, reported = self.desired.settings, self.reported.settings
        compared = {name: reported[name] for name in desired if name in reported}
        return list(differing(compared, desired))


@dataclass(frozen=True, slots=True)
class RemoteModel:
    """An edge node's model, desired and reported. `sync` is null without a desired state."""

    desired: DesiredModel | None
    desired_at: datetime | None
    reported: ReportedModel | None
    reported_at: datetime | None
    sync: Sync | None


@dataclass(frozen=True, slots=True)
class Remote:
    """What a device should run, what it runs, and the newest health of an edge node."""

    config: RemoteConfig
    model: RemoteModel
    health: EdgeHealth | None


async def desire_config(
    work: UnitOfWork,
    device_id: str,
    settings: dict[str, JsonValue],
    signer: DesiredSigner | None = None,
) -> int:
    """Set the configuration that a terminal or an edge node should run; returns the revision.

    Raises NotFound or InvalidInput. Whether the settings make sense is for the device to judge.
    """
    version = await _next_version(work.db, device_id, Aspect.CONFIG)
    try:
        desired = DeviceConfig(version=version, settings=settings)
    except ValidationError as error:
        raise _invalid(error) from None
    await _desire(work, device_id, Aspect.CONFIG, desired, signer)
    return version


async def desire_model(
    work: UnitOfWork,
    device_id: str,
    model: NewModelRevision,
    signer: DesiredSigner | None = None,
) -> int:
    """Set the model that an edge node should run; returns the revision.

    Raises NotFound or InvalidInput.
    """
    version = await _next_version(work.db, device_id, Aspect.MODEL)
    desired = DesiredModel(version=version, **model.model_dump())
    await _desire(work, device_id, Aspect.MODEL, desired, signer)
    return version


async def take_reports(work: UnitOfWork, reports: Sequence[NewReport]) -> None:
    """Keep the newest reports of devices, and journal what has changed in them.

    Each report is of another device.
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
    await _answer_revisions(work.db, reports)
    news = []
    for new in reports:
        known, gist = before.get((new.device_id, new.aspect)), _gist(new.body)
        if known is None or _gist(known) != gist:
            kind, actor = f"{new.aspect}_reported", f"device:{new.device_id}"
            at = new.received_at
            news.append(NewEntry(Subject.DEVICE, new.device_id, kind, actor, at, data=gist))
    work.record(*news)


async def _answer_revisions(db: Connection, reports: Sequence[NewReport]) -> None:
    """Store the outcomes of the newest revisions that the reports answer."""
    known = await syncs(db, [new.device_id for new in reports])
    answers = [
        (new.device_id, str(new.aspect), str(outcome), new.report.error, new.received_at)
        for new in reports
        if (outcome := outcome_of(known.get((new.device_id, new.aspect)))) is not None
    ]
    if answers:
        await db.execute(
            SQL["answer_revisions"], [list(column) for column in zip(*answers, strict=True)]
        )


async def syncs(db: Connection, device_ids: Sequence[str] | None = None) -> Syncs:
    """The progress of all devices, or of some of them, towards their desired state."""
    wanted = None if device_ids is None else list(device_ids)
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["sync_facts"], {"device_ids": wanted})
        rows = await cursor.fetchall()
    return {
        (row.pop("device_id"), Aspect(row.pop("aspect"))): sync_of(SyncFacts(**row)) for row in rows
    }


async def remote_of(db: Connection, device_id: str) -> Remote:
    """The desired and the reported state of a device. Raises NotFound."""
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["remote_facts"], (device_id,))
        row = await cursor.fetchone()
    if row is None:
        raise NotFound(f"device {device_id} is not registered", device_id=device_id)
    known = await syncs(db, [device_id])
    return Remote(
        RemoteConfig(
            _read(DeviceConfig, row["config_desired"]),
            row["config_desired_at"],
            _read(DeviceConfig, row["config_reported"]),
            row["config_reported_at"],
            known.get((device_id, Aspect.CONFIG)),
        ),
        RemoteModel(
            _read(DesiredModel, row["model_desired"]),
            row["model_desired_at"],
            _read(ReportedModel, row["model_reported"]),
            row["model_reported_at"],
            known.get((device_id, Aspect.MODEL)),
        ),
        _read(EdgeHealth, row["health"]),
    )


def _gist(report: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The part of a report whose changes are journaled; counts of tries and frames are not."""
    gist = {name: report[name] for name in _NEWS if name in report}
    if report.get("state") == ModelState.DOWNLOADING:
        gist.pop("error", None)
    return gist


async def _next_version(db: Connection, device_id: str, aspect: Aspect) -> int:
    """The next revision of a device; simultaneous callers get one each, one after the other."""
    cursor = await db.execute(SQL["device_kind"], (device_id,))
    row = await cursor.fetchone()
    if row is None:
        raise NotFound(f"device {device_id} is not registered", device_id=device_id)
    if (Kind(row[0]), _LEAVES[aspect]) not in BY_LEAF:
        raise InvalidInput(f"{row[0]} do not take a {aspect} from the hub", device_id=device_id)
    version = await (await db.execute(SQL["next_version"], (device_id, str(aspect)))).fetchone()
    return int(version[0]) if version else 1


async def _desire(
    work: UnitOfWork,
    device_id: str,
    aspect: Aspect,
    desired: DeviceConfig | DesiredModel,
    signer: DesiredSigner | None,
) -> None:
    """Store a revision, publish it retained, and journal who asked for it, but not its content."""
    if (size := len(desired.model_dump_json().encode())) > MAX_JSON_BYTES:
        raise InvalidInput(f"it has {size} bytes, but at most {MAX_JSON_BYTES} can be sent")
    body = Jsonb(desired.model_dump(mode="json", exclude_none=True))
    await work.db.execute(SQL["set_desired"], (body, work.now, device_id, str(aspect)))
    facts = {"device_id": device_id, "aspect": str(aspect), "now": work.now}
    await work.db.execute(SQL["supersede"], facts)
    kept = {"version": desired.version, "body": body, "actor": work.actor}
    await work.db.execute(SQL["add_revision"], facts | kept)
    row = await (await work.db.execute(SQL["own_topic"], (device_id,))).fetchone()
    if row is None or row[0] is None:
        raise Unavailable("no district is imported; run `hub district import` first")
    topic = topics.device(row[0], Kind(row[1]), device_id, _LEAVES[aspect])
    if signer is not None and Kind(row[1]) is Kind.EDGE:
        desired = signer.signed(topic, desired)
    work.publish(topic, desired, retain=True)
    data: dict[str, JsonValue] = {"version": desired.version}
    kind = f"{aspect}_desired"
    work.record(NewEntry(Subject.DEVICE, device_id, kind, work.actor, work.now, data=data))


_Kept = TypeVar("_Kept", bound=BaseModel)


def _read(kind: type[_Kept], kept: JsonValue) -> _Kept | None:
    return None if kept is None else kind.model_validate(kept)


def _invalid(error: ValidationError) -> InvalidInput:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return InvalidInput(f"{where}: {first['msg']}", field=where)
