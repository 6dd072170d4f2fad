-- Published figures of a period are frozen; what changes later makes a new version.

CREATE TABLE indicator_publication (
    publication_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    period text NOT NULL,  -- its key, such as 2025-08
    version integer NOT NULL,
    state text NOT NULL DEFAULT 'current' CHECK (state IN ('current', 'superseded')),
    from_at timestamptz NOT NULL,
    until_at timestamptz NOT NULL,
    as_of timestamptz NOT NULL,  -- up to when the period had been
    published_at timestamptz NOT NULL,
    published_by text NOT NULL,
    note text NOT NULL DEFAULT '',
    figures jsonb NOT NULL,  -- {total, units, townships}: counts by name
    changes jsonb NOT NULL,  -- what differs from the version before
    UNIQUE (period, version)
);
CREATE UNIQUE INDEX indicator_publication_current ON indicator_publication (period)
    WHERE state = 'current';

-- The rows behind the published numbers, as they were.
CREATE TABLE indicator_publication_row (
    publication_id bigint NOT NULL REFERENCES indicator_publication,
    case_id bigint NOT NULL,  -- 0: a signal without a case
    round integer NOT NULL,
    signal_id bigint NOT NULL,  -- 0: a case
    case_no text,
    item_key text NOT NULL,
    lead_unit text,
    first_unit text,
    territory_unit text,
    filed_at timestamptz NOT NULL,
    due_at timestamptz,
    handled_at timestamptz,
    closed_at timestamptz,
    marks bigint NOT NULL,
    PRIMARY KEY (publication_id, case_id, round, signal_id)
);

-- Reminders and letters to units, for scores.
CREATE TABLE press_measure (
    kind text NOT NULL CHECK (kind IN ('reminder', 'letter')),
    id bigint NOT NULL,  -- the entry of a reminder, or the letter
    unit_key text,
    at timestamptz NOT NULL,
    overdue_at timestamptz,  -- a letter that was not answered by its deadline
    answered_at timestamptz,
    recalled_at timestamptz,
    PRIMARY KEY (kind, id)
);
CREATE INDEX press_measure_time ON press_measure (at);
CREATE INDEX press_measure_overdue ON press_measure (overdue_at) WHERE overdue_at IS NOT NULL;

-- Score sheets by version; without a row, the sheet that is shipped with the hub is in force.
CREATE TABLE score_sheet (
    sheet_key text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    body jsonb NOT NULL,
    made_at timestamptz NOT NULL,
    made_by text NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (sheet_key, version)
);
