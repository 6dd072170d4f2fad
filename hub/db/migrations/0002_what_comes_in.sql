-- What comes in: telemetry, the live position, inbox, dead letters, evidence.

CREATE TABLE telemetry (
    device_id text NOT NULL,
    boot_id text NOT NULL,
    seq bigint NOT NULL,
    observed_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    lon double precision NOT NULL,
    lat double precision NOT NULL,
    accuracy_m real NOT NULL,
    speed real,
    heading real,
    battery real,
    signal real,
    network text,
    crs text NOT NULL,
    backlog boolean NOT NULL,
    PRIMARY KEY (device_id, boot_id, seq, observed_at)
) PARTITION BY RANGE (observed_at);
CREATE INDEX telemetry_track ON telemetry (device_id, observed_at DESC);
CREATE INDEX telemetry_time ON telemetry USING brin (observed_at);
-- Clocks lie: what lies outside the days that have a partition of their own is kept here.
CREATE TABLE telemetry_other PARTITION OF telemetry DEFAULT;

CREATE TABLE terminal_live (
    device_id text PRIMARY KEY,
    order_at timestamptz NOT NULL,  -- observed_at, clamped to received_at where the clock is ahead
    observed_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    lon double precision NOT NULL,
    lat double precision NOT NULL,
    accuracy_m real NOT NULL,
    speed real,
    heading real,
    battery real,
    signal real,
    clock_ahead boolean NOT NULL DEFAULT false
) WITH (fillfactor = 70);
CREATE INDEX terminal_live_recent ON terminal_live (received_at);

CREATE TABLE inbox (
    inbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    device_id text NOT NULL,
    leaf text NOT NULL,
    tail text NOT NULL,
    payload jsonb NOT NULL,
    received_at timestamptz NOT NULL,
    identity text UNIQUE,  -- the message's own idempotency key, where it has one
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'parked')),
    attempts integer NOT NULL DEFAULT 0,
    retry_at timestamptz,
    error text,
    done_at timestamptz
);
CREATE INDEX inbox_pending ON inbox (device_id, inbox_id) WHERE state = 'pending';
CREATE INDEX inbox_next ON inbox (inbox_id) WHERE state = 'pending';

CREATE TABLE dead_letter (
    dead_letter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    outcome text NOT NULL CHECK (outcome IN ('malformed', 'quarantined')),
    topic text NOT NULL,
    reason text NOT NULL,
    payload bytea NOT NULL,  -- the beginning, where the whole was too large
    payload_bytes bigint NOT NULL,
    payload_sha256 text NOT NULL,
    received_at timestamptz NOT NULL
);
CREATE INDEX dead_letter_time ON dead_letter (received_at);

CREATE TABLE evidence (
    sha256 text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    bytes integer NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    device_id text,
    username text,
    received_at timestamptz NOT NULL,
    taken_at timestamptz,
    lon double precision,
    lat double precision,
    perceptual_hash bigint
);

CREATE FUNCTION notify_channel() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify(TG_ARGV[0], '');
    RETURN NULL;
END $$;

CREATE TRIGGER inbox_wakes AFTER INSERT ON inbox
    FOR EACH STATEMENT EXECUTE FUNCTION notify_channel('inbox');
