-- name: registry
SELECT device_id, kind FROM device;

-- name: stage
CREATE TEMP TABLE IF NOT EXISTS staged_telemetry (
    device_id text, boot_id text, seq bigint, observed_at timestamptz, received_at timestamptz,
    lon double precision, lat double precision, accuracy_m real, speed real, heading real,
    battery real, signal real, network text, crs text, backlog boolean
) ON COMMIT DELETE ROWS;

-- name: copy_telemetry
COPY staged_telemetry (device_id, boot_id, seq, observed_at, received_at, lon, lat, accuracy_m,
    speed, heading, battery, signal, network, crs, backlog) FROM STDIN (FORMAT BINARY);

-- name: store_telemetry
INSERT INTO telemetry SELECT * FROM staged_telemetry ON CONFLICT DO NOTHING;

-- name: move_live
INSERT INTO terminal_live (device_id, order_at, observed_at, received_at, lon, lat, accuracy_m,
                           speed, heading, battery, signal, clock_ahead)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (device_id) DO UPDATE SET
    order_at = excluded.order_at, observed_at = excluded.observed_at,
    received_at = excluded.received_at, lon = excluded.lon, lat = excluded.lat,
    accuracy_m = excluded.accuracy_m, speed = excluded.speed, heading = excluded.heading,
    battery = excluded.battery, signal = excluded.signal, clock_ahead = excluded.clock_ahead
WHERE excluded.order_at > terminal_live.order_at;

-- name: store_inbox
INSERT INTO inbox (kind, device_id, leaf, tail, payload, received_at, identity)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (identity) DO NOTHING;

-- name: store_picture
INSERT INTO evidence (sha256, bytes, width, height, device_id, received_at)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (sha256) DO NOTHING;

-- name: store_dead_letter
INSERT INTO dead_letter (outcome, topic, reason, payload, payload_bytes, payload_sha256, received_at)
VALUES (%s, %s, %s, %s, %s, %s, %s);

-- name: note_uplinks
UPDATE device d SET last_uplink_at = u.at
FROM unnest(%s::text[], %s::timestamptz[]) AS u (device_id, at)
WHERE d.device_id = u.device_id AND (d.last_uplink_at IS NULL OR d.last_uplink_at < u.at);
