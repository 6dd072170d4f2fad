-- Areas whose crossing is told, who is in them, and what happened.

CREATE TABLE geofence (
    geofence_id text PRIMARY KEY CHECK (geofence_id ~ '^[a-z0-9][a-z0-9_-]{0,63}$'),
    name_zh text NOT NULL,
    name_en text NOT NULL,
    boundary jsonb NOT NULL,  -- GeoJSON Polygon or MultiPolygon, WGS-84
    margin_m double precision NOT NULL CHECK (margin_m >= 0),
    settle_s double precision NOT NULL CHECK (settle_s >= 0),
    dwell_s double precision CHECK (dwell_s > 0),
    watched_from timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    retired_at timestamptz
);

-- A terminal that is inside, or about to be; who is outside of a fence has no row.
CREATE TABLE geofence_stay (
    device_id text NOT NULL REFERENCES device,
    geofence_id text NOT NULL REFERENCES geofence,
    inside boolean NOT NULL,
    since timestamptz,
    turning_since timestamptz,
    dwelt boolean NOT NULL,
    PRIMARY KEY (device_id, geofence_id),
    CHECK (inside = (since IS NOT NULL)),
    CHECK (inside OR turning_since IS NOT NULL)
);
CREATE INDEX geofence_stay_inside ON geofence_stay (geofence_id) WHERE inside;

-- How far each terminal's track has been followed.
CREATE TABLE geofence_track (
    device_id text PRIMARY KEY REFERENCES device,
    observed_at timestamptz NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE geofence_event (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    geofence_id text NOT NULL REFERENCES geofence,
    device_id text NOT NULL REFERENCES device,
    type text NOT NULL CHECK (type IN ('enter', 'leave', 'dwell')),
    at timestamptz NOT NULL,
    noticed_at timestamptz NOT NULL,
    late boolean NOT NULL,  -- learnt of afterwards: history, and nothing to be alarmed about
    lon double precision NOT NULL,
    lat double precision NOT NULL,
    UNIQUE (device_id, geofence_id, type, at)
);
CREATE INDEX geofence_event_of_fence ON geofence_event (geofence_id, event_id);

-- Tracks that came in after their time, until they have been looked at.
CREATE TABLE backlog_arrival (
    arrival_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id text NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL
);

ALTER TABLE journal DROP CONSTRAINT journal_subject_check, ADD CONSTRAINT journal_subject_check
    CHECK (subject IN ('case', 'command', 'video', 'device', 'signal', 'account', 'catalogue',
                       'geofence'));
