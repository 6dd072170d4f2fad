"""Compares what the terminals sent with what the hub holds."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from bench.crash.terminals import NumberingTerminal
from bench.ingest.rig import Rig
from hub.errors import NotFound
from hub.evidence import EvidenceStore, open_evidence

_QUIET_S = 90.0


@dataclass(frozen=True)
class Reconciliation:
    """Messages whose effect is stored, missing, or stored more than once.

    `parked` are those that the worker gave up, `dead_letters` those that ingest refused.
    """

    sent: int
    stored: int
    lost: int
    duplicated: int
    parked: int
    dead_letters: int


_FACTS = {
    "samples": "SELECT device_id || '/' || seq FROM telemetry",
    "reports": "SELECT identity FROM signal",
    "photos": "SELECT sha256 FROM evidence",
    "inbox": "SELECT leaf || '/' || identity FROM inbox WHERE identity IS NOT NULL",
    "parked": "SELECT inbox_id FROM inbox WHERE state = 'parked'",
    "dead_letters": "SELECT dead_letter_id FROM dead_letter",
}


def compare(rig: Rig, terminals: Sequence[NumberingTerminal]) -> Reconciliation:
    """Compare once. A report counts as stored if the worker made a signal of it."""
    with psycopg.connect(rig.database_url) as db:
        facts = {
            name: [row[0] for row in db.execute(query.encode())] for name, query in _FACTS.items()
        }
    evidence = open_evidence(rig.evidence_url)
    photos = [sha256 for sha256 in facts["photos"] if _is_kept(evidence, sha256)]
    sent = {
        "samples": {
            f"{terminal.branch.device_id}/{seq}"
            for terminal in terminals
            for seq in range(terminal.sent.samples)
        },
        "reports": {event_id for terminal in terminals for event_id in terminal.sent.reports},
        "photos": {sha256 for terminal in terminals for sha256 in terminal.sent.photos},
    }
    stored = {"samples": facts["samples"], "reports": facts["reports"], "photos": photos}
    return Reconciliation(
        sent=sum(map(len, sent.values())),
        stored=sum(len(sent[name] & set(stored[name])) for name in sent),
        lost=sum(len(sent[name] - set(stored[name])) for name in sent),
        duplicated=sum(len(facts[name]) - len(set(facts[name])) for name in (*stored, "inbox")),
        parked=len(facts["parked"]),
        dead_letters=len(facts["dead_letters"]),
    )


def wait_until_quiet(
    rig: Rig, terminals: Sequence[NumberingTerminal], within_s: float
) -> Reconciliation:
    """Compare until nothing is missing, or nothing more has arrived for a while."""
    deadline = time.monotonic() + within_s
    found, changed_at = compare(rig, terminals), time.monotonic()
    while found.lost and time.monotonic() < min(deadline, changed_at + _QUIET_S):
        time.sleep(0.5)
        newer = compare(rig, terminals)
        if newer != found:
            found, changed_at = newer, time.monotonic()
    return found


def _is_kept(evidence: EvidenceStore, sha256: str) -> bool:
    try:
        return len(evidence.get(sha256)) > 0
    except NotFound:
        return False
