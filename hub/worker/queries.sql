-- name: take_inbox
-- The oldest message of a device that has none before it, and where its leaf is one of those that are
-- worked off together, more such messages that came soon after. Others' rows in work are skipped; what
-- has failed before is alone.
WITH first AS MATERIALIZED (
    SELECT i.inbox_id, i.leaf, i.attempts FROM inbox i
    WHERE i.state = 'pending' AND (i.retry_at IS NULL OR i.retry_at <= %(now)s)
      AND NOT EXISTS (SELECT FROM inbox e WHERE e.state = 'pending'
                      AND e.device_id = i.device_id AND e.inbox_id < i.inbox_id)
    ORDER BY i.inbox_id LIMIT 1
    FOR UPDATE SKIP LOCKED
), more AS MATERIALIZED (
    SELECT i.inbox_id FROM inbox i
    WHERE i.state = 'pending' AND i.attempts = 0
      AND i.inbox_id > (SELECT inbox_id FROM first)
      AND i.inbox_id < (SELECT inbox_id FROM first) + 4 * %(more)s
      AND i.leaf = (SELECT leaf FROM first
                    WHERE attempts = 0 AND leaf = ANY(%(together)s::text[]))
      AND NOT EXISTS (SELECT FROM inbox e WHERE e.state = 'pending'
                      AND e.device_id = i.device_id AND e.inbox_id < i.inbox_id)
    ORDER BY i.inbox_id LIMIT %(more)s
    FOR UPDATE SKIP LOCKED
)
UPDATE inbox SET state = 'done', done_at = %(now)s
WHERE inbox_id = ANY(ARRAY(SELECT inbox_id FROM first UNION ALL SELECT inbox_id FROM more))
RETURNING inbox_id, kind, device_id, leaf, tail, payload, received_at, attempts;

-- name: inbox_retry
UPDATE inbox SET attempts = attempts + 1, error = %s, retry_at = %s
WHERE inbox_id = ANY(%s) AND state = 'pending';

-- name: inbox_park
UPDATE inbox SET state = 'parked', attempts = attempts + 1, error = %s
WHERE inbox_id = ANY(%s) AND state = 'pending';

-- name: forget_inbox
-- Identities are kept long enough to know a late repeat; a command's or case's own keys hold after.
DELETE FROM inbox WHERE state = 'done' AND done_at < %s;

-- name: only_one
SELECT pg_try_advisory_xact_lock(7003, %s);

-- name: waiting_feedback
SELECT case_id FROM cases WHERE state = 'FEEDBACK' ORDER BY feedback_at LIMIT 20;
