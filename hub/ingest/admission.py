"""Messages sorted by who may send what. The database is asked again when its answer may be old."""

import threading
import time
from collections.abc import Sequence

import psycopg

from hub.db import load_queries
from hub.ingest.outage import until_done
from hub.ingest.refusals import Outcome
from hub.ingest.registry import Registered, Registry
from hub.ingest.sorting import Batch, sort
from hub.ingest.waiting import Received

SQL = load_queries(__file__)
REGISTRY_AGE_S = 30.0
STRANGER_AGE_S = 1.0


class Admission:
    """Has a connection of its own, only while it asks: others may be storing at that time."""

    def __init__(self, database_url: str, district: str) -> None:
        self._database_url = database_url
        self._registry = Registry(district, {})
        self._district = district
        self._read_at = float("-inf")

    def prepare(self, stop: threading.Event) -> bool:
        """Return once the database has told who is registered; False when told to stop before."""
        return until_done(self._read, stop)

    def sorted(self, messages: Sequence[Received], stop: threading.Event) -> Batch | None:
        """What to store of messages; None when told to stop while the database had to be asked."""
        if self._age_s() > REGISTRY_AGE_S and not self.prepare(stop):
            return None
        batch = self.sorted_now(messages)
        strangers = any(letter.outcome is Outcome.QUARANTINED for letter in batch.dead_letters)
        if strangers and self._age_s() > STRANGER_AGE_S:
            return self.sorted_now(messages) if self.prepare(stop) else None
        return batch

    def sorted_now(self, messages: Sequence[Received]) -> Batch:
        """What to store of messages, as far as is known of devices."""
        return sort(messages, self._registry)

    def _read(self) -> None:
        with psycopg.connect(
            self._database_url, application_name="ingest registry", connect_timeout=5
        ) as db:
            rows = db.execute(SQL["registry"]).fetchall()
        devices = {
            device_id: Registered(kind, frozenset(cameras)) for device_id, kind, cameras in rows
        }
        self._registry = Registry(self._district, devices)
        self._read_at = time.monotonic()

    def _age_s(self) -> float:
        return time.monotonic() - self._read_at
