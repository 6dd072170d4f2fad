"""The signals of the benchmark: each of them must open a case to which policy sends a guard. Pure."""

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from random import Random

from pydantic import JsonValue

from bench.dispatch.places import DrawnPlace
from bench.ingest.load import DISTRICT
from wire import topics
from wire.topics import Kind, Leaf

EDGE, CAMERAS = "E-bench", tuple(f"C-bench-{number}" for number in range(1, 17))
_IN_TURN = ("report", "report", "report", "detection", "sos")
_DETECTED = ("manhole_open", "manhole_broken")
_PLACE_ERROR_M = 5.0
PHOTO = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
_BOX: dict[str, JsonValue] = {"x": 0.4, "y": 0.6, "w": 0.1, "h": 0.1}


@dataclass(frozen=True, slots=True)
class ReportedCondition:
    """A condition of the catalogue that a report may name."""

    category: str
    condition: str


@dataclass(frozen=True, slots=True)
class DrawnSignal:
    """One message. `sender` is the number of a terminal; None is the edge node.

    `body` lacks the instant of the observation, which goes under `instant` when it is sent.
    """

    identity: str
    sender: int | None
    device_id: str
    kind: str
    leaf: str
    tail: str
    instant: str
    body: dict[str, JsonValue]

    @property
    def topic(self) -> str:
        return topics.device(DISTRICT, Kind(self.kind), self.device_id, Leaf(self.leaf), self.tail)

    def as_json(self) -> dict[str, JsonValue]:
        """For the process that sends it."""
        return asdict(self)

    def as_row(self) -> dict[str, str]:
        """What its inbox row is made of."""
        return {
            "kind": self.kind,
            "device_id": self.device_id,
            "leaf": self.leaf,
            "tail": self.tail,
            "payload": json.dumps(self.body),
            "instant": self.instant,
            "identity": self.identity,
        }


class SignalSource:
    """Draws signals of all kinds in turn, each at a place of its own.

    A terminal calls for help once at most, since its second call belongs to the case of the first.
    """

    def __init__(
        self,
        device_ids: Sequence[str],
        places: Sequence[DrawnPlace],
        matters: Sequence[ReportedCondition],
        rng: Random,
    ) -> None:
        self._device_ids = device_ids
        self._places = iter(places)
        self._matters = cycle(rng.sample(matters, len(matters)))
        self._kinds = cycle(_IN_TURN)
        self._cameras = cycle(CAMERAS)
        self._labels = cycle(_DETECTED)
        order = rng.sample(range(len(device_ids)), len(device_ids))
        self._callers: Iterator[int] = iter(order)
        self._reporters = cycle(order)

    def draw(self, count: int, *, only_reports: bool = False) -> list[DrawnSignal]:
        """The next so many."""
        return [self._draw("report" if only_reports else next(self._kinds)) for _ in range(count)]

    def _draw(self, what: str) -> DrawnSignal:
        spot, identity = next(self._places), str(uuid.uuid4())
        if what == "detection":
            return self._detection(identity, spot)
        caller = next(self._callers, None) if what == "sos" else None
        place: JsonValue = {"lon": spot.lon, "lat": spot.lat, "accuracy_m": _PLACE_ERROR_M}
        body: dict[str, JsonValue] = {"event_id": identity, "place": place, "text": "a benchmark"}
        if caller is not None:
            return self._event(identity, caller, body | {"type": "sos"})
        matter = next(self._matters)
        about: dict[str, JsonValue] = {"category": matter.category, "condition": matter.condition}
        body |= about | {"type": "report", "evidence": [PHOTO]}
        return self._event(identity, next(self._reporters), body)

    def _event(self, identity: str, sender: int, body: dict[str, JsonValue]) -> DrawnSignal:
        device_id = self._device_ids[sender]
        return DrawnSignal(
            identity, sender, device_id, Kind.TERMINAL, Leaf.EVENTS, "", "observed_at", body
        )

    def _detection(self, identity: str, spot: DrawnPlace) -> DrawnSignal:
        ground: JsonValue = {"lon": spot.lon, "lat": spot.lat, "error_m": _PLACE_ERROR_M}
        model: JsonValue = {"name": "street", "version": "1.0.0", "sha256": "0" * 64}
        body: dict[str, JsonValue] = {
            "type": "new",
            "detection_id": identity,
            "seq": 1,
            "class": next(self._labels),
            "score": 0.93,
            "hits": 6,
            "box": _BOX,
            "ground": ground,
            "model": model,
            "evidence": PHOTO,
        }
        camera = next(self._cameras)
        return DrawnSignal(
            identity, None, EDGE, Kind.EDGE, Leaf.DETECTIONS, camera, "frame_at", body
        )
