from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_sim.order_book import FINAL, OrderBook, UnreadableOrder, read_order
from wire.messages import AckState, Command, CommandType
from wire.messages.commands import PlainOrder

NOW = datetime(2025, 8, 7, 15, 19, tzinfo=UTC)
STATES = [state for state in AckState if state is not AckState.DELIVERED]


def order(valid_s: float = 60) -> Command:
    return PlainOrder(
        type=CommandType.LOCATE,
        command_id=str(uuid4()),
        issued_at=NOW - timedelta(seconds=10),
        expires_at=NOW + timedelta(seconds=valid_s),
    )


def test_a_new_order_is_delivered_and_to_be_carried_out():
    receipt = OrderBook().receive(order(), NOW)
    assert receipt.is_new
    assert (receipt.ack.state, receipt.ack.rev) == (AckState.DELIVERED, 1)


@pytest.mark.parametrize("late_s", [0, 1, 3600])
def test_an_order_is_refused_from_the_instant_at_which_it_expires(late_s: int):
    receipt = OrderBook().receive(order(valid_s=5), NOW + timedelta(seconds=5 + late_s))
    assert not receipt.is_new
    assert receipt.ack.state is AckState.EXPIRED


def test_an_order_that_was_done_in_time_is_not_expired_by_a_late_repeat():
    book, given_order = OrderBook(), order(valid_s=5)
    book.receive(given_order, NOW)
    done = book.advance(given_order.command_id, AckState.SUCCEEDED, NOW)
    again = book.receive(given_order, NOW + timedelta(hours=1))
    assert (again.ack, again.is_new) == (done, False)


@given(st.lists(st.sampled_from([*STATES, "repeat"]), max_size=30))
def test_rev_grows_by_one_with_each_state_and_a_repeat_changes_nothing(course: list[str]):
    book, given_order = OrderBook(), order()
    last = book.receive(given_order, NOW).ack
    for step in course:
        if step == "repeat":
            assert book.receive(given_order, NOW).ack == last
        elif last.state in FINAL:
            with pytest.raises(ValueError, match="can't become"):
                book.advance(given_order.command_id, AckState(step), NOW)
        else:
            following = book.advance(given_order.command_id, AckState(step), NOW)
            assert following.rev == last.rev + 1
            last = following


def test_orders_that_are_over_are_forgotten_at_last_but_open_ones_never():
    book, still_open = OrderBook(), order()
    book.receive(still_open, NOW)
    first = order()
    book.receive(first, NOW)
    book.advance(first.command_id, AckState.SUCCEEDED, NOW)
    for _ in range(600):
        other = order()
        book.receive(other, NOW)
        book.advance(other.command_id, AckState.SUCCEEDED, NOW)
    assert book.receive(first, NOW).is_new
    assert not book.receive(still_open, NOW).is_new


def test_an_order_under_a_foreign_topic_is_unreadable():
    given_order = order()
    with pytest.raises(UnreadableOrder, match="another command"):
        read_order(str(uuid4()), given_order.model_dump_json().encode())


def test_an_unreadable_order_never_overwrites_what_is_known():
    book, given_order = OrderBook(), order()
    book.receive(given_order, NOW)
    done = book.advance(given_order.command_id, AckState.SUCCEEDED, NOW)
    assert book.refuse(given_order.command_id, "malformed", NOW) == done
