"""What the hub refuses of a device's messages."""

from enum import StrEnum


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
