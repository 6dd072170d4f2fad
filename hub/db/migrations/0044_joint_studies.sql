-- A joint study: who is invited, its own clock, and what the invited units answered.

ALTER TABLE cases ADD COLUMN invited_units text[] NOT NULL DEFAULT '{}';
ALTER TABLE cases ADD COLUMN study_due_at timestamptz;
ALTER TABLE cases ADD COLUMN study_overdue_at timestamptz;

-- Studies that run already have their clock from now on: the invitations are in the journal.
UPDATE cases SET study_due_at = asked.at + interval '1 day', invited_units = asked.units
FROM (
    SELECT DISTINCT ON (subject_id) subject_id::bigint AS case_id, at,
           ARRAY(SELECT jsonb_array_elements_text(data -> 'units')) AS units
    FROM journal WHERE subject = 'case' AND event = 'refer_study'
    ORDER BY subject_id, journal_id DESC
) asked
WHERE asked.case_id = cases.case_id AND cases.state = 'JOINT_STUDY';

CREATE INDEX cases_in_study ON cases (study_due_at) WHERE state = 'JOINT_STUDY' AND study_overdue_at IS NULL;
CREATE INDEX cases_by_invited_unit ON cases USING gin (invited_units) WHERE state = 'JOINT_STUDY';

-- Invited units see the case as long as the study runs.
CREATE OR REPLACE FUNCTION case_is_visible(c cases, units text[], territories text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT units IS NULL OR c.lead_unit = ANY (units) OR c.assist_units && units
           OR c.territory_unit = ANY (territories) OR c.place_unit = ANY (territories)
           OR (c.state = 'JOINT_STUDY' AND c.invited_units && units)
$$;

CREATE TABLE study_answer (
    answer_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id bigint NOT NULL REFERENCES cases,
    unit_key text NOT NULL REFERENCES unit,
    position text NOT NULL CHECK (position IN ('ours', 'shared', 'not_ours', 'opinion')),
    text text NOT NULL,
    answered_at timestamptz NOT NULL,
    answered_by text NOT NULL  -- user:NAME
);
CREATE INDEX study_answer_of_case ON study_answer (case_id, answer_id);

-- What a ruling asks the catalogue to learn; it is in the catalogue from `version` on.
CREATE TABLE ruling_proposal (
    proposal_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id bigint NOT NULL REFERENCES cases,
    item_key text NOT NULL,
    ruling jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('proposed', 'accepted', 'declined')),
    proposed_at timestamptz NOT NULL,
    proposed_by text NOT NULL,
    decided_at timestamptz,
    decided_by text,
    reason text,  -- why it was declined
    version integer REFERENCES catalogue_version,
    CHECK ((state = 'proposed') = (decided_at IS NULL)),
    CHECK ((state = 'accepted') = (version IS NOT NULL))
);
CREATE INDEX ruling_proposal_of_case ON ruling_proposal (case_id, proposal_id);
CREATE UNIQUE INDEX one_open_proposal ON ruling_proposal (case_id) WHERE state = 'proposed';
