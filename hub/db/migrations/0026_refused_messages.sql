-- Refused messages are kept, not only a few examples; how much of a device and day is bounded.

ALTER TABLE dead_letter
    ADD COLUMN device_id text,  -- the sender, where it is registered
    ADD COLUMN unkept bigint NOT NULL DEFAULT 0,  -- counted only: the device's day was full
    DROP CONSTRAINT dead_letter_outcome_check1,
    ADD CONSTRAINT dead_letter_outcome_check
        CHECK (outcome IN ('malformed', 'quarantined', 'conflict', 'unusable'));

ALTER TABLE dead_letter_example RENAME TO dead_letter_message;
ALTER TABLE dead_letter_message
    ADD COLUMN device_id text,
    ADD COLUMN times integer NOT NULL DEFAULT 1,
    ADD COLUMN told boolean,  -- whether the device was told of it; null: not decided yet
    DROP CONSTRAINT dead_letter_example_pkey,
    ADD PRIMARY KEY (dead_letter_id, payload_sha256, topic);
UPDATE dead_letter_message SET told = false;
CREATE INDEX dead_letter_message_time ON dead_letter_message (received_at);
CREATE INDEX dead_letter_message_of_device ON dead_letter_message (device_id, received_at DESC);
CREATE INDEX dead_letter_message_untold ON dead_letter_message (received_at)
    WHERE told IS NULL AND device_id IS NOT NULL;

CREATE TABLE refused_day (
    device_id text NOT NULL,
    day date NOT NULL,  -- UTC
    kept_bytes bigint NOT NULL DEFAULT 0,
    unkept bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (device_id, day)
);
