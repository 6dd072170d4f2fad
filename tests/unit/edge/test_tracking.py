from dataclasses import replace

import pytest

from edge.tracking.confirmation import ConfirmationRules, weight
from edge.tracking.track import TrackState

GARBAGE_BOX = (0.1, 0.5, 0.1, 0.1)


def every_second(start_s: float, looks: int) -> list[float]:
    return [start_s + look for look in range(looks)]


def test_a_broken_cover_is_published_once_after_several_looks(watch, observation) -> None:
    watch.looks(every_second(0, 4), observation("manhole_broken"))
    assert watch.kinds == []
    watch.looks(every_second(4, 30), observation("manhole_broken"))
    assert watch.kinds == ["new"]
    assert watch.published[0][1] == "manhole_broken"


def test_an_open_hole_needs_only_two_looks_three_seconds_apart(watch, observation) -> None:
    watch.look(0, observation("manhole_open"))
    watch.look(3.1, observation("manhole_open"))
    assert watch.published[0][:2] == ("new", "manhole_open")


def test_two_glimpses_of_a_hole_with_looks_between_that_show_none_are_not_enough(
    watch, observation
) -> None:
    for start_s in (0, 9, 18):
        watch.look(start_s, observation("manhole_open"))
        watch.looks((start_s + 3, start_s + 6))
    assert watch.kinds == []


def test_two_looks_at_a_broken_cover_are_not_enough(watch, observation) -> None:
    watch.look(0, observation("manhole_broken", 0.99))
    watch.look(30, observation("manhole_broken", 0.99))
    assert watch.kinds == []


def test_many_looks_within_one_second_count_as_one(watch, observation) -> None:
    watch.looks([look * 0.05 for look in range(18)], observation("manhole_open", 0.99))
    assert watch.tracker.of("C-001")[0].hits == 1
    assert watch.kinds == []


def test_no_single_look_weighs_more_than_the_cap(observation) -> None:
    rules = ConfirmationRules()
    assert weight(observation("pothole", 0.9999), rules) == rules.look_cap
    assert weight(observation("pothole", 0.4), rules) == pytest.approx(rules.look_floor)


def test_a_glimpse_is_forgotten(watch, observation) -> None:
    watch.look(0, observation("manhole_broken"))
    watch.looks(every_second(1, 3))
    assert watch.tracker.of("C-001") == ()
    assert watch.kinds == []


@pytest.mark.parametrize("label", ["manhole_good", "bin_normal"])
def test_what_is_sound_is_never_published_nor_kept(watch, observation, label) -> None:
    watch.looks(every_second(0, 60), observation(label, 0.95))
    assert watch.kinds == []
    assert watch.tracker.of("C-001") == ()


def test_a_class_that_the_node_does_not_know_is_left_alone(watch, observation) -> None:
    watch.looks(every_second(0, 60), observation("bicycle", 0.95))
    assert watch.kinds == []


def test_a_repaired_cover_clears_its_fault_after_several_looks(watch, observation) -> None:
    watch.looks(every_second(0, 20), observation("manhole_broken"))
    watch.look(20, observation("manhole_good"))
    assert watch.kinds == ["new"]
    watch.looks(every_second(21, 8), observation("manhole_good"))
    assert watch.kinds == ["new", "cleared"]
    new, cleared = watch.published
    assert cleared[2] == new[2], "the same fault"
    assert (new[3], cleared[3]) == (1, 2), "in its order"
    assert watch.tracker.of("C-001") == ()


def test_a_sound_look_now_and_then_does_not_clear_a_fault(watch, observation) -> None:
    watch.looks(every_second(0, 10), observation("manhole_broken"))
    for start_s in range(10, 210, 10):
        watch.looks(every_second(start_s, 7), observation("manhole_broken"))
        watch.looks(every_second(start_s + 7, 3), observation("manhole_good"))
    assert watch.kinds == ["new"]


def test_a_fault_at_a_cleared_place_is_a_new_one(watch, observation) -> None:
    watch.looks(every_second(0, 10), observation("manhole_broken"))
    watch.looks(every_second(10, 12), observation("manhole_good"))
    watch.looks(every_second(22, 10), observation("manhole_broken"))
    assert watch.kinds == ["new", "cleared", "new"]
    assert watch.published[0][2] != watch.published[2][2]


def test_a_fault_that_is_gone_for_long_ends_once(watch, observation) -> None:
    watch.looks(every_second(0, 60), observation("garbage", box=GARBAGE_BOX))
    watch.looks([60 + 10 * look for look in range(80)])
    assert watch.kinds == ["new", "end"]


def test_a_fault_hidden_for_two_minutes_does_not_end(watch, observation) -> None:
    watch.looks(every_second(0, 60), observation("garbage", box=GARBAGE_BOX))
    watch.looks([60 + 10 * look for look in range(12)])
    watch.looks(every_second(180, 20), observation("garbage", box=GARBAGE_BOX))
    assert watch.kinds == ["new"]


def test_a_fault_that_comes_back_within_a_day_is_the_same_one(watch, observation) -> None:
    watch.looks(every_second(0, 60), observation("garbage", box=GARBAGE_BOX))
    watch.looks([60 + 10 * look for look in range(80)])
    watch.looks(every_second(900, 40), observation("garbage", box=GARBAGE_BOX))
    assert watch.kinds == ["new", "end", "update"]
    assert len({detection_id for _, _, detection_id, _ in watch.published}) == 1


def test_a_fault_gone_for_more_than_a_day_is_forgotten(watch, observation) -> None:
    watch.looks(every_second(0, 60), observation("garbage", box=GARBAGE_BOX))
    watch.looks([60 + 10 * look for look in range(80)])
    watch.look(2 * 86_400)
    assert watch.tracker.of("C-001") == ()


def test_a_cover_repaired_out_of_sight_is_cleared_too(watch, observation) -> None:
    watch.looks(every_second(0, 10), observation("manhole_broken"))
    watch.looks([10 + 10 * look for look in range(80)])
    watch.looks(every_second(900, 12), observation("manhole_good"))
    assert watch.kinds == ["new", "end", "cleared"]


def test_a_broken_cover_that_falls_open_is_updated_with_its_new_class(watch, observation) -> None:
    watch.looks(every_second(0, 10), observation("manhole_broken"))
    watch.looks(every_second(10, 12), observation("manhole_open"))
    assert [one[:2] for one in watch.published] == [
        ("new", "manhole_broken"),
        ("update", "manhole_open"),
    ]


def test_doubt_between_broken_and_open_still_confirms_a_fault(watch, observation) -> None:
    for at_s in range(0, 20, 2):
        watch.look(at_s, observation("manhole_broken"))
        watch.look(at_s + 1, observation("manhole_open", 0.6))
    assert watch.kinds == ["new"]


def test_a_known_fault_is_repeated_at_most_once_an_hour(watch, observation) -> None:
    watch.looks([10 * look for look in range(800)], observation("pothole"))
    assert watch.kinds == ["new", "update", "update"]
    assert (
        watch.tracker.update("C-001", [], watch.tracker.of("C-001")[0].looked_at).transitions == ()
    )


def test_two_faults_at_two_places_are_two(watch, observation) -> None:
    left, right = observation("pothole"), observation("pothole", box=(0.7, 0.6, 0.1, 0.08))
    watch.looks(every_second(0, 20), left, right)
    assert watch.kinds == ["new", "new"]


def test_two_boxes_on_one_thing_are_one_fault(watch, observation) -> None:
    broken = observation("manhole_broken", 0.8)
    opened = observation("manhole_open", 0.5, (0.41, 0.61, 0.1, 0.08))
    watch.looks(every_second(0, 20), broken, opened)
    assert watch.kinds == ["new"]


def test_a_second_smaller_box_within_a_known_fault_is_no_second_fault(watch, observation) -> None:
    whole = observation("manhole_broken", 0.8)
    part = observation("manhole_broken", 0.6, (0.42, 0.61, 0.06, 0.05))
    watch.looks(every_second(0, 40), whole, part)
    assert watch.kinds == ["new"]


def test_a_pothole_seen_in_a_broken_cover_is_the_cover(watch, observation) -> None:
    cover, pothole = observation("manhole_broken", 0.6), observation("pothole", 0.9)
    elsewhere = observation("pothole", 0.9, (0.1, 0.7, 0.1, 0.05))
    watch.looks(every_second(0, 10), cover, pothole, elsewhere)
    watch.looks(every_second(10, 20), pothole, elsewhere)
    assert [one[:2] for one in watch.published] == [("new", "manhole_broken"), ("new", "pothole")]


def test_a_box_that_jitters_stays_one_fault(watch, observation) -> None:
    for look in range(30):
        shift = 0.02 * (look % 3 - 1)
        watch.look(
            look, observation("manhole_broken", box=(0.4 + shift, 0.6, 0.1, 0.08 - shift / 4))
        )
    assert watch.kinds == ["new"]


def test_the_same_place_in_two_cameras_is_two_tracks(watch, observation) -> None:
    for look in range(10):
        watch.look(look, observation("manhole_broken"))
        watch.look(look, observation("manhole_broken"), camera_id="C-002")
    assert watch.kinds == ["new", "new"]


def test_a_candidate_is_watched_and_a_settled_fault_is_not(watch, observation) -> None:
    update = watch.look(0, observation("manhole_broken"))
    at = update.kept[0].looked_at
    assert watch.tracker.watch_every_s("C-001", at) == pytest.approx(0.95)
    watch.looks(every_second(1, 20), observation("manhole_broken"))
    assert watch.tracker.of("C-001")[0].state is TrackState.CONFIRMED
    assert watch.tracker.watch_every_s("C-001", at) is None


def test_a_repair_in_the_making_is_watched(watch, observation) -> None:
    watch.looks(every_second(0, 20), observation("manhole_broken"))
    update = watch.look(20, observation("manhole_good"))
    assert watch.tracker.watch_every_s("C-001", update.kept[0].looked_at) == pytest.approx(0.95)


def test_doubt_that_does_not_settle_is_watched_for_a_minute_only(watch, observation) -> None:
    flicker = observation("garbage", 0.41, GARBAGE_BOX)
    watch.look(0, flicker)
    at = watch.look(1, flicker).kept[0].looked_at
    assert watch.tracker.watch_every_s("C-001", at) == pytest.approx(0.95)
    for at_s in range(2, 65, 2):
        watch.look(at_s)
        at = watch.look(at_s + 1, flicker).kept[0].looked_at
    assert watch.kinds == []
    assert len(watch.tracker.of("C-001")) == 1
    assert watch.tracker.watch_every_s("C-001", at) is None


def test_a_clock_set_back_does_not_stop_the_inferences(watch, observation) -> None:
    watch.look(7200, observation("manhole_broken"))
    before = watch.tracker.of("C-001")[0].hits
    watch.look(0, observation("manhole_broken"))
    assert watch.tracker.of("C-001")[0].hits == before + 1


def test_a_place_that_a_look_does_not_show_is_not_missed(watch, observation) -> None:
    watch.looks(every_second(0, 10), observation("manhole_broken"))
    (before,) = watch.tracker.of("C-001")
    for at_s in range(10, 2000, 10):
        watch.look(at_s, shown=lambda _: False)
    assert watch.tracker.of("C-001") == (before,)
    assert watch.kinds == ["new"]


def test_a_part_of_a_known_fault_counts_for_it_and_leaves_its_box(watch, observation) -> None:
    watch.looks(every_second(0, 10), observation("pothole", box=(0.4, 0.6, 0.1, 0.1)))
    part = replace(observation("pothole", box=(0.45, 0.6, 0.2, 0.1)), whole=False)
    watch.looks(every_second(10, 10), part)
    (track,) = watch.tracker.of("C-001")
    assert (track.hits, track.misses) == (20, 0)
    assert track.box.x == pytest.approx(0.4)


def test_after_a_false_alarm_the_next_suspicion_is_looked_into_less_often(
    watch, observation
) -> None:
    def suspicion(at_s: float, x: float) -> float | None:
        update = watch.look(at_s, observation("manhole_open", box=(x, 0.6, 0.1, 0.08)))
        return watch.tracker.watch_every_s("C-001", update.kept[-1].looked_at)

    assert suspicion(0, 0.1) < 1
    watch.looks(every_second(1, 3))
    assert suspicion(4, 0.5) == 3
    watch.looks(every_second(5, 3))
    assert suspicion(60, 0.3) < 1


def test_a_false_alarm_does_not_stop_a_repair_from_being_watched(watch, observation) -> None:
    watch.looks(every_second(0, 20), observation("manhole_broken"))
    watch.look(20, observation("manhole_broken"), observation("pothole", box=(0.1, 0.7, 0.1, 0.05)))
    watch.looks(every_second(21, 3), observation("manhole_broken"))
    update = watch.look(24, observation("manhole_good"))
    assert watch.tracker.watch_every_s("C-001", update.kept[0].looked_at) == pytest.approx(0.95)
