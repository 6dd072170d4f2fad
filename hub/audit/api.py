"""The audit for the auditor: query it, and export it."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from hub.accounts.access import Auditor
from hub.audit.read import ReadKind
from hub.audit.recording import audited
from hub.audit.store import AuditFilter, list_reads
from hub.audit.table import Language, audit_table
from hub.audit.views import AuditedReadList
from hub.http.requests import Db
from hub.tables import TableFormat, table_download
from wire.limits import MAX_INTEGER
from wire.messages.base import Instant

router = APIRouter(prefix="/api/audit", tags=["audit"])

_Text = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]


class AuditQuery(BaseModel):
    """`subject` is part of what was read (`device:T-0001`) or of the page that asked (`/cases/12`)."""

    username: _Text | None = None
    kind: list[ReadKind] = []
    subject: _Text | None = None
    address: _Text | None = None
    since: Instant | None = None
    until: Instant | None = None

    def filter(self, before: int | None = None, limit: int = 100) -> AuditFilter:
        given = self.model_dump(include={"username", "subject", "address", "since", "until"})
        return AuditFilter(**given, kinds=tuple(self.kind), before=before, limit=limit)


class AuditPageQuery(AuditQuery):
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    before: Annotated[int | None, Field(ge=1, le=MAX_INTEGER)] = None


class AuditExport(AuditQuery):
    format: TableFormat = TableFormat.XLSX
    language: Language = "zh"


@router.get("/reads", dependencies=[audited(ReadKind.AUDIT)])
async def audited_reads(
    db: Db, _account: Auditor, asked: Annotated[AuditPageQuery, Query()]
) -> AuditedReadList:
    """Who looked at tracks, positions, photos, video, contacts and exports; the newest first."""
    found = await list_reads(db, asked.filter(asked.before, asked.limit + 1))
    page = found[: asked.limit]
    goes_on = len(found) > asked.limit
    return AuditedReadList(items=page, next_before=page[-1].read_id if goes_on else None)


@router.get(
    "/reads/export", response_class=StreamingResponse, dependencies=[audited(ReadKind.AUDIT)]
)
async def export_audit(
    db: Db, _account: Auditor, asked: Annotated[AuditExport, Query()]
) -> StreamingResponse:
    """The audit as CSV or XLSX; this look at it is in it, too."""
    return await table_download(
        audit_table(db, asked.filter(), asked.language), asked.format, "audit"
    )
