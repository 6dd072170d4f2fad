"""Operate devices from afar: operators see what they run, admins say what they should run."""

from datetime import datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field, JsonValue

from hub.accounts.access import Admin, Operator
from hub.accounts.account import Role
from hub.devices.remote import (
    Aspect,
    Remote,
    Syncs,
    TwoSides,
    Wanted,
    desire_config,
    desire_model,
    remote_of,
    syncs,
)
from hub.devices.sync import Sync
from hub.devices.wish import Outcome, differing
from hub.devices.wishes import Wish, list_wishes
from hub.http.requests import Db, Work
from wire.limits import MAX_INTEGER
from wire.messages import DesiredModel, DeviceConfig, EdgeHealth, ReportedModel
from wire.messages.base import Sha256, Text
from wire.messages.config import Settings
from wire.topics import DEVICE_ID_PATTERN

router = APIRouter(prefix="/api/devices", tags=["devices"])

DeviceId = Annotated[str, Path(pattern=DEVICE_ID_PATTERN)]


class ConfigStateView(BaseModel):
    """`desired_settings` may hold passwords of cameras; only admins get them.

    `differs` are the paths at which the device runs something else than was asked for, as far as it
    says; null before it has said anything, empty where it is in step.
    """

    desired_version: int | None
    desired_settings: dict[str, JsonValue] | None
    desired_at: datetime | None
    reported: DeviceConfig | None
    reported_at: datetime | None
    sync: Sync | None
    differs: list[str] | None


class ModelStateView(BaseModel):
    desired: DesiredModel | None
    desired_at: datetime | None
    reported: ReportedModel | None
    reported_at: datetime | None
    sync: Sync | None


class RemoteView(BaseModel):
    """`health` has an edge node's newest figures."""

    device_id: str
    config: ConfigStateView
    model: ModelStateView
    health: EdgeHealth | None

    @classmethod
    def of(cls, device_id: str, remote: Remote, known: Syncs, *, whole: bool) -> Self:
        """The view; `whole` shows the desired settings too."""
        wish = remote.config.desired
        config = ConfigStateView(
            desired_version=None if wish is None else wish.version,
            desired_settings=wish.settings if whole and wish is not None else None,
            desired_at=remote.config.desired_at,
            reported=remote.config.reported,
            reported_at=remote.config.reported_at,
            sync=known.get((device_id, Aspect.CONFIG)),
            differs=_differs(remote.config, known.get((device_id, Aspect.CONFIG))),
        )
        model = ModelStateView(
            desired=remote.model.desired,
            desired_at=remote.model.desired_at,
            reported=remote.model.reported,
            reported_at=remote.model.reported_at,
            sync=known.get((device_id, Aspect.MODEL)),
        )
        return cls(device_id=device_id, config=config, model=model, health=remote.health)


def _differs(config: TwoSides[DeviceConfig, DeviceConfig], sync: Sync | None) -> list[str] | None:
    if config.desired is None or config.reported is None:
        return None
    if sync is Sync.IN_STEP:
        return []
    wanted, runs = config.desired.settings, config.reported.settings
    return list(differing({name: runs[name] for name in wanted if name in runs}, wanted))


class ConfigWish(BaseModel):
    """Settings as the device takes them; docs/edge.md lists those of an edge node."""

    settings: Settings


class ModelWish(BaseModel):
    """A signed archive; all but the address is in the paper that `python -m models pack` writes."""

    name: Text
    model_version: Text
    url: Annotated[Text, Field(pattern=r"^(https?|file)://")]
    sha256: Sha256
    signature: Text


class WishQuery(BaseModel):
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    before: Annotated[int | None, Field(ge=1, le=MAX_INTEGER)] = None


class WishView(BaseModel):
    """`changed` are the paths at which it differs from the version before.

    `settings` may hold passwords of cameras; of a configuration only admins get them.
    """

    version: int
    asked_by: str
    asked_at: datetime
    outcome: Outcome
    error: str | None
    settled_at: datetime | None
    changed: list[str]
    settings: dict[str, JsonValue] | None

    @classmethod
    def of(cls, wish: Wish, *, whole: bool) -> Self:
        return cls(
            version=wish.version,
            asked_by=wish.asked_by,
            asked_at=wish.asked_at,
            outcome=wish.outcome,
            error=wish.error,
            settled_at=wish.settled_at,
            changed=list(wish.changed),
            settings=wish.settings if whole else None,
        )


class WishList(BaseModel):
    """`next_before` asks for the versions before these; null at the end."""

    items: list[WishView]
    next_before: int | None


class Wished(BaseModel):
    """The device reports this version once it runs what was wished for, or says why it does not."""

    version: int


@router.get("/{device_id}/remote")
async def device_remote(db: Db, account: Operator, device_id: DeviceId) -> RemoteView:
    """What the device should run, what it says that it runs, and how it is doing."""
    remote = await remote_of(db, device_id)
    known = await syncs(db, [device_id])
    return RemoteView.of(device_id, remote, known, whole=account.role is Role.ADMIN)


@router.get("/{device_id}/{aspect}/wishes")
async def device_wishes(
    db: Db,
    account: Operator,
    device_id: DeviceId,
    aspect: Literal["config", "model"],
    wanted: Annotated[WishQuery, Query()],
) -> WishList:
    """Every version of what the device was asked to run, the newest first."""
    await remote_of(db, device_id)
    page, next_before = await list_wishes(
        db, device_id, Aspect(aspect), wanted.before, wanted.limit
    )
    whole = account.role is Role.ADMIN or aspect == "model"
    return WishList(
        items=[WishView.of(wish, whole=whole) for wish in page], next_before=next_before
    )


@router.put("/{device_id}/config")
async def desire_device_config(
    work: Work, account: Admin, device_id: DeviceId, wish: ConfigWish
) -> Wished:
    """Have the device told its configuration, now and whenever it connects."""
    version = await desire_config(work.by(account.actor), device_id, wish.settings)
    return Wished(version=version)


@router.put("/{device_id}/model")
async def desire_device_model(
    work: Work, account: Admin, device_id: DeviceId, wish: ModelWish
) -> Wished:
    """Have the edge node told which model to fetch, try and run."""
    wanted = Wanted(**wish.model_dump())
    return Wished(version=await desire_model(work.by(account.actor), device_id, wanted))
