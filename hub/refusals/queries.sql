-- name: count
INSERT INTO dead_letter (source, outcome, shape, reason, device_id, messages, first_at, last_at)
SELECT * FROM unnest(%(source)s::text[], %(outcome)s::text[], %(shape)s::text[], %(reason)s::text[],
    %(device_id)s::text[], %(messages)s::bigint[], %(first_at)s::timestamptz[],
    %(last_at)s::timestamptz[]) AS new (source, outcome, shape) ORDER BY source, outcome, shape
ON CONFLICT (source, outcome, shape) DO UPDATE SET
    reason = excluded.reason,
    device_id = excluded.device_id,
    messages = dead_letter.messages + excluded.messages,
    first_at = least(dead_letter.first_at, excluded.first_at),
    last_at = greatest(dead_letter.last_at, excluded.last_at);

-- name: open_days
INSERT INTO refused_day (device_id, day)
SELECT DISTINCT device_id, (at AT TIME ZONE 'UTC')::date
FROM unnest(%(device_id)s::text[], %(received_at)s::timestamptz[]) AS new (device_id, at)
WHERE device_id IS NOT NULL ORDER BY 1, 2
ON CONFLICT DO NOTHING;

-- name: keep
-- Keep messages: of a sampled refusal a few a day, of others all that the device's day has room for.
-- Returns how many were not kept for want of room. A message that comes again is one row.
WITH new AS MATERIALIZED (
    SELECT d.dead_letter_id, n.*, (n.received_at AT TIME ZONE 'UTC')::date AS day,
           length(n.payload) + %(row_bytes)s AS cost
    FROM unnest(%(source)s::text[], %(outcome)s::text[], %(shape)s::text[], %(device_id)s::text[],
        %(sampled)s::boolean[], %(topic)s::text[], %(reason)s::text[], %(payload)s::bytea[],
        %(payload_bytes)s::bigint[], %(payload_sha256)s::text[], %(received_at)s::timestamptz[],
        %(times)s::integer[]) WITH ORDINALITY
        AS n (source, outcome, shape, device_id, sampled, topic, reason, payload, payload_bytes,
              payload_sha256, received_at, times, nth)
    JOIN dead_letter d USING (source, outcome, shape)
), days AS MATERIALIZED (
    SELECT * FROM refused_day WHERE (device_id, day) IN (SELECT device_id, day FROM new)
    ORDER BY device_id, day FOR NO KEY UPDATE
), weighed AS MATERIALIZED (
    SELECT new.*,
           days.device_id IS NOT NULL AND days.kept_bytes
               + sum(cost) OVER (PARTITION BY new.device_id, new.day ORDER BY nth) > %(day_bytes)s
               AS is_over,
           CASE WHEN sampled THEN row_number() OVER (PARTITION BY dead_letter_id ORDER BY nth) + (
               SELECT count(*) FROM dead_letter_message m
               WHERE m.dead_letter_id = new.dead_letter_id AND m.received_at >= new.day) END AS nth_sample
    FROM new LEFT JOIN days ON (days.device_id, days.day) = (new.device_id, new.day)
), kept AS (
    INSERT INTO dead_letter_message AS m (dead_letter_id, device_id, topic, reason, payload,
        payload_bytes, payload_sha256, received_at, times)
    SELECT dead_letter_id, device_id, topic, reason, payload, payload_bytes, payload_sha256,
           received_at, times
    FROM weighed WHERE NOT is_over AND (nth_sample IS NULL OR nth_sample <= %(samples)s)
    ORDER BY dead_letter_id, payload_sha256, topic
    ON CONFLICT (dead_letter_id, payload_sha256, topic) DO UPDATE SET
        received_at = greatest(m.received_at, excluded.received_at), times = m.times + excluded.times,
        told = NULL
    RETURNING m.device_id, (m.received_at AT TIME ZONE 'UTC')::date AS day,
              CASE WHEN xmax = 0 THEN length(m.payload) + %(row_bytes)s ELSE 0 END AS cost
), spent AS (
    SELECT device_id, day, sum(cost) AS cost, sum(unkept) AS unkept FROM (
        SELECT device_id, day, cost, 0 AS unkept FROM kept
        UNION ALL SELECT device_id, day, 0, times FROM weighed WHERE is_over
    ) AS each WHERE device_id IS NOT NULL GROUP BY device_id, day
), charged AS (
    UPDATE refused_day r SET kept_bytes = r.kept_bytes + s.cost, unkept = r.unkept + s.unkept
    FROM spent s WHERE (r.device_id, r.day) = (s.device_id, s.day)
), lacking AS (
    UPDATE dead_letter d SET unkept = d.unkept + w.unkept
    FROM (SELECT dead_letter_id, sum(times) AS unkept FROM weighed WHERE is_over GROUP BY 1) w
    WHERE d.dead_letter_id = w.dead_letter_id
)
SELECT coalesce(sum(unkept), 0)::bigint FROM spent;

-- name: forget_messages
DELETE FROM dead_letter_message WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM dead_letter_message WHERE received_at < %s LIMIT %s));

-- name: forget_letters
DELETE FROM dead_letter d WHERE last_at < %s
    AND NOT EXISTS (SELECT FROM dead_letter_message m WHERE m.dead_letter_id = d.dead_letter_id);

-- name: forget_days
DELETE FROM refused_day WHERE day < (%s AT TIME ZONE 'UTC')::date;

-- name: untold
-- The oldest refused messages that their devices have not been told of, and what those were told lately.
SELECT m.dead_letter_id, m.device_id, m.topic, m.payload_sha256, m.reason, d.outcome, m.received_at,
       t.since AS told_since, coalesce(t.told, 0) AS told_lately, coalesce(t.untold, 0) AS untold
FROM dead_letter_message m
JOIN dead_letter d USING (dead_letter_id)
LEFT JOIN refusal_telling t ON t.device_id = m.device_id
WHERE m.told IS NULL AND m.device_id IS NOT NULL
ORDER BY m.received_at LIMIT %s;

-- name: note_telling
INSERT INTO refusal_telling (device_id, since, told, untold)
VALUES (%(device_id)s, %(since)s, %(told)s, %(untold)s)
ON CONFLICT (device_id) DO UPDATE
SET since = excluded.since, told = excluded.told, untold = excluded.untold;

-- name: mark_told
UPDATE dead_letter_message SET told = %s
WHERE (dead_letter_id, payload_sha256, topic)
    IN (SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[]));

-- name: of_device
-- What was refused of a device, and its answers to commands that did not count.
SELECT * FROM (
    (SELECT m.received_at AS at, d.outcome AS kind, m.reason, m.topic, m.payload_sha256,
            m.payload_bytes, m.times, m.told, NULL::uuid AS command_id, NULL AS state
     FROM dead_letter_message m JOIN dead_letter d USING (dead_letter_id)
     WHERE m.device_id = %(device_id)s
     ORDER BY m.received_at DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT h.at, 'not_counted', coalesce(h.reason, ''), NULL, NULL, NULL, 1, NULL, h.command_id,
            h.state
     FROM command c JOIN command_history h USING (command_id)
     WHERE c.device_id = %(device_id)s AND NOT h.counted
     ORDER BY h.at DESC LIMIT %(limit)s)
) AS refused ORDER BY at DESC LIMIT %(limit)s;

-- name: unkept_of_device
SELECT coalesce(sum(unkept), 0)::bigint FROM refused_day WHERE device_id = %s;
