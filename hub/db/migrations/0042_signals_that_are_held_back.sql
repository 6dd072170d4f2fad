-- Signals may be snoozed, keep who reported them, and tell what automation would have done; a camera's class is
-- set to monitor by a person or by its own verdicts.

-- `would` is what automation would have done with a signal of monitor mode: {action, case_id, reason}.
ALTER TABLE signal
    ADD COLUMN would jsonb,
    ADD COLUMN decided_at timestamptz,
    ADD COLUMN decided_by text;
CREATE INDEX signal_snoozed ON signal (snoozed_until) WHERE state = 'snoozed';
CREATE INDEX signal_false_alarms ON signal (camera_id, label, received_at)
    WHERE state = 'rejected' AND reason = 'false_positive';
CREATE INDEX signal_monitored ON signal (camera_id, label) WHERE would IS NOT NULL;
UPDATE signal SET reason = 'monitored' WHERE reason = 'low_precision';

CREATE OR REPLACE VIEW signal_record AS
SELECT signal_id, source, identity, device_id, camera_id, type, item_key, cond_key, label, score,
       hits, seq, observed_at, received_at, lon, lat, error_m, asset_id, text, evidence, boxes,
       model, state, reason, case_id, cleared_at, content_sha256, stamped_at, snoozed_until, would,
       decided_at, decided_by
FROM signal;

-- Who reported a signal. These are personal data: they are in no entry of the journal, and may be erased.
CREATE TABLE reporter (
    signal_id bigint PRIMARY KEY REFERENCES signal,
    name text,
    contact text,
    worker_id text,  -- of a grid worker who reported by terminal
    wants_callback boolean NOT NULL DEFAULT false
);

-- Cases that a person has taken a signal out of: it doesn't join them again by itself.
CREATE TABLE signal_apart (
    signal_id bigint NOT NULL REFERENCES signal,
    case_id bigint NOT NULL REFERENCES cases,
    PRIMARY KEY (signal_id, case_id)
);

-- What people have said of a detection: right, wrong, other (true or not, it was nothing for a case), or null while
-- nobody has said anything. A case that was closed confirms its signals; one that was voided does not.
CREATE FUNCTION signal_verdict(state text, reason text, decided_by text, case_state text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN state = 'rejected' AND reason = 'false_positive' THEN 'wrong'
        WHEN state = 'noted' OR (state = 'rejected' AND starts_with(decided_by, 'user:')) THEN 'other'
        WHEN case_state = 'VOID' THEN 'wrong'
        WHEN case_state = 'CLOSED' THEN 'right'
        WHEN state IN ('accepted', 'merged') AND starts_with(decided_by, 'user:') THEN 'right'
    END
$$;

-- The severity of a condition of a catalogue item; null if it has no such condition.
CREATE FUNCTION severity_of_condition(item jsonb, condition text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(each ->> 'severity', 'mid') FROM jsonb_array_elements(item -> 'conditions') AS each
    WHERE each ->> 'cond_key' = condition
$$;

-- Which detections may become cases by themselves, by the severity of what they show.
CREATE TABLE filing_policy (
    severity text PRIMARY KEY CHECK (severity IN ('low', 'mid', 'high')),
    automatic boolean NOT NULL DEFAULT true,
    least_precision double precision NOT NULL DEFAULT 0.5 CHECK (least_precision BETWEEN 0 AND 1),
    least_verdicts integer NOT NULL DEFAULT 10 CHECK (least_verdicts > 0)
);
INSERT INTO filing_policy (severity) VALUES ('low'), ('mid'), ('high');

CREATE TABLE monitor_mode (
    monitor_mode_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    camera_id text,  -- null: every camera
    label text,      -- null: every class
    set_at timestamptz NOT NULL,
    set_by text NOT NULL,
    reason text NOT NULL,
    ended_at timestamptz,
    ended_by text,
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX one_monitor_mode ON monitor_mode (camera_id, label) NULLS NOT DISTINCT
    WHERE ended_at IS NULL;
CREATE INDEX monitor_mode_ended ON monitor_mode (camera_id, label, ended_at);

-- The program's list of subjects is the only one, so that a new kind of subject needs no change here.
ALTER TABLE journal DROP CONSTRAINT journal_subject_check, ADD CONSTRAINT journal_subject_check
    CHECK (subject ~ '^[a-z][a-z_]*$');
