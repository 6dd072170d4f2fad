"""The one place where errors become HTTP: RFC 9457 problem JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from hub.errors import (
    Conflict,
    Damaged,
    Forbidden,
    GuardRefused,
    HubError,
    IllegalTransition,
    InvalidInput,
    NotFound,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2

_STATUS: dict[type[HubError], HTTPStatus] = {
    InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    GuardRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    Conflict: HTTPStatus.CONFLICT,
    IllegalTransition: HTTPStatus.CONFLICT,
    NotFound: HTTPStatus.NOT_FOUND,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    Damaged: HTTPStatus.INTERNAL_SERVER_ERROR,
}
_TITLE: dict[str, str] = {
    "invalid-input": "The request is not valid",
    "guard-refused": "A condition of this step is not met",
    "unavailable": "The hub cannot answer right now",
    "conflict": "The request conflicts with the present state",
    "illegal-transition": "The case cannot take this step from its state",
    "not-found": "Not found",
    "unauthenticated": "Log in first",
    "forbidden": "This account may not do that",
    "too-many-requests": "Too many attempts",
    "photo-missing": "The photo's file is missing",
    "photo-changed": "The photo's file is not what was stored",
    "internal": "The hub failed",
}


class FieldReason(BaseModel):
    """One field of the request and what is wrong with it; `field` is a path such as `body.place.lon`."""

    field: str
    reason: str


class Problem(BaseModel):
    """RFC 9457. Further members are the facts of the error."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    fields: list[FieldReason] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A problem with the headers that go with it."""

    problem: Problem
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> JSONResponse:
        return JSONResponse(
            self.problem.model_dump(exclude_none=True),
            status_code=self.problem.status,
            headers=dict(self.headers),
            media_type=MEDIA_TYPE,
        )


def answer_to(error: Exception) -> Answer:
    """The problem to answer an error with; it gives no details of an unexpected error."""
    match error:
        case HubError():
            return _of_hub_error(error)
        case RequestValidationError():
            return _of_validation(error)
        case HTTPException():
            return _of_http_exception(error)
        case psycopg.Error() if (told := of_database(error)) is not None:
            return _of_hub_error(told)
        case _:
            return _plain("internal", 500, "an unexpected error, which has been logged")


def of_database(error: psycopg.Error) -> HubError | None:
    """What an error of the database is for the caller; None for one that nobody foresaw."""
    match error:
        case psycopg.errors.UniqueViolation():
            return Conflict("somebody else made the same at this moment; load the page again")
        case psycopg.DataError():
            return InvalidInput("a value of the request cannot be stored")
        case psycopg.OperationalError() | psycopg.InterfaceError():
            return Unavailable("the database cannot be reached; try again")
    return None


def _of_hub_error(error: HubError) -> Answer:
    status = next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), None)
    status = status or HTTPStatus.INTERNAL_SERVER_ERROR
    facts = {name: value for name, value in error.facts.items() if name not in Problem.model_fields}
    problem = Problem(
        type=error.kind,
        title=_TITLE.get(error.kind, status.phrase),
        status=status,
        detail=error.detail,
        **facts,
    )
    return Answer(problem, _headers(error, status))


def _headers(error: HubError, status: HTTPStatus) -> dict[str, str]:
    if status is HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": "Bearer"}
    wait_s = error.facts.get("retry_after_s")
    if isinstance(wait_s, int | float):
        return {"Retry-After": str(max(1, round(wait_s)))}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": str(RETRY_AFTER_S)}
    return {}


def _of_validation(error: RequestValidationError) -> Answer:
    fields = [
        FieldReason(field=".".join(str(part) for part in fault["loc"]), reason=str(fault["msg"]))
        for fault in error.errors()
    ]
    named = "; ".join(f"{fault.field}: {fault.reason}" for fault in fields[:3])
    answer = _plain("invalid-input", 422, f"correct the request: {named}")
    return Answer(answer.problem.model_copy(update={"fields": fields}))


def _of_http_exception(error: HTTPException) -> Answer:
    phrase = HTTPStatus(error.status_code).phrase
    kind = phrase.lower().replace(" ", "-")
    detail = "no such address" if error.status_code == 404 else str(error.detail)
    problem = Problem(type=kind, title=phrase, status=error.status_code, detail=detail)
    return Answer(problem, dict(error.headers or {}))


def _plain(kind: str, status: int, detail: str) -> Answer:
    return Answer(Problem(type=kind, title=_TITLE[kind], status=status, detail=detail))


def install(app: FastAPI) -> None:
    """Let the app answer with problems; unexpected errors are left to the middleware."""

    async def answer(_request: Request, error: Exception) -> JSONResponse:
        return answer_to(error).response()

    for kind in (HubError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, answer)
