"""What ingest counts, for Prometheus; docs/runbook.md says what to make of it."""

from prometheus_client import Counter, Gauge, Histogram

MESSAGES = Counter("patrolhub_ingest_messages_total", "Messages acknowledged", ["outcome"])
SAMPLES = Counter("patrolhub_ingest_samples_total", "Telemetry samples stored or known already")
DROPPED = Counter(
    "patrolhub_ingest_dropped_total", "Messages without a promise (QoS 0) that found no room"
)
CONNECTIONS = Counter("patrolhub_ingest_connections_total", "Times that the broker let us in")
UNACKNOWLEDGED = Gauge(
    "patrolhub_ingest_unacknowledged",
    "Messages that the broker holds for us until they are stored",
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
RETRIES = Counter("patrolhub_ingest_retries_total", "Batches tried again, storage being away")
STORAGE_UP = Gauge("patrolhub_ingest_storage_up", "Whether the last attempt to store went well")
KNOWN_BATCHES = Counter(
    "patrolhub_ingest_known_batches_total", "Batches in which a sample came that was stored before"
)
