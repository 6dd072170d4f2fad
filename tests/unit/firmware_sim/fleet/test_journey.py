from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from firmware_sim.district.build import DistrictSpec, build_district
from firmware_sim.district.folder import SimulatedDistrict
from firmware_sim.fleet.exercise import Exercise, draw_zones
from firmware_sim.fleet.journey import Booted, Happened, Journey, LineBack, LineLost, Recorded, Step
from firmware_sim.fleet.troubles import CALM, TroubleRates
from firmware_sim.geometry import LocalProjection
from wire.messages import SAMPLES

BEGAN_AT = datetime(2025, 8, 7, 15, 19, tzinfo=UTC)
BAD = TroubleRates(
    storms=2, storm_share=1, zones=6, flat=1, wrong_clock=1, garbage=0.2, duplicate=0.2
)


@pytest.fixture(scope="module")
def district() -> SimulatedDistrict:
    return build_district(DistrictSpec(seed=7, terminals=12, cameras=0, villages=14))


def journeys(district: SimulatedDistrict, exercise: Exercise) -> dict[str, list[Step]]:
    projection, plans = LocalProjection(*district.info.center), district.simulation.terminals
    zones = draw_zones(exercise, plans, projection)
    return {
        plan.device_id: list(Journey(exercise, plan, projection, zones).steps()) for plan in plans
    }


def of(kind: type[Step], steps: list[Step]) -> list[Step]:
    return [step for step in steps if isinstance(step, kind)]


def samples(steps: list[Step]):
    return [step.sample for step in steps if isinstance(step, Recorded)]


def test_the_same_seed_and_beginning_give_the_same_journeys(district: SimulatedDistrict):
    exercise = Exercise(7, BEGAN_AT, 300, rates=BAD)
    assert journeys(district, exercise) == journeys(district, exercise)


def test_another_beginning_gives_other_ids_and_else_the_same(district: SimulatedDistrict):
    first = journeys(district, Exercise(7, BEGAN_AT, 300, rates=BAD))
    later = journeys(district, Exercise(7, BEGAN_AT.replace(hour=16), 300, rates=BAD))
    for device_id, steps in first.items():
        ids = {sample.boot_id for sample in samples(steps)}
        assert not ids & {sample.boot_id for sample in samples(later[device_id])}
        assert [(s.lon, s.lat, s.seq) for s in samples(steps)] == [
            (s.lon, s.lat, s.seq) for s in samples(later[device_id])
        ]


def test_another_seed_gives_another_journey(district: SimulatedDistrict):
    exercise = Exercise(7, BEGAN_AT, 300)
    assert journeys(district, exercise) != journeys(district, replace(exercise, seed=8))


def test_no_two_terminals_have_a_name_in_common(district: SimulatedDistrict):
    exercise = Exercise(7, BEGAN_AT, 600, rates=BAD, events_per_h=600)
    found = journeys(district, exercise).values()
    boots = [step.boot_id for steps in found for step in of(Booted, steps)]
    events = [step.event.event_id for steps in found for step in of(Happened, steps)]
    assert len(boots) == len(set(boots)) == 24
    assert len(events) == len(set(events)) > 100


def test_on_a_calm_day_a_terminal_samples_at_its_interval_and_nothing_else_happens(
    district: SimulatedDistrict,
):
    for steps in journeys(district, Exercise(7, BEGAN_AT, 60, 5, CALM, events_per_h=0)).values():
        assert isinstance(steps[0], Booted)
        times = [step.at_s for step in steps[1:]]
        assert all(isinstance(step, Recorded) for step in steps[1:])
        assert len(times) == 12
        assert all(abs(b - a - 5) < 0.01 for a, b in pairwise(times))
        assert [sample.seq for sample in samples(steps)] == list(range(1, 13))


def test_steps_come_in_order_of_time(district: SimulatedDistrict):
    for steps in journeys(district, Exercise(7, BEGAN_AT, 600, rates=BAD)).values():
        times = [step.at_s for step in steps]
        assert times == sorted(times)
        assert times[-1] <= 600


def test_every_line_that_is_lost_comes_back(district: SimulatedDistrict):
    lost = 0
    for steps in journeys(district, Exercise(7, BEGAN_AT, 600, rates=BAD)).values():
        lines = [step for step in steps if isinstance(step, LineLost | LineBack)]
        lost += len(of(LineLost, lines))
        assert lines
        assert isinstance(lines[-1], LineBack)
    assert lost >= 12 * 2


def test_dead_zones_are_crossed(district: SimulatedDistrict):
    calm_but_for_zones = replace(CALM, zones=6)
    found = journeys(district, Exercise(7, BEGAN_AT, 300, rates=calm_but_for_zones))
    why = [step.why for steps in found.values() for step in of(LineLost, steps)]
    assert len(why) >= 6
    assert set(why) == {"dead_zone"}


def test_a_flat_battery_records_nothing_until_a_new_boot_that_counts_anew(
    district: SimulatedDistrict,
):
    for steps in journeys(
        district, Exercise(7, BEGAN_AT, 600, rates=replace(CALM, flat=1))
    ).values():
        (lost,) = of(LineLost, steps)
        _, again = of(Booted, steps)
        assert lost.why == "flat_battery"
        quiet = [s for s in of(Recorded, steps) if lost.at_s < s.at_s < again.at_s]
        assert quiet == []
        second = [s for s in samples(steps) if s.boot_id == again.boot_id]
        assert [s.seq for s in second] == list(range(1, len(second) + 1))
        assert second[0].battery > 99
        assert "low_battery" in [step.event.type for step in of(Happened, steps)]


def test_garbage_is_malformed(district: SimulatedDistrict):
    found = journeys(district, Exercise(7, BEGAN_AT, 300, rates=BAD))
    spoilt = [
        step.garbage for steps in found.values() for step in of(Recorded, steps) if step.garbage
    ]
    assert len(spoilt) > 20
    for payload in spoilt:
        if len(payload) <= 64 * 1024:
            with pytest.raises(ValueError):
                SAMPLES.validate_json(payload)


def test_a_wrong_clock_is_wrong_by_more_than_a_minute_or_so_and_stays_so(
    district: SimulatedDistrict,
):
    for steps in journeys(
        district, Exercise(7, BEGAN_AT, 300, rates=replace(CALM, wrong_clock=1))
    ).values():
        ahead = {
            round((step.sample.observed_at - BEGAN_AT).total_seconds() - step.at_s)
            for step in of(Recorded, steps)
        }
        assert len(ahead) == 1
        assert abs(ahead.pop()) >= 45
