-- name: recipient
SELECT d.device_id, d.kind, d.holder, d.last_uplink_at,
       CASE WHEN d.link = 'offline' THEN d.status_at END AS last_will_at,
       (SELECT code FROM district LIMIT 1) AS district
FROM device d WHERE d.device_id = %s;

-- name: insert_command
INSERT INTO command (command_id, device_id, type, body, case_id, priority, state, issued_at,
    expires_at, accept_within_s, finish_within_s, timer_at, reason, issued_by, recommendation_id,
    chosen_rank, supersedes, group_id)
VALUES (%(command_id)s, %(device_id)s, %(type)s, %(body)s, %(case_id)s, %(priority)s, %(state)s,
    %(issued_at)s, %(expires_at)s, %(accept_within_s)s, %(finish_within_s)s, %(timer_at)s,
    %(reason)s, %(issued_by)s, %(recommendation_id)s, %(chosen_rank)s, %(supersedes)s, %(group_id)s)
ON CONFLICT DO NOTHING RETURNING command_id;

-- name: lock_command
SELECT * FROM command WHERE command_id = %s FOR NO KEY UPDATE;

-- name: save_commands
UPDATE command c SET state = n.state, rev = n.rev, timer_at = n.timer_at, sent_at = n.sent_at,
    delivered_at = n.delivered_at, accepted_at = n.accepted_at, finished_at = n.finished_at,
    reason = n.reason, result = n.result
FROM jsonb_to_recordset(%s) AS n (command_id uuid, state text, rev integer, timer_at timestamptz,
    sent_at timestamptz, delivered_at timestamptz, accepted_at timestamptz, finished_at timestamptz,
    reason text, result jsonb)
WHERE c.command_id = n.command_id;

-- name: append_histories
INSERT INTO command_history (command_id, seq, state, at, device_at, rev, reason, result, counted)
SELECT command_id,
       coalesce((SELECT max(seq) FROM command_history h WHERE h.command_id = n.command_id), 0)
           + row_number() OVER (PARTITION BY command_id ORDER BY nth),
       state, at, device_at, rev, reason, result, counted
FROM ROWS FROM (jsonb_to_recordset(%s) AS (command_id uuid, state text, at timestamptz,
    device_at timestamptz, rev integer, reason text, result jsonb, counted boolean))
    WITH ORDINALITY AS n (command_id, state, at, device_at, rev, reason, result, counted, nth);

-- name: heard_before
SELECT command_id, rev, state FROM command_history
WHERE (command_id, rev, state) IN (SELECT * FROM unnest(%s::uuid[], %s::integer[], %s::text[]));

-- name: commands
SELECT c.command_id, c.device_id, d.holder, c.type, c.case_id, c.state, c.rev, c.priority,
       c.issued_at, c.expires_at, c.sent_at, c.delivered_at, c.accepted_at, c.finished_at, c.reason,
       c.result, missing_photos_as_json(c.result -> 'evidence', c.device_id) AS missing_photos,
       c.issued_by, c.recommendation_id, c.chosen_rank, c.supersedes
FROM command c JOIN device d USING (device_id)
WHERE (%(command_id)s::uuid IS NULL OR c.command_id = %(command_id)s)
  AND (%(case_id)s::bigint IS NULL OR c.case_id = %(case_id)s)
  AND (%(device_id)s::text IS NULL OR c.device_id = %(device_id)s)
  AND command_is_visible(c, %(scope_units)s, %(scope_territories)s)
ORDER BY c.issued_at DESC, c.command_id LIMIT %(limit)s;

-- name: histories
SELECT command_id, state, at, device_at, rev, reason, counted FROM command_history
WHERE command_id = ANY(%s) ORDER BY command_id, seq;

-- name: undelivered_of_devices
SELECT * FROM command WHERE device_id = ANY(%(device_ids)s) AND state IN ('created', 'sent')
  AND expires_at > %(now)s
ORDER BY priority DESC, issued_at FOR NO KEY UPDATE SKIP LOCKED;

-- name: due
-- An ack in the inbox came in time, however late the worker is. The inbox is read once.
SELECT * FROM command WHERE timer_at <= %(now)s
  AND command_is_active(state)
  AND (device_id, command_id::text) NOT IN (
      SELECT device_id, tail FROM inbox WHERE state = 'pending' AND leaf = 'acks')
ORDER BY timer_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED;

-- name: arrived_photos
SELECT sha256 FROM evidence WHERE sha256 = ANY(%s);

-- name: terminals_snapshots
SELECT c.command_id FROM command c JOIN device d USING (device_id)
WHERE c.command_id = ANY(%s) AND d.kind = 'terminals';

-- name: snapshots_with_photo
SELECT * FROM command c WHERE type = 'snapshot' AND state = 'in_progress'
  AND EXISTS (SELECT FROM evidence e WHERE c.result -> 'evidence' ? e.sha256
              AND e.sha256 = ANY(ARRAY(SELECT jsonb_array_elements_text(c.result -> 'evidence'))))
ORDER BY command_id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED;

-- name: lock_commands
SELECT * FROM command WHERE command_id = ANY(%s) ORDER BY command_id FOR NO KEY UPDATE;

-- name: unsent_news
-- The messages of one issuer to a device about a case that the broker has not taken; those that another
-- transaction holds are left alone: the caller holds the case.
SELECT * FROM command
WHERE case_id = %s AND device_id = %s AND type = 'message' AND issued_by = %s
  AND state IN ('created', 'queued')
ORDER BY issued_at FOR NO KEY UPDATE SKIP LOCKED;

-- name: open_guards
SELECT * FROM command WHERE case_id = %s AND type = 'guard'
  AND command_is_active(state)
ORDER BY issued_at FOR NO KEY UPDATE;

-- name: free_guards
-- Those that another transaction holds are left for the next time: the caller holds other commands.
SELECT * FROM command WHERE case_id = ANY(%s) AND type = 'guard'
  AND command_is_active(state)
ORDER BY issued_at FOR NO KEY UPDATE SKIP LOCKED;
