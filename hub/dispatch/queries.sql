-- name: lock_case
SELECT case_id FROM cases WHERE case_id = %s FOR NO KEY UPDATE;

-- name: just_sent
SELECT device_id, issued_at FROM command
WHERE case_id = %s AND type = %s AND device_id <> %s AND command_is_active(state) AND issued_at > %s
ORDER BY issued_at DESC LIMIT 1;

-- name: lock_answered
-- The commands that are answered, and the guards that a finished task relieves. Locking them later, one
-- case after the other, would let two transactions wait in a circle.
SELECT command_id FROM command WHERE command_id = ANY(ARRAY(
    SELECT unnest(%(answered)s::uuid[])
    UNION
    SELECT guard.command_id FROM command task JOIN command guard USING (case_id)
    WHERE task.command_id = ANY(%(finished)s::uuid[]) AND task.type = 'dispatch'
      AND guard.type = 'guard' AND command_is_active(guard.state)
)) ORDER BY command_id FOR NO KEY UPDATE;

-- name: territories
SELECT unit_key, parent, level FROM unit WHERE kind = 'territory';

-- name: terminals
SELECT d.device_id, d.holder, d.unit_key,
       coalesce('video' = ANY(d.capabilities), false) AS has_video, d.last_uplink_at,
       CASE WHEN d.link = 'offline' THEN d.status_at END AS last_will_at,
       l.lon, l.lat, l.order_at, l.battery
FROM device d LEFT JOIN terminal_live l USING (device_id)
WHERE d.kind = 'terminals' AND device_is_visible(d, %(scope_units)s, %(scope_territories)s)
ORDER BY d.device_id;

-- name: tasks_in_hand
SELECT device_id, count(*), max(priority),
       bool_or(case_id IS NOT DISTINCT FROM %(case_id)s AND type = %(type)s)
FROM command WHERE command_is_task(type) AND command_is_active(state) GROUP BY device_id;

-- name: recent_tasks
SELECT device_id, count(*) FROM command
WHERE command_is_task(type) AND accepted_at > %s
  AND state IN ('succeeded', 'failed', 'timed_out')
GROUP BY device_id;

-- name: asked_before
-- Every device that the chain of commands ending with this one has tried.
WITH RECURSIVE chain AS (
    SELECT command_id, device_id, supersedes FROM command WHERE command_id = %s
    UNION ALL
    SELECT c.command_id, c.device_id, c.supersedes
    FROM command c JOIN chain ON c.command_id = chain.supersedes
)
SELECT device_id FROM chain;

-- name: put_recommendation
INSERT INTO recommendation (recommendation_id, case_id, type, made_at, made_for, ranking)
VALUES (%s, %s, %s, %s, %s, %s);

-- name: recommendation
SELECT recommendation_id, case_id, type, made_at, made_for, ranking
FROM recommendation WHERE recommendation_id = %s;

-- name: guards_of_ended_cases
SELECT DISTINCT c.case_id FROM command c JOIN cases USING (case_id)
WHERE c.type = 'guard'
  AND command_is_active(c.state)
  AND NOT case_is_open(cases.state)
LIMIT %(limit)s;

-- name: active_guard
SELECT 1 FROM command WHERE case_id = %s AND type = 'guard'
  AND command_is_active(state) LIMIT 1;

-- name: guarded
SELECT 1 FROM command WHERE case_id = %s AND type = 'guard'
  AND (issued_by = 'system:policy' OR command_is_active(state)) LIMIT 1;

-- name: sent_to_help
-- Those who were sent to a case since a call, and whether they count as help still: who was called off,
-- or has helped, is not replaced.
SELECT device_id,
       bool_or(command_is_active(state)
               OR (state IN ('succeeded', 'cancelled', 'superseded')
                   AND issued_at >= %(raised_at)s)) AS counts
FROM command
WHERE case_id = %(case_id)s AND type = 'guard'
  AND (command_is_active(state) OR issued_at >= %(raised_at)s)
GROUP BY device_id;

-- name: last_news
SELECT told FROM alarm WHERE case_id = %s;

-- name: keep_news
UPDATE alarm SET told = %s WHERE case_id = %s;

-- name: helpers
SELECT c.device_id, max(d.holder), bool_or(c.state IN ('accepted', 'in_progress')), max(l.lon),
       max(l.lat)
FROM command c JOIN device d USING (device_id) LEFT JOIN terminal_live l USING (device_id)
WHERE c.case_id = %s AND c.type IN ('guard', 'dispatch') AND command_is_active(c.state)
GROUP BY c.device_id ORDER BY min(c.issued_at), c.device_id;

-- name: pending_guard
SELECT case_id, wanted_at, try_at, tries, supersedes FROM pending_guard
WHERE case_id = %s FOR UPDATE;

-- name: put_pending_guard
INSERT INTO pending_guard (case_id, wanted_at, try_at, tries, supersedes)
VALUES (%(case_id)s, %(now)s, %(try_at)s, 1, %(supersedes)s)
ON CONFLICT (case_id) DO UPDATE SET try_at = excluded.try_at, tries = pending_guard.tries + 1,
    supersedes = coalesce(excluded.supersedes, pending_guard.supersedes);

-- name: forget_pending_guard
DELETE FROM pending_guard WHERE case_id = %s;

-- name: cases_wanting_guard
-- Cases with a pending guard that is due, and high cases that never had a guard.
SELECT c.case_id FROM cases c LEFT JOIN pending_guard p USING (case_id)
WHERE p.try_at <= %(now)s
   OR (p.case_id IS NULL AND c.severity = 'high' AND c.state IN ('FILED', 'JOINT_STUDY', 'ROUTED')
       AND NOT EXISTS (SELECT FROM command m WHERE m.case_id = c.case_id AND m.type = 'guard'))
ORDER BY c.filed_at LIMIT 20 FOR NO KEY UPDATE OF c SKIP LOCKED;

-- name: terminals_of_unit
WITH RECURSIVE below AS (
    SELECT unit_key FROM unit WHERE unit_key = %s
    UNION
    SELECT u.unit_key FROM unit u JOIN below ON u.parent = below.unit_key
)
SELECT device_id FROM device JOIN below USING (unit_key) WHERE kind = 'terminals'
ORDER BY device_id;

-- name: insert_group
INSERT INTO command_group (group_id, type, case_id, selection, quorum, refused, reason, issued_by,
                           issued_at)
VALUES (%(group_id)s, %(type)s, %(case_id)s, %(selection)s, %(quorum)s, '[]', %(reason)s,
        %(issued_by)s, %(issued_at)s);

-- name: set_refused
UPDATE command_group SET refused = %s WHERE group_id = %s;

-- name: group
SELECT group_id, type, case_id, quorum, refused, reason, issued_by, issued_at
FROM command_group WHERE group_id = %s;

-- name: group_members
SELECT c.command_id, c.device_id, d.holder, c.state, c.delivered_at, c.accepted_at
FROM command c JOIN device d USING (device_id) WHERE c.group_id = %s ORDER BY c.device_id;

-- name: waiting_for_online
SELECT DISTINCT c.device_id FROM command c JOIN device d USING (device_id)
WHERE c.state = 'created' AND c.expires_at > %(now)s AND d.last_uplink_at > %(since)s
LIMIT %(limit)s;
