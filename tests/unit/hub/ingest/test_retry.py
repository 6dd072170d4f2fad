"""Pauses grow, differ and are bounded; the log reports an outage without repeating itself."""

import pytest
from structlog.testing import capture_logs

from hub.ingest.retry import FIRST_PAUSE_S, LONGEST_PAUSE_S, StorageBackoff


def test_pauses_grow_to_a_bound_and_are_never_in_step():
    one, other = StorageBackoff(), StorageBackoff()
    pauses = [one.pause_s(OSError("away")) for _ in range(20)]
    assert pauses != [other.pause_s(OSError("away")) for _ in range(20)]
    assert FIRST_PAUSE_S * 0.5 <= pauses[0] <= FIRST_PAUSE_S * 1.5
    assert all(LONGEST_PAUSE_S * 0.5 <= pause <= LONGEST_PAUSE_S * 1.5 for pause in pauses[-8:])


def test_the_log_reports_an_outage_once_for_each_reason_and_its_end():
    with capture_logs() as logs:
        backoff = StorageBackoff()
        for reason in ("refused", "refused", "starting up", "starting up\nDETAIL: more"):
            backoff.pause_s(OSError(reason))
        backoff.end()
    assert [(entry["event"], entry.get("error")) for entry in logs] == [
        ("storage_unavailable", "OSError: refused"),
        ("storage_unavailable", "OSError: starting up"),
        ("storage_returned", None),
    ]
    assert logs[-1]["attempts"] == 4


@pytest.mark.parametrize("attempts", [0, 1])
def test_without_an_outage_nothing_is_logged(attempts: int):
    with capture_logs() as logs:
        backoff = StorageBackoff()
        for _ in range(attempts):
            backoff.pause_s(OSError("away"))
        backoff.end()
    assert len(logs) == 2 * attempts
