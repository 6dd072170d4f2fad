from datetime import UTC, datetime, timedelta

from hub.rehearsal.agenda import Agenda

AT = datetime(2025, 8, 7, tzinfo=UTC)


async def _nothing() -> None: ...


def test_steps_come_in_the_order_of_their_time_and_those_of_one_instant_as_they_were_added():
    agenda, taken = Agenda(), []

    def named(name: str):
        async def step() -> None:
            taken.append(name)

        return step

    steps = {name: named(name) for name in ("late", "first", "second")}
    agenda.add(AT + timedelta(hours=1), steps["late"])
    agenda.add(AT, steps["first"])
    agenda.add(AT, steps["second"])

    order = [step for _, step in agenda.until(AT + timedelta(days=1))]

    assert order == [steps["first"], steps["second"], steps["late"]]


def test_a_step_added_meanwhile_is_taken_and_one_after_the_end_stays():
    agenda = Agenda()
    agenda.add(AT, _nothing)
    seen = []
    for at, _ in agenda.until(AT + timedelta(hours=2)):
        seen.append(at)
        agenda.add(at + timedelta(hours=1), _nothing)

    assert seen == [AT, AT + timedelta(hours=1), AT + timedelta(hours=2)]
    assert [at for at, _ in agenda.until(AT + timedelta(hours=3))] == [AT + timedelta(hours=3)]
