-- name: layout
SELECT c.relkind::text, s.reason, s.rolled_until
FROM pg_class c, telemetry_store s WHERE c.oid = 'telemetry'::regclass;

-- name: offered
SELECT default_version FROM pg_available_extensions WHERE name = 'timescaledb';

-- name: note_reason
UPDATE telemetry_store SET reason = %s;

-- name: note_rolled
UPDATE telemetry_store SET rolled_until = greatest(rolled_until, %s);

-- name: try_lock
SELECT pg_try_advisory_lock(7005);

-- name: license
SELECT current_setting('timescaledb.license', true);

-- name: hourly
-- The rollup of an hour; {hour} is the layout's expression for the hour of an instant.
SELECT device_id, {hour} AS hour,
       count(*) AS samples,
       count(*) FILTER (WHERE backlog) AS backlog_samples,
       min(observed_at) AS first_at,
       max(observed_at) AS last_at,
       path_m(lon, lat ORDER BY observed_at) AS path_m,
       min(battery) AS min_battery,
       bit_or(1 << telemetry_minute(observed_at) / 5) FILTER (WHERE NOT backlog) AS live_slots
FROM telemetry

-- name: squares
-- Where terminals were in an hour: the bounding box of their positions in each square.
SELECT telemetry_square(lon, lat) AS square, {hour} AS hour, device_id,
       min(observed_at) AS first_at,
       max(observed_at) AS last_at,
       bit_or(1::bigint << telemetry_minute(observed_at)) AS minutes,
       min(lon) AS west, min(lat) AS south, max(lon) AS east, max(lat) AS north
FROM telemetry

-- name: partitions
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'telemetry'::regclass ORDER BY c.relname;

-- name: days_without_partition
-- Days without a partition that have rows in the default partition.
SELECT DISTINCT (observed_at AT TIME ZONE 'UTC')::date FROM telemetry_other
WHERE observed_at >= %s AND observed_at < %s ORDER BY 1;

-- name: delete_other
DELETE FROM telemetry_other WHERE observed_at < %(since)s OR received_at < %(since)s;

-- name: delete_doubtful
DELETE FROM doubtful_fix WHERE observed_at < %(since)s OR received_at < %(since)s;

-- name: delete_hourly
DELETE FROM telemetry_hourly WHERE hour < %s;

-- name: delete_squares
DELETE FROM telemetry_squares WHERE hour < %s;

-- name: delete_touched
DELETE FROM telemetry_touched WHERE hour < %s;

-- name: take_touched
-- The newest hours first: they are queried most.
DELETE FROM telemetry_touched t USING (
    SELECT hour FROM telemetry_touched GROUP BY hour ORDER BY hour DESC LIMIT %s
) newest
WHERE t.hour = newest.hour RETURNING t.hour;

-- name: upsert_hourly
INSERT INTO telemetry_hourly AS stored {rows}
ON CONFLICT (device_id, hour) DO UPDATE SET
    samples = excluded.samples, backlog_samples = excluded.backlog_samples,
    first_at = excluded.first_at, last_at = excluded.last_at, path_m = excluded.path_m,
    min_battery = excluded.min_battery, live_slots = excluded.live_slots
WHERE stored.samples <> excluded.samples;

-- name: upsert_squares
INSERT INTO telemetry_squares AS stored {rows}
ON CONFLICT (square, hour, device_id) DO UPDATE SET
    first_at = excluded.first_at, last_at = excluded.last_at, minutes = excluded.minutes,
    west = excluded.west, south = excluded.south, east = excluded.east, north = excluded.north
WHERE (stored.first_at, stored.last_at, stored.minutes, stored.west, stored.south, stored.east, stored.north)
   <> (excluded.first_at, excluded.last_at, excluded.minutes, excluded.west, excluded.south,
       excluded.east, excluded.north);

-- name: step_aside
-- The native table is renamed here and emptied partition by partition afterwards.
ALTER TABLE telemetry RENAME TO telemetry_before;
-- TimescaleDB tracks changed hours itself.
CREATE OR REPLACE FUNCTION touch_hours(hours timestamptz[]) RETURNS void LANGUAGE sql AS '';
ALTER TABLE telemetry_before DROP CONSTRAINT telemetry_pkey;
DROP INDEX telemetry_time;
DROP TABLE telemetry_hourly, telemetry_squares, telemetry_touched;

-- name: make_hypertable
CREATE TABLE telemetry (LIKE telemetry_before INCLUDING DEFAULTS);
ALTER TABLE telemetry ADD PRIMARY KEY (device_id, observed_at, boot_id, seq)
    INCLUDE (lon, lat, accuracy_m, speed, backlog);
CREATE INDEX telemetry_time ON telemetry USING brin (observed_at);
SELECT create_hypertable('telemetry', by_range('observed_at', INTERVAL '1 day'),
                         create_default_indexes => false);
ALTER TABLE telemetry SET (
    timescaledb.enable_columnstore,
    timescaledb.segmentby = 'device_id',
    timescaledb.orderby = 'observed_at DESC, boot_id, seq'
);
CALL add_columnstore_policy('telemetry', after => INTERVAL '3 days');

-- name: make_aggregate
-- {rows} is the section that {name} is named after.
CREATE MATERIALIZED VIEW {name}
WITH (timescaledb.continuous, timescaledb.materialized_only = true,
      timescaledb.chunk_interval = '1 day') AS
{rows} GROUP BY {groups} WITH NO DATA;

-- name: parts_of_before
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = to_regclass('telemetry_before') ORDER BY c.relname DESC;

-- name: refresh
CALL refresh_continuous_aggregate(%s::regclass, %s::timestamptz, %s::timestamptz);

-- name: drop_chunks
SELECT count(*) FROM drop_chunks(%s::regclass, older_than => %s::timestamptz);

-- name: delete_ahead
-- Samples from clocks far ahead: their chunks would never become old.
DELETE FROM telemetry WHERE observed_at > %(ahead)s AND received_at < %(since)s;

-- name: usage_of_partitions
SELECT count(*) AS parts, 0 AS compressed,
       coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint AS samples,
       coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint AS sample_bytes,
       pg_total_relation_size('telemetry_hourly') + pg_total_relation_size('telemetry_squares')
           AS rollup_bytes,
       (SELECT count(DISTINCT hour) FROM telemetry_touched) AS hours_waiting
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'telemetry'::regclass;

-- name: usage_of_hypertable
SELECT count(*) AS parts, count(*) FILTER (WHERE is_compressed) AS compressed,
       approximate_row_count('telemetry') AS samples,
       hypertable_size('telemetry') AS sample_bytes,
       hypertable_size('telemetry_hourly') + hypertable_size('telemetry_squares') AS rollup_bytes,
       NULL::bigint AS hours_waiting
FROM timescaledb_information.chunks WHERE hypertable_name = 'telemetry';
