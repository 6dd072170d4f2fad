-- name: registry
SELECT device_id, kind, cameras FROM device;

-- name: reach
SELECT bounds[1], bounds[2], bounds[3], bounds[4], place_margin_m FROM district WHERE code = %s;

-- name: terminals
-- Where the terminals are, and the errors of their clocks, as any process has stored them.
SELECT d.device_id, d.boot_id, d.clock_error_s, l.lon, l.lat, l.accuracy_m::float8, l.order_at
FROM device d LEFT JOIN terminal_live l USING (device_id) WHERE d.kind = 'terminals';

-- name: copy_telemetry
COPY telemetry ({telemetry_columns}) FROM STDIN (FORMAT BINARY);

-- name: stage
-- Seen by this connection only; both are emptied when a transaction ends.
CREATE TEMP TABLE staged_telemetry ON COMMIT DELETE ROWS AS
SELECT {telemetry_columns} FROM telemetry WITH NO DATA;
CREATE TEMP TABLE staged_live ON COMMIT DELETE ROWS AS
SELECT {live_columns} FROM terminal_live WITH NO DATA;

-- name: copy_staged
COPY staged_telemetry FROM STDIN (FORMAT BINARY);

-- name: store_staged
INSERT INTO telemetry ({telemetry_columns})
SELECT * FROM staged_telemetry ON CONFLICT DO NOTHING;

-- name: touch_hours
SELECT touch_hours(%s);

-- name: copy_live
COPY staged_live FROM STDIN (FORMAT BINARY);

-- name: move_live
-- In the order of the devices, so that two processes never deadlock.
INSERT INTO terminal_live ({live_columns})
SELECT * FROM staged_live ORDER BY device_id
ON CONFLICT (device_id) DO UPDATE SET {live_changes}
WHERE excluded.order_at > terminal_live.order_at;

-- name: store_inbox
INSERT INTO inbox
    (kind, device_id, leaf, tail, payload, received_at, identity, urgent, payload_sha256,
     content_sha256)
SELECT kind, device_id, leaf, tail, payload::jsonb, received_at, identity, urgent, payload_sha256,
       content_sha256
FROM unnest(
    %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::text[],
    %s::boolean[], %s::text[], %s::text[]
) WITH ORDINALITY AS new (kind, device_id, leaf, tail, payload, received_at, identity, urgent,
                          payload_sha256, content_sha256, nth)
ORDER BY nth
ON CONFLICT (identity) DO NOTHING;

-- name: other_content
SELECT nth FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS new (identity, content_sha256, nth)
JOIN inbox i USING (identity)
WHERE i.content_sha256 <> new.content_sha256 ORDER BY nth;

-- name: other_samples
-- The keys of staged samples that are stored with other content. Each is looked up by its key; a join
-- might read all of the telemetry.
SELECT DISTINCT s.device_id, s.boot_id, s.seq FROM staged_telemetry s
CROSS JOIN LATERAL (
    SELECT * FROM telemetry t
    WHERE t.device_id = s.device_id AND t.boot_id = s.boot_id AND t.seq = s.seq
      AND t.observed_at = s.observed_at LIMIT 1
) AS t
WHERE (s.lon, s.lat, s.accuracy_m, s.speed, s.heading, s.battery, s.signal, s.network, s.crs)
    IS DISTINCT FROM
      (t.lon, t.lat, t.accuracy_m, t.speed, t.heading, t.battery, t.signal, t.network, t.crs);

-- name: note_backlog
INSERT INTO backlog_arrival (device_id, first_at, last_at)
SELECT * FROM unnest(%s::text[], %s::timestamptz[], %s::timestamptz[]);

-- name: store_photos
INSERT INTO evidence (sha256, bytes, width, height, device_id, received_at, perceptual_hash)
SELECT * FROM unnest(
    %s::text[], %s::integer[], %s::integer[], %s::integer[], %s::text[], %s::timestamptz[],
    %s::bigint[]
) AS new (sha256) ORDER BY sha256
ON CONFLICT (sha256) DO NOTHING;

-- name: note_moves
-- The last uplink is exact to a second. Rows that another process is updating are skipped.
UPDATE device SET last_uplink_at = heard.received_at
FROM (
    SELECT device_id, l.received_at
    FROM staged_live l JOIN device d USING (device_id)
    WHERE d.last_uplink_at IS NULL OR d.last_uplink_at < l.received_at - interval '1 s'
    FOR NO KEY UPDATE OF d SKIP LOCKED
) AS heard
WHERE device.device_id = heard.device_id;

-- name: store_doubtful
INSERT INTO doubtful_fix (device_id, boot_id, seq, observed_at, received_at, lon, lat, accuracy_m,
                          battery, backlog, clock_error_s, fault)
SELECT * FROM unnest(
    %s::text[], %s::text[], %s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::float8[],
    %s::float8[], %s::real[], %s::real[], %s::boolean[], %s::float8[], %s::text[]
)
ON CONFLICT DO NOTHING;

-- name: note_vitals
-- The place and its age stay as they are. Rows that another process is moving are skipped.
UPDATE terminal_live SET battery = coalesce(said.battery, terminal_live.battery),
    signal = coalesce(said.signal, terminal_live.signal), fix_fault = said.fault
FROM (
    SELECT l.device_id, v.battery, v.signal, v.fault
    FROM unnest(%s::text[], %s::timestamptz[], %s::real[], %s::real[], %s::text[])
        AS v (device_id, received_at, battery, signal, fault)
    JOIN terminal_live l USING (device_id)
    WHERE l.received_at <= v.received_at
    FOR NO KEY UPDATE OF l SKIP LOCKED
) AS said
WHERE terminal_live.device_id = said.device_id;

-- name: note_uplinks
UPDATE device SET last_uplink_at = heard.at
FROM (
    SELECT device_id, u.at
    FROM unnest(%s::text[], %s::timestamptz[]) AS u (device_id, at) JOIN device d USING (device_id)
    WHERE d.last_uplink_at IS NULL OR d.last_uplink_at < u.at
    FOR NO KEY UPDATE OF d SKIP LOCKED
) AS heard
WHERE device.device_id = heard.device_id;

-- name: note_skews
UPDATE device SET clock_skew_s = read.skew_s, clock_measured_at = read.measured_at,
    clock_error_s = read.error_s
FROM (
    SELECT device_id, s.skew_s, s.measured_at, s.error_s
    FROM unnest(%s::text[], %s::float8[], %s::timestamptz[], %s::float8[])
        AS s (device_id, skew_s, measured_at, error_s)
    JOIN device d USING (device_id)
    FOR NO KEY UPDATE OF d SKIP LOCKED
) AS read
WHERE device.device_id = read.device_id;
