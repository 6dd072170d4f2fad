"""Messages decoded against the device registry, which is read again when it may be out of date."""

import threading
import time
from collections.abc import Sequence

import psycopg

from hub.db import load_queries
from hub.evidence.examining import DecodingBudget
from hub.geo.fix import reach_of
from hub.geo.jump import TimedPlace
from hub.ingest.decoding import decode_batch
from hub.ingest.judging import SampleJudge
from hub.ingest.queue import ReceivedMessage
from hub.ingest.registry import RegisteredDevice, Registry
from hub.ingest.retry import retry_until_done
from hub.ingest.rows import Batch
from wire.messages import RefusalOutcome

SQL = load_queries(__file__)
REGISTRY_AGE_S = 30.0
UNKNOWN_SENDER_AGE_S = 1.0
"""The registry is read again for an unknown sender if it is older than this."""


class Admission:
    """Opens a connection of its own whenever it reads the registry: others may be storing meanwhile."""

    def __init__(self, database_url: str, district: str) -> None:
        self._database_url = database_url
        self._registry = Registry(district, {})
        self._judge = SampleJudge()
        self._district = district
        self._read_at = float("-inf")
        self._budget = DecodingBudget()

    def prepare(self, stop: threading.Event) -> bool:
        """Read the registry, trying until it succeeds; False if told to stop before that."""
        return retry_until_done(self._read, stop)

    def decode(self, messages: Sequence[ReceivedMessage], stop: threading.Event) -> Batch | None:
        """The rows to store for messages; None if told to stop while the registry had to be read."""
        if self._age_s() > REGISTRY_AGE_S and not self.prepare(stop):
            return None
        batch = self.decode_now(messages)
        unknown = any(letter.outcome is RefusalOutcome.QUARANTINED for letter in batch.dead_letters)
        if unknown and self._age_s() > UNKNOWN_SENDER_AGE_S:
            return self.decode_now(messages) if self.prepare(stop) else None
        return batch

    def decode_now(self, messages: Sequence[ReceivedMessage]) -> Batch:
        """The rows to store for messages, by the registry as it was last read."""
        return decode_batch(messages, self._registry, self._budget, self._judge)

    def _read(self) -> None:
        with psycopg.connect(
            self._database_url, application_name="ingest registry", connect_timeout=5
        ) as db:
            rows = db.execute(SQL["registry"]).fetchall()
            reach = db.execute(SQL["reach"], (self._district,)).fetchone()
            terminals = db.execute(SQL["terminals"], binary=True).fetchall()
        devices = {
            device_id: RegisteredDevice(kind, frozenset(cameras))
            for device_id, kind, cameras in rows
        }
        self._registry = Registry(self._district, devices)
        self._judge.reach = None if reach is None else reach_of(*reach)
        self._judge.movements.remember(
            {device_id: TimedPlace(*place) for device_id, _, _, *place in terminals if place[0]}
        )
        for device_id, boot_id, error_s, *_ in terminals:
            if boot_id and error_s:
                self._judge.clocks.remember(device_id, boot_id, error_s)
        self._read_at = time.monotonic()

    def _age_s(self) -> float:
        return time.monotonic() - self._read_at
