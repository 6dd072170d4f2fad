-- name: unit_of_device
SELECT unit_key FROM device WHERE device_id = %s;

-- name: middle_of_district
SELECT center_lon, center_lat, bounds FROM district ORDER BY code LIMIT 1;

-- name: insert
INSERT INTO alarm (case_id, type, device_id, raised_at, place_source, place_age_s)
VALUES (%(case_id)s, %(type)s, %(device_id)s, %(raised_at)s, %(place_source)s, %(place_age_s)s);

-- name: alarm_of_case
SELECT a.case_id, a.type, a.device_id, a.raised_at, a.times, a.place_source, a.place_age_s,
       a.acknowledged_at, a.acknowledged_by, c.lon, c.lat, c.error_m
FROM alarm a JOIN cases c USING (case_id)
WHERE a.case_id = %s FOR NO KEY UPDATE OF a;

-- name: has_alarm
SELECT 1 FROM alarm WHERE case_id = %s;

-- name: open_case_of_device
-- The newest case of an alarm of a terminal that is still open, raised since a time.
SELECT a.case_id FROM alarm a JOIN cases c USING (case_id)
WHERE a.device_id = %s AND a.raised_at >= %s AND case_is_open(c.state)
ORDER BY a.raised_at DESC LIMIT 1;

-- name: count_again
UPDATE alarm SET times = times + 1 WHERE case_id = %s;

-- name: ring_again
UPDATE alarm SET raised_at = %s, acknowledged_at = NULL, acknowledged_by = NULL, told = NULL
WHERE case_id = %s;

-- name: acknowledge
UPDATE alarm SET acknowledged_at = %s, acknowledged_by = %s
WHERE case_id = %s AND acknowledged_at IS NULL;

-- name: ringing
-- Those that nobody has acknowledged, the newest first, and those that somebody has just acknowledged.
SELECT a.case_id, c.case_no, a.type, a.device_id, d.holder, d.name_zh AS device_name_zh,
       d.name_en AS device_name_en, a.raised_at, a.times, a.place_source, a.place_age_s,
       place_as_json(c.lon, c.lat, c.error_m) AS place, c.text,
       v.name_zh AS territory_name_zh, v.name_en AS territory_name_en,
       a.acknowledged_at, coalesce(p.name, a.acknowledged_by) AS acknowledged_by
FROM alarm a
JOIN cases c USING (case_id)
JOIN device d USING (device_id)
LEFT JOIN unit v ON v.unit_key = c.territory_unit
LEFT JOIN account p ON p.username = a.acknowledged_by
WHERE (%(case_id)s::bigint IS NULL OR a.case_id = %(case_id)s)
  AND (%(case_id)s::bigint IS NOT NULL
       OR (case_is_open(c.state)
           AND (a.acknowledged_at IS NULL OR a.acknowledged_at > %(acknowledged_since)s)))
  AND case_is_visible(c, %(scope_units)s, %(scope_territories)s)
ORDER BY a.raised_at DESC, a.case_id DESC LIMIT 100;
