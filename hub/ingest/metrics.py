"""What ingest counts, for Prometheus."""

from prometheus_client import Counter, Histogram

MESSAGES = Counter("patrolhub_ingest_messages_total", "Messages acknowledged", ["outcome"])
SAMPLES = Counter("patrolhub_ingest_samples_total", "Telemetry samples stored or known already")
BATCH_SIZE = Histogram(
    "patrolhub_ingest_batch_messages", "Messages per batch", buckets=(1, 3, 10, 30, 100, 300, 1000)
)
COMMIT_S = Histogram("patrolhub_ingest_commit_seconds", "Time to store and commit a batch")
RETRIES = Counter("patrolhub_ingest_retries_total", "Batches tried again, the database being away")
