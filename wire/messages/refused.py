"""What the hub refuses of a device's messages."""

from enum import StrEnum

from wire.messages.base import Count, Instant, Message, Sha256, Text


class RefusalOutcome(StrEnum):
    """Why a message is refused."""

    MALFORMED = "malformed"
    """It breaks the contract."""
    QUARANTINED = "quarantined"
    """Its sender may not send it."""
    CONFLICT = "conflict"
    """Its key was used before for something else."""
    UNUSABLE = "unusable"
    """It keeps to the contract, but nothing can come of it: what it names does not exist, for example."""


class Refused(Message):
    """The hub refused a message: the one of this hash on this topic, which came `at`.

    Sending it again won't help. `untold` refusals before this one were not told, because there were
    too many.
    """

    topic: Text
    payload_sha256: Sha256
    reason: Text
    at: Instant
    outcome: RefusalOutcome
    untold: Count = 0
