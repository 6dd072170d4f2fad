"""The key of a message, and what it says: the same key with other content is a fault of the device."""

from hashlib import sha256

from wire.messages import Ack, Detection, Message, TerminalEvent


def key_of(message: Message) -> str | None:
    """The idempotency key of a message among those of its device and leaf; None if it has none."""
    match message:
        case TerminalEvent(event_id=event_id):
            return event_id
        case Ack(command_id=command_id, rev=rev):
            return f"{command_id}/{rev}"
        case Detection(detection_id=detection_id, seq=seq):
            return f"{detection_id}/{seq}"
        case _:
            return None


def content_sha256(message: Message, tail: str = "") -> str:
    """A hash of what a message says under a topic that ends in `tail`.

    The order of fields, blanks and unknown fields don't count, nor do fields that the contract has
    only since later and that keep their defaults.
    """
    said = message.model_dump_json(by_alias=True, exclude_defaults=True)
    return sha256(f"{tail}\n{said}".encode()).hexdigest()
