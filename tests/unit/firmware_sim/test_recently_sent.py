from firmware_sim.recently_sent import RecentlySent
from wire.limits import SENT_AGAIN_S


class Watch:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_what_was_sent_lately_is_remembered_in_its_order() -> None:
    recent = RecentlySent[str]()
    for thing in ("a", "b", "c"):
        recent.add(thing)
    assert recent.all() == ["a", "b", "c"]


def test_what_was_sent_long_ago_is_forgotten() -> None:
    watch = Watch()
    recent = RecentlySent[str](watch)
    recent.add("old")
    watch.now_s = SENT_AGAIN_S
    recent.add("young")
    assert recent.all() == ["old", "young"]
    watch.now_s = SENT_AGAIN_S + 1
    assert recent.all() == ["young"]


def test_sending_again_does_not_keep_a_thing_for_ever() -> None:
    watch = Watch()
    recent = RecentlySent[str](watch)
    recent.add("a")
    watch.now_s = SENT_AGAIN_S - 1
    recent.add("a")
    watch.now_s = SENT_AGAIN_S + 1
    assert recent.all() == []
