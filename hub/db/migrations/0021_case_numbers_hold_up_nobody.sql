-- Filing takes a number from a sequence, so that filings do not wait for each other's commit.
-- A number that was taken by a filing that failed stays unused.

CREATE SEQUENCE case_number_sequence;
SELECT setval('case_number_sequence', (SELECT greatest(max(last), 1) FROM case_number));

ALTER TABLE case_number ADD COLUMN before bigint;
UPDATE case_number SET before = currval('case_number_sequence') - last;
ALTER TABLE case_number ALTER COLUMN before SET NOT NULL;
ALTER TABLE case_number DROP COLUMN last;
COMMENT ON COLUMN case_number.before IS 'what the sequence stood at before the first case of the day';

CREATE FUNCTION next_case_number(today date) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    taken bigint;
    base bigint;
BEGIN
    LOOP
        taken := nextval('case_number_sequence');
        SELECT before INTO base FROM case_number WHERE day = today;
        IF NOT FOUND THEN
            INSERT INTO case_number (day, before) VALUES (today, taken - 1)
            ON CONFLICT (day) DO NOTHING;
            SELECT before INTO base FROM case_number WHERE day = today;
        END IF;
        -- Of two that begin a day at once, the one with the smaller number may come second.
        IF taken > base THEN
            RETURN taken - base;
        END IF;
    END LOOP;
END $$;
