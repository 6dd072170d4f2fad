-- name: take_inbox
-- The oldest message of a device that has none before it; others' rows in work are skipped.
SELECT i.inbox_id, i.kind, i.device_id, i.leaf, i.tail, i.payload, i.received_at, i.attempts
FROM inbox i
WHERE i.state = 'pending' AND (i.retry_at IS NULL OR i.retry_at <= %s)
  AND NOT EXISTS (SELECT FROM inbox e WHERE e.state = 'pending'
                  AND e.device_id = i.device_id AND e.inbox_id < i.inbox_id)
ORDER BY i.inbox_id LIMIT 1
FOR UPDATE SKIP LOCKED;

-- name: inbox_done
UPDATE inbox SET state = 'done', done_at = %s WHERE inbox_id = %s;

-- name: inbox_retry
UPDATE inbox SET attempts = attempts + 1, error = %s, retry_at = %s
WHERE inbox_id = %s AND state = 'pending';

-- name: inbox_park
UPDATE inbox SET state = 'parked', attempts = attempts + 1, error = %s
WHERE inbox_id = %s AND state = 'pending';

-- name: forget_inbox
-- Identities are kept long enough to know a late repeat; a command's or case's own keys hold after.
DELETE FROM inbox WHERE state = 'done' AND done_at < %s;

-- name: only_one
SELECT pg_try_advisory_xact_lock(7003, %s);

-- name: waiting_feedback
SELECT case_id FROM cases WHERE state = 'FEEDBACK' ORDER BY feedback_at LIMIT 20;
