-- Telemetry is found by device and time, and what it says of each hour is kept beside it.

ALTER TABLE telemetry DROP CONSTRAINT telemetry_pkey;
DROP INDEX telemetry_track;
-- One index knows repeats and holds all that a track needs, so that a day is read without the table.
ALTER TABLE telemetry ADD PRIMARY KEY (device_id, observed_at, boot_id, seq)
    INCLUDE (lon, lat, accuracy_m, speed, backlog);

-- The ground in squares of 1/400 degree: at 25 degrees north 252 by 277 metres.
CREATE FUNCTION telemetry_square(lon double precision, lat double precision) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT floor((lon + 180) * 400)::bigint * 100000 + floor((lat + 90) * 400)::bigint
$$;

-- The minute of an instant's hour.
CREATE FUNCTION telemetry_minute(at timestamptz) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT date_part('minute', at AT TIME ZONE 'UTC')::integer
$$;

-- path = {metres so far, lon, lat}. A step under 20 m may be the receiver's noise: it waits for the next.
CREATE FUNCTION path_step(path double precision[], lon double precision, lat double precision)
RETURNS double precision[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    step_m double precision;
BEGIN
    IF cardinality(path) = 0 THEN
        RETURN ARRAY[0, lon, lat];
    END IF;
    step_m := 111320 * sqrt(((lon - path[2]) * cosd(lat)) ^ 2 + (lat - path[3]) ^ 2);
    IF step_m < 20 THEN
        RETURN path;
    END IF;
    RETURN ARRAY[path[1] + step_m, lon, lat];
END $$;

CREATE FUNCTION path_metres(path double precision[]) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT coalesce(path[1], 0) $$;

-- Metres along places in the order given: path_m(lon, lat ORDER BY observed_at).
CREATE AGGREGATE path_m(double precision, double precision) (
    SFUNC = path_step, STYPE = double precision[], INITCOND = '{}', FINALFUNC = path_metres,
    PARALLEL = SAFE
);

CREATE TABLE telemetry_hourly (
    device_id text NOT NULL,
    hour timestamptz NOT NULL,
    samples bigint NOT NULL,
    backlog_samples bigint NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    path_m double precision NOT NULL,  -- of the steps that begin and end in the hour
    min_battery real,
    live_slots integer,  -- a bit for each five minutes with a sample that was no backlog
    PRIMARY KEY (device_id, hour)
) WITH (fillfactor = 80);
CREATE INDEX telemetry_hourly_time ON telemetry_hourly (hour);

CREATE TABLE telemetry_squares (
    square bigint NOT NULL,
    hour timestamptz NOT NULL,
    device_id text NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    minutes bigint NOT NULL,  -- a bit for each minute with a sample
    west double precision NOT NULL,
    south double precision NOT NULL,
    east double precision NOT NULL,
    north double precision NOT NULL,
    PRIMARY KEY (square, hour, device_id)
) WITH (fillfactor = 80);
CREATE INDEX telemetry_squares_time ON telemetry_squares USING brin (hour);

-- Hours whose rollups no longer hold, noted in the transaction of the samples, so that none is missed.
-- By whoever stores them: a trigger that looks at all rows would make COPY into partitions slow.
CREATE TABLE telemetry_touched (hour timestamptz NOT NULL);

CREATE FUNCTION touch_hours(hours timestamptz[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO telemetry_touched SELECT unnest(hours)
$$;

INSERT INTO telemetry_touched SELECT DISTINCT date_trunc('hour', observed_at, 'UTC') FROM telemetry;

CREATE TABLE telemetry_store (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    reason text NOT NULL DEFAULT '',  -- why this form was chosen
    rolled_until timestamptz  -- what was observed before is in the rollups, unless it came later
);
INSERT INTO telemetry_store DEFAULT VALUES;
