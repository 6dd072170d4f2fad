-- What the indicators know of each case and signal, kept up from the journal by a cursor.

CREATE TABLE indicator_cursor (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    journal_id bigint NOT NULL DEFAULT 0,  -- all entries up to this one are measured
    mark text NOT NULL DEFAULT ''  -- the beginning of its hash: another journal is measured anew
);
INSERT INTO indicator_cursor DEFAULT VALUES;

-- One row for each round of a case: one that is opened again has another one.
CREATE TABLE case_measure (
    case_id bigint NOT NULL,
    round integer NOT NULL,
    case_no text NOT NULL,
    item_key text NOT NULL,
    severity text NOT NULL,
    source text NOT NULL,
    state text NOT NULL,
    lead_unit text,
    first_unit text,
    territory_unit text,
    filed_at timestamptz NOT NULL,
    dispatched_at timestamptz,
    deadline timestamptz,  -- the one in force
    suspended boolean NOT NULL,
    missed_at timestamptz,  -- the first deadline that passed before the unit fed back
    handled_at timestamptz,
    closed_at timestamptz,
    exempt_at timestamptz,
    called_back_at timestamptz,
    appealed_at timestamptz,
    reporter text,
    receiver text,
    dispatcher text,
    shift_lead text,
    happened bigint NOT NULL,
    marks bigint NOT NULL,  -- hub/indicators/definitions.py: Mark
    due_at timestamptz,  -- the deadline that counts
    PRIMARY KEY (case_id, round)
) WITH (fillfactor = 80);
CREATE INDEX case_measure_filed ON case_measure (filed_at);
CREATE INDEX case_measure_dispatched ON case_measure (dispatched_at);
CREATE INDEX case_measure_due ON case_measure (due_at);
CREATE INDEX case_measure_called ON case_measure (called_back_at) WHERE called_back_at IS NOT NULL;
CREATE INDEX case_measure_appealed ON case_measure (appealed_at) WHERE appealed_at IS NOT NULL;
CREATE INDEX case_measure_lead ON case_measure (lead_unit, due_at);
CREATE INDEX case_measure_first ON case_measure (first_unit, dispatched_at);

-- While it was open after its deadline; nothing of a case that was merged or is void.
CREATE FUNCTION open_past_due(due_at timestamptz, closed_at timestamptz, state text)
RETURNS tstzrange LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN due_at IS NULL OR state IN ('MERGED', 'VOID') OR closed_at <= due_at
           THEN 'empty'::tstzrange ELSE tstzrange(due_at, closed_at, '(]') END
$$;
CREATE INDEX case_measure_past_due ON case_measure
    USING gist (open_past_due(due_at, closed_at, state))
    WHERE NOT isempty(open_past_due(due_at, closed_at, state));

CREATE TABLE signal_measure (
    signal_id bigint PRIMARY KEY,
    received_at timestamptz NOT NULL,
    source text NOT NULL,
    item_key text NOT NULL,
    case_id bigint,
    reporter text,
    marks bigint NOT NULL,
    -- those of its case
    lead_unit text,
    territory_unit text,
    severity text
) WITH (fillfactor = 80);
CREATE INDEX signal_measure_received ON signal_measure (received_at);
CREATE INDEX signal_measure_of_case ON signal_measure (case_id);

-- The marks of a round: its own, and those of how it lies to a period that ends at `until_at` and has
-- been until `as_of`. `local_units` are townships and villages. The bits are those of `Mark`.
CREATE FUNCTION measure_marks(m case_measure, from_at timestamptz, until_at timestamptz,
                              as_of timestamptz, local_units text[])
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (m).marks
        + CASE WHEN (m).filed_at >= from_at AND (m).filed_at < until_at THEN 1::bigint << 23 ELSE 0 END
        + CASE WHEN (m).dispatched_at >= from_at AND (m).dispatched_at < until_at
               THEN 1::bigint << 24 ELSE 0 END
        + CASE WHEN ((m).due_at >= from_at AND (m).due_at < until_at)
                    OR ((m).due_at < from_at AND (m).state NOT IN ('MERGED', 'VOID')
                        AND ((m).closed_at IS NULL OR (m).closed_at >= from_at))
               THEN 1::bigint << 25 ELSE 0 END
        + CASE WHEN (m).handled_at < until_at THEN 1::bigint << 26 ELSE 0 END
        + CASE WHEN (m).closed_at < until_at THEN 1::bigint << 27 ELSE 0 END
        + CASE WHEN (m).due_at < as_of THEN 1::bigint << 28 ELSE 0 END
        + CASE WHEN (m).called_back_at >= from_at AND (m).called_back_at < until_at
               THEN 1::bigint << 29 ELSE 0 END
        + CASE WHEN (m).appealed_at >= from_at AND (m).appealed_at < until_at
               THEN 1::bigint << 30 ELSE 0 END
        + CASE WHEN (m).lead_unit = ANY (local_units) THEN 1::bigint << 31 ELSE 0 END
$$;
