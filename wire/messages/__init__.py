"""The payloads of the contract, as pydantic models."""

from wire.messages.base import Crs, Message, Place
from wire.messages.commands import (
    CAMERA_COMMAND,
    COMMAND,
    TERMINAL_COMMAND,
    Ack,
    AckResult,
    AckState,
    Command,
    CommandType,
    Order,
)
from wire.messages.config import (
    DesiredModel,
    DeviceConfig,
    ModelState,
    ReportedModel,
    ShadowFigures,
    signed_text,
)
from wire.messages.detections import Box, Detection, DetectionType, Ground, Shot, ShotRole
from wire.messages.events import EventType, TerminalEvent
from wire.messages.partners import CaseChange, CaseCloudEvent
from wire.messages.refused import RefusalOutcome, Refused
from wire.messages.status import (
    CameraHealth,
    CameraState,
    CameraStatus,
    Capability,
    EdgeHealth,
    EdgeStatus,
    HubStatus,
    Link,
    LoadedModel,
    Storage,
    Stream,
    TerminalStatus,
)
from wire.messages.telemetry import SAMPLES, Sample, Samples

__all__ = [
    "CAMERA_COMMAND",
    "COMMAND",
    "SAMPLES",
    "TERMINAL_COMMAND",
    "Ack",
    "AckResult",
    "AckState",
    "Box",
    "CameraHealth",
    "CameraState",
    "CameraStatus",
    "Capability",
    "CaseChange",
    "CaseCloudEvent",
    "Command",
    "CommandType",
    "Crs",
    "DesiredModel",
    "Detection",
    "DetectionType",
    "DeviceConfig",
    "EdgeHealth",
    "EdgeStatus",
    "EventType",
    "Ground",
    "HubStatus",
    "Link",
    "LoadedModel",
    "Message",
    "ModelState",
    "Order",
    "Place",
    "RefusalOutcome",
    "Refused",
    "ReportedModel",
    "Sample",
    "Samples",
    "ShadowFigures",
    "Shot",
    "ShotRole",
    "Storage",
    "Stream",
    "TerminalEvent",
    "TerminalStatus",
    "signed_text",
]
