"""Who announces the hub: the one whose subscription makes all of them hold."""

from hub.ingest.subscriber import Roll


def test_the_last_of_several_completes_the_roll() -> None:
    roll = Roll(2)
    assert not roll.completed_by("messages")
    assert not roll.completed_by("messages")
    assert roll.completed_by("photos")


def test_after_one_was_lost_it_completes_the_roll_again_alone() -> None:
    roll = Roll(2)
    roll.completed_by("messages")
    roll.completed_by("photos")
    roll.lost("messages")
    assert roll.completed_by("messages")


def test_after_all_were_lost_the_roll_is_complete_once() -> None:
    roll = Roll(2)
    for name in ("messages", "photos"):
        roll.completed_by(name)
    for name in ("messages", "photos"):
        roll.lost(name)
    assert [roll.completed_by(name) for name in ("photos", "messages")] == [False, True]
