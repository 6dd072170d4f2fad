-- Log-in: limits by address and device, changes that are forced, sessions that end when nobody uses them.

ALTER TABLE account ADD COLUMN must_change_password boolean NOT NULL DEFAULT false;

ALTER TABLE account_session
    ADD COLUMN session_id bigint GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN address text NOT NULL DEFAULT '',
    ADD COLUMN used_at timestamptz,
    ADD COLUMN idle_until timestamptz NOT NULL DEFAULT 'infinity';
CREATE UNIQUE INDEX account_session_id ON account_session (session_id);
CREATE INDEX account_session_of ON account_session (username);

-- `username` is that of an account, or a keyed hash of what was typed: it may have been a password.
ALTER TABLE login_failure
    ADD COLUMN address text NOT NULL DEFAULT '',
    ADD COLUMN device_hash text;  -- only of a device on which this account has logged in before
CREATE INDEX login_failure_by_time ON login_failure (at);

CREATE TABLE known_device (
    device_hash text,
    username text REFERENCES account ON DELETE CASCADE,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (device_hash, username)
);

CREATE TABLE hub_key (name text PRIMARY KEY, value bytea NOT NULL);
INSERT INTO hub_key VALUES
    ('unknown_names', sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));
