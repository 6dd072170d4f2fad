"""What the node tells the hub, as messages of the contract."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import BaseModel

from edge import VERSION
from edge.boxes import ImageBox
from edge.connection import RetainedMessage
from edge.detector import ModelInfo
from edge.evidence import Evidence
from edge.frame import CameraFrame
from edge.outbox import MessagePriority, OutboundMessage
from edge.tracking.snapshot_store import Snapshot
from edge.tracking.track import TrackTransition
from wire import topics
from wire.limits import CONTRACT_VERSION
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
class MessageEncoder:
    """Encodes this node's messages. `boot_id` is new at each start; `model` is the one in use."""

    district: str
    edge_id: str
    boot_id: str
    model: ModelInfo

    def birth(self) -> RetainedMessage:
        """The node is online."""
        return self._status(
            EdgeStatus(
                state=Link.ONLINE,
                boot_id=self.boot_id,
                at=datetime.now(UTC),
                firmware=VERSION,
                contract=CONTRACT_VERSION,
                models=(self.model.loaded,),
            )
        )

    def will(self) -> RetainedMessage:
        """The node is offline."""
        return self._status(EdgeStatus(state=Link.OFFLINE, boot_id=self.boot_id))

    def reported(self, config: DeviceConfig) -> RetainedMessage:
        """The configuration that the node runs with."""
        return RetainedMessage(self.topic(Leaf.CONFIG_REPORTED), _json(config))

    def reported_model(self, model: ReportedModel) -> RetainedMessage:
        """The model that the node runs, and what became of the desired one."""
        return RetainedMessage(self.topic(Leaf.MODELS_REPORTED), _json(model))

    def topic(self, leaf: Leaf, tail: str = "") -> str:
        """A topic of this node."""
        return topics.device(self.district, Kind.EDGE, self.edge_id, leaf, tail)

    def health(self, health: EdgeHealth) -> OutboundMessage:
        """The node's figures."""
        return OutboundMessage(self.topic(Leaf.HEALTH), _json(health), MessagePriority.HEALTH)

    def evidence(self, evidence: Evidence, *, routine: bool) -> OutboundMessage:
        """A picture, with its hash in the topic."""
        priority = MessagePriority.ROUTINE if routine else MessagePriority.EVIDENCE
        return OutboundMessage(self.topic(Leaf.EVIDENCE, evidence.sha256), evidence.jpeg, priority)

    def detection(
        self,
        transition: TrackTransition,
        frame: CameraFrame,
        ground: Ground,
        evidence: Evidence | None,
        further: Sequence[Snapshot] = (),
    ) -> OutboundMessage:
        """A transition of a track. The class stays that of the fault, even once it is cleared."""
        track = transition.track
        detection = Detection(
            type=transition.type,
            detection_id=track.detection_id,
            seq=track.seq,
            label=track.label,
            score=_share(track.score),
            hits=track.hits,
            box=_box(track.box),
            ground=ground,
            model=self.model.loaded,
            frame_at=frame.taken_at,
            evidence=None if evidence is None else evidence.sha256,
            shots=tuple(_shot(one) for one in further),
        )
        priority = MessagePriority.ROUTINE if transition.routine else MessagePriority.TRANSITION
        return OutboundMessage(
            self.topic(Leaf.DETECTIONS, frame.camera_id), _json(detection), priority
        )

    def _status(self, status: EdgeStatus) -> RetainedMessage:
        return RetainedMessage(self.topic(Leaf.STATUS), _json(status))


def _shot(snapshot: Snapshot) -> Shot:
    return Shot(
        role=snapshot.role,
        evidence=snapshot.evidence.sha256,
        box=_box(snapshot.box),
        score=_share(snapshot.score),
        frame_at=snapshot.frame_at,
    )


def _box(box: ImageBox) -> Box:
    box = box.within_picture()
    return Box(x=box.x, y=box.y, w=box.w, h=box.h)


def _share(score: float) -> float:
    return min(max(score, 0.0), 1.0)


def _json(message: BaseModel) -> bytes:
    return message.model_dump_json(by_alias=True, exclude_none=True).encode()
