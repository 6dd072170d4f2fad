-- What one source sends and is refused for the same reason is one dead letter, with a few examples.

ALTER TABLE dead_letter RENAME TO dead_letter_before;
ALTER INDEX dead_letter_pkey RENAME TO dead_letter_before_pkey;
DROP INDEX dead_letter_time;

CREATE TABLE dead_letter (
    dead_letter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL,  -- the topic without what differs in each message
    outcome text NOT NULL CHECK (outcome IN ('malformed', 'quarantined')),
    shape text NOT NULL,  -- the reason without the values in it
    reason text NOT NULL,  -- the newest one in full
    messages bigint NOT NULL,  -- at least one each; one that came twice may count twice
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    UNIQUE (source, outcome, shape)
);
CREATE INDEX dead_letter_time ON dead_letter (last_at);

CREATE TABLE dead_letter_example (
    dead_letter_id bigint NOT NULL REFERENCES dead_letter ON DELETE CASCADE,
    payload_sha256 text NOT NULL,
    topic text NOT NULL,
    reason text NOT NULL,
    payload bytea NOT NULL,  -- the beginning, where the whole was too large
    payload_bytes bigint NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (dead_letter_id, payload_sha256)
);

INSERT INTO dead_letter (source, outcome, shape, reason, messages, first_at, last_at)
SELECT topic, outcome, reason, reason, count(*), min(received_at), max(received_at)
FROM dead_letter_before GROUP BY topic, outcome, reason;

INSERT INTO dead_letter_example
SELECT d.dead_letter_id, b.payload_sha256, b.topic, b.reason, b.payload, b.payload_bytes, b.received_at
FROM dead_letter_before b
JOIN dead_letter d ON (d.source, d.outcome, d.shape) = (b.topic, b.outcome, b.reason)
ON CONFLICT DO NOTHING;

DROP TABLE dead_letter_before;

-- Each position moves its row; without an index on the time it stays where it is (HOT).
DROP INDEX terminal_live_recent;
