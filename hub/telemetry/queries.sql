-- name: latest
SELECT l.device_id, d.presence, l.observed_at, l.received_at, l.lon, l.lat, l.accuracy_m, l.speed,
       l.heading, l.battery
FROM terminal_live l JOIN device d USING (device_id) ORDER BY l.device_id;

-- name: is_terminal
SELECT FROM device WHERE device_id = %s AND kind = 'terminals';

-- name: fixes
-- The index holds all columns. They come as arrays, because a day has thousands of rows.
SELECT array_agg(date_part('epoch', observed_at)), array_agg(lon), array_agg(lat),
       array_agg(accuracy_m::float8), array_agg(coalesce(speed, 'NaN')::float8),
       array_agg(backlog::integer::float8)
FROM (
    SELECT observed_at, lon, lat, accuracy_m, speed, backlog FROM telemetry
    WHERE device_id = %s AND observed_at >= %s AND observed_at < %s ORDER BY observed_at
) AS recorded;

-- name: hours
SELECT hour, samples, backlog_samples::float8 / samples AS backlog_share, first_at, last_at, path_m,
       min_battery, 5 * bit_count(coalesce(live_slots, 0)::bit(12))::integer AS online_min
FROM telemetry_hourly WHERE device_id = %s AND hour >= %s AND hour < %s ORDER BY hour;

-- name: within
-- A stay that lies wholly within a piece is taken from the rollup. Otherwise each sample is checked, as
-- are the samples that are not rolled up yet.
WITH piece AS MATERIALIZED (
    SELECT square, ring FROM unnest(%(squares)s::bigint[], %(rings)s::polygon[]) AS p (square, ring)
), met AS MATERIALIZED (
    SELECT s.*, p.ring, s.first_at >= %(since)s AND s.last_at < %(until)s
        AND (p.ring IS NULL OR p.ring @> polygon(s.place)) AS wholly
    FROM piece p JOIN (
        SELECT *, box(point(west, south), point(east, north)) AS place FROM telemetry_squares
    ) s USING (square)
    WHERE s.hour >= %(hour)s AND s.hour < %(until)s
      AND s.last_at >= %(since)s AND s.first_at < %(until)s
      AND (p.ring IS NULL OR p.ring && polygon(s.place))
), stay AS (
    SELECT device_id, hour, first_at, last_at, minutes FROM met WHERE wholly
    UNION ALL
    SELECT m.device_id, m.hour, t.first_at, t.last_at, t.minutes
    FROM met m CROSS JOIN LATERAL (
        SELECT min(observed_at) AS first_at, max(observed_at) AS last_at,
               bit_or(1::bigint << telemetry_minute(observed_at)) AS minutes
        FROM telemetry
        WHERE device_id = m.device_id AND observed_at BETWEEN m.first_at AND m.last_at
          AND observed_at >= %(since)s AND observed_at < %(until)s
          AND telemetry_square(lon, lat) = m.square
          AND (m.ring IS NULL OR m.ring @> point(lon, lat))
    ) t
    WHERE NOT m.wholly AND t.minutes IS NOT NULL
    UNION ALL
    SELECT t.device_id, date_trunc('hour', t.observed_at, 'UTC'), t.observed_at, t.observed_at,
           1::bigint << telemetry_minute(t.observed_at)
    FROM telemetry t JOIN piece p ON p.square = telemetry_square(t.lon, t.lat)
    WHERE t.observed_at >= %(not_rolled)s AND t.observed_at < %(until)s
      AND (p.ring IS NULL OR p.ring @> point(t.lon, t.lat))
), in_hour AS (
    SELECT device_id, min(first_at) AS first_at, max(last_at) AS last_at,
           bit_count(bit_or(minutes)::bit(64)) AS minutes
    FROM stay GROUP BY device_id, hour
)
SELECT i.device_id, d.holder, min(i.first_at) AS first_at, max(i.last_at) AS last_at,
       sum(i.minutes)::integer AS minutes
FROM in_hour i LEFT JOIN device d USING (device_id)
GROUP BY i.device_id, d.holder ORDER BY first_at, i.device_id;

-- name: villages_content
SELECT md5(coalesce(string_agg(unit_key || boundary::text, '' ORDER BY unit_key), ''))
FROM territory JOIN unit USING (unit_key) WHERE level = 'village';

-- name: villages
SELECT unit_key, boundary FROM territory JOIN unit USING (unit_key)
WHERE level = 'village' ORDER BY unit_key;

-- name: village_names
SELECT unit_key, name_zh, name_en FROM unit WHERE level = 'village' ORDER BY unit_key;

-- name: visited_squares
SELECT DISTINCT square FROM telemetry_squares WHERE hour >= %(since)s AND hour < %(until)s;

-- name: coverage
-- A stay at a border counts for the village that contains the middle of its box.
SELECT village, device_id, min(first_at) AS first_at, max(last_at) AS last_at,
       sum(minutes)::integer AS minutes
FROM (
    SELECT p.village, s.device_id, min(s.first_at) AS first_at, max(s.last_at) AS last_at,
           bit_count(bit_or(s.minutes)::bit(64)) AS minutes
    FROM telemetry_squares s
    JOIN unnest(%(villages)s::text[], %(squares)s::bigint[], %(rings)s::polygon[])
        AS p (village, square, ring) USING (square)
    WHERE s.hour >= %(since)s AND s.hour < %(until)s
      AND (p.ring IS NULL OR p.ring @> point((s.west + s.east) / 2, (s.south + s.north) / 2))
    GROUP BY p.village, s.device_id, s.hour
) in_hour
GROUP BY village, device_id HAVING sum(minutes) >= %(at_least_min)s
ORDER BY village, minutes DESC, device_id;

-- name: online
-- An hour has twelve slots, each with the terminals heard in it; a point is the mean of its slots.
WITH seen AS MATERIALIZED (
    SELECT device_id, registered_at FROM device d
    WHERE kind = 'terminals' AND device_is_visible(d, %(scope_units)s, %(scope_territories)s)
), point AS (
    SELECT at, (SELECT count(*) FROM seen WHERE registered_at < at + %(step)s) AS registered
    FROM generate_series(%(since)s, %(until)s - interval '1 microsecond', %(step)s) AS at
), heard AS (
    SELECT date_bin(%(step)s, hour + slot * interval '5 minutes', %(since)s) AS at, count(*) AS slots
    FROM (
        SELECT device_id, hour, bit_or(slots) AS live_slots
        FROM (
            SELECT device_id, hour, live_slots AS slots FROM telemetry_hourly
            WHERE hour >= %(since)s - interval '1 hour' AND hour < %(until)s
            UNION ALL
            SELECT device_id, date_trunc('hour', observed_at, 'UTC'),
                   1 << telemetry_minute(observed_at) / 5
            FROM doubtful_fix
            WHERE observed_at >= %(since)s - interval '1 hour' AND observed_at < %(until)s
              AND NOT backlog
        ) both_kinds
        WHERE %(scope_units)s::text[] IS NULL OR device_id IN (SELECT device_id FROM seen)
        GROUP BY device_id, hour
    ) terminal CROSS JOIN generate_series(0, 11) AS slot
    WHERE (live_slots >> slot) & 1 = 1
      AND hour + slot * interval '5 minutes' >= %(since)s
      AND hour + slot * interval '5 minutes' < %(until)s
    GROUP BY 1
)
SELECT at, online, registered,
       CASE WHEN registered > 0 THEN least(1, online / registered) END AS rate
FROM point LEFT JOIN heard USING (at)
CROSS JOIN LATERAL (
    SELECT coalesce(slots, 0) / (extract(epoch FROM %(step)s) / 300)::float8 AS online
) mean
ORDER BY at;
