-- Samples without a place that can be trusted, and how far wrong clocks were corrected.

CREATE TABLE doubtful_fix (
    device_id text NOT NULL,
    boot_id text NOT NULL,
    seq bigint NOT NULL,
    observed_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    lon double precision NOT NULL,
    lat double precision NOT NULL,
    accuracy_m real NOT NULL,
    battery real,
    backlog boolean NOT NULL,
    clock_error_s double precision,
    fault text NOT NULL CHECK (fault IN ('zero', 'outside', 'jump')),
    PRIMARY KEY (device_id, observed_at, boot_id, seq)
);
CREATE INDEX doubtful_fix_time ON doubtful_fix USING brin (observed_at);

-- Why the newest place of a terminal is not trusted: the marker is the last one that was.
ALTER TABLE terminal_live ADD COLUMN fix_fault text;
-- What the device's own clock said more than observed_at; null where it was taken as it is.
ALTER TABLE telemetry ADD COLUMN clock_error_s double precision;
ALTER TABLE device ADD COLUMN clock_error_s double precision;
