import pytest

from hub.commands.reading import command_by_id
from hub.dispatch.commands import NewCommand
from hub.dispatch.groups import NewGroup, group_by_id, issue_group
from hub.dispatch.selection import ByHand, InArea, Nearest, OfUnit, select_devices
from hub.errors import InvalidInput, NotFound
from tests.integration.hub.dispatch.conftest import EAST_100_M, LAT, LON, OPERATOR
from tests.use_cases import carry_out
from wire.messages import AckState, CommandType
from wire.messages.commands import TextBody

TEXT = TextBody(text="暴雨预警，请到高处")


@pytest.fixture
async def terminals(district) -> None:
    await district.terminal("T-1", metres=100, unit="village_001")
    await district.terminal("T-2", metres=200, unit="village_002")
    await district.terminal("T-3", metres=900, unit="village_002")


def ring(metres: float) -> InArea:
    """From the case so many metres to the east, and a little to the north and south."""
    east = LON + metres / 100 * EAST_100_M
    return InArea(
        ((LON, LAT - 0.001), (east, LAT - 0.001), (east, LAT + 0.001), (LON, LAT + 0.001))
    )


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (ByHand(("T-3", "T-1", "T-3")), ("T-3", "T-1")),
        (OfUnit("village_002"), ("T-2", "T-3")),
        (OfUnit("town_01"), ("T-1", "T-2", "T-3")),
        (OfUnit("nowhere"), ()),
        (ring(500), ("T-1", "T-2")),
        (Nearest(LON, LAT, 2), ("T-1", "T-2")),
        (Nearest(LON, LAT, 50), ("T-1", "T-2", "T-3")),
    ],
)
async def test_whom_a_selection_finds(district, terminals, selection, expected) -> None:
    assert await select_devices(district.db, selection, district.now) == expected


async def test_who_was_there_an_hour_ago_is_not_in_the_area(district, terminals) -> None:
    district.forward(hours=1)
    await district.heard("T-2")
    assert await select_devices(district.db, ring(500), district.now) == ("T-2",)


async def test_the_nearest_are_online(district, terminals) -> None:
    await district.silent("T-1")
    assert await select_devices(district.db, Nearest(LON, LAT, 1), district.now) == ("T-2",)


@pytest.mark.parametrize("corners", [((0, 0), (1, 1)), ((0, 0), (1, 1), (1, 0), (0, 1))])
async def test_an_area_must_enclose_something(district, corners) -> None:
    with pytest.raises(InvalidInput, match="area"):
        await select_devices(district.db, InArea(corners), district.now)


async def test_a_group_order_names_who_has_not_confirmed_and_who_could_not_be_sent_to(
    district, terminals
) -> None:
    await district.silent("T-3")
    new = NewGroup(CommandType.BROADCAST, OfUnit("town_01"), TEXT, reason="暴雨", quorum=1)
    view = await carry_out(district.db, district.now, issue_group, new, by=OPERATOR)
    assert [member.device_id for member in view.members] == ["T-1", "T-2"]
    assert [refused.device_id for refused in view.refused] == ["T-3"]
    assert "not online" in view.refused[0].reason
    assert (view.confirmed, view.quorum_reached) == (0, False)
    orders = await district.broker_takes()
    assert {order.body.text for order in orders} == {TEXT.text}
    first = await command_by_id(district.db, view.members[0].command_id)
    await district.ack(first, AckState.DELIVERED, 1)
    view = await group_by_id(district.db, view.group_id)
    assert (view.confirmed, view.quorum_reached) == (1, True)
    assert view.states == {"delivered": 1, "sent": 1}
    assert view.stragglers == ("T-2", "T-3")


@pytest.mark.parametrize("state", [AckState.FAILED, AckState.REJECTED])
async def test_who_failed_or_declined_a_group_order_has_not_confirmed_it(
    district, terminals, state
) -> None:
    new = NewGroup(CommandType.BROADCAST, OfUnit("town_01"), TEXT, quorum=1)
    view = await carry_out(district.db, district.now, issue_group, new, by=OPERATOR)
    first = await command_by_id(district.db, view.members[0].command_id)
    await district.ack(first, AckState.DELIVERED, 1)
    assert (await group_by_id(district.db, view.group_id)).quorum_reached
    await district.ack(first, state, 2, reason="no channel")
    view = await group_by_id(district.db, view.group_id)
    assert (view.confirmed, view.quorum_reached) == (0, False)
    assert view.stragglers == ("T-1", "T-2", "T-3")


async def test_a_quorum_that_is_not_given_is_everybody(district, terminals) -> None:
    new = NewGroup(CommandType.MESSAGE, OfUnit("town_01"), TEXT)
    view = await carry_out(district.db, district.now, issue_group, new, by=OPERATOR)
    assert view.quorum == 3


async def test_a_task_that_one_should_do_is_not_given_to_many(district, terminals) -> None:
    new = NewGroup(CommandType.GUARD, OfUnit("town_01"), case_id=await district.case())
    with pytest.raises(InvalidInput, match="one device at a time"):
        await carry_out(district.db, district.now, issue_group, new, by=OPERATOR)


async def test_an_order_to_nobody_or_of_nonsense_or_for_no_case_is_refused(
    district, terminals
) -> None:
    for new, error in (
        (NewGroup(CommandType.MESSAGE, OfUnit("nowhere"), TEXT), InvalidInput),
        (NewGroup(CommandType.MESSAGE, OfUnit("town_01"), None), InvalidInput),
        (NewGroup(CommandType.MESSAGE, OfUnit("town_01"), TEXT, case_id=9), NotFound),
    ):
        with pytest.raises(error):
            await carry_out(district.db, district.now, issue_group, new, by=OPERATOR)


async def test_an_unknown_group_is_not_found(district, terminals) -> None:
    issued = await district.issue(NewCommand("T-1", CommandType.LOCATE))
    with pytest.raises(NotFound):
        await group_by_id(district.db, issued.command_id)
