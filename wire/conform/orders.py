"""The commands of a trial, one of each type that a kind of device can get."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from wire.messages import Capability, CommandType
from wire.topics import Kind

_TITLE, _TEXT = (
    "合规测试",
    "这是一次合规测试，请按平常处理。 This is a trial of conformity; handle it as usual.",
)


@dataclass(frozen=True)
class TrialOrder:
    """One command to try. `asks_person`: somebody has to press a button before it goes on.

    `needs`: only devices that announce this capability are asked. `waits_s`: for how long its end may
    take, over what a person takes. `lasts`: it goes on until the hub ends it, so `in_progress` will do.
    """

    type: CommandType
    body: Mapping[str, Any]
    asks_person: bool = False
    needs: Capability | None = None
    waits_s: float = 30.0
    lasts: bool = False

    def document(self, *, issued_s_ago: float = 0.0, valid_s: float = 300.0) -> dict[str, Any]:
        """The command as JSON, under a new id. A `valid_s` below zero: it expired that long ago."""
        now = datetime.now(UTC)
        return {
            "command_id": str(uuid4()),
            "type": self.type.value,
            "priority": 1,
            "issued_at": (now - timedelta(seconds=issued_s_ago)).isoformat(),
            "expires_at": (now + timedelta(seconds=valid_s)).isoformat(),
            "body": dict(self.body),
        }


@dataclass(frozen=True)
class TrialPlace:
    """Where the tasks of a trial are: degrees in WGS-84."""

    lon: float
    lat: float


def orders_for(kind: Kind, place: TrialPlace, whip_url: str) -> Iterator[TrialOrder]:
    """Every command type that this kind of device gets, apart from those that end the trial."""
    if kind is Kind.TERMINAL:
        yield from _terminal_orders(place, whip_url)
    elif kind is Kind.CAMERA:
        yield TrialOrder(CommandType.SNAPSHOT, {})
        yield TrialOrder(CommandType.PTZ_GOTO, {"pan_deg": 0.0, "tilt_deg": 0.0, "zoom": 1.0})
        yield TrialOrder(CommandType.RECORD_CLIP, {"length_s": 5}, waits_s=60)


def _terminal_orders(place: TrialPlace, whip_url: str) -> Iterator[TrialOrder]:
    task = {
        "title": _TITLE,
        "text": _TEXT,
        "place": {"lon": place.lon, "lat": place.lat, "accuracy_m": 10.0},
    }
    yield TrialOrder(CommandType.LOCATE, {})
    yield TrialOrder(CommandType.MESSAGE, {"text": _TEXT}, asks_person=True)
    yield TrialOrder(CommandType.BROADCAST, {"text": _TEXT}, asks_person=True)
    for type_ in (CommandType.DISPATCH, CommandType.VERIFY, CommandType.GUARD):
        yield TrialOrder(type_, task, asks_person=True, lasts=type_ is CommandType.GUARD)
    yield TrialOrder(CommandType.SNAPSHOT, {}, needs=Capability.PHOTO)
    session_id = str(uuid4())
    start = {"session_id": session_id, "whip_url": whip_url, "token": "conform", "max_s": 30}
    yield TrialOrder(CommandType.VIDEO_START, start, asks_person=True, needs=Capability.VIDEO)
    yield TrialOrder(CommandType.VIDEO_STOP, {"session_id": session_id}, needs=Capability.VIDEO)
    yield TrialOrder(CommandType.TALK_START, {}, needs=Capability.TALK)
    yield TrialOrder(CommandType.CONFIG, {"version": 0})


def disturbing_orders() -> Iterator[TrialOrder]:
    """Commands that restart or lock the device: only if the maker allows it."""
    yield TrialOrder(CommandType.LOCK, {})
    yield TrialOrder(CommandType.REBOOT, {})
