"""Letters: list, read, print, issue, sign for, answer and recall."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from hub.accounts.access import Anyone, Supervisor, signed_in
from hub.accounts.account import Account, Role
from hub.audit import ReadKind
from hub.audit.recording import audited
from hub.http.requests import Db, HubSettings, Work
from hub.supervision.documents.templates import DocumentLanguage
from hub.supervision.letters import commands
from hub.supervision.letters.document import letter_html, letter_pdf
from hub.supervision.letters.letter import LetterKind, NewLetter
from hub.supervision.letters.store import letter_by_id
from hub.supervision.letters.views import (
    LetterFilter,
    LetterList,
    LetterView,
    letter_view,
    list_letters,
)
from wire.limits import MAX_INTEGER
from wire.messages.base import Instant, Sha256, Text

router = APIRouter(prefix="/api/letters", tags=["letters"])

Handler = Annotated[Account, signed_in(Role.UNIT_HANDLER)]
LetterId = Annotated[int, Path(ge=1, le=MAX_INTEGER)]
CaseKey = Annotated[int, Field(ge=1, le=MAX_INTEGER)]
UnitKey = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,63}$")]
Said = Annotated[Text, Field(min_length=1)]
_GONE: dict[int | str, dict[str, Any]] = {
    409: {"description": "The letter is answered or recalled already"}
}


class LetterQuery(BaseModel):
    """`open`: neither answered nor recalled. `overdue`: the answer did not come in time."""

    case_id: CaseKey | None = None
    kind: LetterKind | None = None
    year: Annotated[int, Field(ge=2000, le=9999)] | None = None
    unit: UnitKey | None = None
    open: bool | None = None
    overdue: bool | None = None
    q: Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$")] | None = None
    before: CaseKey | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class LetterOrder(BaseModel):
    """A letter by hand to a unit of the case; `text` is what it says besides the facts."""

    case_id: CaseKey
    kind: LetterKind
    unit_key: UnitKey
    copies: Annotated[tuple[UnitKey, ...], Field(max_length=20)] = ()
    answer_due_at: Instant | None = None
    text: Text = ""


class LetterAnswer(BaseModel):
    """The photos were sent to /api/evidence before."""

    text: Said
    photos: Annotated[tuple[Sha256, ...], Field(max_length=20)] = ()


class LetterRecall(BaseModel):
    reason: Said


@router.get("")
async def letters(db: Db, account: Anyone, wanted: Annotated[LetterQuery, Query()]) -> LetterList:
    """Letters about cases that the account may see, and letters to its unit, the newest first."""
    said = wanted.model_dump(exclude={"q"})
    return await list_letters(db, LetterFilter(text=wanted.q, **said), account)


@router.post("", status_code=201, responses={409: {"description": "The case has ended"}})
async def issue(work: Work, account: Supervisor, order: LetterOrder) -> LetterView:
    """Issue a letter by hand; its number is the next of its kind and year."""
    new = NewLetter(
        kind=order.kind,
        unit_key=order.unit_key,
        copies=order.copies,
        answer_due_at=order.answer_due_at,
        text=order.text.strip(),
    )
    issued = await commands.issue_by_hand(work, order.case_id, new, account)
    await work.commit()
    return await letter_view(work.db, issued.letter_id, account)


@router.get("/{letter_id}")
async def letter(db: Db, account: Anyone, letter_id: LetterId) -> LetterView:
    """A letter, and what became of it."""
    return await letter_view(db, letter_id, account)


@router.get(
    "/{letter_id}/html", response_class=HTMLResponse, dependencies=[audited(ReadKind.EXPORT)]
)
async def letter_page(
    db: Db, account: Anyone, letter_id: LetterId, language: DocumentLanguage = DocumentLanguage.ZH
) -> HTMLResponse:
    """The letter as a page to read and to print."""
    await letter_view(db, letter_id, account)
    return HTMLResponse(letter_html(await letter_by_id(db, letter_id), language))


@router.get(
    "/{letter_id}/pdf",
    response_class=Response,
    dependencies=[audited(ReadKind.EXPORT)],
    responses={
        200: {"content": {"application/pdf": {}}},
        503: {"description": "No font with Chinese characters is installed"},
    },
)
async def letter_file(
    db: Db,
    account: Anyone,
    settings: HubSettings,
    letter_id: LetterId,
    language: DocumentLanguage = DocumentLanguage.ZH,
) -> Response:
    """The letter as PDF: the same bytes each time."""
    await letter_view(db, letter_id, account)
    found = await letter_by_id(db, letter_id)
    data = await letter_pdf(found, settings.font_file, language)
    name = quote(f"{found.letter_no}.pdf")
    headers = {"Content-Disposition": f"inline; filename*=UTF-8''{name}"}
    return Response(data, media_type="application/pdf", headers=headers)


@router.post("/{letter_id}/receipt", responses=_GONE)
async def receive(work: Work, account: Handler, letter_id: LetterId) -> LetterView:
    """Sign for a letter to the own unit."""
    await commands.receive_letter(work, letter_id, account)
    await work.commit()
    return await letter_view(work.db, letter_id, account)


@router.post("/{letter_id}/answer", responses=_GONE)
async def answer(
    work: Work, account: Handler, letter_id: LetterId, said: LetterAnswer
) -> LetterView:
    """Answer a letter to the own unit; this also signs for it."""
    await commands.answer_letter(work, letter_id, said.text, said.photos, account)
    await work.commit()
    return await letter_view(work.db, letter_id, account)


@router.post("/{letter_id}/recall", responses=_GONE)
async def recall(
    work: Work, account: Supervisor, letter_id: LetterId, said: LetterRecall
) -> LetterView:
    """Recall a letter with a reason; it keeps its number."""
    await commands.recall_letter(work, letter_id, said.reason, account)
    await work.commit()
    return await letter_view(work.db, letter_id, account)
