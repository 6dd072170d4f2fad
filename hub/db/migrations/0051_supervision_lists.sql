-- Supervision: the matter list with its plans, the weekly study list, the daily digest, and counts of others.

CREATE TABLE matter (
    matter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id bigint NOT NULL REFERENCES cases,
    tier text NOT NULL CHECK (tier IN ('high', 'mid', 'low')),
    leader text NOT NULL CHECK (leader <> ''),
    review_days integer NOT NULL CHECK (review_days BETWEEN 1 AND 366),
    listed_at timestamptz NOT NULL,
    listed_by text NOT NULL,
    reviewed_at timestamptz,
    review_due_on date NOT NULL,  -- local
    goal text NOT NULL DEFAULT '',
    struck_at timestamptz,
    struck_by text,
    strike_reason text,
    CHECK ((struck_at IS NULL) = (strike_reason IS NULL))
);
CREATE UNIQUE INDEX matter_of_case ON matter (case_id) WHERE struck_at IS NULL;
CREATE INDEX matter_review_due ON matter (review_due_on) WHERE struck_at IS NULL;

CREATE TABLE plan_member (
    matter_id bigint NOT NULL REFERENCES matter,
    name text NOT NULL,
    duty text NOT NULL,
    PRIMARY KEY (matter_id, name)
);

CREATE TABLE plan_step (
    step_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    matter_id bigint NOT NULL REFERENCES matter,
    text text NOT NULL CHECK (text <> ''),
    due_on date NOT NULL,
    done_at timestamptz,
    done_by text,
    result text,
    CHECK ((done_at IS NULL) = (result IS NULL))
);
CREATE INDEX plan_step_of_matter ON plan_step (matter_id, due_on, step_id);

CREATE TABLE weekly_list (
    week date PRIMARY KEY CHECK (extract(isodow FROM week) = 1),  -- its Monday
    generated_at timestamptz NOT NULL,
    generated_by text NOT NULL,
    minutes text,
    minutes_at timestamptz,
    minutes_by text,
    CHECK ((minutes IS NULL) = (minutes_at IS NULL))
);

CREATE TABLE weekly_list_item (
    week date NOT NULL REFERENCES weekly_list,
    case_id bigint NOT NULL REFERENCES cases,
    reasons text[] NOT NULL CHECK (cardinality(reasons) > 0),
    ruling text,
    ruled_at timestamptz,
    ruled_by text,
    PRIMARY KEY (week, case_id),
    CHECK ((ruling IS NULL) = (ruled_at IS NULL))
);

CREATE TABLE outside_count (
    day date NOT NULL,
    source text NOT NULL CHECK (source IN ('police_call', 'petition')),
    unit_key text NOT NULL REFERENCES unit,
    category text NOT NULL,
    count integer NOT NULL CHECK (count >= 0),
    imported_at timestamptz NOT NULL,
    imported_by text NOT NULL,
    PRIMARY KEY (day, source, unit_key, category)
);

CREATE TABLE digest (
    day date PRIMARY KEY,
    made_at timestamptz NOT NULL,
    body jsonb NOT NULL
);

CREATE INDEX journal_moves_by_time ON journal (at) WHERE subject = 'case' AND event IS NOT NULL;
CREATE INDEX journal_presence_by_time ON journal (at) WHERE subject = 'device' AND kind = 'presence';

-- The township that a territory belongs to: itself, or the one above it; null for the district.
CREATE FUNCTION township_of(key text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH RECURSIVE above AS (
        SELECT unit_key, level, parent FROM unit WHERE unit_key = key
        UNION ALL
        SELECT u.unit_key, u.level, u.parent FROM unit u JOIN above a ON u.unit_key = a.parent
    )
    SELECT unit_key FROM above WHERE level = 'township' LIMIT 1
$$;
