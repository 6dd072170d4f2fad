"""The audit as a table that leaves the hub."""

import json
from collections.abc import AsyncIterator
from typing import Literal

from hub.audit.store import AuditFilter, all_reads
from hub.db import Connection
from hub.tables import Column, ColumnKind, Row, Table

Language = Literal["zh", "en"]

_TITLES = {
    "at": ("时间", "time"),
    "username": ("账号", "account"),
    "name": ("姓名", "name"),
    "role": ("角色", "role"),
    "kind": ("类别", "kind"),
    "subject": ("查看对象", "subject"),
    "asked": ("查询条件", "asked for"),
    "address": ("来源地址", "address"),
    "page": ("所在页面", "page"),
    "route": ("接口", "route"),
}


def audit_table(db: Connection, wanted: AuditFilter, language: Language) -> Table:
    """All reads that are wanted, the newest first."""
    place = 0 if language == "zh" else 1
    columns = tuple(
        Column(key, titles[place], ColumnKind.INSTANT if key == "at" else ColumnKind.TEXT)
        for key, titles in _TITLES.items()
    )
    return Table(title=("审计" if place == 0 else "audit"), columns=columns, rows=_rows(db, wanted))


async def _rows(db: Connection, wanted: AuditFilter) -> AsyncIterator[Row]:
    async for read in all_reads(db, wanted):
        asked = json.dumps(read.asked, ensure_ascii=False) if read.asked else ""
        who = (read.at, read.username, read.name, str(read.role), str(read.kind))
        yield (*who, read.subject, asked, read.address, read.page, read.route)
