from edge.outbox import MessagePriority, OutboundMessage, QueuedMessage
from edge.resend_buffer import ResendBuffer
from wire.limits import SENT_AGAIN_S


class Watch:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def waiting(outbox_id: int, size: int = 1) -> QueuedMessage:
    return QueuedMessage(
        outbox_id, OutboundMessage("a/topic", b"x" * size, MessagePriority.TRANSITION)
    )


def ids(recent: ResendBuffer) -> list[int]:
    return [one.outbox_id for one in recent.all()]


def test_what_was_delivered_long_ago_is_forgotten() -> None:
    watch = Watch()
    recent = ResendBuffer(watch)
    recent.add(waiting(1))
    watch.now_s = SENT_AGAIN_S
    recent.add(waiting(2))
    assert ids(recent) == [1, 2]
    watch.now_s = SENT_AGAIN_S + 1
    assert ids(recent) == [2]


def test_sending_again_does_not_keep_a_message_for_ever() -> None:
    watch = Watch()
    recent = ResendBuffer(watch)
    recent.add(waiting(1))
    watch.now_s = SENT_AGAIN_S - 1
    recent.add(waiting(1))
    watch.now_s = SENT_AGAIN_S + 1
    assert ids(recent) == []


def test_the_oldest_go_when_there_is_too_much_to_remember() -> None:
    recent = ResendBuffer()
    for outbox_id in range(1, 7):
        recent.add(waiting(outbox_id, 1024 * 1024))
    assert ids(recent) == [3, 4, 5, 6]
