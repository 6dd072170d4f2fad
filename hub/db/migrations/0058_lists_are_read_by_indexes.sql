-- Lists of cases are narrowed, sorted and searched without a look at every case.

-- From what sources a case was reported.
ALTER TABLE cases ADD COLUMN sources text[] NOT NULL DEFAULT '{}';
UPDATE cases c SET sources = s.sources
FROM (SELECT case_id, array_agg(DISTINCT source ORDER BY source) AS sources FROM signal
      WHERE case_id IS NOT NULL GROUP BY case_id) s
WHERE s.case_id = c.case_id;

CREATE FUNCTION note_source() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.case_id IS DISTINCT FROM NEW.case_id THEN
        UPDATE cases SET sources = ARRAY(SELECT DISTINCT source FROM signal
                                         WHERE case_id = OLD.case_id ORDER BY source)
        WHERE case_id = OLD.case_id;
    END IF;
    UPDATE cases SET sources = sources || NEW.source
    WHERE case_id = NEW.case_id AND NOT sources @> ARRAY[NEW.source];
    RETURN NULL;
END $$;
CREATE TRIGGER signal_notes_source AFTER INSERT OR UPDATE OF case_id, source ON signal
    FOR EACH ROW EXECUTE FUNCTION note_source();

CREATE INDEX cases_by_source ON cases USING gin (sources);
CREATE INDEX cases_by_due ON cases (due_at, case_id);
CREATE INDEX cases_by_state ON cases (state);
CREATE INDEX cases_by_owner ON cases (owner) WHERE owner IS NOT NULL;
CREATE INDEX cases_overdue ON cases (case_id) WHERE overdue_at IS NOT NULL;
CREATE INDEX cases_that_recur ON cases (case_id) WHERE recurrence_of IS NOT NULL;
CREATE INDEX cases_to_void ON cases (case_id) WHERE void_asked_by IS NOT NULL;
DROP INDEX signal_by_source;
-- The newest of a span of days are found without a look at the cases.
DROP INDEX cases_ended_newest;
CREATE INDEX cases_ended_newest ON cases ((coalesce(closed_at, last_seen_at)) DESC, case_id)
    INCLUDE (state, closed_at, last_seen_at, filed_at, due_at, severity) WHERE NOT case_is_open(state);

-- The cases whose text contains a word, up to so many. The index has single characters and pairs; without
-- it, the grams of each text would be made anew.
CREATE FUNCTION cases_with_text(word text, pattern text, most integer) RETURNS bigint[]
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
DECLARE
    width integer := least(length(word), 2);
    grams text[] := ARRAY(SELECT DISTINCT substr(lower(word), start, width)
                          FROM generate_series(1, length(word) - width + 1) AS start);
BEGIN
    RETURN ARRAY(SELECT case_id FROM cases
                 WHERE text <> '' AND text_grams(text) @> grams
                   AND CASE WHEN lower(word) = upper(word) THEN text LIKE pattern ELSE text ILIKE pattern END
                 LIMIT most);
END $$;
