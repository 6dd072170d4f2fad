-- Supervision: the overdue ladder with what it has done in each case, and letters to units.

ALTER TABLE journal DROP CONSTRAINT journal_subject_check;
ALTER TABLE journal ADD CONSTRAINT journal_subject_check CHECK (subject ~ '^[a-z_]+$');

CREATE TABLE ladder_version (
    version integer PRIMARY KEY CHECK (version > 0),
    imported_at timestamptz NOT NULL,
    imported_by text NOT NULL,
    source text NOT NULL,
    reason text NOT NULL,
    steps jsonb NOT NULL
);
COMMENT ON TABLE ladder_version IS 'Without a row, the ladder that is shipped with the hub is in force.';

-- What is next for each open case: computed again when its mark no longer fits.
CREATE TABLE ladder_plan (
    case_id bigint PRIMARY KEY REFERENCES cases,
    mark text NOT NULL,  -- versions of the case and the ladder, and the calendar
    halt text,
    next_step text,
    next_at timestamptz,
    CHECK ((next_step IS NULL) = (next_at IS NULL))
);
CREATE INDEX ladder_plan_due ON ladder_plan (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE letter_number (
    kind text NOT NULL,
    year integer NOT NULL,
    last integer NOT NULL CHECK (last > 0),
    PRIMARY KEY (kind, year)
);
COMMENT ON TABLE letter_number IS
    'The row is locked until the letter is committed, so that no number is left out.';

CREATE TABLE letter (
    letter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('assignment', 'reminder', 'supervision', 'order')),
    year integer NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    case_id bigint NOT NULL REFERENCES cases,
    unit_key text NOT NULL REFERENCES unit,
    copies text[] NOT NULL DEFAULT '{}',
    facts jsonb NOT NULL,  -- what the document says, as it was when the letter was issued
    issued_at timestamptz NOT NULL,
    issued_by text NOT NULL,
    answer_due_at timestamptz,
    overdue_at timestamptz,
    received_at timestamptz,
    received_by text,
    answered_at timestamptz,
    answered_by text,
    answer text,
    answer_photos text[] NOT NULL DEFAULT '{}',
    recalled_at timestamptz,
    recalled_by text,
    recall_reason text,
    UNIQUE (kind, year, number),
    CHECK ((received_at IS NULL) = (received_by IS NULL)),
    CHECK ((answered_at IS NULL) = (answer IS NULL)),
    CHECK (answered_at IS NULL OR received_at IS NOT NULL),
    CHECK ((recalled_at IS NULL) = (recall_reason IS NULL))
);
CREATE INDEX letter_of_case ON letter (case_id, letter_id);
CREATE INDEX letter_of_unit ON letter (unit_key, letter_id);
CREATE INDEX letter_answer_due ON letter (answer_due_at)
    WHERE answered_at IS NULL AND recalled_at IS NULL AND overdue_at IS NULL;
CREATE INDEX letter_photos ON letter USING gin (answer_photos);

CREATE FUNCTION letter_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'letters are recalled, never deleted';
    END IF;
    IF (NEW.kind, NEW.year, NEW.number, NEW.case_id, NEW.unit_key, NEW.facts, NEW.issued_at)
       IS DISTINCT FROM
       (OLD.kind, OLD.year, OLD.number, OLD.case_id, OLD.unit_key, OLD.facts, OLD.issued_at) THEN
        RAISE EXCEPTION 'a letter that was issued does not change';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER letter_is_kept BEFORE UPDATE OR DELETE ON letter
    FOR EACH ROW EXECUTE FUNCTION letter_is_kept();

CREATE TABLE ladder_firing (
    firing_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id bigint NOT NULL REFERENCES cases,
    round text NOT NULL,  -- the deadline that the step belongs to: a new one begins a new round
    step_key text NOT NULL,
    ladder_version integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('reminder', 'explanation', 'letter', 'weekly_list')),
    case_due_at timestamptz NOT NULL,
    reached_at timestamptz NOT NULL,  -- when the ladder wanted it
    fired_at timestamptz NOT NULL,
    units text[] NOT NULL,
    supervisors boolean NOT NULL,
    text_zh text NOT NULL,
    text_en text NOT NULL,
    letter_id bigint REFERENCES letter,
    answer_due_at timestamptz,
    answered_at timestamptz,
    overdue_at timestamptz,
    UNIQUE (case_id, round, step_key)
);
CREATE INDEX ladder_firing_by_time ON ladder_firing (fired_at);
CREATE INDEX ladder_firing_unanswered ON ladder_firing (answer_due_at)
    WHERE kind = 'explanation' AND answered_at IS NULL;

CREATE OR REPLACE FUNCTION photo_is_linked(photo text) RETURNS boolean LANGUAGE sql STABLE
RETURN EXISTS (SELECT FROM case_evidence WHERE sha256 = photo)
    OR EXISTS (SELECT FROM signal WHERE evidence @> ARRAY[photo])
    OR EXISTS (SELECT FROM letter WHERE answer_photos @> ARRAY[photo]);
COMMENT ON FUNCTION photo_is_linked IS 'Whether a case, a signal or the answer to a letter names the photo.';
