"""Alarms over HTTP: they ring for everybody who sees their case, until one person acknowledges them."""

from uuid import uuid4

import pytest

from hub.accounts.account import Role
from hub.devices import device_by_id
from hub.journal import Subject, entries_of
from hub.signals.commands import take_event
from tests.integration.api.conftest import AT, LAT, LON
from tests.use_cases import carry_out
from wire.messages import Place, TerminalEvent


@pytest.fixture
async def case_id(street: None, pool, clock) -> int:
    """The case of an SOS of T-0001, which raised it twice."""
    async with pool.connection() as db:
        terminal = await device_by_id(db, "T-0001")
        assert terminal is not None
        for _ in range(2):
            event = TerminalEvent.model_validate(
                {
                    "event_id": str(uuid4()),
                    "type": "sos",
                    "observed_at": AT,
                    "place": Place(lon=LON, lat=LAT, accuracy_m=8),
                    "text": "摔伤了",
                }
            )
            outcome = await carry_out(db, clock(), take_event, terminal, event, clock())
    assert outcome.case_id is not None
    return outcome.case_id


async def alarms(client) -> dict:
    answer = await client.get("/api/alarms")
    assert answer.status_code == 200
    return answer.json()


async def test_an_alarm_rings_for_everybody_who_sees_its_case(case_id, sign_in) -> None:
    (alarm,) = (await alarms(await sign_in(Role.DISPATCHER)))["items"]

    assert (alarm["case_id"], alarm["type"], alarm["device_id"]) == (case_id, "sos", "T-0001")
    assert (alarm["holder"], alarm["text"], alarm["times"]) == ("网格员 0001", "摔伤了", 2)
    assert (alarm["place"]["lon"], alarm["place_source"]) == (LON, "reported")
    assert alarm["acknowledged_at"] is None
    assert (await alarms(await sign_in(Role.UNIT_HANDLER)))["items"] == []


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.DISPATCHER, True),
        (Role.SEAT_OPERATOR, True),
        (Role.SUPERVISOR, True),
        (Role.ADMIN, False),
        (Role.UNIT_HANDLER, False),
    ],
)
async def test_who_answers_for_alarms_may_acknowledge_them(case_id, sign_in, role, may) -> None:
    client = await sign_in(role)
    assert (await alarms(client))["can_acknowledge"] is may
    answer = await client.post(f"/api/alarms/{case_id}/acknowledge")
    assert answer.status_code == (200 if may else 403)


async def test_the_first_who_acknowledges_is_named_and_a_second_changes_nothing(
    case_id, sign_in, pool, clock
) -> None:
    dispatcher, supervisor = await sign_in(Role.DISPATCHER), await sign_in(Role.SUPERVISOR)
    first = (await dispatcher.post(f"/api/alarms/{case_id}/acknowledge")).json()
    clock.forward(seconds=5)
    second = (await supervisor.post(f"/api/alarms/{case_id}/acknowledge")).json()

    assert first["acknowledged_by"] == second["acknowledged_by"]
    assert first["acknowledged_at"] == second["acknowledged_at"]
    (shown,) = (await alarms(supervisor))["items"]
    assert shown["acknowledged_by"] == first["acknowledged_by"], "others see who it was"
    clock.forward(minutes=5)
    assert (await alarms(supervisor))["items"] == []
    async with pool.connection() as db:
        entries = await entries_of(db, Subject.CASE, str(case_id))
    assert [entry.kind for entry in entries].count("alarm_acknowledged") == 1


async def test_an_alarm_comes_first_in_the_list_of_cases_until_it_is_acknowledged(
    case_id, sign_in, bare_case
) -> None:
    late = await bare_case("housing_bureau", due_at=AT)
    client = await sign_in(Role.DISPATCHER)

    async def listed() -> list[int]:
        page = (await client.get("/api/cases", params={"open": True})).json()
        return [each["case_id"] for each in page["items"]]

    assert await listed() == [case_id, late]
    shown = (await client.get(f"/api/cases/{case_id}")).json()["alarm"]
    assert (shown["type"], shown["times"], shown["acknowledged_at"]) == ("sos", 2, None)
    await client.post(f"/api/alarms/{case_id}/acknowledge")
    assert await listed() == [late, case_id]


async def test_a_case_without_an_alarm_has_none_to_acknowledge(bare_case, sign_in) -> None:
    case_id = await bare_case("housing_bureau")
    client = await sign_in(Role.DISPATCHER)
    assert (await client.post(f"/api/alarms/{case_id}/acknowledge")).status_code == 404
