"""Letters as the API shows them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import dict_row
from pydantic import BaseModel, computed_field

from hub.accounts.account import Account
from hub.cases import State
from hub.db import Connection
from hub.errors import NotFound
from hub.supervision.letters.letter import LetterKind, LetterState, letter_no
from hub.supervision.letters.store import SQL


class LetterView(BaseModel):
    """A letter with what became of it. `overdue`: its answer did not come by `answer_due_at`."""

    letter_id: int
    kind: LetterKind
    year: int
    number: int
    case_id: int
    case_no: str
    case_state: State
    title_zh: str
    title_en: str
    unit_key: str
    unit_name_zh: str
    unit_name_en: str
    copies: list[str]
    text: str
    issued_at: datetime
    issued_by: str
    issued_by_name: str | None
    answer_due_at: datetime | None
    overdue_at: datetime | None
    received_at: datetime | None
    received_by: str | None
    received_by_name: str | None
    answered_at: datetime | None
    answered_by: str | None
    answered_by_name: str | None
    answer: str | None
    answer_photos: list[str]
    recalled_at: datetime | None
    recalled_by: str | None
    recalled_by_name: str | None
    recall_reason: str | None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def letter_no(self) -> str:
        """The number as the document has it."""
        return letter_no(self.kind, self.year, self.number)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def state(self) -> LetterState:
        if self.recalled_at is not None:
            return LetterState.RECALLED
        if self.answered_at is not None:
            return LetterState.ANSWERED
        return LetterState.SENT if self.received_at is None else LetterState.RECEIVED


class LetterList(BaseModel):
    """`next_before` asks for the letters after these; null at the end."""

    items: list[LetterView]
    next_before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFilter:
    """Which letters to list. `open`: neither answered nor recalled. `before` is a letter's id."""

    letter_id: int | None = None
    case_id: int | None = None
    kind: LetterKind | None = None
    year: int | None = None
    unit: str | None = None
    open: bool | None = None
    overdue: bool | None = None
    text: str | None = None
    before: int | None = None
    limit: int = 50


async def list_letters(
    db: Connection, wanted: LetterFilter, account: Account | None = None
) -> LetterList:
    """Letters that the account may see, the newest first; without an account, all."""
    scope = (
        {"scope_units": None, "scope_territories": []} if account is None else account.scope.facts
    )
    facts: dict[str, Any] = scope | {
        "letter_id": wanted.letter_id,
        "case_id": wanted.case_id,
        "kind": wanted.kind,
        "year": wanted.year,
        "unit": wanted.unit,
        "open": wanted.open,
        "overdue": wanted.overdue,
        "q": f"%{_literally(wanted.text)}%" if wanted.text else None,
        "before": wanted.before,
        "limit": wanted.limit + 1,
    }
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["list"], facts)
        rows = await cursor.fetchall()
    page = [LetterView.model_validate(row) for row in rows[: wanted.limit]]
    return LetterList(
        items=page, next_before=page[-1].letter_id if len(rows) > wanted.limit else None
    )


async def letter_view(db: Connection, letter_id: int, account: Account) -> LetterView:
    """One letter. Raises NotFound, also for one that the account may not see."""
    found = await list_letters(db, LetterFilter(letter_id=letter_id, limit=1), account)
    if not found.items:
        raise NotFound(f"there is no letter {letter_id}", letter_id=letter_id)
    return found.items[0]


def _literally(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
