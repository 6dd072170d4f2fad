"""Compares the ground truth about a fleet with the hub's database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from firmware_sim.fleet.ground_truth import COLUMNS, read_exercise, read_rows
from hub.db import load_queries

SQL = load_queries(__file__)

_STAGED = {
    "samples": "true_sample",
    "events": "true_event",
    "faults": "true_fault",
    "taken": "taken",
}
FAULTS = (
    "lost_samples",
    "doubled_samples",
    "invented_samples",
    "altered_samples",
    "lost_events",
    "doubled_events",
    "parked_messages",
    "lost_garbage",
    "markers_behind",
)
"""Names of possible faults; each is a query that lists the places."""


class NoTruth(ValueError):
    """A folder without the ground truth about an exercise."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} holds no exercise.json; `python -m firmware_sim fleet --truth DIR` writes it"
        )
        self.folder = folder


@dataclass(frozen=True)
class Counts:
    """Of samples: recorded by terminals, acknowledged to them by the broker, stored by the hub."""

    recorded: int
    acknowledged: int
    stored: int
    events: int
    faults: int


@dataclass(frozen=True)
class FleetComparison:
    """`wrong` lists the places of each kind of fault; it is empty if truth and hub agree."""

    counts: Counts
    wrong: Mapping[str, Sequence[str]]

    @property
    def holds(self) -> bool:
        return not self.wrong


def compare(truth: Path, database_url: str) -> FleetComparison:
    """Raises NoTruth, psycopg.OperationalError. The database is only read."""
    try:
        read_exercise(truth)
    except FileNotFoundError:
        raise NoTruth(truth) from None
    with psycopg.connect(database_url, application_name="check-fleet") as db:
        _stage(db, truth)
        db.execute(SQL["prepare"])
        counts = db.cursor(row_factory=class_row(Counts)).execute(SQL["counts"]).fetchone()
        assert counts is not None
        found = {name: [place for (place,) in db.execute(SQL[name])] for name in FAULTS}
        db.rollback()
    wrong = {name: places for name, places in found.items() if places}
    return FleetComparison(counts, wrong)


def _stage(db: Connection[TupleRow], truth: Path) -> None:
    db.execute(SQL["stage"])
    for name, table in _STAGED.items():
        columns = psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, COLUMNS[name]))
        copy = psycopg.sql.SQL("COPY {} ({}) FROM STDIN").format(
            psycopg.sql.Identifier(table), columns
        )
        with db.cursor().copy(copy) as rows:
            for row in read_rows(truth, name):
                rows.write_row(row)
