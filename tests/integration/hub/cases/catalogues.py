"""Versions of the catalogue that differ in one thing."""

from datetime import datetime

from psycopg.types.json import Jsonb

from hub.catalogue import CatalogueItem, new_version
from hub.db import Connection
from tests.use_cases import carry_out

BURST_PIPE = CatalogueItem.model_validate(
    {
        "item_key": "water_pipe",
        "title_zh": "供水管道",
        "title_en": "Water pipe",
        "kind": "component",
        "owner_rule": "fixed",
        "lead_unit": "housing_bureau",
        "conditions": [
            {
                "cond_key": "burst",
                "text_zh": "爆管",
                "text_en": "Burst",
                "severity": "mid",
                "close_condition": "路面恢复原状",
                "evidence_required": [],
                "steps": [
                    {
                        "step_key": "fence",
                        "text_zh": "围挡",
                        "text_en": "Fence off",
                        "limit_type": "urgent_hour",
                        "limit_value": 3,
                        "close_condition": "行人车辆无法进入",
                    },
                    {
                        "step_key": "repair",
                        "text_zh": "抢修",
                        "text_en": "Repair",
                        "limit_type": "urgent_hour",
                        "limit_value": 8,
                    },
                    {
                        "step_key": "pave",
                        "text_zh": "恢复路面",
                        "text_en": "Restore the surface",
                        "limit_type": "work_day",
                        "limit_value": 5,
                    },
                ],
            }
        ],
    }
)


async def add_burst_pipe(db: Connection, now: datetime) -> None:
    """From now on the list has a pipe whose burst has a staged limit: fence off, repair, pave."""
    await carry_out(db, now, new_version, [BURST_PIPE], source="test", reason="")


async def verify_before_filing(db: Connection) -> None:
    """From the next version on, somebody must have looked before a cover becomes a case."""
    await db.execute(
        "INSERT INTO catalogue_version SELECT 2, imported_at, imported_by, source"
        " FROM catalogue_version WHERE version = 1"
    )
    await db.execute(
        "INSERT INTO catalogue_item SELECT 2, item_key,"
        " CASE item_key WHEN 'manhole_cover' THEN body || %s ELSE body END"
        " FROM catalogue_item WHERE version = 1",
        (Jsonb({"verify_before_filing": True}),),
    )
    await db.commit()
