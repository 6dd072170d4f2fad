"""The OpenAPI description of the API, served and kept in hub/web/openapi.json."""

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from hub.http.problems import MEDIA_TYPE, Problem

TAGS = {
    "health": "Whether the process answers.",
    "session": "Log in with a password; then the cookie, or the token as bearer.",
    "live": "Server-sent events: new journal entries and the positions of terminals.",
    "district": "The district, its units and its base map.",
    "devices": "Terminals, cameras and edge nodes.",
    "geofences": "Areas in which terminals entering, leaving or staying make events.",
    "telemetry": "Positions of terminals, now and in the past.",
    "catalogue": "The responsibility list, its versions, and the import of a district's own.",
    "calendar": "The working days, and the deadlines that an edit of them moves.",
    "cases": "Cases, their steps and their journal.",
    "signals": "Signals that wait for a person, and the decisions about them.",
    "quality": "How often cameras are right, and what automation may do.",
    "evidence": "Photos by their hash.",
    "accounts": "The people who use the hub; for administrators.",
    "audit": "Who looked at what; for the auditor.",
    "approvals": "What waits for the decision of a second person.",
    "alarms": "People in danger: who rings, and who answered.",
    "dispatch": "Candidates for a task, and orders to devices.",
    "video": "Live video of terminals.",
    "dashboard": "The present figures of the district.",
    "indicators": "Counts and rates of cases in a period, and the cases behind each number.",
    "ladder": "The steps that press on cases as their deadlines pass.",
    "matters": "Disputes and hazards that are followed by a responsible leader, each with a plan.",
    "weekly-lists": "The cases that a week's study decides about.",
    "digests": "The figures and facts of each day.",
    "letters": "Letters to units: issued, signed for, answered, recalled.",
    "studies": "Joint studies of cases whose owner is unclear, and what the catalogue learns from them.",
    "people": "The registry of grid workers.",
    "points": "What grid workers earn: ledger, rules and periods.",
}
_DESCRIPTION = (
    "The hub of a district command centre. Instants are ISO 8601 with an offset, places are WGS-84 "
    "in the order lon, lat. Errors are problems (RFC 9457) whose `type` is a word for programs and "
    "whose `detail` says what to do. A request that changes something and is authenticated by the "
    "cookie needs the header `X-Requested-With: patrolhub`."
)


def describe(app: FastAPI) -> dict[str, Any]:
    """The description; every error of every operation is a problem."""
    found = get_openapi(
        title=app.title,
        version=app.version,
        description=_DESCRIPTION,
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
    )
    schemas = found["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    definition = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= definition.pop("$defs", {})
    schemas["Problem"] = definition
    for path in found["paths"].values():
        for operation in path.values():
            _tell_problems(operation)
    return found


def _tell_problems(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    for status in [code for code in responses if code >= "400"]:
        responses[status] = _problem(responses[status].get("description", "A problem"))
    if "security" in operation:
        responses.setdefault("401", _problem("Not logged in, or the session has ended"))
        responses.setdefault("403", _problem("Not allowed for this account"))
    responses["default"] = _problem("Any other problem")


def _problem(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {MEDIA_TYPE: {"schema": schema}}}


def install(app: FastAPI) -> None:
    """Serve this description instead of the framework's own."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def as_text(app: FastAPI) -> str:
    """The description as it is committed: stable, and readable in a diff."""
    return json.dumps(describe(app), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
