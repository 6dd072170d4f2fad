-- The matter itself: catalogue, calendar, signals, cases.

CREATE TABLE catalogue_version (
    version integer PRIMARY KEY,
    imported_at timestamptz NOT NULL,
    imported_by text NOT NULL,
    source text NOT NULL
);

CREATE TABLE catalogue_item (
    version integer NOT NULL REFERENCES catalogue_version,
    item_key text NOT NULL,
    body jsonb NOT NULL,
    PRIMARY KEY (version, item_key)
);

CREATE TABLE calendar_day (
    day date PRIMARY KEY,
    is_workday boolean NOT NULL,
    note text NOT NULL DEFAULT '',
    edited_by text
);

CREATE TABLE case_number (
    day date PRIMARY KEY,  -- the local one
    last integer NOT NULL
);

CREATE TABLE cases (
    case_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_no text NOT NULL UNIQUE,
    version integer NOT NULL DEFAULT 1,  -- grows with every change; two writers cannot both win
    state text NOT NULL CHECK (state IN ('FILED', 'JOINT_STUDY', 'ROUTED', 'HANDLING', 'FEEDBACK',
        'VERIFYING', 'CALLBACK', 'CLOSED', 'MERGED', 'VOID', 'REOPENED')),
    item_key text NOT NULL,
    cond_key text NOT NULL,
    catalogue_version integer NOT NULL REFERENCES catalogue_version,
    severity text NOT NULL CHECK (severity IN ('low', 'mid', 'high')),
    lon double precision NOT NULL,
    lat double precision NOT NULL,
    error_m double precision NOT NULL CHECK (error_m >= 0),
    asset_id text REFERENCES asset,
    dedup_key text NOT NULL,  -- item and asset, or item and cell
    occurred_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    filed_at timestamptz NOT NULL,
    filed_by text NOT NULL,
    text text NOT NULL DEFAULT '',
    -- routing
    lead_unit text REFERENCES unit,
    assist_units text[] NOT NULL DEFAULT '{}',
    territory_unit text REFERENCES unit,
    why jsonb NOT NULL DEFAULT '[]',
    routed_at timestamptz,
    -- the clock
    limit_type text CHECK (limit_type IN ('urgent_hour', 'work_hour', 'work_day', 'natural_day')),
    limit_value double precision,
    policy text CHECK (policy IN ('accumulate', 'end_of_day_from_next')),
    due_at timestamptz,
    calendar_assumed boolean NOT NULL DEFAULT false,
    overdue_at timestamptz,
    extensions integer NOT NULL DEFAULT 0 CHECK (extensions BETWEEN 0 AND 2),
    suspended_at timestamptz,
    suspended_until timestamptz,
    -- handling
    person text,
    plan text,
    signed_at timestamptz,
    returned_from text REFERENCES unit,  -- who sent it back last
    void_asked_by text,  -- the first of the two who void a case of high severity
    feedback_at timestamptz,
    closed_at timestamptz,
    bounces integer NOT NULL DEFAULT 0,
    rework integer NOT NULL DEFAULT 0,
    callback_required boolean NOT NULL DEFAULT false,
    callback_attempts integer NOT NULL DEFAULT 0,
    merged_into bigint REFERENCES cases,
    recurrence_of bigint REFERENCES cases,
    locked_by text,
    locked_until timestamptz,
    CHECK (state IN ('FILED', 'JOINT_STUDY', 'MERGED', 'VOID', 'REOPENED')
        OR (lead_unit IS NOT NULL AND due_at IS NOT NULL)),
    CHECK ((state = 'MERGED') = (merged_into IS NOT NULL)),
    CHECK (state <> 'CLOSED' OR closed_at IS NOT NULL)
);
CREATE UNIQUE INDEX one_open_case ON cases (dedup_key)
    WHERE state NOT IN ('CLOSED', 'MERGED', 'VOID');
CREATE INDEX cases_open_by_due ON cases (due_at) WHERE state NOT IN ('CLOSED', 'MERGED', 'VOID');
CREATE INDEX cases_by_place ON cases (item_key, lat, lon);
CREATE INDEX cases_by_unit ON cases (lead_unit, state);

CREATE TABLE signal (
    signal_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL CHECK (source IN ('camera', 'terminal', 'sensor', 'hotline', 'app', 'operator')),
    identity text NOT NULL UNIQUE,  -- detection_id or event_id
    device_id text,
    camera_id text,
    type text NOT NULL,
    item_key text,
    cond_key text,
    label text,
    score double precision,
    hits integer,
    seq integer,  -- of the newest message about the same detection
    observed_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    lon double precision,
    lat double precision,
    error_m double precision,
    asset_id text,
    text text NOT NULL DEFAULT '',
    evidence text[] NOT NULL DEFAULT '{}',
    boxes jsonb NOT NULL DEFAULT '[]',  -- [{label, score, x, y, w, h}], fractions of the picture
    model jsonb,
    state text NOT NULL CHECK (state IN ('new', 'merged', 'verifying', 'accepted', 'rejected', 'snoozed')),
    reason text,
    case_id bigint REFERENCES cases,
    snoozed_until timestamptz,
    cleared_at timestamptz,
    CHECK (state NOT IN ('merged', 'accepted') OR case_id IS NOT NULL)
);
CREATE INDEX signal_of_case ON signal (case_id, signal_id);
CREATE INDEX signal_of_camera ON signal (camera_id, label, received_at);
CREATE INDEX signal_waiting ON signal (received_at) WHERE state IN ('new', 'verifying');

CREATE TABLE case_evidence (
    case_id bigint NOT NULL REFERENCES cases,
    sha256 text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('detection', 'report', 'repair', 'filing')),
    signal_id bigint REFERENCES signal,
    device_id text,
    username text,
    taken_at timestamptz,
    lon double precision,
    lat double precision,
    boxes jsonb NOT NULL DEFAULT '[]',
    verdict jsonb,  -- of the close gate: {judgement, label, score, model, provenance: [...]}
    added_at timestamptz NOT NULL,
    PRIMARY KEY (case_id, sha256, kind)
);
