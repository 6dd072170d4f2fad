import numpy as np
import pytest

from edge.boxes import ImageBox
from edge.gate import HEIGHT, WIDTH, Gate, Thumbnail, Trigger, phase_of

STEP_S = 0.2


def road(seed: int = 1) -> Thumbnail:
    rng = np.random.default_rng(seed)
    return rng.integers(90, 130, (HEIGHT, WIDTH)).astype(np.uint8)


def noisy(picture: Thumbnail, frame: int) -> Thumbnail:
    rng = np.random.default_rng([7, frame])
    grain = rng.normal(0, 1.5, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def with_patch(picture: Thumbnail, left: int, top: int, w: int, h: int, level: int) -> Thumbnail:
    changed = picture.copy()
    changed[top : top + h, left : left + w] = level
    return changed


class Film:
    """Runs frames through a gate at 5 a second and keeps the looks as (second, reason)."""

    def __init__(self, gate: Gate | None = None) -> None:
        self.gate = gate or Gate()
        self.frames = 0
        self.looks: list[tuple[float, Trigger]] = []

    @property
    def now_s(self) -> float:
        return self.frames * STEP_S

    def show(
        self,
        picture: Thumbnail,
        for_s: float,
        *,
        watch_every_s: float | None = None,
        stretch: float = 1.0,
    ) -> None:
        for _ in range(round(for_s / STEP_S)):
            shown = noisy(picture, self.frames)
            reason = self.gate.update(
                shown, self.now_s, watch_every_s=watch_every_s, stretch=stretch
            )
            if reason is not None:
                self.gate.inspected(self.now_s)
                self.looks.append((round(self.now_s, 1), reason))
            self.frames += 1

    def reasons_since(self, at_s: float) -> list[Trigger]:
        return [reason for when_s, reason in self.looks if when_s >= at_s - 1e-6]


def test_the_first_frame_gets_an_inference() -> None:
    film = Film()
    film.show(road(), 0.2)
    assert film.looks == [(0.0, Trigger.HEARTBEAT)]


def test_an_unchanged_street_gets_only_heartbeats_ten_seconds_apart() -> None:
    film = Film()
    film.show(road(), 31)
    assert film.looks == [(at_s, Trigger.HEARTBEAT) for at_s in (0.0, 10.0, 20.0, 30.0)]


def test_at_night_the_heartbeat_is_thirty_seconds() -> None:
    film = Film()
    film.show((road() // 4).astype(np.uint8), 61)
    assert [at_s for at_s, _ in film.looks] == [0.0, 30.0, 60.0]


@pytest.mark.parametrize("level", [60, 150])
def test_something_small_that_stays_gets_an_inference_within_five_seconds(level: int) -> None:
    film = Film()
    film.show(road(), 12)
    film.show(with_patch(road(), 80, 60, 4, 3, level), 5)
    assert Trigger.STAYED in film.reasons_since(12)


def test_what_stayed_is_news_only_once() -> None:
    film = Film()
    film.show(road(), 12)
    film.show(with_patch(road(), 80, 60, 12, 8, 40), 25)
    assert film.reasons_since(12).count(Trigger.STAYED) == 1


def test_a_parked_car_costs_one_inference_when_it_comes_and_one_when_it_goes() -> None:
    film = Film()
    film.show(road(), 12)
    film.show(with_patch(road(), 20, 40, 50, 30, 200), 40)
    film.show(road(), 40)
    assert film.reasons_since(12).count(Trigger.STAYED) == 2


def test_traffic_that_passes_gets_no_inference() -> None:
    film = Film()
    film.show(road(), 10.2)
    for step in range(40):
        film.show(with_patch(road(), (step * 6) % WIDTH, 40, 20, 15, 220), STEP_S)
    assert film.reasons_since(10.2) == []


def test_a_change_of_light_is_no_news() -> None:
    film = Film()
    film.show(road(), 10.2)
    film.show((road() + 60).astype(np.uint8), 8)
    assert film.reasons_since(10.2) == []


def test_after_a_change_of_light_something_new_is_still_noticed() -> None:
    film = Film()
    film.show(road(), 10.2)
    brighter = (road() + 60).astype(np.uint8)
    film.show(brighter, 3)
    film.show(with_patch(brighter, 80, 60, 8, 6, 60), 5)
    assert film.reasons_since(13.2) == [Trigger.STAYED]


def test_no_inference_while_much_of_the_road_is_covered() -> None:
    film = Film()
    film.show(road(), 8)
    film.show(with_patch(road(), 0, 20, WIDTH, 50, 210), 20, watch_every_s=0.95)
    assert film.reasons_since(8) == []


def test_what_covers_the_road_for_long_becomes_the_scene() -> None:
    film = Film()
    film.show(road(), 8)
    film.show(with_patch(road(), 0, 20, WIDTH, 50, 210), 32)
    assert film.reasons_since(8) == [Trigger.HEARTBEAT]


def test_a_camera_in_doubt_gets_an_inference_every_second() -> None:
    film = Film()
    film.show(road(), 5.2, watch_every_s=0.95)
    assert [at_s for at_s, _ in film.looks] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def test_a_camera_that_has_cried_wolf_is_watched_less_often() -> None:
    film = Film()
    film.show(road(), 9.2, watch_every_s=3.0)
    assert [at_s for at_s, _ in film.looks] == [0.0, 3.0, 6.0, 9.0]


def test_cameras_that_start_together_do_not_beat_together() -> None:
    phases = [phase_of(f"C-{number:03}") for number in range(100)]
    assert all(0 < phase <= 1 for phase in phases)
    assert sum(phase < 0.55 for phase in phases) == pytest.approx(50, abs=12)
    film = Film(Gate(phase=0.3))
    film.show(road(), 24)
    assert [at_s for at_s, _ in film.looks] == [0.0, 3.0, 13.0, 23.0]


def test_it_is_the_road_that_must_not_be_covered() -> None:
    lane = ((0.0, 0.6), (1.0, 0.6), (1.0, 1.0), (0.0, 1.0))
    lorry = with_patch(road(), 0, 60, WIDTH, 20, 210)
    hoarding = with_patch(road(), 0, 0, WIDTH, 50, 210)
    for picture, looks in ((lorry, 0), (hoarding, 20)):
        film = Film(Gate(road=lane))
        film.show(road(), 8)
        film.show(picture, 20, watch_every_s=0.95)
        assert len(film.reasons_since(8)) == looks


def test_under_load_heartbeats_stretch_and_news_does_not_wait() -> None:
    film = Film()
    film.show(road(), 41, stretch=2.0)
    assert [at_s for at_s, _ in film.looks] == [0.0, 20.0, 40.0]
    film.show(with_patch(road(), 80, 60, 12, 8, 40), 5, stretch=6.0)
    assert film.reasons_since(41) == [Trigger.STAYED]


def test_something_new_has_its_place_until_the_detector_got_it() -> None:
    gate = Gate()
    for frame in range(30):
        gate.update(road(), frame * STEP_S)
    gate.inspected(29 * STEP_S)
    assert list(gate.new_boxes()) == []
    changed = with_patch(with_patch(road(), 80, 60, 12, 8, 40), 20, 70, 6, 4, 200)
    for frame in range(30, 60):
        gate.update(changed, frame * STEP_S)
    large, small = gate.new_boxes()
    assert large == ImageBox(80 / WIDTH, 60 / HEIGHT, 12 / WIDTH, 8 / HEIGHT)
    assert small == ImageBox(20 / WIDTH, 70 / HEIGHT, 6 / WIDTH, 4 / HEIGHT)
    gate.inspected(59 * STEP_S)
    assert list(gate.new_boxes()) == []
