"""The metrics of ingest, for Prometheus; docs/runbook.md explains them."""

from prometheus_client import Counter, Gauge, Histogram

MESSAGES = Counter("patrolhub_ingest_messages_total", "Messages acknowledged", ["outcome"])
SAMPLES = Counter("patrolhub_ingest_samples_total", "Telemetry samples stored, or stored before")
UNKEPT = Counter(
    "patrolhub_ingest_unkept_total",
    "Refused messages that were counted and not kept, because their device's day was full",
)
REFUSED_SAMPLES = Counter(
    "patrolhub_ingest_refused_samples_total", "Samples refused of messages whose others were stored"
)
DROPPED = Counter(
    "patrolhub_ingest_dropped_total", "Messages of QoS 0 dropped because the queue was full"
)
RETAINED = Counter(
    "patrolhub_ingest_retained_total",
    "Messages that a device had the broker keep where it may not; the broker's copy was cleared",
)
CONNECTIONS = Counter("patrolhub_ingest_connections_total", "Successful log-ins at the broker")
UNACKNOWLEDGED = Gauge(
    "patrolhub_ingest_unacknowledged",
    "Messages received and not acknowledged yet",
    ["client_id"],
)
BATCH_SIZE = Histogram(
    "patrolhub_ingest_batch_messages",
    "Messages per batch",
    buckets=(1, 3, 10, 30, 100, 300, 1000, 3000),
)
COMMIT_S = Histogram("patrolhub_ingest_commit_seconds", "Time to store and commit a batch")
LAG_S = Histogram(
    "patrolhub_ingest_lag_seconds",
    "From the arrival of a batch's oldest message to its commit",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 120),
)
RETRIES = Counter("patrolhub_ingest_retries_total", "Retries because storage was unavailable")
STORAGE_UP = Gauge("patrolhub_ingest_storage_up", "Whether the last attempt to store succeeded")
KNOWN_BATCHES = Counter(
    "patrolhub_ingest_known_batches_total", "Batches with a sample that was stored before"
)
