"""What is in use because the hub asked for it, and what was in use before. Pure.

A node returns to the latter if the former ends it again and again.
"""

from typing import Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict

MOST_STARTS = 3
"""After so many starts what has not proved itself is given up."""

Adopted = TypeVar("Adopted")


class StoredRecord(BaseModel):
    """A record on the disk. A newer program may have written it, so unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class RollbackState(StoredRecord, Generic[Adopted]):
    """`current` is None if the node runs what it was installed with.

    `starts` counts the node's starts with a `current` that was not `proven` yet; a start that ended
    because the node was told to stop does not count.
    """

    current: Adopted | None = None
    previous: Adopted | None = None
    proven: bool = True
    starts: int = 0

    @property
    def failed(self) -> bool:
        """Whether the node died so often with `current` that it must not start with it again."""
        return not self.proven and self.starts >= MOST_STARTS

    def started(self) -> Self:
        """The node starts with `current`."""
        return self if self.proven else self.model_copy(update={"starts": self.starts + 1})

    def stopped_cleanly(self) -> Self:
        """The node was told to stop."""
        return self.model_copy(update={"starts": max(0, self.starts - 1)})

    def adopted(self, new: Adopted) -> Self:
        """Something new is in use; what proved itself last is kept in reserve."""
        previous = self.current if self.proven else self.previous
        return self.model_copy(
            update={"current": new, "previous": previous, "proven": False, "starts": 1}
        )

    def proved(self) -> Self:
        """What is in use has proved itself."""
        return self.model_copy(update={"proven": True, "starts": 0})

    def rolled_back(self) -> Self:
        """What was in use before is in use again, for good."""
        return self.model_copy(
            update={"current": self.previous, "previous": None, "proven": True, "starts": 0}
        )
