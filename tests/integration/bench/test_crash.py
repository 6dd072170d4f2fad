"""Each kind of death once, under load: nothing is lost, and nothing counts twice.

`script/bench crash` does the same a hundred times at random.
"""

import os

from bench.crash.check import Reconciliation
from bench.crash.run import KINDS, CrashPlan, run

MESSAGES_PER_S = 20.0


def test_nothing_that_was_acknowledged_is_lost_or_counts_twice_whoever_is_killed():
    plan = CrashPlan(
        kills=len(KINDS) if os.geteuid() == 0 else len(KINDS) - 1,
        terminals=3,
        per_s=MESSAGES_PER_S,
        in_turn=True,
        longest_pause_s=1.5,
        settle_within_s=90.0,
    )
    outcome = run(plan, print)
    assert sum(outcome.kills.values()) >= 4
    found = outcome.found
    assert found.sent > MESSAGES_PER_S
    assert found == Reconciliation(found.sent, found.sent, 0, 0, 0, 0)
    assert outcome.outages >= 1
