-- name: select_devices
SELECT d.device_id, d.kind, d.name_zh, d.name_en, d.unit_key, u.name_zh AS unit_name_zh,
       u.name_en AS unit_name_en, d.holder, d.capabilities, d.lon, d.lat, d.coverage_m,
       d.heading_deg, d.cameras, d.gb28181_id, d.firmware, d.boot_id, d.presence,
       d.last_uplink_at, d.clock_skew_s, l.battery,
       l.lon AS at_lon, l.lat AS at_lat, l.accuracy_m AS at_accuracy_m, l.speed AS at_speed,
       l.heading AS at_heading, l.observed_at AS at_observed_at, l.received_at AS at_received_at
FROM device d
LEFT JOIN unit u USING (unit_key)
LEFT JOIN terminal_live l USING (device_id)
WHERE (%(device_id)s::text IS NULL OR d.device_id = %(device_id)s)
  AND (%(kind)s::text IS NULL OR d.kind = %(kind)s)
ORDER BY d.kind, d.device_id;

-- name: note_status
UPDATE device SET link = %(link)s, boot_id = %(boot_id)s, status_at = %(at)s,
    firmware = coalesce(%(firmware)s, firmware),
    holder = coalesce(%(holder)s, holder),
    capabilities = coalesce(%(capabilities)s, capabilities)
WHERE device_id = %(device_id)s;

-- name: note_health
UPDATE device SET health = %s WHERE device_id = %s;

-- name: note_camera_frames
-- Cameras speak to their edge node; its figures tell how old their newest frame is.
UPDATE device d SET last_uplink_at = f.at
FROM unnest(%s::text[], %s::timestamptz[]) AS f (device_id, at)
WHERE d.device_id = f.device_id AND d.kind = 'cameras'
  AND (d.last_uplink_at IS NULL OR d.last_uplink_at < f.at);

-- name: presence_facts
SELECT device_id, presence, last_uplink_at,
       CASE WHEN link = 'offline' THEN status_at END
FROM device WHERE last_uplink_at IS NOT NULL AND (presence <> 'offline' OR last_uplink_at > %s)
FOR UPDATE SKIP LOCKED;

-- name: set_presence
UPDATE device d SET presence = c.presence
FROM unnest(%s::text[], %s::text[]) AS c (device_id, presence) WHERE d.device_id = c.device_id;

-- name: put_district
INSERT INTO district (code, name_zh, name_en, center_lon, center_lat, bounds)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (code) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en,
    center_lon = excluded.center_lon, center_lat = excluded.center_lat, bounds = excluded.bounds;

-- name: put_unit
INSERT INTO unit (unit_key, kind, level, name_zh, name_en, parent) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (unit_key) DO UPDATE SET kind = excluded.kind, level = excluded.level,
    name_zh = excluded.name_zh, name_en = excluded.name_en, parent = excluded.parent;

-- name: put_territory
INSERT INTO territory (unit_key, boundary) VALUES (%s, %s)
ON CONFLICT (unit_key) DO UPDATE SET boundary = excluded.boundary;

-- name: put_asset
INSERT INTO asset (asset_id, type, owner_unit, name_zh, name_en, lon, lat)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (asset_id) DO UPDATE SET type = excluded.type, owner_unit = excluded.owner_unit,
    name_zh = excluded.name_zh, name_en = excluded.name_en, lon = excluded.lon, lat = excluded.lat;

-- name: clear_map
DELETE FROM map_feature WHERE layer = %s;

-- name: put_map_feature
INSERT INTO map_feature (layer, properties, geometry) VALUES (%s, %s, %s);

-- name: put_device
INSERT INTO device (device_id, kind, name_zh, name_en, unit_key, holder, capabilities, lon, lat,
                    coverage_m, heading_deg, cameras, gb28181_id, registered_at)
VALUES (%(device_id)s, %(kind)s, %(name_zh)s, %(name_en)s, %(unit_key)s, %(holder)s,
        %(capabilities)s, %(lon)s, %(lat)s, %(coverage_m)s, %(heading_deg)s, %(cameras)s,
        %(gb28181_id)s, %(now)s)
ON CONFLICT (device_id) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en,
    unit_key = excluded.unit_key, holder = excluded.holder, capabilities = excluded.capabilities,
    lon = excluded.lon, lat = excluded.lat, coverage_m = excluded.coverage_m,
    heading_deg = excluded.heading_deg, cameras = excluded.cameras,
    gb28181_id = excluded.gb28181_id;
