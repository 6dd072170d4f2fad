-- name: terminals
INSERT INTO device (device_id, kind, name_zh, name_en, registered_at)
SELECT 'T-' || lpad(n::text, 4, '0'), 'terminals', '', '', '2020-01-01' FROM generate_series(1, %s) n;

-- name: live
INSERT INTO terminal_live (device_id, order_at, observed_at, received_at, lon, lat, accuracy_m)
SELECT device_id, %(at)s, %(at)s, %(at)s, 103.8, 25.6, 8 FROM device;

-- name: villages
-- 135 of 3.3 by 3.7 km.
INSERT INTO unit (unit_key, kind, level, name_zh, name_en)
SELECT 'v' || n, 'territory', 'village', '', '' FROM generate_series(0, 134) n;

-- name: village_boundaries
INSERT INTO territory
SELECT 'v' || n, jsonb_build_object('type', 'Polygon', 'coordinates', jsonb_build_array(
    jsonb_build_array(
        jsonb_build_array(w, s), jsonb_build_array(w + a, s), jsonb_build_array(w + a, s + a),
        jsonb_build_array(w, s + a), jsonb_build_array(w, s))))
FROM (SELECT n, 0.0333::float8 AS a, 103.55 + n % 15 * 0.0333 AS w, 25.45 + n / 15 * 0.0333 AS s
      FROM generate_series(0, 134) n) village;

-- name: hour_of_history
-- Each terminal walks for the ten hours of a working day, 1.2 m/s around its home, and rests at night.
INSERT INTO telemetry
SELECT 'T-' || lpad(n::text, 4, '0'), 'b' || %(day)s::date, second, at, at + interval '2 s',
       103.56 + n * 37 %% 480 * 0.001 + 0.010 * sin(turn + n) + random() * 2e-5,
       25.46 + n * 53 %% 280 * 0.001 + 0.009 * cos(turn + n) + random() * 2e-5,
       8, 1.2, 90, 90 - second / 1440, -80, '4G', 'wgs84', random() < 0.02
FROM generate_series(1, %(terminals)s) n
CROSS JOIN generate_series(%(hour)s * 3600, %(hour)s * 3600 + 3599, %(interval_s)s) second
CROSS JOIN LATERAL (
    SELECT %(day)s::date::timestamp AT TIME ZONE 'UTC' + second * interval '1 s' AS at,
           least(second, 36000) / 830.0 AS turn
) moment
ORDER BY second;

-- name: compress
SELECT compress_chunk(c, if_not_compressed => true)
FROM show_chunks('telemetry', older_than => %s::timestamptz) c;
