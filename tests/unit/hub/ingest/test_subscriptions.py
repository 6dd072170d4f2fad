"""Who announces the hub: the subscriber that completes the subscriptions."""

from hub.ingest.subscriptions import Subscriptions


def test_the_last_of_several_completes_the_subscriptions() -> None:
    subscriptions = Subscriptions(2)
    assert not subscriptions.completed_by("messages")
    assert not subscriptions.completed_by("messages")
    assert subscriptions.completed_by("photos")


def test_after_one_was_lost_it_completes_the_subscriptions_again_alone() -> None:
    subscriptions = Subscriptions(2)
    subscriptions.completed_by("messages")
    subscriptions.completed_by("photos")
    subscriptions.lost("messages")
    assert subscriptions.completed_by("messages")


def test_after_all_were_lost_the_subscriptions_is_complete_once() -> None:
    subscriptions = Subscriptions(2)
    for name in ("messages", "photos"):
        subscriptions.completed_by(name)
    for name in ("messages", "photos"):
        subscriptions.lost(name)
    assert [subscriptions.completed_by(name) for name in ("photos", "messages")] == [False, True]
