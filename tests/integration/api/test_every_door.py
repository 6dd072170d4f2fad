"""Every route times everybody who may knock, against one explicit table."""

from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Route

from hub.accounts import Role
from hub.web.app import ROUTERS, routed

EVERYBODY = frozenset({None, *Role})
ACCOUNTS = frozenset(Role)
OPERATORS = ACCOUNTS - {Role.UNIT_HANDLER}
ADMINS = frozenset({Role.ADMIN})
SUPERVISORS = frozenset({Role.SUPERVISOR})
DECIDERS = frozenset({Role.SUPERVISOR, Role.ADMIN})
NOBODY: frozenset[Role | None] = frozenset()
"""Not with a session: these want a token of their own, for one video and one direction."""

DOORS: dict[tuple[str, str], frozenset[Role | None]] = {
    ("GET", "/api/openapi.json"): EVERYBODY,
    ("HEAD", "/api/openapi.json"): EVERYBODY,
    ("GET", "/api/health"): EVERYBODY,
    ("POST", "/api/session"): EVERYBODY,
    ("GET", "/api/session"): ACCOUNTS,
    ("DELETE", "/api/session"): ACCOUNTS,
    ("POST", "/api/session/password"): ACCOUNTS,
    ("GET", "/api/events"): ACCOUNTS,
    ("GET", "/api/district"): ACCOUNTS,
    ("GET", "/api/units"): ACCOUNTS,
    ("GET", "/api/map/base"): ACCOUNTS,
    ("GET", "/api/catalogue"): ACCOUNTS,
    ("GET", "/api/dashboard"): OPERATORS,
    ("GET", "/api/ladder"): ACCOUNTS,
    ("POST", "/api/ladder"): SUPERVISORS,
    ("GET", "/api/ladder/cases"): OPERATORS,
    ("GET", "/api/ladder/cases/{case_id}"): ACCOUNTS,
    ("GET", "/api/ladder/notices"): ACCOUNTS,
    ("GET", "/api/letters"): ACCOUNTS,
    ("POST", "/api/letters"): SUPERVISORS,
    ("GET", "/api/letters/{letter_id}"): ACCOUNTS,
    ("GET", "/api/letters/{letter_id}/html"): ACCOUNTS,
    ("GET", "/api/letters/{letter_id}/pdf"): ACCOUNTS,
    ("POST", "/api/letters/{letter_id}/receipt"): frozenset({Role.UNIT_HANDLER}),
    ("POST", "/api/letters/{letter_id}/answer"): frozenset({Role.UNIT_HANDLER}),
    ("POST", "/api/letters/{letter_id}/recall"): SUPERVISORS,
    ("GET", "/api/devices"): OPERATORS,
    ("GET", "/api/devices/{device_id}"): OPERATORS,
    ("GET", "/api/devices/{device_id}/journal"): OPERATORS,
    ("GET", "/api/devices/{device_id}/refusals"): OPERATORS,
    ("GET", "/api/devices/{device_id}/remote"): OPERATORS,
    ("GET", "/api/devices/{device_id}/{aspect}/revisions"): OPERATORS,
    ("PUT", "/api/devices/{device_id}/config"): ADMINS,
    ("PUT", "/api/devices/{device_id}/model"): ADMINS,
    ("GET", "/api/registry/devices"): OPERATORS,
    ("POST", "/api/registry/devices"): ADMINS,
    ("GET", "/api/registry/gb28181/{gb28181_id}"): OPERATORS,
    ("GET", "/api/geofences"): OPERATORS,
    ("POST", "/api/geofences"): ADMINS,
    ("GET", "/api/geofences/{geofence_id}"): OPERATORS,
    ("DELETE", "/api/geofences/{geofence_id}"): ADMINS,
    ("GET", "/api/geofence-events"): OPERATORS,
    ("GET", "/api/telemetry/latest"): OPERATORS,
    ("GET", "/api/telemetry/tracks/{device_id}"): OPERATORS,
    ("GET", "/api/telemetry/hours/{device_id}"): OPERATORS,
    ("POST", "/api/telemetry/within"): OPERATORS,
    ("GET", "/api/telemetry/coverage"): OPERATORS,
    ("GET", "/api/telemetry/online"): OPERATORS,
    ("POST", "/api/evidence"): ACCOUNTS,
    ("GET", "/api/evidence/{sha256}"): ACCOUNTS,
    ("HEAD", "/api/evidence/{sha256}"): ACCOUNTS,
    ("GET", "/api/cases"): ACCOUNTS,
    ("POST", "/api/cases"): OPERATORS,
    ("GET", "/api/cases/{case_id}"): ACCOUNTS,
    ("GET", "/api/cases/{case_id}/journal"): ACCOUNTS,
    ("POST", "/api/cases/{case_id}/transitions"): ACCOUNTS,
    ("POST", "/api/cases/{case_id}/photo-check"): OPERATORS,
    ("GET", "/api/cases/{case_id}/candidates"): OPERATORS,
    ("GET", "/api/cases/{case_id}/study"): ACCOUNTS,
    ("POST", "/api/cases/{case_id}/study/answers"): ACCOUNTS,
    ("POST", "/api/cases/{case_id}/study/ruling"): OPERATORS,
    ("POST", "/api/cases/{case_id}/study/proposal"): OPERATORS,
    ("GET", "/api/studies"): ACCOUNTS,
    ("GET", "/api/proposals"): OPERATORS,
    ("POST", "/api/proposals/{proposal_id}/accept"): DECIDERS,
    ("POST", "/api/proposals/{proposal_id}/decline"): DECIDERS,
    ("GET", "/api/alarms"): ACCOUNTS,
    ("POST", "/api/alarms/{case_id}/acknowledge"): OPERATORS - {Role.ADMIN},
    ("GET", "/api/signals/waiting"): OPERATORS,
    ("GET", "/api/signals/{signal_id}"): OPERATORS,
    ("GET", "/api/signals/false-alarms"): OPERATORS,
    ("GET", "/api/signals/monitored"): OPERATORS,
    ("POST", "/api/signals"): OPERATORS,
    ("POST", "/api/signals/{signal_id}/snooze"): OPERATORS,
    ("POST", "/api/signals/{signal_id}/wake"): OPERATORS,
    ("GET", "/api/quality"): OPERATORS,
    ("GET", "/api/quality/modes"): OPERATORS,
    ("POST", "/api/quality/modes"): OPERATORS,
    ("POST", "/api/quality/modes/release"): OPERATORS,
    ("GET", "/api/quality/policies"): OPERATORS,
    ("PUT", "/api/quality/policies/{severity}"): OPERATORS,
    ("POST", "/api/signals/{signal_id}/accept"): OPERATORS,
    ("POST", "/api/signals/{signal_id}/note"): OPERATORS,
    ("POST", "/api/signals/{signal_id}/join"): OPERATORS,
    ("POST", "/api/signals/{signal_id}/reject"): OPERATORS,
    ("GET", "/api/commands"): OPERATORS,
    ("POST", "/api/commands"): OPERATORS,
    ("GET", "/api/commands/{command_id}"): OPERATORS,
    ("POST", "/api/commands/{command_id}/cancel"): OPERATORS,
    ("POST", "/api/command-groups"): OPERATORS,
    ("GET", "/api/command-groups/{group_id}"): OPERATORS,
    ("GET", "/api/video/sessions"): OPERATORS,
    ("POST", "/api/video/sessions"): OPERATORS,
    ("GET", "/api/video/sessions/{session_id}"): OPERATORS,
    ("DELETE", "/api/video/sessions/{session_id}"): OPERATORS,
    ("POST", "/api/video/sessions/{session_id}/renew"): OPERATORS,
    ("POST", "/api/video/sessions/{session_id}/view"): OPERATORS,
    **{
        (method, f"/video/{{protocol}}/{{session_id}}{rest}"): EVERYBODY
        for method in ("OPTIONS", "GET", "HEAD")
        for rest in ("", "/{resource_id}")
    },
    ("PATCH", "/video/{protocol}/{session_id}/{resource_id}"): NOBODY,
    ("POST", "/video/whip/{session_id}"): NOBODY,
    ("POST", "/video/whep/{session_id}"): NOBODY,
    ("DELETE", "/video/whip/{session_id}/{resource_id}"): NOBODY,
    ("DELETE", "/video/whep/{session_id}/{resource_id}"): NOBODY,
}
UNSAFE = [door for door in DOORS if door[0] not in {"GET", "HEAD", "OPTIONS"}]

_SOME_ID = "11111111-2222-4333-8444-555555555555"
PARTS = {
    "case_id": "4711",
    "letter_id": "4711",
    "signal_id": "4711",
    "proposal_id": "4711",
    "device_id": "T-4711",
    "aspect": "config",
    "geofence_id": "nowhere",
    "gb28181_id": "53030300001380004711",
    "sha256": "0" * 64,
    "command_id": _SOME_ID,
    "group_id": _SOME_ID,
    "protocol": "whip",
    "session_id": _SOME_ID,
    "resource_id": _SOME_ID,
    "severity": "nowhere",
}


def routes() -> Iterator[tuple[str, str]]:
    """(method, path) of everything that the application answers to."""
    own = [route for route in routed().routes if isinstance(route, Route)]
    included = [route for router in ROUTERS for route in router.routes]
    assert len(own) + len(ROUTERS) == len(routed().routes)
    for route in [*own, *included]:
        assert isinstance(route, APIRoute | Route)
        for method in route.methods or ():
            yield method, route.path


async def knock(client: httpx.AsyncClient, method: str, path: str, **headers: str) -> int:
    """The status of a request that asks for something that is not there, or is not well formed.

    So that the event stream ends, it is asked to resume from nonsense.
    """
    headers |= {"Last-Event-ID": "nonsense"} if path == "/api/events" else {}
    headers |= {"Content-Type": "application/sdp"} if path.startswith("/video") else {}
    return (await client.request(method, path.format(**PARTS), headers=headers)).status_code


def test_the_table_names_every_route_and_no_other() -> None:
    assert set(DOORS) == set(routes())


async def test_every_door_opens_to_those_in_the_table_only(
    anonymous: httpx.AsyncClient, sign_in, street: None
) -> None:
    people = {role: await sign_in(role) for role in Role} | {None: anonymous}
    wrong = []
    for (method, path), welcome in DOORS.items():
        for who in [None, *Role]:
            status = await knock(people[who], method, path)
            refusal = 401 if who is None or not welcome else 403
            as_told = status not in {401, 403} if who in welcome else status == refusal
            if not as_told or status >= 500:
                wrong.append((method, path, who, status))
            if (method, path) == ("DELETE", "/api/session") and who is not None:
                people[who] = await sign_in(who)
    assert wrong == []


@pytest.mark.parametrize("token", ["forged", "expired", "publish token"])
async def test_a_token_that_is_not_a_session_opens_no_door(
    app: FastAPI, connect, dispatcher: httpx.AsyncClient, clock, token: str
) -> None:
    if token == "expired":
        clock.forward(hours=13)
        client = dispatcher
    else:
        client = await connect(Authorization=f"Bearer {token}")
    locked = {door for door, welcome in DOORS.items() if None not in welcome}
    statuses = {door: await knock(client, *door) for door in locked}
    assert statuses == dict.fromkeys(locked, 401)


async def test_a_cookie_alone_changes_nothing_anywhere(connect, dispatcher) -> None:
    token = dispatcher.headers["authorization"].removeprefix("Bearer ")
    client = await connect(Cookie=f"patrolhub_session={token}")
    assert (await client.get("/api/session")).status_code == 200
    locked = [door for door in UNSAFE if DOORS[door] not in (EVERYBODY, NOBODY)]
    statuses = {door: await knock(client, *door) for door in locked}
    assert statuses == dict.fromkeys(locked, 403)
    ours = {"X-Requested-With": "patrolhub"}
    assert (await knock(client, "POST", "/api/commands", **ours)) == 422


async def test_orders_that_can_ruin_a_device_need_an_admin(sign_in, street: None) -> None:
    reboot = {"device_id": "T-4711", "type": "reboot"}
    for role, status in ((Role.SUPERVISOR, 403), (Role.ADMIN, 404)):
        answer = await (await sign_in(role)).post("/api/commands", json=reboot)
        assert answer.status_code == status
