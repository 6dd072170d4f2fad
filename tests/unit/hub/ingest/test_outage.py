"""Pauses grow, differ and are bounded; the log tells of an outage without repeating itself."""

import pytest
from structlog.testing import capture_logs

from hub.ingest.outage import FIRST_PAUSE_S, LONGEST_PAUSE_S, Outage


def test_pauses_grow_to_a_bound_and_are_never_in_step():
    one, other = Outage(), Outage()
    pauses = [one.pause_s(OSError("away")) for _ in range(20)]
    assert pauses != [other.pause_s(OSError("away")) for _ in range(20)]
    assert FIRST_PAUSE_S * 0.5 <= pauses[0] <= FIRST_PAUSE_S * 1.5
    assert all(LONGEST_PAUSE_S * 0.5 <= pause <= LONGEST_PAUSE_S * 1.5 for pause in pauses[-8:])


def test_the_log_tells_of_an_outage_once_for_each_reason_and_of_its_end():
    with capture_logs() as logs:
        outage = Outage()
        for reason in ("refused", "refused", "starting up", "starting up\nDETAIL: more"):
            outage.pause_s(OSError(reason))
        outage.end()
    assert [(entry["event"], entry.get("error")) for entry in logs] == [
        ("storage_unavailable", "OSError: refused"),
        ("storage_unavailable", "OSError: starting up"),
        ("storage_returned", None),
    ]
    assert logs[-1]["attempts"] == 4


@pytest.mark.parametrize("attempts", [0, 1])
def test_an_outage_that_was_none_is_not_told_of(attempts: int):
    with capture_logs() as logs:
        outage = Outage()
        for _ in range(attempts):
            outage.pause_s(OSError("away"))
        outage.end()
    assert len(logs) == 2 * attempts
