"""Orders that send a holder to a place: repair, look, stand guard."""

import asyncio
from typing import TYPE_CHECKING

from firmware_sim.plane import XY
from scenes import CoverState
from wire import crs
from wire.messages import AckResult, AckState, CommandType, Crs
from wire.messages.commands import TaskOrder

if TYPE_CHECKING:
    from firmware_sim.duties import Duties
    from firmware_sim.terminal import Terminal

_SEEN = {
    CoverState.GOOD: "井盖完好",
    CoverState.BROKEN: "井盖破损",
    CoverState.OPEN: "井盖缺失",
}


class Tasks:
    """One errand at a time; whoever stands guard can be called away by a task of another case."""

    def __init__(self, terminal: "Terminal", duties: "Duties") -> None:
        self._terminal = terminal
        self._duties = duties
        self._guarded_case: int | None = None
        self._called_away = asyncio.Event()

    async def carry_out(self, order: TaskOrder) -> None:
        if not await self._duties.accepted(order):
            return
        if order.case_id is None or order.case_id != self._guarded_case:
            self._called_away.set()
        with self._terminal.engaged():
            point = self._point(order)
            async with self._terminal.errand:
                self._duties.ack(order, AckState.IN_PROGRESS)
                await self._terminal.walk_to(point)
                if order.type is CommandType.DISPATCH:
                    await self._repair(order, point)
                elif order.type is CommandType.VERIFY:
                    await self._look(order, point)
            if order.type is CommandType.GUARD:
                await self._guard(order, point)

    def _point(self, order: TaskOrder) -> XY:
        place = order.body.place
        lon, lat = place.lon, place.lat
        if place.crs is Crs.GCJ02:
            lon, lat = crs.gcj02_to_wgs84(lon, lat)
        return self._terminal.around.plane.to_metres((lon, lat))

    async def _repair(self, order: TaskOrder, point: XY) -> None:
        """The crew replaces the cover, and the holder photographs their work."""
        terminal, world = self._terminal, self._terminal.around.world
        await asyncio.sleep(terminal.around.habits.repair_s)
        asset_id = world.cover_near(point)
        if asset_id is not None:
            world.set_cover(asset_id, CoverState.GOOD, f"repaired by {terminal.device_id}")
            terminal.tell(
                "repaired", asset_id=asset_id, place=list(terminal.around.plane.to_degrees(point))
            )
        result = await self._with_photo(asset_id, point, "已处置完毕，现场恢复正常")
        world.finish_case(order.case_id)
        self._duties.ack(order, AckState.SUCCEEDED, result=result)

    async def _look(self, order: TaskOrder, point: XY) -> None:
        world = self._terminal.around.world
        asset_id = world.cover_near(point)
        text = _SEEN[world.cover(asset_id)] if asset_id else "现场已查看"
        result = await self._with_photo(asset_id, point, text)
        self._duties.ack(order, AckState.SUCCEEDED, result=result)

    async def _with_photo(self, asset_id: str | None, point: XY, text: str) -> AckResult:
        sha256 = await self._terminal.photograph(asset_id, point)
        return AckResult(evidence=(sha256,), place=self._terminal.place(), text=text)

    async def _guard(self, order: TaskOrder, point: XY) -> None:
        """Stand there until the case is done, its deadline has passed, or another task calls."""
        terminal, world = self._terminal, self._terminal.around.world
        asset_id = world.cover_near(point)
        was_damaged = world.cover(asset_id) is not CoverState.GOOD

        def relieved() -> bool:
            mended = was_damaged and world.cover(asset_id) is CoverState.GOOD
            return mended or world.is_finished(order.case_id)

        self._guarded_case, self._called_away = order.case_id, asyncio.Event()
        terminal.tell("guarding", command_id=order.command_id, asset_id=asset_id)
        due_at = order.body.due_at
        ends_s = max(0.0, (due_at - terminal.clock.now()).total_seconds()) if due_at else None
        relief = asyncio.ensure_future(world.until(relieved))
        call = asyncio.ensure_future(self._called_away.wait())
        try:
            done, _ = await asyncio.wait(
                (relief, call), timeout=ends_s, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            relief.cancel()
            call.cancel()
        self._guarded_case = None
        if call in done and relief not in done:
            self._duties.ack(order, AckState.FAILED, "called away to another task")
            return
        text = "险情解除，撤离" if relief in done else "看护时限已到"
        self._duties.ack(
            order, AckState.SUCCEEDED, result=AckResult(place=terminal.place(), text=text)
        )
