-- name: take_inbox
-- Among the oldest messages, the first of a device that is due and that no other worker has taken. No
-- message looks for those before it: the planner expects an empty inbox, and each would read all of it.
-- An alarm waits for none of them, nor for earlier messages of its own device.
WITH alarm AS MATERIALIZED (
    SELECT inbox_id FROM inbox
    WHERE state = 'pending' AND inbox_id = ANY(ARRAY(SELECT inbox_id FROM urgent_of_inbox(%(now)s)))
    ORDER BY inbox_id LIMIT 1 FOR UPDATE SKIP LOCKED
), oldest AS MATERIALIZED (
    SELECT * FROM oldest_of_inbox(%(among)s)
), head AS MATERIALIZED (
    SELECT DISTINCT ON (device_id COLLATE "C") inbox_id, retry_at FROM oldest
    ORDER BY device_id COLLATE "C", inbox_id
), other AS MATERIALIZED (
    SELECT inbox_id FROM inbox
    WHERE NOT %(alarms_only)s AND NOT EXISTS (SELECT FROM alarm)
      AND state = 'pending' AND inbox_id = ANY(ARRAY(
        SELECT inbox_id FROM head WHERE retry_at IS NULL OR retry_at <= %(now)s))
    ORDER BY inbox_id LIMIT 1 FOR UPDATE SKIP LOCKED
), free AS (
    SELECT inbox_id FROM alarm UNION ALL SELECT inbox_id FROM other
), taken AS (
    UPDATE inbox SET state = 'done', done_at = %(now)s WHERE inbox_id = (SELECT inbox_id FROM free)
    RETURNING inbox_id, kind, device_id, leaf, tail, payload, received_at, attempts, urgent,
              payload_sha256
)
SELECT (SELECT count(*) FROM oldest), taken.*
FROM (VALUES (true)) AS always LEFT JOIN taken ON true;

-- name: take_more
-- More messages like the one that was taken, each of another device, and none that failed before.
WITH head AS MATERIALIZED (
    SELECT DISTINCT ON (device_id COLLATE "C") inbox_id, device_id, leaf, attempts
    FROM oldest_of_inbox(%(among)s) ORDER BY device_id COLLATE "C", inbox_id
), free AS MATERIALIZED (
    SELECT inbox_id FROM inbox
    WHERE state = 'pending' AND inbox_id = ANY(ARRAY(
        SELECT inbox_id FROM head
        WHERE leaf = %(leaf)s AND attempts = 0 AND device_id <> %(device_id)s))
      AND (%(types)s::text[] IS NULL OR payload ->> 'type' = ANY(%(types)s))
    ORDER BY inbox_id LIMIT %(more)s FOR UPDATE SKIP LOCKED
)
UPDATE inbox SET state = 'done', done_at = %(now)s
WHERE inbox_id = ANY(ARRAY(SELECT inbox_id FROM free))
RETURNING inbox_id, kind, device_id, leaf, tail, payload, received_at, attempts, urgent, payload_sha256;

-- name: inbox_retry
UPDATE inbox SET attempts = attempts + 1, error = %s, retry_at = %s
WHERE inbox_id = ANY(%s) AND state = 'pending';

-- name: inbox_park
UPDATE inbox SET state = 'parked', attempts = attempts + 1, error = %s, done_at = NULL
WHERE inbox_id = ANY(%s) AND state <> 'parked';

-- name: inbox_refuse
UPDATE inbox SET state = 'done', attempts = attempts + 1, error = %s, done_at = %s
WHERE inbox_id = %s AND state <> 'parked';

-- name: district
SELECT code FROM district LIMIT 1;

-- name: forget_inbox
-- Rows are kept long enough to recognise a late repeat; later, keys of commands and cases prevent it.
DELETE FROM inbox WHERE inbox_id IN (
    SELECT inbox_id FROM inbox WHERE state = 'done' AND done_at < %s ORDER BY inbox_id LIMIT %s
);

-- name: only_one
SELECT pg_try_advisory_xact_lock(7008, hashtext(%s));

-- name: waiting_feedback
SELECT case_id FROM cases WHERE state = 'FEEDBACK' ORDER BY feedback_at LIMIT 20;
