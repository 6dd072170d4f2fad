"""A small district: two villages of one town, terminals that can be placed, and cases."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from hub.commands.answers import NewAck
from hub.commands.issuing import NewCommand
from hub.commands.reading import CommandView, command_by_id
from hub.db import Connection
from hub.dispatch import commands as dispatch
from hub.journal import Entry, Subject, entries_of
from tests.use_cases import carry_out
from wire.messages import COMMAND, Ack, AckState, Command

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
LON, LAT = 103.82, 25.60
EAST_100_M = 0.000995
"""So many degrees of longitude are 100 m here."""

MANHOLE = {
    "item_key": "manhole_cover",
    "title_zh": "井盖",
    "title_en": "Manhole cover",
    "kind": "component",
    "owner_rule": "asset_owner",
    "asset_types": ["manhole_sewage"],
    "conditions": [
        {
            "cond_key": "broken",
            "text_zh": "破损",
            "text_en": "broken",
            "severity": "high",
            "limit_type": "work_day",
            "limit_value": 2,
        }
    ],
}


OPERATOR = "user:operator"


@dataclass
class District:
    """The district, and a clock that only `forward` moves."""

    db: Connection
    now: datetime = NOW

    def forward(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now

    async def found(self) -> None:
        await self.db.execute(
            "INSERT INTO district VALUES ('530303', '沾益区（模拟）', 'Zhanyi', 103.8, 25.6,"
            " '{103,25,104,26}')"
        )
        await self.db.execute(
            "INSERT INTO unit (unit_key, kind, level, name_zh, name_en, parent) VALUES"
            " ('housing_bureau', 'department', NULL, '住建局', 'Housing', NULL),"
            " ('district_530303', 'territory', 'district', '沾益区', 'Zhanyi', NULL),"
            " ('town_01', 'territory', 'township', '西平街道', 'Xiping', 'district_530303'),"
            " ('village_001', 'territory', 'village', '玉林社区', 'Yulin', 'town_01'),"
            " ('village_002', 'territory', 'village', '龙华社区', 'Longhua', 'town_01')"
            " ON CONFLICT (unit_key) DO UPDATE SET parent = excluded.parent"
        )
        await self.db.execute(
            "INSERT INTO catalogue_version VALUES (1, %s, 'system:test', 'test')", (NOW,)
        )
        await self.db.execute(
            "INSERT INTO catalogue_item VALUES (1, 'manhole_cover', %s)", (Jsonb(MANHOLE),)
        )

    async def terminal(
        self,
        device_id: str,
        *,
        metres: float = 100,
        unit: str = "village_001",
        battery: float | None = 80,
        capabilities: tuple[str, ...] = ("video", "photo"),
        position_age_s: float = 5,
    ) -> str:
        """A terminal that is online, so many metres east of the cases."""
        await self.db.execute(
            "INSERT INTO device (device_id, kind, name_zh, name_en, unit_key, holder_registered,"
            " capabilities_registered, registered_at) VALUES (%s, 'terminals', '终端', 'Terminal', %s,"
            " '网格员 0012', %s, %s)",
            (device_id, unit, list(capabilities), NOW),
        )
        at = self.now - timedelta(seconds=position_age_s)
        await self.db.execute(
            "INSERT INTO terminal_live (device_id, order_at, observed_at, received_at, lon, lat,"
            " accuracy_m, battery) VALUES (%s, %s, %s, %s, %s, %s, 10, %s)",
            (device_id, at, at, at, LON + metres / 100 * EAST_100_M, LAT, battery),
        )
        await self.heard(device_id)
        return device_id

    async def heard(self, *device_ids: str) -> None:
        """Uplinks of these terminals, at this moment."""
        await self.db.execute(
            "UPDATE device SET last_uplink_at = %s WHERE device_id = ANY(%s)",
            (self.now, list(device_ids)),
        )
        await self.db.execute(
            "UPDATE terminal_live SET order_at = %s WHERE device_id = ANY(%s)",
            (self.now, list(device_ids)),
        )

    async def silent(self, device_id: str, for_s: float = 3600) -> None:
        await self.db.execute(
            "UPDATE device SET last_uplink_at = %s WHERE device_id = %s",
            (self.now - timedelta(seconds=for_s), device_id),
        )

    async def case(self, *, severity: str = "high", due_in: timedelta = timedelta(days=2)) -> int:
        row = await (
            await self.db.execute(
                "INSERT INTO cases (case_no, state, item_key, cond_key, catalogue_version,"
                " severity, lon, lat, error_m, dedup_key, occurred_at, last_seen_at, filed_at,"
                " filed_by, lead_unit, territory_unit, routed_at, due_at) VALUES (%s, 'ROUTED',"
                " 'manhole_cover', 'broken', 1, %s, %s, %s, 5, %s, %s, %s, %s, 'system:test',"
                " 'housing_bureau', 'village_001', %s, %s) RETURNING case_id",
                (
                    f"2025-{uuid4().hex[:6]}",
                    severity,
                    LON,
                    LAT,
                    uuid4().hex,
                    NOW,
                    NOW,
                    NOW,
                    NOW,
                    NOW + due_in,
                ),
            )
        ).fetchone()
        assert row is not None
        return int(row[0])

    async def end_case(self, case_id: int) -> None:
        await self.db.execute("UPDATE cases SET state = 'VOID' WHERE case_id = %s", (case_id,))

    async def broker_takes(self) -> list[Command]:
        """What the publisher does: publish what is waiting and not too old; what devices receive."""
        cursor = await self.db.execute(
            "UPDATE outbox SET published_at = %s WHERE published_at IS NULL AND dropped_at IS NULL"
            " AND expires_at > %s RETURNING outbox_id, payload, correlation",
            (self.now, self.now),
        )
        rows = sorted(await cursor.fetchall())
        await carry_out(self.db, self.now, dispatch.mark_sent, [row[2] for row in rows])
        return [COMMAND.validate_json(row[1]) for row in rows]

    async def issue(self, new: NewCommand, by: str = OPERATOR) -> CommandView:
        row = await carry_out(self.db, self.now, dispatch.issue, new, by=by)
        return await command_by_id(self.db, row.command_id)

    async def guard(self, case_id: int) -> CommandView | None:
        row = await carry_out(self.db, self.now, dispatch.guard_by_policy, case_id)
        return None if row is None else await command_by_id(self.db, row.command_id)

    async def cancel(self, command_id: UUID, reason: str) -> CommandView:
        await carry_out(self.db, self.now, dispatch.cancel, command_id, reason, by=OPERATOR)
        return await command_by_id(self.db, command_id)

    async def ack(
        self, command: CommandView, state: AckState, rev: int, **rest: object
    ) -> CommandView:
        ack = Ack.model_validate(
            {"command_id": str(command.command_id), "state": state, "rev": rev, "at": self.now}
            | rest
        )
        await self.answer(command.device_id, ack)
        return await command_by_id(self.db, command.command_id)

    async def answer(self, device_id: str, ack: Ack) -> None:
        """Raises the error that the answer is refused with."""
        new = NewAck(device_id, ack, self.now)
        refused = await carry_out(self.db, self.now, dispatch.take_acks, [new])
        for error in refused.values():
            raise error

    async def story(self, subject: Subject, subject_id: int | str) -> list[Entry]:
        return await entries_of(self.db, subject, str(subject_id))


@pytest.fixture
async def district(db: Connection) -> District:
    made = District(db)
    await made.found()
    return made
