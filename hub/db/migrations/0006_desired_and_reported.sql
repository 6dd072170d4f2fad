-- What a device should run, and what it says that it runs.

CREATE TABLE device_state (
    device_id text NOT NULL REFERENCES device,
    aspect text NOT NULL CHECK (aspect IN ('config', 'model')),
    desired jsonb,
    desired_version bigint NOT NULL DEFAULT 0,
    desired_at timestamptz,
    reported jsonb,
    reported_at timestamptz,
    PRIMARY KEY (device_id, aspect),
    CHECK ((desired IS NULL) = (desired_at IS NULL)),
    CHECK ((reported IS NULL) = (reported_at IS NULL))
);
