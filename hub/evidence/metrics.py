"""The metrics of photos, for Prometheus; docs/runbook.md explains them."""

from prometheus_client import Counter

DAMAGED = Counter(
    "patrolhub_evidence_damaged_total",
    "Reads of photos whose file is missing or changed",
    ["fault"],
)
