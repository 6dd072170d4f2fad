"""What is in use because the hub wished for it, and what was before: how a node gets away from a
wish that ends it again and again. Pure.
"""

from typing import Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict

MOST_STARTS = 3
"""What has not proved itself is given up after the node ended so often with it."""

Adopted = TypeVar("Adopted")


class StoredRecord(BaseModel):
    """A record on the disk; it may be that of a newer program, with fields that mean nothing here."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class RollbackState(StoredRecord, Generic[Adopted]):
    """`current` is None where what the node was installed with is in use.

    `starts` counts the node's starts with a `current` that was not `proven` yet, but for those that
    ended because the node was told to stop.
    """

    current: Adopted | None = None
    previous: Adopted | None = None
    proven: bool = True
    starts: int = 0

    @property
    def failed(self) -> bool:
        """Whether the node ended so often that it must not begin with this again."""
        return not self.proven and self.starts >= MOST_STARTS

    def started(self) -> Self:
        """The node begins with it."""
        return self if self.proven else self.model_copy(update={"starts": self.starts + 1})

    def stopped_cleanly(self) -> Self:
        """The node ends because it was told to."""
        return self.model_copy(update={"starts": max(0, self.starts - 1)})

    def adopted(self, new: Adopted) -> Self:
        """Something new is in use, and what proved itself last is held in reserve."""
        previous = self.current if self.proven else self.previous
        return self.model_copy(
            update={"current": new, "previous": previous, "proven": False, "starts": 1}
        )

    def proved(self) -> Self:
        """What is in use has proved itself."""
        return self.model_copy(update={"proven": True, "starts": 0})

    def rolled_back(self) -> Self:
        """What was before is in use again, for good."""
        return self.model_copy(
            update={"current": self.previous, "previous": None, "proven": True, "starts": 0}
        )
