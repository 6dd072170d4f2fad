-- Staged limits, owners, appeals, call-backs with what was said, and requests that a second person decides.

ALTER TABLE cases
    ADD COLUMN step integer CHECK (step >= 0),  -- of a staged limit; the clock is that of this step
    ADD COLUMN step_at timestamptz,
    ADD COLUMN owner text,
    ADD COLUMN exempt_at timestamptz,  -- an appeal was granted: the lateness before does not count
    ADD COLUMN satisfaction text
        CHECK (satisfaction IN ('satisfied', 'mostly', 'not', 'no_answer')),
    ADD COLUMN supervised boolean NOT NULL DEFAULT false,
    ADD COLUMN requests jsonb NOT NULL DEFAULT '[]',
    ADD CHECK ((step IS NULL) = (step_at IS NULL));
CREATE INDEX cases_with_requests ON cases (case_id) WHERE requests <> '[]';

ALTER TABLE case_evidence DROP CONSTRAINT case_evidence_kind_check;
ALTER TABLE case_evidence ADD CONSTRAINT case_evidence_kind_check
    CHECK (kind IN ('detection', 'report', 'step', 'repair', 'filing'));
