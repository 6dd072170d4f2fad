"""Commands that send a holder to a place: repair, look, stand guard."""

import asyncio

from firmware_sim.command_acks import CommandAcks
from firmware_sim.commanded_terminal import CommandedTerminal
from firmware_sim.geometry import XY
from scenes import CoverState
from wire import crs
from wire.messages import AckResult, AckState, CommandType, Crs
from wire.messages.commands import TaskOrder

_SEEN = {
    CoverState.GOOD: "井盖完好",
    CoverState.BROKEN: "井盖破损",
    CoverState.OPEN: "井盖缺失",
}


class Tasks:
    """One errand at a time; a holder on guard can be called away by a task of another case."""

    def __init__(self, terminal: CommandedTerminal, acks: CommandAcks) -> None:
        self._terminal = terminal
        self._acks = acks
        self._guarded_case: int | None = None
        self._called_away = asyncio.Event()

    async def carry_out(self, command: TaskOrder) -> None:
        if not await self._acks.accepted(command):
            return
        if command.case_id is None or command.case_id != self._guarded_case:
            self._called_away.set()
        with self._terminal.engaged():
            point = self._point(command)
            async with self._terminal.errand:
                self._acks.send(command, AckState.IN_PROGRESS)
                await self._terminal.walk_to(point)
                if command.type is CommandType.DISPATCH:
                    await self._repair(command, point)
                elif command.type is CommandType.VERIFY:
                    await self._look(command, point)
            if command.type is CommandType.GUARD:
                await self._guard(command, point)

    def _point(self, command: TaskOrder) -> XY:
        place = command.body.place
        lon, lat = place.lon, place.lat
        if place.crs is Crs.GCJ02:
            lon, lat = crs.gcj02_to_wgs84(lon, lat)
        return self._terminal.around.projection.to_metres((lon, lat))

    async def _repair(self, command: TaskOrder, point: XY) -> None:
        """The crew replaces the cover, and the holder photographs their work."""
        terminal, world = self._terminal, self._terminal.around.world
        await asyncio.sleep(terminal.around.habits.repair_s)
        asset_id = world.cover_near(point)
        if asset_id is not None:
            world.set_cover(asset_id, CoverState.GOOD, f"repaired by {terminal.device_id}")
            terminal.log_activity(
                "repaired",
                asset_id=asset_id,
                place=list(terminal.around.projection.to_degrees(point)),
            )
        result = await self._with_photo(asset_id, point, "已处置完毕，现场恢复正常")
        world.finish_case(command.case_id)
        self._acks.send(command, AckState.SUCCEEDED, result=result)

    async def _look(self, command: TaskOrder, point: XY) -> None:
        world = self._terminal.around.world
        asset_id = world.cover_near(point)
        text = _SEEN[world.cover(asset_id)] if asset_id else "现场已查看"
        result = await self._with_photo(asset_id, point, text)
        self._acks.send(command, AckState.SUCCEEDED, result=result)

    async def _with_photo(self, asset_id: str | None, point: XY, text: str) -> AckResult:
        sha256 = await self._terminal.photograph(asset_id, point)
        return AckResult(evidence=(sha256,), place=self._terminal.place(), text=text)

    async def _guard(self, command: TaskOrder, point: XY) -> None:
        """Stand there until the case is done, its deadline has passed, or another task calls."""
        terminal, world = self._terminal, self._terminal.around.world
        asset_id = world.cover_near(point)
        was_damaged = world.cover(asset_id) is not CoverState.GOOD

        def relieved() -> bool:
            mended = was_damaged and world.cover(asset_id) is CoverState.GOOD
            return mended or world.is_finished(command.case_id)

        self._guarded_case, self._called_away = command.case_id, asyncio.Event()
        terminal.log_activity("guarding", command_id=command.command_id, asset_id=asset_id)
        due_at = command.body.due_at
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
            self._acks.send(command, AckState.FAILED, "called away to another task")
            return
        text = "险情解除，撤离" if relief in done else "看守时限已到"
        self._acks.send(
            command, AckState.SUCCEEDED, result=AckResult(place=terminal.place(), text=text)
        )
