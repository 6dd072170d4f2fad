"""What leaves for partner systems: CloudEvents 1.0 in structured JSON mode."""

from typing import Literal

from wire.messages.base import Instant, Message, Ordinal, Text, Uuid


class CaseChange(Message):
    case_id: Ordinal
    case_no: Text
    item_key: Text
    state: Text
    lead_unit: Text | None = None
    due_at: Instant | None = None


class CaseCloudEvent(Message):
    """Attributes as in the CloudEvents 1.0 specification, section "Context Attributes"."""

    specversion: Literal["1.0"] = "1.0"
    id: Uuid
    source: Text
    type: Text
    subject: Text
    time: Instant
    datacontenttype: Literal["application/json"] = "application/json"
    data: CaseChange
