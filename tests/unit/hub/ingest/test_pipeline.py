"""Two threads of a pipeline: one decodes the next batch while the other stores."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from hub.ingest.decoding import Batch, InboxRow
from hub.ingest.pipeline import Pipeline
from hub.ingest.queue import BatchLimits, MessageQueue, ReceivedMessage
from hub.refusals.store import SavedRefusals
from tests.waiting import WITHIN_S

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
ONE_EACH = BatchLimits(messages=1, linger_s=0.0)


class Decoding:
    """Decodes each message into an inbox row of its topic."""

    def __init__(self) -> None:
        self.decoded_topics: list[str] = []
        self.fails = False
        self.changed = threading.Condition()

    def decode(self, messages, stop) -> Batch:
        if self.fails:
            raise ZeroDivisionError
        with self.changed:
            self.decoded_topics += [message.topic for message in messages]
            self.changed.notify_all()
        return self.decode_now(messages)

    def decode_now(self, messages) -> Batch:
        rows = [InboxRow("", "", "", "", each.topic, NOW, None) for each in messages]
        return Batch(inbox=rows)


class Storing:
    """Stores when let to; raises what it is told to."""

    def __init__(self) -> None:
        self.may_store = threading.Semaphore(0)
        self.faults: list[Exception] = []
        self.stored: list[str] = []
        self.refused: list[str] = []
        self.disconnected = 0

    def save(self, batch: Batch, refusals, skews) -> SavedRefusals:
        assert self.may_store.acquire(timeout=WITHIN_S)
        if self.faults:
            raise self.faults.pop(0)
        self.stored += [row.payload for row in batch.inbox]
        self.refused += [letter.reason for letter in batch.dead_letters]
        return SavedRefusals((), 0)

    def disconnect(self) -> None:
        self.disconnected += 1


class Working:
    """A pipeline at work on messages a, b, c."""

    def __init__(self) -> None:
        self.decoding, self.storing = Decoding(), Storing()
        self.acknowledged: list[str] = []
        self.changed = threading.Condition()
        self.stop = threading.Event()
        self.queue = MessageQueue(10)
        self.pipeline = Pipeline(self.decoding, self.storing, ONE_EACH)  # type: ignore[arg-type]
        self.thread = threading.Thread(target=self._run)
        self.error: BaseException | None = None

    def send(self, *topics: str) -> None:
        self.queue.put(
            ReceivedMessage(topic, b"", number + 1, NOW) for number, topic in enumerate(topics)
        )

    def _run(self) -> None:
        try:
            self.pipeline.run(self.queue, self._acknowledge, self.stop)
        except ZeroDivisionError as error:
            self.error = error

    def _acknowledge(self, messages) -> None:
        with self.changed:
            self.acknowledged += [message.topic for message in messages]
            self.changed.notify_all()

    def wait_for_acknowledged(self, *topics: str) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.acknowledged == [*topics], WITHIN_S)

    def wait_for_decoded(self, *topics: str) -> None:
        with self.decoding.changed:
            assert self.decoding.changed.wait_for(
                lambda: self.decoding.decoded_topics == [*topics], WITHIN_S
            )


@pytest.fixture
def working() -> Iterator[Working]:
    working = Working()
    working.thread.start()
    yield working
    working.stop.set()
    for _ in range(10):
        working.storing.may_store.release()
    working.thread.join(WITHIN_S)
    assert not working.thread.is_alive()


def test_the_next_batch_is_decoded_while_one_is_stored_and_none_acknowledged_before_its_commit(
    working: Working,
) -> None:
    working.send("a", "b", "c")
    working.wait_for_decoded("a", "b")
    assert working.acknowledged == []
    working.storing.may_store.release()
    working.wait_for_acknowledged("a")
    working.wait_for_decoded("a", "b", "c")
    assert working.storing.stored == ["a"]


def test_what_cannot_be_stored_is_tried_again_before_what_was_decoded_after_it(
    working: Working,
) -> None:
    working.storing.faults = [psycopg.OperationalError("gone"), OSError("no space")]
    working.send("a", "b")
    for _ in range(4):
        working.storing.may_store.release()
    working.wait_for_acknowledged("a", "b")
    assert working.storing.stored == ["a", "b"]
    assert working.storing.disconnected == 2


@pytest.mark.parametrize("fault", [psycopg.DataError, psycopg.errors.ProgramLimitExceeded])
def test_what_the_database_refuses_holds_up_nothing_that_was_decoded_after_it(
    working: Working, fault: type[psycopg.Error]
) -> None:
    working.storing.faults = [fault("no such number")]
    working.send("a", "b")
    working.wait_for_decoded("a", "b")
    working.storing.may_store.release()
    assert working.acknowledged == []
    for _ in range(2):
        working.storing.may_store.release()
    working.wait_for_acknowledged("a", "b")
    assert working.storing.refused == ["the database refused it: no such number"]
    assert working.storing.stored == ["b"]


def test_told_to_stop_while_storage_is_away_it_acknowledges_nothing(working: Working) -> None:
    working.storing.faults = [psycopg.OperationalError("gone")] * 100
    working.send("a", "b")
    working.wait_for_decoded("a", "b")
    working.storing.may_store.release(100)  # it may try again before it is told to stop
    working.stop.set()
    working.thread.join(WITHIN_S)
    assert working.acknowledged == []


@pytest.mark.parametrize("part", ["decoding", "storing"])
def test_a_fault_of_the_program_ends_the_pipeline(working: Working, part: str) -> None:
    if part == "decoding":
        working.decoding.fails = True
    else:
        working.storing.faults = [ZeroDivisionError()]
    working.storing.may_store.release()
    working.send("a")
    working.thread.join(WITHIN_S)
    assert isinstance(working.error, ZeroDivisionError)
    assert working.acknowledged == []
