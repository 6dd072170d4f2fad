"""Rank the terminals for a task, and give, read and cancel orders; for operators only."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, JsonValue

from hub.accounts.access import Dispatcher, Observer, OrderGiver
from hub.accounts.account import Account, Right
from hub.accounts.role import roles_with
from hub.accounts.sight import require_sight
from hub.commands.orders import read_body
from hub.commands.reading import CommandList, CommandView, command_by_id, list_commands
from hub.dispatch import commands
from hub.dispatch.commands import NewCommand
from hub.dispatch.groups import GroupView, NewGroup, group_by_id, issue_group
from hub.dispatch.selection import ByHand, InArea, Nearest, OfUnit, Selection
from hub.dispatch.views import CandidatesView
from hub.errors import Forbidden, InvalidInput
from hub.http.requests import Db, Now, Work
from wire.limits import MAX_INTEGER
from wire.messages import CommandType
from wire.messages.base import Lat, Lon
from wire.topics import DEVICE_ID_PATTERN

router = APIRouter(prefix="/api", tags=["dispatch"])

_THROUGH_VIDEO = frozenset({CommandType.VIDEO_START, CommandType.VIDEO_STOP})
_ADMIN_ONLY = frozenset(
    {CommandType.CONFIG, CommandType.MODEL_UPDATE, CommandType.REBOOT, CommandType.LOCK}
)

DeviceIdText = Annotated[str, Field(pattern=DEVICE_ID_PATTERN)]
CaseId = Annotated[int, Field(ge=1, le=MAX_INTEGER)]
ReasonText = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]


class CommandOrder(BaseModel):
    """An order to one device. A task at a case needs no body: it is made from the case.

    `besides`: send it although another device got the same task for the case within ten seconds.
    """

    device_id: DeviceIdText
    type: CommandType
    body: dict[str, JsonValue] | None = None
    case_id: CaseId | None = None
    reason: ReasonText | None = None
    recommendation_id: UUID | None = None
    besides: bool = False
    priority: Annotated[int, Field(ge=0, le=9)] | None = None


class NearestView(BaseModel):
    lon: Lon
    lat: Lat
    count: Annotated[int, Field(ge=1, le=50)]


class SelectionView(BaseModel):
    """Exactly one way to choose terminals: by id, of a unit and all below it, in a ring of [lon, lat], or
    the nearest that are online.
    """

    device_ids: Annotated[list[DeviceIdText], Field(min_length=1, max_length=2000)] | None = None
    unit_key: Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")] | None = None
    area: Annotated[list[tuple[Lon, Lat]], Field(min_length=3, max_length=500)] | None = None
    nearest: NearestView | None = None

    def selection(self) -> Selection:
        """Raises InvalidInput unless it is exactly one."""
        given = [value for value in self.__dict__.values() if value is not None]
        if len(given) != 1:
            raise InvalidInput("choose in exactly one way", field="selection")
        if self.device_ids is not None:
            return ByHand(tuple(self.device_ids))
        if self.unit_key is not None:
            return OfUnit(self.unit_key)
        if self.area is not None:
            return InArea(tuple(self.area))
        assert self.nearest is not None
        return Nearest(self.nearest.lon, self.nearest.lat, self.nearest.count)


class GroupOrder(BaseModel):
    """One order to many devices. `quorum`: how many must confirm it; all of them by default."""

    type: CommandType
    selection: SelectionView
    body: dict[str, JsonValue] | None = None
    case_id: CaseId | None = None
    reason: ReasonText | None = None
    priority: Annotated[int, Field(ge=0, le=9)] | None = None
    quorum: Annotated[int, Field(ge=0, le=2000)] | None = None


class Cancellation(BaseModel):
    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]


@router.get("/cases/{case_id}/candidates", responses={404: {}})
async def candidates(
    db: Db,
    now: Now,
    account: Dispatcher,
    case_id: CaseId,
    type: CommandType = CommandType.GUARD,  # noqa: A002
    video: bool = False,
) -> CandidatesView:
    """Rank the terminals for a task at a case; the ranking is kept. `video`: only those that can send it."""
    made = await commands.recommend(
        db, case_id, type, account.actor, now, video=video, scope=account.scope
    )
    return CandidatesView.of(made)


@router.post("/commands", status_code=201, responses={404: {}, 409: {}})
async def give_order(work: Work, account: OrderGiver, order: CommandOrder) -> CommandView:
    """Give an order to a device; 409 names the device that has just got the same task."""
    if order.type in _THROUGH_VIDEO:
        raise InvalidInput("ask for video with POST /api/video/sessions", field="type")
    _may_order(account, order.type)
    named = {"device_id": order.device_id, "case_id": order.case_id}
    await require_sight(work.db, account, named)
    new = NewCommand(
        device_id=order.device_id,
        type=order.type,
        body=None if order.body is None else read_body(order.type, order.body),
        case_id=order.case_id,
        reason=order.reason,
        recommendation_id=order.recommendation_id,
        priority=order.priority,
    )
    row = await commands.issue(work.by(account.actor), new, besides=order.besides)
    return await command_by_id(work.db, row.command_id)


@router.get("/commands")
async def orders(
    db: Db,
    account: Observer,
    case_id: CaseId | None = None,
    device_id: DeviceIdText | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> CommandList:
    """The newest orders first, of a case, a device, or all."""
    found = await list_commands(
        db, case_id=case_id, device_id=device_id, limit=limit, scope=account.scope
    )
    return CommandList(items=found)


@router.get("/commands/{command_id}", responses={404: {}})
async def one_order(db: Db, _account: Observer, command_id: UUID) -> CommandView:
    """An order with its history."""
    return await command_by_id(db, command_id)


@router.post("/commands/{command_id}/cancel", responses={404: {}, 409: {}})
async def cancel_order(
    work: Work, account: OrderGiver, command_id: UUID, body: Cancellation
) -> CommandView:
    """Cancel an order; if its device has it already, the holder gets a message."""
    _may_order(account, (await command_by_id(work.db, command_id)).type)
    await commands.cancel(work.by(account.actor), command_id, body.reason)
    return await command_by_id(work.db, command_id)


@router.post("/command-groups", status_code=201, responses={404: {}})
async def give_group_order(work: Work, account: OrderGiver, order: GroupOrder) -> GroupView:
    """Give an order to many devices; those that cannot get it are named, and the others get it."""
    if order.type in _THROUGH_VIDEO:
        raise InvalidInput("ask for video with POST /api/video/sessions", field="type")
    _may_order(account, order.type)
    await require_sight(work.db, account, {"case_id": order.case_id})
    new = NewGroup(
        type=order.type,
        selection=order.selection.selection(),
        body=None if order.body is None else read_body(order.type, order.body),
        case_id=order.case_id,
        reason=order.reason,
        priority=order.priority,
        quorum=order.quorum,
        scope=account.scope,
    )
    return await issue_group(work.by(account.actor), new)


@router.get("/command-groups/{group_id}", responses={404: {}})
async def one_group_order(db: Db, _account: Observer, group_id: UUID) -> GroupView:
    """The progress of an order to many devices, and those that have not confirmed it."""
    return await group_by_id(db, group_id)


def _may_order(account: Account, type_: CommandType) -> None:
    """Administrators look after devices and dispatchers send them: neither does the other's work."""
    right = Right.ADMINISTER if type_ in _ADMIN_ONLY else Right.DISPATCH
    if not account.may(right):
        who = " or ".join(roles_with(right))
        raise Forbidden(f"{type_} needs the role {who}", role=str(account.role))
