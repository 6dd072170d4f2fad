"""The weekly list: read, generate, print, and record what was decided."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from hub.accounts.access import Observer, Supervisor
from hub.audit import ReadKind
from hub.audit.recording import audited
from hub.http.requests import Db, HubSettings, Work
from hub.supervision.documents.templates import DocumentLanguage
from hub.supervision.weekly import commands
from hub.supervision.weekly.views import (
    WeeklyListSummary,
    WeeklyListView,
    weekly_html,
    weekly_list,
    weekly_lists,
    weekly_pdf,
)
from wire.limits import MAX_INTEGER
from wire.messages.base import Day, Text

router = APIRouter(prefix="/api/weekly-lists", tags=["weekly-lists"])

CaseId = Annotated[int, Path(ge=1, le=MAX_INTEGER)]


class WeekChoice(BaseModel):
    """A week by its Monday; without one, the present week."""

    week: Day | None = None


class WeeklyText(BaseModel):
    text: Annotated[str, Field(min_length=1, max_length=20_000, pattern=r"^[^\x00]*$")]


class WeeklyRuling(BaseModel):
    text: Annotated[Text, Field(min_length=1)]


@router.get("")
async def lists_of_weeks(db: Db, _account: Observer) -> list[WeeklyListSummary]:
    """The lists of the last weeks, the newest first."""
    return await weekly_lists(db)


@router.post("", status_code=201, responses={409: {"description": "The list has minutes"}})
async def make_list(work: Work, account: Supervisor, choice: WeekChoice) -> WeeklyListView:
    """Generate the list of a week, or generate it anew."""
    week = choice.week or commands.week_of(work.now)
    await commands.generate_weekly_list(work.by(account.actor), week)
    await work.commit()
    return await weekly_list(work.db, week, account)


@router.get("/{week}")
async def list_of_week(db: Db, account: Observer, week: Day) -> WeeklyListView:
    """The list of a week with its cases."""
    return await weekly_list(db, week, account)


@router.get("/{week}/html", response_class=HTMLResponse, dependencies=[audited(ReadKind.EXPORT)])
async def list_page(
    db: Db, account: Observer, week: Day, language: DocumentLanguage = DocumentLanguage.ZH
) -> HTMLResponse:
    """The list to read and to print."""
    return HTMLResponse(weekly_html(await weekly_list(db, week, account), language))


@router.get(
    "/{week}/pdf",
    response_class=Response,
    dependencies=[audited(ReadKind.EXPORT)],
    responses={
        200: {"content": {"application/pdf": {}}},
        503: {"description": "No font with Chinese characters is installed"},
    },
)
async def list_file(
    db: Db,
    account: Observer,
    settings: HubSettings,
    week: Day,
    language: DocumentLanguage = DocumentLanguage.ZH,
) -> Response:
    """The list as PDF."""
    data = await weekly_pdf(await weekly_list(db, week, account), language, settings.font_file)
    headers = {"Content-Disposition": f'inline; filename="weekly-{week}.pdf"'}
    return Response(data, media_type="application/pdf", headers=headers)


@router.post("/{week}/minutes")
async def minutes(work: Work, account: Supervisor, week: Day, said: WeeklyText) -> WeeklyListView:
    """Record the minutes; from then on the list stays as it is."""
    await commands.record_minutes(work.by(account.actor), week, said.text)
    await work.commit()
    return await weekly_list(work.db, week, account)


@router.post("/{week}/cases/{case_id}/ruling")
async def ruling(
    work: Work, account: Supervisor, week: Day, case_id: CaseId, said: WeeklyRuling
) -> WeeklyListView:
    """Record what was decided about a case."""
    await commands.record_ruling(work.by(account.actor), week, case_id, said.text)
    await work.commit()
    return await weekly_list(work.db, week, account)
