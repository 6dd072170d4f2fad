-- An alarm of a person in danger waits behind nothing, is a case of its own at once, and rings until
-- somebody acknowledges it.

ALTER TABLE inbox ADD COLUMN urgent boolean NOT NULL DEFAULT false;
CREATE INDEX inbox_urgent ON inbox (inbox_id) WHERE urgent AND state = 'pending';

-- The first alarms that are due, by the index, as in `oldest_of_inbox`.
CREATE FUNCTION urgent_of_inbox(due_at timestamptz) RETURNS TABLE (inbox_id bigint)
    LANGUAGE sql STABLE
    SET enable_bitmapscan = off
    SET enable_seqscan = off
AS $$
    SELECT inbox_id FROM inbox
    WHERE urgent AND state = 'pending' AND (retry_at IS NULL OR retry_at <= due_at)
    ORDER BY inbox_id LIMIT 100
$$;

CREATE TABLE alarm (
    case_id bigint PRIMARY KEY REFERENCES cases,
    type text NOT NULL CHECK (type IN ('sos', 'fall')),
    device_id text NOT NULL REFERENCES device,  -- who raised it
    raised_at timestamptz NOT NULL,  -- the last time that it was raised: it rings again
    times integer NOT NULL DEFAULT 1,
    place_source text NOT NULL
        CHECK (place_source IN ('reported', 'last_position', 'territory', 'district')),
    place_age_s double precision CHECK (place_age_s >= 0),  -- when it was raised; null if unknown
    acknowledged_at timestamptz,
    acknowledged_by text,  -- the user name
    CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL))
);
CREATE INDEX alarm_of_device ON alarm (device_id);
CREATE INDEX alarm_rings ON alarm (raised_at) WHERE acknowledged_at IS NULL;

-- Minutes count through the clock, for what cannot wait an hour.
ALTER TABLE cases DROP CONSTRAINT cases_limit_type_check;
ALTER TABLE cases ADD CONSTRAINT cases_limit_type_check CHECK (limit_type IN
    ('urgent_minute', 'urgent_hour', 'work_hour', 'work_day', 'natural_day'));
