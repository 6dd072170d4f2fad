-- What is wrong with a terminal or its holder for a while: one row, and one signal, for each time.

CREATE TABLE duty_episode (
    episode_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id text NOT NULL REFERENCES device,
    matter text NOT NULL CHECK (matter IN ('low_battery', 'off_post')),
    since timestamptz NOT NULL,
    signal_id bigint REFERENCES signal,
    ended_at timestamptz
);
CREATE UNIQUE INDEX duty_episode_open ON duty_episode (device_id, matter) WHERE ended_at IS NULL;

CREATE INDEX signal_of_terminal ON signal (device_id, received_at) WHERE source = 'terminal';
