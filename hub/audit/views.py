"""The audit, as the API shows it."""

from datetime import datetime

from pydantic import BaseModel, JsonValue

from hub.accounts.role import Role
from hub.audit.read import ReadKind


class AuditedReadView(BaseModel):
    """Who read what, when, from which address and on which page of the console."""

    read_id: int
    at: datetime
    username: str
    name: str
    role: Role
    kind: ReadKind
    route: str
    subject: str
    asked: dict[str, JsonValue]
    address: str
    page: str


class AuditedReadList(BaseModel):
    """`next_before` asks for the reads before these; null at the end."""

    items: list[AuditedReadView]
    next_before: int | None
