"""Record a read before it is answered: a dependency of the endpoints whose answers are sensitive."""

import json
from urllib.parse import urlsplit

from fastapi import Request, params
from pydantic import JsonValue

from hub.accounts.access import AnyoneBriefly, CurrentSession
from hub.accounts.account import Account, Role
from hub.audit.read import AuditedRead, ReadKind
from hub.audit.store import insert_read
from hub.http.requests import ClientAddress, Db, DbPool, Now
from hub.journal.unit_of_work import UnitOfWork

_SUBJECTS = {
    "device_id": "device",
    "case_id": "case",
    "signal_id": "signal",
    "session_id": "video",
    "sha256": "photo",
    "letter_id": "letter",
    "worker_id": "worker",
    "week": "week",
    "day": "day",
}
_LONGEST = 2000
"""Of what a question says, this many characters are kept."""


def audited(kind: ReadKind) -> params.Depends:
    """A dependency that records the read in the request's transaction: without the record no answer.

    A request that is refused reads nothing, and leaves no record.
    """

    async def record(
        request: Request, session: CurrentSession, db: Db, now: Now, address: ClientAddress
    ) -> None:
        await insert_read(db, await _read(request, session.account, kind, now, address))

    return params.Depends(record)


def audited_briefly(kind: ReadKind) -> params.Depends:
    """As `audited`, for endpoints that work outside of transactions: recorded before they read."""

    async def record(
        request: Request, account: AnyoneBriefly, pool: DbPool, now: Now, address: ClientAddress
    ) -> None:
        read = await _read(request, account, kind, now, address)
        async with pool.connection() as db:
            await insert_read(db, read)

    return params.Depends(record)


async def record_export_by_hand(work: UnitOfWork, name: str) -> None:
    """Record that somebody on the hub's own machine wrote the audit to a file."""
    await insert_read(
        work.db,
        AuditedRead(
            at=work.now,
            username=work.actor,
            role=Role.ADMIN,
            kind=ReadKind.AUDIT,
            route="python -m hub audit export",
            subject=f"file:{name}",
        ),
    )


async def _read(
    request: Request, account: Account, kind: ReadKind, now: Now, address: str
) -> AuditedRead:
    named = {
        _SUBJECTS[key]: value for key, value in request.path_params.items() if key in _SUBJECTS
    }
    return AuditedRead(
        at=now,
        username=account.username,
        role=account.role,
        kind=kind,
        route=f"{request.method} {request.scope['route'].path}",
        subject=" ".join(f"{noun}:{key}" for noun, key in named.items()),
        asked=await _asked(request),
        address=address,
        page=urlsplit(request.headers.get("referer", "")).path[:200],
    )


async def _asked(request: Request) -> dict[str, JsonValue]:
    """The query and the body of the question, as far as they are short."""
    asked: dict[str, JsonValue] = {}
    for key, value in request.query_params.multi_items():
        text = value.replace("\x00", "")[:_LONGEST]
        before = asked.get(key)
        asked[key] = text if before is None else f"{before},{text}"
    if request.headers.get("content-type", "").startswith("application/json"):
        body = (await request.body())[: _LONGEST + 1]
        if body and len(body) <= _LONGEST:
            asked["body"] = _parsed(body)
        elif body:
            asked["body"] = f"{body[:_LONGEST].decode(errors='replace')}…"
    return asked


def _parsed(body: bytes) -> JsonValue:
    """The body as JSON; its text if it is none, which the endpoint refuses."""
    text = body.decode(errors="replace").replace("\x00", "").replace("\\u0000", "")
    try:
        parsed: JsonValue = json.loads(text)
    except ValueError:
        return text
    return parsed
