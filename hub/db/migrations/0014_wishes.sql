-- Every version of what a device was asked to run: who asked, and what became of it.

CREATE TABLE device_wish (
    device_id text NOT NULL,
    aspect text NOT NULL,
    version bigint NOT NULL,
    body jsonb NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    outcome text NOT NULL DEFAULT 'waiting'
        CHECK (outcome IN ('waiting', 'applied', 'refused', 'superseded', 'timed_out')),
    error text,
    settled_at timestamptz,
    PRIMARY KEY (device_id, aspect, version),
    FOREIGN KEY (device_id, aspect) REFERENCES device_state,
    CHECK ((outcome = 'waiting') = (settled_at IS NULL))
);
CREATE INDEX device_wish_waiting ON device_wish (asked_at) WHERE outcome = 'waiting';

INSERT INTO device_wish (device_id, aspect, version, body, asked_by, asked_at)
SELECT s.device_id, s.aspect, (s.desired ->> 'version')::bigint, s.desired,
       coalesce((SELECT j.actor FROM journal j
                 WHERE j.subject = 'device' AND j.subject_id = s.device_id
                   AND j.kind = s.aspect || '_desired'
                 ORDER BY j.journal_id DESC LIMIT 1), 'system:unknown'),
       s.desired_at
FROM device_state s WHERE s.desired IS NOT NULL;
