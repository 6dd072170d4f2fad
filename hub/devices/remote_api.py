"""Operate devices remotely: operators see what they run, admins set what they should run."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field, JsonValue

from hub.accounts.access import Admin, Observer
from hub.accounts.account import Role
from hub.devices.desired_signing import read_signer
from hub.devices.remote import (
    Aspect,
    NewModelRevision,
    Remote,
    RemoteConfig,
    RemoteModel,
    desire_config,
    desire_model,
    remote_of,
)
from hub.devices.revisions import Revision, list_revisions
from hub.devices.sync import Sync
from hub.http.requests import Db, HubSettings, Work
from wire.limits import MAX_INTEGER
from wire.messages import DeviceConfig, EdgeHealth
from wire.messages.config import Settings
from wire.topics import DEVICE_ID_PATTERN

router = APIRouter(prefix="/api/devices", tags=["devices"])

DeviceId = Annotated[str, Path(pattern=DEVICE_ID_PATTERN)]


class ConfigStateView(BaseModel):
    """`desired_settings` may hold passwords of cameras; only admins get them.

    `differs` are the paths at which the device runs other settings than desired, as far as it reports
    them; null before its first report, empty if it is in step.
    """

    desired_version: int | None
    desired_settings: dict[str, JsonValue] | None
    desired_at: datetime | None
    reported: DeviceConfig | None
    reported_at: datetime | None
    sync: Sync | None
    differs: list[str] | None

    @classmethod
    def of(cls, config: RemoteConfig, *, whole: bool) -> Self:
        """The view; `whole` shows the desired settings too."""
        desired = config.desired
        return cls(
            desired_version=None if desired is None else desired.version,
            desired_settings=desired.settings if whole and desired is not None else None,
            desired_at=config.desired_at,
            reported=config.reported,
            reported_at=config.reported_at,
            sync=config.sync,
            differs=config.differs,
        )


class RemoteView(BaseModel):
    """`health` has an edge node's newest figures."""

    device_id: str
    config: ConfigStateView
    model: RemoteModel
    health: EdgeHealth | None

    @classmethod
    def of(cls, device_id: str, remote: Remote, *, whole: bool) -> Self:
        """The view; `whole` shows the desired settings too."""
        config = ConfigStateView.of(remote.config, whole=whole)
        return cls(device_id=device_id, config=config, model=remote.model, health=remote.health)


class NewConfigRevision(BaseModel):
    """Settings as the device takes them; docs/edge.md lists those of an edge node."""

    settings: Settings


class RevisionQuery(BaseModel):
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    before: Annotated[int | None, Field(ge=1, le=MAX_INTEGER)] = None


class RevisionList(BaseModel):
    """`next_before` asks for the revisions before these; null at the end."""

    items: list[Revision]
    next_before: int | None


class RevisionNumber(BaseModel):
    """The device reports this version once it runs the desired state, or says why it does not."""

    version: int


@router.get("/{device_id}/remote")
async def device_remote(db: Db, account: Observer, device_id: DeviceId) -> RemoteView:
    """What the device should run, what it reports to run, and its health."""
    remote = await remote_of(db, device_id)
    return RemoteView.of(device_id, remote, whole=account.role is Role.ADMIN)


@router.get("/{device_id}/{aspect}/revisions")
async def device_revisions(
    db: Db,
    account: Observer,
    device_id: DeviceId,
    aspect: Literal["config", "model"],
    wanted: Annotated[RevisionQuery, Query()],
) -> RevisionList:
    """Every revision of what the device should run, the newest first."""
    await remote_of(db, device_id)
    page, next_before = await list_revisions(
        db, device_id, Aspect(aspect), wanted.before, wanted.limit
    )
    if account.role is not Role.ADMIN and aspect == "config":
        page = [replace(revision, settings=None) for revision in page]
    return RevisionList(items=page, next_before=next_before)


@router.put("/{device_id}/config")
async def desire_device_config(
    work: Work,
    account: Admin,
    device_id: DeviceId,
    desired: NewConfigRevision,
    settings: HubSettings,
) -> RevisionNumber:
    """Set the configuration of the device, which gets it now and whenever it connects."""
    signer = read_signer(settings.desired_key_file)
    version = await desire_config(work.by(account.actor), device_id, desired.settings, signer)
    return RevisionNumber(version=version)


@router.put("/{device_id}/model")
async def desire_device_model(
    work: Work,
    account: Admin,
    device_id: DeviceId,
    desired: NewModelRevision,
    settings: HubSettings,
) -> RevisionNumber:
    """Set the model that the edge node should download, try and run."""
    signer = read_signer(settings.desired_key_file)
    version = await desire_model(work.by(account.actor), device_id, desired, signer)
    return RevisionNumber(version=version)
