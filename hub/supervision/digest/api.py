"""The daily digest, and the counts of others that it is joined with."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from hub.accounts.access import Dispatcher, Observer
from hub.accounts.account import Account
from hub.accounts.scope import ScopeKind
from hub.audit import ReadKind
from hub.audit.recording import audited
from hub.errors import Forbidden
from hub.http.requests import Db, HubSettings, Now, Work
from hub.supervision.digest.document import digest_html, digest_pdf
from hub.supervision.digest.making import digest_of
from hub.supervision.digest.outside_counts import import_counts
from hub.supervision.digest.views import DigestView
from hub.supervision.documents.templates import DocumentLanguage
from wire.messages.base import Day

router = APIRouter(prefix="/api/digests", tags=["digests"])


class CountsFile(BaseModel):
    """A CSV file with the columns day, source, unit, category, count; see docs/supervision.md."""

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
    text: Annotated[str, Field(min_length=1, max_length=200_000, pattern=r"^[^\x00]*$")]


class CountsImported(BaseModel):
    counts: int
    replaced: int
    days: list[date]


@router.post("/counts")
async def import_outside_counts(
    work: Work, account: Dispatcher, file: CountsFile
) -> CountsImported:
    """Take in daily counts of police calls and petitions; the error names every bad cell."""
    report = await import_counts(work.by(account.actor), file.text.encode(), file.name)
    return CountsImported.model_validate(report, from_attributes=True)


@router.get("/{day}")
async def digest(db: Db, account: Observer, now: Now, day: Day) -> DigestView:
    """The digest of a local day: the one that is kept, or else as of now."""
    _require_district(account)
    return await digest_of(db, day, now)


@router.get("/{day}/html", response_class=HTMLResponse, dependencies=[audited(ReadKind.EXPORT)])
async def digest_page(
    db: Db,
    account: Observer,
    now: Now,
    day: Day,
    language: DocumentLanguage = DocumentLanguage.ZH,
) -> HTMLResponse:
    """The digest to read and to print."""
    _require_district(account)
    return HTMLResponse(digest_html(await digest_of(db, day, now), language))


@router.get(
    "/{day}/pdf",
    response_class=Response,
    dependencies=[audited(ReadKind.EXPORT)],
    responses={
        200: {"content": {"application/pdf": {}}},
        503: {"description": "No font with Chinese characters is installed"},
    },
)
async def digest_file(
    db: Db,
    account: Observer,
    now: Now,
    settings: HubSettings,
    day: Day,
    language: DocumentLanguage = DocumentLanguage.ZH,
) -> Response:
    """The digest as PDF."""
    _require_district(account)
    data = await digest_pdf(await digest_of(db, day, now), language, settings.font_file)
    headers = {"Content-Disposition": f'inline; filename="digest-{day}.pdf"'}
    return Response(data, media_type="application/pdf", headers=headers)


def _require_district(account: Account) -> None:
    """A digest is about all of the district."""
    if account.scope.kind is not ScopeKind.DISTRICT:
        raise Forbidden("the digest is for those who see the whole district")
