-- Devices are told of what was refused, each at most so many times a minute.

CREATE TABLE refusal_telling (
    device_id text PRIMARY KEY,
    since timestamptz NOT NULL,  -- the begin of the minute that `told` counts in
    told integer NOT NULL,
    untold bigint NOT NULL  -- since the last one that was told
);

CREATE INDEX command_history_uncounted ON command_history (command_id) WHERE NOT counted;
