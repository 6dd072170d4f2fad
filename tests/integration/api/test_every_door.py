"""Every route times everybody who may knock, against hub/web/routes.yaml; scopes are in test_scopes.py."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Route

from hub.accounts import Role
from hub.accounts.role import Right, roles_with
from hub.web.app import ROUTERS, routed
from hub.web.route_table import PAGE, Outside, page, route_table

TABLE = route_table()
DOORS = {(row.method, row.path): TABLE.admitted(row) for row in TABLE.rows}
EVERYBODY = frozenset({None, *Role})
UNSAFE = [door for door in DOORS if door[0] not in {"GET", "HEAD", "OPTIONS"}]

_SOME_ID = "11111111-2222-4333-8444-555555555555"
PARTS = {
    "severity": "nowhere",
    "case_id": "4711",
    "letter_id": "4711",
    "publication_id": "4711",
    "sheet_key": "handling",
    "username": "nobody",
    "session_number": "4711",
    "filter_id": "4711",
    "matter_id": "4711",
    "step_id": "4711",
    "week": "2025-08-04",
    "day": "2025-08-06",
    "approval_id": _SOME_ID,
    "proposal_id": "4711",
    "worker_id": "W-4711",
    "terminal_id": "T-4711",
    "period": "2025-08",
    "signal_id": "4711",
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
    named = {f"{method} {path}" for method, path in DOORS}
    there = {f"{method} {path}" for method, path in routes()}
    assert sorted(there - named) == [], "give these routes a row in hub/web/routes.yaml"
    assert sorted(named - there) == [], "these rows of hub/web/routes.yaml name no route"


def test_the_groups_of_the_table_are_the_roles_with_each_right() -> None:
    rights = {str(right): roles_with(right) for right in Right}
    assert TABLE.who == rights | {"accounts": tuple(Role), "unit": (Role.UNIT_HANDLER,)}


def test_what_the_path_names_is_hidden_outside_of_the_scope() -> None:
    known = ("{case_id}", "{signal_id}", "{device_id}", "{command_id}", "{group_id}", "{sha256}")
    named = [row for row in TABLE.rows if any(part in row.path for part in known)]
    assert [row.route for row in named if row.outside is not Outside.HIDDEN] == []


def test_a_test_of_its_own_is_there() -> None:
    root = Path(__file__).parents[3]
    named = {row.test for row in TABLE.rows if row.test is not None}
    assert [path for path in named if not (root / path).exists()] == []


def test_the_documentation_shows_the_table() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == page(text), "run python -m hub.web.route_table"


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
    locked = [door for door in UNSAFE if DOORS[door] not in (EVERYBODY, frozenset())]
    statuses = {door: await knock(client, *door) for door in locked}
    assert statuses == dict.fromkeys(locked, 403)
    ours = {"X-Requested-With": "patrolhub"}
    assert (await knock(client, "POST", "/api/commands", **ours)) == 422


async def test_orders_that_can_ruin_a_device_need_an_admin(sign_in, street: None) -> None:
    reboot = {"device_id": "T-4711", "type": "reboot"}
    for role, status in ((Role.SUPERVISOR, 403), (Role.ADMIN, 404)):
        answer = await (await sign_in(role)).post("/api/commands", json=reboot)
        assert answer.status_code == status
