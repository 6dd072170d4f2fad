-- name: devices_by_id
SELECT d.device_id, d.capabilities, d.cameras, d.clock_error_s, l.lon, l.lat, l.accuracy_m,
       l.observed_at,
       CASE WHEN d.kind = 'cameras' AND d.lon IS NOT NULL AND d.lat IS NOT NULL
            THEN ARRAY[d.lon, d.lat, d.coverage_m] END AS site
FROM device d LEFT JOIN terminal_live l USING (device_id)
WHERE d.device_id = ANY(%s);

-- name: devices
SELECT d.device_id, d.kind, d.name_zh, d.name_en, d.unit_key, u.name_zh AS unit_name_zh,
       u.name_en AS unit_name_en, d.holder, d.holder_reported, d.capabilities, d.lon, d.lat,
       d.coverage_m, d.heading_deg, d.cameras, d.gb28181_id, d.firmware, d.presence,
       d.last_uplink_at AS last_seen_at, d.clock, d.clock_skew_s, d.clock_measured_at, l.battery,
       l.lon AS at_lon, l.lat AS at_lat, l.accuracy_m AS at_accuracy_m, l.speed AS at_speed,
       l.heading AS at_heading, l.observed_at AS at_observed_at
FROM device d
LEFT JOIN unit u USING (unit_key)
LEFT JOIN terminal_live l USING (device_id)
WHERE (%(device_id)s::text IS NULL OR d.device_id = %(device_id)s)
  AND (%(kind)s::text IS NULL OR d.kind = %(kind)s)
  AND (%(presence)s::text IS NULL OR d.presence = %(presence)s)
  AND (%(clock)s::text IS NULL OR d.clock = %(clock)s)
  AND (%(unit)s::text IS NULL OR d.unit_key IN (
      WITH RECURSIVE below AS (
          SELECT unit_key FROM unit WHERE unit_key = %(unit)s
          UNION ALL SELECT c.unit_key FROM unit c JOIN below b ON c.parent = b.unit_key
      ) SELECT unit_key FROM below))
  AND (%(after)s::text IS NULL OR (d.kind, d.device_id) > (
      SELECT a.kind, a.device_id FROM device a WHERE a.device_id = %(after)s))
  AND device_is_visible(d, %(scope_units)s, %(scope_territories)s)
ORDER BY d.kind, d.device_id LIMIT %(limit)s;

-- name: device_journal
SELECT journal_id, at, kind, actor, event, from_state, to_state, reason, data
FROM journal
WHERE subject = 'device' AND subject_id = %(device_id)s
  AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s))
  AND (%(before)s::bigint IS NULL OR journal_id < %(before)s)
ORDER BY journal_id DESC LIMIT %(limit)s;

-- name: note_statuses
-- In the order of the devices, like writes to the registry, so that there is no deadlock.
UPDATE device d SET link = n.link, boot_id = n.boot_id, status_at = n.at,
    firmware = coalesce(n.firmware, d.firmware),
    holder_reported = coalesce(n.holder, d.holder_reported),
    capabilities_reported = coalesce(n.capabilities, d.capabilities_reported)
FROM (
    SELECT n.* FROM jsonb_to_recordset(%s) AS n (device_id text, link text, boot_id text,
        at timestamptz, firmware text, holder text, capabilities text[])
    JOIN device k USING (device_id)
    ORDER BY device_id COLLATE "C" FOR NO KEY UPDATE OF k
) AS n
WHERE d.device_id = n.device_id;

-- name: note_health
UPDATE device SET health = %s WHERE device_id = %s;

-- name: note_camera_frames
-- Cameras send to their edge node; its figures tell the age of their newest frame.
UPDATE device SET last_uplink_at = heard.at
FROM (
    SELECT device_id, f.at
    FROM unnest(%s::text[], %s::timestamptz[]) AS f (device_id, at) JOIN device d USING (device_id)
    WHERE d.kind = 'cameras' AND (d.last_uplink_at IS NULL OR d.last_uplink_at < f.at)
    FOR NO KEY UPDATE OF d SKIP LOCKED
) AS heard
WHERE device.device_id = heard.device_id;

-- name: presence_facts
-- Leaves out devices whose presence has clearly not changed; these are nearly all.
SELECT device_id, presence, last_uplink_at, CASE WHEN link = 'offline' THEN status_at END,
       returned_at
FROM device
WHERE last_uplink_at IS NOT NULL AND NOT (returned_at IS NULL AND CASE presence
    WHEN 'online' THEN last_uplink_at >= %(online_since)s
                       AND NOT (link = 'offline' AND coalesce(status_at > last_uplink_at, false))
    WHEN 'stale' THEN last_uplink_at < %(online_since)s AND last_uplink_at >= %(stale_since)s
    WHEN 'offline' THEN last_uplink_at < %(stale_since)s
    ELSE false END);

-- name: set_presence
WITH change AS (
    SELECT * FROM unnest(%s::text[], %s::text[], %s::timestamptz[])
        AS c (device_id, presence, returned_at)
), free AS (
    SELECT device_id FROM device WHERE device_id IN (SELECT device_id FROM change)
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE device d SET presence = c.presence, returned_at = c.returned_at
FROM change c JOIN free USING (device_id) WHERE d.device_id = c.device_id
RETURNING d.device_id;

-- name: clock_facts
-- Leaves out clocks that are right and stay so.
SELECT device_id, clock, clock_skew_s FROM device
WHERE clock_skew_s IS NOT NULL
  AND NOT (clock = 'right' AND clock_skew_s <= %(ahead_s)s AND clock_skew_s >= -%(behind_s)s)
ORDER BY device_id;

-- name: set_clock
WITH change AS (
    SELECT * FROM unnest(%s::text[], %s::text[]) AS c (device_id, clock)
), free AS (
    SELECT device_id FROM device WHERE device_id IN (SELECT device_id FROM change)
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE device d SET clock = c.clock
FROM change c JOIN free USING (device_id) WHERE d.device_id = c.device_id
RETURNING d.device_id;

-- name: put_device
INSERT INTO device (device_id, kind, name_zh, name_en, unit_key, holder_registered,
                    capabilities_registered, lon, lat, coverage_m, heading_deg, cameras,
                    gb28181_id, registered_at)
VALUES (%(device_id)s, %(kind)s, %(name_zh)s, %(name_en)s, %(unit_key)s, %(holder)s,
        %(capabilities)s, %(lon)s, %(lat)s, %(coverage_m)s, %(heading_deg)s, %(cameras)s,
        %(gb28181_id)s, %(now)s)
ON CONFLICT (device_id) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en,
    unit_key = excluded.unit_key, holder_registered = excluded.holder_registered,
    capabilities_registered = excluded.capabilities_registered,
    lon = excluded.lon, lat = excluded.lat, coverage_m = excluded.coverage_m,
    heading_deg = excluded.heading_deg, cameras = excluded.cameras,
    gb28181_id = excluded.gb28181_id;

-- name: one_registrar
SELECT pg_advisory_xact_lock(7006);

-- name: registry
SELECT device_id, kind, name_zh, name_en, unit_key, holder_registered AS holder,
       capabilities_registered AS capabilities, lon, lat, coverage_m, heading_deg, cameras, gb28181_id
FROM device ORDER BY kind, device_id;

-- name: unit_keys
SELECT unit_key FROM unit;

-- name: device_kind
SELECT kind FROM device WHERE device_id = %s;

-- name: own_topic
SELECT (SELECT code FROM district LIMIT 1), kind FROM device WHERE device_id = %s;

-- name: next_version
INSERT INTO device_state (device_id, aspect, desired_version) VALUES (%s, %s, 1)
ON CONFLICT (device_id, aspect)
    DO UPDATE SET desired_version = 1 + greatest(
        device_state.desired_version,
        least(coalesce((device_state.reported ->> 'version')::bigint, 0), 1000000000)
    )
RETURNING desired_version;

-- name: set_desired
UPDATE device_state SET desired = %s, desired_at = %s WHERE device_id = %s AND aspect = %s;

-- name: supersede
UPDATE desired_revision SET outcome = 'superseded', settled_at = %(now)s
WHERE device_id = %(device_id)s AND aspect = %(aspect)s AND outcome = 'waiting';

-- name: add_revision
INSERT INTO desired_revision (device_id, aspect, version, body, asked_by, asked_at)
VALUES (%(device_id)s, %(aspect)s, %(version)s, %(body)s, %(actor)s, %(now)s);

-- name: answer_revisions
-- A late answer counts, and so does a second one.
UPDATE desired_revision r SET outcome = a.outcome, error = a.error, settled_at = a.at
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
    AS a (device_id, aspect, outcome, error, at)
WHERE r.device_id = a.device_id AND r.aspect = a.aspect AND r.outcome <> a.outcome
  AND r.version = (SELECT max(n.version) FROM desired_revision n
                   WHERE n.device_id = a.device_id AND n.aspect = a.aspect);

-- name: time_out_revision
UPDATE desired_revision SET outcome = 'timed_out', settled_at = %s
WHERE device_id = %s AND aspect = %s AND version = %s AND outcome = 'waiting';

-- name: pending_revisions
SELECT r.device_id, r.aspect, r.version, r.asked_at,
       CASE WHEN d.link = 'online' THEN d.status_at END AS told_since, d.presence
FROM desired_revision r JOIN device d USING (device_id)
WHERE r.outcome = 'waiting' ORDER BY r.device_id, r.aspect;

-- name: revisions
SELECT r.version, r.body, r.asked_by, r.asked_at, r.outcome, r.error, r.settled_at,
       (SELECT p.body FROM desired_revision p
        WHERE p.device_id = r.device_id AND p.aspect = r.aspect AND p.version < r.version
        ORDER BY p.version DESC LIMIT 1) AS before
FROM desired_revision r
WHERE r.device_id = %(device_id)s AND r.aspect = %(aspect)s
  AND (%(before)s::bigint IS NULL OR r.version < %(before)s)
ORDER BY r.version DESC LIMIT %(limit)s;

-- name: last_reports
SELECT device_id, aspect, reported FROM device_state
WHERE (device_id, aspect) IN (SELECT * FROM unnest(%(device_ids)s::text[], %(aspects)s::text[]))
ORDER BY device_id COLLATE "C", aspect FOR UPDATE;

-- name: sync_facts
SELECT device_id, aspect, (desired ->> 'version')::bigint AS desired_version, desired_at,
       (reported ->> 'version')::bigint AS version, reported ->> 'error' AS error, reported_at,
       reported ->> 'state' AS state, (reported ->> 'desired_version')::bigint AS answers
FROM device_state
WHERE desired IS NOT NULL
  AND (%(device_ids)s::text[] IS NULL OR device_id = ANY(%(device_ids)s));

-- name: note_reports
INSERT INTO device_state (device_id, aspect, reported, reported_at)
SELECT * FROM unnest(%(device_ids)s::text[], %(aspects)s::text[], %(bodies)s::jsonb[],
                     %(at)s::timestamptz[]) AS n (device_id, aspect, reported, reported_at)
ORDER BY device_id COLLATE "C", aspect
ON CONFLICT (device_id, aspect)
    DO UPDATE SET reported = excluded.reported, reported_at = excluded.reported_at;

-- name: remote_facts
SELECT d.health,
       c.desired AS config_desired, c.desired_at AS config_desired_at,
       c.reported AS config_reported, c.reported_at AS config_reported_at,
       m.desired AS model_desired, m.desired_at AS model_desired_at,
       m.reported AS model_reported, m.reported_at AS model_reported_at
FROM device d
LEFT JOIN device_state c ON c.device_id = d.device_id AND c.aspect = 'config'
LEFT JOIN device_state m ON m.device_id = d.device_id AND m.aspect = 'model'
WHERE d.device_id = %s;
