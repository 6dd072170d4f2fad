"""The payloads of the contract, as pydantic models."""

from wire.messages.base import Crs, Message, Place
from wire.messages.commands import COMMAND, Ack, AckResult, AckState, Command, CommandType, Order
from wire.messages.config import DesiredModel, DeviceConfig, ReportedModel
from wire.messages.detections import Box, Detection, DetectionType, Ground
from wire.messages.events import EventType, TerminalEvent
from wire.messages.partners import CaseChange, CaseCloudEvent
from wire.messages.status import (
    CameraHealth,
    CameraStatus,
    Capability,
    EdgeHealth,
    EdgeStatus,
    HubStatus,
    Link,
    LoadedModel,
    Stream,
    TerminalStatus,
)
from wire.messages.telemetry import SAMPLES, Sample, Samples

__all__ = [
    "COMMAND",
    "SAMPLES",
    "Ack",
    "AckResult",
    "AckState",
    "Box",
    "CameraHealth",
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
    "Order",
    "Place",
    "ReportedModel",
    "Sample",
    "Samples",
    "Stream",
    "TerminalEvent",
    "TerminalStatus",
]
