"""Where a reader of the journal stands."""

from dataclasses import dataclass

from hub.journal.entry import Entry

MARK_LENGTH = 12
CURSOR_PATTERN = rf"^[0-9]{{1,18}}(-[0-9a-f]{{{MARK_LENGTH}}})?$"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A reader has all entries up to `journal_id`, whose hash begins with `mark`.

    The mark tells this journal from another one that has another entry under the same id, such as one
    restored from a backup. A cursor without a mark trusts its id.
    """

    journal_id: int
    mark: str = ""

    def __str__(self) -> str:
        return f"{self.journal_id}-{self.mark}" if self.mark else str(self.journal_id)

    @classmethod
    def at(cls, entry: Entry) -> "Cursor":
        return cls(entry.journal_id, entry.hash[:MARK_LENGTH])

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """`text` fits CURSOR_PATTERN."""
        journal_id, _, mark = text.partition("-")
        return cls(int(journal_id), mark)
