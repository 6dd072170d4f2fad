import pytest

from firmware_sim.walking import Walker

SQUARE = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0), (0.0, 0.0)]


class Clock:
    def __init__(self) -> None:
        self.now_s = 50.0

    def __call__(self) -> float:
        return self.now_s

    def passes(self, seconds: float) -> None:
        self.now_s += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def walker(clock: Clock) -> Walker:
    return Walker(SQUARE, start_m=10, pace_mps=2.0, clock=clock)


def test_a_patrol_goes_round_and_round(walker: Walker, clock: Clock):
    assert walker.position().point == (10, 0)
    clock.passes(50)
    assert walker.position().point == pytest.approx((100, 10))
    assert walker.position().heading == 0
    clock.passes(200)
    assert walker.position().point == pytest.approx((100, 10))


def test_walking_east_heads_to_ninety_degrees(walker: Walker):
    assert walker.position().heading == 90
    assert walker.position().speed == 2


def test_an_errand_takes_its_length_over_its_pace_and_ends_standing(walker: Walker, clock: Clock):
    takes_s = walker.go([(10, 0), (10, -40)], pace_mps=10)
    assert takes_s == pytest.approx(4)
    clock.passes(2)
    assert walker.position().point == pytest.approx((10, -20))
    assert walker.position().speed == 10
    clock.passes(60)
    assert walker.position().point == (10, -40)
    assert walker.position().speed == 0


def test_after_an_errand_the_patrol_goes_on_where_it_was_left(walker: Walker, clock: Clock):
    clock.passes(5)
    walker.go([(20, 0), (20, -40)], pace_mps=10)
    clock.passes(100)
    assert walker.turning_point() == pytest.approx((20, 0))
    walker.go_back([(20, -40), (20, 0)])
    clock.passes(20)
    assert walker.position().point == pytest.approx((20, 0))
    clock.passes(10)
    assert walker.position().point == pytest.approx((40, 0))


def test_a_second_errand_keeps_the_first_turning_point(walker: Walker):
    walker.go([(10, 0), (10, -40)], pace_mps=10)
    walker.go([(10, -40), (60, -40)], pace_mps=10)
    assert walker.turning_point() == (10, 0)


def test_being_called_away_on_the_way_back_keeps_the_turning_point(walker: Walker, clock: Clock):
    walker.go([(10, 0), (10, -40)], pace_mps=10)
    clock.passes(10)
    walker.go_back([(10, -40), (10, 0)])
    clock.passes(5)
    walker.go([(10, -30), (50, -30)], pace_mps=10)
    assert walker.turning_point() == (10, 0)


def test_who_is_not_on_patrol_stays_where_the_task_was(clock: Clock):
    walker = Walker(SQUARE, start_m=10, pace_mps=0, clock=clock)
    clock.passes(1000)
    assert walker.position().point == (10, 0)
    walker.go([(10, 0), (10, -40)], pace_mps=10)
    clock.passes(10)
    walker.go_back([(10, -40), (10, 0)])
    clock.passes(1000)
    assert walker.position().point == (10, -40)


def test_a_task_at_the_own_place_is_reached_at_once(walker: Walker):
    assert walker.go([(10, 0), (10, 0)], pace_mps=10) == 0
    assert walker.position().point == (10, 0)
