"""Detections whose hits come too slowly for their detector's window."""

from datetime import timedelta
from uuid import uuid4

from hub import catalogue
from hub.signals.signal import RejectReason, SignalState
from tests.integration.hub.cases.conftest import NOW
from tests.use_cases import carry_out
from wire.messages import Box, DetectionType, Shot


async def strict_window(db) -> None:
    """A broken cover needs three hits within ten seconds."""
    item = await catalogue.item(db, await catalogue.current_version(db), "manhole_cover")
    conditions = tuple(
        each.model_copy(
            update={
                "detectors": tuple(
                    rule.model_copy(update={"min_hits": 3, "window_s": 10.0})
                    for rule in each.detectors
                )
            }
        )
        for each in item.conditions
    )
    changed = [item.model_copy(update={"conditions": conditions})]
    await carry_out(db, NOW, catalogue.new_version, changed, source="tests", reason="")


async def test_hits_count_only_within_the_window(db, street):
    await strict_window(db)
    detection_id = str(uuid4())
    states = []
    for seq, (seconds, hits) in enumerate([(0, 1), (8, 2), (8, 3), (2, 7)], start=1):
        street.forward(seconds=seconds)
        kind = DetectionType.NEW if seq == 1 else DetectionType.UPDATE
        outcome = await street.detect(db, detection_id=detection_id, seq=seq, kind=kind, hits=hits)
        states.append(outcome.state)

    assert states == [SignalState.REJECTED] * 3 + [SignalState.ACCEPTED]


async def test_the_first_look_tells_that_hits_were_far_apart(db, street):
    await strict_window(db)
    shot = Shot(
        role="first",
        evidence="0" * 64,
        box=Box(x=0.1, y=0.2, w=0.3, h=0.4),
        score=0.8,
        frame_at=street.now - timedelta(seconds=90),
    )

    slow = await street.detect(db, hits=5, shots=(shot,))
    fast = await street.detect(db, hits=5)

    assert (slow.state, slow.reason) == (SignalState.REJECTED, RejectReason.BELOW_THRESHOLD)
    assert fast.state is SignalState.ACCEPTED
