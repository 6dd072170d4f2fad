"""What the node tells the hub, in the words of the contract."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import BaseModel

from edge import VERSION
from edge.boxes import Box as Place
from edge.detector import Model
from edge.evidence import Evidence
from edge.frame import Frame
from edge.link import Retained
from edge.outbox import Outgoing, Worth
from edge.slots.album import Kept
from edge.slots.slot import Transition
from wire import topics
from wire.messages import (
    Box,
    Detection,
    DeviceConfig,
    EdgeHealth,
    EdgeStatus,
    Ground,
    Link,
    ReportedModel,
    Shot,
)
from wire.topics import Kind, Leaf


@dataclass
class Sender:
    """Makes this node's messages. `boot_id` is new at each start; `model` is the one in use."""

    district: str
    edge_id: str
    boot_id: str
    model: Model

    def birth(self) -> Retained:
        """The node is there."""
        return self._status(
            EdgeStatus(
                state=Link.ONLINE,
                boot_id=self.boot_id,
                at=datetime.now(UTC),
                firmware=VERSION,
                models=(self.model.loaded,),
            )
        )

    def will(self) -> Retained:
        """The node is gone."""
        return self._status(EdgeStatus(state=Link.OFFLINE, boot_id=self.boot_id))

    def reported(self, config: DeviceConfig) -> Retained:
        """The configuration that the node runs with."""
        return Retained(self._topic(Leaf.CONFIG_REPORTED), _json(config))

    def reported_model(self, model: ReportedModel) -> Retained:
        """The model that the node runs, and what became of the desired one."""
        return Retained(self._topic(Leaf.MODELS_REPORTED), _json(model))

    def hears(self, leaf: Leaf) -> str:
        """The topic of what the hub desires of this node."""
        return self._topic(leaf)

    def health(self, health: EdgeHealth) -> Outgoing:
        """The node's figures."""
        return Outgoing(self._topic(Leaf.HEALTH), _json(health), Worth.HEALTH)

    def evidence(self, evidence: Evidence, *, routine: bool) -> Outgoing:
        """A picture, under its hash."""
        worth = Worth.ROUTINE if routine else Worth.EVIDENCE
        return Outgoing(self._topic(Leaf.EVIDENCE, evidence.sha256), evidence.jpeg, worth)

    def detection(
        self,
        transition: Transition,
        frame: Frame,
        ground: Ground,
        evidence: Evidence | None,
        further: Sequence[Kept] = (),
    ) -> Outgoing:
        """A transition of a slot. The class stays that of the fault, also once it is cleared."""
        slot = transition.slot
        detection = Detection(
            type=transition.type,
            detection_id=slot.detection_id,
            seq=slot.seq,
            label=slot.label,
            score=_share(slot.score),
            hits=slot.hits,
            box=_box(slot.box),
            ground=ground,
            model=self.model.loaded,
            frame_at=frame.taken_at,
            evidence=None if evidence is None else evidence.sha256,
            shots=tuple(_shot(one) for one in further),
        )
        worth = Worth.ROUTINE if transition.routine else Worth.TRANSITION
        return Outgoing(self._topic(Leaf.DETECTIONS, frame.camera_id), _json(detection), worth)

    def _status(self, status: EdgeStatus) -> Retained:
        return Retained(self._topic(Leaf.STATUS), _json(status))

    def _topic(self, leaf: Leaf, tail: str = "") -> str:
        return topics.device(self.district, Kind.EDGE, self.edge_id, leaf, tail)


def _shot(kept: Kept) -> Shot:
    return Shot(
        role=kept.role,
        evidence=kept.evidence.sha256,
        box=_box(kept.box),
        score=_share(kept.score),
        frame_at=kept.frame_at,
    )


def _box(box: Place) -> Box:
    box = box.within_picture()
    return Box(x=box.x, y=box.y, w=box.w, h=box.h)


def _share(score: float) -> float:
    return min(max(score, 0.0), 1.0)


def _json(message: BaseModel) -> bytes:
    return message.model_dump_json(by_alias=True, exclude_none=True).encode()
